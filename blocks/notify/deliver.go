package notify

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/kit/clock"
	"datmui/kit/lang"
	"datmui/kit/pg"
)

// DeliverMail is the job that sends every e-mail that waits. It is due by state, not by tick; run
// twice at once, the two share the work. A mail that was sent but not yet noted when the process
// died is sent again under the same Message-ID.
type DeliverMail struct{}

// Kind names the job.
func (DeliverMail) Kind() string { return "notify.deliver-mail" }

const (
	atOnce  = 50              // mails claimed together
	claim   = 5 * time.Minute // after which a claim of a dead process lapses
	giveUp  = 14              // attempts: with the pauses below about two days
	longest = 6 * time.Hour
)

// Refused wraps an error of a Mailer that will not change by trying again.
type Refused struct{ Err error }

func (r *Refused) Error() string { return "refused: " + r.Err.Error() }
func (r *Refused) Unwrap() error { return r.Err }

type waiting struct {
	Told
	Lang     string
	Attempts int
}

func (b *Block) deliver(ctx context.Context, _ DeliverMail) error {
	if b.mailer == nil {
		return nil
	}
	for {
		var any bool
		if err := b.db.QueryRow(ctx, `SELECT EXISTS (SELECT FROM notify.notice WHERE mail = 'waiting' AND next_at <= $1)`,
			b.clock.Now()).Scan(&any); err != nil || !any {
			return err
		}
		batch, err := b.claim(ctx)
		if err != nil || len(batch) == 0 {
			return err
		}
		if err := b.sendAll(ctx, batch); err != nil {
			return err
		}
	}
}

// claim takes mails for this process for a while.
func (b *Block) claim(ctx context.Context) (batch []waiting, err error) {
	now := b.clock.Now()
	err = b.book.Batch(ctx, "notify.mail.claim", "", func(ctx context.Context, tx pgx.Tx) (int64, error) {
		batch, err = pg.All[waiting](tx.Query(ctx, `UPDATE notify.notice AS n SET next_at = @until, attempts = n.attempts + 1
			WHERE n.id IN (SELECT id FROM notify.notice WHERE mail = 'waiting' AND next_at <= @now
				ORDER BY next_at LIMIT @limit FOR UPDATE SKIP LOCKED)
			RETURNING n.id, n.person, n.kind, n.args, n.href, n.at, n.read_at, n.mail, n.attempts,
				coalesce((SELECT lang FROM notify.setting s WHERE s.person = n.person), 'vi') AS lang`,
			pgx.NamedArgs{"now": now, "until": now.Add(claim), "limit": atOnce}))
		return int64(len(batch)), err
	})
	if err != nil {
		return nil, fmt.Errorf("claiming mails: %w", err)
	}
	return batch, nil
}

func (b *Block) sendAll(ctx context.Context, batch []waiting) error {
	var mails []Mail
	var owners []waiting
	results := map[uuid.UUID]error{}
	for _, n := range batch {
		address, name, err := b.people.MailAddress(ctx, n.Person)
		switch {
		case err != nil:
			results[n.ID] = err
		case address == "":
			results[n.ID] = errNowhere
		default:
			mails, owners = append(mails, b.mail(n, address, name)), append(owners, n)
		}
	}
	if len(mails) > 0 {
		for i, err := range b.mailer.Deliver(ctx, mails) {
			results[owners[i].ID] = err
		}
	}
	return b.note(ctx, batch, results)
}

var errNowhere = errors.New("this person has no e-mail address")

// note keeps what became of each mail, and when a failed one is tried again.
func (b *Block) note(ctx context.Context, batch []waiting, results map[uuid.UUID]error) error {
	now := b.clock.Now()
	err := b.book.Batch(ctx, "notify.mail.note", "", func(ctx context.Context, tx pgx.Tx) (int64, error) {
		q := &pgx.Batch{}
		for _, n := range batch {
			err := results[n.ID]
			state, next, text := "waiting", now.Add(pause(n.Attempts)), ""
			var mailed *time.Time
			switch {
			case err == nil:
				state, mailed = "sent", &now
			case errors.Is(err, errNowhere):
				state = "none"
			case refused(err) || n.Attempts >= giveUp:
				state = "failed"
			}
			if err != nil {
				text = short(err.Error())
			}
			q.Queue(`UPDATE notify.notice SET mail = $2, next_at = $3, mailed_at = $4, mail_error = $5 WHERE id = $1`,
				n.ID, state, next, mailed, text)
		}
		return int64(len(batch)), tx.SendBatch(ctx, q).Close()
	})
	if err != nil {
		return fmt.Errorf("noting what became of mails: %w", err)
	}
	return nil
}

func refused(err error) bool {
	var r *Refused
	return errors.As(err, &r)
}

// pause doubles with each attempt: one minute, two, four … six hours.
func pause(attempts int) time.Duration {
	return min(time.Minute<<min(max(attempts-1, 0), 20), longest)
}

