package site_test

import (
	"bytes"
	"context"
	"mime/multipart"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/apps/services"
	"datmui/blocks/audit"
	"datmui/blocks/forms"
	"datmui/blocks/pay"
	"datmui/blocks/records"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/pg"
	"datmui/kit/testkit"
)

// granted is a certificate of the citizen's that lies in her store of papers.
func (p *province) granted(t *testing.T) (dossier, paper uuid.UUID) {
	t.Helper()
	id := p.proposed(t)
	p.browser(t, "chutich.datmui").post("/desk/dossiers/"+id.String()+"/sign", "client", "sign-"+id.String(), "pin", pin)
	p.browser(t, "vanthu.datmui").post("/desk/dossiers/"+id.String()+"/number", "client", "number-"+id.String())
	paper, err := pg.Value[uuid.UUID](p.db.Reader.Query(p.ctx, `SELECT p.id FROM records.paper p JOIN services.dossier d ON d.code = p.source_id WHERE d.id = $1`, id))
	must(t, err)
	return id, paper
}

// multi sends a page of the browser's as a form with files and none in it.
func (b *browser) multi(path string, fields ...string) int {
	b.t.Helper()
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	for i := 0; i < len(fields); i += 2 {
		must(b.t, w.WriteField(fields[i], fields[i+1]))
	}
	must(b.t, w.Close())
	r, err := b.http.Post(b.p.url+path, w.FormDataContentType(), &form)
	return b.take(r, err)
}

// A stored paper stands for the one that is asked for: it is offered where the papers are, goes into
// the dossier with SoHoa 3 and is logged where its owner sees it; nobody else's can be used.
// law: public-services.md 11 — reuse of a stored paper within validity replaces asking again.
func TestStoredPaperIsUsedAgain(t *testing.T) {
	t.Parallel()
	p := open(t)
	_, paper := p.granted(t)
	b := p.browser(t, "congdan")
	b.post("/services/1.004873/begin")
	answers := map[string]string{"relationship": "self", "reissue": "yes", "marital_state": "never", "purpose": "khac", "subject_ethnicity": "Khmer"}
	for range 40 {
		if !strings.Contains(b.path, "/q/") {
			break
		}
		b.post(b.path, b.fill(answers)...)
	}
	papers := b.path
	if !strings.HasSuffix(papers, "/papers") {
		t.Fatalf("on %s: %s", b.path, b.says())
	}
	b.must("Dùng lại giấy đã có: Giấy xác nhận tình trạng hôn nhân đã cấp")
	b.must(paper.String())
	b.get(papers + "?lang=en")
	b.must("Use again: The certificate issued before")
	b.get(papers + "?lang=vi")
	if status := b.multi(papers); status != http.StatusUnprocessableEntity {
		t.Errorf("neither file nor stored paper: %d", status)
	}
	if status := b.multi(papers, "stored.old-certificate", paper.String()); status != http.StatusOK || !strings.HasSuffix(b.path, "/where") {
		t.Fatalf("with the stored paper: %d on %s: %s", status, b.path, b.says())
	}
	b.post(b.path, "unit", "32248")
	b.get(strings.TrimSuffix(b.path, "/fee") + "/check")
	b.must("Dùng lại Giấy xác nhận tình trạng hôn nhân số")
	b.post(strings.TrimSuffix(b.path, "/check")+"/submit", b.fill(nil)...)
	id := uuid.MustParse(strings.Split(b.path, "/")[2])

	rec, err := p.Services.Dossier(p.as(t, "canbo.datmui"), id)
	must(t, err)
	if len(rec.Papers) != 1 || rec.Papers[0].Digitised != 3 || rec.Papers[0].FileID == nil {
		t.Fatalf("papers: %+v", rec.Papers)
	}
	uses, err := p.Records.Uses(p.as(t, "congdan"), uuid.Nil)
	must(t, err)
	if len(uses) != 1 || uses[0].Paper != paper || !uses[0].Own || uses[0].AboutID != rec.Code || uses[0].Purpose != rec.Def.Name {
		t.Errorf("uses: %+v", uses)
	}
	b.get("/dossiers/" + id.String())
	b.must("cán bộ chưa mở")
	counter := p.browser(t, "canbo.datmui")
	counter.get("/desk/dossiers/" + id.String())
	counter.must("Dùng lại từ kho giấy tờ: Giấy xác nhận tình trạng hôn nhân")
	counter.get("/files/" + rec.Papers[0].FileID.String())
	if !strings.HasPrefix(counter.body, "%PDF") {
		t.Errorf("the officer cannot open it: %.80s", counter.body)
	}
	b.get("/dossiers/" + id.String())
	b.must("cán bộ đã mở xem lúc")

	other := p.as(t, "congdan2")
	_, err = p.Services.Submit(other, services.SubmitIn{Client: client(), Procedure: "1.004873", Agency: "tt-pvhcc-xa-dat-mui-2025", ReturnWay: "online",
		Answers: marital().With(forms.Answers{"reissue": "yes"}), Papers: []services.PaperIn{{Place: "old-certificate", Stored: paper}}})
	testkit.WantError(t, err, fault.Fields{"paper.old-certificate": "paper-not-stored"})
}

