package site_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"datmui/apps/services"
	"datmui/blocks/audit"
	"datmui/blocks/notify"
	"datmui/blocks/records"
	"datmui/kit/fault"
	"datmui/kit/pg"
	"datmui/kit/testkit"
)

// renewals are the notices to an account that a paper runs out.
func (p *province) renewals(t *testing.T, account string) []notify.Told {
	t.Helper()
	list, _, err := p.Notify.Inbox(p.as(t, account), uuid.Nil)
	must(t, err)
	var out []notify.Told
	for _, n := range list {
		if n.Kind == "services.renewal-due" {
			out = append(out, n)
		}
	}
	return out
}

// remind is the daily job.
func (p *province) remind(t *testing.T, at time.Time) {
	t.Helper()
	p.clock.Set(at)
	must(t, p.Services.Remind(p.ctx))
}

// A result with an end is announced two months before it, once, with the renewal prepared; who has
// turned it off is left alone, and so is a paper that no longer counts.
// law: public-services.md 3 — Decree 224/2026, Art. 16: grades 1 and 2; the citizen may refuse.
func TestReminderBeforeAResultRunsOut(t *testing.T) {
	t.Parallel()
	p := open(t)
	_, err := p.db.Owner.Exec(t.Context(), `UPDATE services.version SET definition = jsonb_set(definition, '{result,months}', '6') WHERE procedure = '1.004873'`)
	must(t, err)
	_, paper := p.granted(t)
	until, err := pg.Value[time.Time](p.db.Reader.Query(t.Context(), `SELECT valid_until FROM records.paper WHERE id = $1`, paper))
	must(t, err)
	if want := p.clock.Now().AddDate(0, 6, -1).Format(time.DateOnly); until.Format(time.DateOnly) != want {
		t.Fatalf("six months end on %s, want %s", until.Format(time.DateOnly), want)
	}
	p.remind(t, until.AddDate(0, 0, -61))
	if n := p.renewals(t, "congdan"); len(n) != 0 {
		t.Fatalf("too early: %+v", n)
	}
	b := p.browser(t, "congdan")
	b.get("/reminders")
	b.must("Bạn đang nhận lời nhắc.")
	b.post("/reminders", "on", "no")
	b.post("/reminders", "on", "no")
	b.must("Bạn đã tắt lời nhắc.")
	p.remind(t, until.AddDate(0, 0, -59))
	if n := p.renewals(t, "congdan"); len(n) != 0 {
		t.Fatalf("turned off: %+v", n)
	}
	b = p.browser(t, "congdan") // signed in again: the clock was moved
	b.post("/reminders", "on", "yes")
	for _, days := range []int{-58, -58, -57, 0} { // missed days are caught up, nothing is said twice
		p.remind(t, until.AddDate(0, 0, days))
	}
	told := p.renewals(t, "congdan")
	if len(told) != 1 || !strings.HasPrefix(told[0].Href, "/apply/") {
		t.Fatalf("told: %+v", told)
	}
	b = p.browser(t, "congdan")
	b.get(told[0].Href)
	draft, err := p.Forms.Draft(p.as(t, "congdan"), uuid.MustParse(strings.Split(told[0].Href, "/")[2]))
	must(t, err)
	if draft.About != "1.004873" || draft.Answers.Text("requester_name") != "Nguyễn Thị Mai" || draft.Answers.Text("purpose") == "" || draft.Answers.Text("pledge") != "" {
		t.Errorf("prepared: %+v", draft)
	}
	b.get("/reminders?lang=en")
	b.must("Valid until the end of")
	_, err = p.Forms.Draft(p.as(t, "congdan2"), draft.ID)
	testkit.WantError(t, err, fault.NotFound("forms.draft"))
	if status := p.browser(t, "congdan").try("/reminders", "on", "maybe"); status == http.StatusOK {
		t.Error("neither on nor off was taken")
	}
	for name, ctx := range map[string]context.Context{"nobody": p.role(t, "none"), "an official": p.as(t, "canbo.datmui"), "a job": p.ctx} {
		if err := p.Services.ChooseReminders(ctx, services.ChooseRemindersIn{On: "no"}); fault.KindOf(err) != fault.KindForbidden {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Of a paper that was revoked or has run out already nobody is reminded; that of a business is told
// to its head.
func TestReminderOnlyOfWhatCounts(t *testing.T) {
	t.Parallel()
	p := open(t)
	party, first := p.business(t)
	now := p.clock.Now()
	keep := func(days int, revoked bool) uuid.UUID {
		t.Helper()
		until := now.AddDate(0, 0, days)
		id := uuid.Must(uuid.NewV7())
		must(t, p.Book.Act(p.ctx, "test.keep", func(ctx context.Context, act *audit.Act) error {
			_, err := p.Records.Keep(ctx, act, records.Paper{ID: id, Owner: party, Type: "KQ.G12.001041", Name: "Giấy phép", Number: id.String(), Issuer: "UBND",
				IssuedOn: now.AddDate(-1, 0, 0), ValidUntil: &until, Result: true, SourceKind: "services.dossier", SourceID: first.Code}, uuid.Nil)
			return err
		}))
		if revoked {
			must(t, p.Book.Act(p.ctx, "test.revoke", func(ctx context.Context, act *audit.Act) error { return p.Records.Revoke(ctx, act, id, "thử") }))
		}
		return id
	}
	keep(-1, false)
	keep(30, true)
	counts := keep(0, false) // the last day counts whole
	p.remind(t, now)
	reminded, err := pg.Values[uuid.UUID](p.db.Reader.Query(t.Context(), `SELECT paper FROM services.reminder`))
	must(t, err)
	if len(reminded) != 1 || reminded[0] != counts {
		t.Errorf("reminded of %v, want %s", reminded, counts)
	}
	if told := p.renewals(t, "congdan"); len(told) != 1 || !strings.HasPrefix(told[0].Href, "/acting/for/"+party.String()) {
		t.Errorf("the head was told %+v", told)
	}
}