func short(s string) string {
	s = strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "")
	r := []rune(s)
	return string(r[:min(len(r), 300)])
}

func (b *Block) mail(n waiting, address, name string) Mail {
	ctx := lang.With(context.Background(), tagOf(n.Lang))
	text := n.Body(ctx) + "\n"
	if n.Href != "" {
		text += "\n" + b.origin + n.Href + "\n"
	}
	return Mail{ID: n.ID.String() + "@" + b.host, To: address, Name: name, Subject: n.Subject(ctx),
		Text: text + b.foot(ctx), Leave: b.origin + "/notices/preferences", Date: n.At}
}

func (b *Block) foot(ctx context.Context) string {
	return "\n-- \n" + lang.T(ctx, "notify.mail.foot") + "\n" + b.origin + "/notices/preferences\n"
}

func tagOf(s string) lang.Tag {
	if t, ok := lang.Parse(s); ok {
		return t
	}
	return lang.Vietnamese
}

// SendDigests is the job that sends each person who wants it one mail a day, at seven in the
// morning, with all since the last. It catches up by state; the Message-ID is made of the person
// and the day.
type SendDigests struct{}

// Kind names the job.
func (SendDigests) Kind() string { return "notify.send-digests" }

func (b *Block) digest(ctx context.Context, _ SendDigests) error {
	if b.mailer == nil {
		return nil
	}
	now := b.clock.Now()
	until := sevenBefore(now)
	for {
		people, err := pg.Values[uuid.UUID](b.db.Query(ctx, `SELECT DISTINCT person FROM notify.notice
			WHERE mail = 'digest' AND at < $1 AND next_at <= $2 LIMIT 200`, until, now))
		if err != nil || len(people) == 0 {
			return err
		}
		for _, p := range people {
			if err := b.digestOf(ctx, p, until); err != nil {
				return err
			}
		}
	}
}

func (b *Block) digestOf(ctx context.Context, person uuid.UUID, until time.Time) error {
	list, err := pg.All[waiting](b.db.Query(ctx, `SELECT n.id, n.person, n.kind, n.args, n.href, n.at, n.read_at, n.mail, n.attempts,
			coalesce((SELECT lang FROM notify.setting s WHERE s.person = n.person), 'vi') AS lang
		FROM notify.notice n WHERE n.person = $1 AND n.mail = 'digest' AND n.at < $2 ORDER BY n.at, n.id LIMIT 200`, person, until))
	if err != nil || len(list) == 0 {
		return err
	}
	address, name, err := b.people.MailAddress(ctx, person)
	state, attempts := "sent", list[0].Attempts+1
	switch {
	case err != nil:
	case address == "":
		state, err = "none", errNowhere
	default:
		ctx := lang.With(ctx, tagOf(list[0].Lang))
		var text strings.Builder
		for _, n := range list {
			fmt.Fprintf(&text, "%s\n%s\n", lang.DateTime(ctx, n.At), n.Subject(ctx))
			if n.Href != "" {
				text.WriteString(b.origin + n.Href + "\n")
			}
			text.WriteString("\n")
		}
		day := until.In(clock.Vietnam).Format(time.DateOnly)
		err = b.mailer.Deliver(ctx, []Mail{{
			ID: uuid.NewSHA1(person, []byte("digest "+day+" "+list[0].ID.String())).String() + "@" + b.host, To: address, Name: name,
			Subject: lang.T(ctx, "notify.digest.subject", "count", len(list)), Text: text.String() + b.foot(ctx),
			Leave: b.origin + "/notices/preferences", Date: until,
		}})[0]
	}
	next, mailed := b.clock.Now(), (*time.Time)(nil)
	switch {
	case err == nil:
		mailed = &next
	case errors.Is(err, errNowhere):
	case refused(err) || attempts >= giveUp:
		state = "failed"
	default:
		state, next = "digest", next.Add(pause(attempts))
	}
	ids := make([]uuid.UUID, len(list))
	for i, n := range list {
		ids[i] = n.ID
	}
	text := ""
	if err != nil {
		text = short(err.Error())
	}
	return b.book.Batch(ctx, "notify.mail.digest", "", func(ctx context.Context, tx pgx.Tx) (int64, error) {
		tag, err := tx.Exec(ctx, `UPDATE notify.notice SET mail = $2, attempts = $3, next_at = $4, mailed_at = $5, mail_error = $6
			WHERE id = ANY($1)`, ids, state, attempts, next, mailed, text)
		return tag.RowsAffected(), err
	})
}

// sevenBefore is the last seven o'clock in the morning.
func sevenBefore(now time.Time) time.Time {
	t := now.In(clock.Vietnam)
	seven := time.Date(t.Year(), t.Month(), t.Day(), 7, 0, 0, 0, clock.Vietnam)
	if seven.After(now) {
		seven = seven.AddDate(0, 0, -1)
	}
	return seven
}
