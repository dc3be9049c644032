package directorypage_test

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/blocks/directory"
	"datmui/blocks/directory/directorypage"
	"datmui/kit/actor"
	"datmui/kit/clock"
	"datmui/kit/lang"
	"datmui/kit/pg"
	"datmui/kit/testkit"
	"datmui/kit/ui/htmlcheck"
	"datmui/kit/web"
)

// office is a small province behind its pages.
type office struct {
	t       *testing.T
	db      *pg.DB
	d       *directory.Block
	clock   *clock.Fake
	handler http.Handler
	as      uuid.UUID // who is signed in; zero for nobody
	admin   uuid.UUID
	chair   uuid.UUID
	officer uuid.UUID
}

func open(t *testing.T) *office {
	t.Helper()
	t.Parallel()
	db := testkit.DB(t)
	clk := testkit.Clock(t, "2026-11-23T09:00")
	o := &office{t: t, db: db, clock: clk}
	o.d = directory.New(directory.Config{DB: db.Reader, Clock: clk, Book: audit.New(audit.Config{App: db.App, Reader: db.Reader, Clock: clk})})
	for _, sql := range []string{
		`INSERT INTO directory.unit (code, valid_from, valid_to, name, short_name, kind, level, parent) VALUES
			('96', '2004-01-01', NULL, 'Tỉnh Cà Mau', 'Cà Mau', 'tỉnh', 'province', NULL),
			('32248', '2004-01-01', NULL, 'Xã Đất Mũi', 'Đất Mũi', 'xã', 'commune', '96'),
			('32251', '2004-01-01', '2025-07-01', 'Xã Tân Ân', 'Tân Ân', 'xã', 'commune', '96')`,
		`INSERT INTO directory.unit_successor VALUES ('32251', 'Xã Tân Ân', '32248', '2025-07-01', 'whole', 'merged', '1655/NQ-UBTVQH15')`,
		`INSERT INTO directory.agency VALUES ('ubnd-tinh'), ('ubnd-xa'), ('tt-xa'), ('ubnd-cu')`,
		`INSERT INTO directory.agency_version (agency_id, valid_from, valid_to, name, branch, level, kind, parent, unit_code, identifier) VALUES
			('ubnd-tinh', '2004-01-01', NULL, 'Ủy ban nhân dân tỉnh', 'government', 'province', 'people''s committee', NULL, '96', 'H12'),
			('ubnd-xa', '2004-01-01', NULL, 'Ủy ban nhân dân xã Đất Mũi', 'government', 'commune', 'people''s committee', 'ubnd-tinh', '32248', 'H12.94'),
			('tt-xa', '2004-01-01', NULL, 'Trung tâm Phục vụ hành chính công xã Đất Mũi', 'government', 'commune', 'public-service centre', 'ubnd-xa', '32248', NULL),
			('ubnd-cu', '2004-01-01', '2025-07-01', 'Ủy ban nhân dân xã Tân Ân', 'government', 'commune', 'people''s committee', 'ubnd-tinh', '32251', NULL)`,
		`INSERT INTO directory.agency_successor VALUES ('ubnd-cu', 'ubnd-xa', '2025-07-01', '1655/NQ-UBTVQH15')`,
	} {
		if _, err := db.Owner.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	o.admin = o.official("Trần Thị Quản Trị", "ubnd-tinh", directory.ProvinceAdmin)
	o.chair = o.official("Lê Văn Chủ", "ubnd-xa", directory.Leader)
	o.officer = o.official("Nguyễn Thị Tiếp", "tt-xa", directory.ReceivingOfficer)
	server := web.NewServer(web.Config{Log: testkit.Log(t), Session: func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			ctx := r.Context()
			if o.as != uuid.Nil {
				a, err := o.d.Actor(ctx, db.Reader, o.as, uuid.Nil, clk.Now())
				if err != nil {
					t.Error(err)
				}
				ctx = actor.With(ctx, a)
			}
			next.ServeHTTP(w, r.WithContext(ctx))
		})
	}})
	server.Add(directorypage.New(o.d).Routes()...)
	o.handler = server.Handler()
	return o
}

func (o *office) official(name, agency, position string) uuid.UUID {
	o.t.Helper()
	ctx := actor.With(o.t.Context(), actor.ForSystem("test"))
	id, err := o.d.Enrol(ctx, directory.EnrolIn{PersonIn: directory.PersonIn{Name: name}, Agency: agency, Position: position, From: "2020-01-01"})
	if err != nil {
		o.t.Fatal(err)
	}
	return id
}

func (o *office) post(person uuid.UUID) string {
	o.t.Helper()
	posts, err := o.d.PostsOf(o.t.Context(), person)
	if err != nil || len(posts) == 0 {
		o.t.Fatal(posts, err)
	}
	return posts[0].ID.String()
}