// What was signed and is reopened counts no longer: not among the owner's papers, not for another
// filing, and the public page says so; the next result takes its place.
// law: public-services.md 6.2 — 9→4: error found before return; documents.md 2.2 — amend by another of the same form.
func TestReopenedResultCountsNoLonger(t *testing.T) {
	t.Parallel()
	p := open(t)
	id, paper := p.granted(t)
	verify := func() []string {
		codes, err := pg.Values[string](p.db.Reader.Query(p.ctx, `SELECT verify FROM services.outgoing WHERE dossier_id = $1 AND kind = 'result' AND number <> '' ORDER BY id`, id))
		must(t, err)
		return codes
	}
	first := verify()[0]
	citizen := p.as(t, "congdan")
	papers := func() (out []records.Paper) {
		list, err := p.Records.Mine(citizen)
		must(t, err)
		return list
	}
	if list := papers(); len(list) != 1 || list[0].State(at) != records.Valid {
		t.Fatalf("before: %+v", list)
	}
	must(t, p.Services.Reopen(p.as(t, "chutich.datmui"), services.StopIn{Dossier: id, Client: client(), Reason: "Ghi sai ngày sinh"}))
	if list := papers(); len(list) != 1 || list[0].State(p.Services.Now()) != records.Revoked || list[0].RevokedWhy != "Ghi sai ngày sinh" {
		t.Errorf("reopened: %+v", list)
	}
	b := p.browser(t, "congdan")
	b.get("/v/" + first)
	b.must("Văn bản này đã bị thu hồi hoặc được thay thế, không còn dùng được")
	_, err := p.Services.Submit(citizen, services.SubmitIn{Client: client(), Procedure: "1.004873", Agency: "tt-pvhcc-xa-dat-mui-2025", ReturnWay: "online",
		Answers: marital().With(forms.Answers{"reissue": "yes"}), Papers: []services.PaperIn{{Place: "old-certificate", Stored: paper}}})
	testkit.WantError(t, err, fault.Conflict("records.revoked", "name", "Giấy xác nhận tình trạng hôn nhân"))

	must(t, p.Services.Propose(p.as(t, "thuly.datmui"), services.ProposeIn{Dossier: id, Client: client(), Outcome: "granted"}))
	p.browser(t, "chutich.datmui").post("/desk/dossiers/"+id.String()+"/sign", "client", "sign-again", "pin", pin)
	p.browser(t, "vanthu.datmui").post("/desk/dossiers/"+id.String()+"/number", "client", "number-again")
	list := papers()
	if len(list) != 2 {
		t.Fatalf("after the second: %+v", list)
	}
	for _, one := range list {
		switch state := one.State(p.Services.Now()); {
		case one.ID == paper && (state != records.Revoked || one.ReplacedBy == nil):
			t.Errorf("the first is %s, replaced by %v", state, one.ReplacedBy)
		case one.ID != paper && state != records.Valid:
			t.Errorf("the second is %s", state)
		}
	}
	if found, err := p.Services.ByCode(p.ctx, verify()[1]); err != nil || found.Replaced {
		t.Errorf("the second by its code: %+v, %v", found, err)
	}
}

