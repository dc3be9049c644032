package site_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"datmui/apps/services"
	"datmui/blocks/audit"
	"datmui/blocks/calendar"
	"datmui/blocks/directory"
	"datmui/blocks/forms"
	"datmui/blocks/identity"
	"datmui/blocks/notify"
	"datmui/blocks/pay"
	"datmui/blocks/records"
	"datmui/blocks/sign"
	"datmui/blocks/worklist"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/site"
)

// actMatrix says who may do what apart from moving a dossier, which TestRandomActs holds to the law.
// "+" the question of rights is passed, "." it is not. It is written by hand from the law and from
// who looks after what: administrators reach their own bodies, the province's all; money comes in
// the colleague (coll) works the desk of the officer (hold) while he is away; money comes in
// at the cashier of the house and goes back on a leader's word; citizens act in their own matters and
// act from level 2, so may let their own papers be used; officials may so with theirs.
const actMatrix = `
                   | none weak owner other recv hold coll lead depu clerk cash insp far uadm padm syst
enrol              |  .    .    .     .     .    .    .    .    .    .     .    .    .   +    +    +
appoint            |  .    .    .     .     .    .    .    .    .    .     .    .    .   +    +    +
transfer           |  .    .    .     .     .    .    .    .    .    .     .    .    .   +    +    +
end post           |  .    .    .     .     .    .    .    .    .    .     .    .    .   +    +    +
leave              |  .    .    .     .     .    .    .    .    .    .     .    .    .   +    +    +
correct person     |  .    .    .     .     .    .    .    .    .    .     .    .    .   +    +    +
lend a post        |  .    .    .     .     .    .    .    .    .    .     .    .    .   +    +    +
take back          |  .    .    .     .     .    .    .    .    .    .     .    .    .   +    +    +
lend one's own     |  .    .    .     .     .    +    .    .    .    .     .    .    .   +    +    +
merge bodies       |  .    .    .     .     .    .    .    .    .    .     .    .    .   .    +    +
draft a year       |  .    .    .     .     .    .    .    .    .    .     .    .    .   .    +    +
publish a year     |  .    .    .     .     .    .    .    .    .    .     .    .    .   .    +    +
set hours          |  .    .    .     .     .    .    .    .    .    .     .    .    .   .    +    +
issue a key        |  .    .    .     .     .    .    .    .    .    .     .    .    .   +    +    +
edit a procedure   |  .    .    .     .     .    .    .    .    .    .     .    .    .   .    +    .
drop an edition    |  .    .    .     .     .    .    .    .    .    .     .    .    .   .    +    .
publish a procedure|  .    .    .     .     .    .    .    .    .    .     .    .    .   .    +    .
complete one       |  .    .    .     .     .    .    .    .    .    .     .    .    .   .    +    .
import people      |  .    .    .     .     .    .    .    .    .    .     .    .    .   +    +    +
edit own profile   |  .    +    +     +     +    +    +    +    +    +     +    +    +   +    +    .
open an account    |  .    .    .     .     .    .    .    .    .    .     .    .    .   +    +    +
send a link        |  .    .    .     .     .    .    .    .    .    .     .    .    .   +    +    +
close an account   |  .    .    .     .     .    .    .    .    .    .     .    .    .   +    +    +
reopen an account  |  .    .    .     .     .    .    .    .    .    .     .    .    .   +    +    +
confirm money      |  .    .    .     .     .    .    .    .    .    .     +    .    .   .    .    +
void a receipt     |  .    .    .     .     .    .    .    .    .    .     +    .    .   .    .    +
refund             |  .    .    .     .     .    .    .    +    +    .     .    .    .   .    .    .
reconcile          |  .    .    .     .     .    .    .    .    .    .     +    .    .   .    .    +
say where money goes| .    .    .     .     .    .    .    +    +    .     .    .    .   .    .    .
bank's notice      |  .    .    .     .     .    .    .    .    .    .     .    .    .   .    .    +
consent, own       |  .    .    +     +     +    +    +    +    +    +     +    +    +   +    +    .
consent withdrawn  |  .    .    +     .     .    .    .    .    .    .     .    .    .   .    .    .
consent, at counter|  .    .    +     .     +    +    +    .    .    .     .    .    .   .    .    .
papers of another  |  .    .    +     .     +    +    +    .    .    .     .    .    +   .    .    .
inspect the log    |  .    .    .     .     .    .    .    .    .    .     .    +    .   .    .    .
drop her file      |  .    .    +     .     .    .    .    .    .    .     .    .    .   .    .    .
send a file        |  .    +    +     +     +    +    +    +    +    +     +    +    +   +    +    .
her upload         |  .    .    +     .     .    .    .    .    .    .     .    .    .   .    .    .
begin a draft      |  .    +    +     +     +    +    +    +    +    +     +    +    +   +    +    .
write in her draft |  .    .    +     .     .    .    .    .    .    .     .    .    .   .    .    .
forget her draft   |  .    .    +     .     .    .    .    .    .    .     .    .    .   .    .    .
read her notice    |  .    .    +     .     .    .    .    .    .    .     .    .    .   .    .    .
read all notices   |  .    +    +     +     +    +    +    +    +    +     +    +    +   +    +    .
choose notices     |  .    +    +     +     +    +    +    +    +    +     +    +    +   +    +    .
keep a view        |  .    .    .     .     +    +    +    +    +    +     +    +    +   +    +    .
drop his view      |  .    .    .     .     .    +    .    .    .    .     .    .    .   .    .    .
submit             |  .    .    +     +     +    .    .    .    .    .     .    .    .   .    .    .
enter applicant    |  .    .    .     .     +    .    .    .    .    .     .    .    +   .    .    .
intake             |  .    .    .     .     +    .    .    .    .    .     .    .    .   .    .    .
note               |  .    .    .     .     +    +    +    +    +    +     +    .    .   .    .    .
scan               |  .    .    .     .     +    .    .    .    .    .     .    .    .   .    .    .
set fee            |  .    .    .     .     +    .    .    .    .    .     +    .    .   .    .    .
rate               |  .    .    +     .     .    .    .    .    .    .     .    .    .   .    .    .
order work on many |  .    .    .     .     +    +    +    +    +    +     +    .    .   .    .    .
stop his order     |  .    .    .     .     .    +    .    .    .    .     .    .    .   .    .    .
ask other bodies   |  .    .    .     .     .    +    +    +    +    .     .    .    .   .    .    .
answer as a body   |  .    .    .     .     .    .    .    .    .    .     .    .    +   .    .    .
take a question back| .    .    .     .     .    +    +    +    +    .     .    .    .   .    .    .
begin a series     |  .    .    .     .     .    .    .    .    .    +     .    .    .   .    .    .
confirm what holds |  .    .    .     .     .    .    .    .    .    .     .    .    .   .    +    .
sign many          |  .    .    .     .     .    .    .    +    +    .     .    .    .   .    .    .
`

