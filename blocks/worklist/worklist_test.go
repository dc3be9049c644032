package worklist_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/blocks/worklist"
	"datmui/kit/actor"
	"datmui/kit/clock"
	"datmui/kit/fault"
	"datmui/kit/pg"
	"datmui/kit/testkit"
)

type bench struct {
	*pg.DB
	book  *audit.Book
	clock *clock.Fake
	list  *worklist.Block
}

var (
	lan  = official("Nguyễn Thị Lan", "ubnd-nam-can", "services.handle", "services.receive")
	huy  = official("Lâm Quốc Huy", "ubnd-nam-can", "services.decide", "services.supervise")
	away = official("Ngô Bích Trâm", "ubnd-nam-can", "services.handle")
	far  = official("Trần Văn Xa", "ubnd-dat-mui", "services.handle", "services.receive")
)

func official(name, office string, rights ...string) actor.Actor {
	a := actor.Actor{ID: uuid.NewSHA1(uuid.Nil, []byte(name)), Kind: actor.Official, Name: name, Office: office, Offices: []string{office}}
	for _, r := range rights {
		a.Grants = append(a.Grants, actor.Grant{Right: r, Agency: office})
	}
	return a
}

func setup(t *testing.T) bench {
	t.Helper()
	db := testkit.DB(t)
	b := bench{DB: db, clock: testkit.Clock(t, "2026-11-23T08:06")}
	b.book = audit.New(audit.Config{App: db.App, Reader: db.Reader, Clock: b.clock})
	b.list = worklist.New(worklist.Config{DB: db.Reader, Book: b.book, Clock: b.clock,
		Absent: func(_ context.Context, person uuid.UUID) ([]worklist.Absent, error) {
			if person == lan.ID {
				return []worklist.Absent{{Person: away.ID, Name: away.Name}}, nil
			}
			return nil, nil
		}})
	return b
}

func (b bench) act(t *testing.T, fn func(ctx context.Context, act *audit.Act) error) {
	t.Helper()
	if err := b.try(t, fn); err != nil {
		t.Fatal(err)
	}
}

func (b bench) try(t *testing.T, fn func(ctx context.Context, act *audit.Act) error) error {
	return b.book.Act(actor.With(t.Context(), actor.ForSystem("test")), "worklist.test", fn)
}

// item is due the given number of hours from now.
func (b bench) item(what string, hours int) worklist.Item {
	return worklist.Item{Kind: "services.dossier", Subject: uuid.Must(uuid.NewV7()), Agency: "ubnd-nam-can",
		Right: "services.handle", What: what, Who: "Dương Khánh Vy", Code: "H12.58-261118-0003",
		Why: "services.why.handle", Href: "/dossiers/1", Due: b.clock.Now().Add(time.Duration(hours) * time.Hour)}
}

func (b bench) put(t *testing.T, items ...worklist.Item) {
	t.Helper()
	b.act(t, func(ctx context.Context, act *audit.Act) error {
		for _, it := range items {
			if err := worklist.Put(ctx, act, it); err != nil {
				return err
			}
		}
		return nil
	})
}

func (b bench) desk(t *testing.T, who actor.Actor, f worklist.Filter) []string {
	t.Helper()
	p, err := b.list.Desk(actor.With(t.Context(), who), f, "")
	if err != nil {
		t.Fatal(err)
	}
	out := []string{}
	for _, r := range p.Rows {
		out = append(out, r.What)
	}
	return out
}