// ask sends a request and checks that every page is sound and says nothing by its key.
func (o *office) ask(method, path string, body io.Reader, kind string) *httptest.ResponseRecorder {
	o.t.Helper()
	r := httptest.NewRequestWithContext(o.t.Context(), method, path, body)
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	w := httptest.NewRecorder()
	o.handler.ServeHTTP(w, r)
	if strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") && w.Body.Len() > 0 && w.Code != http.StatusSeeOther {
		for _, fault := range htmlcheck.Page(w.Body.String()) {
			o.t.Errorf("%s %s: %s", method, path, fault)
		}
		for _, key := range regexp.MustCompile(`directory\.[a-z_.-]+[a-z]`).FindAllString(testkit.HTML(o.t, w.Body.String()).Text(), -1) {
			o.t.Errorf("%s %s: the key %s is shown", method, path, key)
		}
	}
	return w
}

func (o *office) get(path string, status int) *testkit.Doc {
	o.t.Helper()
	w := o.ask("GET", path, nil, "")
	if w.Code != status {
		o.t.Fatalf("GET %s: %d, want %d\n%s", path, w.Code, status, w.Body)
	}
	return testkit.HTML(o.t, w.Body.String())
}

// send posts a form and returns where it leads, or the page of the refusal.
func (o *office) send(path string, status int, pairs ...string) (string, *testkit.Doc) {
	o.t.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	w := o.ask("POST", path, strings.NewReader(form.Encode()), "application/x-www-form-urlencoded")
	if w.Code != status {
		o.t.Fatalf("POST %s: %d, want %d\n%s", path, w.Code, status, w.Body)
	}
	if status == http.StatusSeeOther {
		return w.Header().Get("Location"), nil
	}
	return "", testkit.HTML(o.t, w.Body.String())
}

// TestBrowse: the tree of today and of 2023, search, and bodies that are no more.
func TestBrowse(t *testing.T) {
	o := open(t)
	if w := o.ask("GET", "/directory", nil, ""); w.Code != http.StatusSeeOther {
		t.Errorf("a stranger: %d", w.Code)
	}
	o.as = o.officer
	page := o.get("/directory", 200)
	page.Wants("Ủy ban nhân dân tỉnh", "H12", "Xã Đất Mũi", "1 cơ quan")
	if page.Has(`a[href="/directory?unit=32251"]`) {
		t.Error("a unit of the past is listed today")
	}
	past := o.get("/directory?at=2023-10-10&unit=32251", 200)
	past.Wants("Xã Tân Ân", "Đang xem tình trạng ngày 10 tháng 10 năm 2023", "Ủy ban nhân dân xã Tân Ân", "1655/NQ-UBTVQH15")
	past.Must(`a[href="/directory/agencies/ubnd-cu?at=2023-10-10"]`)
	o.get("/directory?unit=32251", 200).Wants("Ngày này không có đơn vị đó")
	o.get("/directory?q=trung+tam", 200).Wants("Trung tâm Phục vụ hành chính công xã Đất Mũi")
	o.get("/directory?q=khong+co", 200).Wants("Không tìm thấy")
	o.get("/directory?at=yesterday", 422)

	now := o.get("/directory/agencies/ubnd-xa", 200)
	now.Wants("Lê Văn Chủ", "Tiếp nhận từ", "Ủy ban nhân dân xã Tân Ân", "Trung tâm Phục vụ hành chính công")
	now.Must(`a[href="/directory/agencies/ubnd-cu?at=2025-06-30"]`)
	if now.Has(`a[href="/directory/agencies/ubnd-xa/appoint"]`) {
		t.Error("who manages nothing is offered to appoint")
	}
	o.get("/directory/agencies/ubnd-cu", 200).Wants("không có cơ quan này", "Nhập vào")
	o.get("/directory/agencies/nowhere", 404)

	o.get("/directory/people?q=tiep", 200).Wants("Nguyễn Thị Tiếp", "Trung tâm Phục vụ hành chính công xã Đất Mũi")
	o.get("/directory/people?q=xyz", 200).Wants("Không tìm thấy ai")
	own := o.get("/directory/people/"+o.officer.String(), 200)
	own.Wants("Quá trình công tác", "từ 1/1/2020")
	own.Must(`a[href="/directory/posts/` + o.post(o.officer) + `/lend"]`)
	o.get("/directory/people/nobody", 404)
}

