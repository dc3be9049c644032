package site_test

import (
	"bytes"
	"image"
	"image/png"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"datmui/apps/services"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/pg"
	"datmui/kit/testkit"
)

// proposed is a dossier whose draft lies on the chairman's desk.
func (p *province) proposed(t *testing.T) uuid.UUID {
	t.Helper()
	id := p.accepted(t)
	officer := p.browser(t, "thuly.datmui")
	officer.get("/desk/dossiers/" + id.String())
	officer.propose(id.String(), nil)
	return id
}

// Several results with one PIN: each is an act of its own, a wrong PIN signs none, a pick that no
// longer waits is said and keeps the others from nothing, and a second send signs nothing twice.
func TestManySignaturesWithOnePIN(t *testing.T) {
	t.Parallel()
	p := open(t)
	one, two, left, other := p.proposed(t), p.proposed(t), p.proposed(t), p.accepted(t)
	leader := p.browser(t, "chutich.datmui")
	leader.get("/desk?why=services.why.sign")
	if n := strings.Count(leader.body, `name="pick"`); n != 3 {
		t.Errorf("%d rows of the desk can be picked, want 3", n)
	}
	leader.must(`formaction="/desk/signing"`)
	leader.get("/desk/signing?pick=" + one.String() + "&pick=" + two.String())
	leader.must("Ký 2 kết quả")
	leader.must("/pages/1")
	wrong := []string{"client", "signing-0001", "pick", one.String(), "pick", two.String(), "pin", "000000"}
	if status := leader.try("/desk/signing", wrong...); status != http.StatusUnprocessableEntity {
		t.Errorf("a wrong PIN gave %d", status)
	}
	leader.must("Mã PIN không đúng")
	right := []string{"client", "signing-0002", "pick", one.String(), "pick", two.String(), "pick", other.String(), "pin", pin}
	for send := range 2 {
		leader.post("/desk/signing", right...)
		leader.must("Đã ký 2 trên 3 kết quả")
		leader.must("Còn 1 kết quả chờ bạn ký") // the page goes on with what is left
		leader.must(`name="pick" value="` + left.String())
		n, err := pg.Value[int64](p.db.Reader.Query(t.Context(), `SELECT count(*) FROM sign.signature WHERE field = 'signature'`))
		if err != nil || n != 2 {
			t.Errorf("send %d: %d signatures, %v", send, n, err)
		}
	}
	for _, id := range []uuid.UUID{one, two} {
		if d := p.state(t, id); d.Step != services.StepNumber {
			t.Errorf("%s is at step %q", id, d.Step)
		}
	}
	if d := p.state(t, other); d.Step != services.StepHandle {
		t.Errorf("what was not proposed is at step %q", d.Step)
	}
	p.browser(t, "vanthu.datmui").post("/desk/dossiers/"+one.String()+"/number", "client", "number-one-0001")
	officer := p.browser(t, "thuly.datmui")
	officer.get("/desk/dossiers/" + one.String())
	for _, text := range []string{"Chữ ký số của", "Dấu số của", "SHA-256", "Phiếu kiểm soát"} {
		officer.must(text)
	}
}

// A form that was opened before the dossier moved does nothing, says what has changed and keeps what
// was typed; the second send of a form that has gone through is no stale form.
func TestStaleForm(t *testing.T) {
	t.Parallel()
	p := open(t)
	id := p.accepted(t)
	at := "/desk/dossiers/" + id.String()
	officer, leader := p.browser(t, "thuly.datmui"), p.browser(t, "chutich.datmui")
	officer.get(at)
	seen := regexp.MustCompile(`name="seen" value="(\d+)"`).FindStringSubmatch(officer.body)
	if seen == nil {
		t.Fatalf("the form does not say what was seen: %s", officer.says())
	}
	leader.post(at+"/stop", "client", "stop-0001", "seen", seen[1], "reason", "Đương sự chết", "basis", "Luật Hộ tịch")
	leader.post(at+"/stop", "client", "stop-0001", "seen", seen[1], "reason", "Đương sự chết", "basis", "Luật Hộ tịch")
	status := officer.try(at+"/ask", "client", "ask-0001", "seen", seen[1], "what.0", "Bản sao sổ hộ khẩu cũ", "how.0", "Nộp tại quầy", "basis", "Luật Hộ tịch")
	if status != http.StatusConflict {
		t.Errorf("a stale form gave %d", status)
	}
	for _, text := range []string{"Việc này chưa được làm", "đã thay đổi", "Dừng xử lý", "Bản sao sổ hộ khẩu cũ", "Mở hồ sơ như hiện nay"} {
		officer.must(text)
	}
	if d := p.state(t, id); d.State != services.Stopped || d.StageRequests != 0 {
		t.Errorf("state %d with %d requests", d.State, d.StageRequests)
	}
}

