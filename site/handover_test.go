package site_test

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"datmui/apps/services"
	"datmui/blocks/forms"
	"datmui/kit/actor"
	"datmui/kit/clock"
	"datmui/kit/fault"
	"datmui/kit/testkit"
)

// free is a dossier whose result waits at the counter and costs nothing.
func (p *province) free(t *testing.T) uuid.UUID {
	t.Helper()
	id := p.proposed(t)
	p.finished(t, id)
	if p.state(t, id).FeeState == "unknown" {
		must(t, p.Services.SetFee(p.as(t, "thuquy.datmui"), services.SetFeeIn{Dossier: id, Client: client(), Amount: 0, Basis: "Miễn"}))
	}
	return id
}

func dayOf(at time.Time) string { return at.In(clock.Vietnam).Format(time.DateOnly) }

// proofs are the files that carriers sent, by the form they came with: a second send has the same.
type proofs struct{ sent sync.Map }

func (ps *proofs) of(ctx context.Context, r record, client string) (uuid.UUID, error) {
	if id, ok := ps.sent.Load(client); ok || r.Step != services.StepPost {
		if !ok {
			return uuid.New(), nil // nobody looks at it
		}
		return id.(uuid.UUID), nil
	}
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 60, 80))); err != nil {
		return uuid.Nil, err
	}
	id, err := r.p.Files.Receive(ctx, "phat.png", &b)
	ps.sent.Store(client, id)
	return id, err
}

// land files a change of land with pictures of its papers and brings it to its result.
func (p *province) land(t *testing.T) uuid.UUID {
	t.Helper()
	citizen, counter := p.as(t, "congdan"), p.as(t, "canbo.datmui")
	def, err := p.Services.Current(citizen, "1.012784", p.clock.Now())
	must(t, err)
	form, err := p.Forms.Current(def.Form)
	must(t, err)
	answers := answersFor(t, form, forms.Answers{"authority_document": "no"})
	in := services.SubmitIn{Client: client(), Procedure: def.Code, Agency: "tt-pvhcc-xa-dat-mui-2025", ReturnWay: "online", Answers: answers}
	for _, rule := range def.PapersFor(answers) {
		if !rule.EForm && !rule.Shown {
			in.Papers = append(in.Papers, services.PaperIn{Place: rule.Key, File: p.paper(t, citizen), Copies: 1})
		}
	}
	out, err := p.Services.Submit(citizen, in)
	must(t, err)
	if p.state(t, out.ID).FeeState == "unknown" {
		must(t, p.Services.SetFee(counter, services.SetFeeIn{Dossier: out.ID, Client: client(), Amount: 0, Basis: "Miễn"}))
	}
	must(t, p.Services.Accept(counter, services.AcceptIn{Dossier: out.ID, Client: client()}))
	h := p.house(t, p.state(t, out.ID).CompetentAgency, p.strangers(t, 0, 3)...)
	must(t, p.Services.Take(h.officer, services.TakeIn{Dossier: out.ID, Client: client()}))
	rec, err := p.Services.Dossier(h.officer, out.ID)
	must(t, err)
	values := map[string]string{}
	for _, line := range p.Services.ResultLines(h.officer, rec) {
		if line.Required && line.Value == "" {
			values[line.Key] = "Theo hồ sơ"
		}
	}
	must(t, p.Services.Propose(h.officer, services.ProposeIn{Dossier: out.ID, Client: client(), Outcome: "granted", Signer: actor.From(h.leader).ID, Values: values}))
	must(t, p.Services.Sign(h.leader, services.SignIn{Dossier: out.ID, Client: client(), PIN: pin}))
	must(t, p.Services.Number(h.clerk, services.NumberIn{Dossier: out.ID, Client: client()}))
	return out.ID
}

