package records_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/blocks/records"
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
	recs  *records.Block
}

var (
	vy   = actor.Actor{ID: uuid.NewSHA1(uuid.Nil, []byte("vy")), Kind: actor.Citizen, Name: "Dương Khánh Vy", Level: 2}
	weak = actor.Actor{ID: vy.ID, Kind: actor.Citizen, Name: vy.Name, Level: 1}
	nam  = actor.Actor{ID: uuid.NewSHA1(uuid.Nil, []byte("nam")), Kind: actor.Citizen, Name: "Huỳnh Nhật Nam", Level: 2}
	lan  = officer("Nguyễn Thị Lan", "ubnd-nam-can")
	far  = officer("Trần Văn Xa", "ubnd-dat-mui")
)

func officer(name, agency string) actor.Actor {
	return actor.Actor{ID: uuid.NewSHA1(uuid.Nil, []byte(name)), Kind: actor.Official, Name: name, Agency: "UBND " + agency, Office: agency,
		Grants: []actor.Grant{{Right: "services.handle", Agency: agency}}}
}

func setup(t *testing.T) bench {
	t.Helper()
	db := testkit.DB(t)
	b := bench{DB: db, clock: testkit.Clock(t, "2026-11-23T09:00")}
	b.book = audit.New(audit.Config{App: db.App, Reader: db.Reader, Clock: b.clock})
	b.recs = records.New(records.Config{DB: db.Reader, Book: b.book, Clock: b.clock})
	return b
}

func (b bench) as(t *testing.T, who actor.Actor) context.Context { return actor.With(t.Context(), who) }

func (b bench) act(t *testing.T, who actor.Actor, fn func(ctx context.Context, act *audit.Act) error) error {
	return b.book.Act(b.as(t, who), "records.test", fn)
}

