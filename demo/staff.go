package demo

import (
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"datmui/apps/services"
	"datmui/blocks/directory"
	"datmui/kit/actor"
)

// staff knows who may do what in the bodies that handle procedures.
type staff struct {
	bodies    map[string]directory.Agency // in force on the as-of day, by id
	counters  map[string]string           // commune → its service centre
	committee map[string]string           // commune → its people's committee
	pools     map[pool][]holder
}

// pool is a right at a body; field narrows case officers to those of a kind of work.
type pool struct{ right, body, field string }

type holder struct {
	actor    actor.Actor
	from, to time.Time // to is zero while the post is held
}

const (
	provinceCounter = "tt-pvhcc-tinh"
	justice         = "justice"
	economy         = "economy"
)

// rightsOf repeats what the positions that come with the directory allow in services; a test
// holds every act of the loaded histories to the directory itself.
var rightsOf = map[string][]string{
	directory.Leader: {services.RightDecide, services.RightSupervise}, directory.Deputy: {services.RightDecide}, directory.CaseOfficer: {services.RightHandle},
	directory.ReceivingOfficer: {services.RightReceive, services.RightReturn}, directory.Clerk: {services.RightNumber},
	directory.Cashier: {services.RightCash},
}

func (w *World) staff() *staff {
	s := &staff{bodies: map[string]directory.Agency{}, counters: map[string]string{}, committee: map[string]string{}, pools: map[pool][]holder{}}
	for _, a := range w.Agencies {
		if a.ValidTo != nil {
			continue
		}
		s.bodies[a.ID] = a
		if a.Level != "commune" {
			continue
		}
		switch a.Kind {
		case "public-service centre":
			s.counters[a.UnitCode] = a.ID
		case "people's committee":
			s.committee[a.UnitCode] = a.ID
		}
	}
	named := map[string]bool{}
	for _, a := range w.Accounts {
		named[a.PersonID.String()] = true
	}
	for _, p := range w.Posts {
		if a, ok := s.bodies[p.Agency]; ok && a.Branch == directory.Government {
			s.place(p, a)
		}
	}
	for _, list := range s.pools {
		slices.SortStableFunc(list, func(a, b holder) int { // those a visitor can sign in as get the most to do
			switch x, y := named[a.actor.ID.String()], named[b.actor.ID.String()]; {
			case x == y:
				return 0
			case x:
				return -1
			}
			return 1
		})
	}
	return s
}

// place puts the holder of a post into the pools she works in: in a commune the people's committee
// and its bodies are one house.
func (s *staff) place(p directory.Post, a directory.Agency) {
	for _, right := range rightsOf[p.Position] {
		at := []string{a.ID}
		if a.Level == "commune" {
			house := []string{s.committee[a.UnitCode], s.counters[a.UnitCode]}
			switch {
			case (right == services.RightDecide || right == services.RightSupervise) && a.Kind != "people's committee", a.Kind == "commune police", a.Kind == "people's council":
				continue
			case right == services.RightNumber && a.Kind != "people's committee": // the committee's own clerk keeps its seal
				continue
			case right == services.RightDecide || right == services.RightSupervise || right == services.RightHandle || right == services.RightNumber:
				at = house[:1]
			default:
				at = house[1:]
			}
		}
		for _, body := range at {
			h := holder{from: p.ValidFrom, actor: actor.Actor{ID: p.Person, Kind: actor.Official, Name: p.Name, PostID: p.ID, Post: p.Title,
				Office: p.Agency, Agency: p.Body, Grants: []actor.Grant{{Right: right, Agency: body}}}}
			if p.ValidTo != nil {
				h.to = *p.ValidTo
			}
			s.add(pool{right, body, ""}, h)
			if right == services.RightHandle && a.Level == "commune" {
				switch {
				case strings.Contains(p.Title, "Tư pháp"):
					s.add(pool{right, body, justice}, h)
				case strings.HasPrefix(a.ID, "phong-kinh-te"), strings.Contains(p.Title, "Địa chính"):
					s.add(pool{right, body, economy}, h)
				}
			}
		}
	}
}

func (s *staff) add(k pool, h holder) { s.pools[k] = append(s.pools[k], h) }

// pick draws one of those who hold the right at a body on a day; the first of a pool are drawn
// more often. Without anybody of the field, it is anybody with the right.
func (s *staff) pick(r *rand.Rand, right, body, field string, at time.Time) (actor.Actor, bool) {
	list := s.pools[pool{right, body, field}]
	u := r.Float64()
	day := directory.Day(at)
	start := int(u * u * float64(len(list)))
	for i := range list {
		h := list[(start+i)%len(list)]
		if !h.from.After(day) && (h.to.IsZero() || h.to.After(day)) {
			return h.actor, true
		}
	}
	if field != "" {
		return s.pick(r, right, body, "", at)
	}
	return actor.Actor{}, false
}

// holds says whether a person still has the right at a body on a day.
func (s *staff) holds(who actor.Actor, right, body string, at time.Time) bool {
	day := directory.Day(at)
	return slices.ContainsFunc(s.pools[pool{right, body, ""}], func(h holder) bool {
		return h.actor.PostID == who.PostID && !h.from.After(day) && (h.to.IsZero() || h.to.After(day))
	})
}
