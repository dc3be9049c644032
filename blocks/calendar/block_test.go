package calendar

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/kit/actor"
	"datmui/kit/clock"
	"datmui/kit/fault"
	"datmui/kit/pg"
	"datmui/kit/testkit"
)

type bench struct {
	*pg.DB
	*Block
	book *audit.Book
}

var (
	admin   = actor.Actor{ID: uuid.NewSHA1(uuid.Nil, []byte("admin")), Kind: actor.Official, Name: "Lâm Quốc Huy", Grants: []actor.Grant{{Right: PublishRight, Agency: "*"}}}
	officer = actor.Actor{ID: uuid.NewSHA1(uuid.Nil, []byte("officer")), Kind: actor.Official, Name: "Nguyễn Thị Lan", Grants: []actor.Grant{{Right: "services.receive", Agency: "ubnd-nam-can"}}}
	local   = actor.Actor{ID: uuid.NewSHA1(uuid.Nil, []byte("local")), Kind: actor.Official, Name: "Trần Văn Xa", Grants: []actor.Grant{{Right: PublishRight, Agency: "ubnd-nam-can"}}}
)

func setup(t *testing.T) bench {
	t.Helper()
	db := testkit.DB(t)
	fake := testkit.Clock(t, "2026-11-23T08:00")
	book := audit.New(audit.Config{App: db.App, Reader: db.Reader, Clock: fake})
	b := bench{db, New(Config{DB: db.Reader, Book: book, Clock: fake, Recheck: -1}), book}
	if err := b.Seed(t.Context()); err != nil {
		t.Fatal(err)
	}
	return b
}

func as(t *testing.T, a actor.Actor) context.Context { return actor.With(t.Context(), a) }

func TestSeededCalendarIsTheShippedOne(t *testing.T) {
	b := setup(t)
	if err := b.Seed(t.Context()); err != nil { // again: nothing
		t.Fatal(err)
	}
	c, err := b.For(t.Context(), "ubnd-nam-can", Counting)
	if err != nil {
		t.Fatal(err)
	}
	want := shipped(t)
	for d := NewDate(2020, 1, 1); d < NewDate(2028, 1, 1); d++ {
		if c.On(d).String() != want.On(d).String() {
			t.Fatalf("%s: %s, shipped %s", d, c.On(d), want.On(d))
		}
	}
	for year, state := range map[int]string{2026: "published", 2027: "draft"} {
		if list, err := b.Years(t.Context(), year); err != nil || len(list) != 1 || list[0].State != state || len(list[0].Days) == 0 {
			t.Errorf("%d: %+v, %v", year, list, err)
		}
	}
	if n := count(t, b, `SELECT count(*) FROM calendar.day`); n != len(Shipped()) {
		t.Errorf("%d days", n)
	}
}

