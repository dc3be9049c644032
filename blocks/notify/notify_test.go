package notify_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/blocks/notify"
	"datmui/kit/actor"
	"datmui/kit/clock"
	"datmui/kit/fault"
	"datmui/kit/lang"
	"datmui/kit/pg"
	"datmui/kit/testkit"
)

type accepted struct {
	Code, Procedure, Path string
	DueAt                 time.Time
	Amount                int64
	Signed                time.Time `notice:"date"`
	Items                 int
}

func (accepted) NoticeKind() string { return "test.accepted" }

type other struct{ What string }

func (other) NoticeKind() string { return "test.other" }

func init() {
	lang.Register(fstest.MapFS{
		"text.vi.toml": {Data: []byte(`"notice.test.accepted.subject" = "Hồ sơ {{.code}} đã được tiếp nhận"
"notice.test.accepted.body" = "{{.procedure}}: hẹn trả {{.dueAt}}, lệ phí {{.amount}}, ký {{.signed}}, {{.items}} giấy tờ."
"notice.test.accepted.name" = "Hồ sơ được tiếp nhận"
"notice.test.other.subject" = "Việc khác: {{.what}}"
"notice.test.other.body" = "{{.what}}"
`)},
		"text.en.toml": {Data: []byte(`"notice.test.accepted.subject" = "Dossier {{.code}} was accepted"
"notice.test.accepted.body" = "{{.procedure}}: due {{.dueAt}}, fee {{.amount}}, signed {{.signed}}, {{.items}} papers."
"notice.test.accepted.name" = "Dossier accepted"
"notice.test.other.subject" = "Other: {{.what}}"
"notice.test.other.body" = "{{.what}}"
`)},
	})
}

var (
	vy   = citizen("Dương Khánh Vy")
	nam  = citizen("Huỳnh Nhật Nam")
	sent = accepted{Code: "H12.58-261118-0003", Procedure: "Xác nhận tình trạng hôn nhân", Path: "/my/dossiers/1", Amount: 8000,
		DueAt: time.Date(2026, 11, 26, 3, 0, 0, 0, time.UTC), Signed: time.Date(2026, 11, 18, 3, 0, 0, 0, time.UTC), Items: 2}
)

func citizen(name string) actor.Actor {
	return actor.Actor{ID: uuid.NewSHA1(uuid.Nil, []byte(name)), Kind: actor.Citizen, Name: name, Level: 2}
}

type people map[uuid.UUID]string

func (p people) MailAddress(_ context.Context, person uuid.UUID) (string, string, error) {
	if p[person] == "broken" {
		return "", "", errors.New("the directory does not answer")
	}
	return p[person], "Dương Khánh Vy\r\nBcc: all@example.vn", nil
}

type bench struct {
	*pg.DB
	book  *audit.Book
	clock *clock.Fake
	box   *notify.Block
	mail  *smtpd
	who   people
}

func setup(t *testing.T) bench {
	t.Helper()
	db := testkit.DB(t)
	b := bench{DB: db, clock: testkit.Clock(t, "2026-11-23T09:00"), mail: serveMail(t), who: people{vy.ID: "vy@vidu.vn", nam.ID: "nam@vidu.vn"}}
	b.book = audit.New(audit.Config{App: db.App, Reader: db.Reader, Clock: b.clock})
	b.box = notify.New(notify.Config{DB: db.Reader, Book: b.book, Clock: b.clock, People: b.who, Origin: "https://dvc.test",
		Mailer: notify.SMTP{Host: "127.0.0.1", Port: b.mail.port(), TLS: "none", From: "khong-tra-loi@dvc.test", Name: "Đất Mũi"}})
	return b
}

