package directory_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/xuri/excelize/v2"

	"datmui/blocks/directory"
	"datmui/kit/fault"
	"datmui/kit/pg"
	"datmui/kit/testkit"
)

const heading = "Họ và tên;Số định danh;Ngày sinh;Giới tính;Điện thoại;Mã cơ quan;Vị trí;Chức danh;Từ ngày;Quyết định\n"

// TestImport: a file without fault becomes people and posts in one act.
func TestImport(t *testing.T) {
	w := setup(t)
	known := w.person("Đỗ Thị Đã Có")
	w.exec(`UPDATE directory.person SET personal_id = '096190000001', birth_date = '1990-05-01' WHERE id = $1`, known)
	file := "\xEF\xBB\xBF" + heading +
		"Nguyễn  Văn Mới;096090000002;2/1/1990;Nam;0500 000 001;vp-xa;Công chức thụ lý;Công chức Tư pháp - Hộ tịch;01/11/2026;12/QĐ-UBND\n\n" +
		"do thi đã có;096190000001;1990-05-01;Nữ;;tt-xa;receiving-officer;;2026-11-01;12/QĐ-UBND\n" +
		"Nguyễn Văn Mới;096090000002;;;;tt-xa;cashier;;2026-11-01;\n"
	p, err := w.PreviewImport(w.as(w.admin), "cán bộ.csv", []byte(file))
	testkit.WantError(t, err, nil)
	if p.Faulty != 0 || p.New != 2 || p.Draft == uuid.Nil || p.Rows[1].Line != 4 || p.Rows[1].Known != known {
		t.Fatalf("preview: %+v", p)
	}
	if n := count(t, w, `SELECT count(*) FROM directory.post WHERE valid_from = '2026-11-01'`); n != 0 {
		t.Fatal("a preview changes nothing")
	}
	_, err = w.Import(w.as(w.official("Người khác", "ubnd-xa", directory.AgencyAdmin)), p.Draft)
	testkit.WantError(t, err, fault.NotFound("row"))
	_, err = w.Import(w.as(w.admin), p.Draft)
	testkit.WantError(t, err, nil)
	_, err = w.Import(w.as(w.admin), p.Draft)
	testkit.WantError(t, err, fault.NotFound("row")) // a second send finds no draft
	if n := count(t, w, `SELECT count(*) FROM directory.post WHERE valid_from = '2026-11-01'`); n != 3 {
		t.Errorf("%d posts", n)
	}
	if n := count(t, w, `SELECT count(*) FROM directory.person WHERE personal_id IN ('096190000001', '096090000002') AND official`); n != 2 {
		t.Errorf("%d people", n)
	}
	if n := w.entries("directory.import"); n != 1 {
		t.Errorf("%d entries", n)
	}
}

