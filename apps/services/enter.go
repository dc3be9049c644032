package services

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/blocks/directory"
	"datmui/kit/fault"
)

// EnterIn is a person at the counter whom nobody has entered yet.
type EnterIn struct {
	Client string `form:"client"`
	directory.PersonIn
}

// EnterApplicant enters a person who has no account, so that the counter can file for her. A number
// that is known is refused: that person is found by it.
// law: public-services.md 13 — old people and foreigners may have no personal number; a phone then.
func (m *Module) EnterApplicant(ctx context.Context, in EnterIn) (uuid.UUID, error) {
	f := fault.Fields{}
	if strings.TrimSpace(in.PersonalID) == "" && strings.TrimSpace(in.Phone) == "" {
		f.Set("personal_id", "required")
	}
	if strings.TrimSpace(in.Name) == "" {
		f.Set("name", "required")
	}
	if f.Any() {
		return uuid.Nil, f
	}
	var id uuid.UUID
	err := m.book.Act(ctx, "services.applicant.enter", func(ctx context.Context, act *audit.Act) error {
		if !act.Actor.MayAnywhere(RightReceive) {
			return fault.Forbidden("services.intake")
		}
		if in.PersonalID != "" {
			known, err := m.directory.Known(ctx, act, in.PersonalID)
			if err != nil {
				return err
			}
			if known {
				return fault.Fields{"personal_id": "known"}
			}
		}
		var err error
		if id, err = m.directory.Register(ctx, act, in.PersonIn); err != nil {
			return err
		}
		act.About("directory.person", id, id)
		return nil
	}, audit.Once(in.Client, in, &id))
	return id, err
}
