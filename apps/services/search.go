package services

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/jackc/pgx/v5"

	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// found is how many lines a search shows.
const found = 20

// enough is how many matches of a month are all read and sorted. Words that match more are common
// ones: they are looked for among the newest dossiers.
const enough = 300

// recent is how many of an office's newest dossiers of a month are read for common words. The beginning
// of a word is common before anybody has counted: recentFirst are read of each of the last two months.
const recent, recentFirst = 5000, 500

// Search finds dossiers of the actor's offices by code, name or subject, without diacritics, the
// newest first. Where no dossier has all words as they are typed, the last may
// be unfinished, unless it is a syllable that cannot go on.
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
		args := pgx.NamedArgs{"code": strings.ToUpper(words), "offices": offices, "counters": counters, "found": found}
		out, err := pg.All[Line](m.db.Query(ctx, `SELECT `+lineColumns+` FROM services.dossier d JOIN services.procedure p ON p.code = d.procedure
			WHERE d.code LIKE @code || '%' AND (d.competent_agency = ANY(@offices) OR d.receiving_agency = ANY(@counters))
			ORDER BY d.code LIMIT @found`, args))
		if err != nil || len(out) > 0 {
			return out, err
		}
		// the code of an inter-linked set is no dossier's: its parts are what is looked for
		return pg.All[Line](m.db.Query(ctx, `SELECT `+lineColumns+` FROM services.linked_set s JOIN services.linked_part l ON l.set_id = s.id
			JOIN services.dossier d ON d.id = l.dossier_id JOIN services.procedure p ON p.code = d.procedure
			WHERE s.code = @code AND (d.competent_agency = ANY(@offices) OR d.receiving_agency = ANY(@counters))
			ORDER BY l.n LIMIT @found`, args))
	}
	first, err := m.oldest(ctx)
	if err != nil {
		return nil, err
	}
	// Most bodies of a commune's house never have a dossier: each would be asked for month by month.
	if offices, err = m.withDossiers(ctx, offices); err != nil || len(offices) == 0 {
		return nil, err
	}
	in := monthsOf(words, offices, first, m.clock.Now())
	if len(in.queries) == 0 {
		return nil, nil
	}
	in.offices, in.counters = offices, counters
	// What begins so is many times what is called so: it is gathered only where nothing is called so.
	if lines, err := m.find(ctx, in); err != nil || len(lines) > 0 {
		return lines, err
	}
	if in.whole {
		return nil, nil
	}
	in = in.unfinished()
	if in.short {
		lines, err := pg.All[Line](m.db.Query(ctx, recentSQL, in.newest(2).args(recentFirst)))
		if err != nil || len(lines) == found {
			return lines, err
		}
	}
	return m.find(ctx, in)
}

// find asks the word index, and reads the newest dossiers where that has too many to sort.
func (m *Module) find(ctx context.Context, in months) ([]Line, error) {
	type match struct {
		Line
		Matches int
	}
	matches, err := pg.All[match](m.db.Query(ctx, searchSQL, in.args(recent)))
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(matches, func(x match) bool { return x.Matches > enough }) {
		return pg.All[Line](m.db.Query(ctx, recentSQL, in.args(recent)))
	}
	lines := make([]Line, len(matches))
	for i, x := range matches {
		lines[i] = x.Line
	}
	return lines, nil
}

// searchSQL asks month after month, from the newest on, until it has a page. The bodies are written
// so that no index answers for them: the words name them already, and to list all that an office
// ever had takes longer than to look at what was found. The same holds for a beginning behind a name
// that few have. A question is read once, not for each row that is held against it.
const searchSQL = `SELECT ` + lineColumns + `, d.matches FROM (
		SELECT x.* FROM (SELECT asked::tsquery, query::tsquery FROM unnest(@asked::text[], @queries::text[]) q (asked, query) OFFSET 0) q CROSS JOIN LATERAL (
			SELECT *, count(*) OVER () AS matches FROM (
				SELECT * FROM services.dossier WHERE search @@ q.asked AND (q.asked = q.query OR search @@ q.query)
				AND (competent_agency || '' = ANY(@offices) OR receiving_agency || '' = ANY(@counters)) LIMIT @enough::int + 1) s
			ORDER BY filed_at DESC, id DESC LIMIT @found) x
		LIMIT @found) d
	JOIN services.procedure p ON p.code = d.procedure ORDER BY d.filed_at DESC, d.id DESC`