// law: public-services.md 4 — land: when pictures were filed, nothing is handed over, sent or collected
// before the original was seen; one that differs keeps the result here, with the reason told.
func TestOriginalsBeforeTheResult(t *testing.T) {
	t.Parallel()
	p := open(t)
	id := p.land(t)
	at := "/desk/dossiers/" + id.String()
	counter, citizen := p.as(t, "canbo.datmui"), p.browser(t, "congdan")
	must(t, conflict(p.Services.Return(counter, services.ReturnIn{Dossier: id, Client: client(), Receiver: "Mai", Identity: "căn cước"}), "services.originals-owed"))
	must(t, conflict(p.Services.Collect(p.as(t, "congdan"), services.CollectIn{Dossier: id, Client: client()}), "services.originals-owed"))
	must(t, conflict(p.Services.Send(counter, services.PostIn{Dossier: id, Client: client(), Carrier: "Bưu điện", Number: "EB123456789VN", Receiver: "Mai", Address: "Ấp Mũi"}), "services.originals-owed"))
	citizen.get("/dossiers/" + id.String())
	citizen.must("Mang bản chính khi nhận kết quả")
	if strings.Contains(citizen.body, "Xác nhận đã nhận kết quả") {
		t.Error("it can be collected without the original")
	}

	rec, err := p.Services.Dossier(counter, id)
	must(t, err)
	out, _ := rec.Result()
	_, err = p.Files.Open(p.as(t, "congdan"), *out.FileID)
	testkit.WantError(t, err, fault.NotFound("file"))
	if strings.Contains(citizen.body, out.FileID.String()) {
		t.Error("the result is shown without the original")
	}

	desk := p.browser(t, "canbo.datmui")
	desk.get(at)
	desk.must("Đối chiếu bản chính")
	page := testkit.HTML(t, strings.NewReader(desk.body))
	page.Must(`#act-originals input[name="seen.title"]`)
	if strings.Contains(desk.body, `id="act-return"`) {
		t.Error("the return is offered before the original was seen")
	}
	if status := desk.try(at+"/originals", "client", "look-0001", "seen.title", ""); status != http.StatusUnprocessableEntity {
		t.Errorf("nothing was looked at, yet %d", status)
	}
	if status := desk.try(at+"/originals", "client", "look-0001", "seen.title", "differs", "reason.title", " "); status != http.StatusUnprocessableEntity {
		t.Errorf("it differs in nothing, yet %d", status)
	}
	desk.must("Ghi rõ bản chính khác bản đã nộp ở chỗ nào")
	for range 2 {
		desk.post(at+"/originals", "client", "look-0002", "seen.title", "differs", "reason.title", "Số tờ bản đồ bị sửa")
	}
	rec, err = p.Services.Dossier(counter, id)
	must(t, err)
	if len(rec.Originals) != 1 || rec.Originals[0].Agrees || len(rec.OriginalsOwed()) != 2 || rec.State != services.Finished {
		t.Errorf("state %d, originals %+v, owed %d", rec.State, rec.Originals, len(rec.OriginalsOwed()))
	}
	citizen.get("/dossiers/" + id.String())
	citizen.must("Số tờ bản đồ bị sửa")
	citizen.get("/notices")
	citizen.must("bản chính khác bản đã nộp")
	other := services.OriginalsIn{Dossier: id, Client: client(), Seen: []services.OriginalSeen{{Place: "khac", Agrees: true}}}
	must(t, conflict(p.Services.CheckOriginals(counter, other), "services.original-not-owed"))
	other.Client, other.Seen[0].Place = client(), "title"
	if err := p.Services.CheckOriginals(p.as(t, "so.nongnghiep"), other); fault.KindOf(err) != fault.KindNotFound {
		t.Errorf("a stranger looks at the original: %v", err)
	}
	desk.post(at+"/originals", "client", "look-0003", "seen.title", "agrees", "seen.drawing", "agrees")
	desk.get(at)
	testkit.HTML(t, strings.NewReader(desk.body)).Must(`#act-return`)
	citizen.get("/dossiers/" + id.String())
	citizen.must(out.FileID.String())
	citizen.post("/dossiers/"+id.String()+"/collect", "client", "collect-0001")
	if d := p.state(t, id); d.State != services.Returned {
		t.Errorf("state %d", d.State)
	}
}

// conflict is nil when err is that conflict.
func conflict(err error, rule string) error {
	if fault.KindOf(err) == fault.KindConflict && strings.Contains(err.Error(), rule) {
		return nil
	}
	return &unexpected{err, rule}
}

type unexpected struct {
	got  error
	want string
}

func (u *unexpected) Error() string { return "want " + u.want + ", got " + errorText(u.got) }

func errorText(err error) string {
	if err == nil {
		return "no error"
	}
	return err.Error()
}