// Nothing is owed for a dossier that was refused or withdrawn: its bill is void, and the cashier's
// confirmation is refused with one sentence, whichever way she takes.
func TestEndedDossierTakesNoMoney(t *testing.T) {
	t.Parallel()
	p := open(t)
	for name, end := range map[string]func(id uuid.UUID) error{
		"refused": func(id uuid.UUID) error {
			return p.Services.Refuse(p.as(t, "canbo.datmui"), services.RefuseIn{Dossier: id, Client: client(), Reason: "Không thuộc thẩm quyền", Basis: "Nghị định 118/2025"})
		},
		"withdrawn": func(id uuid.UUID) error {
			return p.Services.Withdraw(p.as(t, "congdan"), services.WithdrawIn{Dossier: id, Client: client()})
		},
	} {
		t.Run(name, func(t *testing.T) {
			id := uuid.MustParse(p.browser(t, "congdan").file("2.000815", map[string]string{"relationship": "self", "pages": "1", "copies": "1"}, nil))
			must(t, end(id))
			bills, err := p.Pay.BillsOf(p.ctx, p.db.Reader, id)
			must(t, err)
			if len(bills) != 1 || bills[0].State != pay.Void || bills[0].Note != name {
				t.Fatalf("bills: %+v", bills)
			}
			cashier := p.browser(t, "thuquy.datmui")
			for _, way := range []string{"cash", "transfer"} {
				status := cashier.try("/bills/"+bills[0].ID.String()+"/confirm", "client", client(), "way", way, "amount", strconv.FormatInt(bills[0].Amount, 10), "reference", "FT-"+name)
				if status != http.StatusConflict {
					t.Errorf("%s: %d", way, status)
				}
				cashier.must("Hồ sơ đã kết thúc nên không thu tiền nữa.")
			}
			n, err := pg.Value[int](p.db.Reader.Query(p.ctx, `SELECT count(*) FROM pay.payment WHERE bill_id = $1`, bills[0].ID))
			must(t, err)
			if n != 0 {
				t.Errorf("%d payments", n)
			}
		})
	}
}

// law: public-services.md 18.2 A27 — reuse past its validity is refused with the reason, SoHoa is not set.
func TestExpiredPaperA27(t *testing.T) {
	t.Parallel()
	p := open(t)
	_, paper := p.granted(t)
	must(t, p.Book.Batch(p.ctx, "test", "", func(ctx context.Context, tx pgx.Tx) (int64, error) {
		_, err := tx.Exec(ctx, `UPDATE records.paper SET issued_on = '2026-01-01', valid_until = '2026-07-01' WHERE id = $1`, paper)
		return 1, err
	}))
	ctx := p.as(t, "congdan")
	written := func() int { // by her: jobs write beside
		t.Helper()
		n, err := pg.Value[int](p.db.Reader.Query(ctx, `SELECT count(*)::int FROM audit.entry WHERE actor_id = $1`, actor.From(ctx).ID))
		must(t, err)
		return n
	}
	before := written()
	_, err := p.Services.Submit(ctx, services.SubmitIn{Client: client(), Procedure: "1.004873", Agency: "tt-pvhcc-xa-dat-mui-2025", ReturnWay: "online",
		Answers: marital().With(forms.Answers{"reissue": "yes"}), Papers: []services.PaperIn{{Place: "old-certificate", Stored: paper}}})
	testkit.WantError(t, err, fault.Conflict("records.expired", "name", "Giấy xác nhận tình trạng hôn nhân", "until", "1/7/2026"))
	n, err := pg.Value[int](p.db.Reader.Query(ctx, `SELECT count(*) FROM services.paper WHERE digitised > 1`))
	must(t, err)
	uses, err := p.Records.Uses(ctx, uuid.Nil)
	must(t, err)
	if after := written(); n != 0 || len(uses) != 0 || after != before {
		t.Errorf("%d papers reused, %d uses, %d entries before and %d after", n, len(uses), before, after)
	}

	b := p.browser(t, "congdan")
	b.post("/services/1.004873/begin")
	for range 40 {
		if !strings.Contains(b.path, "/q/") {
			break
		}
		b.post(b.path, b.fill(map[string]string{"relationship": "self", "reissue": "yes", "marital_state": "never", "purpose": "khac", "subject_ethnicity": "Khmer"})...)
	}
	b.must("Đã hết giá trị sử dụng nên không dùng lại được")
	if status := b.multi(b.path, "stored.old-certificate", paper.String()); status != http.StatusUnprocessableEntity {
		t.Errorf("the page took an expired paper: %d on %s", status, b.path)
	}
}

