package forms

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/blocks/audit"
	"datmui/blocks/represent"
	"datmui/kit/actor"
	"datmui/kit/clock"
	"datmui/kit/fault"
	"datmui/kit/jobs"
	"datmui/kit/pg"
)

// Draft is answers that are not yet submitted. It belongs to one person, or to a business: there who
// began it goes on with it, and whoever may see all and file for the business.
type Draft struct {
	ID        uuid.UUID
	Form      string
	Version   int
	About     string // what it is for: a procedure's code
	Answers   Answers
	Page      string // where the person is
	Rev       int
	Client    string // the window that saved last
	BegunBy   uuid.UUID
	SavedBy   string // name of who saved last; "" where it never was
	Device    string // on which: "Firefox · Android"
	BegunAt   time.Time
	SavedAt   time.Time
	ExpiresAt time.Time
}

const draftColumns = `id, form, version, about, answers, page, rev, client, begun_by, saved_by, device, begun_at, saved_at, expires_at`

// mineSQL are the drafts that an actor may go on with: args are @owner, @person and @all.
const mineSQL = `owner = @owner AND (begun_by = @person OR @all)`

// hers are the arguments of mineSQL with others.
func hers(a actor.Actor, more pgx.NamedArgs) pgx.NamedArgs {
	more["owner"], more["person"], more["all"] = a.Party(), a.ID, a.MayFor(represent.SeeAll) && a.MayFor(represent.File)
	return more
}

// BeginDraft opens the actor's draft of a form for a purpose: the one she has, or a new one that
// begins with the answers known already.
func (b *Block) BeginDraft(ctx context.Context, f *Form, about string, known Answers) (Draft, error) {
	var d Draft
	err := b.book.Act(ctx, "forms.draft.begin", func(ctx context.Context, act *audit.Act) (err error) {
		if act.Actor.ID == uuid.Nil { // a draft is a person's
			return fault.SignIn("forms.draft")
		}
		if err := mayDraft(ctx, act); err != nil {
			return err
		}
		if known == nil {
			known = Answers{}
		}
		// The update changes nothing but makes RETURNING give the row that is there.
		d, err = pg.One[Draft](act.Query(ctx, `INSERT INTO forms.draft AS d (id, owner, begun_by, form, version, about, answers, begun_at, saved_at, expires_at)
			VALUES (@id, @owner, @by, @form, @version, @about, @answers, @at, @at, @expires)
			ON CONFLICT (owner, begun_by, form, about) DO UPDATE SET
			answers = CASE WHEN d.expires_at <= @at OR d.version <> excluded.version AND d.page = '' THEN excluded.answers ELSE d.answers END,
			version = CASE WHEN d.expires_at <= @at OR d.version <> excluded.version AND d.page = '' THEN excluded.version ELSE d.version END,
			page    = CASE WHEN d.expires_at <= @at THEN '' ELSE d.page END,
			expires_at = greatest(d.expires_at, @expires)
			RETURNING `+draftColumns,
			pgx.NamedArgs{"id": uuid.Must(uuid.NewV7()), "owner": act.Actor.Party(), "by": act.Actor.ID, "form": f.ID, "version": f.Version, "about": about,
				"answers": known, "at": act.At, "expires": act.At.Add(b.keep)}))
		act.About("forms.draft", d.ID)
		return err
	})
	if err != nil {
		return Draft{}, fmt.Errorf("beginning a draft of %s: %w", f.ID, err)
	}
	return d, nil
}

// PrepareDraft makes a draft for somebody inside an act of the program, or gives the one that she has:
// what she has typed herself stays as it is. It is kept at least until a time.
func (b *Block) PrepareDraft(ctx context.Context, act *audit.Act, f *Form, owner uuid.UUID, about string, answers Answers, until time.Time) (uuid.UUID, error) {
	return pg.Value[uuid.UUID](act.Query(ctx, `INSERT INTO forms.draft AS d (id, owner, begun_by, form, version, about, answers, begun_at, saved_at, expires_at)
		VALUES (@id, @owner, @owner, @form, @version, @about, @answers, @at, @at, @expires)
		ON CONFLICT (owner, begun_by, form, about) DO UPDATE SET
		answers = CASE WHEN d.expires_at <= @at THEN excluded.answers ELSE d.answers END,
		version = CASE WHEN d.expires_at <= @at THEN excluded.version ELSE d.version END,
		expires_at = greatest(d.expires_at, @expires)
		RETURNING id`,
		pgx.NamedArgs{"id": uuid.Must(uuid.NewV7()), "owner": owner, "form": f.ID, "version": f.Version, "about": about,
			"answers": answers, "at": act.At, "expires": clock.Later(act.At.Add(b.keep), until)}))
}