// recentSQL reads the months of each office from the newest dossier on until it has a page.
const recentSQL = `SELECT ` + lineColumns + ` FROM (
		SELECT x.* FROM (SELECT query::tsquery, since, until FROM unnest(@queries::text[], @begins::timestamptz[], @ends::timestamptz[]) q (query, since, until) OFFSET 0) q CROSS JOIN LATERAL (
			SELECT DISTINCT ON (y.filed_at, y.id) y.* FROM unnest(@offices::text[]) o (office) CROSS JOIN LATERAL (
				(SELECT * FROM (SELECT * FROM services.dossier WHERE competent_agency = o.office
					AND filed_at >= q.since AND filed_at < q.until ORDER BY filed_at DESC, id DESC LIMIT @recent) all_of
				WHERE search @@ q.query LIMIT @found)
				UNION ALL
				(SELECT * FROM (SELECT * FROM services.dossier WHERE receiving_agency = o.office AND o.office = ANY(@counters)
					AND filed_at >= q.since AND filed_at < q.until ORDER BY filed_at DESC, id DESC LIMIT @recent) all_of
				WHERE search @@ q.query LIMIT @found)
			) y ORDER BY y.filed_at DESC, y.id DESC LIMIT @found) x
		LIMIT @found) d
	JOIN services.procedure p ON p.code = d.procedure ORDER BY d.filed_at DESC, d.id DESC`

func looksLikeCode(s string) bool {
	return len(s) >= 4 && (s[0] == 'H' || s[0] == 'h') && strings.ContainsAny(s, ".-") && !strings.ContainsAny(s, " %_\\")
}

// finished are the syllables of Vietnamese that no letter can follow, by their last sound: phượng,
// lành, thao, diệu. What ends in -n may still become -ng, what ends in -uy still -uyên.
var finished = regexp.MustCompile(`^[a-z]*[aeiouy](ng|nh|ch|[mpt])$|^[a-z]*(a[iouy]|e[ou]|oi|[^q]ui|[iu]u)$`)

// months are the questions of a search, the newest month first, and when each begins and ends.
type months struct {
	words             []string
	keys              [][]string // what the words of each office stand behind
	queries           []string
	asked             []string // what the word index is asked of each query: all of it, or the name without the beginning
	begins, ends      []time.Time
	short             bool // one word of at most two letters is asked for
	whole             bool // the last word is a syllable that cannot go on
	offices, counters []string
}

// monthsOf asks for all words in one of the offices: once for each month between two times. The
// words stand in the column as services.month_words writes them.
func monthsOf(text string, offices []string, first, last time.Time) (out months) {
	words := pg.Words(text)
	if len(words) == 0 {
		return out
	}
	out.words = words
	out.short = len(words) == 1 && len([]rune(words[0])) <= 2
	out.whole = finished.MatchString(words[len(words)-1])
	for at := monthOf(last); !at.Before(monthOf(first)); at = at.AddDate(0, -1, 0) {
		month, keys := "/"+strconv.Itoa(at.Year()*12+int(at.Month())-1), make([]string, len(offices))
		for i, office := range offices {
			sum := md5.Sum([]byte(office + month))
			keys[i] = hex.EncodeToString(sum[:4]) + "/"
		}
		out.keys = append(out.keys, keys)
		out.begins, out.ends = append(out.begins, at), append(out.ends, at.AddDate(0, 1, 0))
	}
	out.queries = out.query(words, "")
	out.asked = out.queries
	return out
}

// query asks for words in each month; mark stands behind the last.
func (m months) query(words []string, mark string) []string {
	out := make([]string, len(m.keys))
	for i, keys := range m.keys {
		either := make([]string, len(keys))
		for j, key := range keys {
			either[j] = "'" + key + strings.Join(words, "' & '"+key) + "'" + mark
		}
		out[i] = strings.Join(either, " | ")
	}
	return out
}

// unfinished takes the last word for the beginning of one. The index would gather all that begins so,
// though few may have the name before it: it is asked for that name alone then.
func (m months) unfinished() months {
	m.queries = m.query(m.words, ":*")
	m.asked = m.queries
	if name := m.words[:len(m.words)-1]; few(name) {
		m.asked = m.query(name, "")
	}
	return m
}

// few says whether words are a name that few have: a family name and one more, that is not the
// middle name of half of all people. What is no name, a number or a code, says nothing.
func few(words []string) bool {
	n := 0
	for _, w := range words {
		if w != "van" && w != "thi" && strings.IndexFunc(w, unicode.IsDigit) < 0 {
			n++
		}
	}
	return n > 1
}

// newest are the questions of the last n months alone.
func (m months) newest(n int) months {
	n = min(n, len(m.queries))
	m.queries, m.asked, m.begins, m.ends = m.queries[:n], m.asked[:n], m.begins[:n], m.ends[:n]
	return m
}

// args are the questions with how many of an office's newest dossiers may be read.
func (m months) args(recent int) pgx.NamedArgs {
	return pgx.NamedArgs{"queries": m.queries, "asked": m.asked, "begins": m.begins, "ends": m.ends, "offices": m.offices, "counters": m.counters,
		"enough": enough, "recent": recent, "found": found}
}

// monthOf is the first moment of a month in UTC, the clock by which words are kept.
func monthOf(t time.Time) time.Time {
	t = t.UTC()
	return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC)
}

// oldest is when the oldest dossier was filed.
func (m *Module) oldest(ctx context.Context) (time.Time, error) {
	return m.begun.get(struct{}{}, func() (time.Time, error) {
		return pg.Value[time.Time](m.db.Query(ctx, `SELECT coalesce(min(filed_at), now()) FROM services.dossier`))
	})
}
