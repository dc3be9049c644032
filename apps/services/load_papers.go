package services

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/blocks/letters"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// MakeWaiting makes the papers that a bulk load promised before a moment, by the same hand as the
// job does. It goes on where it was when it is called again, and returns how many it made.
func (m *Module) MakeWaiting(ctx context.Context, before time.Time) (int, error) {
	ids, err := pg.Values[uuid.UUID](m.db.Query(ctx, `SELECT id FROM services.outgoing WHERE state = 'waiting' AND at < $1 ORDER BY at DESC, id`, before))
	if err != nil {
		return 0, err
	}
	ctx = actor.With(ctx, actor.ForSystem(MakePaper{}.Kind()))
	for i, id := range ids {
		if err := m.makePaper(ctx, MakePaper{Outgoing: id}); err != nil {
			return i, err
		}
		if ctx.Err() != nil {
			return i, ctx.Err()
		}
	}
	return len(ids), nil
}

// Undrafted lists loaded dossiers with files that lie on a leader's desk without the draft of their
// result, those due first before the others.
func (m *Module) Undrafted(ctx context.Context) ([]uuid.UUID, error) {
	return pg.Values[uuid.UUID](m.db.Query(ctx, `SELECT id FROM services.dossier d WHERE state = 4 AND step = $1 AND files
		AND NOT EXISTS (SELECT FROM services.outgoing o WHERE o.dossier_id = d.id AND o.kind = $2 AND o.state IN ('draft', 'signed'))
		ORDER BY due_at, id`, StepSign, OutgoingResult))
}

// Draft sets the result of a dossier that was loaded as proposed, from what its officer proposed
// then. It says whose signature the draft waits for.
func (m *Module) Draft(ctx context.Context, id uuid.UUID) (signer uuid.UUID, err error) {
	d, err := pg.One[Dossier](m.db.Query(ctx, `SELECT `+dossierColumns+` FROM services.dossier WHERE id = $1`, id))
	if err != nil {
		return uuid.Nil, err
	}
	if d.Step != StepSign || d.Holder == nil || d.Proposed == nil {
		return uuid.Nil, fault.Conflict("services.on-other-desk")
	}
	reason, err := pg.Value[string](m.db.Query(ctx, `SELECT note FROM services.move WHERE dossier_id = $1 AND n = $2`, id, d.Moves))
	if err != nil {
		return uuid.Nil, err
	}
	officer, err := m.directory.Actor(ctx, m.db, *d.Holder, uuid.Nil, m.clock.Now())
	if err != nil {
		return uuid.Nil, err
	}
	ctx = actor.With(ctx, officer)
	rec, err := m.record(ctx, m.db, id)
	if err != nil {
		return uuid.Nil, err
	}
	values := map[string]string{} // what an officer would have written is in the dossier only
	for _, line := range m.ResultLines(ctx, rec) {
		if line.Required && line.Value == "" && !line.Table {
			values[line.Key] = written(line.Key, d, officer.Name, m.clock.Now())
		}
	}
	draft, err := m.draftResult(ctx, rec, ProposeIn{Dossier: id, Outcome: *d.Proposed, Reason: reason, Basis: d.Basis, Values: values})
	if err != nil {
		return uuid.Nil, fmt.Errorf("drafting the result of %s: %w", d.Code, err)
	}
	ctx = actor.With(ctx, actor.ForSystem("services.draft"))
	return draft.signer, m.book.Act(ctx, "services.dossier.draft", func(ctx context.Context, act *audit.Act) error {
		d, err := lock(ctx, act, id)
		if err != nil {
			return err
		}
		if d.Step != StepSign {
			return fault.Conflict("services.on-other-desk")
		}
		return m.keepDraft(ctx, act, &d, draft)
	})
}

// written is what an officer of the demonstration wrote into a line of the result: numbers of
// registers follow the number of the dossier.
func written(key string, d Dossier, officer string, now time.Time) string {
	n := 0
	for _, c := range d.Code {
		if c >= '0' && c <= '9' {
			n = (n*10 + int(c-'0')) % 1_000_000
		}
	}
	switch key {
	case "personal_id":
		return fmt.Sprintf("096%d%02d%06d", 2, now.Year()%100, n)
	case "number":
		return fmt.Sprintf("CM-%05d-TS", n%100_000)
	case "register", "book":
		return fmt.Sprintf("%02d/%d", n%200+1, now.Year()-1)
	case "registered":
		return letters.ShortDate(now.AddDate(-1, 0, -n%300))
	case "valid_until":
		return letters.DateText(now.AddDate(5, 0, 0))
	case "officer":
		return officer
	}
	return "Theo hồ sơ " + d.Code
}
