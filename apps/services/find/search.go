package find

import (
	"cmp"
	"math"
	"regexp"
	"slices"
	"strings"
)

const (
	enough     = 0.42 // of what the words tell must be in a line for it to count
	inside     = 0.2  // likewise where the line stands in the words whole: "lấy chồng cần giấy tờ gì"
	examined   = 500  // lines that are compared word by word, of those with the most of the words
	inOurWords = 0.92 // what is found only after putting it into the words of the catalogue
	openGain   = 1.1  // what can be filed here comes before what is as good and cannot
	askedGain  = 1.06 // so does what people are known to ask for
)

// typed is a word of a search with what it may stand for.
type typed struct {
	word
	means []meaning
	worth float64
}

// codeTyped is a procedure's code as far as it is typed, with what may follow it in letters and papers.
var codeTyped = regexp.MustCompile(`^(\d\.\d{1,6})(\.\d{2,3}.*)?$`)

// Search gives the entries that fit, the best first, at most so many. The same words give the same
// answer: nothing here hangs on the clock or on chance.
func (x *Index) Search(query string, most int) []Entry {
	if m := codeTyped.FindStringSubmatch(strings.TrimSpace(query)); m != nil {
		return x.byCode(m[1], most)
	}
	score := make(map[int32]float64)
	first := x.read(words(query, mostWords))
	x.judge(first, 1, score)
	// the same in the words of the catalogue, as typed and with the slips mended
	said, mended := make([]string, len(first)), make([]string, len(first))
	for i, w := range first {
		said[i], mended[i] = w.plain, w.plain
		if len(w.means) > 0 {
			mended[i] = x.terms[w.means[0].term].plain
		}
	}
	x.putAndJudge(said, score)
	if !slices.Equal(said, mended) {
		x.putAndJudge(mended, score)
	}
	return x.best(score, most)
}

// putAndJudge judges what is said in the words of the catalogue. What was put may be put again:
// "giấy khai sanh" is "giấy khai sinh", which is "khai sinh".
func (x *Index) putAndJudge(said []string, score map[int32]float64) {
	for round := range 3 {
		put, changed := x.say.inCatalogue(said)
		if !changed || len(put) > 2*mostWords {
			return
		}
		list := make([]word, len(put))
		for i, p := range put {
			list[i] = word{plain: p}
		}
		x.judge(x.read(list), inOurWords-0.01*float64(round), score)
		said = put
	}
}

// byCode gives the entries whose code begins so.
func (x *Index) byCode(code string, most int) []Entry {
	var out []Entry
	for _, e := range x.entries {
		if strings.HasPrefix(e.Code, code) {
			out = append(out, e)
		}
	}
	slices.SortFunc(out, func(a, b Entry) int { return cmp.Compare(a.Code, b.Code) })
	return out[:min(len(out), most)]
}

// read gives each word its meanings and takes apart what was typed as one.
func (x *Index) read(list []word) []typed {
	var out []typed
	for i, w := range list {
		means := x.meanings(w.plain, i == len(list)-1)
		if len(means) == 0 || means[0].weight < byKeyboard {
			if parts := x.apart(w.plain); parts != nil && len(out)+len(parts) <= 2*mostWords {
				for _, p := range parts {
					out = append(out, typed{word: word{plain: p}, means: x.meanings(oneSpelling(p), false)})
				}
				continue
			}
		}
		out = append(out, typed{word: w, means: means})
	}
	for i := range out {
		x.inContext(out, i)
	}
	for i := range out {
		w := &out[i]
		switch {
		case x.say.filler[w.plain]:
			w.worth = 0.4
		case len(w.means) == 0: // a name, a place, a word nobody knows here
			w.worth = x.rarest * 0.45
		default:
			w.worth = x.terms[w.means[0].term].worth
		}
	}
	return out
}

