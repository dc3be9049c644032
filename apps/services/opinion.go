package services

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/blocks/audit"
	"datmui/blocks/directory"
	"datmui/blocks/files"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// Opinion is what another body was asked about a dossier (xin ý kiến), and what it said.
type Opinion struct {
	ID           uuid.UUID
	DossierID    uuid.UUID
	Agency       string // the body asked
	Question     string
	Papers       []uuid.UUID // files of the dossier that the body may open
	Declared     bool        // it may read what was declared in the form
	Term         string      // 12cd, 5wd, 16wh: by the calendar of the body asked
	Silence      string      // agreed: no answer in time is consent; open: it is waited for
	Basis        string      // the law by which silence is consent
	AskedBy      uuid.UUID
	AskerName    string // as of that moment
	AskerPost    string
	AskedAt      time.Time
	DueAt        time.Time
	State        string // see the Opinion constants
	Answer       string
	Files        []uuid.UUID // what came with the answer
	AnsweredBy   *uuid.UUID
	AnswererName string // as of that moment; "" where nobody answered
	AnswererPost string
	AnsweredAt   *time.Time
}

// States of an opinion.
const (
	OpinionOpen       = "asked"
	OpinionAgree      = "agree"
	OpinionConditions = "conditions" // agrees with conditions
	OpinionDisagree   = "disagree"
	OpinionSilent     = "silent"  // no answer in time, and the law takes that for consent
	OpinionDropped    = "dropped" // no longer needed
)

// OpinionRule is what the law says about asking other bodies in a procedure.
type OpinionRule struct {
	Limit string `json:"limit"` // 12cd
	Basis string `json:"basis"` // by which silence is consent
}

const opinionColumns = `o.id, o.dossier_id, o.agency, o.question, o.papers, o.declared, o.term, o.silence, o.basis, o.asked_by, o.asker_name, o.asker_post,
	o.asked_at, o.due_at, o.state, o.answer, o.files, o.answered_by, o.answerer_name, o.answerer_post, o.answered_at`

const opinionKind = "services.opinion"

// Late says whether the answer was late, or is by now.
func (o Opinion) Late(now time.Time) bool {
	if o.AnsweredAt != nil {
		now = *o.AnsweredAt
	}
	return o.State != OpinionSilent && o.State != OpinionDropped && now.After(o.DueAt)
}

// Open says whether the answer is still waited for.
func (o Opinion) Open() bool { return o.State == OpinionOpen }

// mayBeAnsweredBy: who handles or decides at the body asked.
func (o Opinion) mayBeAnsweredBy(a actor.Actor) bool {
	return a.Kind == actor.Official && (a.May(RightHandle, o.Agency) || a.May(RightDecide, o.Agency))
}

// mayConsult: who holds the dossier, and whoever may decide it.
func (d Dossier) mayConsult(a actor.Actor) bool { return d.mayBeWorkedBy(a) || d.mayBeDecidedBy(a) }

// MayConsult says whether the actor may ask other bodies about a record now; Consult checks for itself.
func (m *Module) MayConsult(ctx context.Context, rec Record) bool {
	return rec.State == Processing && rec.Step == StepHandle && rec.mayConsult(actor.From(ctx))
}

// AsksOthers says whether the actor is one of those who ask other bodies about a record, and take
// back what was asked.
func (m *Module) AsksOthers(ctx context.Context, rec Record) bool {
	return rec.mayConsult(actor.From(ctx))
}

func opinionPath(id uuid.UUID) string { return "/desk/opinions/" + id.String() }

// opinionsOf lists all that was asked about a dossier, in order.
func opinionsOf(ctx context.Context, r pg.Reader, dossier uuid.UUID) ([]Opinion, error) {
	list, err := pg.All[Opinion](r.Query(ctx, `SELECT `+opinionColumns+` FROM services.opinion o WHERE o.dossier_id = $1 ORDER BY o.asked_at, o.id`, dossier))
	if err != nil {
		return nil, fmt.Errorf("reading what other bodies were asked: %w", err)
	}
	return list, nil
}

// openOpinions counts what is still waited for.
func openOpinions(ctx context.Context, r pg.Reader, dossier uuid.UUID) (int, error) {
	return pg.Value[int](r.Query(ctx, `SELECT count(*)::int FROM services.opinion WHERE dossier_id = $1 AND state = 'asked'`, dossier))
}

// lockOpinion locks the dossier of an opinion and then the opinion, in the order of all acts.
func (m *Module) lockOpinion(ctx context.Context, act *audit.Act, id uuid.UUID) (Opinion, Dossier, Definition, error) {
	dossier, err := pg.Value[uuid.UUID](act.Query(ctx, `SELECT dossier_id FROM services.opinion WHERE id = $1`, id))
	if fault.KindOf(err) == fault.KindNotFound {
		return Opinion{}, Dossier{}, Definition{}, fault.NotFound("services.opinion")
	}
	if err != nil {
		return Opinion{}, Dossier{}, Definition{}, err
	}
	d, def, err := m.lockWith(ctx, act, dossier)
	if err != nil {
		return Opinion{}, d, def, err
	}
	o, err := pg.One[Opinion](act.Query(ctx, `SELECT `+opinionColumns+` FROM services.opinion o WHERE o.id = $1 FOR UPDATE`, id))
	return o, d, def, err
}

// OpinionView is what the body asked sees of a dossier: what it is asked, the papers chosen for it,
// and nothing else.
type OpinionView struct {
	Opinion
	Code      string
	Def       Definition
	Owner     string
	Subject   string
	Asking    string       // name of the body that asks
	Asked     string       // name of the body asked
	Shown     []files.File // the papers chosen
	Sent      []files.File // what came with the answer
	Dossier   *Dossier     // for its answers where Declared; nil otherwise
	MayAnswer bool
	Opens     bool // the reader may open the whole dossier
	people    []uuid.UUID
}

