package audit

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Report is what verification of the whole log found.
type Report struct {
	OK        bool      `json:"ok"`
	Sealed    int64     `json:"sealed"`
	Unsealed  int64     `json:"unsealed"`
	Heads     int       `json:"checkpoints"`
	Outside   int       `json:"outside_checkpoints"`
	Blanked   int64     `json:"personal_blanked"`
	Problems  []Problem `json:"problems"`
	Unknown   string    `json:"cannot_know,omitempty"` // what cannot be known without an outside checkpoint
	CheckedAt time.Time `json:"checked_at"`
}

// Problem is one place where the log is not what it was when it was sealed.
type Problem struct {
	Code    string `json:"code"` // changed, personal-changed, columns-changed, removed, reordered, inserted, rewritten, truncated, forged-checkpoint
	Seq     int64  `json:"seq,omitempty"`
	Entry   int64  `json:"entry,omitempty"`
	Explain string `json:"explain"`
}

// most problems a report lists; one is enough to distrust the log
const maxProblems = 100

func (r *Report) add(p Problem) {
	if len(r.Problems) < maxProblems {
		r.Problems = append(r.Problems, p)
	}
}

// Verify reads the whole log and compares it with every checkpoint: those in the database and
// those kept outside it. Without one from outside it says what it cannot know.
func (b *Book) Verify(ctx context.Context, verifier note.Verifier, outside ...[]byte) (Report, error) {
	rep := Report{Problems: []Problem{}, CheckedAt: b.clock.Now()}
	err := pgx.BeginTxFunc(ctx, b.db, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		heads, err := b.heads(ctx, tx, verifier, &rep, outside)
		if err != nil {
			return err
		}
		if err := walk(ctx, tx, heads, &rep); err != nil {
			return err
		}
		return strays(ctx, tx, &rep)
	})
	if err != nil {
		return Report{}, fmt.Errorf("verifying the audit: %w", err)
	}
	if rep.Outside == 0 {
		rep.Unknown = "without a checkpoint from outside the database nobody can tell whether the whole log was rewritten with its key, or its newest entries cut off together with their checkpoints"
	}
	rep.OK = len(rep.Problems) == 0
	return rep, nil
}

type head struct {
	size    int64
	root    tlog.Hash
	outside bool
}

func (b *Book) heads(ctx context.Context, tx pgx.Tx, v note.Verifier, rep *Report, outside [][]byte) (map[int64][]head, error) {
	out := map[int64][]head{}
	take := func(text string, fromOutside bool) {
		h, err := openHead(text, v)
		if err != nil {
			rep.add(Problem{Code: "forged-checkpoint", Explain: "a checkpoint is not signed by the key of this log: " + err.Error()})
			return
		}
		h.outside = fromOutside
		out[h.size] = append(out[h.size], h)
		if fromOutside {
			rep.Outside++
		} else {
			rep.Heads++
		}
	}
	rows, err := tx.Query(ctx, `SELECT note FROM audit.checkpoint ORDER BY id`)
	if err != nil {
		return nil, err
	}
	var text string
	if _, err := pgx.ForEachRow(rows, []any{&text}, func() error { take(text, false); return nil }); err != nil {
		return nil, err
	}
	for _, file := range outside {
		for _, text := range SplitHeads(file) {
			take(text, true)
		}
	}
	return out, nil
}

// SplitHeads cuts a file of kept checkpoints into signed notes: each is its text, an empty line
// and one or more signature lines.
func SplitHeads(file []byte) []string {
	var out []string
	var cur strings.Builder
	signed := false
	for _, line := range strings.SplitAfter(string(file), "\n") {
		isSig := strings.HasPrefix(line, "— ")
		if signed && !isSig { // the signatures have ended: a new note begins
			out = append(out, cur.String())
			cur.Reset()
			signed = false
			if strings.TrimSpace(line) == "" {
				continue
			}
		}
		signed = signed || isSig
		cur.WriteString(line)
	}
	if strings.TrimSpace(cur.String()) != "" {
		out = append(out, cur.String())
	}
	return out
}

