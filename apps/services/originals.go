package services

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// Original is what the counter found when it compared an original with the copy that was filed
// (đối chiếu bản chính). One that agrees was handed in and stays with the counter.
type Original struct {
	Place    string // key of the paper in the procedure
	Agrees   bool
	Reason   string // in what it differs; "" where it agrees
	At       time.Time
	SeenName string // as of that moment
}

// originalsOf reads what was found, the oldest first.
func originalsOf(ctx context.Context, r pg.Reader, dossier uuid.UUID) ([]Original, error) {
	list, err := pg.All[Original](r.Query(ctx, `SELECT place, agrees, reason, at, seen_name FROM services.original WHERE dossier_id = $1 ORDER BY at, id`, dossier))
	if err != nil {
		return nil, fmt.Errorf("reading what the originals showed: %w", err)
	}
	return list, nil
}

// originalsOwed are the papers of which only a copy or a picture was filed and whose original has
// not been seen yet, or was seen and differs. A paper of the store is known to be genuine.
// law: public-services.md 4 — land: copies were filed, so originals are handed in when the result is collected.
func (d Dossier) originalsOwed(def Definition, papers []Paper, seen []Original) []PaperRule {
	if !def.AtReturn {
		return nil
	}
	var out []PaperRule
	for _, rule := range def.PapersFor(d.Answers) {
		if rule.EForm {
			continue
		}
		filed, handed := false, false
		for _, p := range papers {
			if p.Place == rule.Key && p.Digitised < 2 {
				filed, handed = filed || p.FileID != nil || p.Copies > 0, handed || p.Originals > 0
			}
		}
		if last, ok := lastLook(seen, rule.Key); filed && !handed && !(ok && last.Agrees) {
			out = append(out, rule)
		}
	}
	return out
}

// lastLook is the last look at an original: the one that counts.
func lastLook(seen []Original, place string) (Original, bool) {
	for _, o := range slices.Backward(seen) {
		if o.Place == place {
			return o, true
		}
	}
	return Original{}, false
}

// OriginalsOwed are the papers whose originals are still to be handed in before the result leaves.
func (r Record) OriginalsOwed() []PaperRule { return r.originalsOwed(r.Def, r.Papers, r.Originals) }

// Differing are the originals that were brought and differ from what was filed.
func (r Record) Differing() []Original {
	var out []Original
	for _, rule := range r.OriginalsOwed() {
		if o, ok := lastLook(r.Originals, rule.Key); ok {
			out = append(out, o)
		}
	}
	return out
}

// originalsStillOwed asks the same of a dossier alone.
func originalsStillOwed(ctx context.Context, r pg.Reader, d *Dossier, def Definition) ([]PaperRule, error) {
	if !def.AtReturn {
		return nil, nil
	}
	papers, err := papersOf(ctx, r, d.ID)
	if err != nil {
		return nil, err
	}
	seen, err := originalsOf(ctx, r, d.ID)
	return d.originalsOwed(def, papers, seen), err
}

// OriginalSeen is the officer's word on one original.
type OriginalSeen struct {
	Place  string
	Agrees bool
	Reason string // in what it differs
}

// OriginalsIn says what the originals showed. A paper that was not brought is left out.
type OriginalsIn struct {
	Dossier uuid.UUID `form:"id"`
	Client  string    `form:"client"`
	Seen    []OriginalSeen
}

func (in OriginalsIn) check() fault.Fields {
	f := fault.Fields{}
	if len(in.Seen) == 0 {
		f.Set("originals", "required")
	}
	for i, s := range in.Seen {
		if slices.ContainsFunc(in.Seen[:i], func(o OriginalSeen) bool { return o.Place == s.Place }) {
			f.Set("originals", "invalid")
		}
		if !s.Agrees {
			f.Text("reason."+s.Place, s.Reason, 2000)
		}
	}
	return f
}

// CheckOriginals keeps what the originals showed when the citizen came for her result. With one that
// differs the result stays here: she is told in what, and so is who signed, who may reopen the dossier.
// law: public-services.md 4 — the originals are handed in when the result is collected; 6.2 — 9→4: error found before return.
func (m *Module) CheckOriginals(ctx context.Context, in OriginalsIn) error {
	if err := in.check().Err(); err != nil {
		return err
	}
	return m.book.Act(ctx, "services.dossier.originals", func(ctx context.Context, act *audit.Act) error {
		d, def, err := m.lockWith(ctx, act, in.Dossier)
		if err != nil {
			return err
		}
		if !d.mayBeReturnedBy(act.Actor) {
			return fault.NotFound("services.dossier")
		}
		if d.State != Finished || d.Step != StepReturn {
			return fault.Conflict("services.on-other-desk")
		}
		owed, err := originalsStillOwed(ctx, act, &d, def)
		if err != nil {
			return err
		}
		var differs []string
		for _, s := range in.Seen {
			i := slices.IndexFunc(owed, func(r PaperRule) bool { return r.Key == s.Place })
			if i < 0 {
				return fault.Conflict("services.original-not-owed")
			}
			reason := ""
			if !s.Agrees {
				reason = strings.TrimSpace(s.Reason)
				differs = append(differs, owed[i].Name+": "+reason)
			}
			act.Queue(`INSERT INTO services.original (id, dossier_id, place, agrees, reason, at, seen_by, seen_name) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
				newID(), d.ID, s.Place, s.Agrees, reason, act.At, act.Actor.ID, act.Actor.Name)
		}
		act.Note("originals", len(in.Seen))
		act.Note("differ", len(differs))
		if len(differs) == 0 {
			return nil
		}
		what := strings.Join(differs, "; ")
		m.tellApplicant(ctx, act, &d, OriginalDiffers{Code: d.Code, Procedure: def.Name, What: what, Path: pathOf(&d)})
		if d.DecidedBy != nil {
			m.tell(ctx, act, *d.DecidedBy, OriginalDiffersHere{Code: d.Code, Procedure: def.Name, What: what, Path: deskPathOf(&d)})
		}
		return nil
	}, audit.Once(in.Client, in, nil))
}
