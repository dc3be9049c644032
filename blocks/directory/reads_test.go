package directory_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"datmui/blocks/directory"
	"datmui/kit/fault"
	"datmui/kit/pg"
	"datmui/kit/testkit"
)

// TestMerge: bodies end on a day, their people go on in the successor, the past stays readable.
func TestMerge(t *testing.T) {
	w := setup(t)
	ctx := w.as(w.admin)
	chair := w.official("Giám đốc cũ", "tt-xa", directory.Leader)
	receiver := w.official("Người tiếp nhận", "tt-xa", directory.ReceivingOfficer)
	testkit.WantError(t, w.Merge(w.as(chair), directory.MergeIn{From: []string{"tt-xa"}, Into: "vp-xa", On: "2026-12-01", Basis: "9/QĐ"}), fault.Forbidden("directory.manage"))
	testkit.WantError(t, w.Merge(ctx, directory.MergeIn{From: []string{"ubnd-xa"}, Into: "so-y-te", On: "2026-12-01", Basis: "9/QĐ"}), fault.Conflict("directory.has-children"))
	testkit.WantError(t, w.Merge(ctx, directory.MergeIn{From: []string{"tt-xa"}, Into: "vp-xa", On: "2026-12-01", Basis: "9/QĐ"}), nil)
	before, after := testkit.Clock(t, "2026-11-30T23:59").Now(), testkit.Clock(t, "2026-12-01T00:00").Now()
	if _, err := w.Agency(ctx, "tt-xa", before); err != nil {
		t.Error(err)
	}
	if _, err := w.Agency(ctx, "tt-xa", after); fault.KindOf(err) != fault.KindNotFound {
		t.Errorf("the body goes on: %v", err)
	}
	a := must(w.Actor(ctx, w.db.Reader, receiver, uuid.Nil, after))
	if a.Office != "vp-xa" || !a.May("services.receive", "ubnd-xa") {
		t.Errorf("people go on: %+v", a)
	}
	if posts := must(w.PostsAt(ctx, "vp-xa", after)); len(posts) != 2 || posts[0].Person != chair || posts[0].Position != directory.Deputy {
		t.Errorf("the head becomes a deputy: %+v", posts)
	}
	if posts := must(w.PostsAt(ctx, "tt-xa", before)); len(posts) != 2 || posts[0].Position != directory.Leader || posts[0].Reason != "merger" {
		t.Errorf("the past: %+v", posts)
	}
	if line := must(w.Lineage(ctx, "vp-xa")); len(line) != 1 || line[0].OldID != "tt-xa" || line[0].Basis != "9/QĐ" {
		t.Errorf("lineage: %+v", line)
	}
	testkit.WantError(t, w.Merge(ctx, directory.MergeIn{From: []string{"tt-xa"}, Into: "vp-xa", On: "2026-12-01", Basis: "9/QĐ"}), fault.Fields{"from": "directory.agency-not-then"})
}