// actsOf says which entries of the log the lines stand for; the moves of a dossier are those of
// p.steps.
var actsOf = map[string]string{
	"enrol": "directory.person.enrol", "appoint": "directory.post.appoint", "transfer": "directory.post.transfer", "end post": "directory.post.end",
	"leave": "directory.person.leave", "correct person": "directory.person.correct", "lend a post": "directory.delegate",
	"take back": "directory.delegation.end", "merge bodies": "directory.agency.merge", "import people": "directory.import directory.import.draft",
	"edit own profile": "directory.profile.edit", "draft a year": "calendar.year.draft", "publish a year": "calendar.year.publish", "set hours": "calendar.hours.set",
	"issue a key":      "sign.certificate.issue",
	"edit a procedure": "services.edition.save", "drop an edition": "services.edition.drop", "publish a procedure": "services.procedure.publish", "complete one": "services.procedure.complete",
	"open an account": "identity.account.create", "send a link": "identity.link.make", "close an account": "identity.account.close", "reopen an account": "identity.account.reopen",
	"confirm money": "pay.payment.confirm", "void a receipt": "pay.receipt.void", "refund": "pay.refund", "reconcile": "pay.payment.reconcile", "say where money goes": "pay.account.set", "bank's notice": "pay.payment.notice",
	"consent, own": "records.consent.give", "consent withdrawn": "records.consent.withdraw", "papers of another": "records.papers",
	"inspect the log": "audit.inspect", "drop her file": "files.drop", "send a file": "files.receive files.upload.begin", "her upload": "files.upload.cancel",
	"begin a draft": "forms.draft.begin", "write in her draft": "forms.draft.save", "forget her draft": "forms.draft.forget",
	"read her notice": "notify.notice.read", "read all notices": "notify.notice.read-all", "choose notices": "notify.preferences.set",
	"keep a view": "worklist.view.keep", "drop his view": "worklist.view.drop",
	"submit": "services.dossier.submit", "enter applicant": "services.applicant.enter", "intake": "services.dossier.intake", "note": "services.dossier.note",
	"scan": "services.dossier.scan", "set fee": "services.dossier.set-fee", "rate": "services.dossier.rate",
	"order work on many": "services.bulk.order", "stop his order": "services.bulk.stop", "ask other bodies": "services.dossier.consult", "answer as a body": "services.opinion.answer", "take a question back": "services.opinion.drop", "begin a series": "services.series.begin", "confirm what holds": "services.procedure.confirm",
}