// TestEnglish: every page stands in English too.
func TestEnglish(t *testing.T) {
	o := open(t)
	o.as = o.admin
	for _, path := range []string{"/directory", "/directory/agencies/ubnd-xa", "/directory/people", "/directory/people/" + o.chair.String(), "/directory/import",
		"/directory/agencies/ubnd-xa/enrol", "/directory/agencies/ubnd-xa/appoint?person=" + o.officer.String()} {
		o.get(path+map[bool]string{true: "&", false: "?"}[strings.Contains(path, "?")]+"lang=en", 200)
	}
	o.get("/directory?lang=en", 200).Wants("Agencies and officials")
	for _, missing := range lang.Missing() {
		if strings.Contains(missing, "directory.") {
			t.Error(missing)
		}
	}
}

// TestPeopleMove: enter, appoint, transfer, end, leave, each by its form.
func TestPeopleMove(t *testing.T) {
	o := open(t)
	o.as = o.officer
	o.get("/directory/agencies/ubnd-xa/enrol", 403)
	o.as = o.admin
	form := o.get("/directory/agencies/ubnd-xa/enrol", 200)
	client := form.Must(`input[name=client]`).Attr("value")
	_, page := o.send("/directory/agencies/ubnd-xa/enrol", 422, "client", client, "name", "Võ Văn Mới", "personal_id", "12", "position", "")
	page.Wants("Có 3 chỗ cần sửa", "Nhập vị trí")
	if got := page.Must(`input[name=name]`).Attr("value"); got != "Võ Văn Mới" {
		t.Errorf("what was typed is lost: %q", got)
	}
	good := []string{"client", client, "name", "Võ Văn Mới", "personal_id", "096090000001", "position", directory.Clerk, "from", "2026-11-01"}
	to, _ := o.send("/directory/agencies/ubnd-xa/enrol", 303, good...)
	again, _ := o.send("/directory/agencies/ubnd-xa/enrol", 303, good...)
	if to != again {
		t.Errorf("a second send leads to %s, the first to %s", again, to)
	}
	person := uuid.MustParse(strings.TrimPrefix(to, "/directory/people/"))
	o.get(to, 200).Wants("Võ Văn Mới", "Văn thư")

	const appoint = "/directory/agencies/tt-xa/appoint"
	_, page = o.send(appoint, 200, "q", "096090000001")
	page.Must(`a[href="` + appoint + `?person=` + person.String() + `"]`)
	if form := page.Must("main form.search"); form.Attr("method") != "post" || form.Attr("action") != appoint {
		t.Errorf("a personal number is asked by %s", form.Attr("method"))
	}
	if strings.Contains(o.ask("GET", appoint+"?q=096090000001", nil, "").Body.String(), "?person=") {
		t.Error("a personal number in an address finds somebody")
	}
	_, page = o.send(appoint, 200, "q", "12")
	page.Wants("Gõ đủ số định danh")
	_, page = o.send(appoint, 200, "q", "vo van")
	page.Wants("Võ Văn Mới")
	o.send("/directory/agencies/tt-xa/appoint", 303, "person", person.String(), "position", directory.Cashier, "from", "2026-11-02")
	_, page = o.send("/directory/agencies/tt-xa/appoint", 422, "person", person.String(), "position", directory.Cashier, "from", "2026-11-02")
	page.Wants("đang giữ chức vụ đó rồi")
	_, page = o.send("/directory/agencies/ubnd-tinh/appoint", 422, "person", person.String(), "position", directory.Inspector, "from", "2026-11-02")
	page.Wants("cao hơn quyền của bạn")

	move := "/directory/posts/" + o.post(o.officer) + "/transfer"
	o.get(move, 200).Wants("Chuyển đến cơ quan nào?")
	o.get(move+"?q=tinh", 200).Must(`a[href="` + move + `?agency=ubnd-tinh"]`)
	o.get(move+"?agency=ubnd-tinh", 200).Wants("Nguyễn Thị Tiếp")
	o.send(move, 422, "agency", "ubnd-tinh", "position", directory.Clerk, "on", "")
	o.send(move, 303, "agency", "ubnd-tinh", "position", directory.Clerk, "on", "2026-11-20", "basis", "5/QĐ")
	o.get("/directory/people/"+o.officer.String(), 200).Wants("chuyển công tác", "đến 19/11/2026")

	end := "/directory/posts/" + o.post(o.officer) + "/end"
	o.get(end, 200)
	o.send(end, 422, "on", "2026-11-21")
	o.send(end, 303, "on", "2026-11-21", "reason", "hết nhiệm kỳ")
	leave := "/directory/people/" + person.String() + "/leave"
	o.get(leave, 200)
	o.send(leave, 303, "on", "2026-11-22", "reason", "nghỉ hưu")
	_, page = o.send(leave, 422, "on", "2026-11-22", "reason", "nghỉ hưu")
	page.Wants("không còn chức vụ nào")

	merge := "/directory/agencies/tt-xa/merge"
	o.get(merge+"?q=xa+dat+mui", 200).Must(`a[href="` + merge + `?into=ubnd-xa"]`)
	o.get(merge+"?into=ubnd-xa", 200)
	o.send(merge, 303, "into", "ubnd-xa", "on", "2026-12-01", "basis", "9/QĐ")
	o.clock.Set(time.Date(2026, 12, 2, 3, 0, 0, 0, time.UTC))
	o.get("/directory/agencies/tt-xa", 200).Wants("Nhập vào")
}

