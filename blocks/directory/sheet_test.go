package directory

import (
	"errors"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/uuid"

	"datmui/kit/fault"
)

// FuzzWords: whatever is typed is a query of at most eight quoted words, each short enough for a tsquery.
func FuzzWords(f *testing.F) {
	for _, s := range []string{"nguyen van a", "\u0301 a", "ŉ", "a:* & ! | ( 'b'", "\u0345\u0e31", strings.Repeat("x", 3000)} {
		f.Add(s)
	}
	word := regexp.MustCompile(`^'[\p{L}\p{Nd}]{1,100}':\*$`)
	f.Fuzz(func(t *testing.T, s string) {
		q := prefixQuery(s)
		words := strings.Split(q, " & ")
		if q != "" && (len(words) > 8 || slices.ContainsFunc(words, func(w string) bool { return !word.MatchString(w) })) {
			t.Errorf("%q became %q", s, q)
		}
	})
}

// FuzzCursor: any key of a page is a place in the list that a database can hold.
func FuzzCursor(f *testing.F) {
	for _, s := range []string{"", "MDBmOWNlYmItMDMyMC03NTEyLTg2NDAtZGRhNDI3ZTI0NTAxYQ", "////", strings.Repeat("MDBm", 30)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		key, id := cursor(s)
		if !utf8.ValidString(key) || strings.Contains(key, "\x00") || id == uuid.Nil && key != "" {
			t.Errorf("%q became %q, %s", s, key, id)
		}
	})
}

// FuzzSheet: any bytes give rows within the limits or a fault that says what to do.
func FuzzSheet(f *testing.F) {
	f.Add([]byte("Họ và tên;Mã cơ quan;Vị trí;Từ ngày\nA;b;clerk;2026-11-01\n"))
	f.Add([]byte("\xEF\xBB\xBFname,agency,position,from,personal_id\r\n\"A \"\"B\"\"\",x,clerk,45000,96090000006\r\n"))
	f.Add([]byte("\xff\xfea\x00"))
	if xlsx, err := os.ReadFile("testdata/people.xlsx"); err == nil {
		f.Add(xlsx)
	} else {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		rows, err := readSheet(data)
		if err == nil {
			if len(rows) > maxSheetRows+1 {
				t.Fatalf("%d rows", len(rows))
			}
			var in []ImportRow
			in, err = importRows(rows)
			for _, r := range in {
				if r.Faults == nil || utf8.RuneCountInString(r.Person.Name) > maxCell {
					t.Fatalf("row %+v", r)
				}
			}
		}
		if _, ok := errors.AsType[fault.Fields](err); err != nil && !ok {
			t.Fatalf("an answer nobody can act on: %v", err)
		}
	})
}
