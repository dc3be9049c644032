package services

import (
	"context"
	"net/url"
	"time"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/blocks/forms"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// Screen is what the second screen of a counter shows the citizen. It belongs to the session of the
// officer who opened it: nobody else's browser gets it, and without a citizen it says nothing of anybody.
type Screen struct {
	Open      bool // the officer has opened one
	OpenedAt  time.Time
	ShownAt   *time.Time // nil: the welcome
	Procedure string
	Applicant *uuid.UUID
	Name      string
	Answers   forms.Answers
	Given     []string // keys of the papers that were handed over
	Channel   Channel
	Code      string // of what was taken in; "" while it is being typed
	DueAt     *time.Time
}

// How long a screen stays as it is when nobody does anything: then the welcome comes back.
const (
	screenTyping = 20 * time.Minute
	screenDone   = 2 * time.Minute
	screenKept   = 24 * time.Hour // what is older belongs to a session that is long over
)

// OpenScreen opens the second screen of the officer's session, with the welcome on it.
func (m *Module) OpenScreen(ctx context.Context) error {
	a := actor.From(ctx)
	if a.Session == uuid.Nil || !a.MayAnywhere(RightReceive) {
		return fault.Forbidden("services.intake")
	}
	return m.book.Act(ctx, "services.screen.open", func(ctx context.Context, act *audit.Act) error {
		act.About("services.screen", act.Actor.Session)
		act.Queue(`DELETE FROM services.screen WHERE opened_at < $1 OR session = $2`, act.At.Add(-screenKept), act.Actor.Session)
		act.Queue(`INSERT INTO services.screen (session, officer, opened_at) VALUES ($1, $2, $3)`, act.Actor.Session, act.Actor.ID, act.At)
		return nil
	})
}

// Screen is what the officer's own second screen shows now.
func (m *Module) Screen(ctx context.Context) (Screen, error) {
	a := actor.From(ctx)
	if a.Session == uuid.Nil {
		return Screen{}, nil
	}
	s, err := pg.One[Screen](m.db.Query(ctx, `SELECT true AS open, opened_at, shown_at, procedure, applicant, name, answers, given, channel, code, due_at
		FROM services.screen WHERE session = $1 AND officer = $2`, a.Session, a.ID))
	if fault.KindOf(err) == fault.KindNotFound {
		return Screen{}, nil
	} else if err != nil {
		return Screen{}, err
	}
	if now := m.clock.Now(); s.ShownAt == nil || now.Sub(*s.ShownAt) > s.stays() || now.Sub(s.OpenedAt) > screenKept {
		return Screen{Open: true, OpenedAt: s.OpenedAt}, nil
	}
	return s, nil
}

// ScreenStays is how long a screen still stays as it is.
func (m *Module) ScreenStays(s Screen) time.Duration {
	if s.ShownAt == nil {
		return 0
	}
	return max(0, s.ShownAt.Add(s.stays()).Sub(m.clock.Now()))
}

func (s Screen) stays() time.Duration {
	if s.Code != "" {
		return screenDone
	}
	return screenTyping
}

// FollowURL is where a dossier or a set can be followed by its code and a personal fact.
func (m *Module) FollowURL(code string) string {
	return m.origin + "/lookup?" + url.Values{"code": {code}}.Encode()
}

// ShowIn is what is being typed for somebody at the counter.
type ShowIn struct {
	Procedure string
	Applicant uuid.UUID
	Name      string // of the applicant, whom the officer has just looked up; "" when only what is typed has changed
	Answers   forms.Answers
	Given     []string
	Channel   Channel
}

// Show puts what is being typed on the second screen, where the officer has opened one. Without a name
// it only changes what is shown of the same person already: nobody is looked up by her id this way.
func (m *Module) Show(ctx context.Context, in ShowIn) error {
	const mostGiven = 200
	if len(in.Given) > mostGiven {
		return fault.Fields{"given": "too-long:200"}
	}
	return m.show(ctx, `UPDATE services.screen SET shown_at = $3, procedure = $4, applicant = $5, name = CASE WHEN $6 = '' THEN name ELSE $6 END, answers = $7, given = $8, channel = $9, code = '', due_at = NULL
		WHERE session = $1 AND officer = $2 AND ($6 <> '' OR code = '' AND applicant = $5 AND procedure = $4)`,
		in.Procedure, in.Applicant, in.Name, orEmpty(in.Answers), append([]string{}, in.Given...), int(max(in.Channel, Counter)))
}

func orEmpty(a forms.Answers) forms.Answers {
	if a == nil {
		return forms.Answers{}
	}
	return a
}

// ShowTaken puts the code of what was just taken in on the second screen, and nothing of what was typed.
func (m *Module) ShowTaken(ctx context.Context, out SubmitOut) error {
	return m.show(ctx, `UPDATE services.screen SET shown_at = $3, answers = '{}', given = '[]', code = $4, due_at = (SELECT due_at FROM services.dossier WHERE id = $5)
		WHERE session = $1 AND officer = $2`, out.Code, out.ID)
}

// ShowNothing brings the welcome back, unless somebody is still reading the code of her dossier.
func (m *Module) ShowNothing(ctx context.Context) error {
	return m.show(ctx, `UPDATE services.screen SET shown_at = NULL, procedure = '', applicant = NULL, name = '', answers = '{}', given = '[]'
		WHERE session = $1 AND officer = $2 AND shown_at <= $3 AND code = ''`)
}

// show changes the officer's own screen. Where none is open there is nothing to do, and nothing is written.
func (m *Module) show(ctx context.Context, sql string, args ...any) error {
	a := actor.From(ctx)
	if !a.MayAnywhere(RightReceive) {
		return fault.Forbidden("services.intake")
	}
	if s, err := m.Screen(ctx); err != nil || !s.Open {
		return err
	}
	return m.book.Act(ctx, "services.screen.show", func(ctx context.Context, act *audit.Act) error {
		act.About("services.screen", act.Actor.Session)
		_, err := act.Exec(ctx, sql, append([]any{act.Actor.Session, act.Actor.ID, act.At}, args...)...)
		return err
	})
}
