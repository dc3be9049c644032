package services

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/blocks/forms"
	"datmui/blocks/records"
	"datmui/blocks/represent"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// RemindOfResults is the daily job that tells people before their results run out.
type RemindOfResults struct{}

// Kind names the job.
func (RemindOfResults) Kind() string { return "services.remind-of-results" }

const (
	remindAhead    = 60 * 24 * time.Hour // how long before the last day: two months leave time for the longest limits
	remindedAtOnce = 500
)

// Reminder is what a person was told, or whom she acts for.
type Reminder struct {
	Paper     uuid.UUID
	Name      string
	Number    string
	Until     time.Time // last day of validity
	Procedure string
	Draft     *uuid.UUID // nil: it cannot be filed here
	At        time.Time
}

// RenewalDue reminds of a result that runs out and leads to the renewal.
type RenewalDue struct {
	Name, Number, Path string
	Until              time.Time `notice:"date"`
}

// NoticeKind names the notice.
func (RenewalDue) NoticeKind() string { return "services.renewal-due" }

// Remind tells each person once of each result that runs out soon, with the dossier of its renewal
// prepared from what was declared the last time and what the state knows. Who has said that she does
// not want it is left alone. It goes by state: a day that was missed is caught up.
// law: public-services.md 3 — Decree 224/2026, Art. 16: remind (grade 1), with a prepared dossier (grade 2); she may refuse.
func (m *Module) Remind(ctx context.Context) error {
	now := m.clock.Now()
	var last records.Paper
	var errs []error
	for {
		list, err := m.records.Expiring(ctx, now, now.Add(remindAhead), last, remindedAtOnce)
		if err != nil {
			return fmt.Errorf("listing results that run out: %w", err)
		}
		if len(list) == 0 {
			return errors.Join(errs...)
		}
		last = list[len(list)-1]
		papers, owners := make([]uuid.UUID, len(list)), make([]uuid.UUID, len(list))
		for i, p := range list {
			papers[i], owners[i] = p.ID, p.Owner
		}
		skip, err := pg.Values[uuid.UUID](m.db.Query(ctx, `SELECT paper FROM services.reminder WHERE paper = ANY($1)
			UNION ALL SELECT person FROM services.reminder_off WHERE person = ANY($2)`, papers, owners))
		if err != nil {
			return err
		}
		for _, p := range list {
			if slices.Contains(skip, p.ID) || slices.Contains(skip, p.Owner) {
				continue
			}
			err := m.book.Act(ctx, "services.result.remind", func(ctx context.Context, act *audit.Act) error { return m.remind(ctx, act, p) })
			if err != nil && !errors.Is(err, errReminded) {
				errs = append(errs, fmt.Errorf("reminding of %s: %w", p.Number, err)) // it does not keep the others
			}
		}
	}
}

// errReminded ends the act of somebody who was slower, or whose paper counts no longer.
var errReminded = errors.New("reminded already")

func (m *Module) remind(ctx context.Context, act *audit.Act, p records.Paper) error {
	if ok, err := records.Counts(ctx, act, p.ID, act.At); err != nil {
		return err
	} else if !ok {
		return errReminded
	}
	// one who turns it off at this moment comes before or after
	off, err := pg.Value[bool](act.Query(ctx, `SELECT EXISTS (SELECT FROM services.reminder_off WHERE person = $1)`, p.Owner))
	if err != nil {
		return err
	}
	if off {
		return errReminded
	}
	act.About("records.paper", p.ID, p.Owner)
	r, err := m.renewal(ctx, act, p)
	if err != nil {
		return err
	}
	tag, err := act.Exec(ctx, `INSERT INTO services.reminder (paper, owner, name, number, until, procedure, draft, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING`, p.ID, p.Owner, p.Name, p.Number, p.ValidUntil.Format(time.DateOnly), r.Procedure, r.Draft, act.At)
	if err != nil {
		return err
	}
	if tag.RowsAffected() == 0 {
		return errReminded
	}
	to, err := m.represent.Told(ctx, act, p.Owner, uuid.Nil)
	if err != nil {
		return err
	}
	path := "/services/" + r.Procedure
	if r.Draft != nil {
		path = "/apply/" + r.Draft.String() + "/go"
	}
	if to != p.Owner {
		path = represent.PathFor(p.Owner, path)
	}
	return m.notify.Send(ctx, act, to, RenewalDue{Name: p.Name, Number: p.Number, Until: *p.ValidUntil, Path: path})
}

