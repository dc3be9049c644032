package directory

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"datmui/kit/pg"
)

// FormerUnit is a commune as it was called before a change, and what its territory belongs to now.
type FormerUnit struct {
	Name     string // "Xã Tân Thuận"
	District string // "Huyện Đầm Dơi"; "" where the district is not known
	Now      []Unit // code and name; more than one where the commune was split
}

// FormerUnits lists all communes that a change ended or carried on, with the units of a day that
// follow them, change after change.
func (b *Block) FormerUnits(ctx context.Context, at time.Time) ([]FormerUnit, error) {
	type row struct {
		Name, District   string
		NowCode, NowName string
	}
	rows, err := pg.All[row](b.db.Query(ctx, `
		WITH RECURSIVE path AS (
			SELECT old_code, old_name, day AS since, new_code AS code, day FROM directory.unit_successor WHERE day <= @day
			UNION
			SELECT p.old_code, p.old_name, p.since, s.new_code, s.day FROM path p
			JOIN directory.unit_successor s ON s.old_code = p.code AND s.day > p.day AND s.day <= @day
			WHERE NOT EXISTS (SELECT FROM directory.unit_successor e
				WHERE e.old_code = p.code AND e.day > p.day AND e.day < s.day)
		)
		SELECT DISTINCT p.old_name AS name, coalesce(d.name, '') AS district, u.code AS now_code, u.name AS now_name
		FROM path p
		JOIN directory.unit u ON u.code = p.code AND u.level = 'commune' AND u.valid_from <= @day AND (u.valid_to IS NULL OR u.valid_to > @day)
		LEFT JOIN directory.unit o ON o.code = p.old_code AND o.valid_from < p.since AND (o.valid_to IS NULL OR o.valid_to >= p.since)
		LEFT JOIN directory.unit d ON d.code = o.parent AND d.level = 'district' AND d.valid_from < p.since AND (d.valid_to IS NULL OR d.valid_to >= p.since)
		WHERE NOT EXISTS (SELECT FROM directory.unit_successor e WHERE e.old_code = p.code AND e.day > p.day AND e.day <= @day)
		ORDER BY 1, 2, 4, 3`, pgx.NamedArgs{"day": Day(at)}))
	if err != nil {
		return nil, err
	}
	var out []FormerUnit
	for _, r := range rows {
		if n := len(out); n == 0 || out[n-1].Name != r.Name || out[n-1].District != r.District {
			out = append(out, FormerUnit{Name: r.Name, District: r.District})
		}
		last := &out[len(out)-1]
		last.Now = append(last.Now, Unit{Code: r.NowCode, Name: r.NowName})
	}
	return out, nil
}

// districtWords begin the names of the level that ended on 1 July 2025.
var districtWords = []string{"huyen ", "thi xa ", "thanh pho ", "tp.", "tp "}

// FormerNames finds former communes in addresses.
type FormerNames struct {
	units     []FormerUnit
	folded    []string // of each unit
	districts []string // of each unit, as a text would hold it; "" without one
	current   map[string]bool
	names     []string // all folded names, each once
}

// NewFormerNames prepares to look for former communes; current are the names in force, which are
// read as they stand where no district follows.
func NewFormerNames(former []FormerUnit, current []string) *FormerNames {
	n := &FormerNames{units: former, current: map[string]bool{}}
	for _, f := range former {
		n.folded = append(n.folded, pg.Fold(f.Name))
		district := ""
		if f.District != "" {
			district = districtName(f.District)
		}
		n.districts = append(n.districts, district)
	}
	for _, c := range current {
		n.current[pg.Fold(c)] = true
	}
	n.names = slices.Concat(n.folded, slices.Collect(maps.Keys(n.current)))
	slices.Sort(n.names)
	n.names = slices.Compact(n.names)
	return n
}

// In finds the former communes that an address in words may mean. Case and diacritics do not count.
// law: public-services.md 18.2 A22 — the text is kept, the unit of today is asked for, nothing is guessed.
func (n *FormerNames) In(text string) []FormerUnit {
	at := " " + strings.Join(strings.Fields(pg.Fold(text)), " ") + " "
	named := map[string]bool{} // folded names that stand in the text, the longest at a place
	for _, name := range n.names {
		if hasName(at, name) {
			named[name] = true
		}
	}
	for name := range named {
		for other := range named {
			if other != name && hasName(" "+other+" ", name) {
				delete(named, name) // "xã Tân An" inside "xã Tân An Tây"
			}
		}
	}
	if len(named) == 0 {
		return nil
	}
	district := slices.ContainsFunc(districtWords, func(w string) bool { return strings.Contains(at, " "+w) })
	if !district {
		for name := range named {
			if n.current[name] {
				return nil
			}
		}
	}
	var sure, maybe []FormerUnit
	for i, f := range n.units {
		switch {
		case !named[n.folded[i]]:
		case n.districts[i] != "" && strings.Contains(at, n.districts[i]):
			sure = append(sure, f)
		case !district || f.District == "":
			maybe = append(maybe, f)
		}
	}
	if len(sure) > 0 {
		return sure
	}
	return maybe
}

// districtName is the name of a district without the word before it, as the text would hold it.
func districtName(name string) string {
	folded := pg.Fold(name)
	for _, w := range districtWords {
		if rest, ok := strings.CutPrefix(folded, w); ok {
			return " " + rest
		}
	}
	return " " + folded
}

// hasName says whether a name stands in a text as words of its own.
func hasName(text, name string) bool {
	for i := 0; name != ""; {
		j := strings.Index(text[i:], name)
		if j < 0 {
			return false
		}
		before, _ := utf8.DecodeLastRuneInString(text[:i+j])
		after, _ := utf8.DecodeRuneInString(text[i+j+len(name):])
		if !letter(before) && !letter(after) {
			return true
		}
		i += j + 1
	}
	return false
}

func letter(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
