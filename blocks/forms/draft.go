package forms

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/blocks/audit"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/jobs"
	"datmui/kit/pg"
)

// Draft is answers that are not yet submitted. It belongs to one person; nobody else sees it.
type Draft struct {
	ID        uuid.UUID
	Form      string
	Version   int
	About     string // what it is for: a procedure's code
	Answers   Answers
	Page      string // where the person is
	Rev       int
	Client    string // the window that saved last
	BegunAt   time.Time
	SavedAt   time.Time
	ExpiresAt time.Time
}

const draftColumns = `id, form, version, about, answers, page, rev, client, begun_at, saved_at, expires_at`

// BeginDraft opens the actor's draft of a form for a purpose: the one she has, or a new one that
// begins with the answers known already.
func (b *Block) BeginDraft(ctx context.Context, f *Form, about string, known Answers) (Draft, error) {
	var d Draft
	err := b.book.Act(ctx, "forms.draft.begin", func(ctx context.Context, act *audit.Act) (err error) {
		if act.Actor.ID == uuid.Nil { // a draft is a person's
			return fault.SignIn("forms.draft")
		}
		if known == nil {
			known = Answers{}
		}
		// The update changes nothing but makes RETURNING give the row that is there.
		d, err = pg.One[Draft](act.Query(ctx, `INSERT INTO forms.draft AS d (id, owner, form, version, about, answers, begun_at, saved_at, expires_at)
			VALUES (@id, @owner, @form, @version, @about, @answers, @at, @at, @expires)
			ON CONFLICT (owner, form, about) DO UPDATE SET
			answers = CASE WHEN d.expires_at <= @at OR d.version <> excluded.version AND d.page = '' THEN excluded.answers ELSE d.answers END,
			version = CASE WHEN d.expires_at <= @at OR d.version <> excluded.version AND d.page = '' THEN excluded.version ELSE d.version END,
			page    = CASE WHEN d.expires_at <= @at THEN '' ELSE d.page END,
			expires_at = greatest(d.expires_at, @expires)
			RETURNING `+draftColumns,
			pgx.NamedArgs{"id": uuid.Must(uuid.NewV7()), "owner": act.Actor.ID, "form": f.ID, "version": f.Version, "about": about,
				"answers": known, "at": act.At, "expires": act.At.Add(b.keep)}))
		act.About("forms.draft", d.ID)
		return err
	})
	if err != nil {
		return Draft{}, fmt.Errorf("beginning a draft of %s: %w", f.ID, err)
	}
	return d, nil
}

// SaveIn is one saving of a draft: the answers of one page, or of the whole form when Page is "".
type SaveIn struct {
	Draft   uuid.UUID
	Rev     int    // the revision the person saw
	Client  string // the window that saves: it does not conflict with itself
	Page    string
	Answers Answers
}

// Stale says that another device has saved since. It is a Conflict that carries what is there
// now, so that the person sees both and decides.
type Stale struct{ Now Draft }

func (*Stale) Error() string { return "the draft was saved by another device" }
func (*Stale) Unwrap() error { return fault.Conflict("forms.draft") }

// SaveDraft keeps answers as they are, right or wrong: Check comes when the person goes on.
// Saving the same twice changes nothing. A draft that was saved by another window since it was
// read is not overwritten: *Stale; saving again with the newer Rev overwrites.
func (b *Block) SaveDraft(ctx context.Context, in SaveIn) (Draft, error) {
	var d Draft
	err := b.book.Act(ctx, "forms.draft.save", func(ctx context.Context, act *audit.Act) error {
		var err error
		d, err = pg.One[Draft](act.Query(ctx, `SELECT `+draftColumns+` FROM forms.draft
			WHERE id = $1 AND owner = $2 AND expires_at > $3 FOR UPDATE`, in.Draft, act.Actor.ID, act.At))
		if fault.KindOf(err) == fault.KindNotFound {
			return fault.NotFound("forms.draft")
		} else if err != nil {
			return err
		}
		after := d.Answers.Clone()
		if in.Page == "" {
			after = Answers{}
		}
		after = after.With(in.Answers)
		page := in.Page
		if page == "" {
			page = d.Page
		}
		act.About("forms.draft", d.ID)
		same := after.Equal(d.Answers)
		if in.Rev != d.Rev && !same && (in.Client == "" || in.Client != d.Client) {
			return &Stale{Now: d}
		}
		if !same {
			d.Rev++
		}
		d.Answers, d.Page, d.Client, d.SavedAt, d.ExpiresAt = after, page, in.Client, act.At, act.At.Add(b.keep)
		act.Queue(`UPDATE forms.draft SET answers = $2, page = $3, rev = $4, client = $5, saved_at = $6, expires_at = $7 WHERE id = $1`,
			d.ID, d.Answers, d.Page, d.Rev, d.Client, d.SavedAt, d.ExpiresAt)
		return nil
	})
	if err != nil {
		return Draft{}, fmt.Errorf("saving a draft: %w", err)
	}
	return d, nil
}