// Notes are read by officials and not by the citizen.
func TestNotesStayInTheOffice(t *testing.T) {
	t.Parallel()
	p := open(t)
	id := p.accepted(t)
	officer := p.browser(t, "thuly.datmui")
	if status := officer.try("/desk/dossiers/"+id.String()+"/note", "client", "note-0000", "text", "  "); status != http.StatusUnprocessableEntity {
		t.Errorf("an empty note gave %d", status)
	}
	for range 2 {
		officer.post("/desk/dossiers/"+id.String()+"/note", "client", "note-0001", "text", "Đã gọi điện cho bà Mai")
	}
	if n := strings.Count(officer.body, "Đã gọi điện cho bà Mai"); n != 1 {
		t.Errorf("the note stands %d times", n)
	}
	citizen := p.browser(t, "congdan")
	citizen.get("/dossiers/" + id.String())
	if strings.Contains(citizen.body, "Đã gọi điện") {
		t.Error("the citizen reads the note")
	}
	err := p.Services.AddNote(p.as(t, "so.nongnghiep"), services.NoteIn{Dossier: id, Client: client(), Text: "x"})
	if fault.KindOf(err) != fault.KindNotFound {
		t.Errorf("a stranger's note: %v", err)
	}
}

// The counter enters a person without an account, files for her, and adds a scan afterwards.
func TestCounterWithoutAccount(t *testing.T) {
	t.Parallel()
	p := open(t)
	counter := p.browser(t, "canbo.datmui")
	if status := counter.try("/desk/intake/find", "number", "096199000777", "procedure", "1.004873"); status != http.StatusUnprocessableEntity {
		t.Errorf("nobody has the number, yet %d", status)
	}
	if testkit.HTML(t, strings.NewReader(counter.body)).Must(`form[action="/desk/intake/find"]`).Attr("method") != "post" || strings.Contains(counter.body, "number=096199000777") {
		t.Error("the number gets into an address")
	}
	counter.post("/desk/intake/find", "number", "096199000777", "procedure", "1.004873", "enter", "1")
	if got := testkit.HTML(t, strings.NewReader(counter.body)).Must("input[name=personal_id]").Attr("value"); got != "096199000777" {
		t.Errorf("the number that was typed became %q", got)
	}
	if status := counter.try("/desk/intake/person", "client", "enter-0000", "name", " ", "procedure", "1.004873"); status != http.StatusUnprocessableEntity {
		t.Errorf("a person without a name: %d", status)
	}
	person := []string{"client", "enter-0001", "name", "Lý Thị Út", "personal_id", "096199000777", "birth_date", "1999-02-03", "sex", "female", "phone", "0912000777",
		"procedure", "1.004873"}
	counter.post("/desk/intake/person", person...)
	counter.must("Lý Thị Út")
	known := append([]string{"client", "enter-0002"}, person[2:]...)
	if status := counter.try("/desk/intake/person", known...); status != http.StatusUnprocessableEntity {
		t.Errorf("the same number again: %d", status)
	}
	counter.get("/desk/intake?number=096199000777&procedure=1.004873")
	if strings.Contains(counter.body, "Lý Thị Út") {
		t.Error("a number in an address finds its person")
	}
	counter.post("/desk/intake/find", "number", "096199000777", "procedure", "1.004873")
	if path := counter.path; !strings.HasPrefix(path, "/desk/intake") || strings.Contains(path, "096199000777") {
		t.Errorf("the number led to %s", path)
	}
	fields := counter.fill(map[string]string{"relationship": "self", "reissue": "no", "marital_state": "never", "channel": "1", "unit": "32248", "support": "tt-pvhcc-tinh", "return_way": "counter"})
	counter.send("/desk/intake", fields, nil)
	counter.must("Đã nhận hồ sơ")
	id := uuid.MustParse(strings.Split(counter.path, "/")[3])
	rec, err := p.Services.Dossier(p.as(t, "canbo.datmui"), id)
	must(t, err)
	if rec.State != services.Accepted || rec.SupportAgency == nil || *rec.SupportAgency != "tt-pvhcc-tinh" || rec.ApplicantName != "Lý Thị Út" {
		t.Errorf("state %d, support %v, applicant %s", rec.State, rec.SupportAgency, rec.ApplicantName)
	}
	counter.must("Trung tâm Phục vụ hành chính công tỉnh")
	place := rec.Def.Papers[0].Key
	if status := counter.sent("/desk/dossiers/"+id.String()+"/scan", []string{"client", "scan-0001"}, map[string]string{"file": "Giấy cũ.png"}); status != http.StatusUnprocessableEntity {
		t.Errorf("a scan without a place: %d", status)
	}
	counter.must("Đã nhận tệp Giấy cũ.png") // its place was left out; it need not be scanned again
	held := testkit.HTML(t, strings.NewReader(counter.body)).Must(`input[name="file.id"]`).Attr("value")
	counter.send("/desk/dossiers/"+id.String()+"/scan", []string{"client", "scan-0001", "place", place, "file.id", held, "legible", "1"}, nil)
	if rec, err = p.Services.Dossier(p.as(t, "canbo.datmui"), id); err != nil || len(rec.Papers) == 0 || rec.Papers[len(rec.Papers)-1].Digitised != 1 {
		t.Errorf("%v, papers %+v", err, rec.Papers)
	}
	stranger := services.ScanIn{Dossier: id, Client: client(), Papers: []services.PaperIn{{Place: place, File: uuid.New()}}}
	if err := p.Services.Scan(p.as(t, "chutich.datmui"), stranger); fault.KindOf(err) != fault.KindForbidden {
		t.Errorf("a scan by who does not hold it: %v", err)
	}
}

