package demo

import (
	"cmp"
	"iter"
	"math/rand/v2"
	"slices"
	"time"

	"datmui/blocks/directory"
)

// OfficialsIn2023 is how many officials had an account on 10 October 2023.
const OfficialsIn2023 = 11_000

var (
	counted = day("2023-10-10")
	horizon = day("2040-01-01") // careers are made up to here and cut at the as-of day, so that one day more changes nothing before it
)

// official is a person with a career.
type official struct {
	directory.Person
	n      uint64
	known  time.Time // first day of the first post
	leaves time.Time
	why    string // retirement or resignation
}

// hire makes a person who begins on a day and stays at least until surely.
func (w *World) hire(begins, surely time.Time, province string) *official {
	n := uint64(len(w.people) + 1)
	r := w.draws(ofOfficial, n)
	p := official{n: n, known: begins}
	p.ID, p.Official, p.Citizen = w.id(ofOfficial, n), true, true
	p.Sex = "male"
	pension := 60
	if r.Float64() < 0.42 {
		p.Sex, pension = "female", 57
	}
	// Between 24 on the first day and two years short of the pension when it must not be reached.
	oldest := surely.AddDate(2-pension, 0, 0)
	youngest := begins.AddDate(-24, 0, 0)
	born := between(r, oldest, youngest)
	p.BirthDate = &born
	p.Name = w.names.draw(r, p.Sex)
	p.PersonalID = w.numbers.next(province, p.Sex, born)
	p.Phone = phone(n)
	p.Email = mail(p.Name, n, "camau.example")
	p.leaves, p.why = firstOfNextMonth(born.AddDate(pension, 0, 0)), "retirement"
	if years := r.ExpFloat64() * 70; years < 40 {
		if away := firstOfNextMonth(surely.AddDate(0, int(years*12), 0)); away.Before(p.leaves) {
			p.leaves, p.why = away, "resignation"
		}
	}
	w.people = append(w.people, p)
	return &w.people[len(w.people)-1]
}

func between(r *rand.Rand, from, to time.Time) time.Time {
	days := int(to.Sub(from).Hours() / 24)
	return from.AddDate(0, 0, r.IntN(max(days, 1)))
}

func firstOfNextMonth(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month()+1, 1, 0, 0, 0, 0, time.UTC)
}

// posting is a span of somebody in a slot.
type posting struct {
	person   uint64 // n of the official
	slot     slot
	from, to time.Time
	reason   string
	basis    string
}

// careers collects postings while the years go by.
type careers struct {
	w     *World
	posts []posting
}

// chain fills a slot from a day to another: the first holder, and when somebody leaves the next.
// It returns who holds it at the end, or 0.
func (c *careers) chain(s slot, first uint64, from, to time.Time, basis, province string) uint64 {
	r := c.w.draws(ofChain, uint64(len(c.posts)))
	for n := first; ; basis = "" {
		p := c.w.people[n-1]
		if !p.leaves.Before(to) {
			c.posts = append(c.posts, posting{n, s, from, to, "merger", basis})
			return n
		}
		if p.leaves.After(from) {
			c.posts = append(c.posts, posting{n, s, from, p.leaves, p.why, basis})
			from = p.leaves
		}
		if !s.must && r.Float64() < 0.3 {
			return 0
		}
		n = c.w.hire(from, from, province).n
	}
}

// member is somebody who is carried over a reorganisation, with the slot she held.
type member struct {
	person uint64
	slot   slot
}

// makeOfficials makes everybody's career from the opening to the horizon.
func (w *World) makeOfficials() error {
	old, err := agenciesOf("agencies", opening)
	if err != nil {
		return err
	}
	c := &careers{w: w}
	members := c.firstOrder(old)
	if err := c.secondOrder(old, members); err != nil {
		return err
	}
	w.keep(c.posts)
	return nil
}

func agenciesOf(file string, from time.Time) ([]directory.Agency, error) {
	rows, err := table(file)
	if err != nil {
		return nil, err
	}
	out := make([]directory.Agency, len(rows))
	for i, r := range rows {
		out[i] = agencyOf(r, from)
	}
	return out, nil
}

