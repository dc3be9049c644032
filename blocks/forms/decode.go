package forms

import (
	"context"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"datmui/kit/lang"
)

// Decode reads what was typed on a page ("" = on the whole form) into answers, numbers and days in
// the writing of the reader's language. What cannot be understood stays as it was typed: Check
// says so, and the page shows it again. Answers to questions of the page that are missing come
// back as "", so that an emptied field is empty.
func (f *Form) Decode(ctx context.Context, typed url.Values, page string) Answers {
	out := Answers{}
	for _, s := range f.Sections {
		for _, p := range s.Pages {
			if page == "" || p.ID == page {
				decode(lang.From(ctx), p.Questions, typed, "", out)
			}
		}
	}
	return out
}

func decode(tag lang.Tag, qs []Question, typed url.Values, prefix string, out Answers) {
	for _, q := range qs {
		name := prefix + q.Name
		switch q.Kind {
		case Group:
			var rows []Answers
			for _, i := range entriesOf(typed, name) {
				row, key := Answers{}, fmt.Sprintf("%s.%d.", name, i)
				decode(tag, q.Group, typed, key, row)
				if typed.Get("remove") != strings.TrimSuffix(key, ".") && !blank(row) {
					rows = append(rows, row)
				}
			}
			out[q.Name] = rows
		case Choices:
			out[q.Name] = slices.Clone(typed[name])
		case Day:
			out[q.Name] = dayTyped(typed, name)
		case Decimal, Money:
			out[q.Name] = numberTyped(tag, typed.Get(name))
		case TimeOfDay:
			out[q.Name] = timeTyped(typed.Get(name))
		case Pledge:
			out[q.Name] = ""
			if v := typed.Get(name); v == "1" || v == "yes" {
				out[q.Name] = "yes"
			}
		default:
			out[q.Name] = typed.Get(name)
			if q.Place {
				out[q.Now()] = typed.Get(q.Now())
			}
		}
	}
}

// entriesOf finds the entries of a repeated group by their field names, in order.
func entriesOf(typed url.Values, name string) []int {
	var out []int
	for key := range typed {
		rest, ok := strings.CutPrefix(key, name+".")
		if !ok {
			continue
		}
		digits, _, ok := strings.Cut(rest, ".")
		if i, err := strconv.Atoi(digits); ok && err == nil && i >= 0 && i < 1000 && !slices.Contains(out, i) {
			out = append(out, i)
		}
	}
	slices.Sort(out)
	return out[:min(len(out), mostEntries+1)]
}

func blank(row Answers) bool {
	for name := range row {
		if slices.ContainsFunc(row.List(name), func(s string) bool { return strings.TrimSpace(s) != "" }) {
			return false
		}
	}
	return true
}

var dayParts = regexp.MustCompile(`^([0-9]{1,2})[/.\- ]([0-9]{1,2})[/.\- ]([0-9]{4})$`)

// dayTyped joins the three parts of a day, or takes it whole. An incomplete day stays d/m/y.
func dayTyped(typed url.Values, name string) string {
	v := strings.TrimSpace(typed.Get(name))
	if v == "" {
		d, m, y := strings.TrimSpace(typed.Get(name+".day")), strings.TrimSpace(typed.Get(name+".month")), strings.TrimSpace(typed.Get(name+".year"))
		if d+m+y == "" {
			return ""
		}
		v = d + "/" + m + "/" + y
	}
	if p := dayParts.FindStringSubmatch(v); p != nil {
		return fmt.Sprintf("%s-%02s-%02s", p[3], pad(p[2]), pad(p[1]))
	}
	return v
}

func pad(s string) string {
	if len(s) == 1 {
		return "0" + s
	}
	return s
}

// DayParts takes a day apart for three fields, also one that is no day.
func DayParts(v string) (day, month, year string) {
	if y, rest, ok := strings.Cut(v, "-"); ok && len(y) == 4 {
		m, d, _ := strings.Cut(rest, "-")
		return strings.TrimPrefix(d, "0"), strings.TrimPrefix(m, "0"), y
	}
	day, rest, _ := strings.Cut(v, "/")
	month, year, _ = strings.Cut(rest, "/")
	return day, month, year
}

var timeParts = regexp.MustCompile(`^([0-9]{1,2})\s*(?:[:hg]|giờ)\s*([0-9]{1,2})?\s*(?:phút)?$`)

// timeTyped takes 8:05, 8h05, 8 giờ 05 and 8h.
func timeTyped(v string) string {
	p := timeParts.FindStringSubmatch(strings.ToLower(strings.TrimSpace(v)))
	if p == nil {
		return v
	}
	if p[2] == "" {
		p[2] = "00"
	}
	return pad(p[1]) + ":" + pad(p[2])
}

var (
	grouped = map[lang.Tag]*regexp.Regexp{
		lang.Vietnamese: regexp.MustCompile(`^-?[0-9]{1,3}(\.[0-9]{3})+(,[0-9]+)?$`),
		lang.English:    regexp.MustCompile(`^-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?$`),
	}
	unitsBehind = regexp.MustCompile(`(?i)\s*(đồng|đ|vnd|m²|m2|m|kw|ha|kg)$`)
)

// numberTyped reads 1.250.000 and 11,9 in Vietnamese, 1,250,000 and 11.9 in English.
func numberTyped(tag lang.Tag, v string) string {
	v = unitsBehind.ReplaceAllString(strings.Join(strings.Fields(v), ""), "")
	thousands, comma := ".", ","
	if tag == lang.English {
		thousands, comma = ",", "."
	}
	re := grouped[tag]
	if re == nil {
		re = grouped[lang.Vietnamese]
	}
	if re.MatchString(v) {
		v = strings.ReplaceAll(v, thousands, "")
	}
	return strings.Replace(v, comma, ".", 1)
}
