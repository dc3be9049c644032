package directory

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"datmui/kit/fault"
)

// Limits of a file of people: a province imports by body, not all at once.
const (
	MaxSheetBytes = 5 << 20
	maxSheetRows  = 5000
	maxSheetCols  = 40
	maxCell       = 500 // characters
)

// sheetRow is one line of a file with its number, the first being 1.
type sheetRow struct {
	line  int
	cells []string
}

// readSheet reads the rows of a CSV or XLSX file. What it cannot read it refuses with a Fields
// fault on "file" that says what to do: nothing is ever guessed about letters.
func readSheet(data []byte) ([]sheetRow, error) {
	switch {
	case len(data) == 0:
		return nil, fault.Fields{"file": "required"}
	case len(data) > MaxSheetBytes:
		return nil, fault.Fields{"file": "directory.import.too-big"}
	case bytes.HasPrefix(data, []byte("PK\x03\x04")):
		return readXLSX(data)
	case bytes.HasPrefix(data, []byte{0xD0, 0xCF, 0x11, 0xE0}):
		return nil, fault.Fields{"file": "directory.import.old-excel"}
	case bytes.HasPrefix(data, []byte{0xFF, 0xFE}), bytes.HasPrefix(data, []byte{0xFE, 0xFF}), bytes.IndexByte(data, 0) >= 0:
		return nil, fault.Fields{"file": "directory.import.utf16"}
	}
	data = bytes.TrimPrefix(data, []byte("\xEF\xBB\xBF"))
	if !utf8.Valid(data) {
		return nil, fault.Fields{"file": "directory.import.not-utf8"}
	}
	return readCSV(data)
}

func readCSV(data []byte) ([]sheetRow, error) {
	r := csv.NewReader(bytes.NewReader(data))
	r.Comma = separator(data)
	r.FieldsPerRecord = -1
	var rows []sheetRow
	for {
		row, err := r.Read()
		switch {
		case err == io.EOF:
			return rows, nil
		case err != nil:
			return nil, fault.Fields{"file": "directory.import.broken"}
		}
		line, _ := r.FieldPos(0)
		if rows, err = addRow(rows, line, row); err != nil {
			return nil, err
		}
	}
}

// separator is what stands most often in the first line outside quotes: Excel in a Vietnamese
// setting writes semicolons.
func separator(data []byte) rune {
	counts, quoted := map[byte]int{}, false
	for _, c := range data {
		if c == '"' {
			quoted = !quoted
		}
		if c == '\n' && !quoted {
			break
		}
		if !quoted {
			counts[c]++
		}
	}
	best := byte(',')
	for _, c := range []byte{';', '\t'} {
		if counts[c] > counts[best] {
			best = c
		}
	}
	return rune(best)
}

func addRow(rows []sheetRow, line int, row []string) ([]sheetRow, error) {
	if len(rows) > maxSheetRows {
		return nil, fault.Fields{"file": "directory.import.too-many-rows"}
	}
	if len(row) > maxSheetCols {
		return nil, fault.Fields{"file": "directory.import.too-many-columns"}
	}
	for i, cell := range row {
		if row[i] = strings.TrimSpace(cell); utf8.RuneCountInString(row[i]) > maxCell {
			return nil, fault.Fields{"file": "directory.import.long-cell"}
		}
	}
	return append(rows, sheetRow{line, row}), nil
}

func readXLSX(data []byte) (rows []sheetRow, err error) {
	defer func() {
		if recover() != nil { // a damaged workbook must not take the server down
			rows, err = nil, fault.Fields{"file": "directory.import.broken"}
		}
	}()
	book, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{
		RawCellValue: true, UnzipSizeLimit: 10 * MaxSheetBytes, UnzipXMLSizeLimit: 4 * MaxSheetBytes})
	if err != nil {
		return nil, fault.Fields{"file": "directory.import.broken"}
	}
	defer book.Close()
	sheets := book.GetSheetList()
	if len(sheets) == 0 {
		return nil, fault.Fields{"file": "directory.import.broken"}
	}
	it, err := book.Rows(sheets[0])
	if err != nil {
		return nil, fault.Fields{"file": "directory.import.broken"}
	}
	defer func() { err = errors.Join(err, it.Close()) }()
	for line := 1; it.Next(); line++ {
		row, err := it.Columns()
		if err != nil {
			return nil, fault.Fields{"file": "directory.import.broken"}
		}
		for len(row) > 0 && row[len(row)-1] == "" {
			row = row[:len(row)-1]
		}
		if rows, err = addRow(rows, line, row); err != nil {
			return nil, err
		}
	}
	if it.Error() != nil {
		return nil, fault.Fields{"file": "directory.import.broken"}
	}
	return rows, nil
}

// cellDate turns what a date cell holds into "2006-01-02": Excel keeps days since 1900 as a
// number. Anything else comes back as it is, to be judged as typed.
func cellDate(s string) string {
	if n, err := strconv.ParseFloat(s, 64); err == nil && n > 1 && n < 100_000 {
		if t, err := excelize.ExcelDateToTime(n, false); err == nil {
			return t.Format(time.DateOnly)
		}
	}
	return s
}