func openHead(text string, v note.Verifier) (head, error) {
	n, err := note.Open([]byte(text), note.VerifierList(v))
	if err != nil {
		return head{}, err
	}
	lines := strings.Split(n.Text, "\n")
	if len(lines) < 3 {
		return head{}, fmt.Errorf("a checkpoint has %d lines", len(lines))
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 {
		return head{}, fmt.Errorf("a checkpoint has no size")
	}
	root, err := tlog.ParseHash(lines[2])
	return head{size: size, root: root}, err
}

// walk goes through the sealed entries in order, recomputes every leaf and the tree, and compares
// the head wherever a checkpoint stands.
func walk(ctx context.Context, tx pgx.Tx, heads map[int64][]head, rep *Report) error {
	rows, err := tx.Query(ctx, `SELECT l.seq, l.entry, e.id IS NOT NULL, coalesce(e.kind, ''), coalesce(e.name, ''),
		coalesce(e.at, 'epoch'), coalesce(e.actor_kind, ''), e.actor_id, coalesce(e.subject_kind, ''), coalesce(e.subject_id, ''),
		coalesce(e.persons, '{}'), coalesce(e.visible_from, 'epoch'), coalesce(e.salt, ''), coalesce(e.body, ''), e.personal, coalesce(e.leaf, '')
		FROM audit.leaf l LEFT JOIN audit.entry e ON e.id = l.entry ORDER BY l.seq`)
	if err != nil {
		return err
	}
	tree := edge{}
	var size int64
	bad := false // the tree can be compared only while every leaf is known
	var seq, entry int64
	var there bool
	var r Row
	var pers *string
	_, err = pgx.ForEachRow(rows, []any{&seq, &entry, &there, &r.Kind, &r.Name, &r.At, &r.ActorKind, &r.ActorID, &r.SubjectKind,
		&r.SubjectID, &r.Persons, &r.VisibleFrom, &r.Salt, &r.Body, &pers, &r.Leaf}, func() error {
		if seq != size {
			rep.add(Problem{Code: "removed", Seq: size, Explain: fmt.Sprintf("place %d of the tree is empty", size)})
			bad = true
			size = seq
		}
		if !there {
			rep.add(Problem{Code: "removed", Seq: seq, Entry: entry, Explain: fmt.Sprintf("entry %d is gone", entry)})
			bad = true
		} else {
			check(r, pers, seq, entry, rep)
		}
		if !bad {
			stored, err := tlog.StoredHashesForRecordHash(size, tlog.RecordHash(leafOf(r.Salt, r.Body)), tree)
			if err != nil {
				return err
			}
			at := tlog.StoredHashIndex(0, size)
			for i, h := range stored {
				tree[at+int64(i)] = h
			}
		}
		size++
		if !bad {
			tree.prune(size)
			return compare(tree, heads[size], size, rep)
		}
		return nil
	})
	if err != nil {
		return err
	}
	rep.Sealed = size
	for n, hs := range heads {
		if n <= size {
			continue
		}
		for _, h := range hs {
			where := "in the database"
			if h.outside {
				where = "from outside"
			}
			rep.add(Problem{Code: "truncated", Seq: size, Explain: fmt.Sprintf("a checkpoint %s names %d entries, the log holds %d: its tail was cut off", where, n, size)})
		}
	}
	return nil
}

func compare(tree edge, heads []head, size int64, rep *Report) error {
	for _, h := range heads {
		root, err := tlog.TreeHash(size, tree)
		if err != nil {
			return err
		}
		if root == h.root {
			continue
		}
		p := Problem{Code: "rewritten", Seq: size, Explain: fmt.Sprintf("the first %d entries do not give the head of their checkpoint: an entry was changed, moved or replaced", size)}
		if h.outside {
			p.Explain = fmt.Sprintf("the first %d entries do not give the head of the checkpoint kept outside: the log was rewritten", size)
		}
		rep.add(p)
	}
	return nil
}

// check compares one entry with its own leaf and its columns with its canonical body.
func check(r Row, pers *string, seq, entry int64, rep *Report) {
	if !bytes.Equal(leafOf(r.Salt, r.Body), r.Leaf) {
		rep.add(Problem{Code: "changed", Seq: seq, Entry: entry, Explain: fmt.Sprintf("entry %d no longer gives its leaf", entry)})
		return
	}
	var b body
	if err := json.Unmarshal([]byte(r.Body), &b); err != nil {
		rep.add(Problem{Code: "changed", Seq: seq, Entry: entry, Explain: fmt.Sprintf("entry %d cannot be read", entry)})
		return
	}
	if !columnsAgree(r, b) {
		rep.add(Problem{Code: "columns-changed", Seq: seq, Entry: entry, Explain: fmt.Sprintf("the columns of entry %d differ from what was sealed", entry)})
	}
	switch {
	case pers == nil:
		rep.Blanked++
	case saltedHex(r.Salt, []byte(*pers)) != b.PersonalHash:
		rep.add(Problem{Code: "personal-changed", Seq: seq, Entry: entry, Explain: fmt.Sprintf("the personal part of entry %d was changed", entry)})
	}
}

func columnsAgree(r Row, b body) bool {
	id := ""
	if r.ActorID != nil {
		id = r.ActorID.String()
	}
	visible := b.VisibleFrom
	if visible == "" {
		visible = b.At
	}
	if len(r.Persons) != len(b.Persons) {
		return false
	}
	for i, p := range r.Persons {
		if p != b.Persons[i] {
			return false
		}
	}
	return r.Kind == b.Kind && r.Name == b.Name && r.At.UTC().Format(time.RFC3339Nano) == b.At && r.ActorKind == b.ActorKind &&
		id == b.ActorID && r.SubjectKind == b.SubjectKind && r.SubjectID == b.SubjectID && r.VisibleFrom.UTC().Format(time.RFC3339Nano) == visible
}

// strays looks for entries that should be in the tree but are not, and counts those that wait.
func strays(ctx context.Context, tx pgx.Tx, rep *Report) error {
	rows, err := tx.Query(ctx, `WITH last AS (SELECT horizon, floor FROM audit.checkpoint ORDER BY id DESC LIMIT 1)
		SELECT e.id, EXISTS (SELECT FROM last WHERE e.xid < last.horizon OR e.id <= last.floor)
		FROM audit.entry e WHERE NOT EXISTS (SELECT FROM audit.leaf l WHERE l.entry = e.id) ORDER BY e.id`)
	if err != nil {
		return err
	}
	var id int64
	var late bool
	_, err = pgx.ForEachRow(rows, []any{&id, &late}, func() error {
		if late {
			rep.add(Problem{Code: "inserted", Entry: id, Explain: fmt.Sprintf("entry %d is older than the last checkpoint but has no place in the tree", id)})
		} else {
			rep.Unsealed++
		}
		return nil
	})
	return err
}

// Proof lets anyone show that an entry stands in the log under a signed head.
type Proof struct {
	Leaf       string    `json:"leaf"` // SHA-256(salt ‖ entry), hex
	Seq        int64     `json:"seq"`
	Size       int64     `json:"size"`
	Root       string    `json:"root"`
	Hashes     []string  `json:"hashes"`
	Checkpoint string    `json:"checkpoint"`
	Name       string    `json:"name"`
	At         time.Time `json:"at"`
	Sealed     bool      `json:"sealed"`
}
