package numbering

import (
	"fmt"
	"regexp"
	"strconv"
	"time"

	"datmui/kit/clock"
)

// Code is a daily code in its parts: H12.05-261123-0001.
type Code struct {
	Prefix string    // the unit's identifier: H12.05, or the old 000.00.05.H12
	Day    time.Time // midnight in Vietnam
	Number int
}

// String writes the code with at least four digits; beyond 9999 it widens.
// law: public-services.md 7 — <agency>-yyMMdd-nnnn, beyond 9999 a day: widen, never wrap.
func (c Code) String() string {
	return fmt.Sprintf("%s-%s-%04d", c.Prefix, c.Day.In(clock.Vietnam).Format("060102"), c.Number)
}

var codeRE = regexp.MustCompile(`^(H[0-9]{2}(?:\.[0-9]{2,3}){0,3}|[0-9]{3}\.[0-9]{2}\.[0-9]{2}\.H[0-9]{2})-([0-9]{6})-([0-9]{4,9})$`)

// ParseCode reads a daily code of a province, current or legacy. Codes of other systems are kept
// as they are and not read.
func ParseCode(s string) (Code, bool) {
	m := codeRE.FindStringSubmatch(s)
	if m == nil {
		return Code{}, false
	}
	day, err := time.ParseInLocation("060102", m[2], clock.Vietnam)
	if err != nil || day.Year() < 2000 || len(m[3]) > 4 && m[3][0] == '0' {
		return Code{}, false
	}
	n, err := strconv.Atoi(m[3])
	if err != nil || n == 0 {
		return Code{}, false
	}
	return Code{Prefix: m[1], Day: day, Number: n}, true
}
