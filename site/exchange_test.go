package site_test

import (
	"encoding/json"
	"html"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"datmui/apps/services"
	"datmui/blocks/exchange"
	"datmui/blocks/exchange/exchangepage"
	"datmui/blocks/represent"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/pg"
	"datmui/sim/dvcqg"
	"datmui/site"
)

// openWithPortal is a province whose dossiers a played National Portal is told of.
func openWithPortal(t *testing.T) (*province, *dvcqg.Portal) {
	t.Helper()
	var portal atomic.Pointer[dvcqg.Portal]
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { portal.Load().Handler().ServeHTTP(w, r) }))
	t.Cleanup(server.Close)
	p := open(t, func(o *site.Options) { o.National = server.URL })
	secret := func(name string) string {
		b, err := os.ReadFile(filepath.Join(p.data, "secrets", name))
		must(t, err)
		return strings.TrimSpace(string(b))
	}
	played, err := dvcqg.New(dvcqg.Config{Client: site.ClientID, Secret: secret("national.secret"), Province: p.url + "/api/exchange", Inbound: secret("national-inbound.secret"), Clock: p.clock})
	must(t, err)
	portal.Store(played)
	must(t, p.Exchange.Round(p.ctx)) // begins here
	return p, played
}

// round seals what happened and lets the exchange go once.
func (p *province) round(t *testing.T) {
	t.Helper()
	last, err := pg.Value[int64](p.db.Reader.Query(t.Context(), `SELECT max(id) FROM audit.entry`))
	must(t, err)
	// The seal waits for transactions under way in the whole cluster, those of other tests too.
	for end := time.Now().Add(4 * time.Minute); ; time.Sleep(50 * time.Millisecond) {
		_, err := p.Book.Seal(p.ctx)
		must(t, err)
		all, err := pg.Value[bool](p.db.Reader.Query(t.Context(), `SELECT NOT EXISTS (SELECT FROM audit.entry e WHERE e.id <= $1 AND NOT EXISTS (SELECT FROM audit.leaf WHERE entry = e.id))`, last))
		must(t, err)
		if all {
			break
		}
		if time.Now().After(end) {
			t.Fatal("waited for the seal")
		}
	}
	must(t, p.Exchange.Round(p.ctx))
}

// later lets time pass within a working day and goes round.
func (p *province) later(t *testing.T, d time.Duration) {
	t.Helper()
	p.clock.Set(p.clock.Now().Add(d))
	p.round(t)
}

func (p *province) syncOf(t *testing.T, code string) exchange.Sync {
	t.Helper()
	s, told, err := p.Exchange.SyncOf(p.ctx, code)
	must(t, err)
	if !told {
		t.Fatalf("%s is not in the exchange", code)
	}
	return s
}

