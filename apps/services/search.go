package services

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"strings"

	"github.com/jackc/pgx/v5"

	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// found is how many lines a search shows.
const found = 20

// enough is how many matches are all read and sorted. Words that match more are common ones: they
// are looked for among the newest dossiers first.
const enough = 200

// recent is how many of an office's newest dossiers are read for common words.
const recent = 5000

// Search finds dossiers of the actor's offices by code, name or subject, without diacritics, the
// newest first; the last word typed may be unfinished.
func (m *Module) Search(ctx context.Context, words string) ([]Line, error) {
	a := actor.From(ctx)
	offices, counters := officesOf(a), countersOf(a)
	if len(offices) == 0 {
		return nil, fault.Forbidden("services.list")
	}
	words = strings.TrimSpace(words)
	if len([]rune(words)) < 2 {
		return nil, nil
	}
	var err error
	if offices, err = m.withForebears(ctx, offices); err != nil {
		return nil, err
	}
	if counters, err = m.withForebears(ctx, counters); err != nil {
		return nil, err
	}
	if looksLikeCode(words) {
		return pg.All[Line](m.db.Query(ctx, `SELECT `+lineColumns+` FROM services.dossier d JOIN services.procedure p ON p.code = d.procedure
			WHERE d.code LIKE @code || '%' AND (d.competent_agency = ANY(@offices) OR d.receiving_agency = ANY(@counters))
			ORDER BY d.code LIMIT @found`, pgx.NamedArgs{"code": strings.ToUpper(words), "offices": offices, "counters": counters, "found": found}))
	}
	q := officeQuery(words, offices)
	if q == "" {
		return nil, nil
	}
	type match struct {
		Line
		Matches int
	}
	args := pgx.NamedArgs{"q": q, "offices": offices, "counters": counters, "enough": enough, "recent": recent, "found": found}
	matches, err := pg.All[match](m.db.Query(ctx, searchSQL, args))
	if err != nil {
		return nil, err
	}
	if len(matches) > 0 && matches[0].Matches > enough {
		return pg.All[Line](m.db.Query(ctx, recentSQL, args))
	}
	lines := make([]Line, len(matches))
	for i, x := range matches {
		lines[i] = x.Line
	}
	return lines, nil
}

const searchSQL = `SELECT ` + lineColumns + `, d.matches FROM (
		SELECT *, count(*) OVER () AS matches FROM (
			SELECT * FROM services.dossier WHERE search @@ @q::tsquery
			AND (competent_agency = ANY(@offices) OR receiving_agency = ANY(@counters)) LIMIT @enough::int + 1) first
		ORDER BY filed_at DESC, id DESC LIMIT @found) d
	JOIN services.procedure p ON p.code = d.procedure ORDER BY d.filed_at DESC, d.id DESC`

// recentSQL reads each office from its newest dossier on until it has a page of matches.
const recentSQL = `SELECT DISTINCT ON (d.filed_at, d.id) ` + lineColumns + ` FROM unnest(@offices::text[]) o(office) CROSS JOIN LATERAL (
		(SELECT * FROM (SELECT * FROM services.dossier WHERE competent_agency = o.office ORDER BY filed_at DESC, id DESC LIMIT @recent) x
			WHERE search @@ @q::tsquery LIMIT @found)
		UNION ALL
		(SELECT * FROM (SELECT * FROM services.dossier WHERE receiving_agency = o.office AND o.office = ANY(@counters) ORDER BY filed_at DESC, id DESC LIMIT @recent) x
			WHERE search @@ @q::tsquery LIMIT @found)
	) d JOIN services.procedure p ON p.code = d.procedure ORDER BY d.filed_at DESC, d.id DESC LIMIT @found`

func looksLikeCode(s string) bool {
	return len(s) >= 4 && (s[0] == 'H' || s[0] == 'h') && strings.ContainsAny(s, ".-") && !strings.ContainsAny(s, " %_\\")
}

// prefixQuery asks for all words, the last one as a prefix.
func prefixQuery(text string) string {
	words := pg.Words(text)
	if len(words) == 0 {
		return ""
	}
	return strings.Join(words, " & ") + ":*"
}

// officeQuery asks for all words in one of the offices, the last one as a prefix. The words stand
// in the column as services.search_words writes them.
func officeQuery(text string, offices []string) string {
	words := pg.Words(text)
	if len(words) == 0 {
		return ""
	}
	either := make([]string, len(offices))
	for i, office := range offices {
		sum := md5.Sum([]byte(office))
		key := hex.EncodeToString(sum[:4]) + "/"
		either[i] = "'" + key + strings.Join(words, "' & '"+key) + "':*"
	}
	return strings.Join(either, " | ")
}
