package audit

import (
	"context"
	"fmt"
	"time"

	"datmui/kit/pg"
)

// Changes is what the log says of acts on records of one kind, up to a place in the tree.
type Changes struct {
	Subjects []string // each once
	Upto     int64    // the place that was read to
}

// With is the detail of an act that concerns further records of its subject's kind: a list of their ids.
const With = "with"

// Changes reads the tree from one place on, at most so many entries, for those who must tell others:
// the acts that note a detail of that name, as each move of a dossier notes where it goes to.
// Sealed entries have an order in which none comes late, whatever was under way at the time.
func (b *Book) Changes(ctx context.Context, kind, noting string, after int64, since time.Time, most int) (Changes, error) {
	c, err := pg.One[Changes](b.reader.Query(ctx, `WITH part AS (
			SELECT l.seq, e.subject_id, e.body::jsonb -> 'detail' -> '`+With+`' AS others FROM (SELECT seq, entry FROM audit.leaf WHERE seq > $2 ORDER BY seq LIMIT $4) l
			LEFT JOIN audit.entry e ON e.id = l.entry AND e.kind = 'act' AND e.subject_kind = $1 AND e.at >= $3
				AND e.body::jsonb -> 'detail' ? $5
		) SELECT (SELECT coalesce(array_agg(DISTINCT s) FILTER (WHERE s <> ''), '{}') FROM (SELECT subject_id FROM part
				UNION ALL SELECT jsonb_array_elements_text(others) FROM part WHERE jsonb_typeof(others) = 'array') AS x (s)) AS subjects,
			coalesce(max(seq), $2) AS upto FROM part`,
		kind, after, since, most, noting))
	if err != nil {
		return c, fmt.Errorf("reading what has changed: %w", err)
	}
	return c, nil
}
