package identity

import (
	"context"
	"crypto/rand"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/pquerna/otp/hotp"

	"datmui/blocks/audit"
	"datmui/blocks/directory"
	"datmui/kit/actor"
	"datmui/kit/clock"
	"datmui/kit/fault"
	"datmui/kit/pg"
	"datmui/kit/testkit"
)

// world is a commune with its people, and the block.
type world struct {
	*Block
	t     testing.TB
	db    *pg.DB
	clock *clock.Fake
	dir   *directory.Block
	conf  Config
}

const (
	home      = "203.0.113.7"
	elsewhere = "198.51.100.9"
	secret    = "một mật khẩu đủ dài"
)

func setup(t testing.TB, change ...func(*Config)) *world {
	t.Helper()
	db := testkit.DB(t)
	clk := testkit.Clock(t, "2026-11-23T08:06")
	book := audit.New(audit.Config{App: db.App, Reader: db.Reader, Clock: clk})
	dir := directory.New(directory.Config{DB: db.Reader, Book: book, Clock: clk})
	w := &world{t: t, db: db, clock: clk, dir: dir}
	w.exec(`INSERT INTO directory.unit (code, valid_from, name, short_name, kind, level, parent) VALUES
		('96', '2000-01-01', 'Tỉnh Cà Mau', 'Cà Mau', 'tỉnh', 'province', NULL),
		('32248', '2000-01-01', 'Xã Đất Mũi', 'Đất Mũi', 'xã', 'commune', '96')`)
	for _, a := range [][3]string{{"ubnd-tinh", "", "96"}, {"ubnd-xa", "ubnd-tinh", "32248"}} {
		w.exec(`INSERT INTO directory.agency VALUES ($1)`, a[0])
		w.exec(`INSERT INTO directory.agency_version (agency_id, valid_from, name, branch, level, kind, parent, unit_code)
			VALUES ($1, '2000-01-01', $1, 'government', CASE WHEN $1 = 'ubnd-xa' THEN 'commune' ELSE 'province' END, 'committee', nullif($2, ''), $3)`, a[0], a[1], a[2])
	}
	key := make([]byte, 32)
	_, _ = rand.Read(key)
	w.conf = Config{DB: db.Reader, Book: book, Live: db.App, People: dir, Key: key, Origin: "http://localhost:8080", Clock: clk, Log: testkit.Log(t)}
	for _, c := range change {
		c(&w.conf)
	}
	w.Block = w.another()
	return w
}

// another is the block of another process on the same database.
func (w *world) another() *Block {
	w.t.Helper()
	b, err := New(w.conf)
	if err != nil {
		w.t.Fatal(err)
	}
	return b
}

func (w *world) exec(sql string, args ...any) {
	w.t.Helper()
	if _, err := w.db.Owner.Exec(w.t.Context(), sql, args...); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) count(sql string, args ...any) int {
	w.t.Helper()
	n, err := pg.Value[int](w.db.Owner.Query(w.t.Context(), sql, args...))
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) system() context.Context {
	return actor.With(w.t.Context(), actor.ForSystem("test"))
}