// What happens to a dossier reaches the portal: the dossier with its papers and their hashes, each line
// of the slip, each state, once and in order.
// law: public-services.md 6.3 — create, progress, state; field names and dates as they appear.
func TestPortalIsToldInOrder(t *testing.T) {
	t.Parallel()
	p, portal := openWithPortal(t)
	owner := p.as(t, "congdan")
	paper, err := p.Files.Receive(owner, "Văn bằng.png", strings.NewReader(string(picture(t))))
	must(t, err)
	out, err := p.Services.Submit(owner, services.SubmitIn{Client: client(), Procedure: "2.000815", Agency: "tt-pvhcc-xa-dat-mui-2025", ReturnWay: "counter", Answers: copies(),
		Papers: []services.PaperIn{{Place: "original", File: paper, Copies: 1}}})
	must(t, err)
	p.round(t)
	first := portal.Messages(out.Code)
	if len(first) != 1 || first[0][0] != "NoiHoSo" {
		t.Fatalf("the portal was told %v", first)
	}
	var body map[string]any
	must(t, json.Unmarshal([]byte(first[0][1]), &body))
	for _, field := range []string{"MaHoSo", "MaTTHC", "MaDichVuCong", "ChuHoSo", "LoaiDoiTuong", "MaDonViTiepNhan", "NgayNop", "NgayTiepNhan", "NgayHenTra", "TrangThai", "NgayTra",
		"NgayKetThucXuLy", "HinhThucTra", "ThanhPhanHoSo", "DanhSachLePhi", "TaiKhoanDuocXacThucVoiVNeID", "DuocThanhToanTrucTuyen"} {
		if _, ok := body[field]; !ok {
			t.Errorf("the field %s is missing", field)
		}
	}
	if body["NgayNop"] != "20261123080600" || body["MaDonViTiepNhan"] != "H12.94.04" || body["TrangThai"] != 1.0 {
		t.Errorf("%v", body)
	}
	papers := body["ThanhPhanHoSo"].([]any)
	if len(papers) != 1 || len(papers[0].(map[string]any)["GiayToDinhKem"].([]any)) != 1 {
		t.Errorf("papers: %v", papers)
	}
	if fees := body["DanhSachLePhi"].([]any); len(fees) != 1 || fees[0].(map[string]any)["SoTien"] != 24000.0 {
		t.Errorf("fees: %v", fees)
	}
	must(t, p.Services.Cash(p.as(t, "thuquy.datmui"), services.CashIn{Dossier: out.ID, Client: client(), Method: "cash"}))
	must(t, p.Services.Accept(p.as(t, "canbo.datmui"), services.AcceptIn{Dossier: out.ID, Client: client()}))
	must(t, p.Services.Take(p.as(t, "thuly.datmui"), services.TakeIn{Dossier: out.ID, Client: client()}))
	for range 3 { // again and again changes nothing
		p.round(t)
	}
	if got := portal.States(out.Code); !slices.Equal(got, []int{1, 2, 4}) {
		t.Errorf("the portal was told the states %v", got)
	}
	var ops []string
	for _, m := range portal.Messages(out.Code) {
		ops = append(ops, m[0])
	}
	if want := []string{"NoiHoSo", "CapNhatTienTrinh", "CapNhatTrangThai", "CapNhatTienTrinh", "CapNhatTrangThai"}; !slices.Equal(ops, want) {
		t.Errorf("%v", ops)
	}
	for _, m := range portal.Messages(out.Code) {
		if strings.Contains(m[1], "services.") {
			t.Errorf("an act is told by its key: %s", m[1])
		}
	}
	if s := p.syncOf(t, out.Code); s.SyncedAt == nil || s.Behind() || s.ChangedAt != nil {
		t.Errorf("%+v", s)
	}
	citizen := p.browser(t, "congdan")
	citizen.get("/dossiers/" + out.ID.String())
	citizen.must("Đồng bộ lần cuối với Cổng Dịch vụ công quốc gia")

	// The portal loses the dossier: it is told all of it again.
	portal.Forget(out.Code)
	must(t, p.Services.Propose(p.as(t, "thuly.datmui"), services.ProposeIn{Dossier: out.ID, Client: client(), Outcome: "refused", Reason: "Chưa đủ điều kiện", Basis: "Luật Hộ tịch"}))
	p.round(t)
	p.later(t, time.Minute)
	if got := portal.States(out.Code); !slices.Equal(got, []int{1, 2, 4}) || len(portal.Messages(out.Code)) != 6 {
		t.Errorf("after the portal lost it: %v, %d messages", got, len(portal.Messages(out.Code)))
	}
}

