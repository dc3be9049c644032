// Package sheet writes tables for spreadsheet programs, row by row, as CSV or as XLSX, in a memory
// that does not grow with the number of rows. What somebody typed is never run as a formula.
package sheet

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"datmui/kit/clock"
)

// Writer takes a table row by row. A cell is a string, an int, an int64, a time.Time or a *time.Time;
// nil and the zero time are empty. Close ends the table; without it a file is not whole.
type Writer interface {
	Row(cells ...any) error
	Close() error
}

// Plain keeps a spreadsheet from running what somebody typed as a formula.
func Plain(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r\n|", rune(s[0])) {
		return "'" + s
	}
	return s
}

// moment is a time as spreadsheets in Vietnam sort and read it.
const moment = "2006-01-02 15:04"

// text is a cell as CSV has it.
func text(cell any) (string, error) {
	switch v := cell.(type) {
	case nil:
		return "", nil
	case string:
		return Plain(v), nil
	case int:
		return strconv.Itoa(v), nil
	case int64:
		return strconv.FormatInt(v, 10), nil
	case time.Time:
		if v.IsZero() {
			return "", nil
		}
		return v.In(clock.Vietnam).Format(moment), nil
	case *time.Time:
		if v == nil {
			return "", nil
		}
		return text(*v)
	}
	return "", fmt.Errorf("sheet: a cell cannot be a %T", cell)
}

type csvWriter struct {
	out   *csv.Writer
	cells []string
}

// CSV writes to w. With mark it begins with the byte order mark, without which Excel takes UTF-8 for
// something else; other programs do better without.
func CSV(w io.Writer, mark bool) (Writer, error) {
	if mark {
		if _, err := io.WriteString(w, "\ufeff"); err != nil {
			return nil, err
		}
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true // RFC 4180
	return &csvWriter{out: out}, nil
}

func (c *csvWriter) Row(cells ...any) error {
	c.cells = c.cells[:0]
	for _, cell := range cells {
		s, err := text(cell)
		if err != nil {
			return err
		}
		c.cells = append(c.cells, s)
	}
	return c.out.Write(c.cells)
}

func (c *csvWriter) Close() error {
	c.out.Flush()
	return c.out.Error()
}

// mostRows is how many rows a sheet of a workbook holds.
const mostRows = 1_048_576

type xlsxWriter struct {
	to     io.Writer
	book   *excelize.File
	stream *excelize.StreamWriter
	title  string
	sheets int
	row    int
	head   []any
	style  int
	row1   []any
}

// XLSX writes a workbook to w when it is closed; until then the rows lie in a file of the system's
// temporary folder. The first row is the head and stands on every further sheet, too.
func XLSX(w io.Writer, title string) (Writer, error) {
	x := &xlsxWriter{to: w, book: excelize.NewFile(), title: title}
	format := "yyyy-mm-dd hh:mm"
	var err error
	if x.style, err = x.book.NewStyle(&excelize.Style{CustomNumFmt: &format}); err != nil {
		return nil, err
	}
	return x, x.next()
}

// next begins a sheet.
func (x *xlsxWriter) next() error {
	if x.stream != nil {
		if err := x.stream.Flush(); err != nil {
			return err
		}
	}
	x.sheets++
	name := x.title
	if x.sheets > 1 {
		name = fmt.Sprintf("%s %d", x.title, x.sheets)
		if _, err := x.book.NewSheet(name); err != nil {
			return err
		}
	} else if err := x.book.SetSheetName("Sheet1", name); err != nil {
		return err
	}
	var err error
	if x.stream, err = x.book.NewStreamWriter(name); err != nil {
		return err
	}
	x.row = 0
	if x.head != nil {
		return x.write(x.head)
	}
	return nil
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
	x.row1 = x.row1[:0]
	for _, cell := range cells {
		switch v := cell.(type) {
		case *time.Time:
			if v == nil {
				cell = nil
			} else {
				cell = *v
			}
		case string:
			cell = Plain(v)
		}
		if t, ok := cell.(time.Time); ok {
			if t.IsZero() {
				cell = nil
			} else {
				t = t.In(clock.Vietnam)
				cell = excelize.Cell{StyleID: x.style, Value: time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), 0, 0, time.UTC)}
			}
		}
		x.row1 = append(x.row1, cell)
	}
	return x.stream.SetRow("A"+strconv.Itoa(x.row), x.row1)
}

func (x *xlsxWriter) Close() error {
	if err := x.stream.Flush(); err != nil {
		return err
	}
	_, err := x.book.WriteTo(x.to)
	if closed := x.book.Close(); err == nil {
		err = closed
	}
	return err
}
