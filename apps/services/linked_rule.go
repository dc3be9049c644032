package services

import "slices"

// What the system does to a part of a set, because of how the others stand.
const (
	partStart = "start" // all before it are granted: its clock begins
	partStop  = "stop"  // one before it came to nothing
	partWait  = "wait"  // one before it is worked again, and its own clock has not begun
)

// partStep is one thing that is to be done to a part.
type partStep struct {
	n  int
	do string
}

// steps are what is due to the parts as they stand now. A part whose clock has begun is left to its
// body; what comes of it is done when it is over.
// law: public-services.md 11 — birth certificate before residence before insurance card; child refused → dependants are stopped, independents go on.
func (s LinkedSet) steps() []partStep {
	var out []partStep
	doomed := []int{} // stopped by the same look
	for _, p := range s.Parts {
		if p.begun() || p.State.Terminal() || len(p.After) == 0 {
			continue
		}
		failed, open := s.before(p)
		switch {
		case failed != nil || slices.ContainsFunc(p.After, func(n int) bool { return slices.Contains(doomed, n) }):
			out, doomed = append(out, partStep{p.N, partStop}), append(doomed, p.N)
		case open != nil && p.State == Registered && p.Step != StepWaits:
			out = append(out, partStep{p.N, partWait})
		case open == nil && p.Step == StepWaits:
			out = append(out, partStep{p.N, partStart})
		}
	}
	return out
}
