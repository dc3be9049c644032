package site_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"datmui/apps/services"
	"datmui/blocks/forms"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/pg"
	"datmui/kit/testkit"
)

// as is a context in which the holder of a demonstration account acts.
func (p *province) as(t *testing.T, account string) context.Context {
	t.Helper()
	for _, a := range p.world.Accounts {
		if a.Account != account {
			continue
		}
		who, err := p.Directory.Actor(t.Context(), p.db.Reader, a.PersonID, uuid.Nil, p.clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		who.Account, who.Level, who.Session = account, 2, uuid.Must(uuid.NewV7())
		return actor.With(t.Context(), who)
	}
	t.Fatalf("there is no account %s", account)
	return nil
}

// marital answers the form of 1.004873 so that nothing but the form is needed.
func marital() forms.Answers {
	return forms.Answers{"requester_name": "Nguyễn Thị Mai", "requester_id": "096196000123", "requester_birth_date": "1996-03-14", "requester_sex": "female",
		"requester_phone": "0912345678", "requester_in_province": "yes", "requester_unit": "32248", "requester_residence": "Ấp Mũi", "relationship": "self",
		"subject_name": "Nguyễn Thị Mai", "subject_birth_date": "1996-03-14", "subject_id": "096196000123", "subject_residence": "Ấp Mũi, xã Đất Mũi",
		"subject_sex": "female", "subject_ethnicity": "Khmer", "subject_nationality": "Việt Nam",
		"marital_state": "never", "purpose": "vay-von", "reissue": "no", "copies": "1", "return_way": "online", "pledge": "yes"}
}

func (p *province) submit(t *testing.T, account string) services.SubmitOut {
	t.Helper()
	out, err := p.Services.Submit(p.as(t, account), services.SubmitIn{Client: uuid.NewString(), Procedure: "1.004873", Agency: "tt-pvhcc-xa-dat-mui-2025",
		ReturnWay: "online", Answers: marital()})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (p *province) state(t *testing.T, id uuid.UUID) services.Dossier {
	t.Helper()
	rec, err := p.Services.Dossier(p.as(t, "canbo.datmui"), id)
	if err != nil {
		t.Fatal(err)
	}
	return rec.Dossier
}

func client() string { return uuid.NewString() }

// must fails the test on an error of an act that has to go well.
func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// law: public-services.md 18.2 A1, A2, A3 — codes by unit and day.
func TestCodesA1A2A3(t *testing.T) {
	t.Parallel()
	p := open(t)
	var wg sync.WaitGroup
	codes := make(chan string, 16)
	for range 16 {
		wg.Go(func() {
			out, err := p.Services.Submit(p.as(t, "congdan"), services.SubmitIn{Client: uuid.NewString(), Procedure: "1.004873",
				Agency: "tt-pvhcc-xa-dat-mui-2025", ReturnWay: "online", Answers: marital()})
			if err != nil {
				t.Error(err)
			}
			codes <- out.Code
		})
	}
	wg.Wait()
	close(codes)
	seen := map[string]bool{}
	for c := range codes {
		if seen[c] || !strings.HasPrefix(c, "H12.94.04-261123-00") {
			t.Errorf("code %s is double or wrong", c)
		}
		seen[c] = true
	}
	if !seen["H12.94.04-261123-0001"] || !seen["H12.94.04-261123-0016"] {
		t.Errorf("the counter has holes: %v", seen)
	}
	other, err := p.Services.Submit(p.as(t, "congdan"), services.SubmitIn{Client: uuid.NewString(), Procedure: "1.004873",
		Agency: "tt-pvhcc-tinh", Unit: "32248", ReturnWay: "online", Answers: marital()})
	must(t, err)
	if other.Code != "H12.01.01-261123-0001" {
		t.Errorf("another unit counts by itself: %s", other.Code)
	}
	p.clock.Set(time.Date(2026, 11, 24, 23, 30, 0, 0, time.UTC)) // 06:30 on the 25th in Vietnam
	if out := p.submit(t, "congdan"); out.Code != "H12.94.04-261125-0001" {
		t.Errorf("the next day begins at 0001: %s", out.Code)
	}
}

// The table of 6.2 in Go and the CHECK in the database say the same about all hundred moves.
// law: public-services.md 6.2, 18.2 A4.
func TestTransitionsAreTheSameInTheDatabase(t *testing.T) {
	t.Parallel()
	db := testkit.DB(t)
	for from := services.None; from <= services.Returned; from++ {
		for to := services.Registered; to <= services.Returned; to++ {
			var before any
			if from != services.None {
				before = int16(from)
			}
			got, err := pg.Value[bool](db.Reader.Query(t.Context(), `SELECT services.legal($1, $2)`, before, int16(to)))
			must(t, err)
			if got != from.CanBecome(to) {
				t.Errorf("%d→%d: database %v, state.go %v", from, to, got, !got)
			}
		}
	}
}

// law: public-services.md 18.2 A4, A5 — a forbidden move names its rule; a refusal needs its reason.
func TestRefusalA4A5(t *testing.T) {
	t.Parallel()
	p := open(t)
	out, counter := p.submit(t, "congdan"), p.as(t, "canbo.datmui")
	err := p.Services.Refuse(counter, services.RefuseIn{Dossier: out.ID, Client: client()})
	testkit.WantError(t, err, fault.Fields{"reason": "required", "basis": "required"})
	must(t, p.Services.Refuse(counter, services.RefuseIn{Dossier: out.ID, Client: client(), Reason: "Không thuộc thẩm quyền", Basis: "Luật Hộ tịch"}))
	if d := p.state(t, out.ID); d.State != services.Refused {
		t.Errorf("state %d", d.State)
	}
	err = p.Services.Take(p.as(t, "thuly.datmui"), services.TakeIn{Dossier: out.ID, Client: client()}) // 3→4
	if fault.KindOf(err) != fault.KindConflict || !strings.Contains(err.Error(), "services.transition") {
		t.Errorf("3→4: %v", err)
	}
	eventually(t, "Form 03", func() bool {
		rec, err := p.Services.Dossier(counter, out.ID)
		must(t, err)
		for _, o := range rec.Outgoing {
			if o.Kind == services.OutgoingForm03 && o.State == "issued" && o.FileID != nil {
				return true
			}
		}
		return false
	})
}

// accepted is a dossier on the desk of its case officer.
func (p *province) accepted(t *testing.T) uuid.UUID {
	t.Helper()
	out := p.submit(t, "congdan")
	must(t, p.Services.Accept(p.as(t, "canbo.datmui"), services.AcceptIn{Dossier: out.ID, Client: client()}))
	must(t, p.Services.Take(p.as(t, "thuly.datmui"), services.TakeIn{Dossier: out.ID, Client: client()}))
	return out.ID
}

// law: public-services.md 18.2 A6, A7 — once a stage; all items before the clock runs again.
func TestSupplementA6A7(t *testing.T) {
	t.Parallel()
	p := open(t)
	id, officer, citizen := p.accepted(t), p.as(t, "thuly.datmui"), p.as(t, "congdan")
	promised := *p.state(t, id).DueAt
	if want := time.Date(2026, 11, 27, 1, 6, 0, 0, time.UTC); !promised.Equal(want) { // E6 by the same calendar: 24 November is off
		t.Errorf("promised %s, want %s", promised, want)
	}
	items := []services.Item{{Key: "a", What: "Giấy A", How: "Nộp bản chính"}, {Key: "b", What: "Giấy B", How: "Nộp bản sao"}}
	ask := services.AskIn{Dossier: id, Client: client(), Items: items, Basis: "Luật Hộ tịch"}
	must(t, p.Services.Ask(officer, ask))
	if d := p.state(t, id); d.State != services.Processing || d.Step != services.StepApprove || d.PausedAt != nil {
		t.Errorf("asked by the officer alone: state %d, step %q, paused %v", d.State, d.Step, d.PausedAt)
	}
	if err := p.Services.ApproveAsk(officer, services.ApproveAskIn{Dossier: id, Client: client()}); fault.KindOf(err) != fault.KindNotFound {
		t.Errorf("approved by the officer herself: %v", err)
	}
	must(t, p.Services.ApproveAsk(p.as(t, "chutich.datmui"), services.ApproveAskIn{Dossier: id, Client: client()}))
	p.clock.Advance(2 * time.Hour)
	must(t, p.Services.Supplement(citizen, services.SupplementIn{Dossier: id, Client: client(), Answers: map[string]string{"a": "đây"}}))
	rec, err := p.Services.Dossier(citizen, id)
	must(t, err)
	if req, ok := rec.OpenRequest(); !ok || rec.State != services.AwaitingSupplement || rec.PausedAt == nil || req.Items[1].Answered {
		t.Errorf("one of two answered: state %d, paused %v", rec.State, rec.PausedAt)
	}
	must(t, p.Services.Supplement(citizen, services.SupplementIn{Dossier: id, Client: client(), Answers: map[string]string{"b": "đây"}}))
	d := p.state(t, id)
	if want := promised.Add(2 * time.Hour); d.State != services.Processing || !d.DueAt.Equal(want) {
		t.Errorf("after the supplement: state %d, due %s, want %s", d.State, d.DueAt, want)
	}
	ask.Client = client()
	if err := p.Services.Ask(officer, ask); !errors.Is(err, fault.Conflict("services.asked-already")) {
		t.Errorf("a second request in the stage: %v", err)
	}
	ask.Override = "Khoản 2"
	must(t, p.Services.Ask(officer, ask))
	if d := p.state(t, id); d.State != services.Processing || d.StageRequests != 1 {
		t.Errorf("the override waits for its approver: state %d, %d requests", d.State, d.StageRequests)
	}
	must(t, p.Services.SendBack(p.as(t, "chutich.datmui"), services.SendBackIn{Dossier: id, Client: client(), Reason: "Đã đủ giấy tờ"}))
	ask.Client = client()
	must(t, p.Services.Ask(officer, ask))
	must(t, p.Services.ApproveAsk(p.as(t, "chutich.datmui"), services.ApproveAskIn{Dossier: id, Client: client()}))
	rec, err = p.Services.Dossier(officer, id)
	must(t, err)
	if req, ok := rec.OpenRequest(); !ok || req.ApprovedBy == nil || req.Override != "Khoản 2" || rec.State != services.AwaitingSupplement {
		t.Errorf("approved with its basis: %+v, state %d", req, rec.State)
	}
	if n := len(rec.Slip); rec.Slip[n-1].Act != "services.dossier.approve-ask" || rec.Slip[n-2].Act != "services.dossier.ask" {
		t.Errorf("both are on the slip: %+v", rec.Slip[n-2:])
	}
}

// law: public-services.md 18.2 A8, A9, A10 — withdrawing, extending once and before it is late.
func TestWithdrawAndExtendA8A9A10(t *testing.T) {
	t.Parallel()
	p := open(t)
	leader, citizen := p.as(t, "chutich.datmui"), p.as(t, "congdan")
	id := p.accepted(t)
	must(t, p.Services.Extend(leader, services.ExtendIn{Dossier: id, Client: client(), Days: 2, Reason: "Chờ xác minh"}))
	if d := p.state(t, id); d.FirstDueAt == nil || !d.DueAt.After(*d.FirstDueAt) {
		t.Errorf("both dates are kept: %+v", d)
	}
	if err := p.Services.Extend(leader, services.ExtendIn{Dossier: id, Client: client(), Days: 2, Reason: "Lần nữa"}); !errors.Is(err, fault.Conflict("services.extended-already")) {
		t.Errorf("a second extension: %v", err)
	}
	must(t, p.Services.Withdraw(citizen, services.WithdrawIn{Dossier: id, Client: client()}))
	if d := p.state(t, id); d.State != services.Withdrawn {
		t.Errorf("state %d", d.State)
	}
	late := p.accepted(t)
	p.clock.Advance(10 * 24 * time.Hour)
	if err := p.Services.Extend(p.as(t, "chutich.datmui"), services.ExtendIn{Dossier: late, Client: client(), Days: 2, Reason: "Muộn"}); !errors.Is(err, fault.Conflict("services.late-already")) {
		t.Errorf("extending what is late: %v", err)
	}
}

// law: public-services.md 18.2 A29 — a code alone tells nothing, a wrong code and a wrong fact say the same.
func TestLookupA29(t *testing.T) {
	t.Parallel()
	p := open(t)
	out := p.submit(t, "congdan")
	stranger := actor.With(t.Context(), actor.Actor{})
	_, err := p.Services.Lookup(stranger, services.LookupIn{Code: out.Code})
	testkit.WantError(t, err, fault.Fields{"fact": "required"})
	_, wrongFact := p.Services.Lookup(stranger, services.LookupIn{Code: out.Code, Fact: "0900000000"})
	_, wrongCode := p.Services.Lookup(stranger, services.LookupIn{Code: "H12.94.04-261123-9999", Fact: "0900000000"})
	if wrongFact == nil || wrongCode == nil || wrongFact.Error() != wrongCode.Error() {
		t.Errorf("wrong fact: %v; wrong code: %v", wrongFact, wrongCode)
	}
	var number string
	must(t, p.db.Reader.QueryRow(t.Context(), `SELECT personal_id FROM directory.person n JOIN services.dossier d ON d.applicant = n.id WHERE d.id = $1`, out.ID).Scan(&number))
	st, err := p.Services.Lookup(stranger, services.LookupIn{Code: out.Code, Fact: number})
	if err != nil || st.State != services.Registered {
		t.Errorf("%+v, %v", st, err)
	}
}

// law: public-services.md 18.2 A26 — which paper the length of a vessel asks for.
func TestVesselPapersA26(t *testing.T) {
	t.Parallel()
	defs, err := services.Shipped()
	must(t, err)
	for _, def := range defs {
		if def.Code != "1.003650" {
			continue
		}
		for length, want := range map[string]string{"11.9": "inspection-minutes", "12": "safety-certificate"} {
			var got []string
			for _, paper := range def.PapersFor(forms.Answers{"length_overall": length}) {
				got = append(got, paper.Key)
			}
			if has := strings.Join(got, " "); !strings.Contains(has, want) || strings.Contains(has, "inspection") && strings.Contains(has, "safety") {
				t.Errorf("%s m asks for %s", length, has)
			}
		}
	}
}

// law: public-services.md 18.2 A13 — unpaid, not accepted; receipts are numbered from 0000001.
func TestPrepaidA13(t *testing.T) {
	t.Parallel()
	p := open(t)
	counter, cashier := p.as(t, "canbo.datmui"), p.as(t, "thuquy.datmui")
	for n := 1; n <= 2; n++ {
		a := forms.Answers{"requester_name": "Nguyễn Thị Mai", "requester_id": "096196000123", "requester_birth_date": "1996-03-14", "requester_sex": "female",
			"requester_phone": "0912345678", "requester_in_province": "yes", "requester_unit": "32248", "requester_residence": "Ấp Mũi", "relationship": "self",
			"document_kind": "Bằng tốt nghiệp", "language": "Tiếng Việt", "pages": "10", "copies": "2", "return_way": "counter", "pledge": "yes"}
		out, err := p.Services.Submit(p.as(t, "congdan"), services.SubmitIn{Client: client(), Procedure: "2.000815", Agency: "tt-pvhcc-xa-dat-mui-2025", ReturnWay: "counter", Answers: a})
		must(t, err)
		if d := p.state(t, out.ID); d.Fee == nil || *d.Fee != 24_000 { // A17: 10 pages × 2 copies
			t.Errorf("fee %v", d.Fee)
		}
		if err := p.Services.Accept(counter, services.AcceptIn{Dossier: out.ID, Client: client()}); !errors.Is(err, fault.Conflict("services.unpaid")) {
			t.Errorf("accepted unpaid: %v", err)
		}
		must(t, p.Services.Cash(cashier, services.CashIn{Dossier: out.ID, Client: client(), Method: "cash"}))
		must(t, p.Services.Accept(counter, services.AcceptIn{Dossier: out.ID, Client: client()}))
		bills, err := p.Pay.BillsOf(cashier, p.db.Reader, out.ID)
		must(t, err)
		receipts, err := p.Pay.ReceiptsOf(cashier, bills[0].ID)
		must(t, err)
		if len(receipts) != 1 || !strings.HasSuffix(receipts[0].String(), fmt.Sprintf("%07d", n)) {
			t.Errorf("receipts %v, want number %07d", receipts, n)
		}
		if n == 2 {
			p.receiptIsSigned(t, out.ID, bills[0].ID, receipts[0].ID)
		}
	}
}

// receiptIsSigned follows the receipt of a fee: a PDF with the service seal of the body beside the
// bill, another one once it was void, and the first no longer holds.
// law: public-services.md 14 — e-receipt signed, kept, voided by a record not deletion.
func (p *province) receiptIsSigned(t *testing.T, dossier, bill, receipt uuid.UUID) {
	t.Helper()
	citizen := p.browser(t, "congdan")
	link := regexp.MustCompile(`href="(/files/[0-9a-f-]+)"[^>]*>(?:<svg.*?</svg>)?\s*Tải biên lai`)
	page := func(number string) string {
		var file []string
		eventually(t, "the signed receipt "+number, func() bool {
			citizen.get("/bills/" + bill.String())
			file = link.FindStringSubmatch(citizen.body)
			return file != nil && strings.Contains(citizen.body, number)
		})
		return file[1]
	}
	citizen.get(page("CM-26 0000002"))
	pdf := []byte(citizen.body)
	judge(t, p, pdf, 1)
	for _, want := range []string{"Biên lai thu phí, lệ phí", "CM-26", "0000002", "24.000 đồng", "Hai mươi tư nghìn đồng", "Nguyễn Thị Mai", "Tiền mặt"} {
		if text := strings.Join(strings.Fields(pdfText(t, pdf)), " "); !strings.Contains(strings.ToLower(text), strings.ToLower(want)) {
			t.Errorf("the receipt does not say %q:\n%s", want, text)
		}
	}
	citizen.get("/bills/" + bill.String() + "?lang=en")
	citizen.must("Download the receipt")
	citizen.get("/bills/" + bill.String() + "?lang=vi")
	verify, err := pg.Value[string](p.db.Reader.Query(p.ctx, `SELECT verify FROM services.outgoing WHERE dossier_id = $1 AND kind = 'payment'`, dossier))
	must(t, err)
	if found, err := p.Services.ByCode(p.ctx, verify); err != nil || found.Replaced || found.Number != "CM-26 0000002" {
		t.Errorf("by its code: %+v, %v", found, err)
	}
	cashier := p.as(t, "thuquy.datmui")
	next, err := p.Pay.VoidReceipt(cashier, receipt, "Ghi sai tên", client())
	must(t, err)
	page(next.String())
	if found, err := p.Services.ByCode(p.ctx, verify); err != nil || !found.Replaced {
		t.Errorf("the void one by its code: %+v, %v", found, err)
	}
}

// A citizen below level 2 may look, not file.
func TestLevelOneDoesNotFile(t *testing.T) {
	t.Parallel()
	p := open(t)
	who := actor.From(p.as(t, "congdan"))
	who.Level = 1
	_, err := p.Services.Submit(actor.With(t.Context(), who), services.SubmitIn{Client: client(), Procedure: "1.004873", Agency: "tt-pvhcc-xa-dat-mui-2025", ReturnWay: "online", Answers: marital()})
	if !errors.Is(err, fault.Forbidden("level-2")) {
		t.Errorf("%v", err)
	}
}

// The same filing sent twice, also at the same moment, is filed once.
func TestSubmitTwice(t *testing.T) {
	t.Parallel()
	p := open(t)
	in := services.SubmitIn{Client: client(), Procedure: "1.004873", Agency: "tt-pvhcc-xa-dat-mui-2025", ReturnWay: "online", Answers: marital()}
	ctx := p.as(t, "congdan")
	var wg sync.WaitGroup
	got := make([]services.SubmitOut, 6)
	for i := range got {
		wg.Go(func() {
			out, err := p.Services.Submit(ctx, in)
			if err != nil {
				t.Error(err)
			}
			got[i] = out
		})
	}
	wg.Wait()
	for _, out := range got[1:] {
		if out != got[0] {
			t.Errorf("%v and %v", out, got[0])
		}
	}
	n, err := pg.Value[int64](p.db.Reader.Query(ctx, `SELECT count(*) FROM services.dossier`))
	if err != nil || n != 1 {
		t.Errorf("%d dossiers, %v", n, err)
	}
}
