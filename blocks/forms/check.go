package forms

import (
	"fmt"
	"net/mail"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"golang.org/x/text/unicode/norm"

	"datmui/kit/clock"
	"datmui/kit/fault"
)

const mostEntries = 50 // of a repeated group, unless told less

// Check judges answers against the form: what comes back is canonical, without what was not asked
// under these answers. Faults are keys of kit/ui ("required", "too-long:200"); a field of a
// repeated group is named group.0.field. Checking the result again changes nothing.
func (f *Form) Check(a Answers) (Answers, fault.Fields) {
	out, faults := f.check(a, "")
	f.derive(out)
	return out, faults
}

func (f *Form) derive(a Answers) {
	for _, d := range f.Derived {
		var parts []string
		for _, n := range d.Join {
			if v := a.Text(n); v != "" {
				parts = append(parts, v)
			}
		}
		delete(a, d.Name)
		if len(parts) > 0 {
			a[d.Name] = strings.Join(parts, " ")
		}
	}
}

// CheckPage judges the questions of one page only; the other answers count as they stand, for
// conditions. The answers of other pages come back untouched.
func (f *Form) CheckPage(a Answers, page string) (Answers, fault.Fields) {
	out, faults := f.check(a, page)
	rest := a.Clone()
	for _, name := range f.namesOn(page) {
		delete(rest, name) // what is not asked any more does not stay behind
	}
	rest = rest.With(out)
	f.derive(rest)
	return rest, faults
}

func (f *Form) check(a Answers, only string) (Answers, fault.Fields) {
	out, faults := Answers{}, fault.Fields{}
	for _, s := range f.Sections {
		if !s.when.Holds(out, keep(only != "", a)) {
			continue
		}
		for _, p := range s.Pages {
			if only != "" && p.ID != only || !p.when.Holds(out, keep(only != "", a)) {
				continue
			}
			f.questions(p.Questions, a, out, "", faults, out, keep(only != "", a))
		}
	}
	return out, faults
}

// keep is the answers of other pages, for conditions, when one page alone is judged.
func keep(yes bool, a Answers) Answers {
	if yes {
		return a
	}
	return nil
}

func (f *Form) questions(qs []Question, in, out Answers, prefix string, faults fault.Fields, scopes ...Answers) {
	for _, q := range qs {
		if !q.when.Holds(append([]Answers{out}, scopes...)...) {
			continue
		}
		name := prefix + q.Name
		if q.Kind == Group {
			if rows := f.entries(q, in.Group(q.Name), name, faults, scopes); len(rows) > 0 {
				out[q.Name] = rows
			}
			continue
		}
		if q.Kind == Choices {
			list, code := f.choices(q, in.List(q.Name))
			if code != "" {
				faults.Set(name, code)
			}
			if len(list) > 0 {
				out[q.Name] = list
			}
			continue
		}
		v, code := f.one(q, in.Text(q.Name))
		if code != "" {
			faults.Set(name, code)
		}
		if v != "" {
			out[q.Name] = v
		}
		if now, code := f.today(q, in); code != "" {
			faults.Set(q.Now(), code)
		} else if now != "" {
			out[q.Now()] = now
		}
	}
}

func (f *Form) entries(q Question, in []Answers, name string, faults fault.Fields, scopes []Answers) []Answers {
	most := mostEntries
	if q.Max != nil {
		most = min(most, int(*q.Max))
	}
	if len(in) > most {
		faults.Set(name, fmt.Sprintf("too-many:%d", most))
		in = in[:most]
	}
	rows := make([]Answers, 0, len(in))
	for i, row := range in {
		one := Answers{}
		f.questions(q.Group, row, one, fmt.Sprintf("%s.%d.", name, i), faults, scopes...)
		rows = append(rows, one)
	}
	least := 0
	if !q.Optional {
		least = 1
	}
	if q.Min != nil {
		least = int(*q.Min)
	}
	if len(rows) < least {
		faults.Set(name, fmt.Sprintf("too-few:%d", least))
	}
	return rows
}

func (f *Form) choices(q Question, in []string) ([]string, string) {
	var out []string
	for _, o := range q.Options { // in the order of the form, each once
		if slices.Contains(in, o.Value) {
			out = append(out, o.Value)
		}
	}
	known := func(s string) bool {
		return s == "" || slices.ContainsFunc(q.Options, func(o Option) bool { return o.Value == s })
	}
	switch {
	case slices.ContainsFunc(in, func(s string) bool { return !known(s) }):
		return out, "choose"
	case len(out) == 0 && !q.Optional:
		return nil, "choose"
	case q.Min != nil && float64(len(out)) < *q.Min && len(out) > 0:
		return out, "too-few:" + number(*q.Min)
	case q.Max != nil && float64(len(out)) > *q.Max:
		return out, "too-many:" + number(*q.Max)
	}
	return out, ""
}

