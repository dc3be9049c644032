package worklist

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"datmui/blocks/audit"
)

// Item is one thing to do.
type Item struct {
	ID       uuid.UUID
	Kind     string // module and noun: services.dossier
	Subject  uuid.UUID
	Slot     string // tells several desks of one subject apart; "" when there is one
	Agency   string
	Person   uuid.UUID // zero: whoever holds Right in the agency
	Right    string
	What     string // the thing itself in one line, finished text
	Who      string // whom it is for
	Sender   string // from whose hands it came
	Code     string
	Why      string // text key: why it is on this desk
	Step     string // the module's own name of the step
	Priority int    // 0 ordinary … 3 at once
	Href     string
	Started  time.Time // zero means the time of the act
	Due      time.Time // required: nothing lies on a desk without an end
}

func (it Item) check() error {
	var errs []error
	for what, missing := range map[string]bool{
		"a kind": it.Kind == "", "a subject": it.Subject == uuid.Nil, "an agency": it.Agency == "",
		"a person or a right": it.Person == uuid.Nil && it.Right == "", "a text": it.What == "",
		"a reason": it.Why == "", "an address": it.Href == "", "a due time": it.Due.IsZero(),
	} {
		if missing {
			errs = append(errs, fmt.Errorf("worklist: an item of %s %s has not %s", it.Kind, it.Subject, what))
		}
	}
	return errors.Join(errs...)
}

const putSQL = `INSERT INTO worklist.item AS i (id, kind, subject, slot, agency, person, right_key, what, who, sender,
	code, why, step, priority, href, started_at, due_at)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
	ON CONFLICT (subject, kind, slot) WHERE done_at IS NULL DO UPDATE SET
	agency = excluded.agency, person = excluded.person, right_key = excluded.right_key, what = excluded.what,
	who = excluded.who, sender = excluded.sender, code = excluded.code, why = excluded.why, step = excluded.step,
	priority = excluded.priority, href = excluded.href, started_at = excluded.started_at, due_at = excluded.due_at`

// Put lays an item on a desk; the open item of the same subject, kind and slot, wherever it was,
// is there no longer. The statement goes with the act's last round trip.
func Put(_ context.Context, act *audit.Act, it Item) error {
	if err := it.check(); err != nil {
		return err
	}
	if it.ID == uuid.Nil {
		it.ID = uuid.Must(uuid.NewV7())
	}
	if it.Started.IsZero() {
		it.Started = act.At
	}
	act.Queue(putSQL, it.ID, it.Kind, it.Subject, it.Slot, it.Agency, orNull(it.Person), it.Right, it.What, it.Who,
		it.Sender, it.Code, it.Why, it.Step, it.Priority, it.Href, it.Started, it.Due)
	return nil
}

// To is another desk for an open item.
type To struct {
	Agency string
	Person uuid.UUID // zero: whoever holds Right
	Right  string
	Why    string
	Step   string
	Sender string
	Due    time.Time // zero leaves the due time as it is
}

// Move takes the open item of a subject to another desk and leaves what it says as it is. A
// subject without an open item stays without: Put is for that.
func Move(_ context.Context, act *audit.Act, kind string, subject uuid.UUID, slot string, to To) error {
	if to.Agency == "" || to.Why == "" || to.Person == uuid.Nil && to.Right == "" {
		return fmt.Errorf("worklist: %s %s is moved to no desk: %+v", kind, subject, to)
	}
	var due *time.Time
	if !to.Due.IsZero() {
		due = &to.Due
	}
	act.Queue(`UPDATE worklist.item SET agency = $4, person = $5, right_key = $6, why = $7, step = $8, sender = $9,
		due_at = coalesce($10, due_at), started_at = $11
		WHERE subject = $1 AND kind = $2 AND slot = $3 AND done_at IS NULL`,
		subject, kind, slot, to.Agency, orNull(to.Person), to.Right, to.Why, to.Step, to.Sender, due, act.At)
	return nil
}

// Done ends all open items of a subject.
func Done(_ context.Context, act *audit.Act, kind string, subject uuid.UUID) {
	act.Queue(`UPDATE worklist.item SET done_at = $3, done_by = $4 WHERE subject = $1 AND kind = $2 AND done_at IS NULL`,
		subject, kind, act.At, orNull(act.Actor.ID))
}

// DoneSlot ends one of several open items of a subject.
func DoneSlot(_ context.Context, act *audit.Act, kind string, subject uuid.UUID, slot string) {
	act.Queue(`UPDATE worklist.item SET done_at = $4, done_by = $5
		WHERE subject = $1 AND kind = $2 AND slot = $3 AND done_at IS NULL`,
		subject, kind, slot, act.At, orNull(act.Actor.ID))
}

// Columns are the columns of worklist.item that Values fills, for bulk loads.
var Columns = []string{"id", "kind", "subject", "slot", "agency", "person", "right_key", "what", "who", "sender",
	"code", "why", "step", "priority", "href", "started_at", "due_at"}

// Values lists an item in the order of Columns; it must have an id and a start.
func (it Item) Values() []any {
	return []any{it.ID, it.Kind, it.Subject, it.Slot, it.Agency, orNull(it.Person), it.Right, it.What, it.Who, it.Sender,
		it.Code, it.Why, it.Step, it.Priority, it.Href, it.Started, it.Due}
}

func orNull(id uuid.UUID) *uuid.UUID {
	if id == uuid.Nil {
		return nil
	}
	return &id
}
