package services

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/blocks/audit"
	"datmui/blocks/calendar"
	"datmui/blocks/represent"
	"datmui/blocks/worklist"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// Levels are how content somebody is, question by question: 4 very content … 1 not content.
// law: public-services.md 15 — rating scale of four.
type Levels struct {
	Score    int `form:"score"`    // on the whole
	Speed    int `form:"speed"`    // how long it took
	Guidance int `form:"guidance"` // what was explained, and how clearly
	Manner   int `form:"manner"`   // how those behaved who served
}

// RateQuestions names the questions in the order they are asked.
var RateQuestions = []string{"score", "speed", "guidance", "manner"}

// Of is the level of a question by its name.
func (l Levels) Of(question string) int {
	return [...]int{l.Score, l.Speed, l.Guidance, l.Manner}[slices.Index(RateQuestions, question)]
}

// Low says whether somebody is not content with something.
func (l Levels) Low() bool { return min(l.Score, l.Speed, l.Guidance, l.Manner) == 1 }

// Rating is what who filed thought of how she was served (đánh giá mức độ hài lòng). She and whoever
// owes her the answer read it; all others see figures of many.
type Rating struct {
	Levels
	Comment    string
	At         time.Time
	Agency     string     // owes the answer
	DueAt      *time.Time // until when; nil: nothing to answer
	Answer     string
	AnsweredAt *time.Time
	Answerer   string
}

// Open says whether an answer is still owed.
func (r Rating) Open() bool { return r.DueAt != nil && r.AnsweredAt == nil }

// RateDays is for how many days after its end a dossier can be rated. No text known here sets it: the
// house does.
const RateDays = 30

// ratingLimit is how long a supervisor has to answer a low rating; the house's too.
var ratingLimit = calendar.Limit{N: 5, Unit: calendar.WorkingDays}

// KindRating is how a low rating lies on a desk.
const KindRating = "services.rating"

// ActAnswerRating is the supervisor's act on the page of a dossier.
const ActAnswerRating = "answer-rating"

const ratingColumns = `score, coalesce(speed, 0)::int AS speed, coalesce(guidance, 0)::int AS guidance, coalesce(manner, 0)::int AS manner, comment, at, agency, due_at, answer, answered_at, answerer`

// ratingOf reads the rating of a dossier for who gave it and who answers it; nil for all others.
func ratingOf(ctx context.Context, r pg.Reader, d Dossier) (*Rating, error) {
	row, err := pg.One[Rating](r.Query(ctx, `SELECT `+ratingColumns+` FROM services.rating WHERE dossier_id = $1`, d.ID))
	if fault.KindOf(err) == fault.KindNotFound {
		return nil, nil
	} else if err != nil {
		return nil, fmt.Errorf("reading a rating: %w", err)
	}
	if a := actor.From(ctx); (a.Kind != actor.Citizen || a.Party() != d.Applicant) && !row.mayBeAnsweredBy(a) {
		return nil, nil
	}
	return &row, nil
}

func (r Rating) mayBeAnsweredBy(a actor.Actor) bool {
	return r.DueAt != nil && a.Kind == actor.Official && a.May(RightSupervise, r.Agency)
}

// MayAnswerRating says whether the reader owes an answer.
func (r Record) MayAnswerRating(a actor.Actor) bool {
	return r.Rating != nil && r.Rating.Open() && r.Rating.mayBeAnsweredBy(a)
}

// RateUntil is the last moment at which an ended dossier can be rated; false while it has not ended,
// or where it ended without having been served: withdrawn or stopped.
func (d Dossier) RateUntil() (time.Time, bool) {
	switch {
	case d.State == Returned && d.ReturnedAt != nil:
		return d.ReturnedAt.AddDate(0, 0, RateDays), true
	case d.State == Refused: // nothing changes it any more
		return d.UpdatedAt.AddDate(0, 0, RateDays), true
	}
	return time.Time{}, false
}

// MayRate says whether the reader may rate a dossier now: she filed it, or files in that name, and it
// has not been rated.
func (r Record) MayRate(a actor.Actor, at time.Time) bool {
	until, over := r.RateUntil()
	return over && !at.After(until) && r.Rating == nil && r.isRaters(a) && a.MayFor(represent.File) && a.Level >= 2
}

func (d Dossier) isRaters(a actor.Actor) bool {
	return d.isCitizens(a) && a.Kind == actor.Citizen && a.Party() == d.Applicant
}

// RateIn is what who filed thought of it.
type RateIn struct {
	Dossier uuid.UUID `form:"id"`
	Client  string    `form:"client"`
	Levels
	Comment string `form:"comment"`
}

func (in *RateIn) check() error {
	in.Comment = strings.TrimSpace(in.Comment)
	f := fault.Fields{}
	for _, q := range RateQuestions {
		if n := in.Of(q); n < 1 || n > 4 {
			f.Set(q, "required")
		}
	}
	switch {
	case len([]rune(in.Comment)) > 2000:
		f.Set("comment", "too-long:2000")
	case !f.Any() && in.Low() && in.Comment == "": // law: public-services.md 18.2 A36 — who is not content is asked why.
		f.Set("comment", "why")
	}
	if f.Any() {
		return f
	}
	return nil
}

// mayRateNow is the rule that Rate and a loaded history share.
func (d Dossier) mayRateNow(a actor.Actor, at time.Time) error {
	until, over := d.RateUntil()
	switch {
	case !d.isRaters(a):
		return fault.NotFound("services.dossier")
	case !a.MayFor(represent.File):
		return fault.Forbidden("represent.file")
	case a.Level < 2: // what counts in the figures is said by who has proved who she is
		return fault.Forbidden("level-2")
	case !over:
		return fault.Conflict("services.rate-later")
	case at.After(until):
		return fault.Conflict("services.rate-over")
	}
	return nil
}

