package services

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/blocks/audit"
	"datmui/blocks/worklist"
	"datmui/kit/pg"
)

// ChaseOpinions is the job that closes by silence what the law lets close so, and reminds of the rest.
type ChaseOpinions struct{}

// Kind names the job.
func (ChaseOpinions) Kind() string { return "services.chase-opinions" }

const (
	chasedAtOnce   = 500
	remindedBefore = 48 * time.Hour // a body that is late is reminded again after two days
)

// Chase looks after the opinions whose time is over: silence is consent where the law says so, else
// the body and whoever asked are reminded. What a body that is over was asked goes to its successor.
// It catches up by state and may run as often as it likes.
// law: public-services.md 12 — consulted bodies have 12 days, silence = agreed.
func (m *Module) Chase(ctx context.Context) error {
	if err := m.carryOpinions(ctx); err != nil {
		return err
	}
	now := m.clock.Now()
	type due struct {
		ID      uuid.UUID
		Silence string
	}
	list, err := pg.All[due](m.db.Query(ctx, `SELECT id, silence FROM services.opinion
		WHERE state = 'asked' AND due_at < @now AND (silence = 'agreed' OR reminded_at IS NULL OR reminded_at < @again)
		ORDER BY due_at LIMIT @most`, pgx.NamedArgs{"now": now, "again": now.Add(-remindedBefore), "most": chasedAtOnce}))
	if err != nil {
		return fmt.Errorf("listing opinions whose time is over: %w", err)
	}
	for _, o := range list {
		var err error
		if o.Silence == "agreed" {
			err = m.book.Act(ctx, "services.opinion.silent", func(ctx context.Context, act *audit.Act) error { return m.silentOpinion(ctx, act, o.ID) })
		} else {
			err = m.book.Act(ctx, "services.opinion.remind", func(ctx context.Context, act *audit.Act) error { return m.remindOpinion(ctx, act, o.ID) })
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (m *Module) silentOpinion(ctx context.Context, act *audit.Act, id uuid.UUID) error {
	o, d, _, err := m.lockOpinion(ctx, act, id)
	if err != nil || !o.Open() || !act.At.After(o.DueAt) {
		return err
	}
	o.State = OpinionSilent
	return m.closeOpinion(ctx, act, &d, o, "")
}

func (m *Module) remindOpinion(ctx context.Context, act *audit.Act, id uuid.UUID) error {
	o, d, _, err := m.lockOpinion(ctx, act, id)
	if err != nil || !o.Open() {
		return err
	}
	asked, err := m.bodyName(ctx, o.Agency, act.At, o.AskedAt)
	if err != nil {
		return err
	}
	_, people, err := m.answersFor(ctx, act, o.Agency, act.At)
	if err != nil {
		return err
	}
	act.Queue(`UPDATE services.opinion SET reminded_at = $2 WHERE id = $1`, o.ID, act.At)
	for _, p := range people {
		m.tell(ctx, act, p, OpinionLate{Code: d.Code, Body: asked, DueAt: o.DueAt, Path: opinionPath(o.ID)})
	}
	for _, p := range d.askers(o) {
		m.tell(ctx, act, p, OpinionLate{Code: d.Code, Body: asked, DueAt: o.DueAt, Path: deskPathOf(&d)})
	}
	return nil
}

// carryOpinions gives what bodies were asked that are over to their successors.
func (m *Module) carryOpinions(ctx context.Context) error {
	heirs, err := m.heirs(ctx)
	if err != nil || len(heirs) == 0 {
		return err
	}
	ids, err := pg.Values[uuid.UUID](m.db.Query(ctx, `SELECT id FROM services.opinion WHERE state = 'asked' AND agency = ANY($1) ORDER BY id LIMIT $2`,
		slices.Collect(maps.Keys(heirs)), chasedAtOnce))
	if err != nil {
		return err
	}
	for _, id := range ids {
		err := m.book.Act(ctx, "services.opinion.carry", func(ctx context.Context, act *audit.Act) error {
			o, d, _, err := m.lockOpinion(ctx, act, id)
			if err != nil || !o.Open() || heirs[o.Agency] == "" {
				return err
			}
			if heir := heirs[o.Agency]; heir == d.CompetentAgency { // it would ask itself
				o.State, o.Answer = OpinionDropped, "Cơ quan được hỏi đã sáp nhập vào cơ quan giải quyết"
				return m.closeOpinion(ctx, act, &d, o, "")
			}
			twice, err := pg.Value[bool](act.Query(ctx, `SELECT EXISTS (SELECT FROM services.opinion WHERE dossier_id = $1 AND agency = $2 AND state = 'asked')`, d.ID, heirs[o.Agency]))
			if err != nil {
				return err
			}
			if twice {
				o.State, o.Answer = OpinionDropped, "Cơ quan kế thừa đã được hỏi"
				return m.closeOpinion(ctx, act, &d, o, "")
			}
			o.Agency = heirs[o.Agency]
			right, _, err := m.answersFor(ctx, act, o.Agency, act.At)
			if err != nil {
				return err
			}
			if right == "" {
				right = RightDecide
			}
			asking, err := m.bodyName(ctx, d.CompetentAgency, act.At, o.AskedAt)
			if err != nil {
				return err
			}
			act.Queue(`UPDATE services.opinion SET agency = $2 WHERE id = $1`, o.ID, o.Agency)
			return worklist.Put(ctx, act, m.opinionItem(&d, o, right, asking))
		})
		if err != nil {
			return err
		}
	}
	return nil
}
