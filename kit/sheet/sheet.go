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
