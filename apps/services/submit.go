package services

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/blocks/directory"
	"datmui/blocks/files"
	"datmui/blocks/forms"
	"datmui/blocks/numbering"
	"datmui/blocks/partners"
	"datmui/blocks/represent"
	"datmui/kit/actor"
	"datmui/kit/clock"
	"datmui/kit/fault"
	"datmui/kit/lang"
)

// SubmitIn is what a citizen sends, or an officer at the counter for her.
type SubmitIn struct {
	Client    string      `form:"client"`    // made with the form: the same filing sent twice is filed once
	Procedure string      `form:"procedure"` // code
	Agency    string      `form:"agency"`    // the counter that receives; any counter may receive for any body
	Unit      string      `form:"unit"`      // commune whose body decides, for commune procedures; "" = the counter's own
	Draft     uuid.UUID   `form:"draft"`     // the draft that becomes this dossier; zero without one
	ReturnWay string      `form:"return_way"`
	Owner     uuid.UUID   `form:"owner"`     // whose matter it is; zero = the applicant
	Applicant uuid.UUID   `form:"applicant"` // only at the counter: the person in front of the desk
	Channel   Channel     `form:"channel"`   // only at the counter: Counter or Post, or Online when filed on the citizen's behalf
	Support   string      `form:"support"`   // support point that helped; "" = none
	Phone     string      `form:"phone"`
	Slip      string      `form:"slip"`    // only at the counter: number of the provisional slip given during a cut of the network; "" = none
	Consent   bool        `form:"consent"` // only at the counter: she stands there and lets papers of her store be used
	Legible   bool        `form:"legible"` // only at the counter: scans that may be hard to read were looked at and can be read
	Authority AuthorityIn // only at the counter: by what right she acts for another
	Answers   forms.Answers
	Papers    []PaperIn
}

// PaperIn is one file or sheet for a place in the list of papers.
type PaperIn struct {
	Place     string
	File      uuid.UUID // zero for what was taken or shown on paper
	Stored    uuid.UUID // a paper of the owner's store that is used again; zero for none
	Originals int
	Copies    int
}

// SubmitOut is the answer of Submit.
type SubmitOut struct {
	ID    uuid.UUID // of the dossier; of the first one of a set
	Code  string    // of the dossier or the set
	Set   uuid.UUID // the inter-linked set that was filed; zero: one dossier
	Parts []string  // codes of its dossiers, in their order
}

// Submit files a dossier: it gets its code, the citizen her notice with the eight-hour answer time,
// the counter a line on its desk. The clock of the procedure does not run yet.
// law: public-services.md 6.2 — –→1: required fields valid, procedure version active.
// law: public-services.md 3 — Decree 45/2020: an answer within 8 working hours.
func (m *Module) Submit(ctx context.Context, in SubmitIn) (SubmitOut, error) {
	var out SubmitOut
	p, err := m.prepare(ctx, in)
	if err != nil {
		return out, err
	}
	parts, err := m.prepareParts(ctx, p)
	if err != nil {
		return out, err
	}
	err = m.book.Act(ctx, "services.dossier.submit", func(ctx context.Context, act *audit.Act) error {
		if len(parts) > 0 {
			if out, err = m.fileSet(ctx, act, p, parts, false); err == nil {
				m.began(act, in, out)
			}
			return err
		}
		d, err := m.register(ctx, act, p)
		if err != nil {
			return err
		}
		if err := m.answerDue(ctx, d, act.At); err != nil {
			return err
		}
		if err := d.move(act, Registered, StepIntake, Move{Note: p.slip()}); err != nil {
			return err
		}
		if err := m.putNew(ctx, act, d, p); err != nil {
			return err
		}
		m.onDesk(act, d)
		m.issue(act, d, OutgoingReceipt, nil)
		m.tellApplicant(ctx, act, d, Filed{Code: d.Code, Procedure: p.def.Name, AnswerBy: *d.AnswerDue, Path: pathOf(d)})
		out = SubmitOut{ID: d.ID, Code: d.Code}
		m.began(act, in, out)
		return nil
	}, audit.Once(in.Client, in, &out))
	return out, err
}