func count(t *testing.T, w *world, sql string) int {
	t.Helper()
	n, err := pg.Value[int](w.db.Owner.Query(t.Context(), sql, pgx.NamedArgs{}))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestImportFaults: each fault stands at its row and column, and nothing is kept.
func TestImportFaults(t *testing.T) {
	w := setup(t)
	w.exec(`UPDATE directory.person SET personal_id = '096190000001' WHERE id = $1`, w.person("Đỗ Thị Đã Có"))
	local := w.official("Quản trị xã", "ubnd-xa", directory.AgencyAdmin)
	file := heading +
		";096090000002;;;;vp-xa;clerk;;2026-11-01;\n" +
		"A B;96090000002;;;;vp-xa;clerk;;2026-11-01;\n" +
		"A B;0960900000021;31/2/1990;x;12;vp-xa;vua;;hôm qua;\n" +
		"Tên Khác;096190000001;;;;vp-xa;clerk;;2026-11-01;\n" +
		"A B;;;;;so-y-te;clerk;;2026-11-01;\n" +
		"A B;;;;;ubnd-xa;province-admin;;2026-11-01;\n" +
		"A B;;;;;vp-xa;clerk;;1999-11-01;\n" +
		"A B;096090000009;;;;vp-xa;clerk;;2026-11-01;\n" +
		"A B;096090000009;;;;vp-xa;clerk;;2026-11-01;\n" +
		"=CONCAT(A1:B2);;;;;vp-xa;clerk;@SUM(A1);2026-11-01;-1+2\n"
	p, err := w.PreviewImport(w.as(local), "f.csv", []byte(file))
	testkit.WantError(t, err, nil)
	got := map[int]fault.Fields{}
	for _, r := range p.Rows {
		if r.Faults.Any() {
			got[r.Line] = r.Faults
		}
	}
	if diff := cmp.Diff(map[int]fault.Fields{
		2:  {"name": "required"},
		3:  {"personal_id": "directory.import.lost-zero"},
		4:  {"personal_id": "personal-id", "birth_date": "date", "sex": "unknown", "phone": "phone", "position": "unknown", "from": "date", "agency": "directory.agency-not-then"},
		5:  {"personal_id": "directory.import.other-person"},
		6:  {"agency": "directory.not-granted"},
		7:  {"agency": "directory.not-granted"},
		8:  {"agency": "directory.agency-not-then"},
		10: {"personal_id": "directory.import.twice"},
		11: {"name": "directory.import.formula", "title": "directory.import.formula", "basis": "directory.import.formula"},
	}, got); diff != "" {
		t.Error(diff)
	}
	if p.Draft != uuid.Nil || count(t, w, `SELECT count(*) FROM directory.import_draft`) != 0 {
		t.Error("a file with faults is not kept")
	}
}

// TestImportChanged: what was right at the preview is checked again, and then all or nothing.
func TestImportChanged(t *testing.T) {
	w := setup(t)
	file := heading + "A B;;;;;vp-xa;clerk;;2026-11-01;\nC D;;;;;tt-xa;clerk;;2026-11-01;\n"
	p, err := w.PreviewImport(w.as(w.admin), "f.csv", []byte(file))
	testkit.WantError(t, err, nil)
	w.exec(`UPDATE directory.agency_version SET valid_to = '2026-10-01' WHERE agency_id = 'tt-xa'`)
	before := count(t, w, `SELECT count(*) FROM directory.person`)
	_, err = w.Import(w.as(w.admin), p.Draft)
	testkit.WantError(t, err, fault.Conflict("directory.import.changed"))
	if after := count(t, w, `SELECT count(*) FROM directory.person`); after != before {
		t.Errorf("%d people more", after-before)
	}
}

// TestImportFiles: what is no file of people is refused with a word on why.
func TestImportFiles(t *testing.T) {
	w := setup(t)
	cp1258 := []byte("H\xf2 v\xe0 t\xean;M\xe3\n")
	for name, tt := range map[string]struct {
		data []byte
		want fault.Fields
	}{
		"nothing":      {nil, fault.Fields{"file": "required"}},
		"only heading": {[]byte(heading), fault.Fields{"file": "directory.import.empty"}},
		"utf-16":       {[]byte("\xff\xfeH\x00"), fault.Fields{"file": "directory.import.utf16"}},
		"utf-16 naked": {[]byte("H\x00o\x00"), fault.Fields{"file": "directory.import.utf16"}},
		"windows-1258": {cp1258, fault.Fields{"file": "directory.import.not-utf8"}},
		"xls of 1997":  {[]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), fault.Fields{"file": "directory.import.old-excel"}},
		"broken zip":   {[]byte("PK\x03\x04 nonsense"), fault.Fields{"file": "directory.import.broken"}},
		"no column":    {[]byte("Họ và tên\nA\n"), fault.Fields{"file": "directory.import.no-column", "column": "agency"}},
		"column twice": {[]byte("Họ và tên,name\nA,B\n"), fault.Fields{"file": "directory.import.column-twice"}},
		"open quote":   {[]byte("name,\"agency\nA,B"), fault.Fields{"file": "directory.import.broken"}},
		"too many":     {[]byte(strings.Repeat("a\n", 5002)), fault.Fields{"file": "directory.import.too-many-rows"}},
		"too big":      {bytes.Repeat([]byte("a"), directory.MaxSheetBytes+1), fault.Fields{"file": "directory.import.too-big"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.PreviewImport(w.as(w.admin), "f", tt.data)
			testkit.WantError(t, err, tt.want)
		})
	}
}

// TestImportWorkbook: dates and long numbers as Excel keeps them.
func TestImportWorkbook(t *testing.T) {
	w := setup(t)
	book := excelize.NewFile()
	for cell, v := range map[string]any{
		"A1": "Full name", "B1": "Agency", "C1": "Position", "D1": "From", "E1": "Personal number",
		"A2": "Lê Thị Bảng", "B2": "vp-xa", "C2": "Clerk", "D2": time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC), "E2": "096190000005",
		"A3": "Lê Văn Số", "B3": "vp-xa", "C3": "Clerk", "D3": "01/11/2026", "E3": 96090000006,
	} {
		if err := book.SetCellValue("Sheet1", cell, v); err != nil {
			t.Fatal(err)
		}
	}
	for cell, v := range map[string]string{"B4": "vp-xa", "C4": "Clerk", "D4": "01/11/2026"} {
		if err := book.SetCellValue("Sheet1", cell, v); err != nil {
			t.Fatal(err)
		}
	}
	if err := book.SetCellFormula("Sheet1", "A4", `CONCATENATE("Lê ","Văn A")`); err != nil {
		t.Fatal(err)
	}
	var buf bytes.Buffer
	if err := errors.Join(book.Write(&buf), book.Close()); err != nil {
		t.Fatal(err)
	}
	p, err := w.PreviewImport(w.as(w.admin), "f.xlsx", buf.Bytes())
	testkit.WantError(t, err, nil)
	if len(p.Rows) != 3 || p.Rows[0].From != "2026-11-01" || p.Rows[0].Faults.Any() || p.Rows[0].Position != directory.Clerk {
		t.Errorf("first row: %+v", p.Rows)
	}
	if got := p.Rows[1].Faults["personal_id"]; got != "directory.import.lost-zero" {
		t.Errorf("a number cell: %+v", p.Rows[1])
	}
	// A formula is never worked out here: what the sheet last showed counts, and that was nothing.
	if p.Rows[2].Person.Name != "" || p.Rows[2].Faults["name"] != "required" {
		t.Errorf("a formula: %+v", p.Rows[2])
	}
}