// send posts a form with files, as a browser does, and wants it to go through.
func (b *browser) send(path string, fields []string, files map[string]string) {
	b.t.Helper()
	if status := b.sent(path, fields, files); status != http.StatusOK {
		b.t.Fatalf("POST %s ended on %s with %d: %s", path, b.path, status, b.says())
	}
}

// sent posts a form with files, as a browser does, and says how it was answered.
func (b *browser) sent(path string, fields []string, files map[string]string) int {
	b.t.Helper()
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	for i := 0; i < len(fields); i += 2 {
		must(b.t, w.WriteField(fields[i], fields[i+1]))
	}
	for name, file := range files {
		part, err := w.CreateFormFile(name, file)
		must(b.t, err)
		must(b.t, png.Encode(part, image.NewGray(image.Rect(0, 0, 60, 80))))
	}
	must(b.t, w.Close())
	r, err := b.http.Post(b.p.url+path, w.FormDataContentType(), &form)
	return b.take(r, err)
}

// The desk stays beside the record, also after an act, and leads from one to the next.
func TestSplitView(t *testing.T) {
	t.Parallel()
	p := open(t)
	for range 3 {
		p.submit(t, "congdan")
	}
	counter := p.browser(t, "canbo.datmui")
	counter.get("/desk?why=services.why.intake")
	doc := testkit.HTML(t, strings.NewReader(counter.body))
	rows := doc.Find(".work .what a")
	if len(rows) != 3 {
		t.Fatalf("%d rows", len(rows))
	}
	counter.get(rows[0].Attr("href"))
	doc = testkit.HTML(t, strings.NewReader(counter.body))
	if n := len(doc.Find(".mini li")); n != 3 {
		t.Errorf("%d dossiers beside", n)
	}
	next := doc.Must(`.record__head a[data-key="j"]`).Attr("href")
	if u, err := url.Parse(next); err != nil || u.Query().Get("in") != "why=services.why.intake" {
		t.Errorf("the next one is %s", next)
	}
	id := strings.Split(counter.path, "/")[3]
	counter.post("/desk/dossiers/"+id+"/accept", "client", "accept-"+id, "in", "why=services.why.intake")
	doc = testkit.HTML(t, strings.NewReader(counter.body))
	if n := len(doc.Find(".mini li")); n != 2 {
		t.Errorf("after the act %d dossiers are beside, want 2", n)
	}
	if got := doc.Must(`.record__head a[data-key="j"]`).Attr("href"); got != next {
		t.Errorf("after the act the next one is %s, want %s", got, next)
	}
}

