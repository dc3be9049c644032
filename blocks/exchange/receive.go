package exchange

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/blocks/audit"
	"datmui/blocks/worklist"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// HearIn is what a peer tells of a record.
type HearIn struct {
	Code  string
	Seq   int64 // the peer's own order
	State int
	At    time.Time
	Note  string
}

// Heard says what became of it.
type Heard string

const (
	Agreed   Heard = "agreed"   // both say the same
	KnownYet Heard = "known"    // it was told before
	Conflict Heard = "conflict" // an officer will decide
)

// ErrOrder is the answer to a message that comes after a later one, or says something else than the
// message of that number said before.
var ErrOrder = fault.Conflict("exchange.order")

// conflictDue is how long an officer has to decide.
const conflictDue = 24 * time.Hour

// Hear takes what the peer says of a record. It changes nothing of the record: where the peer says
// something else than we do, that lies on an officer's desk with both sides.
// law: public-services.md 18.2 A31 — conflict item for an officer, no silent overwrite.
func (b *Block) Hear(ctx context.Context, in HearIn) (out Heard, err error) {
	if !b.On() {
		return "", fault.NotFound("exchange")
	}
	f := fault.Fields{}
	if in.Code == "" || len(in.Code) > 60 {
		f.Set("MaHoSo", "invalid")
	}
	if in.Seq < 1 {
		f.Set("ThuTu", "invalid")
	}
	if in.State < 1 || in.State > 10 {
		f.Set("TrangThai", "invalid")
	}
	if in.At.IsZero() {
		f.Set("ThoiDiemXuLy", "invalid")
	}
	if len([]rune(in.Note)) > 2000 {
		f.Set("NoiDungXuLy", "too-long:2000")
	}
	if f.Any() {
		return "", f
	}
	peer := b.c.Peer.Name()
	err = b.c.Book.Act(actor.With(ctx, actor.ForSystem(peer)), "exchange.hear", func(ctx context.Context, act *audit.Act) error {
		if err := lockCode(ctx, act, peer, in.Code); err != nil {
			return err
		}
		ours, err := b.c.Source.State(ctx, act, in.Code)
		if fault.KindOf(err) == fault.KindNotFound { // not ours: worked in the other system, or nowhere
			out, err = b.hearCopy(ctx, act, in)
			return err
		} else if err != nil {
			return err
		}
		act.About("exchange.record", in.Code, ours.Persons...)
		act.Note("theirs", in.State)
		act.Note("ours", ours.State)
		last, err := pg.One[struct {
			Seq   int64
			State int
		}](act.Query(ctx, `SELECT seq, state FROM exchange.heard WHERE peer = $1 AND code = $2 ORDER BY seq DESC LIMIT 1`, peer, in.Code))
		switch {
		case err != nil && fault.KindOf(err) != fault.KindNotFound:
			return err
		case err == nil && in.Seq == last.Seq && in.State == last.State:
			out = KnownYet
			return nil
		case err == nil && in.Seq <= last.Seq:
			return ErrOrder
		}
		act.Queue(`INSERT INTO exchange.heard (peer, code, seq, state, at, note, heard_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`, peer, in.Code, in.Seq, in.State, in.At, in.Note, act.At)
		if in.State == ours.State {
			out = Agreed
			act.Queue(`UPDATE exchange.conflict SET decision = 'agreed', decided_at = $3 WHERE peer = $1 AND code = $2 AND decision IS NULL`, peer, in.Code, act.At)
			worklist.Done(ctx, act, KindConflict, subjectOf(peer, in.Code))
			return nil
		}
		out = Conflict
		due := act.At.Add(conflictDue)
		act.Queue(`INSERT INTO exchange.conflict (id, peer, code, agency, href, ours, theirs, theirs_at, theirs_note, seq, found_at, due_at)
			VALUES (@id, @peer, @code, @agency, @href, @ours, @theirs, @at, @note, @seq, @now, @due)
			ON CONFLICT (peer, code) WHERE decision IS NULL DO UPDATE SET ours = excluded.ours, theirs = excluded.theirs, theirs_at = excluded.theirs_at,
				theirs_note = excluded.theirs_note, seq = excluded.seq`,
			pgx.NamedArgs{"id": newID(), "peer": peer, "code": in.Code, "agency": ours.Agency, "href": ours.Href, "ours": ours.State, "theirs": in.State, "at": in.At,
				"note": in.Note, "seq": in.Seq, "now": act.At, "due": due})
		return worklist.Put(ctx, act, worklist.Item{Kind: KindConflict, Subject: subjectOf(peer, in.Code), Agency: ours.Agency, Right: b.c.Decide, What: ours.What, Code: in.Code,
			Why: "exchange.why.conflict", Step: "conflict", Priority: 2, Href: PathPage + "#conflicts", Due: due})
	})
	return out, err
}

