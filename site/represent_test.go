package site_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"datmui/apps/services"
	"datmui/blocks/audit"
	"datmui/blocks/directory"
	"datmui/blocks/forms"
	"datmui/blocks/notify"
	"datmui/blocks/records"
	"datmui/blocks/represent"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/pg"
	"datmui/kit/testkit"
)

// inName is an account that acts in the name of a party, as a session of it would.
func (p *province) inName(t *testing.T, account string, party uuid.UUID) context.Context {
	t.Helper()
	who := actor.From(p.as(t, account))
	var err error
	who.For, who.Grants, err = represent.Acting(t.Context(), p.db.Reader, who.ID, party, p.clock.Now())
	must(t, err)
	return actor.With(t.Context(), who)
}

// identityOf is what one gives of a person when one invites her.
func (p *province) identityOf(t *testing.T, account string) (number, name string) {
	t.Helper()
	who := actor.From(p.as(t, account))
	number, err := pg.Value[string](p.db.Reader.Query(t.Context(), `SELECT personal_id FROM directory.person WHERE id = $1`, who.ID))
	must(t, err)
	return number, who.Name
}

// declared is a party that an account has declared with a paper.
func (p *province) declared(t *testing.T, account string, in represent.DeclareIn) uuid.UUID {
	t.Helper()
	ctx := p.as(t, account)
	in.Client = client()
	in.Paper = p.paper(t, ctx)
	party, err := p.Represent.Declare(ctx, in)
	must(t, err)
	return party
}

var child = represent.DeclareIn{Role: represent.Parent, Name: "Nguyễn Gia Bảo", Birth: "2016-05-04"}

// filedFor files a dossier in the name of a party.
func (p *province) filedFor(t *testing.T, ctx context.Context) services.SubmitOut {
	t.Helper()
	out, err := p.Services.Submit(ctx, services.SubmitIn{Client: client(), Procedure: "1.004873", Agency: "tt-pvhcc-xa-dat-mui-2025", ReturnWay: "online", Answers: marital()})
	must(t, err)
	return out
}

// resultFor brings a dossier that was filed to its signed result, and gives the file.
func (p *province) resultFor(t *testing.T, id uuid.UUID) uuid.UUID {
	t.Helper()
	must(t, p.Services.Accept(p.as(t, "canbo.datmui"), services.AcceptIn{Dossier: id, Client: client()}))
	must(t, p.Services.Take(p.as(t, "thuly.datmui"), services.TakeIn{Dossier: id, Client: client()}))
	officer := p.browser(t, "thuly.datmui")
	officer.get("/desk/dossiers/" + id.String())
	officer.propose(id.String(), nil)
	p.finished(t, id)
	rec, err := p.Services.Dossier(p.as(t, "canbo.datmui"), id)
	must(t, err)
	out, ok := rec.Result()
	if !ok {
		t.Fatal("no result")
	}
	return *out.FileID
}

func codes(page services.Page) []string {
	var out []string
	for _, l := range page.Lines {
		out = append(out, l.Code)
	}
	return out
}

// business is one that an officer has confirmed by its first dossier; its head is congdan.
func (p *province) business(t *testing.T) (party uuid.UUID, first services.SubmitOut) {
	t.Helper()
	party = p.declared(t, "congdan", represent.DeclareIn{Role: represent.Head, Name: "Công ty Tôm Mũi", Number: "0100109106"})
	first = p.filedFor(t, p.inName(t, "congdan", party))
	must(t, p.Services.CheckRelation(p.as(t, "canbo.datmui"), services.RelationIn{Dossier: first.ID, Client: client(), Holds: "yes"}))
	return party, first
}

// staff makes an account one of the staff with some rights.
func (p *province) staff(t *testing.T, party uuid.UUID, account string, rights ...string) (mandate uuid.UUID) {
	t.Helper()
	number, name := p.identityOf(t, account)
	mandate, err := p.Represent.Invite(p.inName(t, "congdan", party), represent.InviteIn{Client: client(), Number: number, Name: name, Rights: rights})
	must(t, err)
	who := actor.From(p.as(t, account)) // some hold posts, too; here all are citizens
	who = actor.Actor{ID: who.ID, Kind: actor.Citizen, Name: who.Name, Level: 2}
	must(t, p.Represent.Answer(actor.With(t.Context(), who), represent.AnswerIn{Client: client(), Mandate: mandate, Yes: true}))
	return mandate
}

