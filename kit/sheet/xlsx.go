package sheet

import (
	"archive/zip"
	"bufio"
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"datmui/kit/clock"
)

const (
	mostRows  = 1_048_576 // of a sheet, by the format
	mostChars = 32_767    // of a cell
)

// xlsxWriter writes SpreadsheetML (ISO/IEC 29500) as it comes: each row goes into the archive at once,
// what names the sheets at the end. A library would keep the workbook first, and put a quarter more
// into the program.
type xlsxWriter struct {
	zip    *zip.Writer
	out    *bufio.Writer // the sheet that is written
	title  string
	sheets int
	row    int
	head   []any
}

// XLSX writes a workbook to w, row by row. The first row is the head and stands on every further
// sheet, too. The title names the sheets; it holds none of []:*?/\\ and at most 25 characters.
func XLSX(w io.Writer, title string) (Writer, error) {
	x := &xlsxWriter{zip: zip.NewWriter(w), title: title}
	return x, x.next()
}

const xmlHead = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"

// next begins a sheet.
func (x *xlsxWriter) next() error {
	if err := x.end(); err != nil {
		return err
	}
	x.sheets++
	part, err := x.part(fmt.Sprintf("xl/worksheets/sheet%d.xml", x.sheets))
	if err != nil {
		return err
	}
	x.out, x.row = bufio.NewWriterSize(part, 32<<10), 0
	_, _ = x.out.WriteString(xmlHead + `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>`)
	if x.head != nil {
		return x.write(x.head)
	}
	return nil
}

// part begins a part of the workbook.
func (x *xlsxWriter) part(name string) (io.Writer, error) {
	return x.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate})
}

// end ends the sheet that is written, if one is.
func (x *xlsxWriter) end() error {
	if x.out == nil {
		return nil
	}
	_, _ = x.out.WriteString("</sheetData></worksheet>")
	return x.out.Flush() // it keeps the first error of all writing
}

func (x *xlsxWriter) Row(cells ...any) error {
	if x.head == nil {
		x.head = append([]any{}, cells...)
	}
	if x.row == mostRows {
		if err := x.next(); err != nil {
			return err
		}
	}
	return x.write(cells)
}

func (x *xlsxWriter) write(cells []any) error {
	x.row++
	_, _ = x.out.WriteString("<row>")
	for _, cell := range cells {
		if err := x.cell(cell); err != nil {
			return err
		}
	}
	_, err := x.out.WriteString("</row>")
	return err
}

// epoch is day 0 of spreadsheets.
var epoch = time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)

func (x *xlsxWriter) cell(cell any) error {
	if t, ok := cell.(*time.Time); ok {
		if cell = nil; t != nil {
			cell = *t
		}
	}
	switch v := cell.(type) {
	case nil:
		_, _ = x.out.WriteString("<c/>")
	case int:
		_, _ = x.out.WriteString("<c><v>" + strconv.Itoa(v) + "</v></c>")
	case int64:
		_, _ = x.out.WriteString("<c><v>" + strconv.FormatInt(v, 10) + "</v></c>")
	case time.Time:
		if v.IsZero() {
			_, _ = x.out.WriteString("<c/>")
			return nil
		}
		v = v.In(clock.Vietnam)
		minute := time.Date(v.Year(), v.Month(), v.Day(), v.Hour(), v.Minute(), 0, 0, time.UTC)
		_, _ = x.out.WriteString(`<c s="1"><v>` + strconv.FormatFloat(minute.Sub(epoch).Minutes()/(24*60), 'f', 10, 64) + "</v></c>")
	case string:
		_, _ = x.out.WriteString(`<c t="inlineStr"><is><t xml:space="preserve">`)
		if err := xml.EscapeText(x.out, []byte(cut(Plain(v)))); err != nil {
			return err
		}
		_, _ = x.out.WriteString("</t></is></c>")
	default:
		return fmt.Errorf("sheet: a cell cannot be a %T", cell)
	}
	return nil
}

// cut keeps what a cell may hold.
func cut(s string) string {
	if len(s) <= mostChars {
		return s
	}
	if r := []rune(s); len(r) > mostChars {
		return string(r[:mostChars])
	}
	return s
}

func (x *xlsxWriter) Close() error {
	if err := x.end(); err != nil {
		return err
	}
	var types, sheets, links strings.Builder
	for i := range x.sheets {
		n, name := i+1, x.title
		if n > 1 {
			name = fmt.Sprintf("%s %d", x.title, n)
		}
		var escaped strings.Builder
		_ = xml.EscapeText(&escaped, []byte(name)) // a Builder takes everything
		fmt.Fprintf(&types, `<Override PartName="/xl/worksheets/sheet%d.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>`, n)
		fmt.Fprintf(&sheets, `<sheet name="%s" sheetId="%d" r:id="rId%d"/>`, escaped.String(), n, n)
		fmt.Fprintf(&links, `<Relationship Id="rId%d" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet%d.xml"/>`, n, n)
	}
	fmt.Fprintf(&links, `<Relationship Id="rId%d" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/>`, x.sheets+1)
	for _, p := range [][2]string{
		{"xl/workbook.xml", `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>` + sheets.String() + `</sheets></workbook>`},
		{"xl/_rels/workbook.xml.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` + links.String() + `</Relationships>`},
		{"xl/styles.xml", `<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\-mm\-dd\ hh:mm"/></numFmts>` +
			`<fonts count="1"><font/></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders>` +
			`<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf xfId="0"/><xf xfId="0" numFmtId="164" applyNumberFormat="1"/></cellXfs></styleSheet>`},
		{"_rels/.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`},
		{"[Content_Types].xml", `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
			`<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>` +
			`<Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/>` + types.String() + `</Types>`},
	} {
		w, err := x.part(p[0])
		if err != nil {
			return err
		}
		if _, err := io.WriteString(w, xmlHead+p[1]); err != nil {
			return err
		}
	}
	return x.zip.Close()
}
