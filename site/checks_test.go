package site_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"datmui/apps/services"
	"datmui/blocks/directory"
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

// law: public-services.md 18.2 A1, A2, A3 — two officers accept in the same second, another unit
// meanwhile; a dossier accepted at 06:30 is of that day, its clock begins to run at 07:00.
func TestCounterAcceptsA1A2A3(t *testing.T) {
	t.Parallel()
	p := open(t)
	citizen, far := actor.From(p.as(t, "congdan")), "tt-pvhcc-xa-phan-ngoc-hien-2025"
	for account, agency := range map[string]string{"kinhte.datmui": "tt-pvhcc-xa-dat-mui-2025", "so.xaydung": far} {
		_, err := p.Directory.Appoint(p.ctx, directory.AppointIn{Person: actor.From(p.as(t, account)).ID, Agency: agency, Position: directory.ReceivingOfficer, From: "2026-11-01", Basis: "thử"})
		must(t, err)
	}
	p.clock.Set(time.Date(2026, 11, 22, 23, 30, 0, 0, time.UTC)) // 06:30 on Monday the 23rd in Vietnam
	at := map[string]string{"canbo.datmui": "tt-pvhcc-xa-dat-mui-2025", "kinhte.datmui": "tt-pvhcc-xa-dat-mui-2025", "so.xaydung": far}
	got := map[string]services.SubmitOut{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for account, agency := range at {
		ctx := p.as(t, account)
		wg.Go(func() {
			out, err := p.Services.Intake(ctx, services.SubmitIn{Client: client(), Procedure: "1.004873", Agency: agency, Applicant: citizen.ID, ReturnWay: "counter", Answers: marital()})
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			got[account] = out
		})
	}
	wg.Wait()
	two := []string{got["canbo.datmui"].Code, got["kinhte.datmui"].Code}
	slices.Sort(two)
	if !slices.Equal(two, []string{"H12.94.04-261123-0001", "H12.94.04-261123-0002"}) || got["so.xaydung"].Code != "H12.93.04-261123-0001" {
		t.Errorf("codes %v, elsewhere %s", two, got["so.xaydung"].Code)
	}
	d := p.state(t, got["canbo.datmui"].ID)
	if want := time.Date(2026, 11, 27, 0, 0, 0, 0, time.UTC); d.State != services.Accepted || !d.DueAt.Equal(want) { // three working days from 07:00; the 24th is off
		t.Errorf("state %d, promised for %s, want %s", d.State, d.DueAt, want)
	}
	p.clock.Set(time.Date(2026, 11, 24, 17, 0, 0, 0, time.UTC)) // midnight
	out, err := p.Services.Intake(p.as(t, "canbo.datmui"), services.SubmitIn{Client: client(), Procedure: "1.004873", Agency: "tt-pvhcc-xa-dat-mui-2025", Applicant: citizen.ID, ReturnWay: "counter", Answers: marital()})
	if err != nil || out.Code != "H12.94.04-261125-0001" {
		t.Errorf("the next day: %s, %v", out.Code, err)
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

// What waits for a supplement or for money goes back where it came from, whoever writes to the database.
// law: public-services.md 6.2 — 5→1 and 5→2 asked before acceptance, 5→4 asked in processing; 6→1, 6→4,
// 6→9 back where it came from; 6→7 no signed result, 6→8 never after it.
func TestDatabaseSendsBackWhereItCameFrom(t *testing.T) {
	t.Parallel()
	db := testkit.DB(t)
	lawful := map[[3]int]bool{
		{1, 5, 1}: true, {1, 5, 2}: true, {1, 5, 7}: true, {1, 5, 8}: true,
		{4, 5, 4}: true, {4, 5, 7}: true, {4, 5, 8}: true,
		{1, 6, 1}: true, {1, 6, 7}: true, {1, 6, 8}: true,
		{4, 6, 4}: true, {4, 6, 7}: true, {4, 6, 8}: true,
		{9, 6, 9}: true,
	}
	ways := map[int][]int{1: {1}, 4: {1, 2, 4}, 9: {1, 2, 4, 9}}
	for origin, way := range ways {
		for _, wait := range []int{5, 6} {
			if !services.State(origin).CanBecome(services.State(wait)) {
				continue
			}
			for to := 1; to <= 10; to++ {
				tx, err := db.App.Begin(t.Context())
				must(t, err)
				id := uuid.Must(uuid.NewV7())
				for i, state := range append(slices.Clone(way), wait, to) {
					var prev, from any
					if i > 0 {
						prev, from = i, append(slices.Clone(way), wait, to)[i-1]
					}
					_, err = tx.Exec(t.Context(), `INSERT INTO services.move (dossier_id, n, prev, from_state, to_state, act, at) VALUES ($1, $2, $3, $4, $5, 'test', now())`, id, i+1, prev, from, state)
					if err != nil && i <= len(way) {
						t.Fatalf("the way to %d: %v", wait, err)
					}
				}
				_ = tx.Rollback(t.Context())
				if want := lawful[[3]int{origin, wait, to}]; want != (err == nil) {
					t.Errorf("%d→%d→%d: %v, by the law it is %v", origin, wait, to, err, want)
				}
			}
		}
	}
}

// law: public-services.md 18.2 A5 — a refusal needs its reason; with it Form 03, signed, and the citizen is told.
func TestRefusalA5(t *testing.T) {
	t.Parallel()
	p := open(t)
	out, counter := p.submit(t, "congdan"), p.as(t, "canbo.datmui")
	err := p.Services.Refuse(counter, services.RefuseIn{Dossier: out.ID, Client: client()})
	testkit.WantError(t, err, fault.Fields{"reason": "required", "basis": "required"})
	must(t, p.Services.Refuse(counter, services.RefuseIn{Dossier: out.ID, Client: client(), Reason: "Không thuộc thẩm quyền", Basis: "Luật Hộ tịch"}))
	if d := p.state(t, out.ID); d.State != services.Refused {
		t.Errorf("state %d", d.State)
	}
	text := p.form(t, out.ID, services.OutgoingForm03)
	for _, want := range []string{out.Code, "Không thuộc thẩm quyền", "Luật Hộ tịch"} {
		if !strings.Contains(text, want) {
			t.Errorf("Form 03 does not say %q:\n%s", want, text)
		}
	}
	citizen := p.browser(t, "congdan")
	citizen.get("/notices")
	citizen.must(out.Code)
	citizen.must("Không thuộc thẩm quyền")
}

// written is all that an act could have written about a dossier.
func (p *province) written(t *testing.T, id uuid.UUID) string {
	t.Helper()
	s, err := pg.Value[string](p.db.Owner.Query(t.Context(), `SELECT concat_ws(' ',
		(SELECT to_jsonb(d) - 'search' FROM services.dossier d WHERE id = $1), (SELECT count(*) FROM services.move WHERE dossier_id = $1),
		(SELECT count(*) FROM services.outgoing WHERE dossier_id = $1), (SELECT count(*) FROM services.request WHERE dossier_id = $1),
		(SELECT jsonb_agg(to_jsonb(i)) FROM worklist.item i WHERE subject = $1), (SELECT count(*) FROM records.paper),
		(SELECT count(*) FROM audit.entry WHERE name LIKE 'services.%' AND name <> 'services.dossier.open' AND name <> 'services.outgoing.issue'))`, id))
	must(t, err)
	return s
}

// law: public-services.md 18.2 A4 — 3→4, 10→4, 1→9, 2→10: each rejected with a named rule, nothing written,
// by the acts and by the database.
func TestForbiddenMovesA4(t *testing.T) {
	t.Parallel()
	p := open(t)
	must(t, p.Jobs.Stop(t.Context())) // what is written is written by the acts alone
	refused, returned, filed, accepted := p.submit(t, "congdan").ID, p.accepted(t), p.submit(t, "congdan").ID, p.submit(t, "congdan").ID
	must(t, p.Services.Refuse(p.as(t, "canbo.datmui"), services.RefuseIn{Dossier: refused, Client: client(), Reason: "Không thuộc thẩm quyền", Basis: "Luật Hộ tịch"}))
	must(t, p.Services.Propose(p.as(t, "thuly.datmui"), services.ProposeIn{Dossier: returned, Client: client(), Outcome: "refused", Reason: "Chưa đủ", Basis: "Luật Hộ tịch"}))
	must(t, p.Services.Sign(p.as(t, "chutich.datmui"), services.SignIn{Dossier: returned, Client: client(), PIN: pin}))
	must(t, p.Services.Number(p.as(t, "vanthu.datmui"), services.NumberIn{Dossier: returned, Client: client()}))
	for _, id := range []uuid.UUID{returned, accepted} { // a fee that nobody has entered would be another obstacle
		must(t, p.Services.SetFee(p.as(t, "canbo.datmui"), services.SetFeeIn{Dossier: id, Client: client(), Basis: "Miễn"}))
	}
	must(t, p.Services.Collect(p.as(t, "congdan"), services.CollectIn{Dossier: returned, Client: client()}))
	must(t, p.Services.Accept(p.as(t, "canbo.datmui"), services.AcceptIn{Dossier: accepted, Client: client()}))
	for _, tt := range []struct {
		from, to int
		id       uuid.UUID
		rule     string
		move     func() error
	}{
		{3, 4, refused, "services.transition", func() error {
			return p.Services.Take(p.as(t, "thuly.datmui"), services.TakeIn{Dossier: refused, Client: client()})
		}},
		{10, 4, returned, "services.transition", func() error {
			return p.Services.Reopen(p.as(t, "chutich.datmui"), services.StopIn{Dossier: returned, Client: client(), Reason: "Sai sót", Basis: "x"})
		}},
		{1, 9, filed, "services.on-other-desk", func() error {
			return p.Services.Number(p.as(t, "vanthu.datmui"), services.NumberIn{Dossier: filed, Client: client()})
		}},
		{2, 10, accepted, "services.transition", func() error {
			return p.Services.Return(p.as(t, "canbo.datmui"), services.ReturnIn{Dossier: accepted, Client: client(), Receiver: "Mai", Identity: "căn cước"})
		}},
	} {
		before := p.written(t, tt.id)
		if d := p.state(t, tt.id); int(d.State) != tt.from {
			t.Fatalf("state %d, want %d", d.State, tt.from)
		}
		if err := tt.move(); fault.KindOf(err) != fault.KindConflict || !strings.Contains(err.Error(), tt.rule) {
			t.Errorf("%d→%d: %v, want %s", tt.from, tt.to, err, tt.rule)
		}
		if after := p.written(t, tt.id); after != before {
			t.Errorf("%d→%d wrote something:\n%s\n%s", tt.from, tt.to, before, after)
		}
		// Whoever writes past the program: the line of the slip is refused, and so is a state without one.
		_, err := p.db.App.Exec(t.Context(), `INSERT INTO services.move (dossier_id, n, prev, from_state, to_state, act, at)
			SELECT id, moves + 1, moves, $2, $3, 'test', now() FROM services.dossier WHERE id = $1`, tt.id, tt.from, tt.to)
		if err == nil {
			t.Errorf("the database takes the line %d→%d", tt.from, tt.to)
		}
		if _, err := p.db.App.Exec(t.Context(), `UPDATE services.dossier SET state = $2, moves = moves + 1, outcome = 'granted', number = '1', finished_at = now(), returned_at = now() WHERE id = $1`, tt.id, tt.to); err == nil {
			t.Errorf("the database takes state %d without a line", tt.to)
		}
		if after := p.written(t, tt.id); after != before {
			t.Errorf("%d→%d changed the database", tt.from, tt.to)
		}
	}
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
	d := p.state(t, id)
	if d.FirstDueAt == nil || !d.DueAt.After(*d.FirstDueAt) {
		t.Errorf("both dates are kept: %+v", d)
	}
	text := p.form(t, id, services.OutgoingForm04)
	for _, want := range []string{"Chờ xác minh", "ngày 27 tháng 11 năm 2026", "ngày 01 tháng 12 năm 2026"} { // promised for Friday, put off two working days
		if !strings.Contains(text, want) {
			t.Errorf("Form 04 does not say %q:\n%s", want, text)
		}
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
	due := p.state(t, late).DueAt
	if err := p.Services.Extend(p.as(t, "chutich.datmui"), services.ExtendIn{Dossier: late, Client: client(), Days: 2, Reason: "Muộn"}); !errors.Is(err, fault.Conflict("services.late-already")) {
		t.Errorf("extending what is late: %v", err)
	}
	must(t, p.Services.Propose(p.as(t, "thuly.datmui"), services.ProposeIn{Dossier: late, Client: client(), Outcome: "refused", Reason: "Chưa đủ", Basis: "Luật Hộ tịch"}))
	must(t, p.Services.Sign(p.as(t, "chutich.datmui"), services.SignIn{Dossier: late, Client: client(), PIN: pin}))
	must(t, p.Services.Number(p.as(t, "vanthu.datmui"), services.NumberIn{Dossier: late, Client: client()}))
	rec, err := p.Services.Dossier(p.as(t, "thuly.datmui"), late)
	must(t, err)
	if last := rec.Slip[len(rec.Slip)-1]; !rec.DueAt.Equal(*due) || rec.FirstDueAt != nil || last.Timing != "late" || !rec.Late(p.clock.Now()) {
		t.Errorf("it still counts late: due %s, before %s, slip %+v", rec.DueAt, due, last)
	}
	// A8: what is signed cannot be withdrawn any more.
	if err := p.Services.Withdraw(p.as(t, "congdan"), services.WithdrawIn{Dossier: late, Client: client()}); !errors.Is(err, fault.Conflict("services.signed-already")) {
		t.Errorf("withdrawn in state 9: %v", err)
	}
	if d := p.state(t, late); d.State != services.Finished {
		t.Errorf("state %d", d.State)
	}
}

// law: public-services.md 18.2 A11 — a limit edited from 7 to 5 working days: the open dossier keeps
// its 7, also after a pause; a new one gets 5; both show their version.
func TestLimitOfTheVersionA11(t *testing.T) {
	t.Parallel()
	p := open(t)
	edit := func(version int, limit, from string) {
		t.Helper()
		tag, err := p.db.Owner.Exec(t.Context(), `INSERT INTO services.version (procedure, version, valid_from, definition)
			SELECT procedure, $1, $3, definition || jsonb_build_object('limit', $2::text, 'version', $1::int) FROM services.version WHERE procedure = '1.004873' ORDER BY version DESC LIMIT 1`, version, limit, from)
		if err != nil || tag.RowsAffected() != 1 {
			t.Fatalf("%d versions, %v", tag.RowsAffected(), err)
		}
	}
	edit(12, "7wd", "2026-11-23")
	before := p.accepted(t)
	edit(13, "5wd", "2026-11-25")
	p.clock.Set(time.Date(2026, 11, 25, 1, 6, 0, 0, time.UTC))
	after := p.accepted(t)
	page := p.browser(t, "thuly.datmui")
	for _, tt := range []struct {
		id      uuid.UUID
		version int
		due     time.Time
	}{
		{before, 12, time.Date(2026, 12, 3, 1, 6, 0, 0, time.UTC)},
		{after, 13, time.Date(2026, 12, 2, 1, 6, 0, 0, time.UTC)},
	} {
		if d := p.state(t, tt.id); d.Version != tt.version || !d.DueAt.Equal(tt.due) {
			t.Errorf("version %d promises %s, want version %d and %s", d.Version, d.DueAt, tt.version, tt.due)
		}
		page.get("/desk/dossiers/" + tt.id.String())
		page.must(fmt.Sprintf("1.004873 v%d", tt.version))
	}
	must(t, p.Services.Ask(p.as(t, "chutich.datmui"), services.AskIn{Dossier: before, Client: client(), Basis: "Luật Hộ tịch", Items: []services.Item{{Key: "a", What: "Giấy A", How: "Nộp"}}}))
	p.clock.Advance(time.Hour)
	must(t, p.Services.Supplement(p.as(t, "congdan"), services.SupplementIn{Dossier: before, Client: client(), Answers: map[string]string{"a": "đây"}}))
	if want := time.Date(2026, 12, 3, 2, 6, 0, 0, time.UTC); !p.state(t, before).DueAt.Equal(want) {
		t.Errorf("after an hour's pause: %s, want %s", p.state(t, before).DueAt, want)
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

// copies answers the form of 2.000815: ten pages, two copies.
func copies() forms.Answers {
	return forms.Answers{"requester_name": "Nguyễn Thị Mai", "requester_id": "096196000123", "requester_birth_date": "1996-03-14", "requester_sex": "female",
		"requester_phone": "0912345678", "requester_in_province": "yes", "requester_unit": "32248", "requester_residence": "Ấp Mũi", "relationship": "self",
		"document_kind": "Bằng tốt nghiệp", "language": "Tiếng Việt", "pages": "10", "copies": "2", "return_way": "counter", "pledge": "yes"}
}

// law: public-services.md 18.2 A13 — unpaid, not accepted; receipts are numbered from 0000001.
func TestPrepaidA13(t *testing.T) {
	t.Parallel()
	p := open(t)
	counter, cashier := p.as(t, "canbo.datmui"), p.as(t, "thuquy.datmui")
	for n := 1; n <= 2; n++ {
		out, err := p.Services.Submit(p.as(t, "congdan"), services.SubmitIn{Client: client(), Procedure: "2.000815", Agency: "tt-pvhcc-xa-dat-mui-2025", ReturnWay: "counter", Answers: copies()})
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

// The cashier's form that arrives again when the dossier has ended since has its first answer; a new
// one is told that nothing is owed any more.
func TestCashTwiceAroundTheEnd(t *testing.T) {
	t.Parallel()
	p := open(t)
	citizen, cashier := p.as(t, "congdan"), p.as(t, "thuquy.datmui")
	file := func() uuid.UUID {
		out, err := p.Services.Submit(citizen, services.SubmitIn{Client: client(), Procedure: "2.000815", Agency: "tt-pvhcc-xa-dat-mui-2025", ReturnWay: "counter", Answers: copies()})
		must(t, err)
		return out.ID
	}
	paid, unpaid := file(), file()
	form := services.CashIn{Dossier: paid, Client: client(), Method: "cash"}
	must(t, p.Services.Cash(cashier, form))
	for _, id := range []uuid.UUID{paid, unpaid} {
		must(t, p.Services.Withdraw(citizen, services.WithdrawIn{Dossier: id, Client: client()}))
	}
	must(t, p.Services.Cash(cashier, form))
	if err := p.Services.Cash(cashier, services.CashIn{Dossier: unpaid, Client: client(), Method: "cash"}); !errors.Is(err, fault.Conflict("services.no-money")) {
		t.Errorf("money for what has ended: %v", err)
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
	// As it is with a dossier that is older than the system: nothing is being made.
	_, err = p.db.Owner.Exec(p.ctx, `DELETE FROM services.outgoing WHERE kind = 'payment'`)
	must(t, err)
	citizen.get("/bills/" + bill.String())
	citizen.must("Đang lập bản PDF có ký số")
	_, err = p.db.Owner.Exec(p.ctx, `UPDATE services.dossier SET files = false WHERE id = $1`, dossier)
	must(t, err)
	citizen.get("/bills/" + bill.String())
	citizen.must("Bản giấy đã giao, không có tệp")
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
		if out.ID != got[0].ID {
			t.Errorf("%v and %v", out, got[0])
		}
	}
	n, err := pg.Value[int64](p.db.Reader.Query(ctx, `SELECT count(*) FROM services.dossier`))
	if err != nil || n != 1 {
		t.Errorf("%d dossiers, %v", n, err)
	}
}