func TestDeskShowsWhatIsTheActors(t *testing.T) {
	b := setup(t)
	own, office, absent, decide, elsewhere := b.item("của Lan", 5), b.item("của phòng", 4), b.item("của Trâm", 3), b.item("chờ ký", 2), b.item("xã khác", 1)
	own.Person, absent.Person, decide.Right, elsewhere.Agency = lan.ID, away.ID, "services.decide", "ubnd-dat-mui"
	b.put(t, own, office, absent, decide, elsewhere)
	everywhere := lan
	everywhere.Grants = []actor.Grant{{Right: "services.decide", Agency: "*"}}
	for name, tt := range map[string]struct {
		who    actor.Actor
		filter worklist.Filter
		want   string
	}{
		"own, office's and of whom she stands in for": {lan, worklist.Filter{}, "của Trâm, của phòng, của Lan"},
		"only her own":                                {lan, worklist.Filter{Whose: "mine"}, "của Lan"},
		"only the office's":                           {lan, worklist.Filter{Whose: "office"}, "của phòng"},
		"only the absent colleague's":                 {lan, worklist.Filter{Whose: away.ID.String()}, "của Trâm"},
		"a person she has no part in":                 {lan, worklist.Filter{Whose: huy.ID.String()}, ""},
		"the leader":                                  {huy, worklist.Filter{}, "chờ ký"},
		"every desk of the office":                    {huy, worklist.Filter{Agency: "ubnd-nam-can"}, "chờ ký, của Trâm, của phòng, của Lan"},
		"another commune":                             {far, worklist.Filter{}, "xã khác"},
		"a right everywhere is not a desk everywhere": {everywhere, worklist.Filter{}, "của Trâm, chờ ký, của Lan"},
		"words without diacritics":                    {lan, worklist.Filter{Text: "cua TRAM"}, "của Trâm"},
		"words in any order":                          {lan, worklist.Filter{Text: "vy phong"}, "của phòng"},
		"a sign that means any":                       {lan, worklist.Filter{Text: "%"}, ""},
		"another kind":                                {lan, worklist.Filter{Kinds: []string{"documents.document"}}, ""},
		"another reason":                              {lan, worklist.Filter{Whys: []string{"services.why.handle"}}, "của Trâm, của phòng, của Lan"},
	} {
		t.Run(name, func(t *testing.T) {
			got := b.desk(t, tt.who, tt.filter)
			if tt.who.ID == everywhere.ID && len(tt.who.Grants) == 1 {
				slices.Sort(got)
				want := strings.Split(tt.want, ", ")
				slices.Sort(want)
				if !slices.Equal(got, want) {
					t.Errorf("%q, want %q", got, want)
				}
				return
			}
			if strings.Join(got, ", ") != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
	citizen := actor.Actor{ID: lan.ID, Kind: actor.Citizen}
	_, err := b.list.Desk(actor.With(t.Context(), citizen), worklist.Filter{}, "")
	testkit.WantError(t, err, fault.Forbidden("worklist.desk"))
	_, err = b.list.Desk(actor.With(t.Context(), lan), worklist.Filter{Agency: "ubnd-nam-can"}, "")
	testkit.WantError(t, err, fault.Forbidden("worklist.agency"))
}

func TestUrgency(t *testing.T) {
	b := setup(t) // Monday 08:06
	for what, hours := range map[string]int{"lâu": -121, "trễ lâu nhất": -119, "trễ": -1, "nay": 15, "mai": 17, "ba ngày": 24*3 + 15, "bốn ngày": 24*3 + 17} {
		b.put(t, b.item(what, hours))
	}
	want := map[worklist.Urgency]string{worklist.LongLate: "lâu", worklist.Late: "trễ lâu nhất, trễ", worklist.Today: "nay",
		worklist.Soon: "mai, ba ngày", worklist.Later: "bốn ngày", "": "lâu, trễ lâu nhất, trễ, nay, mai, ba ngày, bốn ngày"}
	for u, list := range want {
		if got := strings.Join(b.desk(t, lan, worklist.Filter{Urgency: u}), ", "); got != list {
			t.Errorf("%s: %q, want %q", u, got, list)
		}
	}
	p, err := b.list.Desk(actor.With(t.Context(), lan), worklist.Filter{Urgency: worklist.Today}, "")
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprint(p.Counts.All, p.Counts.ByUrgency[worklist.LongLate], p.Counts.ByUrgency[worklist.Late],
		p.Counts.ByUrgency[worklist.Today], p.Counts.ByUrgency[worklist.Soon], p.Counts.ByUrgency[worklist.Later])
	if got != "7 1 2 1 2 1" {
		t.Errorf("counts: %s", got)
	}
	if p.Rows[0].Urgency != worklist.Today || !p.Rows[0].Office {
		t.Errorf("the row: %+v", p.Rows[0])
	}
}

func TestAnItemMovesAndEnds(t *testing.T) {
	b := setup(t)
	it := b.item("việc", 5)
	b.put(t, it)
	again := it
	again.What, again.Person = "việc, lần hai", lan.ID
	b.put(t, again) // the same subject: replaced, not doubled
	if got := b.desk(t, lan, worklist.Filter{}); !slices.Equal(got, []string{"việc, lần hai"}) {
		t.Fatalf("after a second Put: %q", got)
	}
	b.act(t, func(ctx context.Context, act *audit.Act) error {
		return worklist.Move(ctx, act, it.Kind, it.Subject, "", worklist.To{Agency: "ubnd-nam-can", Right: "services.decide", Why: "services.why.decide", Step: "sign"})
	})
	if got := b.desk(t, lan, worklist.Filter{}); len(got) != 0 {
		t.Errorf("still with Lan: %q", got)
	}
	if got := b.desk(t, huy, worklist.Filter{}); !slices.Equal(got, []string{"việc, lần hai"}) {
		t.Errorf("with Huy: %q", got)
	}
	open, err := worklist.OpenOf(t.Context(), b.Reader, it.Kind, it.Subject)
	if err != nil || len(open) != 1 || open[0].Step != "sign" || !open[0].Due.Equal(it.Due) {
		t.Errorf("open: %+v, %v", open, err)
	}
	second := it
	second.Slot = "with"
	b.put(t, second)
	b.act(t, func(ctx context.Context, act *audit.Act) error {
		worklist.DoneSlot(ctx, act, it.Kind, it.Subject, "with")
		return nil
	})
	if got := b.desk(t, huy, worklist.Filter{}); len(got) != 1 {
		t.Errorf("ending one slot ended the other: %q", got)
	}
	b.act(t, func(ctx context.Context, act *audit.Act) error {
		worklist.Done(ctx, act, it.Kind, it.Subject)
		return nil
	})
	if got := b.desk(t, huy, worklist.Filter{}); len(got) != 0 {
		t.Errorf("done, but still there: %q", got)
	}
	forgotten, err := b.list.Forgotten(t.Context(), it.Kind, []uuid.UUID{it.Subject})
	if err != nil || !slices.Equal(forgotten, []uuid.UUID{it.Subject}) {
		t.Errorf("forgotten: %v, %v", forgotten, err)
	}
	b.put(t, it) // a new round after the end
	if got := b.desk(t, lan, worklist.Filter{}); len(got) != 1 {
		t.Errorf("new round: %q", got)
	}
}

func TestNothingIsPutOnNoDesk(t *testing.T) {
	b := setup(t)
	for name, spoil := range map[string]func(*worklist.Item){
		"no person and no right": func(it *worklist.Item) { it.Right = "" },
		"no due time":            func(it *worklist.Item) { it.Due = time.Time{} },
		"no reason":              func(it *worklist.Item) { it.Why = "" },
		"no agency":              func(it *worklist.Item) { it.Agency = "" },
		"another site's address": func(it *worklist.Item) { it.Href = "//evil.example/" },
	} {
		t.Run(name, func(t *testing.T) {
			it := b.item("việc", 1)
			spoil(&it)
			if b.try(t, func(ctx context.Context, act *audit.Act) error { return worklist.Put(ctx, act, it) }) == nil {
				t.Error("was put")
			}
		})
	}
	loads, err := b.list.Loads(t.Context())
	if err != nil || len(loads) != 0 {
		t.Errorf("loads: %+v, %v", loads, err)
	}
}

func TestPagingShowsEachItemOnce(t *testing.T) {
	b := setup(t)
	var items []worklist.Item
	for i := range 130 {
		it := b.item(fmt.Sprint(i), i/10) // ten share each due time
		if i%3 == 0 {
			it.Person = lan.ID
		}
		items = append(items, it)
	}
	b.put(t, items...)
	ctx, key, seen := actor.With(t.Context(), lan), "", map[string]int{}
	for pages := 1; ; pages++ {
		p, err := b.list.Desk(ctx, worklist.Filter{}, key)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range p.Rows {
			seen[r.What]++
		}
		if key = p.Next; key == "" {
			if pages != 3 {
				t.Errorf("%d pages", pages)
			}
			break
		}
	}
	if len(seen) != 130 {
		t.Errorf("%d of 130 items seen", len(seen))
	}
	for what, n := range seen {
		if n != 1 {
			t.Errorf("%s was shown %d times", what, n)
		}
	}
	_, err := b.list.Desk(ctx, worklist.Filter{}, "no key")
	testkit.WantError(t, err, fault.NotFound("page"))
}

func TestViews(t *testing.T) {
	b := setup(t)
	ctx := actor.With(t.Context(), lan)
	keep := func(in worklist.KeepViewIn) error { return b.list.KeepView(ctx, in) }
	testkit.WantError(t, keep(worklist.KeepViewIn{Client: "client-0", Name: " "}), fault.Fields{"name": "required"})
	testkit.WantError(t, keep(worklist.KeepViewIn{Client: "client-0", Name: "a", Query: "%zz"}), fault.Fields{"query": "invalid"})
	for range 2 { // sent twice, kept once
		if err := keep(worklist.KeepViewIn{Client: "client-1", Name: "Quá hạn", Query: "urgency=late", Shared: true}); err != nil {
			t.Fatal(err)
		}
	}
	if err := keep(worklist.KeepViewIn{Client: "client-2", Name: "Của tôi", Query: "whose=mine"}); err != nil {
		t.Fatal(err)
	}
	names := func(who actor.Actor) (out []string, ids []uuid.UUID) {
		views, err := b.list.Views(actor.With(t.Context(), who))
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range views {
			out, ids = append(out, fmt.Sprint(v.Name, v.Mine)), append(ids, v.ID)
		}
		return out, ids
	}
	mine, ids := names(lan)
	if !slices.Equal(mine, []string{"Của tôitrue", "Quá hạntrue"}) {
		t.Errorf("Lan: %q", mine)
	}
	if got, _ := names(huy); !slices.Equal(got, []string{"Quá hạnfalse"}) {
		t.Errorf("Huy: %q", got)
	}
	if got, _ := names(far); len(got) != 0 {
		t.Errorf("another commune: %q", got)
	}
	if err := b.list.DropView(actor.With(t.Context(), huy), ids[1]); err != nil {
		t.Fatal(err)
	}
	if got, _ := names(lan); len(got) != 2 {
		t.Error("somebody else dropped Lan's view")
	}
	if err := b.list.DropView(ctx, ids[1]); err != nil {
		t.Fatal(err)
	}
	if got, _ := names(lan); len(got) != 1 {
		t.Errorf("after dropping: %q", got)
	}
}