// Draft opens one of the actor's drafts; another's is NotFound.
func (b *Block) Draft(ctx context.Context, id uuid.UUID) (Draft, error) {
	d, err := pg.One[Draft](b.db.Query(ctx, `SELECT `+draftColumns+` FROM forms.draft
		WHERE id = $1 AND owner = $2 AND expires_at > $3`, id, actor.From(ctx).ID, b.clock.Now()))
	if fault.KindOf(err) == fault.KindNotFound {
		return Draft{}, fault.NotFound("forms.draft")
	}
	return d, err
}

// DraftFor finds the actor's draft for a purpose: "you have begun already".
func (b *Block) DraftFor(ctx context.Context, form, about string) (Draft, bool, error) {
	d, err := pg.One[Draft](b.db.Query(ctx, `SELECT `+draftColumns+` FROM forms.draft
		WHERE owner = $1 AND form = $2 AND about = $3 AND expires_at > $4`, actor.From(ctx).ID, form, about, b.clock.Now()))
	if fault.KindOf(err) == fault.KindNotFound {
		return Draft{}, false, nil
	}
	return d, err == nil, err
}

// Drafts lists the actor's drafts, the newest saving first.
func (b *Block) Drafts(ctx context.Context) ([]Draft, error) {
	list, err := pg.All[Draft](b.db.Query(ctx, `SELECT `+draftColumns+` FROM forms.draft
		WHERE owner = $1 AND expires_at > $2 ORDER BY saved_at DESC LIMIT 100`, actor.From(ctx).ID, b.clock.Now()))
	if err != nil {
		return nil, fmt.Errorf("listing drafts: %w", err)
	}
	return list, nil
}

// DropDraft ends a draft inside the act that submitted it. A draft of another is left alone.
func (b *Block) DropDraft(act *audit.Act, id uuid.UUID) {
	act.Queue(`DELETE FROM forms.draft WHERE id = $1 AND owner = $2`, id, act.Actor.ID)
}

// ForgetDraft is the person's own act: she does not want to go on.
func (b *Block) ForgetDraft(ctx context.Context, id uuid.UUID) error {
	return b.book.Act(ctx, "forms.draft.forget", func(ctx context.Context, act *audit.Act) error {
		if act.Actor.ID == uuid.Nil {
			return fault.SignIn("forms.draft")
		}
		act.About("forms.draft", id)
		b.DropDraft(act, id)
		return nil
	})
}

// SweepDrafts is the job that removes drafts past their time. Each run removes all there are.
type SweepDrafts struct{}

// Kind names the job.
func (SweepDrafts) Kind() string { return "forms.sweep-drafts" }

// Jobs says what this block does in the background.
func (b *Block) Jobs(s *jobs.Set) {
	jobs.On(s, func(ctx context.Context, _ SweepDrafts) error {
		return b.book.Batch(ctx, "forms.draft.sweep", "expired drafts", func(ctx context.Context, tx pgx.Tx) (int64, error) {
			tag, err := tx.Exec(ctx, `DELETE FROM forms.draft WHERE expires_at <= $1`, b.clock.Now())
			return tag.RowsAffected(), err
		})
	})
	s.Every(6*time.Hour, SweepDrafts{})
}
