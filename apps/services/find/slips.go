package find

import (
	"cmp"
	"slices"
	"strings"
)

// meaning is a word of the catalogue that a typed word may stand for.
type meaning struct {
	term   int32
	weight float32 // 1 as typed, less the further it is from that
}

const (
	mostMeanings = 6    // of one typed word
	asTyped      = 1.0  // the word itself
	byKeyboard   = 0.97 // what a Vietnamese keyboard left undone
	bySound      = 0.85 // spelled as it is spoken
	bySlip       = 0.8  // one letter off
	byTwoSlips   = 0.6
	byContext    = 0.62 // a word of the catalogue, but not beside these others
	byBeginning  = 0.6  // the last word may not be typed to its end
)

// meanings are what a typed word may stand for, the nearest first; none where nothing is near.
func (x *Index) meanings(plain string, last bool) []meaning {
	best := map[int32]float32{}
	note := func(candidate string, weight float32) {
		if t, ok := x.vocab[oneSpelling(candidate)]; ok {
			best[t] = max(best[t], weight)
		}
	}
	note(plain, asTyped)
	if _, known := x.vocab[plain]; !known {
		for _, c := range keyboards(plain) {
			note(c, byKeyboard)
		}
		if once := undoubled(plain); once != plain {
			note(once, 0.95)
		}
		if len(best) == 0 {
			x.near(plain, best)
		}
	}
	if last && len(plain) > 1 {
		x.begins(plain, best)
	}
	return strongest(best, x)
}

func strongest(best map[int32]float32, x *Index) []meaning {
	out := make([]meaning, 0, len(best))
	for t, w := range best {
		out = append(out, meaning{t, w})
	}
	slices.SortFunc(out, func(a, b meaning) int {
		return cmp.Or(cmp.Compare(b.weight, a.weight), cmp.Compare(len(x.terms[b.term].lines), len(x.terms[a.term].lines)), cmp.Compare(a.term, b.term))
	})
	return out[:min(len(out), mostMeanings)]
}

// near adds the words that sound the same or are a slip or two of the keyboard away.
func (x *Index) near(plain string, best map[int32]float32) {
	if len(plain) < 3 {
		return
	}
	for _, t := range x.sounds[sound(plain)] {
		best[t] = max(best[t], bySound)
	}
	typed := []rune(plain)
	for t := range x.terms {
		w := x.terms[t].runes
		if d := len(w) - len(typed); d > 2 || d < -2 {
			continue
		}
		switch d := distance(typed, w, 2); {
		case d == 1:
			weight := float32(bySlip)
			if typed[0] != w[0] { // the first letter is seldom wrong
				weight -= 0.1
			}
			best[int32(t)] = max(best[int32(t)], weight)
		case d == 2 && len(typed) > 5:
			best[int32(t)] = max(best[int32(t)], byTwoSlips)
		}
	}
}

// begins adds the words that begin so, the most frequent first.
func (x *Index) begins(plain string, best map[int32]float32) {
	from, _ := slices.BinarySearchFunc(x.sorted, plain, func(t int32, p string) int { return strings.Compare(x.terms[t].plain, p) })
	var found []int32
	for _, t := range x.sorted[from:] {
		if !strings.HasPrefix(x.terms[t].plain, plain) {
			break
		}
		found = append(found, t)
	}
	slices.SortFunc(found, func(a, b int32) int {
		return cmp.Or(cmp.Compare(len(x.terms[b].lines), len(x.terms[a].lines)), cmp.Compare(a, b))
	})
	for _, t := range found[:min(len(found), 4)] {
		best[t] = max(best[t], byBeginning)
	}
}

// inContext adds to a word that never stands beside its neighbours the near words that do: "khai
// sing" is about a birth, though "sing" may be a word as well.
func (x *Index) inContext(list []typed, i int) {
	at := &list[i]
	if len(at.means) == 0 || at.means[0].weight < asTyped || len(at.plain) < 3 || x.beside(list, i, at.means[:1]) {
		return
	}
	near := map[int32]float32{}
	x.near(at.plain, near)
	for t, w := range near {
		if w >= 0.7 && x.beside(list, i, []meaning{{t, w}}) && !slices.ContainsFunc(at.means, func(m meaning) bool { return m.term == t }) {
			at.means = append(at.means, meaning{t, byContext})
		}
	}
	slices.SortStableFunc(at.means, func(a, b meaning) int { return cmp.Or(cmp.Compare(b.weight, a.weight), cmp.Compare(a.term, b.term)) })
	at.means = at.means[:min(len(at.means), mostMeanings)]
}

