package services

import (
	"context"

	"datmui/blocks/audit"
	"datmui/kit/actor"
	"datmui/kit/fault"
)

// unclear counts the scans among what an official hands in whose pages may be hard to read. She has
// looked at them and found that they can be read, or it is a fault: the paper is still in her hand, so
// it is scanned again at once. A citizen's own pictures are judged by the counter.
// law: public-services.md 11 — at the counter: scan → check legibility, page count.
func (m *Module) unclear(ctx context.Context, papers []PaperIn, looked bool, f fault.Fields) (n int, err error) {
	if actor.From(ctx).Kind != actor.Official {
		return 0, nil
	}
	held, err := m.heldFiles(ctx, papers)
	for _, file := range held {
		if len(file.Flaws) > 0 {
			n++
		}
	}
	if n > 0 && !looked {
		f.Set("legible", "scan-unclear")
	}
	return n, err
}

// noteUnclear keeps with the act how many unclear scans were taken as they are.
func noteUnclear(act *audit.Act, n int) {
	if n > 0 {
		act.Note("unclear", n)
	}
}