// At the counter the officer opens her store when it may help, which she reads in her log, and a paper
// of it stands for the one that is asked for when she agrees; a paper past its validity does not.
// law: public-services.md 11 — no reuse by an officer without purpose and consent; 18.2 A27.
func TestStoredPaperAtCounter(t *testing.T) {
	t.Parallel()
	p := open(t)
	_, paper := p.granted(t)
	citizen, officer := p.as(t, "congdan"), p.as(t, "canbo.datmui")
	owner := actor.From(citizen).ID
	def, err := p.Services.Current(officer, "1.004873", p.clock.Now())
	must(t, err)
	answers := map[string]string{"relationship": "self", "reissue": "yes", "marital_state": "never", "channel": "1", "unit": "32248", "return_way": "counter", "subject_ethnicity": "Khmer"}
	for _, rule := range def.Papers {
		answers["originals."+rule.Key], answers["copies."+rule.Key] = "", ""
	}
	b := p.browser(t, "canbo.datmui")
	page := "/desk/intake?applicant=" + owner.String() + "&procedure=1.004873"
	b.get(page)
	b.must("Xem giấy có thể dùng lại của người dân")
	if strings.Contains(b.body, paper.String()) {
		t.Error("her store lies open before anybody asked")
	}
	b.send("/desk/intake", append(b.fill(answers), "look", "1"), map[string]string{"scan.old-certificate": "Bản quét.png"})
	b.must("Dùng lại giấy đã có: Giấy xác nhận tình trạng hôn nhân đã cấp")
	b.must(paper.String())
	b.must("Đã nhận tệp Bản quét.png")
	without := func(fields []string, names ...string) (out []string) {
		for i := 0; i < len(fields); i += 2 {
			if !slices.Contains(names, fields[i]) {
				out = append(out, fields[i], fields[i+1])
			}
		}
		return out
	}
	if status := b.sent("/desk/intake", without(b.fill(answers), "consent", "scan.old-certificate.id"), nil); status != http.StatusUnprocessableEntity {
		t.Errorf("without her consent: %d", status)
	}
	b.must("Hỏi người dân rồi đánh dấu đồng ý")
	b.must(paper.String())
	fields := b.fill(answers)
	for range 2 { // sent twice, taken in once
		b.send("/desk/intake", fields, nil)
		b.must("Đã nhận hồ sơ")
	}
	id := uuid.MustParse(strings.Split(b.path, "/")[3])
	rec, err := p.Services.Dossier(officer, id)
	must(t, err)
	if len(rec.Papers) != 1 || rec.Papers[0].Digitised != 3 || rec.Papers[0].FileID == nil {
		t.Errorf("papers: %+v", rec.Papers)
	}
	consents, _, err := p.Records.Consents(citizen, uuid.Nil)
	must(t, err)
	if len(consents) != 1 || consents[0].GivenTo == nil || *consents[0].GivenTo != actor.From(officer).ID || consents[0].Purpose != def.Name || *consents[0].Paper != paper {
		t.Errorf("consents: %+v", consents)
	}
	uses, err := p.Records.Uses(citizen, uuid.Nil)
	must(t, err)
	if len(uses) != 1 || uses[0].Own || uses[0].Paper != paper || uses[0].AboutID != rec.Code {
		t.Errorf("uses: %+v", uses)
	}
	reads, err := p.Book.AccessesOf(citizen, owner, audit.AccessFilter{Others: true})
	must(t, err)
	if !slices.ContainsFunc(reads, func(r audit.AccessRecord) bool {
		return r.Name == "records.papers" && r.Purpose == "Tiếp nhận hồ sơ tại quầy: "+def.Name
	}) {
		t.Errorf("her log: %+v", reads)
	}

	// another's paper, and one past its validity
	in := services.SubmitIn{Client: client(), Procedure: "1.004873", Agency: "tt-pvhcc-xa-dat-mui-2025", ReturnWay: "counter", Applicant: actor.From(p.as(t, "congdan2")).ID, Consent: true,
		Answers: marital().With(forms.Answers{"reissue": "yes"}), Papers: []services.PaperIn{{Place: "old-certificate", Stored: paper}}}
	_, err = p.Services.Intake(officer, in)
	testkit.WantError(t, err, fault.Fields{"paper.old-certificate": "paper-not-stored"})
	must(t, p.Book.Batch(p.ctx, "test", "", func(ctx context.Context, tx pgx.Tx) (int64, error) {
		_, err := tx.Exec(ctx, `UPDATE records.paper SET issued_on = '2026-01-01', valid_until = '2026-07-01' WHERE id = $1`, paper)
		return 1, err
	}))
	in.Client, in.Applicant = client(), owner
	_, err = p.Services.Intake(officer, in)
	testkit.WantError(t, err, fault.Conflict("records.expired", "name", "Giấy xác nhận tình trạng hôn nhân", "until", "1/7/2026"))
	if again, _, err := p.Records.Consents(citizen, uuid.Nil); err != nil || len(again) != 1 {
		t.Errorf("a consent is left of what was refused: %+v, %v", again, err)
	}
	b.get(page)
	b.send("/desk/intake", append(b.fill(answers), "look", "1"), nil)
	b.must("Đã hết giá trị sử dụng nên không dùng lại được")
}
