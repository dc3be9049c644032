package site_test

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"datmui/apps/services"
	"datmui/blocks/worklist"
	"datmui/kit/fault"
	"datmui/kit/pg"
	"datmui/kit/testkit"
)

// opinionsOf are what other bodies were asked about a dossier, as its officer sees them.
func (p *province) opinionsOf(t *testing.T, id uuid.UUID) []services.Opinion {
	t.Helper()
	rec, err := p.Services.Dossier(p.as(t, "thuly.datmui"), id)
	must(t, err)
	return rec.Opinions
}

// slipOf is the control slip of a dossier as its act names, with whose desk each line leads to.
func (p *province) slipOf(t *testing.T, id uuid.UUID) []string {
	t.Helper()
	rec, err := p.Services.Dossier(p.as(t, "thuly.datmui"), id)
	must(t, err)
	var out []string
	for _, mv := range rec.Slip {
		out = append(out, fmt.Sprint(mv.Act[strings.LastIndexByte(mv.Act, '.')+1:], " ", mv.ToAgency, " ", mv.Timing))
	}
	return out
}

// law: public-services.md 6.2 — 4→4: opinion request, slip line. Several bodies are asked, each sees
// what was chosen for it and nothing else, and the dossier's own clock runs on.
func TestOtherBodiesAreAsked(t *testing.T) {
	t.Parallel()
	p := open(t)
	p.cast(t)
	id, officer := p.accepted(t), p.as(t, "thuly.datmui")
	scan := func() uuid.UUID {
		t.Helper()
		file, err := p.Files.Receive(officer, "ban-ve.png", bytes.NewReader(picture(t)))
		must(t, err)
		def := p.whole(t, id).Def
		must(t, p.Services.Scan(officer, services.ScanIn{Dossier: id, Client: client(), Legible: true, Papers: []services.PaperIn{{Place: def.Papers[0].Key, File: file}}}))
		return file
	}
	shown, hidden := scan(), scan()
	promised := *p.state(t, id).DueAt

	in := services.ConsultIn{Dossier: id, Client: client(), Bodies: []string{"so-xay-dung", "so-y-te"}, Question: "Có quy hoạch nào qua thửa đất này?", Papers: []uuid.UUID{shown}, Number: 2, Unit: "wd"}
	for name, tt := range map[string]struct {
		spoil func(*services.ConsultIn)
		want  error
	}{
		"nobody":           {func(in *services.ConsultIn) { in.Bodies = nil }, fault.Fields{"body": "required"}},
		"itself":           {func(in *services.ConsultIn) { in.Bodies = []string{"ubnd-xa-dat-mui-2025"} }, fault.Fields{"body": "unknown"}},
		"no such body":     {func(in *services.ConsultIn) { in.Bodies = []string{"so-mo"} }, fault.Fields{"body": "unknown"}},
		"nothing asked":    {func(in *services.ConsultIn) { in.Question = " " }, fault.Fields{"question": "required"}},
		"no time":          {func(in *services.ConsultIn) { in.Number = 0 }, fault.Fields{"number": "out-of-range"}},
		"another's paper":  {func(in *services.ConsultIn) { in.Papers = []uuid.UUID{uuid.New()} }, fault.Fields{"paper": "invalid"}},
		"no unit of time":  {func(in *services.ConsultIn) { in.Unit = "cd" }, fault.Fields{"unit": "required"}},
		"nobody's dossier": {func(in *services.ConsultIn) { in.Dossier = uuid.New() }, fault.NotFound("services.dossier")},
	} {
		bad := in
		bad.Client = client()
		tt.spoil(&bad)
		t.Run(name, func(t *testing.T) { testkit.WantError(t, p.Services.Consult(officer, bad), tt.want) })
	}
	for range 2 { // sent twice, asked once
		must(t, p.Services.Consult(officer, in))
	}
	again := in
	again.Client = client()
	testkit.WantError(t, p.Services.Consult(officer, again), fault.Fields{"body": "asked-already"})
	list := p.opinionsOf(t, id)
	if len(list) != 2 || !list[0].DueAt.Equal(time.Date(2026, 11, 26, 1, 6, 0, 0, time.UTC)) { // two working days: 24 November is off
		t.Fatalf("asked: %+v", list)
	}
	if d := p.state(t, id); !d.DueAt.Equal(promised) || d.PausedAt != nil || d.Step != services.StepHandle {
		t.Errorf("the dossier's own clock: due %v, paused %v, step %s", d.DueAt, d.PausedAt, d.Step)
	}
	mine := list[slices.IndexFunc(list, func(o services.Opinion) bool { return o.Agency == "so-xay-dung" })]
	items, err := worklist.OpenOf(p.ctx, p.db.Reader, "services.opinion", mine.ID)
	if err != nil || len(items) != 1 || items[0].Agency != "so-xay-dung" || items[0].Right != services.RightHandle || !items[0].Due.Equal(mine.DueAt) {
		t.Errorf("on the desk: %+v, %v", items, err)
	}

	far := p.browser(t, "so.xaydung")
	far.get("/desk")
	far.must("Chờ cho ý kiến")
	far.get("/desk/opinions/" + mine.ID.String())
	far.must("Có quy hoạch nào qua thửa đất này?")
	far.must("ban-ve.png")
	for path, want := range map[string]int{"/desk/dossiers/" + id.String(): http.StatusNotFound, "/files/" + shown.String(): http.StatusOK, "/files/" + hidden.String(): http.StatusNotFound,
		"/desk/opinions/" + list[1-slices.IndexFunc(list, func(o services.Opinion) bool { return o.ID == mine.ID })].ID.String(): http.StatusNotFound} {
		if got := far.get(path); got != want {
			t.Errorf("the body asked opens %s: %d, want %d", path, got, want)
		}
	}
	if d := p.state(t, id); strings.Contains(far.body, d.ApplicantPhone) {
		t.Error("the body asked reads the applicant's number")
	}
	if got := far.try("/desk/opinions/"+mine.ID.String(), "client", client(), "verdict", "conditions", "text", ""); got != http.StatusUnprocessableEntity {
		t.Errorf("conditions without words: %d", got)
	}
	far.must("Ghi rõ điều kiện")
	propose := services.ProposeIn{Dossier: id, Client: client(), Outcome: "refused", Reason: "Sai", Basis: "Luật", Values: map[string]string{}}
	testkit.WantError(t, p.Services.Propose(officer, propose), fault.Conflict("services.opinions-open", "count", 2))

	proof, err := p.Files.Receive(p.as(t, "so.xaydung"), "cong-van.png", bytes.NewReader(picture(t)))
	must(t, err)
	answer := services.AnswerOpinionIn{Opinion: mine.ID, Client: client(), Verdict: services.OpinionConditions, Text: "Lùi 3 m", Files: []uuid.UUID{proof}}
	testkit.WantError(t, p.Services.AnswerOpinion(officer, answer), fault.NotFound("services.opinion"))
	for range 2 {
		must(t, p.Services.AnswerOpinion(p.as(t, "so.xaydung"), answer))
	}
	late := answer
	late.Client, late.Files = client(), nil
	testkit.WantError(t, p.Services.AnswerOpinion(p.as(t, "so.xaydung"), late), fault.Conflict("services.opinion-closed"))
	asker := p.browser(t, "thuly.datmui")
	asker.get("/desk/dossiers/" + id.String())
	for _, text := range []string{"Đồng ý có điều kiện", "Lùi 3 m", "Đang chờ ý kiến"} {
		asker.must(text)
	}
	if got := asker.get("/files/" + proof.String()); got != http.StatusOK {
		t.Errorf("the asker opens what came with the answer: %d", got)
	}
	asker.get("/notices")
	asker.must("đã trả lời")
	if got := p.browser(t, "congdan").get("/files/" + proof.String()); got != http.StatusNotFound {
		t.Errorf("the citizen opens a paper between offices: %d", got)
	}

	// The other body is late: both sides are reminded, once in two days, and nothing counts as consent.
	p.clock.Set(time.Date(2026, 11, 26, 2, 0, 0, 0, time.UTC))
	for range 2 {
		must(t, p.Services.Chase(p.ctx))
	}
	reminders, err := pg.Value[int](p.db.Reader.Query(t.Context(), `SELECT count(*)::int FROM audit.entry WHERE name = 'services.opinion.remind'`))
	if err != nil || reminders != 1 {
		t.Errorf("%d reminders, %v", reminders, err)
	}
	asker = p.browser(t, "thuly.datmui") // the session of days ago is over
	asker.get("/desk/dossiers/" + id.String())
	asker.must("Quá hạn, chưa có ý kiến")
	other := p.opinionsOf(t, id)[slices.IndexFunc(p.opinionsOf(t, id), func(o services.Opinion) bool { return o.Agency == "so-y-te" })]
	asker.post("/desk/dossiers/"+id.String()+"/drop-opinion", "client", client(), "opinion", other.ID.String(), "reason", "Không liên quan")
	if items, err := worklist.OpenOf(p.ctx, p.db.Reader, "services.opinion", other.ID); err != nil || len(items) != 0 {
		t.Errorf("still on a desk: %+v, %v", items, err)
	}
	must(t, p.Services.Propose(officer, propose))
	want := []string{"submit", "accept", "take", "consult so-xay-dung ", "consult so-y-te ", "answer ubnd-xa-dat-mui-2025 early", "drop ubnd-xa-dat-mui-2025 ", "propose"}
	got := p.slipOf(t, id)
	for i, line := range want {
		if i >= len(got) || !strings.HasPrefix(got[i], line) {
			t.Fatalf("the slip is %q, want %q", got, want)
		}
	}
}