// renewal is the procedure by which a paper is renewed, with its draft where it can be filed here.
func (m *Module) renewal(ctx context.Context, act *audit.Act, p records.Paper) (Reminder, error) {
	var out Reminder
	source, err := pg.One[struct {
		Procedure string
		Version   int
		Applicant uuid.UUID
		Answers   forms.Answers
	}](act.Query(ctx, `SELECT procedure, version, applicant, answers FROM services.dossier WHERE code = $1 AND owner = $2`, p.SourceID, p.Owner))
	if err != nil {
		return out, err
	}
	before, err := m.Definition(ctx, source.Procedure, source.Version)
	if err != nil {
		return out, err
	}
	out.Procedure = cmp.Or(before.Result.Renew, source.Procedure)
	def, err := m.Current(ctx, out.Procedure, act.At)
	if fault.KindOf(err) == fault.KindNotFound {
		return out, nil
	} else if err != nil {
		return out, err
	}
	form, err := m.FormOf(ctx, def)
	if err != nil {
		return out, err
	}
	answers := forms.Answers{}
	if source.Applicant == p.Owner { // what another has declared for the owner is not hers to see again
		for _, q := range form.Questions() {
			if v, ok := source.Answers[q.Name]; ok && q.Name != pledge {
				answers[q.Name] = v
			}
		}
	}
	owner, err := m.person(ctx, p.Owner)
	if err != nil {
		return out, err
	}
	if owner.Citizen { // what the state knows now comes before what was said then
		answers = answers.With(form.Prefill(m.KnownOf(ctx, owner)))
	}
	draft, err := m.forms.PrepareDraft(ctx, act, form, p.Owner, def.Code, answers, p.ValidUntil.AddDate(0, 0, 1))
	if err == nil {
		out.Draft = &draft
	}
	return out, err
}

// pledge is the answer by which a person vouches for all the others: nobody gives it for her.
const pledge = "pledge"

// Reminded is a page of what somebody was reminded of.
type Reminded struct {
	List []Reminder
	Next uuid.UUID // after this paper there are more; zero: there are none
	On   bool      // she wants to be reminded
}

// Reminders lists what the actor, or for whom she may see all, was reminded of, the newest first, after
// one of the papers, and whether she wants to be.
func (m *Module) Reminders(ctx context.Context, after uuid.UUID) (Reminded, error) {
	var out Reminded
	a := actor.From(ctx)
	if a.Kind != actor.Citizen || !a.MayFor(represent.SeeAll) {
		return out, fault.Forbidden("services.mine")
	}
	var err error
	if out.List, err = pg.All[Reminder](m.db.Query(ctx, `SELECT paper, name, number, until, procedure, draft, at FROM services.reminder
		WHERE owner = $1 AND ($2 = '00000000-0000-0000-0000-000000000000'::uuid OR (at, paper) < (SELECT at, paper FROM services.reminder WHERE paper = $2 AND owner = $1))
		ORDER BY at DESC, paper DESC LIMIT $3`, a.Party(), after, pageSize+1)); err != nil {
		return out, err
	}
	if len(out.List) > pageSize {
		out.List = out.List[:pageSize]
		out.Next = out.List[pageSize-1].Paper
	}
	off, err := pg.Value[bool](m.db.Query(ctx, `SELECT EXISTS (SELECT FROM services.reminder_off WHERE person = $1)`, a.Party()))
	out.On = !off
	return out, err
}

// ChooseRemindersIn says whether a person wants to be reminded.
type ChooseRemindersIn struct {
	On string `form:"on"` // yes or no
}

// ChooseReminders turns reminders on or off; saying the same twice changes nothing.
// law: public-services.md 3 — Decree 224/2026, Art. 16: the citizen may refuse.
func (m *Module) ChooseReminders(ctx context.Context, in ChooseRemindersIn) error {
	if in.On = strings.TrimSpace(in.On); in.On != "yes" && in.On != "no" {
		return fault.Fields{"on": "choose"}
	}
	return m.book.Act(ctx, "services.reminders.choose", func(ctx context.Context, act *audit.Act) error {
		if err := represent.Again(ctx, act); err != nil {
			return err
		}
		a := act.Actor
		if a.Kind != actor.Citizen || !a.MayFor(represent.SeeAll) || !a.MayFor(represent.File) {
			return fault.Forbidden("services.mine")
		}
		act.About("directory.person", a.Party(), a.Party())
		act.Note("on", in.On)
		if in.On == "yes" {
			act.Queue(`DELETE FROM services.reminder_off WHERE person = $1`, a.Party())
		} else {
			act.Queue(`INSERT INTO services.reminder_off (person, at) VALUES ($1, $2) ON CONFLICT DO NOTHING`, a.Party(), act.At)
		}
		return nil
	})
}

// validUntil is the last day of a result given at a moment; nil where it has no end.
// law: public-services.md 11 — a result has validity.
func (r ResultRule) validUntil(at time.Time) *time.Time {
	if r.Months <= 0 {
		return nil
	}
	last := at.AddDate(0, r.Months, -1)
	return &last
}
