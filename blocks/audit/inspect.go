package audit

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/kit/actor"
	"datmui/kit/clock"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// InspectRight is held by those whose office it is to examine the log.
const InspectRight = "audit.inspect"

const (
	inspectPage = 50
	inspectCap  = 10_000               // rows of an export
	inspectSpan = 366 * 24 * time.Hour // the longest time one question may cover
)

// InspectFilter is a question to the log. Times are the days of Vietnam, both included.
type InspectFilter struct {
	From, To time.Time   // zero To means today, zero From a week before To
	Subject  string      // exact: a dossier's code, the id of a record; "" for all
	Name     string      // exact: services.dossier.open; "" for all
	Kind     string      // act, read or batch; "" for all
	Actors   []uuid.UUID // nil for everybody
	Before   int64       // older than this entry; 0 = from the newest
}

// Days are the days that the filter covers.
func (f InspectFilter) Days(now time.Time) (from, to time.Time) {
	to, from = f.To, f.From
	if to.IsZero() {
		to = now
	}
	y, m, d := to.In(clock.Vietnam).Date()
	to = time.Date(y, m, d, 0, 0, 0, 0, clock.Vietnam)
	if from.IsZero() {
		from = to.AddDate(0, 0, -6)
	}
	y, m, d = from.In(clock.Vietnam).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, clock.Vietnam), to
}

// Inspect lists entries of the log for an inspector, newest first, 50 a page. That he asked, and
// what, is written into the log before anything is shown. Entries about persons show who acted
// and on which record, never the personal part of the act.
func (b *Book) Inspect(ctx context.Context, f InspectFilter) ([]AccessRecord, error) {
	return b.inspect(ctx, "audit.inspect", f, inspectPage)
}

// InspectAll is Inspect for an export: up to 10,000 rows. more says that there are others.
func (b *Book) InspectAll(ctx context.Context, f InspectFilter) (list []AccessRecord, more bool, err error) {
	f.Before = 0
	list, err = b.inspect(ctx, "audit.inspect.export", f, inspectCap+1)
	if len(list) > inspectCap {
		return list[:inspectCap], true, err
	}
	return list, false, err
}

func (b *Book) inspect(ctx context.Context, name string, f InspectFilter, limit int) ([]AccessRecord, error) {
	if !actor.From(ctx).MayAnywhere(InspectRight) {
		return nil, fault.Forbidden(InspectRight)
	}
	from, to := f.Days(b.clock.Now())
	switch f.Subject = strings.TrimSpace(f.Subject); {
	case to.Before(from):
		return nil, fault.Fields{"to": "before-from"}
	case to.Sub(from) > inspectSpan:
		return nil, fault.Fields{"from": "too-long"}
	}
	detail := map[string]any{"from": from.Format(time.DateOnly), "to": to.Format(time.DateOnly)}
	for key, value := range map[string]string{"subject": f.Subject, "name": f.Name, "kind": f.Kind} {
		if value != "" {
			detail[key] = value
		}
	}
	if f.Actors != nil {
		detail["actors"] = f.Actors
	}
	rows, err := pg.All[accessRow](b.reader.Query(ctx, `SELECT `+accessColumns+` FROM audit.entry
		WHERE at >= @from AND at < @to AND (@before::bigint = 0 OR id < @before) AND (@subject = '' OR subject_id = @subject)
		AND (@name = '' OR name = @name) AND (@kind = '' OR kind = @kind) AND (@all OR actor_id = ANY(@actors))
		ORDER BY id DESC LIMIT @limit`,
		pgx.NamedArgs{"from": from, "to": to.AddDate(0, 0, 1), "before": f.Before, "subject": f.Subject, "name": f.Name, "kind": f.Kind,
			"all": f.Actors == nil, "actors": f.Actors, "limit": limit}))
	if err != nil {
		return nil, fmt.Errorf("searching the log: %w", err)
	}
	if limit > inspectPage {
		detail["rows"] = len(rows)
		if len(rows) > 0 {
			detail["newest"], detail["oldest"] = rows[0].ID, rows[len(rows)-1].ID
		}
	}
	if err := b.NoteRead(ctx, name, f.Subject, detail); err != nil {
		return nil, err
	}
	out := make([]AccessRecord, len(rows))
	for i, r := range rows {
		out[i] = r.record()
	}
	return out, nil
}

// Head is the newest signed head of the log.
type Head struct {
	Size       int64     `json:"size"`
	At         time.Time `json:"at"`
	Checkpoint string    `json:"checkpoint"` // signed note in the C2SP tlog-checkpoint form
	Key        string    `json:"key"`        // verifier key of the note; "" when this process has none
}

// NewestHead is the head of size 0 before anything is sealed. It is what a stranger keeps to be able to tell later that nothing was rewritten.
func (b *Book) NewestHead(ctx context.Context) (Head, error) {
	h := Head{Key: b.key}
	err := b.reader.QueryRow(ctx, `SELECT size, at, note FROM audit.checkpoint ORDER BY id DESC LIMIT 1`).Scan(&h.Size, &h.At, &h.Checkpoint)
	if errors.Is(err, pgx.ErrNoRows) {
		return h, nil // nothing is sealed yet
	}
	return h, err
}