// A30: the push fails five times with 502. The dossier keeps working and its page says that it is not
// in step; it is tried again with growing pauses, and the order of the states is kept.
func TestSyncFailsA30(t *testing.T) {
	t.Parallel()
	p, portal := openWithPortal(t)
	d := p.submit(t, "congdan")
	portal.Faults(5, 0, 0)
	p.round(t)
	citizen, officer := p.browser(t, "congdan"), p.browser(t, "canbo.datmui")
	citizen.get("/dossiers/" + d.ID.String())
	citizen.must("Chưa đồng bộ với Cổng Dịch vụ công quốc gia")
	officer.post("/desk/dossiers/"+d.ID.String()+"/accept", "client", client())
	must(t, p.Services.Take(p.as(t, "thuly.datmui"), services.TakeIn{Dossier: d.ID, Client: client()}))
	officer.get("/desk/dossiers/" + d.ID.String())
	officer.must("Chưa đồng bộ với Cổng Dịch vụ công quốc gia")
	p.round(t)
	if s := p.syncOf(t, d.Code); s.Tries != 1 {
		t.Errorf("it was not waited before the second try: %+v", s)
	}
	lead := p.browser(t, "chutich.datmui")
	lead.get(exchange.PathPage)
	lead.must(d.Code)
	lead.must("502")
	for i := 2; i <= 5; i++ {
		p.later(t, time.Duration(30<<(i-2))*time.Second)
		if s := p.syncOf(t, d.Code); s.Tries != i || !s.Behind() || s.Dead {
			t.Fatalf("after try %d: %+v", i, s)
		}
	}
	if portal.States(d.Code) != nil {
		t.Error("something came through")
	}
	p.later(t, 8*time.Minute)
	if got := portal.States(d.Code); !slices.Equal(got, []int{1, 2, 4}) {
		t.Errorf("the states came as %v", got)
	}
	if s := p.syncOf(t, d.Code); s.Behind() || s.Tries != 0 || s.SyncedAt == nil {
		t.Errorf("%+v", s)
	}
	citizen.get("/dossiers/" + d.ID.String())
	citizen.must("Đồng bộ lần cuối")
	if p.state(t, d.ID).State != services.Processing {
		t.Error("the dossier did not go on")
	}
	failed, err := pg.Value[int](p.db.Reader.Query(t.Context(), `SELECT count(*)::int FROM exchange.sent WHERE code = $1 AND NOT ok`, d.Code))
	if err != nil || failed != 5 {
		t.Errorf("%d failures are written down, %v", failed, err)
	}
}

// A refusal that trying again would not mend is given up at once and seen; an order or the next
// change tries again.
func TestSyncIsGivenUpAndTakenUp(t *testing.T) {
	t.Parallel()
	p, portal := openWithPortal(t)
	d := p.submit(t, "congdan")
	p.round(t)
	portal.Faults(0, 0, 1)
	must(t, p.Services.Accept(p.as(t, "canbo.datmui"), services.AcceptIn{Dossier: d.ID, Client: client()}))
	p.round(t)
	if s := p.syncOf(t, d.Code); !s.Dead || !strings.Contains(s.Error, "SAI_THU_TU") {
		t.Fatalf("%+v", s)
	}
	p.later(t, 2*time.Hour)
	if got := portal.States(d.Code); !slices.Equal(got, []int{1}) {
		t.Errorf("a record that was given up was told: %v", got)
	}
	lead := p.browser(t, "chutich.datmui")
	lead.get(exchange.PathPage)
	lead.must("Đã ngừng thử sau 1 lần")
	if err := p.Exchange.Retry(p.as(t, "so.xaydung"), exchange.RetryIn{Client: client(), Code: d.Code}); fault.KindOf(err) != fault.KindNotFound {
		t.Errorf("another body orders it: %v", err)
	}
	lead.post(exchange.PathPage+"/retry", "client", client(), "code", d.Code)
	p.round(t)
	if got := portal.States(d.Code); !slices.Equal(got, []int{1, 2}) || p.syncOf(t, d.Code).Dead {
		t.Errorf("after the order: %v", got)
	}
	if err := p.Exchange.Retry(p.as(t, "chutich.datmui"), exchange.RetryIn{Client: client(), Code: d.Code}); fault.KindOf(err) != fault.KindConflict {
		t.Errorf("what is in step is ordered again: %v", err)
	}
}

