package idnumber

import (
	"slices"
	"strings"
	"time"
)

// Kind is which number it is.
type Kind string

// The kinds of numbers.
const (
	Personal  Kind = "cccd"  // số định danh: 12 digits, also the number of the ID card
	OldCard   Kind = "cmnd"  // identity card before 2016: 9 digits
	Tax       Kind = "mst"   // tax code: 10 digits, or with a branch, or a personal number
	Insurance Kind = "bhyt"  // health insurance card: 15 characters
	Phone     Kind = "phone" // telephone
)

// Kinds lists them.
var Kinds = []Kind{Personal, OldCard, Tax, Insurance, Phone}

// Verdict is how sure the form is.
type Verdict string

// The verdicts. Warn never blocks: a person decides.
const (
	Valid   Verdict = "valid"
	Warn    Verdict = "warn"
	Invalid Verdict = "invalid"
)

// Hints is what else the person has declared. Zero values are not compared.
type Hints struct {
	Sex   string    // "male" or "female"
	Birth int       // year of birth
	Now   time.Time // a birth after this is doubted
}

// Result is the judgement. Reasons are stable codes; each is also the key idnumber.<code> of a text.
type Result struct {
	Verdict    Verdict  `json:"verdict"`
	Normalised string   `json:"normalised"` // as it is to be stored; "" when invalid
	Reasons    []string `json:"reasons"`
}

// Check judges a number of a kind.
func Check(kind Kind, value string, h Hints) Result {
	if len(value) > 64 {
		return invalid("length")
	}
	switch kind {
	case Personal:
		return personal(strip(value, " ."), h)
	case OldCard:
		return oldCard(strip(value, " ."))
	case Tax:
		return tax(strip(value, " ."), h)
	case Insurance:
		return insurance(strip(value, " .-"))
	case Phone:
		return phone(strip(value, " .-()"))
	}
	return invalid("kind")
}

func invalid(reason string) Result {
	return Result{Verdict: Invalid, Reasons: []string{reason}}
}

// judged is valid without doubts, else a warning that lists them.
func judged(normalised string, doubts ...string) Result {
	r := Result{Verdict: Valid, Normalised: normalised, Reasons: []string{}}
	for _, d := range doubts {
		if d != "" {
			r.Verdict, r.Reasons = Warn, append(r.Reasons, d)
		}
	}
	return r
}

// strip removes what people write between the digits.
func strip(s, between string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(between, r) || r == '\t' || r == '\u00a0' {
			return -1
		}
		return r
	}, s)
}

func digits(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
}

func number(s string) (n int) {
	for _, c := range []byte(s) {
		n = n*10 + int(c-'0')
	}
	return n
}

// provinces are the two last digits of the codes of the provinces before the merger of 2025: the
// number keeps the province where the birth was registered then.
var provinces = []int{1, 2, 4, 6, 8, 10, 11, 12, 14, 15, 17, 19, 20, 22, 24, 25, 26, 27, 30, 31, 33, 34, 35, 36, 37, 38,
	40, 42, 44, 45, 46, 48, 49, 51, 52, 54, 56, 58, 60, 62, 64, 66, 67, 68, 70, 72, 74, 75, 77, 79, 80, 82, 83, 84, 86,
	87, 89, 91, 92, 93, 94, 95, 96}

// personal: 3 digits province, 1 century and sex, 2 year of birth, 6 serial; no check digit.
func personal(s string, h Hints) Result {
	switch {
	case s == "":
		return invalid("empty")
	case !digits(s):
		return invalid("characters")
	case len(s) != 12:
		return invalid("length")
	case s[3] > '5':
		return invalid("century")
	}
	var doubts []string
	if !slices.Contains(provinces, number(s[:3])) {
		doubts = append(doubts, "province")
	}
	century := int(s[3] - '0')
	birth := 1900 + century/2*100 + number(s[4:6])
	sex := []string{"male", "female"}[century%2]
	if birth >= 2100 || !h.Now.IsZero() && birth > h.Now.Year() {
		doubts = append(doubts, "birth-in-future")
	}
	if h.Sex != "" && h.Sex != sex {
		doubts = append(doubts, "sex-differs")
	}
	if h.Birth != 0 && h.Birth != birth {
		doubts = append(doubts, "birth-differs")
	}
	return judged(s, doubts...)
}

func oldCard(s string) Result {
	switch {
	case s == "":
		return invalid("empty")
	case !digits(s):
		return invalid("characters")
	case len(s) != 9:
		return invalid("length")
	case s == "000000000":
		return invalid("serial")
	}
	return judged(s)
}

var taxWeights = [9]int{31, 29, 23, 19, 17, 13, 7, 5, 3}

// tax: the tenth digit is 10 − (weighted sum mod 11). Where that gives 10 the sources disagree
// on what is printed: a warning, whatever stands there.
func tax(s string, h Hints) Result {
	if len(s) == 12 && digits(s) { // since July 2025 people and households use the personal number
		return personal(s, h)
	}
	base, branch, dashed := strings.Cut(s, "-")
	if !dashed && len(s) == 13 {
		base, branch, dashed = s[:10], s[10:], true
	}
	switch {
	case s == "":
		return invalid("empty")
	case !digits(base) || !digits(branch):
		return invalid("characters")
	case len(base) != 10 || dashed && len(branch) != 3:
		return invalid("length")
	case branch == "000":
		return invalid("branch")
	}
	sum := 0
	for i, w := range taxWeights {
		sum += w * int(base[i]-'0')
	}
	doubt := ""
	if want := 10 - sum%11; want == 10 {
		doubt = "check-digit-disputed"
	} else if int(base[9]-'0') != want {
		return invalid("check-digit")
	}
	if dashed {
		base += "-" + branch
	}
	return judged(base, doubt)
}

// insurance: 2 letters group, 1 benefit level, 2 province, 10 social insurance number.
func insurance(s string) Result {
	s = strings.ToUpper(s)
	switch {
	case s == "":
		return invalid("empty")
	case len(s) != 15:
		return invalid("length")
	case s[0] < 'A' || s[0] > 'Z' || s[1] < 'A' || s[1] > 'Z' || !digits(s[2:]):
		return invalid("characters")
	case s[2] < '1' || s[2] > '5':
		return invalid("benefit-level")
	}
	return judged(s)
}

// phone: mobiles, the land lines of the province and the hotline 0290.1022. Others are doubted.
func phone(s string) Result {
	if rest, ok := strings.CutPrefix(s, "+84"); ok {
		s = "0" + rest
	} else if len(s) >= 11 && strings.HasPrefix(s, "84") {
		s = "0" + s[2:]
	}
	switch {
	case s == "":
		return invalid("empty")
	case !digits(s):
		return invalid("characters")
	case len(s) < 3 || s[0] != '0':
		return invalid("prefix")
	}
	doubt := ""
	switch {
	case s == "02901022":
	case strings.ContainsRune("35789", rune(s[1])):
		if len(s) != 10 {
			return invalid("length")
		}
	case s[1] == '2':
		if len(s) != 11 {
			return invalid("length")
		}
		if a := s[:4]; a != "0290" && a != "0291" {
			doubt = "landline-elsewhere"
		}
	default:
		return invalid("prefix")
	}
	return judged("+84"+s[1:], doubt)
}
