package services

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/blocks/calendar"
	"datmui/blocks/files"
	"datmui/blocks/forms"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// Authority is by what right somebody acts for another in a dossier (ủy quyền), as an officer has seen it.
type Authority struct {
	Kind      string // ByFamily or ByCertificate
	Relation  string // of the owner to who acts, as it was declared
	Certifier string // who certified it; "" within the family
	Number    string // of the certification
	GivenOn   *time.Time
	Until     *time.Time // last day on which it holds; nil where it names none
	Scope     string     // what it lets her do
	File      *uuid.UUID
	At        time.Time
	SeenName  string // the officer, as of that moment
}

// The two ways in which somebody may act for another.
const (
	ByFamily      = "family"
	ByCertificate = "certified"
)

// civilStatus is the field of the catalogue in which family need not certify an authorisation.
const civilStatus = "Hộ tịch"

var family = []string{"grandparent", "parent", "child", "spouse", "sibling"}

// actsForAnother says whether who files needs an authorisation: for everybody but herself and her child,
// for whom she acts as its parent unless she says that it authorised her. The dead authorise nobody:
// their family declares a death by itself.
// law: public-services.md 4 — family is free of the certification, not of the authorisation.
func actsForAnother(answers forms.Answers) bool {
	switch answers.Text("relationship") {
	case "", "self", "child":
		return answers.Text("authorised") == "yes"
	case "other":
		return true
	}
	return answers.Text("authorised") == "yes" || answers.Text("death_date") == ""
}

// ActsForAnother says whether the dossier needs an authorisation on record.
func (d Dossier) ActsForAnother() bool { return actsForAnother(d.Answers) }

// FamilyMay says whether an authorisation need not be certified.
// law: public-services.md 4 — certified, except grandparent, parent, child, spouse or sibling in civil-status procedures.
func (d Definition) FamilyMay(answers forms.Answers) bool {
	return d.Field == civilStatus && slices.Contains(family, answers.Text("relationship"))
}

// AuthorityIn is what an officer has read in an authorisation.
type AuthorityIn struct {
	Kind      string    `form:"authority_kind"`
	Certifier string    `form:"authority_certifier"`
	Number    string    `form:"authority_number"`
	On        string    `form:"authority_on"`    // 2026-11-24
	Until     string    `form:"authority_until"` // likewise; "" where it names none
	Scope     string    `form:"authority_scope"`
	File      uuid.UUID // its scan
}

// check holds an authorisation against the law on a day. It gives it with its days read.
func (in AuthorityIn) check(f fault.Fields, def Definition, answers forms.Answers, at time.Time) Authority {
	out := Authority{Kind: in.Kind, Relation: answers.Text("relationship"), Certifier: strings.TrimSpace(in.Certifier), Number: strings.TrimSpace(in.Number), Scope: strings.TrimSpace(in.Scope), At: at}
	if in.File != uuid.Nil {
		out.File = &in.File
	}
	f.Text("authority_scope", in.Scope, 1000)
	today := calendar.DateOf(at)
	day := func(field, typed string, must bool) *time.Time {
		if strings.TrimSpace(typed) == "" && !must {
			return nil
		}
		t := dayOf(f, field, typed).UTC()
		if f[field] != "" {
			return nil
		}
		return &t
	}
	switch in.Kind {
	case ByFamily:
		if !def.FamilyMay(answers) {
			f.Set("authority_kind", "certified-needed")
		}
	case ByCertificate:
		f.Text("authority_certifier", in.Certifier, 200)
		f.Text("authority_number", in.Number, 100)
		if in.File == uuid.Nil {
			f.Set("authority_file", "required")
		}
	default:
		f.Set("authority_kind", "required")
	}
	out.GivenOn, out.Until = day("authority_on", in.On, in.Kind == ByCertificate), day("authority_until", in.Until, false)
	if out.GivenOn != nil && calendar.DateOf(*out.GivenOn) > today {
		f.Set("authority_on", "future")
	}
	if out.Until != nil && (calendar.DateOf(*out.Until) < today || out.GivenOn != nil && out.Until.Before(*out.GivenOn)) {
		f.Set("authority_until", "over")
	}
	return out
}

// authorised checks the authorisation of a filing at the counter; nil where none is needed, or where
// the citizen files herself and an officer looks at her paper before it is accepted.
func (p prepared) authorised(a actor.Actor, at time.Time, f fault.Fields) *Authority {
	if !actsForAnother(p.answers) || a.Kind != actor.Official {
		return nil
	}
	in := p.in.Authority
	if in.File == uuid.Nil { // the scan lies at its place in the list of papers
		i := slices.IndexFunc(p.in.Papers, func(x PaperIn) bool { return x.Place == "authorisation" && x.File != uuid.Nil })
		if i >= 0 {
			in.File = p.in.Papers[i].File
		}
	}
	out := in.check(f, p.def, p.answers, at)
	return &out
}

