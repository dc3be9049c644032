package identity

import (
	"context"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"datmui/blocks/directory"
	"datmui/blocks/notify"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/testkit"
)

// post is a mailer and the jobs that wait for it.
type post struct {
	jobs  []MailLink
	mails []notify.Mail
}

func (p *post) InsertManyFastTx(_ context.Context, _ pgx.Tx, params []river.InsertManyParams) (int, error) {
	for _, j := range params {
		p.jobs = append(p.jobs, j.Args.(MailLink))
	}
	return len(params), nil
}

func (p *post) Deliver(_ context.Context, mails []notify.Mail) []error {
	p.mails = append(p.mails, mails...)
	return nil
}

// An administrator sends links to people of bodies under her, and never sees one.
func TestManage(t *testing.T) {
	t.Parallel()
	box := &post{}
	w := setup(t, func(c *Config) { c.Mailer = box; c.Book.UseJobs(box) })
	officer := w.official("huylq", "ubnd-xa", directory.CaseOfficer)
	commune := w.official("admin.xa", "ubnd-xa", directory.AgencyAdmin)
	province := w.official("admin.tinh", "ubnd-tinh", directory.ProvinceAdmin)
	w.exec(`UPDATE directory.person SET email = left(id::text, 8) || '@camau.gov.vn'`)
	as := func(person uuid.UUID) context.Context {
		a, err := w.dir.Actor(t.Context(), w.db.Reader, person, uuid.Nil, w.clock.Now())
		w.must(err)
		return actor.With(t.Context(), a)
	}
	forbidden := fault.Forbidden("identity.manage")
	for name, tt := range map[string]struct {
		by   uuid.UUID
		of   string
		want error
	}{
		"officer of herself":          {officer, "huylq", forbidden},
		"officer of a colleague":      {officer, "admin.xa", forbidden},
		"commune of an officer":       {commune, "huylq", nil},
		"commune of the province":     {commune, "admin.tinh", forbidden},
		"commune of itself":           {commune, "admin.xa", forbidden},
		"province of the commune":     {province, "admin.xa", nil},
		"province of an unknown name": {province, "nobody", fault.NotFound("account")},
	} {
		t.Run(name, func(t *testing.T) {
			before := len(box.jobs)
			testkit.WantError(t, w.SendLink(as(tt.by), tt.of, false), tt.want)
			if sent := len(box.jobs) - before; (sent == 1) != (tt.want == nil) {
				t.Errorf("%d letters", sent)
			}
			testkit.WantError(t, w.Close(as(tt.by), tt.of), tt.want)
		})
	}
	_, err := w.ResetLink(as(province), "huylq", false)
	testkit.WantError(t, err, forbidden)
	_, err = w.CreateOfficial(as(commune), CreateIn{Person: province, Name: "second"})
	testkit.WantError(t, err, forbidden)
	_, err = w.CreateOfficial(as(province), CreateIn{Person: officer, Name: "huylq"})
	testkit.WantError(t, err, fault.Fields{"name": "taken"})
	testkit.WantError(t, w.CheckName(t.Context(), " HuyLQ"), fault.Fields{"name": "taken"})
	testkit.WantError(t, w.CheckName(t.Context(), "còn.trống"), fault.Fields{"name": "sign-in-name"})
	testkit.WantError(t, w.CheckName(t.Context(), "con.trong"), nil)
	_, err = w.CreateOfficial(as(province), CreateIn{Person: officer, Name: "có dấu"})
	testkit.WantError(t, err, fault.Fields{"name": "sign-in-name"})
}

