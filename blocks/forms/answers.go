package forms

import (
	"maps"
	"math/big"
	"slices"
	"strconv"
	"time"

	"datmui/kit/clock"
)

// Answers are what a person filled in, by name of the question: a text, a list of texts, or for a
// repeated group a list of Answers. It is stored as JSON beside the version of the form.
type Answers map[string]any

// Text is the answer as it is stored; of several values the first, "" when there is none.
func (a Answers) Text(name string) string {
	if l := a.List(name); len(l) > 0 {
		return l[0]
	}
	return ""
}

// List is an answer with several values; one that was not answered has none.
func (a Answers) List(name string) []string {
	switch v := a[name].(type) {
	case string:
		return []string{v}
	case []string:
		return v
	case []any:
		out := []string{}
		for _, x := range v {
			if s, ok := x.(string); ok {
				out = append(out, s)
			}
		}
		return out
	}
	return nil
}

// Group is the entries of a repeated group.
func (a Answers) Group(name string) []Answers {
	switch v := a[name].(type) {
	case []Answers:
		return v
	case []any:
		var out []Answers
		for _, x := range v {
			switch m := x.(type) {
			case map[string]any:
				out = append(out, m)
			case Answers:
				out = append(out, m)
			}
		}
		return out
	}
	return nil
}

// Yes says whether the answer is yes.
func (a Answers) Yes(name string) bool { return a.Text(name) == "yes" }

// Number is a numeric answer.
func (a Answers) Number(name string) (float64, bool) {
	f, err := strconv.ParseFloat(a.Text(name), 64)
	return f, err == nil
}

// Int is a whole number: a count, or money in đồng.
func (a Answers) Int(name string) (int64, bool) {
	n, err := strconv.ParseInt(a.Text(name), 10, 64)
	return n, err == nil
}

// Date is a day as midnight in Vietnam.
func (a Answers) Date(name string) (time.Time, bool) {
	t, err := time.ParseInLocation(time.DateOnly, a.Text(name), clock.Vietnam)
	return t, err == nil
}

// Clone copies the answers so that either side may be changed.
func (a Answers) Clone() Answers {
	out := Answers{}
	for k, v := range a {
		switch v := v.(type) {
		case []string:
			out[k] = slices.Clone(v)
		case []Answers, []any:
			if g := a.Group(k); g != nil {
				rows := make([]Answers, len(g))
				for i := range g {
					rows[i] = g[i].Clone()
				}
				out[k] = rows
			} else {
				out[k] = slices.Clone(a.List(k))
			}
		default:
			out[k] = v
		}
	}
	return out
}

// With returns the answers with those of other laid over them.
func (a Answers) With(other Answers) Answers {
	out := a.Clone()
	maps.Copy(out, other.Clone())
	return out
}

// Equal says whether two sets of answers say the same.
func (a Answers) Equal(b Answers) bool {
	return len(a) == len(b) && maps.EqualFunc(a, b, func(x, y any) bool {
		one, two := Answers{"": x}, Answers{"": y}
		g, h := one.Group(""), two.Group("")
		return slices.Equal(one.List(""), two.List("")) && slices.EqualFunc(g, h, Answers.Equal)
	})
}

// decimal writes a number without what says nothing: 012.50 is 12.5.
func decimal(s string) (string, bool) {
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		return "", false
	}
	for digits := range 7 {
		if t := r.FloatString(digits); func() bool { x, _ := new(big.Rat).SetString(t); return x.Cmp(r) == 0 }() {
			return t, true
		}
	}
	return "", false
}