// actsBeside are the entries that no line stands for, and why none does.
var actsBeside = map[string]string{
	"whoever holds the password, code, passkey, link or session itself, in blocks/identity": `identity.sign-in identity.sign-out identity.sign-out.others
		identity.post.choose identity.party.choose identity.password.change identity.password.set identity.totp.set identity.recovery.new identity.passkey.add identity.passkey.remove`,
	"whoever holds the PIN, in blocks/sign": "sign.pin.right sign.pin.wrong",
	"jobs, the command line and the start of the program alone": `calendar.seed forms.version.seed services.procedure.seed services.procedure.open demo.load forms.draft.sweep
		audit.once.expire audit.personal.blank files.scan files.sweep files.upload.expire notify.mail.claim notify.mail.note notify.mail.digest
		services.dossier.carry services.dossier.chase-fee services.dossier.draft services.dossier.expire services.outgoing.issue services.rating.carry services.result.remind services.silence.watch
		services.opinion.silent services.opinion.remind services.opinion.carry services.bulk.note services.bulk.end
		services.linked.start services.linked.stop services.linked.wait services.linked.settle
		exchange.read exchange.begin exchange.enrol exchange.claim exchange.push`,
	"who may is tried on a low rating, in site/rating_test.go":              "services.rating.answer",
	"who may is tried on a dossier that is late, in site/complaint_test.go": "services.complaint.file services.complaint.answer",
	"who manages partners, whom a person lets act, and what a key opens, in site/api_test.go": `partners.enrol partners.close partners.key.make partners.key.revoke
		partners.authorise partners.withdraw services.dossier.pay partners.hook.add partners.hook.drop partners.pass partners.key.used partners.delivered`,
	"who may is tried in the name of a child and of a business, in site/represent_test.go": "represent.declare represent.invite represent.answer represent.change represent.end services.dossier.relation",
	"the session's own screen at a counter, in site/screen_test.go":                        "services.screen.open services.screen.show",
	"who may is tried in site/remind_test.go":                                              "services.reminders.choose",
	"the peer with its token, in site/exchange_test.go":                                    "exchange.hear exchange.copy",
	"who may is tried on a conflict and on what was given up, in site/exchange_test.go":    "exchange.decide exchange.retry",
	"reading, which is written down too; who may is a line of the routes": `audit.inspect.export directory.person directory.find files.open files.preview pay.bill represent.staff
		services.dossier.open services.dossier.lookup services.set.open services.opinion.open services.export.begin services.export.end worklist.desk.export`,
}

// Every act stands in the table, among the moves of a dossier, or beside them with a reason: a new
// act cannot come in without somebody saying who may.
func TestEveryActIsInTheTable(t *testing.T) {
	stands := map[string]bool{}
	for _, name := range readMatrix(t, actMatrix).names {
		for _, act := range strings.Fields(actsOf[name]) {
			stands[act] = true
		}
	}
	for _, list := range actsBeside {
		for _, act := range strings.Fields(list) {
			stands[act] = true
		}
	}
	for _, s := range (&province{Site: &site.Site{}}).steps() {
		stands["services.dossier."+s.name] = true
	}
	found := entries(t)
	for act, path := range found {
		if !stands[act] {
			t.Errorf("%s: nothing says who may %s", path, act)
		}
		delete(stands, act)
	}
	delete(stands, "services.dossier.cash") // a payment, confirmed at the dossier
	for act := range stands {
		t.Errorf("the table knows %s, which is no act", act)
	}
}