// began ends the draft that was filed, and notes that a partner filed it.
func (m *Module) began(act *audit.Act, in SubmitIn, out SubmitOut) {
	if in.Draft != uuid.Nil {
		m.forms.DropDraft(act, in.Draft)
	}
	if act.Actor.Kind == actor.Partner && out.Set == uuid.Nil { // of a set each dossier is noted
		m.partners.Began(act, dossierKind, out.ID, out.Code)
	}
}

// prepared is a filing whose input has been checked.
type prepared struct {
	bodies
	in        SubmitIn
	def       Definition
	answers   forms.Answers
	subject   string // the answer that tells this dossier from others, in words
	applicant directory.Person
	owner     directory.Person
	ownerName string
	channel   Channel
	onBehalf  bool
	again     map[uuid.UUID]files.File // papers of the store that are used again
	authority *Authority               // that an officer has seen; nil: none
	unclear   int                      // scans that may be hard to read and were taken as they are
}

// subjectOf is the answer that tells a dossier from others, in the language of the record whatever
// the language of the page was.
func subjectOf(form *forms.Form, a forms.Answers, def Definition) string {
	return form.Text(lang.With(context.Background(), lang.Vietnamese), a, def.Subject)
}

func (m *Module) prepare(ctx context.Context, in SubmitIn) (prepared, error) {
	a := actor.From(ctx)
	p := prepared{in: in, channel: Online}
	now := m.clock.Now()
	var err error
	if p.def, err = m.Current(ctx, in.Procedure, now); err != nil {
		return p, err
	}
	if p.bodies, err = m.bodies(ctx, p.def.CompetentFor(in.Answers), in); err != nil {
		return p, err
	}
	who := a.Party()
	switch {
	case !a.MayFor(represent.File):
		return p, fault.Forbidden("represent.file")
	case a.Kind == actor.Citizen && a.Level >= 2:
	case a.Kind == actor.Partner && a.May(partners.ScopeFile, ""): // for who lets it, at level 2
	case a.Kind == actor.Citizen: // law: public-services.md 13 — VNeID needs level 2 to file
		return p, fault.Forbidden("level-2")
	case a.Kind == actor.Official && a.May(RightReceive, p.receiving.ID):
		who = in.Applicant
		p.channel = cmp.Or(in.Channel, Counter)
		p.onBehalf = p.channel == Online // counted apart from filings by citizens themselves
	default:
		return p, fault.Forbidden("services.submit")
	}
	f := fault.Fields{}
	if len(in.Slip) > 40 {
		f.Set("slip", "too-long:40")
	}
	if p.channel < Counter || p.channel > Post {
		f.Set("channel", "invalid")
	}
	if in.ReturnWay != "online" && in.ReturnWay != "counter" && in.ReturnWay != "post" {
		f.Set("return_way", "required")
	}
	if p.applicant, err = m.person(ctx, who); err != nil {
		f.Set("applicant", "unknown")
	}
	if in.Support != "" {
		if helper, err := m.directory.Agency(ctx, in.Support, now); err != nil || helper.Kind != counterKind {
			f.Set("support", "invalid")
		}
	}
	p.owner = p.applicant
	if in.Owner != uuid.Nil && in.Owner != who {
		if p.owner, err = m.person(ctx, in.Owner); err != nil {
			f.Set("owner", "unknown")
		}
	}
	form, err := m.FormOf(ctx, p.def)
	if err != nil {
		return p, err
	}
	answers, wrong := form.Check(in.Answers)
	for k, v := range wrong {
		f.Set(k, v)
	}
	p.answers, p.subject = answers, subjectOf(form, answers, p.def)
	for k, v := range p.def.Faults(answers) {
		f.Set(k, v)
	}
	if err := m.owner(ctx, &p); err != nil {
		return p, err
	}
	for _, rule := range p.def.PapersFor(answers) {
		if !rule.missing(in.Papers, p.channel) {
			continue
		}
		f.Set("paper."+rule.Key, "paper-missing")
	}
	p.authority = p.authorised(a, now, f)
	if p.again, err = m.storedPapers(ctx, p.def, p.applicant.ID, in.Papers, f); err != nil {
		return p, err
	}
	// law: public-services.md 11 — an officer may not reuse a paper without recording purpose and consent.
	if len(p.again) > 0 && a.Kind == actor.Official && !in.Consent {
		f.Set("consent", "records-consent")
	}
	if p.unclear, err = m.unclear(ctx, in.Papers, in.Legible, f); err != nil {
		return p, err
	}
	return p, f.Err()
}