// subjectOf is the id under which a conflict lies on the desk.
func subjectOf(peer, code string) uuid.UUID {
	return uuid.NewSHA1(uuid.NameSpaceOID, []byte(KindConflict+" "+peer+" "+code))
}

// DecideIn is an officer's word on a conflict.
type DecideIn struct {
	Client   string    `form:"client"`
	Conflict uuid.UUID `form:"conflict"`
	Decision string    `form:"decision"` // ours or theirs
	Reason   string    `form:"reason"`
}

// Decide ends a conflict. With "ours" the peer is told our state anew; with "theirs" it is written
// down that the peer is right, and the record is brought there by its own acts, not by this one.
func (b *Block) Decide(ctx context.Context, in DecideIn) error {
	f := fault.Fields{}
	if in.Decision != "ours" && in.Decision != "theirs" {
		f.Set("decision", "choose")
	}
	switch n := len([]rune(in.Reason)); {
	case n == 0:
		f.Set("reason", "reason")
	case n > 1000:
		f.Set("reason", "too-long:1000")
	}
	if f.Any() {
		return f
	}
	return b.c.Book.Act(ctx, "exchange.decide", func(ctx context.Context, act *audit.Act) error {
		c, err := pg.One[struct {
			Peer, Code, Agency string
			Decision           *string
		}](act.Query(ctx, `SELECT peer, code, agency, decision FROM exchange.conflict WHERE id = $1 FOR UPDATE`, in.Conflict))
		if err != nil && fault.KindOf(err) != fault.KindNotFound {
			return err
		}
		if err != nil || act.Actor.Kind != actor.Official || !act.Actor.May(b.c.Decide, c.Agency) {
			return fault.NotFound("exchange.conflict")
		}
		if c.Decision != nil {
			return fault.Conflict("exchange.decided")
		}
		known, err := b.c.Source.State(ctx, act, c.Code)
		if err != nil {
			return fmt.Errorf("the state of %s: %w", c.Code, err)
		}
		act.About("exchange.record", c.Code, known.Persons...)
		act.Note("decision", in.Decision)
		act.NotePersonal("reason", in.Reason)
		act.Queue(`UPDATE exchange.conflict SET decision = $2, reason = $3, decided_by = $4, decided_at = $5 WHERE id = $1`, in.Conflict, in.Decision, in.Reason, act.Actor.ID, act.At)
		if in.Decision == "ours" {
			act.Queue(`INSERT INTO exchange.record AS r (peer, code, again, changed_at, next_at) VALUES ($1, $2, 1, $3, $3)
				ON CONFLICT (peer, code) DO UPDATE SET again = r.again + 1, changed_at = excluded.changed_at, dead = false, next_at = excluded.next_at`, c.Peer, c.Code, act.At)
		}
		worklist.Done(ctx, act, KindConflict, subjectOf(c.Peer, c.Code))
		return nil
	}, audit.Once(in.Client, in, nil))
}

// RetryIn orders that what was given up is tried again now.
type RetryIn struct {
	Client string `form:"client"`
	Code   string `form:"code"`
}

// Retry has a record told to the peer at once, from where it stopped.
func (b *Block) Retry(ctx context.Context, in RetryIn) error {
	return b.c.Book.Act(ctx, "exchange.retry", func(ctx context.Context, act *audit.Act) error {
		if !b.On() {
			return fault.NotFound("exchange.record")
		}
		r, err := pg.One[struct {
			Agency    string
			ChangedAt *time.Time
		}](act.Query(ctx, `SELECT agency, changed_at FROM exchange.record WHERE peer = $1 AND code = $2 FOR UPDATE`, b.c.Peer.Name(), in.Code))
		if err != nil && fault.KindOf(err) != fault.KindNotFound {
			return err
		}
		if err != nil || act.Actor.Kind != actor.Official || !act.Actor.May(b.c.Watch, r.Agency) {
			return fault.NotFound("exchange.record")
		}
		if r.ChangedAt == nil {
			return fault.Conflict("exchange.synced")
		}
		act.About("exchange.record", in.Code)
		act.Queue(`UPDATE exchange.record SET dead = false, tries = 0, next_at = $3 WHERE peer = $1 AND code = $2`, b.c.Peer.Name(), in.Code, act.At)
		return nil
	}, audit.Once(in.Client, in, nil))
}