// triedOnly are the acts whose rows are of a state in which whoever may is told that it is too late.
var triedOnly = map[string]bool{"merge bodies": true, "confirm money": true, "refund": true, "set fee": true, "rate": true, "sign many": true}

// Acts of blocks, and those of the shop that move no dossier, × every role, on rows that exist.
// Each cell has rows of its own where the act uses them up, so that "+" is a deed and not a try.
func TestActsByRole(t *testing.T) {
	t.Parallel()
	p := open(t, withMail)
	p.cast(t)
	x := p.exhibit(t)
	at := func(name string) uuid.UUID { return uuid.MustParse(x.ids[name]) }
	owner, hold := p.personOf(t, "owner"), actor.From(p.role(t, "hold"))
	asked := func() uuid.UUID { // what the body of far was asked about a dossier of its own
		t.Helper()
		id := p.accepted(t)
		must(t, p.Services.Consult(p.role(t, "hold"), services.ConsultIn{Dossier: id, Client: client(), Bodies: []string{"so-xay-dung"}, Question: "Gì?", Number: 2, Unit: "wd"}))
		rec, err := p.Services.Dossier(p.role(t, "hold"), id)
		must(t, err)
		return rec.Opinions[0].ID
	}
	n := 0
	number := func() string { n++; return fmt.Sprintf("0960900%05d", n) }
	enrolled := func() (uuid.UUID, uuid.UUID) { // somebody new in the commune's office, and the post
		t.Helper()
		who, err := p.Directory.Enrol(p.ctx, directory.EnrolIn{PersonIn: directory.PersonIn{Name: "Lê Văn Thử", PersonalID: number()}, Agency: hold.Office, Position: "staff", From: "2026-01-05"})
		must(t, err)
		posts, err := p.Directory.PostsOf(t.Context(), who)
		must(t, err)
		return who, posts[0].ID
	}
	lend := func(ctx context.Context, post uuid.UUID, from string) (uuid.UUID, error) {
		return p.Directory.Delegate(ctx, directory.DelegateIn{Form: directory.Substitution, Post: post, Taker: p.personOf(t, "clerk"), From: from, Until: from, Document: "thử"})
	}
	account := func(email string) (uuid.UUID, string) { // somebody new with an account, and its name
		t.Helper()
		who, err := p.Directory.Enrol(p.ctx, directory.EnrolIn{PersonIn: directory.PersonIn{Name: "Lê Văn Thử", PersonalID: number(), Email: email}, Agency: hold.Office, Position: "staff", From: "2026-01-05"})
		must(t, err)
		name := fmt.Sprint("thu.", n)
		_, err = p.Identity.CreateOfficial(p.ctx, identity.CreateIn{Person: who, Name: name})
		must(t, err)
		return who, name
	}
	def, err := p.Services.Current(p.ctx, "1.004873", p.clock.Now())
	must(t, err)
	form, err := p.Forms.Current(def.Form)
	must(t, err)
	define := p.role(t, "padm")
	edited := func(code string) services.Edition { // what is being prepared of a procedure, begun where nothing is
		t.Helper()
		e, err := p.Services.Edition(define, code)
		must(t, err)
		if e.Rev == 0 {
			e.Definition.Words += " thử"
			e, err = p.Services.Edit(define, services.EditIn{Procedure: code, Client: client(), Definition: e.Definition})
			must(t, err)
		}
		return e
	}
	acts := map[string]func(ctx context.Context) error{
		"edit a procedure": func(ctx context.Context) error {
			e, err := p.Services.Edition(define, "1.001662")
			must(t, err)
			e.Definition.Words += " thử"
			_, err = p.Services.Edit(ctx, services.EditIn{Procedure: "1.001662", Client: client(), Rev: e.Rev, Definition: e.Definition})
			return err
		},
		"drop an edition": func(ctx context.Context) error {
			return p.Services.DropEdition(ctx, services.DropEditionIn{Procedure: "1.014862", Client: client(), Rev: edited("1.014862").Rev})
		},
		"publish a procedure": func(ctx context.Context) error {
			_, err := p.Services.Publish(ctx, services.PublishIn{Procedure: "1.001731", Client: client(), Rev: edited("1.001731").Rev, From: "2026-11-23", Reason: "thử"})
			return err
		},
		"complete one": func(ctx context.Context) error {
			_, err := p.Services.Complete(ctx, services.CompleteIn{Procedure: "1.001776", Client: client(), Limit: "20wd", From: "2026-11-23", Basis: "thử"})
			return err
		},
		"import people": func(ctx context.Context) error {
			sheet := "Họ và tên,Số định danh,Mã cơ quan,Vị trí,Từ ngày\nPhạm Văn Nhập," + number() + "," + hold.Office + ",staff,2026-11-01\n"
			preview, err := p.Directory.PreviewImport(ctx, "people.csv", []byte(sheet))
			if err != nil {
				return err
			}
			_, err = p.Directory.Import(ctx, preview.Draft)
			return err
		},
		"edit own profile": func(ctx context.Context) error {
			me, _ := directory.ReadPerson(ctx, p.db.Reader, actor.From(ctx).ID)
			return p.Directory.EditProfile(ctx, directory.EditIn{Phone: me.Phone, Email: me.Email, ResidenceUnit: me.ResidenceUnit, Residence: me.Residence, Version: me.Version})
		},
		"open an account": func(ctx context.Context) error {
			who, _ := enrolled()
			_, err := p.Identity.CreateOfficial(ctx, identity.CreateIn{Person: who, Name: fmt.Sprint("moi.", n)})
			return err
		},
		"send a link": func(ctx context.Context) error {
			_, name := account("thu@example.vn")
			return p.Identity.SendLink(ctx, name, false)
		},
		"close an account": func(ctx context.Context) error {
			_, name := account("")
			return p.Identity.Close(ctx, name)
		},
		"reopen an account": func(ctx context.Context) error {
			_, name := account("")
			must(t, p.Identity.Close(p.ctx, name))
			return p.Identity.Reopen(ctx, name)
		},
		"consent, at counter": func(ctx context.Context) error {
			_, err := p.Records.GiveConsent(ctx, records.ConsentIn{Client: client(), Person: owner, Purpose: "Đăng ký kết hôn", Agency: "tt-pvhcc-xa-dat-mui-2025", AgencyName: "TT PVHCC", Days: 1})
			return err
		},
		"send a file": func(ctx context.Context) error {
			id, err := p.Files.Begin(ctx, "x.png", 10)
			if err == nil {
				must(t, p.Files.Cancel(ctx, id))
				_, err = p.Files.Receive(ctx, "x.png", bytes.NewReader(picture(t)))
			}
			return err
		},
		"her upload": func(ctx context.Context) error {
			id, err := p.Files.Begin(p.role(t, "owner"), "x.png", 10)
			must(t, err)
			if err = p.Files.Cancel(ctx, id); err != nil {
				must(t, p.Files.Cancel(p.role(t, "owner"), id)) // places for uploads are few
			}
			return err
		},
		"begin a draft": func(ctx context.Context) error {
			_, err := p.Forms.BeginDraft(ctx, form, "thu", nil)
			return err
		},
		"write in her draft": func(ctx context.Context) error {
			_, err := p.Forms.SaveDraft(ctx, forms.SaveIn{Draft: at("draft"), Client: client(), Answers: forms.Answers{}, Page: "a"})
			return err
		},
		"forget her draft": func(ctx context.Context) error {
			d, err := p.Forms.BeginDraft(p.role(t, "owner"), form, "quen", nil)
			must(t, err)
			if err := p.Forms.ForgetDraft(ctx, d.ID); err != nil {
				return err
			}
			if _, err := p.Forms.Draft(p.role(t, "owner"), d.ID); err == nil {
				return fault.NotFound("forms.draft") // it is still there: hers was none of his
			}
			return nil
		},
		"read her notice": func(ctx context.Context) error {
			_, err := p.Notify.MarkRead(ctx, at("notice"))
			return err
		},
		"read all notices": func(ctx context.Context) error { return p.Notify.MarkAllRead(ctx) },
		"choose notices": func(ctx context.Context) error {
			return p.Notify.Prefer(ctx, notify.Preferences{Lang: "vi", Mail: notify.Each})
		},
		"keep a view": func(ctx context.Context) error {
			return p.Worklist.KeepView(ctx, worklist.KeepViewIn{Client: client(), Name: "Của tôi", Query: "urgency=late"})
		},
		"drop his view": func(ctx context.Context) error {
			must(t, p.Worklist.KeepView(p.role(t, "hold"), worklist.KeepViewIn{Client: client(), Name: "Xoá", Query: "urgency=late"}))
			views, err := p.Worklist.Views(p.role(t, "hold"))
			must(t, err)
			view := views[slices.IndexFunc(views, func(v worklist.View) bool { return v.Mine && v.Name == "Xoá" })].ID
			err = p.Worklist.DropView(ctx, view)
			left, _ := p.Worklist.Views(p.role(t, "hold"))
			if slices.ContainsFunc(left, func(v worklist.View) bool { return v.ID == view }) {
				must(t, p.Worklist.DropView(p.role(t, "hold"), view))
				return cmp.Or(err, fault.NotFound("worklist.view"))
			}
			return err
		},
		"enrol": func(ctx context.Context) error {
			_, err := p.Directory.Enrol(ctx, directory.EnrolIn{Client: client(), PersonIn: directory.PersonIn{Name: "Lê Văn Mới", PersonalID: number()}, Agency: hold.Office, Position: "staff", From: "2026-11-01"})
			return err
		},
		"appoint": func(ctx context.Context) error {
			who, _ := enrolled()
			_, err := p.Directory.Appoint(ctx, directory.AppointIn{Client: client(), Person: who, Agency: hold.Office, Position: directory.Clerk, From: "2026-11-01", Basis: "thử"})
			return err
		},
		"transfer": func(ctx context.Context) error {
			_, post := enrolled()
			_, err := p.Directory.Transfer(ctx, directory.TransferIn{Client: client(), Post: post, Agency: hold.Office, Position: directory.Clerk, On: "2026-11-20", Basis: "thử"})
			return err
		},
		"end post": func(ctx context.Context) error {
			_, post := enrolled()
			return p.Directory.End(ctx, directory.EndIn{Post: post, On: "2026-11-20", Reason: "thử"})
		},
		"leave": func(ctx context.Context) error {
			who, _ := enrolled()
			return p.Directory.Leave(ctx, directory.LeaveIn{Person: who, On: "2026-11-21", Reason: "thử"})
		},
		"correct person": func(ctx context.Context) error {
			who, _ := enrolled()
			return p.Directory.Correct(ctx, directory.CorrectIn{Person: who, PersonIn: directory.PersonIn{Name: "Lê Văn Đúng"}, Basis: "thử", Version: 1})
		},
		"lend a post": func(ctx context.Context) error {
			_, post := enrolled()
			_, err := lend(ctx, post, "2026-11-25")
			return err
		},
		"take back": func(ctx context.Context) error {
			_, post := enrolled()
			id, err := lend(p.ctx, post, "2026-11-25")
			must(t, err)
			return p.Directory.EndDelegation(ctx, id)
		},
		"lend one's own": func(ctx context.Context) error {
			n++
			_, err := lend(ctx, hold.PostID, time.Date(2027, 1, n, 0, 0, 0, 0, time.UTC).Format(time.DateOnly))
			return err
		},
		"merge bodies": func(ctx context.Context) error {
			return p.Directory.Merge(ctx, directory.MergeIn{Client: client(), From: []string{"ubnd-xa-tan-an-2025"}, Into: "ubnd-xa-dat-mui-2025", On: "2020-01-01", Basis: "thử"}) // a day on which neither was: whoever may is told so
		},
		"draft a year": func(ctx context.Context) error {
			_, err := p.Calendar.Draft(ctx, calendar.DraftIn{Year: 2029})
			return err
		},
		"publish a year": func(ctx context.Context) error {
			y, err := p.Calendar.Draft(p.ctx, calendar.DraftIn{Year: 2029})
			must(t, err)
			_, err = p.Calendar.Publish(ctx, calendar.PublishIn{Draft: y.ID, Basis: "thử", Client: client()})
			return err
		},
		"confirm money": func(ctx context.Context) error {
			_, err := p.Pay.Confirm(ctx, pay.ConfirmIn{Bill: at("bill"), Way: pay.Cash, Amount: 24000, Client: client()})
			return err
		},
		"bank's notice": func(ctx context.Context) error {
			n++
			_, err := p.Pay.Notice(ctx, pay.NoticeIn{Way: pay.Transfer, Reference: fmt.Sprint("FT-R", n), Amount: 1000, Said: "không rõ", PaidAt: p.clock.Now()})
			return err
		},
		"consent, own": func(ctx context.Context) error {
			_, err := p.Records.GiveConsent(ctx, records.ConsentIn{Client: client(), Purpose: "Đăng ký kết hôn", Agency: "tt-pvhcc-xa-dat-mui-2025", AgencyName: "TT PVHCC", Days: 30})
			return err
		},
		"consent withdrawn": func(ctx context.Context) error {
			id, err := p.Records.GiveConsent(p.role(t, "owner"), records.ConsentIn{Client: client(), Purpose: "Khai sinh", Agency: "tt-pvhcc-xa-dat-mui-2025", AgencyName: "TT PVHCC", Days: 30})
			must(t, err)
			return p.Records.Withdraw(ctx, id)
		},
		"papers of another": func(ctx context.Context) error {
			_, err := p.Records.PapersOf(ctx, owner, "Đăng ký kết hôn")
			return err
		},
		"inspect the log": func(ctx context.Context) error {
			_, err := p.Book.Inspect(ctx, audit.InspectFilter{})
			return err
		},
		"issue a key": func(ctx context.Context) error {
			who, _ := enrolled()
			_, err := p.Sign.Issue(ctx, sign.Holder{Role: sign.Person, Person: who, Agency: hold.Office, Name: "Lê Văn Thử", Title: "Công chức", Org: "UBND xã Đất Mũi", PIN: pin})
			return err
		},
		"drop her file": func(ctx context.Context) error {
			id, err := p.Files.Receive(p.role(t, "owner"), "x.png", bytes.NewReader(picture(t)))
			must(t, err)
			return p.Files.Drop(ctx, id)
		},
		"submit": func(ctx context.Context) error {
			_, err := p.Services.Submit(ctx, services.SubmitIn{Client: client(), Procedure: "1.004873", Agency: "tt-pvhcc-xa-dat-mui-2025", ReturnWay: "counter", Answers: marital(), Applicant: owner})
			return err
		},
		"enter applicant": func(ctx context.Context) error {
			_, err := p.Services.EnterApplicant(ctx, services.EnterIn{Client: client(), PersonIn: directory.PersonIn{Name: "Trần Thị Thử", PersonalID: number()}})
			return err
		},
		"note": func(ctx context.Context) error {
			return p.Services.AddNote(ctx, services.NoteIn{Dossier: at("waiting"), Client: client(), Text: "thử"})
		},
		"set fee": func(ctx context.Context) error {
			return p.Services.SetFee(ctx, services.SetFeeIn{Dossier: at("waiting"), Client: client(), Amount: 1000, Basis: "Nghị quyết"})
		},
		"set hours": func(ctx context.Context) error {
			n++
			return p.Calendar.SetHours(ctx, calendar.HoursIn{Agency: hold.Office, Use: calendar.Reception, From: calendar.NewDate(2027, time.March, 1+n%28),
				Week: calendar.Weekdays(calendar.Spans{{From: 7 * 60, To: 11 * 60}}), Basis: "thử"})
		},
		"void a receipt": func(ctx context.Context) error {
			_, err := p.Pay.VoidReceipt(ctx, uuid.MustParse(x.forms["POST /bills/{id}/void-receipt"].Get("receipt")), "sai tên", client())
			return err
		},
		"refund": func(ctx context.Context) error {
			_, err := p.Pay.Refund(ctx, pay.RefundIn{Payment: uuid.MustParse(x.forms["POST /bills/{id}/refund"].Get("payment")), Amount: 1000,
				Reason: "over-payment", Explained: "thử", Account: "1", Client: client()})
			return err
		},
		"reconcile": func(ctx context.Context) error {
			_, err := p.Pay.Reconcile(ctx, pay.ReconcileIn{Payment: uuid.MustParse(x.forms["POST /bills/{id}/reconcile"].Get("flagged")), Bill: at("open bill"), Client: client()})
			return err
		},
		"say where money goes": func(ctx context.Context) error {
			return p.Pay.SetAccount(ctx, pay.AccountIn{Client: client(), Agency: hold.Office, From: calendar.DateOf(p.clock.Now()), BIN: "970405", Account: "1", Holder: "THU"})
		},
		"intake": func(ctx context.Context) error {
			_, err := p.Services.Intake(ctx, services.SubmitIn{Client: client(), Procedure: "1.004873", Agency: "tt-pvhcc-xa-dat-mui-2025", ReturnWay: "counter", Answers: marital(), Applicant: owner})
			return err
		},
		"scan": func(ctx context.Context) error {
			file, err := p.Files.Receive(ctx, "x.png", bytes.NewReader(picture(t)))
			if err != nil {
				file = at("held") // somebody else's: there is nothing of one's own to try with
			}
			return p.Services.Scan(ctx, services.ScanIn{Dossier: at("waiting"), Client: client(), Legible: true, Papers: []services.PaperIn{{Place: "original", File: file, Copies: 1}}})
		},
		"order work on many": func(ctx context.Context) error {
			_, err := p.Services.OrderBulk(ctx, services.BulkIn{Client: client(), Act: services.BulkSlips, Dossiers: []uuid.UUID{at("processed")}})
			if f, ok := errors.AsType[fault.Fields](err); ok && f[""] == "services.bulk.nobody" {
				return fault.NotFound("services.dossier") // none of what was picked is the actor's to list
			}
			return err
		},
		"stop his order": func(ctx context.Context) error {
			return p.Services.StopBulk(ctx, services.StopBulkIn{Bulk: at("bulk"), Client: client()})
		},
		"ask other bodies": func(ctx context.Context) error {
			return p.Services.Consult(ctx, services.ConsultIn{Dossier: p.accepted(t), Client: client(), Bodies: []string{"so-xay-dung"}, Question: "Gì?", Number: 2, Unit: "wd"})
		},
		"answer as a body": func(ctx context.Context) error {
			return p.Services.AnswerOpinion(ctx, services.AnswerOpinionIn{Opinion: asked(), Client: client(), Verdict: services.OpinionAgree})
		},
		"take a question back": func(ctx context.Context) error {
			return p.Services.DropOpinion(ctx, services.DropOpinionIn{Opinion: asked(), Client: client(), Reason: "vì"})
		},
		"begin a series": func(ctx context.Context) error {
			return p.Services.BeginSeries(ctx, services.BeginSeriesIn{Client: client(), Agency: "ubnd-xa-dat-mui-2025", Symbol: def.Result.Symbol, First: 2, Reason: "thử"})
		},
		"confirm what holds": func(ctx context.Context) error {
			pub, _, err := p.Services.Published(p.ctx, "1.000005")
			must(t, err)
			return p.Services.Confirm(ctx, services.ConfirmIn{Client: client(), Code: "1.000005", Seen: pub.Stamp(), By: "Quyết định 1/QĐ-UBND", Values: map[string]string{"limit-unit.online": fmt.Sprint(n, " ngày")}})
		},
		"sign many": func(ctx context.Context) error {
			list, err := p.Services.SignMany(ctx, services.SignManyIn{Client: client(), Dossiers: []uuid.UUID{at("dossier")}, PIN: pin})
			if err == nil && len(list) == 1 {
				err = list[0].Err
			}
			return err
		},
		"rate": func(ctx context.Context) error {
			return p.Services.Rate(ctx, services.RateIn{Dossier: at("dossier"), Client: client(), Levels: content})
		},
	}
	m := readMatrix(t, actMatrix)
	var saw strings.Builder
	for _, name := range m.names {
		run, ok := acts[name]
		if !ok {
			t.Errorf("nothing runs %q", name)
			continue
		}
		done := false
		fmt.Fprintf(&saw, "%-18s |", name)
		for _, role := range m.roles {
			got := verdict(run(p.role(t, role)))
			done = done || got == "ok"
			fmt.Fprintf(&saw, " %s", got)
			passed := got == "ok" || got == "409" || got == "bad" && name == "merge bodies"
			if refused := got == "403" || got == "404" || got == "lvl" || got == "in"; passed == refused || passed != (m.wants(name, role) == "+") {
				t.Errorf("%s as %s: %s, want %s", name, role, got, m.wants(name, role))
			}
		}
		fmt.Fprintln(&saw)
		if !done && !triedOnly[name] {
			t.Errorf("%s went through for nobody", name)
		}
	}
	if t.Failed() {
		t.Log("\n" + saw.String())
	}
}