// The portal takes a request and does not answer: that is said and tried again, the dossier keeps
// working, and each state comes once and in its order.
func TestSyncTimesOut(t *testing.T) {
	t.Parallel()
	p, portal := openWithPortal(t)
	d := p.submit(t, "congdan")
	portal.Faults(0, 1, 0)
	p.round(t)
	if s := p.syncOf(t, d.Code); s.Tries != 1 || !s.Behind() || s.Dead || !strings.Contains(s.Error, "no answer in time") {
		t.Fatalf("%+v", s)
	}
	must(t, p.Services.Accept(p.as(t, "canbo.datmui"), services.AcceptIn{Dossier: d.ID, Client: client()}))
	p.later(t, 30*time.Second)
	if got := portal.States(d.Code); !slices.Equal(got, []int{1, 2}) {
		t.Errorf("the states came as %v", got)
	}
	if s := p.syncOf(t, d.Code); s.Behind() || s.Tries != 0 || s.SyncedAt == nil {
		t.Errorf("%+v", s)
	}
}

// A31: a ministry's system says 10 while we say 4. Nothing is overwritten: an officer sees both sides
// and decides; what comes out of order is refused.
func TestConflictA31(t *testing.T) {
	t.Parallel()
	p, portal := openWithPortal(t)
	id := p.accepted(t)
	d := p.state(t, id)
	p.round(t)
	push := func(state int, seq int64, want int, word string) {
		t.Helper()
		status, reply, err := portal.Push(t.Context(), d.Code, state, seq, "Bộ đã trả kết quả")
		must(t, err)
		if status != want || !strings.Contains(reply, word) {
			t.Errorf("state %d as %d: %d %s, want %d %s", state, seq, status, reply, want, word)
		}
	}
	push(4, 5, 200, `"0"`)
	push(10, 6, 200, "XUNG_DOT")
	push(10, 6, 200, `"0"`) // sent twice
	push(9, 6, 400, "SAI_THU_TU")
	push(9, 3, 400, "SAI_THU_TU")
	push(11, 7, 400, "TrangThai")
	if status, _, err := portal.Push(t.Context(), "H12.94.04-261123-9999", 4, 1, ""); err != nil || status != 404 {
		t.Errorf("of a dossier that is not there: %d, %v", status, err)
	}
	if now := p.state(t, id); now.State != services.Processing || now.Moves != d.Moves {
		t.Fatalf("the dossier was overwritten: %+v", now.State)
	}
	lead := p.browser(t, "chutich.datmui")
	lead.get("/desk")
	lead.must("Hai hệ thống ghi khác nhau")
	lead.get(exchange.PathPage)
	for _, word := range []string{d.Code, "Đang xử lý", "Đã trả kết quả", "Bộ đã trả kết quả"} {
		lead.must(word)
	}
	q, err := p.Exchange.Queue(p.as(t, "chutich.datmui"), exchange.QueueIn{})
	must(t, err)
	if len(q.Open) != 1 || !q.Open[0].Mine {
		t.Fatalf("%+v", q.Open)
	}
	in := exchange.DecideIn{Client: client(), Conflict: q.Open[0].ID, Decision: "ours"}
	if status := lead.try(exchange.PathPage+"/decide", "client", in.Client, "conflict", in.Conflict.String(), "decision", "ours"); status != 422 {
		t.Errorf("without a reason: %d", status)
	}
	in.Reason = "Chưa ký kết quả"
	if err := p.Exchange.Decide(p.as(t, "so.xaydung"), in); fault.KindOf(err) != fault.KindNotFound {
		t.Errorf("another body decides: %v", err)
	}
	if err := p.Exchange.Decide(p.as(t, "thuly.datmui"), in); fault.KindOf(err) != fault.KindNotFound {
		t.Errorf("a case officer decides: %v", err)
	}
	for range 2 {
		must(t, p.Exchange.Decide(p.as(t, "chutich.datmui"), in))
	}
	in.Client = client()
	if err := p.Exchange.Decide(p.as(t, "chutich.datmui"), in); fault.KindOf(err) != fault.KindConflict {
		t.Errorf("decided twice: %v", err)
	}
	p.round(t)
	if got := portal.States(d.Code); len(got) == 0 || got[len(got)-1] != 4 || len(got) != 4 {
		t.Errorf("our state was not told again: %v", got)
	}
	lead.get("/desk")
	if strings.Contains(lead.body, "Hai hệ thống ghi khác nhau") {
		t.Error("it still lies on the desk")
	}

	// They say another thing again, and this time they are right: our own act brings it there, and both agree.
	push(8, 7, 200, "XUNG_DOT")
	q, err = p.Exchange.Queue(p.as(t, "chutich.datmui"), exchange.QueueIn{})
	must(t, err)
	must(t, p.Services.Stop(p.as(t, "chutich.datmui"), services.StopIn{Dossier: id, Client: client(), Reason: "Bộ đã dừng", Basis: "Luật Hộ tịch"}))
	push(8, 8, 200, `"0"`)
	q, err = p.Exchange.Queue(p.as(t, "chutich.datmui"), exchange.QueueIn{})
	must(t, err)
	if len(q.Open) != 0 || len(q.Decided) != 2 || *q.Decided[0].Decision != "agreed" || q.Decided[1].Reason != "Chưa ký kết quả" {
		t.Errorf("%+v, %+v", q.Open, q.Decided)
	}
}

