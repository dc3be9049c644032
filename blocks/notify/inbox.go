package notify

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/blocks/audit"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/lang"
	"datmui/kit/pg"
)

const perPage = 30

// Inbox lists the actor's notices, newest first, older than the one given (zero = from the newest).
// next is where the following page begins; zero on the last.
func (b *Block) Inbox(ctx context.Context, before uuid.UUID) (list []Told, next uuid.UUID, err error) {
	list, err = pg.All[Told](b.db.Query(ctx, `SELECT id, person, kind, args, href, at, read_at, mail FROM notify.notice
		WHERE person = @person AND (@all OR id < @before) ORDER BY id DESC LIMIT @limit`,
		pgx.NamedArgs{"person": actor.From(ctx).ID, "before": before, "all": before == uuid.Nil, "limit": perPage + 1}))
	if err != nil {
		return nil, uuid.Nil, fmt.Errorf("listing notices: %w", err)
	}
	if len(list) > perPage {
		list = list[:perPage]
		next = list[perPage-1].ID
	}
	return list, next, nil
}

// Unread counts the actor's notices that were not read, up to 100: for the bell on every page.
func (b *Block) Unread(ctx context.Context) (int, error) {
	return pg.Value[int](b.db.Query(ctx, `SELECT count(*) FROM (SELECT FROM notify.notice
		WHERE person = $1 AND read_at IS NULL LIMIT 100) AS n`, actor.From(ctx).ID))
}

// MarkRead notes that the actor has read a notice and returns where it leads. Reading it again
// changes nothing; another's notice is NotFound.
func (b *Block) MarkRead(ctx context.Context, id uuid.UUID) (href string, err error) {
	type row struct {
		Href string
		Read bool
	}
	n, err := pg.One[row](b.db.Query(ctx, `SELECT href, read_at IS NOT NULL AS read FROM notify.notice WHERE id = $1 AND person = $2`,
		id, actor.From(ctx).ID))
	if fault.KindOf(err) == fault.KindNotFound {
		return "", fault.NotFound("notify.notice")
	}
	if err != nil || n.Read {
		return n.Href, err
	}
	return n.Href, b.book.Act(ctx, "notify.notice.read", func(ctx context.Context, act *audit.Act) error {
		act.About("notify.notice", id)
		act.Queue(`UPDATE notify.notice SET read_at = $3 WHERE id = $1 AND person = $2 AND read_at IS NULL`, id, act.Actor.ID, act.At)
		return nil
	})
}

// MarkAllRead notes that the actor has read all there is.
func (b *Block) MarkAllRead(ctx context.Context) error {
	return b.book.Act(ctx, "notify.notice.read-all", func(ctx context.Context, act *audit.Act) error {
		if act.Actor.ID == uuid.Nil { // notices are a person's
			return fault.SignIn("route")
		}
		act.Queue(`UPDATE notify.notice SET read_at = $2 WHERE person = $1 AND read_at IS NULL`, act.Actor.ID, act.At)
		return nil
	})
}

// Wish says what a person wants by e-mail.
type Wish string

const (
	Each   Wish = "on"     // each notice at once
	Digest Wish = "digest" // one mail a day
	Off    Wish = "off"    // none; the inbox here has them all
)

// Wishes lists all, for choices.
var Wishes = []Wish{Each, Digest, Off}

// Preferences is what a person wants: in general, and where a kind differs.
type Preferences struct {
	Lang   string // language of e-mails: vi, en
	Mail   Wish
	ByKind map[string]Wish
}

// PreferencesOf reads the actor's preferences.
func (b *Block) PreferencesOf(ctx context.Context) (Preferences, error) {
	who := actor.From(ctx).ID
	type setting struct{ Lang, Mail string }
	p := Preferences{Lang: "vi", Mail: Each, ByKind: map[string]Wish{}}
	s, err := pg.One[setting](b.db.Query(ctx, `SELECT lang, mail FROM notify.setting WHERE person = $1`, who))
	if err == nil {
		p.Lang, p.Mail = s.Lang, Wish(s.Mail)
	} else if fault.KindOf(err) != fault.KindNotFound {
		return p, fmt.Errorf("reading preferences: %w", err)
	}
	type preference struct{ Kind, Mail string }
	list, err := pg.All[preference](b.db.Query(ctx, `SELECT kind, mail FROM notify.preference WHERE person = $1`, who))
	if err != nil {
		return p, fmt.Errorf("reading preferences: %w", err)
	}
	for _, k := range list {
		p.ByKind[k.Kind] = Wish(k.Mail)
	}
	return p, nil
}

// Prefer sets what the actor wants. A kind that is not named, or named with "", follows the
// general wish. It holds for notices from now on; mails that wait still leave.
func (b *Block) Prefer(ctx context.Context, p Preferences) error {
	f := fault.Fields{}
	if _, ok := lang.Parse(p.Lang); !ok {
		f.Set("lang", "one")
	}
	if !slices.Contains(Wishes, p.Mail) {
		f.Set("mail", "one")
	}
	known := Kinds()
	for kind, w := range p.ByKind {
		if w != "" && !slices.Contains(Wishes, w) || !slices.Contains(known, kind) {
			f.Set("kind."+kind, "one")
		}
	}
	if f.Any() {
		return f
	}
	return b.book.Act(ctx, "notify.preferences.set", func(ctx context.Context, act *audit.Act) error {
		if act.Actor.ID == uuid.Nil {
			return fault.SignIn("notify.preferences")
		}
		act.About("notify.setting", act.Actor.ID, act.Actor.ID)
		act.Queue(`INSERT INTO notify.setting (person, lang, mail) VALUES ($1, $2, $3)
			ON CONFLICT (person) DO UPDATE SET lang = excluded.lang, mail = excluded.mail`, act.Actor.ID, p.Lang, p.Mail)
		act.Queue(`DELETE FROM notify.preference WHERE person = $1`, act.Actor.ID)
		for _, kind := range slices.Sorted(maps.Keys(p.ByKind)) {
			if w := p.ByKind[kind]; w != "" && w != p.Mail {
				act.Queue(`INSERT INTO notify.preference (person, kind, mail) VALUES ($1, $2, $3)`, act.Actor.ID, kind, w)
			}
		}
		return nil
	})
}