// keepAuthority writes down what an officer has seen, and tells the owner, where the house knows her,
// that somebody acts for her. A scan that is not in the list of papers is taken up.
func (m *Module) keepAuthority(ctx context.Context, act *audit.Act, d *Dossier, def Definition, a Authority, scan bool) error {
	if scan && a.File != nil {
		if err := m.files.Attach(ctx, act, files.Subject{Kind: filesKind, ID: d.ID}, d.AuditPersons(), files.Attachment{ID: *a.File, Role: "authority"}); err != nil {
			return err
		}
	}
	act.Note("authority", a.Kind)
	act.Queue(`INSERT INTO services.authority (id, dossier_id, kind, relation, certifier, number, given_on, until, scope, file, at, seen_by, seen_name)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		newID(), d.ID, a.Kind, a.Relation, a.Certifier, a.Number, a.GivenOn, a.Until, a.Scope, a.File, act.At, act.Actor.ID, act.Actor.Name)
	if d.Owner != d.Applicant {
		m.tell(ctx, act, d.Owner, ActedForNotice{Code: d.Code, Procedure: def.Name, Who: d.ApplicantName, Scope: a.Scope, Path: pathOf(d)})
	}
	return nil
}

// over says whether it does not hold any more on the day of a moment.
func (a Authority) over(at time.Time) bool {
	return a.Until != nil && calendar.DateOf(*a.Until) < calendar.DateOf(at)
}

// authorityOf reads what was recorded last; nil where nothing was. What was seen for one part of a set
// holds for all of them, for it was filed once; its scan lies with the part for which it was seen.
func authorityOf(ctx context.Context, r pg.Reader, dossier uuid.UUID) (*Authority, error) {
	a, err := pg.One[Authority](r.Query(ctx, `SELECT kind, relation, certifier, number, given_on, until, scope, CASE WHEN dossier_id = $1 THEN file END AS file, at, seen_name
		FROM services.authority WHERE dossier_id = ANY(ARRAY(SELECT $1::uuid UNION
			SELECT o.dossier_id FROM services.linked_part l JOIN services.linked_part o ON o.set_id = l.set_id WHERE l.dossier_id = $1)) ORDER BY at DESC, id DESC LIMIT 1`, dossier))
	switch {
	case fault.KindOf(err) == fault.KindNotFound:
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("reading the authority of a dossier: %w", err)
	}
	return &a, nil
}

// SeeAuthorityIn records an authorisation on a dossier that was filed online.
type SeeAuthorityIn struct {
	Dossier uuid.UUID `form:"id"`
	Client  string    `form:"client"`
	AuthorityIn
}

// SeeAuthority records what the officer has read in the authorisation of a dossier that waits for
// intake; without it a dossier that somebody files for another is not accepted.
// law: public-services.md 4 — the authorisation is certified, or of family in civil status.
func (m *Module) SeeAuthority(ctx context.Context, in SeeAuthorityIn) error {
	return m.book.Act(ctx, "services.dossier.authority", func(ctx context.Context, act *audit.Act) error {
		d, def, err := m.lockWith(ctx, act, in.Dossier)
		if err != nil {
			return err
		}
		if !d.mayBeReceivedBy(act.Actor) {
			return fault.NotFound("services.dossier")
		}
		if !d.awaitsIntake() || !d.ActsForAnother() {
			return fault.Conflict("services.no-authority-asked")
		}
		scan := in.File != uuid.Nil
		if !scan { // what she sent for it is looked at where it lies
			papers, err := papersOf(ctx, act, d.ID)
			if err != nil {
				return err
			}
			if i := slices.IndexFunc(papers, func(p Paper) bool { return p.Place == "authorisation" && p.FileID != nil }); i >= 0 {
				in.File = *papers[i].FileID
			}
		}
		f := fault.Fields{}
		a := in.check(f, def, d.Answers, act.At)
		if f.Any() {
			return f
		}
		return m.keepAuthority(ctx, act, &d, def, a, scan)
	}, audit.Once(in.Client, in, nil))
}

// awaitsIntake says whether nobody has accepted the dossier yet.
func (d Dossier) awaitsIntake() bool {
	return d.State == Registered && d.Step != StepWaits || d.State == AwaitingSupplement && d.AcceptedAt == nil
}

// authorityMissing is the Conflict that keeps a dossier from being accepted.
func authorityMissing(ctx context.Context, act *audit.Act, d *Dossier) error {
	if !d.ActsForAnother() {
		return nil
	}
	a, err := authorityOf(ctx, act, d.ID)
	switch {
	case err != nil:
		return err
	case a == nil:
		return fault.Conflict("services.authority-needed")
	case a.over(act.At):
		return fault.Conflict("services.authority-over")
	}
	return nil
}