// judge gives each entry the best of what its lines score, times factor.
func (x *Index) judge(query []typed, factor float64, score map[int32]float64) {
	var all float64
	for _, w := range query {
		all += w.worth
	}
	if all == 0 {
		return
	}
	has, in := make([]float64, len(x.lines)), make([]float32, len(x.lines))
	var touched []int32
	for _, w := range query {
		var here []int32
		for _, m := range w.means {
			for _, l := range x.terms[m.term].lines {
				if in[l] == 0 {
					here = append(here, l)
				}
				in[l] = max(in[l], m.weight)
			}
		}
		for _, l := range here {
			if has[l] == 0 {
				touched = append(touched, l)
			}
			has[l] += float64(in[l]) * w.worth
			in[l] = 0
		}
	}
	type candidate struct {
		line int32
		has  float64
	}
	var list []candidate
	for _, l := range touched {
		h := has[l]
		whole := x.lines[l].worth
		if h >= enough*all || len(x.lines[l].terms) > 1 && h >= 0.9*whole && h >= inside*all {
			list = append(list, candidate{l, h})
		}
	}
	slices.SortFunc(list, func(a, b candidate) int { return cmp.Or(cmp.Compare(b.has, a.has), cmp.Compare(a.line, b.line)) })
	for _, c := range list[:min(len(list), examined)] {
		l := &x.lines[c.line]
		if s := x.compare(query, all, l) * factor; s > score[l.entry] {
			score[l.entry] = s
		}
	}
}

// compare says how well a line answers the words, from 0 to 1: how much of what they tell is there,
// how much of it side by side as typed, and how little else the line holds.
func (x *Index) compare(query []typed, all float64, l *line) float64 {
	at := make([][]int, len(query)) // per word, the places where the line has it
	var have, together, pairsWorth, covered float64
	seen := make([]bool, len(l.terms))
	for i, w := range query {
		var best float64
		for p, t := range l.terms {
			for _, m := range w.means {
				if m.term != t {
					continue
				}
				weight := float64(m.weight)
				if w.marked != "" && m.weight == asTyped && w.marked != l.marks[p] {
					weight *= 0.86 // another word, or its marks were typed wrongly
				}
				best = max(best, weight)
				at[i] = append(at[i], p)
				if !seen[p] {
					seen[p] = true
					covered += x.terms[t].worth
				}
			}
		}
		have += best * w.worth
		if i > 0 {
			worth := w.worth + query[i-1].worth
			pairsWorth += worth
			if follows(at[i-1], at[i]) {
				together += worth
			}
		}
	}
	have /= all
	side := have
	if pairsWorth > 0 {
		side = together / pairsWorth
	}
	little := covered / l.worth
	switch {
	case l.heap:
		little, side = 0.4, side*0.9
	case little > 0.999 && len(l.terms) > 1 && inOrder(at, len(l.terms)):
		have, side = math.Pow(have, 0.6), 1
	}
	return have * (0.56 + 0.2*side + 0.24*little)
}

// inOrder says whether the words have a line whole, from its first place to its last.
func inOrder(at [][]int, places int) bool {
	for i := range at {
		n := 0
		for i+n < len(at) && n < places && slices.Contains(at[i+n], n) {
			n++
		}
		if n == places {
			return true
		}
	}
	return false
}

// follows says whether any place of b comes right after one of a.
func follows(a, b []int) bool {
	for _, p := range a {
		if slices.Contains(b, p+1) {
			return true
		}
	}
	return false
}

// best sorts what was found.
func (x *Index) best(score map[int32]float64, most int) []Entry {
	type found struct {
		entry int32
		score float64
	}
	list := make([]found, 0, len(score))
	for e, s := range score {
		switch {
		case x.entries[e].Open:
			s *= openGain
		case x.say.phrases[x.entries[e].Code] != nil:
			s *= askedGain
		}
		list = append(list, found{e, s})
	}
	slices.SortFunc(list, func(a, b found) int {
		p, q := x.entries[a.entry], x.entries[b.entry]
		return cmp.Or(cmp.Compare(b.score, a.score), -cmpBool(p.Open, q.Open), cmp.Compare(len(p.Title), len(q.Title)), cmp.Compare(p.Code, q.Code))
	})
	out := make([]Entry, 0, min(len(list), most))
	for _, f := range list {
		if len(out) == most || f.score < 0.45*list[0].score {
			break
		}
		out = append(out, x.entries[f.entry])
	}
	return out
}

func cmpBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}