// TestUnitsOverTime: an old code leads to where its territory is on a day, over two changes.
func TestUnitsOverTime(t *testing.T) {
	w := setup(t)
	w.exec(`INSERT INTO directory.unit (code, valid_from, valid_to, name, short_name, kind, level, parent) VALUES
		('1001', '2000-01-01', '2024-12-01', 'Phường 4', '4', 'phường', 'commune', '96'),
		('1001', '2024-12-01', '2025-07-01', 'Phường 2', '2', 'phường', 'commune', '96'),
		('1002', '2000-01-01', '2024-12-01', 'Phường 2', '2', 'phường', 'commune', '96'),
		('1003', '2025-07-01', NULL, 'Phường Mới', 'Mới', 'phường', 'commune', '96'),
		('1004', '2025-07-01', NULL, 'Phường Kia', 'Kia', 'phường', 'commune', '96')`)
	w.exec(`INSERT INTO directory.unit_successor (old_code, old_name, new_code, day, scope, change, resolution) VALUES
		('1001', 'Phường 4', '1001', '2024-12-01', 'whole', 'merged', 'a'), ('1002', 'Phường 2', '1001', '2024-12-01', 'whole', 'merged', 'a'),
		('1001', 'Phường 2', '1003', '2025-07-01', 'remainder', 'merged', 'b'), ('1001', 'Phường 2', '1004', '2025-07-01', 'part', 'merged', 'b')`)
	day := func(s string) time.Time { return must(time.Parse(time.DateOnly, s)) }
	for _, tt := range []struct {
		since, at string
		want      []string
	}{
		{"2020-01-01", "2023-01-01", []string{"1002"}},
		{"2020-01-01", "2025-01-01", []string{"1001"}},
		{"2020-01-01", "2026-01-01", []string{"1003", "1004"}},
	} {
		got := must(w.CurrentUnits(t.Context(), "1002", day(tt.since), day(tt.at)))
		if !slices.Equal(got, tt.want) {
			t.Errorf("1002 since %s on %s: %v, want %v", tt.since, tt.at, got, tt.want)
		}
	}
	if got := must(w.CurrentUnits(t.Context(), "1001", day("2025-01-01"), day("2025-01-02"))); !slices.Equal(got, []string{"1001"}) {
		t.Errorf("unchanged: %v", got)
	}
	for at, name := range map[string]string{"2024-11-30": "Phường 4", "2024-12-01": "Phường 2"} {
		if u := must(w.Unit(t.Context(), "1001", day(at))); u.Name != name {
			t.Errorf("1001 on %s is %s", at, u.Name)
		}
	}
	if c := must(w.Communes(t.Context(), day("2026-01-01"))); len(c) != 3 || c[0].Name != "Xã Đất Mũi" {
		t.Errorf("communes: %+v", c)
	}
	if got := must(w.UnitChanges(t.Context(), "1001")); len(got) != 4 || got[0].OldName != "Phường 4" || got[3].NewName != "Phường Kia" {
		t.Errorf("changes: %+v", got)
	}
}

// TestFormerUnits: each former name leads to all that it became, over two changes.
func TestFormerUnits(t *testing.T) {
	w := setup(t)
	w.exec(`INSERT INTO directory.unit (code, valid_from, valid_to, name, short_name, kind, level, parent) VALUES
		('964', '2000-01-01', '2025-07-01', 'Thành phố Cà Mau', 'Cà Mau', 'thành phố', 'district', '96'),
		('1001', '2000-01-01', '2024-12-01', 'Phường 4', '4', 'phường', 'commune', '964'),
		('1001', '2024-12-01', '2025-07-01', 'Phường 2', '2', 'phường', 'commune', '964'),
		('1003', '2025-07-01', NULL, 'Phường Mới', 'Mới', 'phường', 'commune', '96'),
		('1004', '2025-07-01', NULL, 'Phường Kia', 'Kia', 'phường', 'commune', '96')`)
	w.exec(`INSERT INTO directory.unit_successor (old_code, old_name, new_code, day, scope, change, resolution) VALUES
		('1001', 'Phường 4', '1001', '2024-12-01', 'whole', 'merged', 'a'), ('1001', 'Phường 2', '1003', '2025-07-01', 'remainder', 'merged', 'b'),
		('1001', 'Phường 2', '1004', '2025-07-01', 'part', 'merged', 'b'), ('31999', 'Xã Long Điền', '1004', '2025-07-01', 'whole', 'merged', 'b')`)
	for day, want := range map[string]string{
		"2024-01-01": "",
		"2025-01-01": "Phường 4, Thành phố Cà Mau: Phường 2;",
		"2026-01-01": "Phường 2, Thành phố Cà Mau: Phường Kia Phường Mới; Phường 4, Thành phố Cà Mau: Phường Kia Phường Mới; Xã Long Điền, : Phường Kia;",
	} {
		var got []string
		for _, f := range must(w.FormerUnits(t.Context(), must(time.Parse(time.DateOnly, day)))) {
			line := f.Name + ", " + f.District + ":"
			for _, u := range f.Now {
				line += " " + u.Name
			}
			got = append(got, line+";")
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("on %s: %s", day, s)
		}
	}
}