// The command box finds by number, name and act, each by the rights of who asks.
func TestCommandBox(t *testing.T) {
	t.Parallel()
	p := open(t)
	out := p.submit(t, "congdan")
	counter, stranger := p.browser(t, "canbo.datmui"), p.browser(t, "so.tuphap")
	counter.get("/find?list=1&q=" + url.QueryEscape(out.Code))
	counter.must(out.ID.String())
	counter.get("/find?q=" + url.QueryEscape(out.Code))
	if counter.path != "/desk/dossiers/"+out.ID.String() { // on her desk and among the office's dossiers, yet one thing
		t.Errorf("the number led to %s: %s", counter.path, counter.says())
	}
	counter.get("/find?q=" + strings.ToLower(url.QueryEscape("nguyen thi mai")))
	counter.must(out.ID.String())
	counter.get("/find?q=nhan+tai+quay")
	if counter.path != "/desk/intake" { // one thing found opens at once
		t.Errorf("the act led to %s: %s", counter.path, counter.says())
	}
	for _, words := range []string{out.Code, "nhan tai quay"} {
		stranger.get("/find?list=1&q=" + url.QueryEscape(words))
		if strings.Contains(stranger.body, out.ID.String()) || strings.Contains(stranger.body, `href="/desk/intake"`) && strings.Contains(stranger.body, "data-found") && strings.Contains(stranger.body[strings.Index(stranger.body, "data-found"):], "/desk/intake") {
			t.Errorf("%q shows a stranger what is not hers: %s", words, stranger.says())
		}
	}
	for _, words := range []string{"", " ", "%", "'", strings.Repeat("x", 5000), "\x00"} {
		if status := counter.get("/find?q=" + url.QueryEscape(words)); status != http.StatusOK {
			t.Errorf("%.20q gave %d", words, status)
		}
	}
}

// Who comes to the desk shows a paper.
func TestReturnAtDesk(t *testing.T) {
	t.Parallel()
	p := open(t)
	counter, id := p.as(t, "canbo.datmui"), p.free(t)
	in := services.ReturnIn{Dossier: id, Client: client(), Receiver: "Nguyễn Thị Mai"}
	testkit.WantError(t, p.Services.Return(counter, in), fault.Fields{"identity": "required"})
	in.Identity = "Căn cước 096196000123"
	must(t, p.Services.Return(counter, in))
	rec, err := p.Services.Dossier(counter, id)
	must(t, err)
	if last := rec.Slip[len(rec.Slip)-1]; rec.State != services.Returned || last.Note != "Nguyễn Thị Mai — Căn cước 096196000123" {
		t.Errorf("state %d, proof %q", rec.State, last.Note)
	}
}

// What is wrong with a request for papers is said with the row it was typed in, and each line of the
// summary leads to a field that is there, also where rows before it were left empty.
func TestAskErrorsLeadToTheirFields(t *testing.T) {
	t.Parallel()
	p := open(t)
	id := p.accepted(t)
	b := p.browser(t, "thuly.datmui")
	for name, tt := range map[string]struct {
		fields []string
		leads  string
		says   string
	}{
		"nothing":    {nil, "what.0", "Ghi ít nhất một nội dung còn thiếu"},
		"no remedy":  {[]string{"what.1", "Bản chính giấy chứng sinh"}, "how.1", "Nội dung thiếu thứ 2: Ghi cách khắc phục"},
		"no subject": {[]string{"what.0", "Ảnh", "how.0", "Gửi lại", "how.3", "Gửi lại bản rõ"}, "what.3", "Nội dung thiếu thứ 4: Ghi rõ còn thiếu gì"},
	} {
		if status := b.try("/desk/dossiers/"+id.String()+"/ask", append([]string{"client", client(), "basis", "Nghị định 118/2025"}, tt.fields...)...); status != http.StatusUnprocessableEntity {
			t.Fatalf("%s: %d %s", name, status, b.says())
		}
		b.must(tt.says)
		link := regexp.MustCompile(`<a href="#([^"]+)">[^<]*` + regexp.QuoteMeta(tt.says)).FindStringSubmatch(b.body)
		if link == nil || !strings.Contains(b.body, `id="`+link[1]+`"`) || !regexp.MustCompile(`id="`+regexp.QuoteMeta(link[1])+`"[^>]*name="`+regexp.QuoteMeta(tt.leads)+`"|name="`+regexp.QuoteMeta(tt.leads)+`"[^>]*id="`+regexp.QuoteMeta(link[1])+`"`).MatchString(b.body) {
			t.Errorf("%s: the summary leads to %v, not to %s", name, link, tt.leads)
		}
	}
}