func (b bench) send(t *testing.T, to actor.Actor, n notify.Notice) {
	t.Helper()
	err := b.book.Act(actor.With(t.Context(), actor.ForSystem("test")), "notify.test", func(ctx context.Context, act *audit.Act) error {
		return b.box.Send(ctx, act, to.ID, n)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (b bench) deliver(t *testing.T) {
	t.Helper()
	if err := b.box.Deliver(actor.With(t.Context(), actor.ForSystem("notify.deliver-mail"))); err != nil {
		t.Fatal(err)
	}
}

func (b bench) inbox(t *testing.T, who actor.Actor) []notify.Told {
	t.Helper()
	list, _, err := b.box.Inbox(actor.With(t.Context(), who), uuid.Nil)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestANoticeIsToldInBothLanguages(t *testing.T) {
	b := setup(t)
	b.send(t, vy, sent)
	n := b.inbox(t, vy)[0]
	vi, en := lang.With(t.Context(), lang.Vietnamese), lang.With(t.Context(), lang.English)
	for got, want := range map[string]string{
		n.Subject(vi): "Hồ sơ H12.58-261118-0003 đã được tiếp nhận",
		n.Body(vi):    "Xác nhận tình trạng hôn nhân: hẹn trả 10 giờ 00, 26 tháng 11 năm 2026, lệ phí 8.000 đồng, ký 18 tháng 11 năm 2026, 2 giấy tờ.",
		n.Body(en):    "Xác nhận tình trạng hôn nhân: due 10:00, 26 November 2026, fee 8,000 đồng, signed 18 November 2026, 2 papers.",
		n.Href:        "/my/dossiers/1",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if len(b.inbox(t, nam)) != 0 {
		t.Error("another person sees the notice")
	}
}

func TestMailLeavesOnceWithItsOwnID(t *testing.T) {
	b := setup(t)
	b.send(t, vy, sent)
	id := b.inbox(t, vy)[0].ID
	b.deliver(t)
	b.deliver(t) // the job runs again: nothing is due
	mails := b.mail.mails()
	if len(mails) != 1 {
		t.Fatalf("%d mails", len(mails))
	}
	m := mails[0]
	if m.To != "vy@vidu.vn" || m.ID != "<"+id.String()+"@dvc.test>" || m.Subject != "Hồ sơ H12.58-261118-0003 đã được tiếp nhận" ||
		m.Leave != "<https://dvc.test/notices/preferences>" {
		t.Errorf("%+v", m)
	}
	if !strings.Contains(m.Body, "lệ phí 8.000 đồng") || !strings.Contains(m.Body, "https://dvc.test/my/dossiers/1\n") {
		t.Errorf("body: %s", m.Body)
	}
	if got := b.inbox(t, vy)[0].Mail; got != "sent" {
		t.Errorf("state %s", got)
	}
}

// A process that dies between sending and noting sends again: the same Message-ID both times.
func TestACrashRepeatsAMailAndNeverLosesIt(t *testing.T) {
	b := setup(t)
	b.send(t, vy, sent)
	b.deliver(t)
	if _, err := b.Owner.Exec(t.Context(), `UPDATE notify.notice SET mail = 'waiting', mailed_at = NULL, next_at = $1`, b.clock.Now().Add(5*time.Minute)); err != nil {
		t.Fatal(err) // as the claim left it
	}
	b.deliver(t)
	if n := len(b.mail.mails()); n != 1 {
		t.Fatalf("a claimed mail was sent by another: %d mails", n)
	}
	b.clock.Advance(6 * time.Minute)
	b.deliver(t)
	mails := b.mail.mails()
	if len(mails) != 2 || mails[0].ID != mails[1].ID {
		t.Errorf("%+v", mails)
	}
}

func TestAFailingServerIsTriedAgainMoreAndMoreSeldom(t *testing.T) {
	b := setup(t)
	b.mail.answers(func(string) string { return "451 try later" })
	b.send(t, vy, sent)
	b.deliver(t)
	b.deliver(t) // not yet due again
	b.clock.Advance(2 * time.Minute)
	b.deliver(t)
	n := b.inbox(t, vy)[0]
	if n.Mail != "waiting" {
		t.Fatalf("state %s", n.Mail)
	}
	b.mail.answers(nil)
	b.clock.Advance(time.Minute) // the second pause is two minutes
	b.deliver(t)
	if len(b.mail.mails()) != 0 {
		t.Error("tried again before its time")
	}
	b.clock.Advance(2 * time.Minute)
	b.deliver(t)
	if len(b.mail.mails()) != 1 {
		t.Error("not tried again")
	}
}

func TestWhatCannotBeSentIsGivenUp(t *testing.T) {
	b := setup(t)
	b.mail.answers(func(to string) string {
		if to == "nam@vidu.vn" {
			return "550 no such user"
		}
		return ""
	})
	nobody, broken := citizen("No Address"), citizen("Broken")
	b.who[broken.ID] = "broken"
	for _, who := range []actor.Actor{nam, nobody, broken, vy} {
		b.send(t, who, sent)
	}
	b.deliver(t)
	for who, want := range map[string]string{"nam": "failed", "nobody": "none", "broken": "waiting", "vy": "sent"} {
		a := map[string]actor.Actor{"nam": nam, "nobody": nobody, "broken": broken, "vy": vy}[who]
		if got := b.inbox(t, a)[0].Mail; got != want {
			t.Errorf("%s: %s, want %s", who, got, want)
		}
	}
	for range 20 {
		b.clock.Advance(7 * time.Hour)
		b.deliver(t)
	}
	if got := b.inbox(t, broken)[0].Mail; got != "failed" {
		t.Errorf("tried for ever: %s", got)
	}
}

func TestPreferences(t *testing.T) {
	b := setup(t)
	ctx := actor.With(t.Context(), vy)
	testkit.WantError(t, b.box.Prefer(ctx, notify.Preferences{Lang: "fr", Mail: "sometimes", ByKind: map[string]notify.Wish{"no.kind": "on"}}),
		fault.Fields{"lang": "one", "mail": "one", "kind.no.kind": "one"})
	if err := b.box.Prefer(ctx, notify.Preferences{Lang: "en", Mail: notify.Off, ByKind: map[string]notify.Wish{"test.accepted": notify.Each, "test.other": ""}}); err != nil {
		t.Fatal(err)
	}
	p, err := b.box.PreferencesOf(ctx)
	if err != nil || p.Lang != "en" || p.Mail != notify.Off || fmt.Sprint(p.ByKind) != "map[test.accepted:on]" {
		t.Errorf("%+v, %v", p, err)
	}
	b.send(t, vy, sent)
	b.send(t, vy, other{"x"})
	b.deliver(t)
	mails := b.mail.mails()
	if len(mails) != 1 || mails[0].Subject != "Dossier H12.58-261118-0003 was accepted" {
		t.Errorf("%+v", mails)
	}
	if len(b.inbox(t, vy)) != 2 {
		t.Error("the inbox has not all of them")
	}
	if !slices.Contains(notify.Kinds(), "test.other") || notify.NameOf(ctx, "test.accepted") != "Hồ sơ được tiếp nhận" {
		t.Errorf("kinds: %q", notify.Kinds())
	}
}

func TestDigest(t *testing.T) {
	b := setup(t) // Monday 09:00
	ctx := actor.With(t.Context(), vy)
	if err := b.box.Prefer(ctx, notify.Preferences{Lang: "vi", Mail: notify.Digest}); err != nil {
		t.Fatal(err)
	}
	digest := func() {
		t.Helper()
		if err := b.box.SendDigests(actor.With(t.Context(), actor.ForSystem("notify.send-digests"))); err != nil {
			t.Fatal(err)
		}
	}
	b.send(t, vy, sent)
	b.send(t, vy, other{"giấy mời"})
	b.deliver(t)
	digest()
	if n := len(b.mail.mails()); n != 0 {
		t.Fatalf("%d mails before seven o'clock", n)
	}
	b.clock.Set(testkit.Clock(t, "2026-11-24T07:00").Now())
	b.send(t, vy, other{"mai mới báo"})
	digest()
	digest()
	mails := b.mail.mails()
	if len(mails) != 1 || mails[0].Subject != "2 thông báo trong ngày qua" || !strings.Contains(mails[0].Body, "Việc khác: giấy mời") ||
		strings.Contains(mails[0].Body, "mai mới báo") {
		t.Fatalf("%+v", mails)
	}
	// died before noting: again, with the same Message-ID
	if _, err := b.Owner.Exec(t.Context(), `UPDATE notify.notice SET mail = 'digest' WHERE mail = 'sent'`); err != nil {
		t.Fatal(err)
	}
	digest()
	if mails = b.mail.mails(); len(mails) != 2 || mails[0].ID != mails[1].ID {
		t.Errorf("%+v", mails)
	}
	b.clock.Set(testkit.Clock(t, "2026-11-25T08:00").Now())
	digest()
	if mails = b.mail.mails(); len(mails) != 3 || mails[2].ID == mails[1].ID || !strings.Contains(mails[2].Body, "mai mới báo") {
		t.Errorf("next day: %+v", mails)
	}
}

func TestReading(t *testing.T) {
	b := setup(t)
	ctx := actor.With(t.Context(), vy)
	for i := range 35 {
		b.send(t, vy, other{fmt.Sprint(i)})
	}
	b.send(t, vy, sent)
	if n, err := b.box.Unread(ctx); err != nil || n != 36 {
		t.Errorf("unread: %d, %v", n, err)
	}
	list, next, err := b.box.Inbox(ctx, uuid.Nil)
	if err != nil || len(list) != 30 || list[0].Kind != "test.accepted" {
		t.Fatalf("%d notices, %v", len(list), err)
	}
	rest, end, err := b.box.Inbox(ctx, next)
	if err != nil || len(rest) != 6 || end != uuid.Nil || slices.ContainsFunc(rest, func(n notify.Told) bool { return n.ID == list[29].ID }) {
		t.Errorf("second page: %d, %v", len(rest), err)
	}
	for range 2 {
		href, err := b.box.MarkRead(ctx, list[0].ID)
		if err != nil || href != "/my/dossiers/1" {
			t.Errorf("%s, %v", href, err)
		}
	}
	_, err = b.box.MarkRead(actor.With(t.Context(), nam), list[1].ID)
	testkit.WantError(t, err, fault.NotFound("notify.notice"))
	if n, _ := b.box.Unread(ctx); n != 35 {
		t.Errorf("unread after one: %d", n)
	}
	if err := b.box.MarkAllRead(ctx); err != nil {
		t.Fatal(err)
	}
	if n, _ := b.box.Unread(ctx); n != 0 {
		t.Errorf("unread after all: %d", n)
	}
}

func TestWhatIsNoNoticeIsRefused(t *testing.T) {
	b := setup(t)
	err := b.book.Act(t.Context(), "notify.test", func(ctx context.Context, act *audit.Act) error {
		return b.box.Send(ctx, act, uuid.Nil, sent)
	})
	if err == nil {
		t.Error("sent to nobody")
	}
	err = b.book.Act(t.Context(), "notify.test", func(ctx context.Context, act *audit.Act) error {
		return b.box.Send(ctx, act, vy.ID, odd{})
	})
	if err == nil {
		t.Error("a field that cannot be written was taken")
	}
}

type odd struct{ List []string }

func (odd) NoticeKind() string { return "test.odd" }
