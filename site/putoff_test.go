package site_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"datmui/apps/services"
	"datmui/blocks/calendar"
	"datmui/blocks/worklist"
	"datmui/kit/pg"
)

// law: public-services.md 18.2 A12 — a holiday inside an open term: the dossiers it touches are listed
// before anybody publishes, promised dates never move earlier, and the log says how many moved.
func TestHolidayInsideOpenTermsA12(t *testing.T) {
	t.Parallel()
	p := open(t)
	running, extended, paused, signed, filed := p.accepted(t), p.accepted(t), p.accepted(t), p.proposed(t), p.submit(t, "congdan").ID
	leader, admin := p.as(t, "chutich.datmui"), p.as(t, "quantri")
	must(t, p.Services.Extend(leader, services.ExtendIn{Dossier: extended, Client: client(), Days: 2, Reason: "Chờ xác minh"}))
	ask := func() {
		t.Helper()
		must(t, p.Services.Ask(leader, services.AskIn{Dossier: paused, Client: client(), Basis: "Luật Hộ tịch", Override: "Khoản 2", Items: []services.Item{{Key: "a", What: "Giấy A", How: "Nộp"}}}))
	}
	ask()
	must(t, p.Services.Sign(leader, services.SignIn{Dossier: signed, Client: client(), PIN: pin}))
	due := func(day, hour, minute int) time.Time { return time.Date(2026, 11, day, hour-7, minute, 0, 0, time.UTC) }
	hold := func(when string, want map[uuid.UUID]time.Time) {
		t.Helper()
		for id, at := range want {
			d := p.state(t, id)
			items, err := worklist.OpenOf(p.ctx, p.db.Reader, "services.dossier", id)
			must(t, err)
			if !d.DueAt.Equal(at) || len(items) != 1 || !items[0].Due.Equal(at) {
				t.Errorf("%s: %s is promised for %s, on the desk %+v, want %s", when, d.Code, d.DueAt, items, at)
			}
		}
	}
	hold("before", map[uuid.UUID]time.Time{running: due(27, 8, 6), extended: due(31, 8, 6), paused: due(27, 8, 6), signed: due(27, 8, 6)})

	years, err := p.Calendar.Years(p.ctx, 2026)
	must(t, err)
	now := years[slices.IndexFunc(years, func(y calendar.Year) bool { return y.State == "published" })]
	holiday := calendar.Day{Date: calendar.NewDate(2026, 11, 26), Holiday: "other", Kind: calendar.Statutory, Status: "announced"}
	draft, err := p.Calendar.Draft(admin, calendar.DraftIn{Year: 2026, Days: append(slices.Clone(now.Days), holiday)})
	must(t, err)
	page := p.browser(t, "quantri")
	page.get("/calendar/2026/draft")
	for _, id := range []uuid.UUID{running, extended, paused} {
		page.must(p.state(t, id).Code)
	}
	moved, err := p.Calendar.Preview(admin, draft.ID)
	must(t, err)
	listed := map[uuid.UUID]time.Time{}
	for _, m := range moved {
		listed[m.ID] = m.New.Carry.UTC()
	}
	want := map[uuid.UUID]time.Time{running: due(30, 8, 6), extended: due(32, 8, 6), paused: due(30, 8, 6)} // 32: 2 December
	if fmt.Sprint(listed) != fmt.Sprint(want) {
		t.Errorf("listed %v, want %v", listed, want)
	}
	in := calendar.PublishIn{Draft: draft.ID, Basis: "Thông báo 1/TB", Recompute: true, Client: client()}
	for range 2 { // pressed twice
		out, err := p.Calendar.Publish(admin, in)
		if err != nil || out.Moved != 3 || out.Affected != 3 {
			t.Errorf("%+v, %v", out, err)
		}
	}
	want[signed] = due(27, 8, 6) // decided: nothing is promised any more
	hold("after", want)
	if d := p.state(t, filed); d.DueAt != nil {
		t.Errorf("not accepted, and promised for %s", d.DueAt)
	}
	entry, err := pg.Value[int](p.db.Reader.Query(t.Context(), `SELECT count(*)::int FROM audit.entry WHERE name = 'calendar.year.publish' AND body LIKE '%"moved":3%'`))
	if err != nil || entry != 1 {
		t.Errorf("%d entries, %v", entry, err)
	}
	citizen := p.browser(t, "congdan")
	citizen.get("/notices")
	citizen.must("lùi lại")
	citizen.must(p.state(t, running).Code)

	// The holiday is taken back: nobody is promised an earlier day, also not after a pause.
	draft, err = p.Calendar.Draft(admin, calendar.DraftIn{Year: 2026, Days: now.Days})
	must(t, err)
	if moved, err := p.Calendar.Preview(admin, draft.ID); err != nil || len(moved) != 0 {
		t.Errorf("listed %v, %v", moved, err)
	}
	if out, err := p.Calendar.Publish(admin, calendar.PublishIn{Draft: draft.ID, Basis: "Thông báo 2/TB", Recompute: true, Client: client()}); err != nil || out.Moved != 0 {
		t.Errorf("%+v, %v", out, err)
	}
	hold("taken back", want)
	p.clock.Advance(time.Minute)
	must(t, p.Services.Supplement(p.as(t, "congdan"), services.SupplementIn{Dossier: paused, Client: client(), Answers: map[string]string{"a": "đây"}}))
	hold("after the pause", map[uuid.UUID]time.Time{paused: due(30, 8, 6)})
}