func day(t *testing.T, s string) time.Time {
	d, err := time.ParseInLocation(time.DateOnly, s, clock.Vietnam)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// keep stores a paper of Vy's that is valid until the day ("" = for ever).
func (b bench) keep(t *testing.T, number, until string) uuid.UUID {
	t.Helper()
	p := records.Paper{Owner: vy.ID, Type: "KQ.G15.000038", Name: "Giấy xác nhận tình trạng hôn nhân", Number: number, Issuer: "UBND xã Năm Căn",
		IssuedOn: day(t, "2026-05-20"), Result: true, SourceKind: "services.dossier", SourceID: number, Signature: records.Signed}
	if until != "" {
		u := day(t, until)
		p.ValidUntil = &u
	}
	var id uuid.UUID
	if err := b.act(t, lan, func(ctx context.Context, act *audit.Act) (err error) {
		id, err = b.recs.Keep(ctx, act, p, uuid.Nil)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return id
}

func (b bench) consent(t *testing.T, agency string, paper uuid.UUID, days int) uuid.UUID {
	t.Helper()
	id, err := b.recs.GiveConsent(b.as(t, vy), records.ConsentIn{Client: uuid.NewString(), Purpose: "Đăng ký kết hôn", Agency: agency, Paper: paper, Days: days})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func (b bench) reuse(t *testing.T, who actor.Actor, in records.ReuseIn) (p records.Paper, err error) {
	err = b.act(t, who, func(ctx context.Context, act *audit.Act) (err error) {
		p, err = b.recs.Reuse(ctx, act, in)
		return err
	})
	return p, err
}

// Worked check A27, and all else that stops a reuse.
func TestReuse(t *testing.T) {
	b := setup(t)
	good, old, lastDay := b.keep(t, "1/XN", "2026-11-30"), b.keep(t, "2/XN", "2026-11-22"), b.keep(t, "3/XN", "2026-11-23")
	revoked, replaced := b.keep(t, "4/XN", ""), b.keep(t, "5/XN", "")
	if err := b.act(t, lan, func(ctx context.Context, act *audit.Act) error { return b.recs.Revoke(ctx, act, revoked, "cấp sai") }); err != nil {
		t.Fatal(err)
	}
	if err := b.act(t, lan, func(ctx context.Context, act *audit.Act) error {
		_, err := b.recs.Keep(ctx, act, records.Paper{Owner: vy.ID, Type: "KQ.G15.000038", Name: "Bản mới", Issuer: "UBND xã Năm Căn", IssuedOn: b.clock.Now()}, replaced)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	any, one, other := b.consent(t, "ubnd-nam-can", uuid.Nil, 30), b.consent(t, "ubnd-nam-can", old, 30), b.consent(t, "ubnd-dat-mui", uuid.Nil, 30)
	withdrawn, short := b.consent(t, "ubnd-nam-can", uuid.Nil, 30), b.consent(t, "ubnd-nam-can", uuid.Nil, 1)
	if err := b.recs.Withdraw(b.as(t, vy), withdrawn); err != nil {
		t.Fatal(err)
	}
	in := func(paper, consent uuid.UUID) records.ReuseIn {
		return records.ReuseIn{Paper: paper, Consent: consent, Purpose: "Đăng ký kết hôn", Agency: "ubnd-nam-can", AboutKind: "services.dossier", AboutID: "x"}
	}
	no := in(good, any)
	no.Purpose = " "
	later := b.clock
	for name, tt := range map[string]struct {
		who   actor.Actor
		in    records.ReuseIn
		hours int
		want  error
	}{
		"with consent":                {lan, in(good, any), 0, nil},
		"on its last day":             {lan, in(lastDay, any), 0, nil},
		"past its validity":           {lan, in(old, any), 0, fault.Conflict("records.expired")},
		"past, by the owner herself":  {vy, in(old, uuid.Nil), 0, fault.Conflict("records.expired")},
		"by the owner herself":        {vy, in(good, uuid.Nil), 0, nil},
		"revoked":                     {lan, in(revoked, any), 0, fault.Conflict("records.revoked")},
		"replaced":                    {lan, in(replaced, any), 0, fault.Conflict("records.replaced")},
		"without consent":             {lan, in(good, uuid.Nil), 0, fault.Conflict("records.no-consent")},
		"consent for another paper":   {lan, in(good, one), 0, fault.Conflict("records.no-consent")},
		"consent to another agency":   {lan, in(good, other), 0, fault.Conflict("records.no-consent")},
		"consent withdrawn":           {lan, in(good, withdrawn), 0, fault.Conflict("records.no-consent")},
		"consent run out":             {lan, in(good, short), 25, fault.Conflict("records.no-consent")},
		"no purpose":                  {lan, no, 0, fault.Fields{"purpose": "reason"}},
		"an officer of another place": {far, in(good, any), 0, fault.NotFound("records.paper")},
		"another citizen":             {nam, in(good, any), 0, fault.NotFound("records.paper")},
		"nobody":                      {actor.Actor{}, in(good, any), 0, fault.NotFound("records.paper")},
		"a paper that is not there":   {lan, in(uuid.New(), any), 0, fault.NotFound("records.paper")},
	} {
		later.Set(testkit.Clock(t, "2026-11-23T09:00").Now().Add(time.Duration(tt.hours) * time.Hour))
		before := b.uses(t)
		p, err := b.reuse(t, tt.who, tt.in)
		if ok := t.Run(name, func(t *testing.T) {
			testkit.WantError(t, err, tt.want)
			if tt.want == nil && p.SoHoa() != 3 {
				t.Errorf("SoHoa %d", p.SoHoa())
			}
			if logged := b.uses(t) - before; logged != map[bool]int{true: 1}[tt.want == nil] {
				t.Errorf("%d lines in the log", logged)
			}
		}); !ok {
			t.FailNow()
		}
	}
	list, err := b.recs.Uses(b.as(t, vy), uuid.Nil)
	if err != nil || len(list) != 3 {
		t.Fatalf("%d uses, %v", len(list), err)
	}
	own := 0
	for _, u := range list {
		if u.Own {
			own++
		} else if u.ByName != lan.Name || u.AgencyName != lan.Agency || u.Purpose != "Đăng ký kết hôn" {
			t.Errorf("%+v", u)
		}
	}
	if own != 1 {
		t.Errorf("%d of her own", own)
	}
}

func (b bench) uses(t *testing.T) (n int) {
	t.Helper()
	if err := b.Reader.QueryRow(t.Context(), `SELECT count(*) FROM records.reuse`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestTheLogOfReuseStays(t *testing.T) {
	b := setup(t)
	if _, err := b.reuse(t, vy, records.ReuseIn{Paper: b.keep(t, "1/XN", ""), Purpose: "x"}); err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{`DELETE FROM records.reuse`, `UPDATE records.reuse SET purpose = 'y'`, `TRUNCATE records.reuse`} {
		if _, err := b.Owner.Exec(t.Context(), sql); err == nil {
			t.Errorf("%s went through", sql)
		}
	}
}

func TestPapersOf(t *testing.T) {
	b := setup(t)
	id := b.keep(t, "1/XN", "")
	if again := b.keep(t, "1/XN", ""); again == id {
		t.Error("two ids are the same")
	}
	if err := b.act(t, lan, func(ctx context.Context, act *audit.Act) error {
		_, err := b.recs.Keep(ctx, act, records.Paper{Owner: vy.ID, Type: "x", Name: "Riêng tư", Issuer: "y", IssuedOn: b.clock.Now(), Visibility: "owner"}, uuid.Nil)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	mine, err := b.recs.Mine(b.as(t, vy))
	if err != nil || len(mine) != 2 {
		t.Errorf("hers: %d, %v", len(mine), err)
	}
	seen, err := b.recs.PapersOf(b.as(t, lan), vy.ID, "Đăng ký kết hôn")
	if err != nil || len(seen) != 1 || seen[0].ID != id {
		t.Errorf("an officer sees %+v, %v", seen, err)
	}
	log, err := b.book.AccessesOf(t.Context(), vy.ID, audit.AccessFilter{})
	if err != nil || len(log) == 0 || log[0].Name != "records.papers" || log[0].Actor != lan.Name {
		t.Errorf("that he looked: %+v, %v", log, err)
	}
	_, err = b.recs.PapersOf(b.as(t, lan), vy.ID, "")
	testkit.WantError(t, err, fault.Fields{"purpose": "reason"})
	_, err = b.recs.PapersOf(b.as(t, nam), vy.ID, "curious")
	testkit.WantError(t, err, fault.Forbidden("records.look"))
	if err := b.act(t, lan, func(ctx context.Context, act *audit.Act) error {
		_, err := b.recs.Keep(ctx, act, records.Paper{Owner: vy.ID, Type: "x", Name: "y"}, uuid.Nil)
		return err
	}); err == nil {
		t.Error("a paper without an issuer was kept")
	}
}

func TestConsent(t *testing.T) {
	b := setup(t)
	paper := b.keep(t, "1/XN", "")
	good := records.ConsentIn{Client: "client-1", Purpose: "Đăng ký kết hôn", Agency: "ubnd-nam-can", Days: 30}
	change := func(fn func(*records.ConsentIn)) records.ConsentIn {
		in := good
		in.Client = uuid.NewString()
		fn(&in)
		return in
	}
	for name, tt := range map[string]struct {
		who  actor.Actor
		in   records.ConsentIn
		want error
	}{
		"nothing said":              {vy, records.ConsentIn{Client: "client-0"}, fault.Fields{"purpose": "reason", "agency": "choose", "days": "too-small:1"}},
		"for ever":                  {vy, change(func(in *records.ConsentIn) { in.Days = 366 }), fault.Fields{"days": "too-large:365"}},
		"a stranger's paper":        {nam, change(func(in *records.ConsentIn) { in.Paper = paper }), fault.NotFound("records.paper")},
		"for another citizen":       {nam, change(func(in *records.ConsentIn) { in.Person = vy.ID }), fault.Forbidden("records.consent")},
		"for an office not his":     {far, change(func(in *records.ConsentIn) { in.Person = vy.ID }), fault.Forbidden("records.consent")},
		"below level 2":             {weak, change(func(*records.ConsentIn) {}), fault.Forbidden("level-2")},
		"nobody":                    {actor.Actor{}, change(func(*records.ConsentIn) {}), fault.SignIn("records.consent")},
		"taken down at the counter": {lan, change(func(in *records.ConsentIn) { in.Person = vy.ID }), nil},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := b.recs.GiveConsent(b.as(t, tt.who), tt.in)
			testkit.WantError(t, err, tt.want)
		})
	}
	one, err := b.recs.GiveConsent(b.as(t, vy), good)
	if err != nil {
		t.Fatal(err)
	}
	two, err := b.recs.GiveConsent(b.as(t, vy), good) // sent twice
	if err != nil || two != one {
		t.Errorf("%s, %s, %v", one, two, err)
	}
	list, next, err := b.recs.Consents(b.as(t, vy), uuid.Nil)
	if err != nil || len(list) != 2 || next != uuid.Nil {
		t.Errorf("hers: %+v, %v", list, err)
	}
	if c, err := b.recs.ConsentFor(t.Context(), vy.ID, "ubnd-nam-can", paper); err != nil || !c.Holds(b.clock.Now()) {
		t.Errorf("%+v, %v", c, err)
	}
	testkit.WantError(t, b.recs.Withdraw(b.as(t, nam), one), fault.NotFound("records.consent"))
	for _, c := range list {
		if err := b.recs.Withdraw(b.as(t, weak), c.ID); err != nil { // as easy as can be: level 1 will do
			t.Fatal(err)
		}
	}
	_, err = b.recs.ConsentFor(t.Context(), vy.ID, "ubnd-nam-can", paper)
	testkit.WantError(t, err, fault.NotFound("records.consent"))
	if got := fmt.Sprint(list[0].Holds(b.clock.Now().AddDate(0, 0, 31))); got != "false" {
		t.Error("a consent holds beyond its end")
	}
}

// Papers and consents are turned by key, the newest first, each once, and nobody's key leads into another's.
func TestPapersAndConsentsAreTurned(t *testing.T) {
	b := setup(t)
	const all = 2*records.PerPage + 1
	for i := range all {
		_, err := b.recs.GiveConsent(b.as(t, vy), records.ConsentIn{Client: fmt.Sprintf("turn-%04d", i), Purpose: fmt.Sprint(i), Agency: "ubnd-nam-can", AgencyName: "UBND xã Năm Căn", Days: 30})
		if err != nil {
			t.Fatal(err)
		}
		b.keep(t, fmt.Sprint(i), "") // all of one day
		b.clock.Set(b.clock.Now().Add(time.Minute))
	}
	for what, turn := range map[string]func(who actor.Actor, after uuid.UUID) (names []string, next uuid.UUID, err error){
		"consents": func(who actor.Actor, after uuid.UUID) (names []string, next uuid.UUID, err error) {
			list, next, err := b.recs.Consents(b.as(t, who), after)
			for _, c := range list {
				names = append(names, c.Purpose)
			}
			return names, next, err
		},
		"papers": func(who actor.Actor, after uuid.UUID) (names []string, next uuid.UUID, err error) {
			list, next, err := b.recs.Shelf(b.as(t, who), after)
			for _, p := range list {
				names = append(names, p.Number)
			}
			return names, next, err
		},
	} {
		var said []string
		for after := uuid.Nil; ; {
			names, next, err := turn(vy, after)
			if err != nil || len(names) == 0 {
				t.Fatal(what, names, err)
			}
			said = append(said, names...)
			if next == uuid.Nil {
				break
			}
			if other, _, err := turn(nam, next); err != nil || len(other) != 0 {
				t.Errorf("by her key another sees %s %v, %v", what, other, err)
			}
			after = next
		}
		if len(said) != all || said[0] != fmt.Sprint(all-1) || said[all-1] == said[0] || len(slices.Compact(slices.Sorted(slices.Values(said)))) != all {
			t.Errorf("%d %s: %v", len(said), what, said)
		}
	}
}