// However many conflicts are open, all are reached, those due first, and a refused decision comes back
// on its own page.
func TestConflictsArePaged(t *testing.T) {
	t.Parallel()
	p, portal := openWithPortal(t)
	d := p.state(t, p.accepted(t))
	p.round(t)
	status, _, err := portal.Push(t.Context(), d.Code, 10, 5, "Bộ đã trả")
	must(t, err)
	if status != 200 {
		t.Fatalf("%d", status)
	}
	// more of the same, as other dossiers would have made them
	_, err = p.db.Owner.Exec(t.Context(), `INSERT INTO exchange.conflict SELECT (jsonb_populate_record(c, jsonb_build_object('id', gen_random_uuid(),
		'code', 'H12.94.04-261123-' || 1000 + n, 'due_at', c.due_at + n * interval '1 minute'))).* FROM exchange.conflict c, generate_series(1, 119) n`)
	must(t, err)
	lead, seen, in := p.as(t, "chutich.datmui"), map[uuid.UUID]bool{}, exchange.QueueIn{}
	var pages []int
	var before time.Time
	for {
		q, err := p.Exchange.Queue(lead, in)
		must(t, err)
		pages = append(pages, len(q.Open))
		for _, c := range q.Open {
			if seen[c.ID] || c.DueAt.Before(before) {
				t.Errorf("%s twice, or out of order", c.Code)
			}
			seen[c.ID], before = true, c.DueAt
		}
		if in.Conflicts = q.Undue; in.Conflicts == "" {
			break
		}
	}
	if len(seen) != 120 || !slices.Equal(pages, []int{50, 50, 20}) {
		t.Errorf("%d conflicts on pages of %v", len(seen), pages)
	}
	b := p.browser(t, "chutich.datmui")
	b.get(exchange.PathPage)
	next := regexp.MustCompile(`href="([^"]*[?]conflicts=[^"]*)"`).FindStringSubmatch(b.body)
	if next == nil {
		t.Fatal("nothing leads on")
	}
	b.get(html.UnescapeString(next[1]))
	b.must("H12.94.04-261123-1050")
	form := regexp.MustCompile(`action="([^"]*decide[^"]*)"`).FindStringSubmatch(b.body)
	conflict := regexp.MustCompile(`name="conflict" value="([^"]*)"`).FindStringSubmatch(b.body)
	if status := b.try(html.UnescapeString(form[1]), "client", client(), "conflict", conflict[1], "decision", "ours"); status != 422 {
		t.Errorf("without a reason: %d", status)
	}
	b.must("H12.94.04-261123-1050")
	b.must("Lỗi:")
}

