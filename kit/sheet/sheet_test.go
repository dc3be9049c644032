package sheet

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
)

var when = time.Date(2026, 11, 23, 1, 6, 30, 0, time.UTC)

func rows(t *testing.T, w Writer, err error, n int) {
	t.Helper()
	if err == nil {
		err = w.Row("Mã", "Tên", "Số", "Lúc", "Xong")
	}
	for i := range n {
		if err == nil {
			err = w.Row(fmt.Sprint("H12-", i), "=HYPERLINK(\"http://x\")", i, when, (*time.Time)(nil))
		}
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestCSV(t *testing.T) {
	for _, mark := range []bool{true, false} {
		var out bytes.Buffer
		w, err := CSV(&out, mark)
		rows(t, w, err, 1)
		if got := bytes.HasPrefix(out.Bytes(), []byte("\xef\xbb\xbf")); got != mark {
			t.Errorf("with the mark: %t, want %t", got, mark)
		}
		all, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(out.Bytes(), []byte("\xef\xbb\xbf")))).ReadAll()
		if err != nil || fmt.Sprint(all[1]) != `[H12-0 '=HYPERLINK("http://x") 0 2026-11-23 08:06 ]` {
			t.Errorf("%q, %v", all, err)
		}
	}
}

func TestXLSXOpens(t *testing.T) {
	var out bytes.Buffer
	w, err := XLSX(&out, "Hồ sơ")
	rows(t, w, err, 3)
	book, err := excelize.OpenReader(&out)
	if err != nil {
		t.Fatal(err)
	}
	got, err := book.GetRows("Hồ sơ")
	if err != nil || len(got) != 4 || fmt.Sprint(got[3]) != `[H12-2 '=HYPERLINK("http://x") 2 2026-11-23 08:06]` {
		t.Errorf("%q, %v", got, err)
	}
	if formula, err := book.GetCellFormula("Hồ sơ", "B2"); err != nil || formula != "" {
		t.Errorf("a formula: %q, %v", formula, err)
	}
}

// A sheet holds so many rows; what is more goes on another one, under the same head.
func TestXLSXGoesOnAnotherSheet(t *testing.T) {
	var out bytes.Buffer
	w, err := XLSX(&out, "A")
	if err != nil {
		t.Fatal(err)
	}
	x := w.(*xlsxWriter)
	if err := w.Row("Mã"); err != nil {
		t.Fatal(err)
	}
	x.row = mostRows // as if it were full
	if err := w.Row("H12-1"); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	book, err := excelize.OpenReader(&out)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := book.GetRows("A 2"); err != nil || fmt.Sprint(got) != "[[Mã] [H12-1]]" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestPlain(t *testing.T) {
	for s, want := range map[string]string{"": "", "An": "An", "=1+1": "'=1+1", "+84": "'+84", "-1": "'-1", "@SUM": "'@SUM", "\tx": "'\tx", "|cmd": "'|cmd", "Đất": "Đất"} {
		if got := Plain(s); got != want {
			t.Errorf("%q gives %q, want %q", s, got, want)
		}
	}
}

// FuzzXLSX: whatever somebody typed comes back from a workbook as text, but for what no XML can hold.
func FuzzXLSX(f *testing.F) {
	for _, s := range []string{"Nguyễn Thị Mai", "=1+1", "<a>&amp;", " hai  cách ", "dòng\nmới", "\x00\x1f", strings.Repeat("đ", 40_000)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var out bytes.Buffer
		w, err := XLSX(&out, "A")
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(w.Row("x", s, "y"), w.Close()); err != nil {
			t.Fatal(err)
		}
		book, err := excelize.OpenReader(&out)
		if err != nil {
			t.Fatalf("%q cannot be opened: %v", s, err)
		}
		if formula, err := book.GetCellFormula("A", "B1"); err != nil || formula != "" {
			t.Errorf("%q is the formula %q: %v", s, formula, err)
		}
		if rows, err := book.GetRows("A"); err != nil || len(rows) != 1 || len(rows[0]) != 3 || rows[0][2] != "y" {
			t.Errorf("%q is %q: %v", s, rows, err)
		}
	})
}