// AuditPersons says whose record it touches.
func (v OpinionView) AuditPersons() []uuid.UUID { return v.people }

// OpinionOf opens what a body was asked, for its officials and for those who may see the dossier.
func (m *Module) OpinionOf(ctx context.Context, id uuid.UUID) (OpinionView, error) {
	return audit.Read(ctx, m.book, "services.opinion.open", id, func(r pg.Reader) (OpinionView, error) {
		return m.opinionView(ctx, r, id)
	})
}

func (m *Module) opinionView(ctx context.Context, r pg.Reader, id uuid.UUID) (OpinionView, error) {
	var v OpinionView
	o, err := pg.One[Opinion](r.Query(ctx, `SELECT `+opinionColumns+` FROM services.opinion o WHERE o.id = $1`, id))
	if fault.KindOf(err) == fault.KindNotFound {
		return v, fault.NotFound("services.opinion")
	}
	if err != nil {
		return v, err
	}
	d, err := pg.One[Dossier](r.Query(ctx, `SELECT `+dossierColumns+` FROM services.dossier WHERE id = $1`, o.DossierID))
	if err != nil {
		return v, err
	}
	who := actor.From(ctx)
	if who.Kind != actor.Official {
		return v, fault.NotFound("services.opinion")
	}
	if v.Opens, err = m.maySee(ctx, d, who); err != nil {
		return v, err
	}
	asked := o.mayBeAnsweredBy(who)
	if !asked && !v.Opens {
		return v, fault.NotFound("services.opinion")
	}
	v.Opinion, v.Code, v.Owner, v.Subject, v.people = o, d.Code, d.OwnerName, d.Subject, d.AuditPersons()
	v.MayAnswer = asked && o.Open()
	if o.Declared {
		v.Dossier = &d
	}
	if v.Def, err = m.Definition(ctx, d.Procedure, d.Version); err != nil {
		return v, err
	}
	if v.Asking, err = m.bodyName(ctx, d.CompetentAgency, m.clock.Now(), o.AskedAt); err != nil {
		return v, err
	}
	if v.Asked, err = m.bodyName(ctx, o.Agency, m.clock.Now(), o.AskedAt); err != nil {
		return v, err
	}
	list, err := m.files.List(ctx, r, files.Subject{Kind: filesKind, ID: d.ID})
	if err != nil {
		return v, err
	}
	for _, f := range list {
		if slices.Contains(o.Papers, f.ID) {
			v.Shown = append(v.Shown, f)
		}
	}
	v.Sent, err = m.files.List(ctx, r, files.Subject{Kind: opinionKind, ID: o.ID})
	return v, err
}

// mayOpenAsked lets the officials of a body that was asked open the papers chosen for it.
func (m *Module) mayOpenAsked(ctx context.Context, r pg.Reader, a actor.Actor, f files.File) (bool, error) {
	if a.Kind != actor.Official {
		return false, nil
	}
	asked, err := pg.Values[string](r.Query(ctx, `SELECT agency FROM services.opinion WHERE dossier_id = @dossier AND papers @> ARRAY[@file::uuid] AND state <> 'dropped'`,
		pgx.NamedArgs{"dossier": f.SubjectID, "file": f.ID}))
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(asked, func(agency string) bool { return Opinion{Agency: agency}.mayBeAnsweredBy(a) }), nil
}

// mayOpenOpinion lets those open the files of an answer who gave it and who may see the dossier as
// officials; they are no papers of the citizen.
func (m *Module) mayOpenOpinion(ctx context.Context, r pg.Reader, a actor.Actor, f files.File) (bool, error) {
	if a.Kind != actor.Official {
		return false, nil
	}
	o, err := pg.One[Opinion](r.Query(ctx, `SELECT `+opinionColumns+` FROM services.opinion o WHERE o.id = $1`, f.SubjectID))
	if fault.KindOf(err) == fault.KindNotFound {
		return false, nil
	}
	if err != nil || o.mayBeAnsweredBy(a) {
		return err == nil, err
	}
	_, may, err := m.seen(ctx, r, a, o.DossierID)
	return may, err
}

// AskedBody is a body that may be asked.
type AskedBody struct {
	ID, Name string
	Group    string // near: in the same unit; province; commune
}

// AskableBodies lists the bodies that could be asked about a dossier: those of the same unit, those
// of the province, and the committees of the communes.
func (m *Module) AskableBodies(ctx context.Context, d Dossier) ([]AskedBody, error) {
	now := m.clock.Now()
	list, err := m.directory.Agencies(ctx, directory.AgencyFilter{Branch: directory.Government}, now)
	if err != nil {
		return nil, err
	}
	own, err := m.directory.Agency(ctx, d.CompetentAgency, now)
	if err != nil && fault.KindOf(err) != fault.KindNotFound {
		return nil, err
	}
	var out []AskedBody
	for _, a := range list {
		b := AskedBody{ID: a.ID, Name: a.Name}
		switch {
		case a.ID == d.CompetentAgency || a.Kind == counterKind || a.Kind == "people's council":
			continue
		case a.Level == "commune" && a.UnitCode == own.UnitCode:
			b.Group = "near"
		case a.Level == "province":
			b.Group = "province"
		case a.Level == "commune" && a.Kind == "people's committee":
			b.Group = "commune"
		default:
			continue
		}
		out = append(out, b)
	}
	return out, nil
}