// mayDraft refuses whoever acts for another and may not file for him.
func mayDraft(ctx context.Context, act *audit.Act) error {
	if err := represent.Again(ctx, act); err != nil {
		return err
	}
	if !act.Actor.MayFor(represent.File) {
		return fault.Forbidden("represent.file")
	}
	return nil
}

// SaveIn is one saving of a draft: the answers of one page, or of the whole form when Page is "".
type SaveIn struct {
	Draft   uuid.UUID
	Rev     int    // the revision the person saw
	Client  string // the window that saves: it does not conflict with itself
	Device  string // on which machine, as a person knows it
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
		if err := mayDraft(ctx, act); err != nil {
			return err
		}
		var err error
		d, err = pg.One[Draft](act.Query(ctx, `SELECT `+draftColumns+` FROM forms.draft
			WHERE id = @id AND `+mineSQL+` AND expires_at > @at FOR UPDATE`, hers(act.Actor, pgx.NamedArgs{"id": in.Draft, "at": act.At})))
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
		d.Answers, d.Page, d.Client, d.SavedAt, d.ExpiresAt = after, page, in.Client, act.At, clock.Later(act.At.Add(b.keep), d.ExpiresAt)
		d.SavedBy, d.Device = act.Actor.Name, in.Device
		act.Queue(`UPDATE forms.draft SET answers = $2, page = $3, rev = $4, client = $5, saved_at = $6, expires_at = $7, saved_by = $8, device = $9 WHERE id = $1`,
			d.ID, d.Answers, d.Page, d.Rev, d.Client, d.SavedAt, d.ExpiresAt, d.SavedBy, d.Device)
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
		WHERE id = @id AND `+mineSQL+` AND expires_at > @now`, hers(actor.From(ctx), pgx.NamedArgs{"id": id, "now": b.clock.Now()})))
	if fault.KindOf(err) == fault.KindNotFound {
		return Draft{}, fault.NotFound("forms.draft")
	}
	return d, err
}

// DraftFor finds the actor's draft for a purpose: "you have begun already".
func (b *Block) DraftFor(ctx context.Context, form, about string) (Draft, bool, error) {
	d, err := pg.One[Draft](b.db.Query(ctx, `SELECT `+draftColumns+` FROM forms.draft
		WHERE owner = @owner AND begun_by = @person AND form = @form AND about = @about AND expires_at > @now`,
		hers(actor.From(ctx), pgx.NamedArgs{"form": form, "about": about, "now": b.clock.Now()})))
	if fault.KindOf(err) == fault.KindNotFound {
		return Draft{}, false, nil
	}
	return d, err == nil, err
}

// Drafts lists the actor's drafts, the newest saving first.
func (b *Block) Drafts(ctx context.Context) ([]Draft, error) {
	list, err := pg.All[Draft](b.db.Query(ctx, `SELECT `+draftColumns+` FROM forms.draft
		WHERE `+mineSQL+` AND expires_at > @now ORDER BY saved_at DESC LIMIT 100`, hers(actor.From(ctx), pgx.NamedArgs{"now": b.clock.Now()})))
	if err != nil {
		return nil, fmt.Errorf("listing drafts: %w", err)
	}
	return list, nil
}

// DropDraft ends a draft inside the act that submitted it. A draft of another is left alone.
func (b *Block) DropDraft(act *audit.Act, id uuid.UUID) {
	act.Queue(`DELETE FROM forms.draft WHERE id = @id AND `+mineSQL, hers(act.Actor, pgx.NamedArgs{"id": id}))
}

// ForgetDraft is the person's own act: she does not want to go on.
func (b *Block) ForgetDraft(ctx context.Context, id uuid.UUID) error {
	return b.book.Act(ctx, "forms.draft.forget", func(ctx context.Context, act *audit.Act) error {
		if act.Actor.ID == uuid.Nil {
			return fault.SignIn("forms.draft")
		}
		if err := mayDraft(ctx, act); err != nil {
			return err
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