// law: public-services.md 12 — consulted bodies have 12 days, silence = agreed.
func TestSilenceIsConsentWhereTheLawSaysSo(t *testing.T) {
	t.Parallel()
	p := open(t)
	if _, err := p.db.Owner.Exec(t.Context(), `UPDATE services.version SET definition = definition || '{"opinions": {"limit": "12cd", "basis": "Luật Xây dựng"}}' WHERE procedure = '1.004873'`); err != nil {
		t.Fatal(err)
	}
	id, ended, officer := p.accepted(t), p.accepted(t), p.as(t, "thuly.datmui")
	for _, dossier := range []uuid.UUID{id, ended} { // no term is asked for: it is the law's
		must(t, p.Services.Consult(officer, services.ConsultIn{Dossier: dossier, Client: client(), Bodies: []string{"so-xay-dung"}, Question: "Gì?", Number: 1, Unit: "wh"}))
	}
	o := p.opinionsOf(t, id)[0]
	if want := time.Date(2026, 12, 7, 1, 6, 0, 0, time.UTC); o.Term != "12cd" || o.Silence != "agreed" || !o.DueAt.Equal(want) { // the twelfth day is a Saturday
		t.Fatalf("asked: %+v, want until %s", o, want)
	}
	must(t, p.Services.Withdraw(p.as(t, "congdan"), services.WithdrawIn{Dossier: ended, Client: client()}))
	p.clock.Set(o.DueAt)
	must(t, p.Services.Chase(p.ctx))
	if got := p.opinionsOf(t, id)[0]; !got.Open() {
		t.Errorf("closed before its time was over: %s", got.State)
	}
	p.clock.Advance(time.Minute)
	for range 2 {
		must(t, p.Services.Chase(p.ctx))
	}
	if got := p.opinionsOf(t, id)[0]; got.State != services.OpinionSilent || got.AnsweredBy != nil {
		t.Errorf("after 12 days: %+v", got)
	}
	if got := p.opinionsOf(t, ended)[0]; got.State != services.OpinionDropped {
		t.Errorf("of a dossier that was withdrawn: %s", got.State)
	}
	slip := p.slipOf(t, id)
	if last := slip[len(slip)-1]; !strings.HasPrefix(last, "silent ") {
		t.Errorf("the slip ends with %q", last)
	}
	answer := services.AnswerOpinionIn{Opinion: o.ID, Client: client(), Verdict: services.OpinionDisagree, Text: "Không"}
	testkit.WantError(t, p.Services.AnswerOpinion(p.as(t, "so.xaydung"), answer), fault.Conflict("services.opinion-closed"))
	must(t, p.Services.Propose(officer, services.ProposeIn{Dossier: id, Client: client(), Outcome: "refused", Reason: "Sai", Basis: "Luật", Values: map[string]string{}}))

	defs, err := services.Shipped()
	must(t, err)
	permit := defs[slices.IndexFunc(defs, func(d services.Definition) bool { return d.Code == "1.013225" })]
	if permit.Opinions == nil || permit.Opinions.Limit != "12cd" {
		t.Errorf("the construction permit: %+v", permit.Opinions)
	}
}