// beside says whether a word with one of these meanings stands next to a neighbour anywhere.
func (x *Index) beside(list []typed, i int, means []meaning) bool {
	for _, m := range means {
		if i > 0 {
			for _, before := range list[i-1].means {
				if _, ok := x.pairs[pair{before.term, m.term}]; ok {
					return true
				}
			}
		}
		if i+1 < len(list) {
			for _, after := range list[i+1].means {
				if _, ok := x.pairs[pair{m.term, after.term}]; ok {
					return true
				}
			}
		}
	}
	return false
}

// apart takes words typed as one: "khaisinh", "hokhau". Nil where it is not all words.
func (x *Index) apart(plain string) []string {
	if len(plain) < 5 {
		return nil
	}
	type way struct {
		parts int
		score float64
		from  int
	}
	best := make([]way, len(plain)+1)
	for end := 2; end <= len(plain); end++ {
		for from := max(0, end-7); from <= end-2; from++ {
			if from > 0 && best[from].parts == 0 {
				continue
			}
			t, ok := x.vocab[oneSpelling(plain[from:end])]
			if !ok || end-from < 3 && len(x.terms[t].lines) < 2 {
				continue
			}
			w := way{best[from].parts + 1, best[from].score + x.terms[t].worth + 4, from}
			if before := best[end]; before.parts == 0 || w.score < before.score {
				best[end] = w
			}
		}
	}
	n := best[len(plain)].parts
	if n < 2 || n > 6 {
		return nil
	}
	out := make([]string, n)
	for end := len(plain); end > 0; end = best[end].from {
		n--
		out[n] = plain[best[end].from:end]
	}
	return out
}

// keyboards are what a word was to become on a Vietnamese keyboard that was off: Telex ("ddawng",
// "giaays") and VNI ("d9a8ng", "gia61y"), without marks.
func keyboards(plain string) []string {
	var out []string
	if strings.ContainsAny(plain, "123456789") && strings.ContainsAny(plain, "aeiouy") {
		if stripped := strings.Map(func(r rune) rune {
			if r >= '1' && r <= '9' {
				return -1
			}
			return r
		}, plain); stripped != "" {
			out = append(out, stripped)
		}
	}
	t := strings.NewReplacer("dd", "d", "aa", "a", "ee", "e", "oo", "o", "aw", "a", "ow", "o", "uw", "u").Replace(plain)
	if t != plain {
		out = append(out, t)
	}
	for _, s := range []string{plain, t} {
		// the key of the tone stands somewhere after the vowel, mostly at the end
		for i := len(s) - 1; i > 0; i-- {
			if strings.IndexByte("sfrxj", s[i]) >= 0 && strings.ContainsAny(s[:i], "aeiouy") {
				cut := s[:i] + s[i+1:]
				out = append(out, cut, strings.NewReplacer("aa", "a", "ee", "e", "oo", "o", "dd", "d", "w", "").Replace(cut))
			}
		}
		if strings.Contains(s, "w") {
			out = append(out, strings.ReplaceAll(s, "w", ""), strings.ReplaceAll(s, "w", "u"))
		}
	}
	return out
}

// undoubled writes each letter that follows itself once.
func undoubled(s string) string {
	var b strings.Builder
	var before rune
	for _, r := range s {
		if r != before {
			b.WriteRune(r)
		}
		before = r
	}
	return b.String()
}

// sounding are spellings that sound alike in the south, from left to right.
var sounding = strings.NewReplacer("ngh", "ng", "gh", "g", "gi", "d", "tr", "ch", "qu", "w", "ph", "f", "x", "s", "k", "c", "r", "g", "v", "d")

// sound is how a syllable sounds in the south, so that who writes as she speaks is understood:
// "dấy" for giấy, "chợ cấp" for trợ cấp, "đăng kí xăn sinh".
func sound(plain string) string {
	s := sounding.Replace(plain)
	for _, end := range [][2]string{{"ng", "n"}, {"t", "c"}, {"nh", "n"}} {
		if stem, ok := strings.CutSuffix(s, end[0]); ok && len(stem) > 1 {
			return stem + end[1]
		}
	}
	return s
}

// distance counts the slips between two words — a letter too many, missing, wrong, or two turned
// round — and gives up beyond most.
func distance(a, b []rune, most int) int {
	if d := len(a) - len(b); d > most || -d > most {
		return most + 1
	}
	var rows [3][longestWord + 2]int
	before, last, now := &rows[0], &rows[1], &rows[2]
	for j := range len(b) + 1 {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		now[0] = i
		least := now[0]
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			d := min(last[j]+1, now[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d = min(d, before[j-2]+1)
			}
			now[j] = d
			least = min(least, d)
		}
		if least > most {
			return most + 1
		}
		before, last, now = last, now, before
	}
	return last[len(b)]
}