// owner finds out whose matter it is when somebody files for another: the name as it was declared,
// and the person with that number where name and number both are hers. A number alone proves nothing.
// law: public-services.md 4 — applicant (người nộp) ≠ dossier owner (chủ hồ sơ); 13 — numbers are no keys.
func (m *Module) owner(ctx context.Context, p *prepared) error {
	p.ownerName = p.owner.Name
	if actor.From(ctx).For.ID != uuid.Nil { // the matter is that of whom the actor acts for
		return nil
	}
	if p.owner.ID != p.applicant.ID || p.def.Owner.Name == "" || p.answers.Text("relationship") == "self" {
		return nil
	}
	name := p.answers.Text(p.def.Owner.Name)
	if name == "" {
		return nil
	}
	p.ownerName = name
	id := p.answers.Text(p.def.Owner.ID)
	if id == "" {
		return nil
	}
	found, err := directory.SamePerson(ctx, m.db, id, name)
	if err != nil || found.ID == uuid.Nil {
		return err
	}
	p.owner, p.ownerName = found, found.Name
	return nil
}

// missing says whether a paper that is needed has not been given. What is only shown is looked at
// when the citizen comes; an electronic form stands for itself.
func (r PaperRule) missing(papers []PaperIn, channel Channel) bool {
	if r.EForm || (r.Shown && channel == Online) {
		return false
	}
	for _, p := range papers {
		if p.Place == r.Key && (p.File != uuid.Nil || p.Stored != uuid.Nil || p.Originals+p.Copies > 0) {
			return false
		}
	}
	return true
}

// bodies are the counter that receives a dossier and the body that decides it.
type bodies struct {
	receiving directory.Agency
	competent string
}

// route is what the bodies of a dossier hang on.
type route struct{ day, competent, counter, unit string }

// bodies finds the counter that receives and the body that decides.
// law: public-services.md 2 — fact 4: up to three bodies on a dossier.
func (m *Module) bodies(ctx context.Context, competent string, in SubmitIn) (bodies, error) {
	now := m.clock.Now()
	return m.where.get(route{now.In(clock.Vietnam).Format(time.DateOnly), competent, in.Agency, in.Unit}, func() (bodies, error) {
		receiving, err := m.directory.Agency(ctx, in.Agency, now)
		if err != nil && fault.KindOf(err) != fault.KindNotFound {
			return bodies{}, err
		}
		if err != nil || receiving.Kind != counterKind || receiving.Identifier == "" {
			return bodies{}, fault.Fields{"agency": "required"}
		}
		if id, ok := strings.CutPrefix(competent, AgencyBody); ok {
			return bodies{receiving, id}, nil
		}
		unit := cmp.Or(in.Unit, receiving.UnitCode)
		kind := "people's committee"
		if competent == PoliceBody {
			kind = "commune police"
		}
		there, err := m.directory.Agencies(ctx, directory.AgencyFilter{Unit: unit, Kind: kind}, now)
		if err != nil {
			return bodies{}, err
		}
		if len(there) != 1 || there[0].Level != "commune" {
			return bodies{}, fault.Fields{"unit": "required"}
		}
		return bodies{receiving, there[0].ID}, nil
	})
}