// A result by post: the citizen follows it, the counter's desk waits for the proof, what comes back
// lies there again, and only a proof of delivery ends the dossier. It is never silent meanwhile.
func TestResultByPost(t *testing.T) {
	t.Parallel()
	p := open(t)
	id := p.free(t)
	at := "/desk/dossiers/" + id.String()
	desk, citizen, counter := p.browser(t, "canbo.datmui"), p.browser(t, "congdan"), p.as(t, "canbo.datmui")
	post := []string{"client", "post-0001", "carrier", "Bưu điện", "number", "eb 123 456 789 vn", "receiver", "Nguyễn Thị Mai", "address", "Ấp Mũi, xã Đất Mũi"}
	if status := desk.try(at+"/post", "client", "post-0000", "carrier", "Bưu điện", "number", "không", "receiver", "Mai", "address", "Ấp Mũi"); status != http.StatusUnprocessableEntity {
		t.Errorf("no number, yet %d", status)
	}
	desk.must("Số bưu gửi gồm 5 đến 30")
	for range 2 {
		desk.post(at+"/post", post...)
	}
	rec, err := p.Services.Dossier(counter, id)
	must(t, err)
	if parcel, ok := rec.Posted(); !ok || len(rec.Parcels) != 1 || parcel.Number != "EB123456789VN" || rec.State != services.Finished || rec.Step != services.StepPost {
		t.Fatalf("state %d, step %q, parcels %+v", rec.State, rec.Step, rec.Parcels)
	}
	desk.get("/desk?why=services.why.post")
	desk.must(rec.Code)
	citizen.get("/dossiers/" + id.String())
	for _, text := range []string{"EB123456789VN", "Bưu điện", "Đang gửi"} {
		citizen.must(text)
	}
	for rule, r := range p.look(t) {
		if r.Found != 0 {
			t.Errorf("in the post, %s: %d", rule, r.Found)
		}
	}
	must(t, conflict(p.Services.Return(counter, services.ReturnIn{Dossier: id, Client: client(), Receiver: "Mai", Identity: "căn cước"}), "services.in-the-post"))
	must(t, conflict(p.Services.Collect(p.as(t, "congdan"), services.CollectIn{Dossier: id, Client: client()}), "services.in-the-post"))
	must(t, conflict(p.Services.Reopen(p.as(t, "chutich.datmui"), services.StopIn{Dossier: id, Client: client(), Reason: "sai", Basis: "x"}), "services.in-the-post"))

	testkit.WantError(t, p.Services.CameBack(counter, services.CameBackIn{Dossier: id, Client: client(), Reason: "vắng", On: dayOf(p.clock.Now().AddDate(0, 0, 1))}), fault.Fields{"on": "between"})
	desk.post(at+"/came-back", "client", "back-0001", "reason", "Người nhận đi vắng", "on", dayOf(p.clock.Now()))
	citizen.get("/dossiers/" + id.String())
	citizen.must("Người nhận đi vắng")
	if d := p.state(t, id); d.Step != services.StepReturn {
		t.Errorf("came back to step %q", d.Step)
	}
	p.clock.Advance(time.Minute)
	again := append([]string{"client", "post-0002"}, post[2:]...)
	desk.post(at+"/post", again...)

	today := dayOf(p.clock.Now())
	if status := desk.sent(at+"/delivered", []string{"client", "proof-0001", "receiver", "Nguyễn Thị Mai", "on", today}, nil); status != http.StatusUnprocessableEntity {
		t.Errorf("delivered without a proof: %d", status)
	}
	if status := desk.sent(at+"/delivered", []string{"client", "proof-0002", "receiver", " ", "on", today}, map[string]string{"file": "Phiếu phát.png"}); status != http.StatusUnprocessableEntity {
		t.Errorf("delivered to nobody: %d", status)
	}
	held := testkit.HTML(t, strings.NewReader(desk.body)).Must(`#act-delivered input[name="file.id"]`).Attr("value")
	for range 2 {
		desk.send(at+"/delivered", []string{"client", "proof-0002", "receiver", "Nguyễn Văn Út, con", "on", today, "file.id", held}, nil)
	}
	rec, err = p.Services.Dossier(counter, id)
	must(t, err)
	last := rec.Parcels[len(rec.Parcels)-1]
	if rec.State != services.Returned || len(rec.Parcels) != 2 || last.TakenBy != "Nguyễn Văn Út, con" || last.Proof == nil || !strings.Contains(rec.Slip[len(rec.Slip)-1].Note, "EB123456789VN") {
		t.Errorf("state %d, parcels %+v, note %q", rec.State, rec.Parcels, rec.Slip[len(rec.Slip)-1].Note)
	}
	citizen.get("/dossiers/" + id.String())
	citizen.must("Nguyễn Văn Út, con")
	proof, err := p.Files.Open(p.as(t, "congdan"), *last.Proof)
	must(t, err)
	must(t, proof.Close())
	for rule, r := range p.look(t) {
		if r.Found != 0 {
			t.Errorf("delivered, %s: %d", rule, r.Found)
		}
	}
}
