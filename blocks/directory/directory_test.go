package directory_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/blocks/audit"
	"datmui/blocks/directory"
	"datmui/kit/actor"
	"datmui/kit/clock"
	"datmui/kit/fault"
	"datmui/kit/pg"
	"datmui/kit/testkit"
)

// world is a small province: the committee of a commune with its offices, a department, the province.
type world struct {
	*directory.Block
	db    *pg.DB
	clock *clock.Fake
	t     *testing.T
	admin uuid.UUID // province administrator
}

const today = "2026-11-23T09:00"

func setup(t *testing.T) *world {
	t.Helper()
	t.Parallel()
	db := testkit.DB(t)
	clk := testkit.Clock(t, today)
	book := audit.New(audit.Config{App: db.App, Reader: db.Reader, Clock: clk})
	w := &world{Block: directory.New(directory.Config{DB: db.Reader, Book: book, Clock: clk}), db: db, clock: clk, t: t}
	w.exec(`INSERT INTO directory.unit (code, valid_from, name, short_name, kind, level, parent) VALUES
		('96', '2000-01-01', 'Tỉnh Cà Mau', 'Cà Mau', 'tỉnh', 'province', NULL),
		('32248', '2000-01-01', 'Xã Đất Mũi', 'Đất Mũi', 'xã', 'commune', '96')`)
	for _, a := range [][5]string{
		{"ubnd-tinh", "people's committee", "", "96", "province"},
		{"so-y-te", "specialised agency", "ubnd-tinh", "96", "province"},
		{"ubnd-xa", "people's committee", "ubnd-tinh", "32248", "commune"},
		{"vp-xa", "office", "ubnd-xa", "32248", "commune"},
		{"tt-xa", "public-service centre", "ubnd-xa", "32248", "commune"},
	} {
		w.exec(`INSERT INTO directory.agency VALUES ($1)`, a[0])
		w.exec(`INSERT INTO directory.agency_version (agency_id, valid_from, name, branch, level, kind, parent, unit_code)
			VALUES ($1, '2000-01-01', $1, 'government', $5, $2, nullif($3, ''), $4)`, a[0], a[1], a[2], a[3], a[4])
	}
	w.admin = w.official("Trần Thị Quản Trị", "ubnd-tinh", directory.ProvinceAdmin)
	return w
}

func (w *world) exec(sql string, args ...any) {
	w.t.Helper()
	if _, err := w.db.Owner.Exec(w.t.Context(), sql, args...); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) person(name string) uuid.UUID {
	w.t.Helper()
	id := uuid.Must(uuid.NewV7())
	w.exec(`INSERT INTO directory.person (id, name) VALUES ($1, $2)`, id, name)
	return id
}

// official makes a person with one post since 2020.
func (w *world) official(name, agency, position string) uuid.UUID {
	w.t.Helper()
	id := w.person(name)
	if _, err := w.Appoint(w.as(uuid.Nil), directory.AppointIn{Person: id, Agency: agency, Position: position, From: "2020-01-01"}); err != nil {
		w.t.Fatal(err)
	}
	return id
}

// as acts as a person with today's rights; as nobody means as the system.
func (w *world) as(person uuid.UUID) context.Context {
	w.t.Helper()
	if person == uuid.Nil {
		return actor.With(w.t.Context(), actor.ForSystem("test"))
	}
	return actor.With(w.t.Context(), w.actor(person))
}

func (w *world) actor(person uuid.UUID) actor.Actor {
	w.t.Helper()
	a, err := w.Actor(w.t.Context(), w.db.Reader, person, uuid.Nil, w.clock.Now())
	if err != nil {
		w.t.Fatal(err)
	}
	return a
}

func (w *world) postOf(person uuid.UUID) directory.Post {
	w.t.Helper()
	posts, err := w.PostsOf(w.t.Context(), person)
	if err != nil || len(posts) == 0 {
		w.t.Fatalf("posts of %s: %v, %v", person, posts, err)
	}
	return posts[0]
}