// A parent files for a child, through the pages: the applicant is the child, the officer sees who
// filed and by which paper and accepts only when she has looked at it; the child's matters stay out
// of the parent's own, and it ends on the day the child is of age.
// law: public-services.md 4 — applicant ≠ dossier owner.
func TestParentFilesForAChild(t *testing.T) {
	t.Parallel()
	p := open(t)
	b := p.browser(t, "congdan")
	b.get("/acting")
	b.must("Bạn chưa làm thay cho ai")
	b.get("/acting/declare")
	b.must("Bạn làm thay cho ai?")
	if status := b.multi("/acting/declare", "client", client(), "role", "parent", "name", child.Name, "birth", child.Birth); status != http.StatusUnprocessableEntity {
		t.Errorf("without record or paper: %d", status)
	}
	b.must("Kèm giấy chứng minh")
	if status := b.multi("/acting/declare", "client", client(), "role", "parent", "name", child.Name, "birth", "2008-11-23", "paper.id", uuid.NewString()); status != http.StatusUnprocessableEntity {
		t.Errorf("a child of age: %d", status)
	}
	b.must("đủ tuổi tự làm thủ tục")
	paper := p.paper(t, p.as(t, "congdan"))
	form := []string{"client", client(), "role", "parent", "name", child.Name, "birth", child.Birth, "paper.id", paper.String()}
	for range 2 { // sent twice, declared once
		if status := b.multi("/acting/declare", form...); status != http.StatusOK || !strings.HasPrefix(b.path, "/acting/for/") {
			t.Fatalf("declared: %d on %s: %s", status, b.path, b.says())
		}
	}
	party := uuid.MustParse(strings.TrimPrefix(b.path, "/acting/for/"))
	b.post("/acting", "party", party.String(), "next", "/services")
	b.must("Bạn đang làm việc thay cho <strong>" + child.Name)
	b.get("/acting?lang=en")
	b.must("An officer must look at the paper")
	b.get("/services?lang=vi")
	id := uuid.MustParse(b.file("1.004873", map[string]string{"relationship": "self", "reissue": "no", "marital_state": "never", "purpose": "khac", "subject_ethnicity": "Kinh",
		"subject_name": child.Name, "subject_birth_date": child.Birth}, nil))
	b.get("/dossiers/" + id.String())
	b.must("Nộp thay")

	d := p.state(t, id)
	me := actor.From(p.as(t, "congdan"))
	if d.Applicant != party || d.Owner != party || d.ApplicantName != child.Name || d.Filer == nil || *d.Filer != me.ID {
		t.Errorf("applicant %s %s, owner %s, filer %v", d.ApplicantName, d.Applicant, d.Owner, d.Filer)
	}
	if page, err := p.Services.Mine(p.as(t, "congdan"), ""); err != nil || slices.Contains(codes(page), d.Code) {
		t.Errorf("among her own: %v, %v", codes(page), err)
	}
	_, err := p.Services.Dossier(p.as(t, "congdan"), id)
	testkit.WantError(t, err, fault.NotFound("services.dossier"))
	// nobody becomes the parent of the same child by saying so and then sees what the other filed
	again := p.inName(t, "congdan2", p.declared(t, "congdan2", child))
	_, err = p.Services.Dossier(again, id)
	testkit.WantError(t, err, fault.NotFound("services.dossier"))

	desk := p.browser(t, "canbo.datmui")
	desk.get("/desk/dossiers/" + id.String())
	desk.must("Giấy chứng minh quan hệ: uy-quyen.png")
	testkit.WantError(t, p.Services.Accept(p.as(t, "canbo.datmui"), services.AcceptIn{Dossier: id, Client: client()}), fault.Conflict("services.relation-unseen"))
	if status := desk.try("/desk/dossiers/"+id.String()+"/relation", "client", client(), "holds", "no"); status != http.StatusUnprocessableEntity {
		t.Errorf("does not hold, and no reason: %d", status)
	}
	yes := []string{"client", client(), "holds", "yes"}
	desk.post("/desk/dossiers/"+id.String()+"/relation", yes...)
	desk.post("/desk/dossiers/"+id.String()+"/relation", yes...)
	desk.must("Đã chứng minh")
	must(t, p.Services.Accept(p.as(t, "canbo.datmui"), services.AcceptIn{Dossier: id, Client: client()}))

	// she is told, and the notice leads to the child's page
	notices, _, err := p.Notify.Inbox(p.as(t, "congdan"), uuid.Nil)
	must(t, err)
	if i := slices.IndexFunc(notices, func(n notify.Told) bool { return n.Kind == "services.accepted" }); i < 0 || !strings.HasPrefix(notices[i].Href, "/acting/for/"+party.String()) {
		t.Errorf("notices: %+v", notices)
	}
	// the log of the child says who did it, and for whom
	reads, err := pg.Value[int](p.db.Reader.Query(t.Context(), `SELECT count(*) FROM audit.entry WHERE $1 = ANY(persons) AND body::text LIKE '%"for"%'`, party))
	if err != nil || reads == 0 {
		t.Errorf("entries for the child: %d, %v", reads, err)
	}

	eve, day := "2034-05-03T10:00", "2034-05-04T00:00"
	p.clock.Set(testkit.Clock(t, eve).Now())
	_, err = p.Services.Dossier(p.inName(t, "congdan", party), id)
	must(t, err)
	inName := p.inName(t, "congdan", party)
	p.clock.Set(testkit.Clock(t, day).Now())
	_, _, err = represent.Acting(t.Context(), p.db.Reader, me.ID, party, p.clock.Now())
	testkit.WantError(t, err, fault.NotFound(represent.Kind))
	err = p.Services.Withdraw(inName, services.WithdrawIn{Dossier: id, Client: client()}) // a session may remember; the act asks again
	testkit.WantError(t, err, fault.Forbidden("represent.over"))
}

