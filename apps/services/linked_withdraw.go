package services

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"datmui/kit/actor"
	"datmui/kit/fault"
)

// WithdrawSetIn takes all that is still open of a set back.
type WithdrawSetIn struct {
	Set    uuid.UUID `form:"id"`
	Client string    `form:"client"`
	Reason string    `form:"reason"` // may be left out
}

// WithdrawSet withdraws each part of a set that is not signed yet, the last first, so that none starts
// in between. Each is an act of its own, safe to send again; what is signed goes on to be returned.
// law: public-services.md 6.2 — applicant, no signed result.
func (m *Module) WithdrawSet(ctx context.Context, in WithdrawSetIn) error {
	s, err := m.setOf(ctx, m.db, in.Set, "")
	if err != nil {
		return err
	}
	if a := actor.From(ctx); a.Kind != actor.Citizen || a.Party() != s.Applicant {
		return fault.NotFound("services.set")
	}
	taken := 0
	for i := len(s.Parts) - 1; i >= 0; i-- {
		p := s.Parts[i]
		if p.State.Terminal() && p.State != Withdrawn || p.FinishedAt != nil {
			continue
		}
		err := m.Withdraw(ctx, WithdrawIn{Dossier: p.ID, Client: fmt.Sprintf("%s-%d", in.Client, p.N), Reason: in.Reason})
		switch {
		case fault.KindOf(err) == fault.KindConflict: // signed a moment ago, or withdrawn by itself
			continue
		case err != nil:
			return err
		}
		taken++
	}
	if taken == 0 {
		return fault.Conflict("services.signed-already")
	}
	return nil
}