var (
	spaces      = regexp.MustCompile(` {2,}`)
	notDigits   = regexp.MustCompile(`[\s.\-]`)
	twelve      = regexp.MustCompile(`^[0-9]{12}$`)
	phoneNumber = regexp.MustCompile(`^0[0-9]{9,10}$`)
	timeOfDay   = regexp.MustCompile(`^([01][0-9]|2[0-3]):[0-5][0-9]$`)
	plain       = regexp.MustCompile(`^-?[0-9]{1,15}(\.[0-9]{1,6})?$`)
)

// one judges a single answer and returns it in its canonical writing, or as it was given with
// what is wrong.
func (f *Form) one(q Question, given string) (string, string) {
	v := tidy(given, q.Kind == LongText)
	if v == "" {
		if q.Optional {
			return "", ""
		}
		switch q.Kind {
		case Choice, YesNo:
			return "", "one"
		case Unit, PersonalID, Phone, Email, File, Pledge:
			return "", string(q.Kind)
		case Day:
			return "", "date"
		}
		return "", "required"
	}
	switch q.Kind {
	case Line, LongText, PersonName:
		return v, q.text(v)
	case Day:
		return v, f.day(q, v)
	case TimeOfDay:
		return v, unless(timeOfDay.MatchString(v), "time")
	case Decimal, Money:
		return q.number(v)
	case Choice:
		return v, unless(slices.ContainsFunc(q.Options, func(o Option) bool { return o.Value == v }), "one")
	case YesNo:
		return v, unless(v == "yes" || v == "no", "one")
	case Pledge:
		return v, unless(v == "yes", "pledge")
	case Unit:
		_, known := f.unit(v)
		return v, unless(known, "unit")
	case PersonalID:
		v = notDigits.ReplaceAllString(v, "")
		return v, unless(twelve.MatchString(v), "personal-id")
	case Phone:
		v = notDigits.ReplaceAllString(v, "")
		if rest, ok := strings.CutPrefix(v, "+84"); ok {
			v = "0" + rest
		}
		return v, unless(phoneNumber.MatchString(v), "phone")
	case Email:
		at, err := mail.ParseAddress(v)
		ok := err == nil && at.Address == v && len(v) <= 254 && strings.Contains(v[strings.LastIndexByte(v, '@')+1:], ".")
		return v, unless(ok, "email")
	case File:
		id, err := uuid.Parse(v)
		if err != nil {
			return v, "file"
		}
		return id.String(), ""
	}
	return v, "invalid"
}

func unless(ok bool, code string) string {
	if ok {
		return ""
	}
	return code
}

func (q Question) text(v string) string {
	most, least := 200, 0
	if q.Kind == LongText {
		most = 4000
	}
	if q.Max != nil {
		most = int(*q.Max)
	}
	if q.Min != nil {
		least = int(*q.Min)
	}
	switch n := utf8.RuneCountInString(v); {
	case n > most:
		return fmt.Sprintf("too-long:%d", most)
	case n < least:
		return fmt.Sprintf("too-short:%d", least)
	case q.Kind == PersonName && !nameLike(v):
		return "name"
	case q.pattern != nil && !q.pattern.MatchString(v):
		return "pattern"
	}
	return ""
}

// nameLike refuses what no name holds; it does not pretend to know which names exist.
func nameLike(v string) bool {
	letters := 0
	for _, r := range v {
		switch {
		case unicode.IsLetter(r) || unicode.Is(unicode.M, r):
			letters++
		case r != ' ' && r != '-' && r != '\'' && r != '.' && r != '’':
			return false
		}
	}
	return letters > 0
}

func (f *Form) day(q Question, v string) string {
	t, err := time.ParseInLocation(time.DateOnly, v, clock.Vietnam)
	if err != nil || t.Year() < 1850 || t.Year() > 2200 {
		return "date"
	}
	today := f.now().In(clock.Vietnam).Format(time.DateOnly)
	switch {
	case q.Past && v > today:
		return "past"
	case q.Future && v <= today:
		return "future"
	}
	return ""
}

func (q Question) number(v string) (string, string) {
	if !plain.MatchString(v) {
		return v, "number"
	}
	canonical, ok := decimal(v)
	if !ok || (q.Kind == Money || q.Whole) && strings.Contains(canonical, ".") {
		return v, "number"
	}
	n, _ := strconv.ParseFloat(canonical, 64)
	least := q.Min
	if zero := 0.0; q.Kind == Money && least == nil {
		least = &zero
	}
	switch {
	case least != nil && n < *least:
		return canonical, "too-small:" + number(*least)
	case q.Max != nil && n > *q.Max:
		return canonical, "too-large:" + number(*q.Max)
	}
	return canonical, ""
}

func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// tidy composes letters, drops what cannot be seen and joins blanks.
func tidy(s string, lines bool) string {
	s = norm.NFC.String(strings.ToValidUTF8(s, ""))
	s = strings.ReplaceAll(s, "\r\n", "\n")
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' && lines:
			return r
		case r == '\n' || r == '\t' || r == '\r' || unicode.Is(unicode.Zs, r):
			return ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r) && r != '\u200d':
			return -1
		}
		return r
	}, s)
	if strings.Contains(s, "  ") {
		s = spaces.ReplaceAllString(s, " ")
	}
	return strings.TrimSpace(norm.NFC.String(s))
}
