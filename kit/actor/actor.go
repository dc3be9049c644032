// Package actor says who is acting. It knows no subject: rights and offices are plain
// strings whose meaning belongs to the modules that grant and check them.
package actor

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
)

// Kind tells what sort of being acts.
type Kind string

const (
	Anonymous Kind = ""         // nobody has signed in
	Citizen   Kind = "citizen"  // a natural person on her own behalf
	Official  Kind = "official" // a person in a post
	System    Kind = "system"   // a job or a command of this program
	Partner   Kind = "partner"  // another system with a key
)

// Actor is a snapshot of who acts, from which post. The texts are as they stood when the
// session was read: an audit entry keeps them even when the person moves on.
type Actor struct {
	ID      uuid.UUID // the person in directory.person; zero for Anonymous and System
	Kind    Kind
	Name    string        // full name; for System the job or command
	PostID  uuid.UUID     // the post in use; zero for citizens
	Post    string        // title of the post in use, for people to read
	Office  string        // id of the agency of the post in use; "" for citizens
	Agency  string        // its name, for people to read
	Offices []string      // ids of all agencies in which the actor holds or substitutes a post today
	Grants  []Grant       // what the posts allow, and where
	Absent  []Absent      // whose desks the actor works today while they are away
	Level   int           // assurance of the sign-in: citizens 1 or 2; 0 when unknown
	Session uuid.UUID     // zero outside a session; for a Partner the authorisation it acts by, or itself
	Account string        // sign-in name; "" when there is none
	Idle    time.Duration // after how long without a request the session ends; 0 outside a session
	For     Party         // in whose name a citizen acts; zero: her own
}

// Party is somebody else in whose name a citizen acts: a child, a business. What she may do for it
// are Grants whose Agency is its id.
type Party struct {
	ID   uuid.UUID
	Name string
}

// Party is whose matters the actor sees and does: her own, or those of whom she acts for.
func (a Actor) Party() uuid.UUID {
	if a.For.ID != uuid.Nil {
		return a.For.ID
	}
	return a.ID
}

// MayFor says whether the actor may do something in the name in which she acts: in her own everything.
func (a Actor) MayFor(right string) bool {
	return a.For.ID == uuid.Nil || a.May(right, a.For.ID.String())
}

// Titled is somebody's name with the post that she acted from.
func Titled(name, post string) string {
	if post == "" {
		return name
	}
	return name + ", " + post
}

// Grant allows one right in one agency; Agency "*" means everywhere.
type Grant struct {
	Right  string
	Agency string
}

// Absent is somebody who is away and for whom another works.
type Absent struct {
	ID     uuid.UUID
	Name   string
	Agency string // of the post that is worked
}

// StandsIn gives the absent person whose desk the actor works today, if it is this one.
func (a Actor) StandsIn(person uuid.UUID) (Absent, bool) {
	i := slices.IndexFunc(a.Absent, func(x Absent) bool { return x.ID == person })
	if i < 0 {
		return Absent{}, false
	}
	return a.Absent[i], true
}

// May says whether the actor holds the right in the agency.
func (a Actor) May(right, agency string) bool {
	return slices.ContainsFunc(a.Grants, func(g Grant) bool {
		return g.Right == right && (g.Agency == agency || g.Agency == "*")
	})
}

// MayAnywhere says whether the actor holds the right in at least one agency.
func (a Actor) MayAnywhere(right string) bool {
	return slices.ContainsFunc(a.Grants, func(g Grant) bool { return g.Right == right })
}

// Holds says whether the actor is an official who holds the right in at least one agency.
func (a Actor) Holds(right string) bool { return a.Kind == Official && a.MayAnywhere(right) }

// Where lists the agencies in which the actor holds the right, for use in a WHERE clause.
// The second result is true when the right holds everywhere.
func (a Actor) Where(right string) ([]string, bool) {
	out := []string{}
	for _, g := range a.Grants {
		if g.Right != right {
			continue
		}
		if g.Agency == "*" {
			return out, true
		}
		out = append(out, g.Agency)
	}
	return out, false
}

// SignedIn says whether somebody is there at all.
func (a Actor) SignedIn() bool { return a.Kind != Anonymous }

type key struct{}

// With returns a context in which the actor acts.
func With(ctx context.Context, a Actor) context.Context { return context.WithValue(ctx, key{}, a) }

// From returns the actor of the context; the zero Actor is Anonymous.
func From(ctx context.Context) Actor {
	a, _ := ctx.Value(key{}).(Actor)
	return a
}

// ForSystem is the actor of a job or a command.
func ForSystem(name string) Actor { return Actor{Kind: System, Name: name} }