// Who has no token of ours says nothing; a token runs out.
func TestStrangersAreNotHeard(t *testing.T) {
	t.Parallel()
	p, _ := openWithPortal(t)
	d := p.submit(t, "congdan")
	send := func(path, auth, body string) int {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.url+path, strings.NewReader(body))
		must(t, err)
		r.Header.Set("Authorization", auth)
		r.Header.Set("X-Thu-Tu", "1")
		res, err := http.DefaultClient.Do(r)
		must(t, err)
		res.Body.Close()
		return res.StatusCode
	}
	body := `{"MaHoSo":"` + d.Code + `","TrangThai":7,"ThoiDiemXuLy":"20261123080600"}`
	for _, auth := range []string{"", "Bearer ", "Bearer 9999999999.00", "Basic ZGF0bXVpOng=", "Bearer 9999999999." + strings.Repeat("a", 64)} {
		if got := send("/api/exchange/CapNhatTrangThai", auth, body); got != 401 {
			t.Errorf("%q: %d", auth, got)
		}
	}
	if got := send("/api/exchange/token", "Basic ZGF0bXVpOng=", "grant_type=client_credentials"); got != 401 {
		t.Errorf("a wrong secret gets a token: %d", got)
	}
	if n, err := pg.Value[int](p.db.Reader.Query(t.Context(), `SELECT count(*)::int FROM exchange.conflict`)); err != nil || n != 0 {
		t.Errorf("%d conflicts, %v", n, err)
	}
}

// Without an address nothing is told, and the page says so.
func TestExchangeIsOff(t *testing.T) {
	t.Parallel()
	p := open(t)
	d := p.submit(t, "congdan")
	p.round(t)
	lead := p.browser(t, "chutich.datmui")
	lead.get(exchange.PathPage)
	lead.must("Chưa kết nối với hệ thống nào")
	if _, told, err := p.Exchange.SyncOf(p.ctx, d.Code); told || err != nil {
		t.Errorf("%v, %v", told, err)
	}
	if _, err := p.Exchange.Hear(p.ctx, exchange.HearIn{Code: d.Code, Seq: 1, State: 4, At: at}); fault.KindOf(err) != fault.KindNotFound {
		t.Errorf("heard: %v", err)
	}
}

// A procedure that a ministry's system works: its dossiers come from there, in their order, lie on no
// desk here and are only shown. One that is worked here is not taken from there.
// law: public-services.md 2 — fact 2: the province only receives synced data.
func TestWorkedElsewhere(t *testing.T) {
	t.Parallel()
	p, portal := openWithPortal(t)
	const ministry = "1.004222" // permanent residence, worked by the police
	code, status, reply, err := portal.File(t.Context(), ministry, "Trần Thị Thử", "", "H12.94.04")
	must(t, err)
	if status != 200 {
		t.Fatalf("%d %s", status, reply)
	}
	if _, status, reply, _ := portal.File(t.Context(), "1.004873", "Trần Thị Thử", "", "H12.94.04"); status != 403 || !strings.Contains(reply, "TINH_GIAI_QUYET") {
		t.Errorf("a procedure worked here: %d %s", status, reply)
	}
	if _, status, _, _ := portal.File(t.Context(), "9.999999", "Trần Thị Thử", "", "H12.94.04"); status != 403 {
		t.Errorf("a procedure nobody knows: %d", status)
	}
	for _, step := range []struct{ state, seq, want int }{{4, 3, 200}, {4, 3, 200}, {2, 2, 400}, {9, 3, 400}, {9, 4, 200}} {
		if status, reply, err := portal.Push(t.Context(), code, step.state, int64(step.seq), ""); err != nil || status != step.want {
			t.Errorf("%+v: %d %s %v", step, status, reply, err)
		}
	}
	q, err := p.Exchange.Queue(p.as(t, "giamdoc.datmui"), exchange.QueueIn{})
	must(t, err)
	if len(q.Copies) != 1 || q.Copies[0].State != 9 || q.Copies[0].Code != code || len(q.Open) != 0 {
		t.Errorf("%+v", q)
	}
	other, err := p.Exchange.Queue(p.as(t, "giamdoc.nongnghiep"), exchange.QueueIn{})
	must(t, err)
	if len(other.Copies) != 0 {
		t.Error("another body sees it")
	}
	head := p.browser(t, "giamdoc.datmui")
	head.get(exchange.PathPage)
	head.must("Hồ sơ do hệ thống khác giải quyết")
	head.must("Đã xử lý xong")
	if _, err := p.Services.Submit(p.as(t, "congdan"), services.SubmitIn{Client: client(), Procedure: ministry, Agency: "tt-pvhcc-xa-dat-mui-2025", ReturnWay: "counter"}); fault.KindOf(err) != fault.KindNotFound {
		t.Errorf("filed here: %v", err) // the act itself takes nothing in
	}
	if n, err := pg.Value[int](p.db.Reader.Query(t.Context(), `SELECT (SELECT count(*) FROM services.dossier)::int + (SELECT count(*) FROM worklist.item)::int`)); err != nil || n != 0 {
		t.Errorf("%d dossiers and desks of ours, %v", n, err)
	}
}