// TestSearch: any diacritics, words in any order, the last unfinished; by tên; page after page
// without a gap or a repeat.
func TestSearch(t *testing.T) {
	w := setup(t)
	for _, n := range []string{"Nguyễn Văn Đậu", "Trần Thị Hòa", "Lê Văn Hoa", "Phạm Thị Hóa", "Nguyễn Thị An", "Lý Văn Dần", "Đặng Thị Ánh", "Nguyễn Văn Dậu"} {
		w.official(n, "vp-xa", directory.Staff)
	}
	for text, want := range map[string][]string{
		"nguyen van dau": {"Nguyễn Văn Dậu", "Nguyễn Văn Đậu"},
		"DAU nguy":       {"Nguyễn Văn Dậu", "Nguyễn Văn Đậu"},
		"hoa":            {"Lê Văn Hoa", "Trần Thị Hòa", "Phạm Thị Hóa"},
		"lý & | !:* '":   {"Lý Văn Dần"},
		"xyz":            nil,
		// a mark alone, letters that fold into a quote and a letter, a word longer than any tsquery takes
		"lý \u0301 \u0345":        {"Lý Văn Dần"},
		"ŉ x\u0301yz \u0e31":      nil,
		strings.Repeat("x", 5000): nil,
	} {
		var got []string
		for _, r := range must(w.Search(t.Context(), directory.SearchIn{Text: text}, w.clock.Now())).Rows {
			got = append(got, r.Name)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	}
	var all []string
	in := directory.SearchIn{Agency: "vp-xa", Limit: 3}
	for {
		page := must(w.Search(t.Context(), in, w.clock.Now()))
		for _, r := range page.Rows {
			all = append(all, r.Name)
		}
		if page.Next == "" {
			break
		}
		in.After = page.Next
	}
	if diff := cmp.Diff([]string{"Nguyễn Thị An", "Đặng Thị Ánh", "Lý Văn Dần", "Nguyễn Văn Dậu", "Nguyễn Văn Đậu", "Lê Văn Hoa", "Trần Thị Hòa", "Phạm Thị Hóa"}, all); diff != "" {
		t.Error(diff)
	}
	// so many of one name that the list is walked in its order: the same order, page after page
	if _, err := w.db.Owner.Exec(t.Context(), `WITH p AS (INSERT INTO directory.person (id, name, official)
			SELECT gen_random_uuid(), 'Huỳnh Văn ' || chr(65 + n % 20) || 'i' || repeat('x', n / 20), true FROM generate_series(0, 599) n RETURNING id)
		INSERT INTO directory.post (id, person_id, agency_id, position, title, rank, valid_from)
			SELECT gen_random_uuid(), p.id, 'vp-xa', $1, 'Chuyên viên', 9, '2020-01-01' FROM p`, directory.Staff); err != nil {
		t.Fatal(err)
	}
	var huynh []string
	for in := (directory.SearchIn{Text: "huynh van", Limit: 200}); ; {
		page := must(w.Search(t.Context(), in, w.clock.Now()))
		for _, r := range page.Rows {
			huynh = append(huynh, r.Key)
		}
		if in.After = page.Next; in.After == "" {
			break
		}
	}
	if len(huynh) != 600 || !slices.IsSorted(huynh) {
		t.Errorf("%d of 600 of one name, in order: %t", len(huynh), slices.IsSorted(huynh))
	}
	for _, bad := range []string{"x", "AAAA", strings.Repeat("A", 60)} {
		if got := must(w.Search(t.Context(), directory.SearchIn{After: bad}, w.clock.Now())); len(got.Rows) == 0 {
			t.Errorf("a broken cursor %q starts from the beginning", bad)
		}
	}
}

// TestNameOrder holds name_key to the slow reference of the Vietnamese alphabet and tones: the
// given name letter by letter, then its tones, then the rest.
func TestNameOrder(t *testing.T) {
	w := setup(t)
	rapid.Check(t, func(rt *rapid.T) {
		a, b := vietnamese.Draw(rt, "a"), vietnamese.Draw(rt, "b")
		got := must(pg.Value[int](w.db.Reader.Query(t.Context(), `
			SELECT CASE WHEN directory.name_key(@a) < directory.name_key(@b) THEN -1 WHEN directory.name_key(@a) = directory.name_key(@b) THEN 0 ELSE 1 END`,
			pgx.NamedArgs{"a": a, "b": b})))
		if want := compareNames(a, b); got != want {
			rt.Fatalf("%q and %q: %d, want %d", a, b, got, want)
		}
	})
}

const plain, toned = "aăâeêioôơuưy", "aàảãáạăằẳẵắặâầẩẫấậeèẻẽéẹêềểễếệiìỉĩíịoòỏõóọôồổỗốộơờởỡớợuùủũúụưừửữứựyỳỷỹýỵ"

var vietnamese = rapid.Custom(func(t *rapid.T) string {
	word := rapid.StringOfN(rapid.RuneFrom([]rune("bcdđghmnptx"+toned)), 1, 3, -1)
	return word.Draw(t, "family") + " " + word.Draw(t, "given")
})

func compareNames(a, b string) int {
	key := func(name string) []int {
		words := strings.Fields(name)
		given := words[len(words)-1]
		var out []int
		letters := func(s string) {
			for _, r := range s {
				if i := slices.Index([]rune(toned), r); i >= 0 {
					r = []rune(plain)[i/6]
				}
				out = append(out, 1+slices.Index([]rune(" aăâbcdđeêghimnoôơptuưxy"), r))
			}
			out = append(out, 0)
		}
		letters(given)
		for _, r := range given {
			if i := slices.Index([]rune(toned), r); i%6 > 0 {
				out = append(out, i%6)
			}
		}
		out = append(out, 0)
		letters(name)
		return out
	}
	return slices.Compare(key(a), key(b))
}

// TestFind: by number and phone, written down before it is shown; names show no number.
func TestFind(t *testing.T) {
	w := setup(t)
	officer := w.official("Cán bộ", "tt-xa", directory.ReceivingOfficer)
	one, two := w.person("Lê Thị Bé"), w.person("Lê Thị Bé Ba")
	w.exec(`UPDATE directory.person SET personal_id = '096190000007', phone = '0500000007' WHERE id = ANY($1)`, []uuid.UUID{one, two})
	for number, want := range map[string]int{"096190000007": 2, "0961 9000 0007": 2, "+84500000007": 2, "0500000008": 0} {
		got, err := w.FindPersons(w.as(officer), number)
		if err != nil || len(got) != want {
			t.Errorf("%s: %+v, %v", number, got, err)
		}
	}
	if n := count(t, w, fmt.Sprintf(`SELECT count(*) FROM audit.entry WHERE name = 'directory.find' AND '%s' = ANY(persons)`, one)); n != 3 {
		t.Errorf("%d entries about her", n)
	}
	_, err := w.FindPersons(w.as(one), "096190000007")
	testkit.WantError(t, err, fault.Forbidden("directory.find"))
	_, err = w.FindPersons(w.as(w.official("Cán bộ đoàn thể", "vp-xa", directory.Staff)), "096190000007")
	testkit.WantError(t, err, fault.Forbidden("directory.find"))
	_, err = w.FindPersons(w.as(officer), "123")
	testkit.WantError(t, err, fault.Fields{"number": "too-short:8"})
	found, err := w.FindByName(w.as(officer), "le thi be", 10)
	testkit.WantError(t, err, nil)
	if len(found) != 2 || found[0].PersonalID != "" {
		t.Errorf("by name: %+v", found)
	}
	if found, err = w.FindByName(w.as(officer), "le%_", 10); err != nil || len(found) != 0 {
		t.Errorf("wildcards are letters: %+v, %v", found, err)
	}
	p, err := w.Person(w.as(officer), one)
	testkit.WantError(t, err, nil)
	if p.PersonalID != "096190000007" || w.entries("directory.person") != 1 {
		t.Errorf("opened: %+v", p)
	}
	_, err = w.Person(w.as(two), one)
	testkit.WantError(t, err, fault.NotFound("person"))
}

// TestCorrect: with a paper, by who manages, never by oneself, never over somebody else's change.
func TestCorrect(t *testing.T) {
	w := setup(t)
	officer := w.official("Nguyen Van A", "vp-xa", directory.Staff)
	local := w.official("Quản trị xã", "ubnd-xa", directory.AgencyAdmin)
	foreign := w.official("Quản trị sở", "so-y-te", directory.AgencyAdmin)
	in := directory.CorrectIn{Person: officer, PersonIn: directory.PersonIn{Name: "Nguyê\u0303n  Va\u0306n A", PersonalID: "096090000001"}, Basis: "Giấy khai sinh", Version: 1}
	testkit.WantError(t, w.Correct(w.as(foreign), in), fault.Forbidden("directory.manage"))
	testkit.WantError(t, w.Correct(w.as(officer), in), fault.Forbidden("directory.self"))
	testkit.WantError(t, w.Correct(w.as(local), in), nil)
	testkit.WantError(t, w.Correct(w.as(local), in), fault.Conflict("directory.person-changed"))
	if p := must(w.Person(w.as(officer), officer)); p.Name != "Nguyễn Văn A" || p.Version != 2 {
		t.Errorf("%+v", p)
	}
	testkit.WantError(t, w.EditProfile(w.as(officer), directory.EditIn{Phone: "0500 000.001", Email: "a@b.example", Version: 2}), nil)
	testkit.WantError(t, w.EditProfile(w.as(officer), directory.EditIn{Phone: "call me", Version: 3}), fault.Fields{"phone": "phone"})
	if p := must(w.Person(w.as(officer), officer)); p.Phone != "0500000001" {
		t.Errorf("%+v", p)
	}
}

// TestTreeAndReceivers: the forest of a day, and to whom a dossier can be handed.
func TestTreeAndReceivers(t *testing.T) {
	w := setup(t)
	tops := must(w.Tree(t.Context(), "", w.clock.Now()))
	if len(tops) != 1 || tops[0].ID != "ubnd-tinh" || len(tops[0].Children) != 2 || len(tops[0].Children[1].Children) != 2 {
		t.Errorf("tree: %+v", tops)
	}
	if tops = must(w.Tree(t.Context(), "32248", w.clock.Now())); len(tops) != 1 || tops[0].ID != "ubnd-xa" {
		t.Errorf("tree of a unit: %+v", tops)
	}
	chair := w.official("Chủ tịch", "ubnd-xa", directory.Leader)
	officer := w.official("Công chức", "vp-xa", directory.CaseOfficer)
	w.official("Công chức sở", "so-y-te", directory.CaseOfficer)
	for right, want := range map[string][]uuid.UUID{"services.handle": {officer}, "services.decide": {chair}, "services.cash": nil} {
		for _, agency := range []string{"ubnd-xa", "tt-xa"} {
			var got []uuid.UUID
			for _, p := range must(w.Receivers(t.Context(), w.db.Reader, agency, right, w.clock.Now())) {
				got = append(got, p.Person)
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s in %s: %v, want %v", right, agency, got, want)
			}
		}
	}
	if a := must(w.Agencies(t.Context(), directory.AgencyFilter{Text: "xã y tế"}, w.clock.Now())); len(a) != 0 {
		t.Errorf("every word must be there: %+v", a)
	}
	if a := must(w.Agencies(t.Context(), directory.AgencyFilter{Text: "TẾ so", Level: "province"}, w.clock.Now())); len(a) != 1 || a[0].ID != "so-y-te" {
		t.Errorf("search: %+v", a)
	}
}