// Rate keeps what who filed thinks, once. A low rating lies on the desk of who supervises the body
// that decided, with a clock of its own, and is answered.
// law: public-services.md 6.2 — 9→10: rating invitation; 10 — MDHL: ratings.
func (m *Module) Rate(ctx context.Context, in RateIn) error {
	if err := in.check(); err != nil {
		return err
	}
	return m.book.Act(ctx, "services.dossier.rate", func(ctx context.Context, act *audit.Act) error {
		d, err := lock(ctx, act, in.Dossier)
		if err != nil {
			return err
		}
		if err := d.mayRateNow(act.Actor, act.At); err != nil {
			return err
		}
		rated, err := pg.Value[bool](act.Query(ctx, `SELECT EXISTS (SELECT FROM services.rating WHERE dossier_id = $1)`, d.ID))
		if err != nil {
			return err
		}
		if rated {
			return fault.Conflict("services.rated")
		}
		r, err := m.rating(ctx, d, in, act.At)
		if err != nil {
			return err
		}
		act.Queue(`INSERT INTO services.rating (dossier_id, person, score, speed, guidance, manner, comment, at, agency, due_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
			d.ID, act.Actor.ID, r.Score, r.Speed, r.Guidance, r.Manner, r.Comment, r.At, r.Agency, r.DueAt)
		if r.DueAt == nil {
			return nil
		}
		return worklist.Put(ctx, act, m.ratingOnDesk(&d, r))
	}, audit.Once(in.Client, in, nil))
}

// rating is what was said, with who answers it and until when where it is low.
func (m *Module) rating(ctx context.Context, d Dossier, in RateIn, at time.Time) (Rating, error) {
	r := Rating{Levels: in.Levels, Comment: in.Comment, At: at, Agency: d.CompetentAgency}
	if !in.Low() {
		return r, nil
	}
	heirs, err := m.heirs(ctx)
	if err != nil {
		return r, err
	}
	d.inherit(heirs)
	r.Agency = d.CompetentAgency
	cal, err := m.calendar(ctx, r.Agency)
	if err != nil {
		return r, err
	}
	due, err := cal.Add(at, ratingLimit)
	r.DueAt = &due.Carry
	return r, err
}

// ratingOnDesk names nobody: who answers finds the dossier, others of the desk need not know.
func (m *Module) ratingOnDesk(d *Dossier, r Rating) worklist.Item {
	return worklist.Item{Kind: KindRating, Subject: d.ID, Agency: r.Agency, Right: RightSupervise, What: m.nameOf(d), Code: d.Code,
		Why: "services.why.rating", Step: "rating", Priority: 1, Href: deskPathOf(d) + "#rating", Due: *r.DueAt}
}

// AnswerRatingIn is the supervisor's answer.
type AnswerRatingIn struct {
	Dossier uuid.UUID `form:"id"`
	Client  string    `form:"client"`
	Answer  string    `form:"answer"`
}

// AnswerRating tells who was not content what the body says to it.
func (m *Module) AnswerRating(ctx context.Context, in AnswerRatingIn) error {
	in.Answer = strings.TrimSpace(in.Answer)
	f := fault.Fields{}
	if f.Text("answer", in.Answer, 4000); f.Any() {
		return f
	}
	return m.book.Act(ctx, "services.rating.answer", func(ctx context.Context, act *audit.Act) error {
		d, def, err := m.lockWith(ctx, act, in.Dossier)
		if err != nil {
			return err
		}
		r, err := ratingOf(ctx, act, d)
		if err != nil {
			return err
		}
		if r == nil || !r.mayBeAnsweredBy(act.Actor) {
			return fault.NotFound("services.dossier")
		}
		if !r.Open() {
			return fault.Conflict("services.rating-answered")
		}
		act.Queue(`UPDATE services.rating SET answer = $2, answered_at = $3, answered_by = $4, answerer = $5 WHERE dossier_id = $1`,
			d.ID, in.Answer, act.At, act.Actor.ID, actor.Titled(act.Actor.Name, act.Actor.Post))
		worklist.Done(ctx, act, KindRating, d.ID)
		m.tellApplicant(ctx, act, &d, RatingAnswered{Code: d.Code, Procedure: def.Name, Answer: in.Answer, Path: pathOf(&d)})
		return nil
	}, audit.Once(in.Client, in, nil))
}

// carryRatings lays low ratings that wait for the answer of a body that is over on the desk of the
// one that goes on for it: the dossier itself has ended and stays where it was decided.
func (m *Module) carryRatings(ctx context.Context, heirs map[string]string, old []string) error {
	ids, err := pg.Values[uuid.UUID](m.db.Query(ctx, `SELECT dossier_id FROM services.rating WHERE agency = ANY(@old) AND due_at IS NOT NULL AND answered_at IS NULL`,
		pgx.NamedArgs{"old": old}))
	if err != nil {
		return fmt.Errorf("listing ratings on nobody's desk: %w", err)
	}
	for _, id := range ids {
		err := m.book.Act(ctx, "services.rating.carry", func(ctx context.Context, act *audit.Act) error {
			d, err := lock(ctx, act, id)
			if err != nil {
				return err
			}
			r, err := pg.One[Rating](act.Query(ctx, `SELECT `+ratingColumns+` FROM services.rating WHERE dossier_id = $1 FOR UPDATE`, id))
			heir, over := heirs[r.Agency]
			if err != nil || !r.Open() || !over {
				return err
			}
			r.Agency = heir
			act.Queue(`UPDATE services.rating SET agency = $2 WHERE dossier_id = $1`, id, heir)
			return worklist.Put(ctx, act, m.ratingOnDesk(&d, r))
		})
		if err != nil {
			return err
		}
	}
	return nil
}