// TestLendAndCorrect: lending one's own post and taking it back; a record corrected by a paper.
func TestLendAndCorrect(t *testing.T) {
	o := open(t)
	o.as = o.officer
	lend := "/directory/posts/" + o.post(o.chair) + "/lend"
	o.get(lend, 403)
	o.as = o.chair
	o.get(lend+"?q=tiep", 200).Must(`a[href="` + lend + `?taker=` + o.officer.String() + `"]`)
	o.get(lend+"?taker="+o.officer.String(), 200).Wants("Thừa ủy quyền", "Ký giải quyết")
	_, page := o.send(lend, 422, "taker", o.officer.String(), "form", directory.KT, "from", "2026-11-23", "until", "2026-11-30", "document", "3/QĐ")
	page.Wants("không giao được cho người đã chọn")
	to, _ := o.send(lend, 303, "taker", o.officer.String(), "form", directory.TUQ, "rights", "services.decide", "from", "2026-11-23", "until", "2026-11-30", "document", "GUQ 3")
	own := o.get(to, 200)
	own.Wants("Làm thay và ủy quyền", "GUQ 3", "từ 23/11/2026 đến 30/11/2026")
	take := own.Must(`form[action^="/directory/delegations/"]`).Attr("action")
	o.send(take, 303, "back", o.chair.String())
	if o.get(to, 200).Has(`form[action^="/directory/delegations/"]`) {
		t.Error("what was taken back is still there")
	}

	correct := "/directory/people/" + o.officer.String() + "/correct"
	o.get(correct, 403)
	o.as = o.admin
	o.get(correct, 200).Wants("Đính chính")
	o.send(correct, 422, "version", "1", "name", "Nguyễn Thị Tiếp Tân")
	o.send(correct, 303, "version", "1", "name", "Nguyễn Thị Tiếp Tân", "basis", "Giấy khai sinh")
	_, page = o.send(correct, 422, "version", "1", "name", "Ai đó", "basis", "Giấy khai sinh")
	page.Wants("vừa sửa thông tin này")
	o.as = o.officer
	o.get("/directory/me", 200)
	o.send("/directory/me", 422, "version", "2", "phone", "x")
	o.send("/directory/me", 303, "version", "2", "phone", "0500000009", "residence_unit", "32248")
}

// TestImportPages: a file with a fault is shown line by line, a good one is confirmed once.
func TestImportPages(t *testing.T) {
	o := open(t)
	o.as = o.officer
	o.get("/directory/import", 403)
	o.as = o.admin
	o.get("/directory/import", 200).Wants("Số định danh")
	upload := func(content string, status int) *testkit.Doc {
		t.Helper()
		var body bytes.Buffer
		form := multipart.NewWriter(&body)
		if content != "" {
			part, err := form.CreateFormFile("file", "cán bộ.csv")
			if err != nil {
				t.Fatal(err)
			}
			_, _ = io.WriteString(part, content)
		}
		_ = form.Close()
		w := o.ask("POST", "/directory/import", &body, form.FormDataContentType())
		if w.Code != status {
			t.Fatalf("%d, want %d\n%s", w.Code, status, w.Body)
		}
		return testkit.HTML(t, w.Body.String())
	}
	upload("", 422)
	upload("Họ và tên\nA", 422).Wants("Thiếu cột")
	upload("\xff\xfea\x00", 422).Wants("UTF-16")
	const head = "Họ và tên;Mã cơ quan;Vị trí;Từ ngày\n"
	bad := upload(head+"Lý Thị A;ubnd-xa;Văn thư;1/11/2026\nLý Văn B;nowhere;Văn thư;1/11/2026\n", 422)
	bad.Wants("1 trên 2 dòng cần sửa", "Không có cơ quan này vào ngày đó")
	good := upload(head+"Lý Thị A;ubnd-xa;Văn thư;1/11/2026\n", 200)
	confirm := good.Must(`form[action^="/directory/import/"]`).Attr("action")
	o.send(confirm, 303)
	o.send(confirm, 404)
	o.get("/directory/people?q=ly+thi+a", 200).Wants("Lý Thị A")
	w := o.ask("GET", "/directory/import/sample.csv", nil, "")
	if sample := w.Body.String(); w.Code != 200 || !strings.HasPrefix(sample, "\xEF\xBB\xBFHọ và tên;Số định danh;") {
		t.Errorf("sample: %d %q", w.Code, sample)
	}
	o.send("/directory/import/nothing", 404)
}