// What the state has recorded proves a child at once, and no paper is asked for.
// law: public-services.md 2 — fact 9.
func TestChildIsKnownFromCivilStatus(t *testing.T) {
	t.Parallel()
	p := open(t)
	ctx := p.as(t, "congdan")
	number, _ := p.identityOf(t, "congdan")
	out := p.submit(t, "congdan")
	answers := forms.Answers{"child_surname": "Nguyễn", "child_middle": "Gia", "child_given": "Bảo", "child_birth_date": child.Birth, "mother_id": number}
	_, err := p.db.Owner.Exec(t.Context(), `UPDATE services.dossier SET procedure = '1.001193', version = (SELECT max(version) FROM services.version WHERE procedure = '1.001193'),
		answers = $2, outcome = 'granted', finished_at = filed_at WHERE id = $1`, out.ID, answers)
	must(t, err)
	_, err = p.Represent.Declare(ctx, with(child))
	testkit.WantError(t, err, fault.Fields{"paper": "paper"}) // asked for, not decided
	for n, state := range []int{2, 4, 9} {                    // the way that the law allows, to its end
		_, err = p.db.Owner.Exec(t.Context(), `WITH was AS (SELECT state, filed_at FROM services.dossier WHERE id = $1),
			moved AS (INSERT INTO services.move (dossier_id, n, prev, from_state, to_state, act, at) SELECT $1, $2, $2 - 1, state, $3, 'test', filed_at FROM was)
			UPDATE services.dossier SET state = $3, moves = $2, number = '1/KS', accepted_at = filed_at, due_at = filed_at WHERE id = $1`, out.ID, n+2, state)
		must(t, err)
	}
	for name, wrong := range map[string]represent.DeclareIn{
		"another name": {Role: represent.Parent, Name: "Nguyễn Gia Bình", Birth: child.Birth},
		"another day":  {Role: represent.Parent, Name: child.Name, Birth: "2016-05-05"},
		"as guardian":  {Role: represent.Guardian, Name: child.Name, Birth: child.Birth},
	} {
		if _, err := p.Represent.Declare(ctx, with(wrong)); !isFields(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// another child of the same name and day, whom the directory has: the record is not hers
	namesake := child
	namesake.Number = "096216123456"
	must(t, p.Book.Act(p.ctx, "test.person", func(ctx context.Context, act *audit.Act) error {
		_, err := p.Directory.Register(ctx, act, directory.PersonIn{Name: child.Name, PersonalID: namesake.Number, BirthDate: child.Birth})
		return err
	}))
	_, err = p.Represent.Declare(ctx, with(namesake))
	testkit.WantError(t, err, fault.Fields{"paper": "paper"})
	party, err := p.Represent.Declare(ctx, with(child))
	must(t, err)
	list, err := p.Represent.Mine(ctx)
	must(t, err)
	if len(list) != 1 || list[0].State != represent.Held || list[0].ProofRef != out.Code || list[0].Party != party {
		t.Errorf("%+v", list)
	}
	if last, ok := list[0].Last(); !ok || last.Format("2006-01-02") != "2034-05-03" {
		t.Errorf("until %v, %v", last, ok)
	}
	must(t, p.Services.Accept(p.as(t, "canbo.datmui"), services.AcceptIn{Dossier: p.filedFor(t, p.inName(t, "congdan", party)).ID, Client: client()}))
}

func with(in represent.DeclareIn) represent.DeclareIn {
	in.Client = client()
	return in
}

// The rights of a business's staff × what there is to do: the matrix of who may act in its name.
// Columns: the head; staff who only file; who see all; who take results; who pay; who manage; one
// invited who has not answered; one whose rights ended; a stranger.
const staffMatrix = `
                     | head file sees take pays mana invi ends none
file                 |  +    +    .    .    .    .    -    -    -
open the colleague's |  +    .    +    .    .    .    -    -    -
list the colleague's |  +    .    +    .    .    .    -    -    -
withdraw colleague's |  +    .    .    .    .    .    -    -    -
open the bill        |  +    .    .    .    .    .    -    -    -
take the result      |  +    .    .    .    .    .    -    -    -
open the result      |  +    .    .    .    .    .    -    -    -
look at the staff    |  +    .    .    .    .    +    -    -    -
invite with own right|  +    .    .    .    .    +    -    -    -
invite with more     |  +    .    .    .    .    .    -    -    -
go on with its draft |  +    .    .    .    .    .    -    -    -
see papers of store  |  +    .    +    .    .    .    -    -    -
see what is allowed  |  +    .    +    .    .    .    -    -    -
see who used papers  |  +    .    +    .    .    .    -    -    -
`

// What a citizen types of a child is nobody's number until an officer has seen the paper: it finds
// nobody at the counter, hides nobody, and tells nobody whose number or birth date it is.
func TestParentTypesANumber(t *testing.T) {
	t.Parallel()
	p := open(t)
	counter := p.as(t, "canbo.datmui")
	taken, name := p.identityOf(t, "congdan2")
	numberOf := func(id uuid.UUID) string {
		t.Helper()
		n, err := pg.Value[string](p.db.Reader.Query(t.Context(), `SELECT coalesce(personal_id, '') FROM directory.person WHERE id = $1`, id))
		must(t, err)
		return n
	}
	typed := child
	typed.Number = "096216123456"
	party := p.declared(t, "congdan", typed)
	if numberOf(party) != "" {
		t.Error("it is the child's at once")
	}
	_, _, err := p.Services.FindApplicant(counter, typed.Number, "1.004873")
	testkit.WantError(t, err, fault.Fields{"number": "unknown"})
	// the number of another, with her name or without, stays hers alone
	planted := child
	planted.Number = taken
	other := p.declared(t, "congdan", planted)
	planted.Name = name
	if hers := actor.From(p.as(t, "congdan2")).ID; p.declared(t, "congdan", planted) == hers {
		t.Error("another birth date, and yet it is her")
	}
	found, _, err := p.Services.FindApplicant(counter, taken, "1.004873")
	if err != nil || found.ID != actor.From(p.as(t, "congdan2")).ID {
		t.Errorf("found %s, %v", found.Name, err)
	}
	for who, want := range map[uuid.UUID]string{party: typed.Number, other: ""} {
		d := p.filedFor(t, p.inName(t, "congdan", who))
		must(t, p.Services.CheckRelation(counter, services.RelationIn{Dossier: d.ID, Client: client(), Holds: "yes"}))
		if got := numberOf(who); got != want {
			t.Errorf("after the officer has seen it: %q, want %q", got, want)
		}
	}
	// several who bear one number: the officer chooses
	_, err = p.db.Owner.Exec(t.Context(), `UPDATE directory.person SET personal_id = $2 WHERE id = $1`, other, taken)
	must(t, err)
	_, several, err := p.Services.FindApplicant(counter, taken, "1.004873")
	testkit.WantError(t, err, fault.Fields{"number": "several"})
	if len(several) != 2 {
		t.Errorf("%d bear it", len(several))
	}
	desk := p.browser(t, "canbo.datmui")
	if status := desk.try("/desk/intake/find", "number", taken, "procedure", "1.004873"); status != http.StatusUnprocessableEntity {
		t.Errorf("several at the counter: %d", status)
	}
	desk.must("/desk/intake?applicant=" + other.String())
	desk.must("Có nhiều người mang số này")
}

// What is filled in is of whom the request is: a business has its name, tax code, seat and
// representative, a child what was said of it; nobody's own number or home is put in their place.
// law: public-services.md 2 — fact 9: data the state already holds is not asked for again.
func TestPrefillIsOfTheParty(t *testing.T) {
	t.Parallel()
	p := open(t)
	number, name := p.identityOf(t, "congdan")
	party, first := p.business(t)
	p.staff(t, party, "congdan2", represent.File)
	_, err := p.db.Owner.Exec(t.Context(), `UPDATE services.dossier SET answers = answers || '{"vessel_owner_residence": "Ấp Rạch Tàu, xã Đất Mũi"}' WHERE id = $1`, first.ID)
	must(t, err)
	known := func(ctx context.Context, form string) forms.Answers {
		t.Helper()
		k, err := p.Services.Known(ctx)
		must(t, err)
		f, err := p.Forms.Current(form)
		must(t, err)
		return f.Prefill(k)
	}
	wants := func(who string, got, want forms.Answers) {
		t.Helper()
		for q, v := range want {
			if got.Text(q) != v {
				t.Errorf("%s: %s is %q, want %q", who, q, got.Text(q), v)
			}
		}
	}
	head, staff := p.inName(t, "congdan", party), p.inName(t, "congdan2", party)
	own, colleague := actor.From(head).Name, actor.From(staff).Name
	wants("the head", known(head, "fs-7-gas"), forms.Answers{"requester_name": own, "business_name": "Công ty Tôm Mũi", "owner_name": own, "owner_id": number})
	wants("the staff", known(staff, "fs-7-gas"), forms.Answers{"requester_name": colleague, "business_name": "Công ty Tôm Mũi", "owner_name": name, "owner_id": ""})
	wants("the head", known(head, "fs-11-sea"), forms.Answers{"owner_name": "Công ty Tôm Mũi", "owner_id": "0100109106"})
	wants("herself", known(p.as(t, "congdan"), "fs-11-sea"), forms.Answers{"owner_name": own, "owner_id": number})
	for who, want := range map[string]string{"congdan": "Ấp Rạch Tàu, xã Đất Mũi", "congdan2": ""} { // what others filed is not the staff's to see
		k, err := p.Services.Known(p.inName(t, who, party))
		must(t, err)
		if k["party.full_residence"] != want {
			t.Errorf("%s sees the seat %q", who, k["party.full_residence"])
		}
	}
	kid := p.inName(t, "congdan", p.declared(t, "congdan", child))
	wants("the child", known(kid, "fs-4-extract"), forms.Answers{"requester_name": own, "subject_name": child.Name, "subject_birth_date": child.Birth, "subject_id": "", "subject_residence": ""})
}

// Who opened the record of a business is read in its name, by those who see all of it; what the reader
// did herself is marked as hers, and nothing of her own record is mixed in.
func TestReadsOfTheParty(t *testing.T) {
	t.Parallel()
	p := open(t)
	party, first := p.business(t)
	p.staff(t, party, "congdan2", represent.File)
	own := p.submit(t, "congdan")
	for _, id := range []uuid.UUID{first.ID, own.ID} {
		_, err := p.Services.Dossier(p.as(t, "canbo.datmui"), id)
		must(t, err)
	}
	head, staff := p.browser(t, "congdan"), p.browser(t, "congdan2")
	for _, b := range []*browser{head, staff} {
		b.post("/acting", "party", party.String(), "next", "/services")
	}
	head.get("/reads")
	head.must("Ai đã xem dữ liệu của Công ty Tôm Mũi")
	head.must(first.Code)
	head.must("Chính bạn")
	if strings.Contains(head.body, own.Code) {
		t.Error("her own record is mixed in")
	}
	head.get("/reads?others=1")
	if head.must(first.Code); strings.Contains(head.body, "Chính bạn") {
		t.Error("what she did herself is among the others'")
	}
	if status := staff.get("/reads"); status != http.StatusForbidden {
		t.Errorf("staff who only file: %d", status)
	}
	staff.must("Bạn chưa được xem tất cả")
}

// Whoever leads a business hears that another says he does.
func TestBusinessHearsOfASecondHead(t *testing.T) {
	t.Parallel()
	p := open(t)
	party, _ := p.business(t)
	if again := p.declared(t, "congdan2", represent.DeclareIn{Role: represent.Head, Name: "Công ty Tôm Mũi", Number: "0100109106"}); again != party {
		t.Fatalf("another business: %s", again)
	}
	notices, _, err := p.Notify.Inbox(p.as(t, "congdan"), uuid.Nil)
	must(t, err)
	if !slices.ContainsFunc(notices, func(n notify.Told) bool {
		return n.Kind == "represent.said-of" && strings.Contains(n.Subject(t.Context()), "Công ty Tôm Mũi")
	}) {
		t.Errorf("notices: %+v", notices)
	}
}

// What is not given is refused, and what is over gives nothing.
func TestStaffOfABusiness(t *testing.T) {
	t.Parallel()
	p := open(t)
	party, first := p.business(t)
	accounts := map[string]string{"head": "congdan", "file": "congdan2", "sees": "congdan3", "take": "vanthu.datmui", "pays": "thuquy.datmui", "mana": "kinhte.datmui",
		"invi": "chutich.datmui", "ends": "phochutich.datmui", "none": "thanhtra"}
	rights := map[string]string{"file": represent.File, "sees": represent.SeeAll, "take": represent.Collect, "pays": represent.Pay, "mana": represent.Manage, "ends": represent.File}
	for role, right := range rights {
		mandate := p.staff(t, party, accounts[role], right)
		if role == "ends" {
			must(t, p.Represent.End(p.inName(t, "congdan", party), represent.EndIn{Client: client(), Mandate: mandate}))
		}
	}
	number, name := p.identityOf(t, accounts["invi"])
	_, err := p.Represent.Invite(p.inName(t, "congdan", party), represent.InviteIn{Client: client(), Number: number, Name: name, Rights: represent.Rights})
	must(t, err)
	head := p.inName(t, "congdan", party)
	def, err := p.Services.Current(head, "1.004873", p.clock.Now())
	must(t, err)
	form, err := p.Forms.Current(def.Form)
	must(t, err)
	draft, err := p.Forms.BeginDraft(head, form, def.Code, forms.Answers{"purpose": "khac"})
	must(t, err)
	bill := p.billFor(t, head, first)
	result := p.resultFor(t, p.filedFor(t, head).ID)
	paper := p.storedFor(t, party)
	_, err = p.Records.GiveConsent(p.as(t, "canbo.datmui"), records.ConsentIn{Client: client(), Person: party, Purpose: "Cấp bản sao", Agency: "tt-pvhcc-xa-dat-mui-2025", Days: 30})
	must(t, err)
	must(t, p.Book.Act(head, "test.reuse", func(ctx context.Context, act *audit.Act) error {
		_, err := p.Records.Reuse(ctx, act, records.ReuseIn{Paper: paper, Purpose: "Cấp bản sao"})
		return err
	}))
	// she allows and takes back in her own name only: what the page shows is the business's
	_, err = p.Records.GiveConsent(head, records.ConsentIn{Client: client(), Purpose: "Cấp bản sao", Agency: "tt-pvhcc-xa-dat-mui-2025", Days: 30})
	testkit.WantError(t, err, fault.Conflict("represent.own-name"))
	testkit.WantError(t, p.Records.Withdraw(head, uuid.New()), fault.Conflict("represent.own-name"))
	m := readMatrix(t, staffMatrix)
	for _, line := range m.names {
		for i, role := range m.roles {
			p.tryInName(t, line, role, m.cells[line][i], accounts[role], party, map[string]func(context.Context) error{
				"file": func(ctx context.Context) error {
					_, err := p.Services.Submit(ctx, services.SubmitIn{Client: client(), Procedure: "1.004873", Agency: "tt-pvhcc-xa-dat-mui-2025", ReturnWay: "online", Answers: marital()})
					return err
				},
				"open the colleague's": func(ctx context.Context) error { _, err := p.Services.Dossier(ctx, first.ID); return err },
				"list the colleague's": func(ctx context.Context) error {
					page, err := p.Services.Mine(ctx, "")
					if err == nil && !slices.Contains(codes(page), first.Code) {
						return fault.NotFound("in the list")
					}
					return err
				},
				"withdraw colleague's": func(ctx context.Context) error {
					return p.Services.Withdraw(ctx, services.WithdrawIn{Dossier: p.filedFor(t, head).ID, Client: client()})
				},
				"open the bill": func(ctx context.Context) error { _, err := p.Pay.Open(ctx, bill); return err },
				"take the result": func(ctx context.Context) error {
					return past(p.Services.Collect(ctx, services.CollectIn{Dossier: first.ID, Client: client()}))
				},
				"open the result": func(ctx context.Context) error {
					f, err := p.Files.Open(ctx, result)
					if err == nil {
						err = f.Close()
					}
					return err
				},
				"look at the staff": func(ctx context.Context) error { _, _, err := p.Represent.StaffOf(ctx, uuid.Nil); return err },
				"invite with own right": func(ctx context.Context) error {
					return p.inviteOne(t, ctx, represent.Manage)
				},
				"invite with more": func(ctx context.Context) error {
					return p.inviteOne(t, ctx, represent.Manage, represent.Collect)
				},
				"go on with its draft": func(ctx context.Context) error {
					_, err := p.Forms.SaveDraft(ctx, forms.SaveIn{Draft: draft.ID, Rev: draft.Rev, Client: "w", Page: "", Answers: forms.Answers{"purpose": "khac"}})
					return err
				},
				"see papers of store": func(ctx context.Context) error {
					list, err := p.Records.Mine(ctx)
					if err == nil && !slices.ContainsFunc(list, func(x records.Paper) bool { return x.ID == paper }) {
						return fault.NotFound("in the store")
					}
					return err
				},
				"see what is allowed": func(ctx context.Context) error {
					list, _, err := p.Records.Consents(ctx, uuid.Nil)
					return there(len(list), err)
				},
				"see who used papers": func(ctx context.Context) error {
					list, err := p.Records.Uses(ctx, uuid.Nil)
					return there(len(list), err)
				},
			}[line])
		}
	}
}

// there is the answer of a list that must have something in it.
func there(n int, err error) error {
	if err == nil && n == 0 {
		return fault.NotFound("in the list")
	}
	return err
}

// past lets through what is refused for the state alone: the question of rights is passed.
func past(err error) error {
	if fault.KindOf(err) == fault.KindConflict {
		return nil
	}
	return err
}

// tryInName tries a deed in the name of a party: "+" is done, "." is refused, "-" is whoever cannot
// even act in its name.
func (p *province) tryInName(t *testing.T, line, role, want, account string, party uuid.UUID, deed func(context.Context) error) {
	t.Helper()
	if deed == nil {
		t.Fatalf("nobody knows how to %s", line)
	}
	who := actor.From(p.as(t, account))
	who = actor.Actor{ID: who.ID, Kind: actor.Citizen, Name: who.Name, Level: 2}
	for_, grants, err := represent.Acting(t.Context(), p.db.Reader, who.ID, party, p.clock.Now())
	if want == "-" {
		if fault.KindOf(err) != fault.KindNotFound {
			t.Errorf("%s acts in its name: %v", role, err)
		}
		return
	}
	must(t, err)
	who.For, who.Grants = for_, grants
	err = deed(actor.With(t.Context(), who))
	refused := isFields(err) || fault.KindOf(err) == fault.KindNotFound || fault.KindOf(err) == fault.KindForbidden
	if err != nil && !refused {
		t.Errorf("%s × %s: %v", line, role, err)
	} else if (err == nil) != (want == "+") {
		t.Errorf("%s × %s: %v, want %s", line, role, err, want)
	}
}

func isFields(err error) bool {
	_, ok := errors.AsType[fault.Fields](err)
	return ok
}

// sessionMemory is longer than a session remembers what its person may do.
const sessionMemory = 31 * time.Second

// inviteOne invites somebody new.
func (p *province) inviteOne(t *testing.T, ctx context.Context, rights ...string) error {
	t.Helper()
	name := "Người Mới " + uuid.NewString()
	must(t, p.Book.Act(p.ctx, "test.person", func(ctx context.Context, act *audit.Act) error {
		_, err := p.Directory.Register(ctx, act, directory.PersonIn{Name: name, PersonalID: "096090007777"})
		return err
	}))
	_, err := p.Represent.Invite(ctx, represent.InviteIn{Client: client(), Number: "096090007777", Name: name, Rights: rights})
	return err
}

// billFor asks the business for money about one of its dossiers.
func (p *province) billFor(t *testing.T, ctx context.Context, d services.SubmitOut) (id uuid.UUID) {
	t.Helper()
	paid, err := p.Services.Submit(ctx, services.SubmitIn{Client: client(), Procedure: "2.000815", Agency: "tt-pvhcc-xa-dat-mui-2025", ReturnWay: "counter", Answers: copies(),
		Papers: []services.PaperIn{{Place: "original", File: p.paper(t, ctx), Copies: 1}}})
	must(t, err)
	id, err = pg.Value[uuid.UUID](p.db.Reader.Query(t.Context(), `SELECT id FROM pay.bill WHERE subject_id = $1`, paid.ID))
	must(t, err)
	return id
}

// storedFor puts a paper into the store of a party.
func (p *province) storedFor(t *testing.T, party uuid.UUID) (id uuid.UUID) {
	t.Helper()
	must(t, p.Book.Act(p.ctx, "test.keep", func(ctx context.Context, act *audit.Act) (err error) {
		id, err = p.Records.Keep(ctx, act, records.Paper{Owner: party, Type: "KQ.G12.001041", Name: "Giấy chứng nhận", Issuer: "UBND", IssuedOn: act.At, Result: true}, uuid.Nil)
		return err
	}))
	return id
}

// A business through the pages: the head invites, the member accepts, switches, files and is switched
// back; two members share a draft and neither's words are lost; what was given ends.
func TestBusinessThroughThePages(t *testing.T) {
	t.Parallel()
	p := open(t)
	party, first := p.business(t)
	head := p.browser(t, "congdan")
	if status := head.get("/acting/staff"); status != http.StatusForbidden {
		t.Errorf("in her own name: %d", status)
	}
	head.post("/acting", "party", party.String(), "next", "/acting/staff")
	head.must("Nhân viên của Công ty Tôm Mũi")
	number, name := p.identityOf(t, "congdan2")
	if status := head.try("/acting/staff", "client", client(), "number", number, "name", "Ai Đó Khác", "rights", represent.File); status != http.StatusUnprocessableEntity {
		t.Errorf("number and name of two: %d", status)
	}
	invite := []string{"client", client(), "number", number, "name", name, "rights", represent.File, "rights", represent.SeeAll, "until", "2026-12-31"}
	head.post("/acting/staff", invite...)
	head.post("/acting/staff", invite...) // sent twice, invited once
	head.must("Chờ trả lời")

	member := p.browser(t, "congdan2")
	if status := member.try("/acting", "party", party.String()); status != http.StatusForbidden {
		t.Errorf("before she accepts: %d", status)
	}
	list, err := p.Represent.Mine(p.as(t, "congdan2"))
	must(t, err)
	if len(list) != 1 {
		t.Fatalf("%d invitations", len(list))
	}
	member.get("/acting")
	member.must("Nhận lời")
	member.post("/acting/answer", "client", client(), "mandate", list[0].ID.String(), "yes", "true")
	// a notice's page in another name is asked for first, then opens
	member.get(represent.PathFor(party, "/dossiers/"+first.ID.String()))
	member.must("Chuyển sang làm thay cho Công ty Tôm Mũi?")
	member.post("/acting", "party", party.String(), "next", "/dossiers/"+first.ID.String())
	member.must(first.Code)
	member.get("/dossiers")
	member.must(first.Code)
	head.post("/services/1.004873/begin")
	draft := strings.Split(head.path, "/")[2]
	member.get("/dossiers")
	member.must("/apply/" + draft)
	member.post("/acting")
	member.get("/dossiers")
	if strings.Contains(member.body, first.Code) || strings.Contains(member.body, draft) {
		t.Errorf("the business's matters among her own: %s", member.says())
	}
	if status := member.get("/dossiers/" + first.ID.String()); status != http.StatusNotFound {
		t.Errorf("in her own name: %d", status)
	}
	member.post("/acting", "party", party.String())
	change := []string{"client", client(), "mandate", list[0].ID.String(), "rights", represent.File}
	head.post("/acting/staff/change", change...)
	p.clock.Advance(sessionMemory)
	if status := member.get("/dossiers/" + first.ID.String()); status != http.StatusNotFound {
		t.Errorf("without the right to see all: %d", status)
	}
	head.post("/acting/end", "client", client(), "mandate", list[0].ID.String(), "staff", "true")
	p.clock.Advance(sessionMemory)
	member.get("/dossiers")
	if strings.Contains(member.body, "Bạn đang làm việc thay cho") {
		t.Error("her rights have ended and she still acts for it")
	}
	for _, b := range []*browser{head, member} {
		b.get("/acting?lang=en")
		b.must("Act for somebody")
	}
}

// An officer who finds that the paper proves nothing says why; nothing is accepted then, and the one
// who declared it acts for nobody.
func TestRelationIsNotProved(t *testing.T) {
	t.Parallel()
	p := open(t)
	party := p.declared(t, "congdan", child)
	out := p.filedFor(t, p.inName(t, "congdan", party))
	officer := p.as(t, "canbo.datmui")
	for name, ctx := range map[string]context.Context{"herself": p.inName(t, "congdan", party), "another citizen": p.as(t, "congdan2"), "the leader": p.as(t, "chutich.datmui"), "another body": p.as(t, "so.xaydung")} {
		err := p.Services.CheckRelation(ctx, services.RelationIn{Dossier: out.ID, Client: client(), Holds: "yes"})
		if k := fault.KindOf(err); k != fault.KindNotFound && k != fault.KindForbidden {
			t.Errorf("%s: %v", name, err)
		}
	}
	must(t, p.Services.CheckRelation(officer, services.RelationIn{Dossier: out.ID, Client: client(), Holds: "no", Why: "Giấy của trẻ khác"}))
	testkit.WantError(t, p.Services.CheckRelation(officer, services.RelationIn{Dossier: out.ID, Client: client(), Holds: "yes"}), fault.Conflict("represent.settled"))
	testkit.WantError(t, p.Services.Accept(officer, services.AcceptIn{Dossier: out.ID, Client: client()}), fault.Conflict("services.relation-refused"))
	_, _, err := represent.Acting(t.Context(), p.db.Reader, actor.From(p.as(t, "congdan")).ID, party, p.clock.Now())
	testkit.WantError(t, err, fault.NotFound(represent.Kind))
	// who takes her word back before anybody has looked at the paper has proved nothing either
	other := p.declared(t, "congdan3", child)
	hers := p.filedFor(t, p.inName(t, "congdan3", other))
	list, err := p.Represent.Mine(p.as(t, "congdan3"))
	must(t, err)
	must(t, p.Represent.End(p.as(t, "congdan3"), represent.EndIn{Client: client(), Mandate: list[0].ID}))
	testkit.WantError(t, p.Services.Accept(officer, services.AcceptIn{Dossier: hers.ID, Client: client()}), fault.Conflict("services.relation-refused"))
	own := p.submit(t, "congdan")
	testkit.WantError(t, p.Services.CheckRelation(officer, services.RelationIn{Dossier: own.ID, Client: client(), Holds: "yes"}), fault.Conflict("services.no-relation"))
}
