package identity

import (
	"context"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/blocks/audit"
	"datmui/blocks/directory"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/testkit"
)

type letters struct{ sent []Link }

func (l *letters) SendLink(_ context.Context, _ *audit.Act, _ uuid.UUID, link Link) error {
	l.sent = append(l.sent, link)
	return nil
}

// An administrator sends links to people of bodies under her, and never sees one.
func TestManage(t *testing.T) {
	t.Parallel()
	post := &letters{}
	w := setup(t, func(c *Config) { c.Letters = post })
	officer := w.official("huylq", "ubnd-xa", directory.CaseOfficer)
	commune := w.official("admin.xa", "ubnd-xa", directory.AgencyAdmin)
	province := w.official("admin.tinh", "ubnd-tinh", directory.ProvinceAdmin)
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
			before := len(post.sent)
			testkit.WantError(t, w.SendLink(as(tt.by), tt.of, false), tt.want)
			if sent := len(post.sent) - before; (sent == 1) != (tt.want == nil) {
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