// register makes the dossier with its code and its papers, before its first move.
func (m *Module) register(ctx context.Context, act *audit.Act, p prepared) (*Dossier, error) {
	if err := represent.Again(ctx, act); err != nil {
		return nil, err
	}
	if !act.Actor.MayFor(represent.File) {
		return nil, fault.Forbidden("represent.file")
	}
	code, err := numbering.NextCode(ctx, act, p.receiving.Identifier, "dossier")
	if err != nil {
		return nil, err
	}
	d := &Dossier{
		ID: newID(), Code: code, Procedure: p.def.Code, Version: p.def.Version, Channel: p.channel, OnBehalf: p.onBehalf,
		ReceivingAgency: p.receiving.ID, CompetentAgency: p.competent, HolderAgency: p.receiving.ID,
		Applicant: p.applicant.ID, Owner: p.owner.ID, ApplicantName: p.applicant.Name, OwnerName: p.ownerName,
		ApplicantPhone: cmp.Or(p.in.Phone, p.applicant.Phone), Subject: p.subject, Answers: p.answers,
		FiledAt: act.At, ReturnWay: p.in.ReturnWay, FeeState: "none", Files: true, Pauses: []Pause{},
	}
	if p.in.Support != "" {
		d.SupportAgency = &p.in.Support
	}
	if err := m.quote(ctx, act, d, p.def); err != nil {
		return nil, err
	}
	act.About(dossierKind, code, d.AuditPersons()...)
	act.Note("procedure", fmt.Sprintf("%s v%d", d.Procedure, d.Version))
	noteUnclear(act, p.unclear)
	fresh, err := m.reusePapers(ctx, act, d, p)
	if err != nil {
		return nil, err
	}
	if err := m.filedBy(ctx, act, d); err != nil {
		return nil, err
	}
	return d, m.addPapers(ctx, act, d, fresh)
}

// slip is what the control slip says of a filing that was taken in during a cut of the network.
func (p prepared) slip() string {
	if p.in.Slip == "" || p.channel == Online && !p.onBehalf {
		return ""
	}
	return "Phiếu tạm " + p.in.Slip + " khi mất mạng"
}

// putNew writes a new dossier, and after it what points to it.
func (m *Module) putNew(ctx context.Context, act *audit.Act, d *Dossier, p prepared) error {
	d.insert(act)
	if p.authority == nil {
		return nil
	}
	return m.keepAuthority(ctx, act, d, p.def, *p.authority, p.in.Authority.File != uuid.Nil)
}

// addPapers puts what was given into the list of papers and takes up the files.
func (m *Module) addPapers(ctx context.Context, act *audit.Act, d *Dossier, papers []PaperIn) error {
	var sent []files.Attachment
	for _, paper := range papers {
		var file *uuid.UUID
		digitised := 0
		if paper.File != uuid.Nil {
			file, digitised = &paper.File, 1
			sent = append(sent, files.Attachment{ID: paper.File, Role: paper.Place})
		}
		queuePaper(act, d, Paper{Place: paper.Place, FileID: file, Originals: paper.Originals, Copies: paper.Copies, Digitised: digitised})
	}
	err := m.files.Attach(ctx, act, files.Subject{Kind: filesKind, ID: d.ID}, d.AuditPersons(), sent...)
	if f, ok := errors.AsType[fault.Fields](err); ok {
		return fault.Fields{"papers": f["file"]}
	}
	return err
}

// queuePaper adds a line to the list of papers, the next one of its place.
func queuePaper(act *audit.Act, d *Dossier, p Paper) {
	act.Queue(`INSERT INTO services.paper (dossier_id, place, n, file_id, name, originals, copies, digitised, added_at, added_by)
		SELECT $1, $2, coalesce(max(n), 0) + 1, $3, $4, $5, $6, $7, $8, $9 FROM services.paper WHERE dossier_id = $1 AND place = $2`,
		d.ID, p.Place, p.FileID, p.Name, p.Originals, p.Copies, p.Digitised, act.At, act.Actor.ID)
}