// from is a stranger's context at an address, on a device.
func (w *world) from(addr, device string) context.Context {
	return WithClient(w.t.Context(), Client{Addr: netip.MustParseAddr(addr), Device: device,
		Agent: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/156.0 Safari/537.36"})
}

func (w *world) person(name string) uuid.UUID {
	w.t.Helper()
	id := uuid.Must(uuid.NewV7())
	w.exec(`INSERT INTO directory.person (id, name) VALUES ($1, $2)`, id, name)
	return id
}

// official makes a person with a post and an account without a password.
func (w *world) official(account, agency, position string) uuid.UUID {
	w.t.Helper()
	id := w.person("Lê Quang Huy")
	_, err := w.dir.Appoint(w.system(), directory.AppointIn{Person: id, Agency: agency, Position: position, From: "2020-01-01"})
	w.must(err)
	_, err = w.CreateOfficial(w.system(), CreateIn{Person: id, Name: account})
	w.must(err)
	return id
}

// enrolled takes an official through link, password and phone, and returns the phone's secret.
func (w *world) enrolled(account string) (person uuid.UUID, phone string, first Next) {
	w.t.Helper()
	person = w.official(account, "ubnd-xa", directory.CaseOfficer)
	link, err := w.ResetLink(w.system(), account, false)
	w.must(err)
	ctx := w.from(home, "")
	next, err := w.OpenLink(ctx, strings.TrimPrefix(link.Address, w.conf.Origin+PathLink))
	w.must(err)
	next, err = w.NewPassword(ctx, NewPasswordIn{Token: next.Token, Password: secret, Repeat: secret})
	w.must(err)
	if next.Step != StepEnrol {
		w.t.Fatalf("after the password comes %q", next.Step)
	}
	shown, err := w.Enrol(ctx, next.Token)
	w.must(err)
	phone = strings.ReplaceAll(shown.Secret, " ", "")
	first, err = w.ConfirmEnrol(ctx, CodeIn{Token: next.Token, Code: w.code(phone)})
	w.must(err)
	w.clock.Advance(time.Minute) // the code just used works no longer
	return person, phone, first
}

func (w *world) code(phone string) string {
	w.t.Helper()
	c, err := hotp.GenerateCode(phone, uint64(w.clock.Now().Unix()/30))
	w.must(err)
	return c
}

// as is the context of a session.
func (w *world) as(ctx context.Context, s Started) context.Context {
	w.t.Helper()
	who, err := w.Session(ctx, s.Token)
	w.must(err)
	return actor.With(ctx, who)
}

func (w *world) signedIn(ctx context.Context, account, phone string) Started {
	w.t.Helper()
	next, err := w.Password(ctx, PasswordIn{Name: account, Password: secret})
	w.must(err)
	done, err := w.Code(ctx, CodeIn{Token: next.Token, Code: w.code(phone)})
	w.must(err)
	w.clock.Advance(time.Minute)
	return done.Session
}

func TestFirstWayIn(t *testing.T) {
	t.Parallel()
	w := setup(t)
	person, _, first := w.enrolled("huylq")
	if first.Step != StepDone || len(first.Recovery) != 10 || !first.Session.Official {
		t.Fatalf("%+v", first)
	}
	who, err := w.Session(t.Context(), first.Session.Token)
	w.must(err)
	if who.ID != person || who.Kind != actor.Official || who.Office != "ubnd-xa" || who.Account != "huylq" || who.Session == uuid.Nil || !who.May("services.handle", "ubnd-xa") {
		t.Errorf("%+v", who)
	}
	if n := w.count(`SELECT count(*)::int FROM audit.entry WHERE name = 'identity.sign-in' AND actor_id = $1`, person); n != 1 {
		t.Errorf("%d sign-ins in the log", n)
	}
	// the database holds nothing that opens anything
	if n := w.count(`SELECT count(*)::int FROM identity.account WHERE totp_secret::text LIKE '%' || encode($1, 'hex') || '%'`, []byte(first.Session.Token)); n != 0 {
		t.Error("a secret stands in the clear")
	}
}

func TestCode(t *testing.T) {
	t.Parallel()
	w := setup(t)
	_, phone, first := w.enrolled("huylq")
	ctx := w.from(home, "")
	step := func() string {
		t.Helper()
		next, err := w.Password(ctx, PasswordIn{Name: " HuyLQ ", Password: secret})
		w.must(err)
		if next.Step != StepCode {
			t.Fatalf("step %q", next.Step)
		}
		return next.Token
	}
	code := w.code(phone)
	token := step()
	_, err := w.Code(ctx, CodeIn{Token: token, Code: "000 00"})
	testkit.WantError(t, err, fault.Fields{"code": "code-wrong"})
	done, err := w.Code(ctx, CodeIn{Token: token, Code: code[:3] + " " + code[3:]})
	w.must(err)
	w.as(ctx, done.Session)
	_, err = w.Code(ctx, CodeIn{Token: token, Code: code})
	testkit.WantError(t, err, errStep)
	_, err = w.Code(ctx, CodeIn{Token: step(), Code: code})
	testkit.WantError(t, err, fault.Fields{"code": "code-used"})

	// an older code than the last one used is refused too, although its time has not passed
	next30, err := hotp.GenerateCode(phone, uint64(w.clock.Now().Unix()/30+1))
	w.must(err)
	_, err = w.Code(ctx, CodeIn{Token: step(), Code: next30})
	w.must(err)
	_, err = w.Code(ctx, CodeIn{Token: step(), Code: code})
	testkit.WantError(t, err, fault.Fields{"code": "code-used"})

	// recovery codes: any case, once
	_, err = w.Code(ctx, CodeIn{Token: step(), Code: strings.ToUpper(first.Recovery[3])})
	w.must(err)
	_, err = w.Code(ctx, CodeIn{Token: step(), Code: first.Recovery[3]})
	testkit.WantError(t, err, fault.Fields{"code": "code-wrong"})

	// a ceremony ends after five wrong answers, right ones included
	token = step()
	for range tries {
		_, err = w.Code(ctx, CodeIn{Token: token, Code: "123456"})
		testkit.WantError(t, err, fault.Fields{"code": "code-wrong"})
	}
	w.clock.Advance(time.Minute)
	_, err = w.Code(ctx, CodeIn{Token: token, Code: w.code(phone)})
	testkit.WantError(t, err, errStep)

	// and after ten minutes
	token = step()
	w.clock.Advance(ceremonyLife + time.Second)
	_, err = w.Code(ctx, CodeIn{Token: token, Code: w.code(phone)})
	testkit.WantError(t, err, errStep)
}

func TestPassword(t *testing.T) {
	t.Parallel()
	w := setup(t)
	_, phone, _ := w.enrolled("huylq")
	w.official("new.one", "ubnd-xa", directory.Clerk)
	for name, tt := range map[string]struct {
		in   PasswordIn
		want error
	}{
		"wrong":         {PasswordIn{Name: "huylq", Password: secret + "x"}, errWrong},
		"unknown":       {PasswordIn{Name: "nobody", Password: secret}, errWrong},
		"none yet":      {PasswordIn{Name: "new.one", Password: "nobody has this password"}, errWrong},
		"not a name":    {PasswordIn{Name: "' OR 1=1 --", Password: secret}, errWrong},
		"too long":      {PasswordIn{Name: "huylq", Password: strings.Repeat("a", 5000)}, errWrong},
		"empty":         {PasswordIn{}, fault.Fields{"name": "required", "password": "required"}},
		"decomposed":    {PasswordIn{Name: "huylq", Password: "mô\u0323t mâ\u0323t khâ\u0309u đu\u0309 da\u0300i"}, nil},
		"right":         {PasswordIn{Name: "HUYLQ", Password: secret}, nil},
		"zero in names": {PasswordIn{Name: "huy\x00lq", Password: secret}, errWrong},
	} {
		_, err := w.Password(w.from(home, ""), tt.in)
		t.Run(name, func(t *testing.T) { testkit.WantError(t, err, tt.want) })
		w.exec(`DELETE FROM identity.attempt`)
	}
	w.must(w.Close(w.system(), "huylq"))
	_, err := w.Password(w.from(home, ""), PasswordIn{Name: "huylq", Password: secret})
	testkit.WantError(t, err, errWrong)
	w.must(w.Reopen(w.system(), "huylq"))
	w.signedIn(w.from(home, ""), "huylq", phone)
}

func TestChangePassword(t *testing.T) {
	t.Parallel()
	w := setup(t)
	_, phone, first := w.enrolled("huylq")
	ctx := w.from(home, "")
	other := w.signedIn(ctx, "huylq", phone)
	me := w.as(ctx, first.Session)
	const better = "a better and longer one 2026"
	for name, tt := range map[string]struct {
		in   ChangePasswordIn
		want fault.Fields
	}{
		"current":  {ChangePasswordIn{"nope", better, better}, fault.Fields{"current": "password-wrong"}},
		"short":    {ChangePasswordIn{secret, "ngắn quá", "ngắn quá"}, fault.Fields{"password": "too-short:12"}},
		"repeat":   {ChangePasswordIn{secret, better, better + "!"}, fault.Fields{"repeat": "password-repeat"}},
		"same":     {ChangePasswordIn{secret, secret, secret}, fault.Fields{"password": "password-same"}},
		"name":     {ChangePasswordIn{secret, "xin chào huylq nhé", "xin chào huylq nhé"}, fault.Fields{"password": "password-name"}},
		"frequent": {ChangePasswordIn{secret, "matkhau123456", "matkhau123456"}, fault.Fields{"password": "password-common"}},
		"repeated": {ChangePasswordIn{secret, "abababababab", "abababababab"}, fault.Fields{"password": "password-common"}},
	} {
		t.Run(name, func(t *testing.T) { testkit.WantError(t, w.ChangePassword(me, tt.in), tt.want) })
	}
	w.must(w.ChangePassword(me, ChangePasswordIn{secret, better, better}))
	if _, err := w.Session(ctx, other.Token); fault.KindOf(err) != fault.KindSignIn {
		t.Errorf("the other session: %v", err)
	}
	w.as(ctx, first.Session)
	_, err := w.Password(ctx, PasswordIn{Name: "huylq", Password: secret})
	testkit.WantError(t, err, errWrong)
	_, err = w.Password(ctx, PasswordIn{Name: "huylq", Password: better})
	w.must(err)
}

// A sign-in that waits for its code ends when the password changes meanwhile.
func TestPasswordChangesMeanwhile(t *testing.T) {
	t.Parallel()
	w := setup(t)
	_, phone, first := w.enrolled("huylq")
	ctx := w.from(home, "")
	thief, err := w.Password(ctx, PasswordIn{Name: "huylq", Password: secret})
	w.must(err)
	w.must(w.ChangePassword(w.as(ctx, first.Session), ChangePasswordIn{secret, "a better and longer one", "a better and longer one"}))
	_, err = w.Code(ctx, CodeIn{Token: thief.Token, Code: w.code(phone)})
	testkit.WantError(t, err, errStep)
}

func TestLink(t *testing.T) {
	t.Parallel()
	w := setup(t)
	_, phone, first := w.enrolled("huylq")
	ctx := w.from(home, "")
	token := func(second bool) string {
		t.Helper()
		l, err := w.ResetLink(w.system(), "huylq", second)
		w.must(err)
		return strings.TrimPrefix(l.Address, w.conf.Origin+PathLink)
	}
	const better = "a better and longer one"
	in := func(step string) NewPasswordIn { return NewPasswordIn{step, better, better} }

	old := token(false)
	link := token(false)
	_, err := w.OpenLink(ctx, old)
	testkit.WantError(t, err, errLink) // a newer one was made
	opened, err := w.OpenLink(ctx, link)
	w.must(err)
	again, err := w.OpenLink(ctx, link) // a mail program looked first
	w.must(err)
	_, err = w.Code(ctx, CodeIn{Token: opened.Token, Code: w.code(phone)})
	testkit.WantError(t, err, errStep) // no way around the new password
	next, err := w.NewPassword(ctx, in(opened.Token))
	w.must(err)
	if next.Step != StepCode {
		t.Errorf("a link alone leads to %q", next.Step)
	}
	if _, err := w.Session(ctx, first.Session.Token); fault.KindOf(err) != fault.KindSignIn {
		t.Errorf("an old session: %v", err)
	}
	_, err = w.NewPassword(ctx, in(again.Token))
	testkit.WantError(t, err, errStep)
	_, err = w.OpenLink(ctx, link)
	testkit.WantError(t, err, errLink)

	// a lost phone: the second factor is set up anew
	opened, err = w.OpenLink(ctx, token(true))
	w.must(err)
	next, err = w.NewPassword(ctx, NewPasswordIn{opened.Token, secret, secret})
	w.must(err)
	if next.Step != StepEnrol {
		t.Errorf("step %q", next.Step)
	}

	link = token(false)
	w.clock.Advance(linkLife + time.Second)
	_, err = w.OpenLink(ctx, link)
	testkit.WantError(t, err, errLink)
	_, err = w.OpenLink(ctx, "not a link")
	testkit.WantError(t, err, errLink)
}
