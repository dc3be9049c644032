package records

import (
	"slices"

	"datmui/kit/actor"
)

// mayLookAt says whether an official may look at a citizen's papers at all. Which of them he may
// use is decided by her consent.
func (b *Block) mayLookAt(a actor.Actor) bool {
	return a.Kind == actor.Official && slices.ContainsFunc(b.rights, a.MayAnywhere)
}

// mayUseFor says whether an official may act with citizens' papers for an agency.
func (b *Block) mayUseFor(a actor.Actor, agency string) bool {
	return a.Kind == actor.Official && slices.ContainsFunc(b.rights, func(r string) bool { return a.May(r, agency) })
}