// The link travels sealed, reaches its person alone, and is not sent when it is worth nothing.
func TestMailLink(t *testing.T) {
	t.Parallel()
	box := &post{}
	w := setup(t, func(c *Config) { c.Mailer = box; c.Book.UseJobs(box) })
	person := w.official("huylq", "ubnd-xa", directory.CaseOfficer)
	testkit.WantError(t, w.SendLink(w.system(), "huylq", false), fault.Conflict("identity.no-address"))
	w.exec(`UPDATE directory.person SET email = 'huy@camau.gov.vn' WHERE id = $1`, person)
	w.must(w.SendLink(w.system(), "huylq", false))
	old := box.jobs[0]
	w.must(w.SendLink(w.system(), "huylq", false))
	for _, job := range []MailLink{old, box.jobs[1], box.jobs[1]} {
		w.must(w.mailLink(w.system(), job))
	}
	if len(box.mails) != 2 || box.mails[0].To != "huy@camau.gov.vn" || box.mails[0].ID != box.mails[1].ID {
		t.Fatalf("%+v", box.mails)
	}
	text := box.mails[0].Text
	at := strings.Index(text, w.conf.Origin+PathLink)
	if at < 0 || !strings.Contains(text, "Chào Lê Quang Huy") || !strings.Contains(text, "Dear Lê Quang Huy") {
		t.Fatal(text)
	}
	token, _, _ := strings.Cut(text[at+len(w.conf.Origin+PathLink):], "\n")
	if strings.Contains(string(box.jobs[1].Sealed), token) {
		t.Error("the job holds the link in the clear")
	}
	next, err := w.OpenLink(w.from(home, ""), token)
	w.must(err)
	_, err = w.NewPassword(w.from(home, ""), NewPasswordIn{next.Token, secret, secret})
	w.must(err)
	w.must(w.mailLink(w.system(), box.jobs[1]))
	if len(box.mails) != 2 {
		t.Error("a used link was sent")
	}
	w.conf.Mailer = nil
	testkit.WantError(t, w.another().SendLink(w.system(), "huylq", false), fault.Conflict("identity.no-letters"))
}

func TestManagedAccounts(t *testing.T) {
	t.Parallel()
	w := setup(t)
	officer := w.official("huylq", "ubnd-xa", directory.CaseOfficer)
	commune := w.official("admin.xa", "ubnd-xa", directory.AgencyAdmin)
	w.official("admin.tinh", "ubnd-tinh", directory.ProvinceAdmin)
	a, err := w.dir.Actor(t.Context(), w.db.Reader, commune, uuid.Nil, w.clock.Now())
	w.must(err)
	ctx := actor.With(t.Context(), a)
	for text, want := range map[string]int{"": 2, "le quang": 2, "HuyLQ": 1, "Nguyễn": 0, "admin.tinh": 0, "%": 0, "\x00": 2} {
		list, err := w.ManagedAccounts(ctx, text)
		if err != nil || len(list) != want {
			t.Errorf("%q: %d %v", text, len(list), err)
		}
	}
	b, err := w.dir.Actor(t.Context(), w.db.Reader, officer, uuid.Nil, w.clock.Now())
	w.must(err)
	_, err = w.ManagedAccounts(actor.With(t.Context(), b), "")
	testkit.WantError(t, err, fault.Forbidden("identity.manage"))
}

func TestDemo(t *testing.T) {
	t.Parallel()
	w := setup(t, func(c *Config) { c.Demo = true })
	person := w.official("tiepnhan", "ubnd-xa", directory.ReceivingOfficer)
	citizen := w.person("Nguyễn Mỹ Duyên")
	rows := []NewAccount{{Person: person, Kind: KindOfficial, Name: "motcua", About: "Tiếp nhận", AboutEn: "Receives", At: w.clock.Now()},
		{Person: citizen, Kind: KindCitizen, Name: "duyen", Subject: "p-001", Level: 2, About: "Người dân", At: w.clock.Now()},
		{Person: citizen, Kind: KindCitizen, Name: "hidden", Level: 1, At: w.clock.Now()}}
	w.must(w.conf.Book.Batch(w.system(), "identity.load", "test", func(ctx context.Context, tx pgx.Tx) (int64, error) { return CreateAccounts(ctx, tx, rows) }))
	list, err := w.DemoAccounts(t.Context())
	w.must(err)
	if len(list) != 2 || list[0].Name != "duyen" || list[1].Post == "" || list[1].Person != "Lê Quang Huy" {
		t.Errorf("%+v", list)
	}
	s, err := w.DemoSignIn(w.from(home, ""), "motcua")
	w.must(err)
	if who, err := w.Session(t.Context(), s.Token); err != nil || who.Kind != actor.Official {
		t.Errorf("%+v %v", who, err)
	}
	s, err = w.DemoSignIn(w.from(home, ""), "duyen")
	w.must(err)
	if who, err := w.Session(t.Context(), s.Token); err != nil || who.Kind != actor.Citizen || who.Level != 2 {
		t.Errorf("%+v %v", who, err)
	}
	if n, err := w.Accounts(t.Context(), KindOfficial); err != nil || n != 2 {
		t.Errorf("%d %v", n, err)
	}
	w.conf.Demo = false
	real := w.another()
	_, err = real.DemoAccounts(t.Context())
	testkit.WantError(t, err, fault.NotFound("page"))
	_, err = real.DemoSignIn(t.Context(), "duyen")
	testkit.WantError(t, err, fault.NotFound("page"))
}
