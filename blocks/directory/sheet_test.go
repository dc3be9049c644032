package directory

import (
	"errors"
	"os"
	"testing"
	"unicode/utf8"

	"datmui/kit/fault"
)

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
