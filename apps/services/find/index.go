// Package find finds a procedure by what people call it: without diacritics, with slips, with what a
// Telex keyboard left over, in southern words, or by its code. The page, the JSON answer and the
// command line rank by the one function here.
//
//	index     the catalogue in memory: its words, and the lines in which they stand
//	search    what fits best, and how well
//	slips     what a typed word may stand for
//	everyday  everyday.txt: how people call what the catalogue calls otherwise
package find

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Entry is a procedure as it is looked for.
type Entry struct {
	Code    string `json:"code"`
	Title   string `json:"title"`
	TitleEN string `json:"-"` // "" where there is none
	Words   string `json:"-"` // everyday words beside those of everyday.txt, in no order; "" where there are none
	Open    bool   `json:"open"`
}

// Index is a catalogue made ready for searching. It never changes; any number may search at once.
type Index struct {
	entries []Entry
	codes   map[string]int32
	vocab   map[string]int32 // plain word → term
	terms   []term
	sorted  []int32 // terms in alphabetical order
	sounds  map[string][]int32
	lines   []line
	pairs   map[pair]struct{} // terms that stand side by side anywhere
	say     everyday
	rarest  float64
}

// term is a word of the catalogue.
type term struct {
	plain string
	runes []rune
	lines []int32
	worth float64 // how much it tells: a word in few lines tells more
}

// line is one way to call an entry: its title in either language, a phrase of everyday.txt, or a
// heap of words.
type line struct {
	entry int32
	heap  bool // words in no order: their neighbours and number say nothing
	terms []int32
	marks []string
	worth float64
}

type pair struct{ a, b int32 }

// New makes a catalogue ready. It fails only on a faulty everyday.txt.
func New(entries []Entry) (*Index, error) {
	say, err := readEveryday(everydayTxt)
	if err != nil {
		return nil, fmt.Errorf("everyday.txt: %w", err)
	}
	x := &Index{entries: slices.Clone(entries), codes: map[string]int32{}, vocab: map[string]int32{}, sounds: map[string][]int32{},
		pairs: map[pair]struct{}{}, say: say}
	for i, e := range x.entries {
		at := int32(i)
		x.codes[e.Code] = at
		x.add(at, e.Title, false)
		x.add(at, e.TitleEN, false)
		x.add(at, e.Words, true)
		for _, p := range say.phrases[e.Code] {
			x.add(at, p, false)
		}
	}
	x.weigh()
	return x, nil
}

// add takes in one way to call an entry.
func (x *Index) add(entry int32, text string, heap bool) {
	list := words(text, 1<<10)
	if len(list) == 0 {
		return
	}
	l := line{entry: entry, heap: heap}
	at := int32(len(x.lines))
	for i, w := range list {
		t, ok := x.vocab[w.plain]
		if !ok {
			t = int32(len(x.terms))
			x.vocab[w.plain] = t
			x.terms = append(x.terms, term{plain: w.plain, runes: []rune(w.plain)})
			s := sound(w.plain)
			x.sounds[s] = append(x.sounds[s], t)
		}
		if in := x.terms[t].lines; len(in) == 0 || in[len(in)-1] != at {
			x.terms[t].lines = append(in, at)
		}
		if i > 0 {
			x.pairs[pair{l.terms[i-1], t}] = struct{}{}
		}
		l.terms, l.marks = append(l.terms, t), append(l.marks, w.marked)
	}
	x.lines = append(x.lines, l)
}

// weigh says how much each word tells, and each line with it.
func (x *Index) weigh() {
	n := float64(len(x.lines))
	x.sorted = make([]int32, len(x.terms))
	for i := range x.terms {
		t := &x.terms[i]
		t.worth = math.Log(1 + n/float64(len(t.lines)))
		if x.say.filler[t.plain] {
			t.worth = min(t.worth, 1) * 0.4
		}
		x.rarest = max(x.rarest, t.worth)
		x.sorted[i] = int32(i)
	}
	slices.SortFunc(x.sorted, func(a, b int32) int { return cmp.Compare(x.terms[a].plain, x.terms[b].plain) })
	for i := range x.lines {
		l := &x.lines[i]
		for _, t := range l.terms {
			l.worth += x.terms[t].worth
		}
	}
}
