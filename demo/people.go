package demo

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"datmui/kit/pg"
)

// Kinds of rows, so that the same count gives different ids and draws.
const (
	ofOfficial = iota + 1
	ofPost
	ofCitizen
	ofChain
	ofDossier
	ofFiling
	ofAccount
)

// draws gives the stream of random numbers of one row: the same for the same seed, whatever else
// is made before it.
func (w *World) draws(kind, n uint64) *rand.Rand {
	return rand.New(rand.NewPCG(w.seed*1_000_003+kind, n))
}

// id makes a version 7 id from the seed. Its time is the count, so ids lie in the order of their
// making and an index over millions grows at one end.
func (w *World) id(kind, n uint64) uuid.UUID {
	var id uuid.UUID
	r := rand.New(rand.NewPCG(w.seed^0x9e3779b97f4a7c15, kind<<40|n))
	binary.BigEndian.PutUint64(id[:8], (1_072_915_200_000+n)<<16) // counted in ms from 2004-01-01
	binary.BigEndian.PutUint64(id[8:], r.Uint64())
	id[6] = 0x70 | byte(r.Uint32()&0x0f)
	id[7] = byte(r.Uint32())
	id[8] = id[8]&0x3f | 0x80
	return id
}

// names draws full names by weight.
type names struct {
	surname       wheel
	middle, given map[string]wheel // by sex
}

func readNames() (*names, error) {
	rows, err := table("vietnamese-names")
	if err != nil {
		return nil, err
	}
	n := &names{middle: map[string]wheel{}, given: map[string]wheel{}}
	for _, r := range rows {
		weight, err := strconv.ParseFloat(r["weight"], 64)
		if err != nil {
			return nil, fmt.Errorf("weight of %s: %w", r["name"], err)
		}
		sex := map[string]string{"m": "male", "f": "female"}[r["gender"]]
		switch r["part"] {
		case "surname":
			n.surname.add(r["name"], weight)
		case "middle":
			m := n.middle[sex]
			m.add(r["name"], weight)
			n.middle[sex] = m
		case "given":
			g := n.given[sex]
			g.add(r["name"], weight)
			n.given[sex] = g
		}
	}
	return n, nil
}

// draw makes a name of surname, middle and given name; the last two differ.
func (n *names) draw(r *rand.Rand, sex string) string {
	middle, given := n.middle[sex].draw(r), n.given[sex].draw(r)
	for given == middle {
		given = n.given[sex].draw(r)
	}
	return n.surname.draw(r) + " " + middle + " " + given
}

// wheel draws words by weight.
type wheel struct {
	words []string
	upTo  []float64
}

func (w *wheel) add(word string, weight float64) {
	sum := weight
	if len(w.upTo) > 0 {
		sum += w.upTo[len(w.upTo)-1]
	}
	w.words, w.upTo = append(w.words, word), append(w.upTo, sum)
}

func (w wheel) draw(r *rand.Rand) string { return w.words[w.pick(r)] }

// pick draws the place of a word.
func (w wheel) pick(r *rand.Rand) int {
	i, _ := slices.BinarySearch(w.upTo, r.Float64()*w.upTo[len(w.upTo)-1])
	return min(i, len(w.words)-1)
}

// numbers gives out personal numbers, each once.
type numbers struct{ used map[string]int }

func newNumbers() *numbers { return &numbers{used: map[string]int{}} }

// next makes a number for a birth.
// law: public-services.md 13 — province of registration (096, former Bạc Liêu 095), one digit of
// century and sex, two of the year, six serial.
func (n *numbers) next(province, sex string, birth time.Time) string {
	digit := (birth.Year()/100 - 19) * 2
	if sex == "female" {
		digit++
	}
	head := fmt.Sprintf("%s%d%02d", province, digit, birth.Year()%100)
	k := n.used[head]
	n.used[head]++
	// A step without a factor in common with a million visits every serial once, scattered.
	return fmt.Sprintf("%s%06d", head, (k*387_421+123_457)%1_000_000)
}

// phone makes a number with the prefix 050, which belongs to no operator: it passes as a mobile
// number and rings nowhere.
func phone(n uint64) string { return fmt.Sprintf("050%07d", n*7_368_787%10_000_000) }

// mail makes an address under a name that the net reserves for examples.
func mail(name string, n uint64, domain string) string {
	words := strings.Fields(pg.Fold(name))
	var b strings.Builder
	b.WriteString(words[len(words)-1] + ".")
	for _, w := range words[:len(words)-1] {
		b.WriteByte(w[0])
	}
	return fmt.Sprintf("%s%d@%s", b.String(), n, domain)
}
