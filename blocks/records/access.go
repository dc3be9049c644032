package records

import (
	"slices"

	"datmui/blocks/represent"
	"datmui/kit/actor"
)

// seesAll says whether the store is the actor's to see: her own, or that of somebody for whom she may
// see all.
func seesAll(a actor.Actor) bool { return a.MayFor(represent.SeeAll) }

// mayLookAt says whether an official may look at a citizen's papers at all. Which of them he may
// use is decided by her consent.
func (b *Block) mayLookAt(a actor.Actor) bool {
	return a.Kind == actor.Official && slices.ContainsFunc(b.rights, a.MayAnywhere)
}

// mayUseFor says whether an official may act with citizens' papers for an agency.
func (b *Block) mayUseFor(a actor.Actor, agency string) bool {
	return a.Kind == actor.Official && slices.ContainsFunc(b.rights, func(r string) bool { return a.May(r, agency) })
}