// Who filed at the portal sees here how far the ministry's system is, and when it last said so: a
// number alone, or another name, shows it to nobody.
// law: public-services.md 2 — the province only receives synced data; 13 — a number is never the only key.
func TestCitizenSeesWhatIsWorkedElsewhere(t *testing.T) {
	t.Parallel()
	p, portal := openWithPortal(t)
	who, err := pg.One[struct{ Name, Number string }](p.db.Reader.Query(t.Context(), `SELECT name, personal_id AS number FROM directory.person WHERE id = $1`, actor.From(p.as(t, "congdan")).ID))
	must(t, err)
	file := func(owner, number string) string {
		t.Helper()
		code, status, reply, err := portal.File(t.Context(), "1.004222", owner, number, "H12.94.04")
		if err != nil || status != http.StatusOK {
			t.Fatalf("%d %s %v", status, reply, err)
		}
		return code
	}
	code, another, nobody := file(strings.ToUpper(who.Name), who.Number), file("Người Khác", who.Number), file(who.Name, "")
	if status, reply, err := portal.Push(t.Context(), code, 4, 3, ""); err != nil || status != http.StatusOK {
		t.Fatalf("%d %s %v", status, reply, err)
	}
	if status, _, err := portal.Push(t.Context(), code, 2, 2, ""); err != nil || status != http.StatusBadRequest {
		t.Errorf("out of order: %d %v", status, err)
	}
	citizen, stranger := p.browser(t, "congdan"), p.browser(t, "congdan2")
	for _, path := range []string{"/dossiers", exchangepage.PathMine} {
		citizen.get(path)
		citizen.must(code)
		citizen.must("Đang xử lý")
		citizen.must("đồng bộ lần cuối")
		citizen.must("/services/1.004222")
		stranger.get(path)
		for _, c := range []string{another, nobody} {
			if strings.Contains(citizen.body, c) {
				t.Errorf("%s shows %s, which is not surely hers", path, c)
			}
		}
		if strings.Contains(stranger.body, code) {
			t.Errorf("%s shows it to a stranger", path)
		}
	}
	// in another name one sees that person's, with the right to see all, and none of one's own
	her, other := actor.From(p.as(t, "congdan")), actor.From(p.as(t, "congdan2"))
	for _, c := range []struct {
		who, party actor.Actor
		right      string
		want       int
	}{{other, her, represent.SeeAll, 1}, {other, her, represent.File, 0}, {her, other, represent.SeeAll, 0}} {
		c.who.For, c.who.Grants = actor.Party{ID: c.party.ID, Name: c.party.Name}, []actor.Grant{{Right: c.right, Agency: c.party.ID.String()}}
		if list, _, err := p.Exchange.Mine(actor.With(t.Context(), c.who), ""); err != nil || len(list) != c.want {
			t.Errorf("%s for %s with %s: %d, %v", c.who.Name, c.party.Name, c.right, len(list), err)
		}
	}
	for range 51 {
		file(who.Name, who.Number)
	}
	citizen.get(exchangepage.PathMine)
	next := regexp.MustCompile(`href="(/dossiers/elsewhere\?after=[^"]+)" rel="next"`).FindStringSubmatch(citizen.body)
	if next == nil || strings.Contains(citizen.body, code) {
		t.Fatalf("fifty on a page, the newest first: %s", citizen.says())
	}
	citizen.get(strings.ReplaceAll(next[1], "&amp;", "&"))
	citizen.must(code)
}