// entries counts the acts of a name in the log.
func (w *world) entries(name string) int {
	w.t.Helper()
	n, err := pg.Value[int](w.db.Owner.Query(w.t.Context(), `SELECT count(*)::int FROM audit.entry WHERE name = @name`, pgx.NamedArgs{"name": name}))
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

// TestActor: what each position may do, and where.
func TestActor(t *testing.T) {
	w := setup(t)
	for name, tt := range map[string]struct {
		agency, position string
		may              [][2]string
		mayNot           [][2]string
	}{
		"chair of a commune": {"ubnd-xa", directory.Leader,
			[][2]string{{"services.decide", "ubnd-xa"}, {"services.decide", "tt-xa"}}, [][2]string{{"services.decide", "so-y-te"}, {"services.receive", "tt-xa"}}},
		"chair of the province does not decide for communes": {"ubnd-tinh", directory.Leader,
			[][2]string{{"services.decide", "so-y-te"}}, [][2]string{{"services.decide", "ubnd-xa"}}},
		"case officer in an office works for the committee": {"vp-xa", directory.CaseOfficer,
			[][2]string{{"services.handle", "ubnd-xa"}, {"services.handle", "vp-xa"}}, [][2]string{{"services.handle", "ubnd-tinh"}, {"services.decide", "ubnd-xa"}}},
		"case officer of a department": {"so-y-te", directory.CaseOfficer,
			[][2]string{{"services.handle", "so-y-te"}}, [][2]string{{"services.handle", "ubnd-tinh"}}},
		"receiving officer": {"tt-xa", directory.ReceivingOfficer,
			[][2]string{{"services.receive", "ubnd-xa"}, {"services.return", "tt-xa"}}, [][2]string{{"services.handle", "tt-xa"}}},
		"administrator of an agency": {"ubnd-xa", directory.AgencyAdmin,
			[][2]string{{directory.Manage, "vp-xa"}}, [][2]string{{directory.Manage, "so-y-te"}, {"admin.instance", "ubnd-xa"}, {"services.handle", "ubnd-xa"}}},
		"inspector": {"ubnd-tinh", directory.Inspector, [][2]string{{"audit.inspect", "ubnd-xa"}}, [][2]string{{directory.Manage, "ubnd-tinh"}}},
		"staff":     {"vp-xa", directory.Staff, nil, [][2]string{{"services.handle", "vp-xa"}}},
	} {
		a := w.actor(w.official(name, tt.agency, tt.position))
		if a.Kind != actor.Official || a.Office != tt.agency || !slices.Equal(a.Offices, []string{tt.agency}) {
			t.Errorf("%s: %+v", name, a)
		}
		for _, g := range tt.may {
			if !a.May(g[0], g[1]) {
				t.Errorf("%s may not %v", name, g)
			}
		}
		for _, g := range tt.mayNot {
			if a.May(g[0], g[1]) {
				t.Errorf("%s may %v", name, g)
			}
		}
	}
	citizen := w.actor(w.person("Lê Thị Bé"))
	if citizen.Kind != actor.Citizen || citizen.Name != "Lê Thị Bé" || len(citizen.Grants) > 0 {
		t.Errorf("citizen: %+v", citizen)
	}
	if _, err := w.Actor(t.Context(), w.db.Reader, uuid.New(), uuid.Nil, w.clock.Now()); fault.KindOf(err) != fault.KindNotFound {
		t.Errorf("unknown person: %v", err)
	}
}

// TestActorOfTwoPosts: rights of both, the chosen post on top, and none before or after.
func TestActorOfTwoPosts(t *testing.T) {
	w := setup(t)
	p := w.official("Nguyễn Văn Hai", "ubnd-xa", directory.Deputy)
	second, err := w.Appoint(w.as(w.admin), directory.AppointIn{Person: p, Agency: "tt-xa", Position: directory.Leader, Title: "Giám đốc", From: "2026-01-01", Basis: "12/QĐ-UBND"})
	testkit.WantError(t, err, nil)
	if a := w.actor(p); a.Office != "tt-xa" || a.Post != "Giám đốc" || len(a.Offices) != 2 {
		t.Errorf("the higher post comes first: %+v", a)
	}
	first := w.postOf(p).ID
	if first == second {
		first = slices.DeleteFunc(must(w.PostsOf(t.Context(), p)), func(x directory.Post) bool { return x.ID == second })[0].ID
	}
	a, err := w.Actor(t.Context(), w.db.Reader, p, first, w.clock.Now())
	testkit.WantError(t, err, nil)
	if a.PostID != first || a.Office != "ubnd-xa" || !a.May("services.decide", "tt-xa") {
		t.Errorf("chosen post: %+v", a)
	}
	before, err := w.Actor(t.Context(), w.db.Reader, p, uuid.Nil, time.Date(2019, 12, 31, 12, 0, 0, 0, time.UTC))
	testkit.WantError(t, err, nil)
	if before.Kind != actor.Citizen {
		t.Errorf("before the first post: %+v", before)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// TestAppoint: nobody grants rights above their own, nobody appoints herself.
func TestAppoint(t *testing.T) {
	w := setup(t)
	local := w.official("Quản trị xã", "ubnd-xa", directory.AgencyAdmin)
	officer := w.official("Công chức", "vp-xa", directory.CaseOfficer)
	for name, tt := range map[string]struct {
		by               uuid.UUID
		person           uuid.UUID
		agency, position string
		from             string
		want             error
	}{
		"local admin, own house":            {local, w.person("A"), "tt-xa", directory.ReceivingOfficer, "2026-11-01", nil},
		"local admin appoints another such": {local, w.person("B"), "ubnd-xa", directory.AgencyAdmin, "2026-11-01", nil},
		"local admin, another body":         {local, w.person("C"), "so-y-te", directory.CaseOfficer, "2026-11-01", fault.Forbidden("directory.manage")},
		"above the local admin":             {local, w.person("D"), "ubnd-xa", directory.ProvinceAdmin, "2026-11-01", fault.Forbidden("directory.above")},
		"an inspector is above both":        {w.admin, w.person("E"), "ubnd-tinh", directory.Inspector, "2026-11-01", fault.Forbidden("directory.above")},
		"oneself":                           {w.admin, w.admin, "ubnd-xa", directory.Leader, "2026-11-01", fault.Forbidden("directory.self")},
		"without the right":                 {officer, w.person("F"), "vp-xa", directory.CaseOfficer, "2026-11-01", fault.Forbidden("directory.manage")},
		"twice":                             {w.admin, officer, "vp-xa", directory.CaseOfficer, "2026-11-01", fault.Conflict("directory.post-open")},
		"no such position":                  {w.admin, officer, "vp-xa", "king", "2026-11-01", fault.Fields{"position": "unknown"}},
		"before the body was there":         {w.admin, officer, "vp-xa", directory.Clerk, "1999-01-01", fault.Fields{"agency": "directory.agency-not-then"}},
		"no day":                            {w.admin, officer, "vp-xa", directory.Clerk, "31/02/2026", fault.Fields{"from": "date"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.Appoint(w.as(tt.by), directory.AppointIn{Person: tt.person, Agency: tt.agency, Position: tt.position, From: tt.from})
			testkit.WantError(t, err, tt.want)
		})
	}
}

// TestAppointTwice: the same form sent twice opens one post.
func TestAppointTwice(t *testing.T) {
	w := setup(t)
	in := directory.AppointIn{Client: audit.NewClient(), Person: w.person("A"), Agency: "vp-xa", Position: directory.Clerk, From: "2026-11-01"}
	first, err := w.Appoint(w.as(w.admin), in)
	testkit.WantError(t, err, nil)
	second, err := w.Appoint(w.as(w.admin), in)
	testkit.WantError(t, err, nil)
	if first != second || len(must(w.PostsOf(t.Context(), in.Person))) != 1 {
		t.Errorf("first %s, second %s", first, second)
	}
}

// TestTransferAndLeave: a person is never without a post in between, and history stays.
func TestTransferAndLeave(t *testing.T) {
	w := setup(t)
	p := w.official("Lê Văn Chuyển", "vp-xa", directory.CaseOfficer)
	old := w.postOf(p)
	_, err := w.Transfer(w.as(w.admin), directory.TransferIn{Post: old.ID, Agency: "so-y-te", Position: directory.DivisionHead, Title: "Trưởng phòng", On: "2026-11-10", Basis: "7/QĐ"})
	testkit.WantError(t, err, nil)
	for day, office := range map[string]string{"2026-11-09": "vp-xa", "2026-11-10": "so-y-te"} {
		at := must(time.ParseInLocation(time.DateOnly, day, clock.Vietnam))
		if a := must(w.Actor(t.Context(), w.db.Reader, p, uuid.Nil, at)); a.Office != office || len(a.Offices) != 1 {
			t.Errorf("on %s: %+v", day, a)
		}
	}
	_, err = w.Transfer(w.as(w.admin), directory.TransferIn{Post: old.ID, Agency: "so-y-te", Position: directory.Clerk, On: "2026-11-12", Basis: "8/QĐ"})
	testkit.WantError(t, err, fault.Conflict("directory.post-ended"))
	testkit.WantError(t, w.Leave(w.as(w.admin), directory.LeaveIn{Person: p, On: "2026-11-20", Reason: "nghỉ hưu"}), nil)
	testkit.WantError(t, w.Leave(w.as(w.admin), directory.LeaveIn{Person: p, On: "2026-11-20", Reason: "nghỉ hưu"}), fault.Conflict("directory.no-post"))
	if a := w.actor(p); a.Kind != actor.Citizen {
		t.Errorf("after leaving: %+v", a)
	}
	if got := must(w.PostsOf(t.Context(), p)); len(got) != 2 || got[0].Reason != "nghỉ hưu" || got[1].Reason != "transfer" {
		t.Errorf("history: %+v", got)
	}
	if n := w.entries("directory.post.transfer"); n != 1 {
		t.Errorf("%d transfer entries: a refused act leaves none", n)
	}
}

// TestLastAdmin: a province never loses its last administrator, not even to two at once.
func TestLastAdmin(t *testing.T) {
	w := setup(t)
	testkit.WantError(t, w.Leave(w.as(uuid.Nil), directory.LeaveIn{Person: w.admin, On: "2026-11-23", Reason: "x"}), fault.Conflict("directory.last-admin"))
	other := w.official("Người thứ hai", "ubnd-tinh", directory.ProvinceAdmin)
	errs := make(chan error, 2)
	both := map[uuid.UUID]context.Context{w.admin: w.as(other), other: w.as(w.admin)} // each by the other, rights read before
	for whom, ctx := range both {
		go func() { errs <- w.Leave(ctx, directory.LeaveIn{Person: whom, On: "2026-11-23", Reason: "x"}) }()
	}
	one, two := <-errs, <-errs
	if (one == nil) == (two == nil) {
		t.Fatalf("exactly one may succeed: %v, %v", one, two)
	}
	testkit.WantError(t, errors.Join(one, two), fault.Conflict("directory.last-admin"))
}

// TestEnrol: a new person with a first post; a known number is to be appointed instead.
func TestEnrol(t *testing.T) {
	w := setup(t)
	in := directory.EnrolIn{PersonIn: directory.PersonIn{Name: "Võ Thị Mới", PersonalID: "096190000011", BirthDate: "1990-02-03", Sex: "female"},
		Agency: "tt-xa", Position: directory.Cashier, From: "2026-11-01", Basis: "3/QĐ"}
	person, err := w.Enrol(w.as(w.admin), in)
	testkit.WantError(t, err, nil)
	if a := w.actor(person); a.Name != in.Name || !a.May("services.cash", "ubnd-xa") {
		t.Errorf("%+v", a)
	}
	_, err = w.Enrol(w.as(w.admin), in)
	testkit.WantError(t, err, fault.Fields{"personal_id": "directory.known"})
	in.PersonalID, in.Position = "", directory.Inspector
	_, err = w.Enrol(w.as(w.admin), in)
	testkit.WantError(t, err, fault.Forbidden("directory.above"))
	in.Name, in.From = " ", "soon"
	_, err = w.Enrol(w.as(w.admin), in)
	testkit.WantError(t, err, fault.Fields{"name": "required", "from": "date"})
}