// firstOrder staffs the bodies of 2023 with exactly the officials counted then and follows them
// to the eve of the two levels.
func (c *careers) firstOrder(old []directory.Agency) []member {
	byID := map[string]directory.Agency{}
	for _, a := range old {
		byID[a.ID] = a
	}
	var members []member
	for _, s := range staffed(old, OfficialsIn2023) {
		n := c.first(s)
		since := c.since(s, n)
		end := twoLevels
		if s.agency.UnitCode == "32002" {
			end = wardsMerged
		}
		last := c.chain(s, n, since, end, "", "096")
		if last != 0 && end == wardsMerged { // Phường 4: a place beside those of Phường 2
			taking := byID[s.agency.ID[:len(s.agency.ID)-len(endedWard)]+takingWard]
			position := s.position
			if position == directory.Leader {
				position = directory.Deputy
			}
			s = place(taking, position, 1, false)
			last = c.chain(s, last, wardsMerged, twoLevels, "1252/NQ-UBTVQH15", "096")
		}
		if last != 0 {
			members = append(members, member{last, s})
		}
	}
	return members
}

// staffed lists the slots of all bodies: what each must have, and the rest shared by weight, so
// that the sum is exact.
func staffed(agencies []directory.Agency, total int) []slot {
	var slots []slot
	var sum float64
	for _, a := range agencies {
		slots = append(slots, required(a)...)
		sum += weight(a)
	}
	left := total - len(slots)
	type share struct {
		i    int
		rest float64
	}
	shares, whole, given := make([]share, len(agencies)), make([]int, len(agencies)), 0
	for i, a := range agencies {
		exact := float64(left) * weight(a) / sum
		whole[i] = int(exact)
		shares[i] = share{i, exact - float64(whole[i])}
		given += whole[i]
	}
	slices.SortStableFunc(shares, func(a, b share) int { return cmp.Compare(b.rest, a.rest) })
	for k := range left - given { // the largest remainders
		whole[shares[k].i]++
	}
	for i, a := range agencies {
		for k := range whole[i] {
			slots = append(slots, place(a, extra(a), k, false))
		}
	}
	return slots
}

// first makes who holds a slot on the day the accounts were counted.
func (c *careers) first(s slot) uint64 {
	r := c.w.draws(ofChain, uint64(len(c.w.people)+1)<<32)
	begins := between(r, day("2004-06-01"), day("2023-06-01"))
	return c.w.hire(begins, counted.AddDate(0, 0, 1), "096").n
}

// since tells from when the holder of 2023 has the slot. Heads have risen from the ranks: their
// earlier post is entered too, and now and then a predecessor who left.
func (c *careers) since(s slot, n uint64) time.Time {
	p := c.w.people[n-1]
	r := c.w.draws(ofChain, n<<32|1)
	begins := p.known
	if s.rank <= ranks[directory.DivisionHead] && begins.Before(day("2021-01-01")) {
		rose := between(r, begins.AddDate(1, 0, 0), day("2023-06-01"))
		c.posts = append(c.posts, posting{n, place(s.agency, extra(s.agency), 0, false), begins, rose, "promotion", ""})
		begins = rose
	}
	if begins.After(day("2012-01-01")) && r.Float64() < 0.06 {
		before := c.w.hire(begins.AddDate(-6, 0, 0), begins, "096")
		before.leaves = begins // changed in place: the pointer is into the list
		c.posts = append(c.posts, posting{before.n, s, before.known, begins, before.why, ""})
	}
	return begins
}

// keep turns postings into people and posts as the as-of day knows them.
func (w *World) keep(posts []posting) {
	seen := map[uint64]bool{}
	for i, p := range posts {
		end, gone := w.until(p.from, &p.to)
		if gone {
			continue
		}
		seen[p.person] = true
		post := directory.Post{ID: w.id(ofPost, uint64(i+1)), Person: w.people[p.person-1].ID, Name: w.people[p.person-1].Name,
			Agency: p.slot.agency.ID, Body: p.slot.agency.Name, Position: p.slot.position, Title: p.slot.title, Rank: p.slot.rank,
			ValidFrom: p.from, ValidTo: end, Basis: p.basis}
		if end != nil {
			post.Reason = p.reason
		}
		w.Posts = append(w.Posts, post)
	}
	w.people = slices.DeleteFunc(w.people, func(p official) bool { return !seen[p.n] })
}

// officials yields them as rows.
func (w *World) officials() iter.Seq2[directory.Person, time.Time] {
	return func(yield func(directory.Person, time.Time) bool) {
		for _, p := range w.people {
			if !yield(p.Person, p.known) {
				return
			}
		}
		for _, p := range w.neighbour {
			if !yield(p, p.BirthDate.AddDate(18, 0, 0)) {
				return
			}
		}
	}
}