func count(t *testing.T, b bench, sql string) int {
	t.Helper()
	n, err := pg.Value[int](b.Reader.Query(t.Context(), sql))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// law: public-services.md 18.2 A12 — add a holiday inside an open term.
func TestA12(t *testing.T) {
	b := setup(t)
	received := at(t, "2026-12-07 09:00")
	later := Term{Kind: "test", ID: uuid.New(), Code: "H12.58-261207-0001", Received: received, Limit: Limit{5, WorkingDays}, Due: at(t, "2026-12-14 09:00")}
	generous := later
	generous.ID, generous.Due = uuid.New(), at(t, "2026-12-20 09:00") // promised more than the rule gives
	before := Term{Kind: "test", ID: uuid.New(), Received: at(t, "2026-12-07 09:00"), Limit: Limit{1, WorkingDays}, Due: at(t, "2026-12-08 09:00")}
	var given []Moved
	b.OnPublish("test", func(_ context.Context, r pg.Reader, from Date) ([]Term, error) {
		if from.String() != "2026-11-23" {
			t.Errorf("asked for terms from %s", from)
		}
		return []Term{later, generous, before}, nil
	}, func(ctx context.Context, act *audit.Act, moved []Moved) error {
		given = slices.Clone(moved)
		_, err := act.Exec(ctx, `SELECT 1`)
		return err
	})

	list, _ := b.Years(t.Context(), 2026)
	extra := Day{Date: NewDate(2026, 12, 10), Holiday: "other", Kind: SwapOff, For: NewDate(2026, 12, 12), Status: "announced"}
	worked := Day{Date: NewDate(2026, 12, 12), Holiday: "other", Kind: SwapWork, For: NewDate(2026, 12, 10), Status: "announced"}
	y, err := b.Draft(as(t, admin), DraftIn{Year: 2026, Days: append(list[0].Days, extra, worked)})
	if err != nil {
		t.Fatal(err)
	}
	due := func() string {
		c, err := b.For(t.Context(), "", Counting)
		if err != nil {
			t.Fatal(err)
		}
		d, err := c.Add(received, Limit{5, WorkingDays})
		if err != nil {
			t.Fatal(err)
		}
		return d.Carry.Format("01-02 15:04")
	}
	if got := due(); got != "12-14 09:00" {
		t.Errorf("a draft already counts: %s", got)
	}
	// Thursday 10 is off, but Saturday 12 is worked: five days end on the same Monday.
	if moved, err := b.Preview(as(t, admin), y.ID); err != nil || len(moved) != 0 {
		t.Errorf("%v, %v", moved, err)
	}
	if y, err = b.Draft(as(t, admin), DraftIn{Year: 2026, Days: append(list[0].Days, extra)}); err != nil || y.Version != 2 {
		t.Fatal(err, y.Version)
	}
	moved, err := b.Preview(as(t, admin), y.ID)
	if err != nil || len(moved) != 1 || moved[0].ID != later.ID || moved[0].New.Carry != at(t, "2026-12-15 09:00") {
		t.Errorf("%+v, %v", moved, err)
	}

	in := PublishIn{Draft: y.ID, Basis: "Thông báo 9999/TB-BNV", Recompute: true, Client: audit.NewClient()}
	for range 2 { // sent twice
		if out, err := b.Publish(as(t, admin), in); err != nil || out != (Published{2026, 2, 1, 1}) {
			t.Errorf("%+v, %v", out, err)
		}
	}
	if len(given) != 1 || given[0].ID != later.ID {
		t.Errorf("moved %v", given)
	}
	if got := due(); got != "12-15 09:00" {
		t.Errorf("due %s after publishing", got)
	}
	if n := count(t, b, `SELECT count(*) FROM audit.entry WHERE name = 'calendar.year.publish' AND body LIKE '%"moved":1%'`); n != 1 {
		t.Errorf("%d entries", n)
	}
	if list, _ := b.Years(t.Context(), 2026); list[0].State != "published" || list[1].State != "replaced" {
		t.Errorf("%+v", list)
	}
	in.Client = audit.NewClient()
	if _, err := b.Publish(as(t, admin), in); !errors.Is(err, fault.Conflict("calendar.published")) {
		t.Errorf("published again: %v", err)
	}
}

func TestPublishingCanLeaveTermsAlone(t *testing.T) {
	b := setup(t)
	b.OnPublish("test", func(context.Context, pg.Reader, Date) ([]Term, error) {
		return []Term{{Received: at(t, "2027-02-01 09:00"), Limit: Limit{5, WorkingDays}, Due: at(t, "2027-02-08 09:00")}}, nil
	}, func(context.Context, *audit.Act, []Moved) error { return errors.New("nobody asked for it") })
	list, _ := b.Years(t.Context(), 2027)
	out, err := b.Publish(as(t, admin), PublishIn{Draft: list[0].ID, Basis: "x", Client: audit.NewClient()})
	if err != nil || out != (Published{2027, 1, 0, 1}) {
		t.Errorf("%+v, %v", out, err)
	}
	if n := count(t, b, `SELECT count(*) FROM calendar.day WHERE status = 'computed'`); n != 0 {
		t.Errorf("%d days are still only computed", n)
	}
}

func TestWhoMayPublish(t *testing.T) {
	b := setup(t)
	list, _ := b.Years(t.Context(), 2027)
	for name, tt := range map[string]struct {
		who  actor.Actor
		want error
	}{
		"nobody":              {actor.Actor{}, fault.Forbidden(PublishRight)},
		"another right":       {officer, fault.Forbidden(PublishRight)},
		"the right elsewhere": {local, fault.Forbidden(PublishRight)},
		"the administrator":   {admin, nil},
	} {
		ctx := as(t, tt.who)
		_, err := b.Draft(ctx, DraftIn{Year: 2028})
		testkit.WantError(t, err, tt.want)
		_, err = b.Preview(ctx, list[0].ID)
		testkit.WantError(t, err, tt.want)
		testkit.WantError(t, b.SetHours(ctx, HoursIn{Use: Reception, From: NewDate(2027, 1, 4), Week: Usual, Basis: name}), tt.want)
		if tt.want != nil {
			_, err = b.Publish(ctx, PublishIn{Draft: list[0].ID, Basis: "x", Client: audit.NewClient()})
			testkit.WantError(t, err, tt.want)
		}
	}
}

func TestDraftRefuses(t *testing.T) {
	b := setup(t)
	off := Day{Date: NewDate(2028, 9, 1), Kind: Statutory, Status: "announced"}
	with := func(change func(*Day)) []Day { d := off; change(&d); return []Day{d} }
	for name, tt := range map[string]struct {
		in    DraftIn
		field string
	}{
		"far away":       {DraftIn{Year: 2199}, "year"},
		"another year":   {DraftIn{2028, with(func(d *Day) { d.Date = NewDate(2027, 9, 1) })}, "days.0.date"},
		"twice":          {DraftIn{2028, []Day{off, off}}, "days.1.date"},
		"for nothing":    {DraftIn{2028, with(func(d *Day) { d.Kind = SwapOff })}, "days.0.for"},
		"swapped Friday": {DraftIn{2028, with(func(d *Day) { d.Kind, d.For = SwapWork, d.Date+3 })}, "days.0.date"},
		"unknown kind":   {DraftIn{2028, with(func(d *Day) { d.Kind, d.For = "party", d.Date+3 })}, "days.0.date"},
		"unknown status": {DraftIn{2028, with(func(d *Day) { d.Status = "rumoured" })}, "days.0.status"},
	} {
		_, err := b.Draft(as(t, admin), tt.in)
		if f, ok := errors.AsType[fault.Fields](err); !ok || f[tt.field] == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := b.Publish(as(t, admin), PublishIn{Draft: uuid.New(), Client: audit.NewClient()})
	testkit.WantError(t, err, fault.Fields{"basis": "required"})
	_, err = b.Publish(as(t, admin), PublishIn{Draft: uuid.New(), Basis: "x", Client: audit.NewClient()})
	testkit.WantError(t, err, fault.NotFound("row"))
}

func TestDraftsOfOneYearAreOne(t *testing.T) {
	b := setup(t)
	var wg sync.WaitGroup
	errs := make([]error, 6)
	for i := range errs {
		wg.Go(func() {
			_, errs[i] = b.Draft(as(t, admin), DraftIn{Year: 2029})
		})
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	list, _ := b.Years(t.Context(), 2029)
	if len(list) != 1 || len(list[0].Days) != len(Propose(2029)) {
		t.Errorf("%+v", list)
	}
}

func TestHoursOfAgencies(t *testing.T) {
	b := setup(t)
	saturday := Usual
	saturday[6] = Spans{{7 * 60, 11 * 60}}
	for _, in := range []HoursIn{
		{Agency: "cong-an-nam-can", Use: Reception, From: NewDate(2026, 12, 1), Week: saturday, Basis: "nhận hồ sơ sáng thứ bảy"},
		{Agency: "so-y-te", Use: Counting, From: NewDate(2026, 12, 1), Week: Weekdays(Spans{{450, 690}, {810, 1050}}), Basis: "giờ mùa khô"},
	} {
		if err := b.SetHours(as(t, admin), in); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		agency string
		use    Use
		date   Date
		want   string
	}{
		{"cong-an-nam-can", Reception, NewDate(2026, 11, 28), ""},
		{"cong-an-nam-can", Reception, NewDate(2026, 12, 5), "07:00-11:00"},
		{"cong-an-nam-can", Counting, NewDate(2026, 12, 5), ""},
		{"so-y-te", Counting, NewDate(2026, 11, 30), "07:00-11:00,13:00-17:00"},
		{"so-y-te", Counting, NewDate(2026, 12, 1), "07:30-11:30,13:30-17:30"},
		{"so-y-te", Reception, NewDate(2026, 12, 1), "07:30-11:30,13:30-17:30"},
		{"ubnd-nam-can", Reception, NewDate(2026, 12, 1), "07:00-11:00,13:00-17:00"},
	} {
		c, err := b.For(t.Context(), tt.agency, tt.use)
		if err != nil || c.On(tt.date).String() != tt.want {
			t.Errorf("%s %s on %s: %s (%v), want %s", tt.agency, tt.use, tt.date, c.On(tt.date), err, tt.want)
		}
	}
	err := b.SetHours(as(t, admin), HoursIn{Agency: "so-y-te", Use: Counting, From: NewDate(2026, 11, 23), Week: Usual, Basis: "x"})
	testkit.WantError(t, err, fault.Fields{"from": "must-be-future"})
	err = b.SetHours(as(t, admin), HoursIn{Use: "lunch"})
	testkit.WantError(t, err, fault.Fields{"use": "invalid", "from": "out-of-range", "basis": "required", "week": "invalid"})
}

// A change made by another process is seen; agencies without hours of their own share a calendar.
func TestOtherNodesSeeAChange(t *testing.T) {
	b := setup(t)
	other := New(Config{DB: b.Reader, Book: b.book, Clock: clock.System{}, Recheck: -1})
	one, err1 := other.For(t.Context(), "a", Counting)
	two, err2 := other.For(t.Context(), "b", Counting)
	if err := errors.Join(err1, err2); err != nil || one != two {
		t.Fatalf("%v: agencies do not share a calendar", err)
	}
	list, _ := b.Years(t.Context(), 2027)
	if _, err := b.Draft(as(t, admin), DraftIn{Year: 2027, Days: list[0].Days[:1]}); err != nil {
		t.Fatal(err)
	}
	after, err := other.For(t.Context(), "a", Counting)
	if err != nil || after == one || len(after.Days(2027)) != 1 {
		t.Errorf("%v: %s", err, fmt.Sprint(after.Days(2027)))
	}
}