// Who looks somebody up at the counter by her number, or opens her for an intake, has said why: the
// log that she reads names the office's purpose beside who it was.
func TestLookUpAtCounterSaysWhy(t *testing.T) {
	t.Parallel()
	p := open(t)
	citizen := actor.From(p.as(t, "congdan"))
	number, err := pg.Value[string](p.db.Reader.Query(p.ctx, `SELECT personal_id FROM directory.person WHERE id = $1`, citizen.ID))
	must(t, err)
	counter := p.as(t, "canbo.datmui")
	_, _, err = p.Services.FindApplicant(counter, number, "")
	testkit.WantError(t, err, fault.Fields{"procedure": "required"}) // nothing was looked up, nothing stands in the log
	found, _, err := p.Services.FindApplicant(counter, number, "1.004873")
	must(t, err)
	if found.ID != citizen.ID {
		t.Fatalf("found %s", found.Name)
	}
	_, err = p.Services.Applicant(counter, found.ID, "1.004873")
	must(t, err)
	why, err := pg.Values[string](p.db.Reader.Query(p.ctx, `SELECT coalesce(personal::json #>> '{detail,purpose}', '') FROM audit.entry
		WHERE kind = 'read' AND actor_id = $1 AND $2 = ANY(persons) ORDER BY at, name`, actor.From(counter).ID, citizen.ID))
	must(t, err)
	def, err := p.Services.Current(counter, "1.004873", p.clock.Now())
	must(t, err)
	if len(why) != 2 || why[0] != "Tiếp nhận hồ sơ tại quầy: "+def.Name || why[1] != why[0] {
		t.Errorf("why: %q", why)
	}
}

// broken posts a form with one good file for a field and one that is none.
func (b *browser) broken(path string, fields []string, field, good string) int {
	b.t.Helper()
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	for i := 0; i < len(fields); i += 2 {
		must(b.t, w.WriteField(fields[i], fields[i+1]))
	}
	part, err := w.CreateFormFile(field, good)
	must(b.t, err)
	must(b.t, png.Encode(part, image.NewGray(image.Rect(0, 0, 60, 80))))
	part, err = w.CreateFormFile(field, "hỏng.png")
	must(b.t, err)
	_, err = part.Write([]byte("không phải ảnh"))
	must(b.t, err)
	must(b.t, w.Close())
	r, err := b.http.Post(b.p.url+path, w.FormDataContentType(), &form)
	return b.take(r, err)
}

// The register says of each series how far it came and which numbers stand for nothing; a series can
// go on after one on paper, before it has given a number.
func TestRegisterOfNumbers(t *testing.T) {
	t.Parallel()
	p := open(t)
	p.granted(t)
	def, err := p.Services.Current(p.ctx, "1.004873", p.clock.Now())
	must(t, err)
	symbols, err := p.Services.ResultSymbols(p.ctx)
	must(t, err)
	other := symbols[slices.IndexFunc(symbols, func(s string) bool { return s != def.Result.Symbol })]
	clerk := p.browser(t, "vanthu.datmui")
	clerk.get("/desk/numbers")
	rows := testkit.HTML(t, strings.NewReader(clerk.body)).Find("tbody tr")
	if len(rows) != 1 {
		t.Fatalf("%d series", len(rows))
	}
	rows[0].Wants("ký hiệu "+def.Result.Symbol, "1", "Không có")
	const agency = "ubnd-xa-dat-mui-2025"
	if status := clerk.try("/desk/numbers", "client", "series-0000", "agency", agency, "symbol", other, "first", "1", "reason", "Sổ giấy năm nay"); status != http.StatusUnprocessableEntity {
		t.Errorf("from one: %d", status)
	}
	clerk.must("Sổ giấy năm nay")
	for range 2 { // sent twice, begun once
		clerk.post("/desk/numbers", "client", "series-0001", "agency", agency, "symbol", other, "first", "41", "reason", "Sổ giấy năm nay")
	}
	clerk.must("Từ 1 đến 40: Sổ giấy năm nay")
	if status := clerk.try("/desk/numbers", "client", "series-0002", "agency", agency, "symbol", def.Result.Symbol, "first", "41", "reason", "x"); status != http.StatusConflict {
		t.Errorf("a series that runs: %d", status)
	}
	clerk.must("đã cấp số trong năm")
}
