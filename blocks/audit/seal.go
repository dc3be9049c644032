package audit

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/bits"
	"os"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"datmui/kit/pg"
)

// sealLock is the advisory lock under which one process at a time seals.
const sealLock = 0x64_61_74_6d_75_69 // "datmui"

// sealChunk is how many entries are hashed and copied at a time.
const sealChunk = 10_000

// Seal gives every committed entry its place in the tree and signs the new head. It takes the
// entries of the transactions that began since the last head and have ended, so none that commits
// late is jumped over, and it never makes a writer wait. It returns how many it sealed.
func (b *Book) Seal(ctx context.Context) (int64, error) {
	if b.signer == nil {
		return 0, errors.New("audit: this process holds no checkpoint key")
	}
	var sealed int64
	var head string
	err := pgx.BeginFunc(ctx, b.db, func(tx pgx.Tx) error {
		var mine bool
		if err := tx.QueryRow(ctx, `SELECT pg_try_advisory_xact_lock($1)`, sealLock).Scan(&mine); err != nil || !mine {
			return err
		}
		var w window
		err := tx.QueryRow(ctx, `SELECT size, horizon::text, floor, pg_snapshot_xmin(pg_current_snapshot())::text
			FROM audit.checkpoint ORDER BY id DESC LIMIT 1`).Scan(&w.size, &w.from, &w.floor, &w.to)
		if errors.Is(err, pgx.ErrNoRows) {
			w.from = "0"
			err = tx.QueryRow(ctx, `SELECT pg_snapshot_xmin(pg_current_snapshot())::text`).Scan(&w.to)
		}
		if err != nil {
			return fmt.Errorf("finding the last head: %w", err)
		}
		if sealed, err = w.seal(ctx, tx); err != nil || sealed == 0 {
			return err
		}
		head, err = b.sign(ctx, tx, w)
		return err
	})
	if err != nil || sealed == 0 {
		return 0, err
	}
	return sealed, b.keepHead(head)
}

// SealLoop seals about every second until ctx ends; a fault is logged and tried again.
func (b *Book) SealLoop(ctx context.Context, log *slog.Logger) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if _, err := b.Seal(ctx); err != nil && ctx.Err() == nil {
			log.ErrorContext(ctx, "sealing the audit failed", "err", err)
		}
	}
}

// window is the span of transaction ids that one sealing covers, and the right edge of the tree.
type window struct {
	size     int64
	floor    int64
	from, to string
	edge     edge
}

func (w *window) seal(ctx context.Context, tx pgx.Tx) (int64, error) {
	var any bool
	if err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM audit.entry
		WHERE xid >= $1::text::xid8 AND xid < $2::text::xid8 AND id > $3)`, w.from, w.to, w.floor).Scan(&any); err != nil || !any {
		return 0, err
	}
	var err error
	if w.edge, err = loadEdge(ctx, tx, w.size); err != nil {
		return 0, err
	}
	if _, err := tx.Exec(ctx, fmt.Sprintf(`DECLARE unsealed NO SCROLL CURSOR FOR SELECT id, leaf FROM audit.entry
		WHERE xid >= '%s'::xid8 AND xid < '%s'::xid8 AND id > %d ORDER BY id`, w.from, w.to, w.floor)); err != nil {
		return 0, err
	}
	start := w.size
	for {
		rows, err := tx.Query(ctx, fmt.Sprintf(`FETCH %d FROM unsealed`, sealChunk))
		if err != nil {
			return 0, err
		}
		n, err := w.chunk(ctx, tx, rows)
		if err != nil {
			return 0, err
		}
		if n < sealChunk {
			return w.size - start, nil
		}
	}
}

func (w *window) chunk(ctx context.Context, tx pgx.Tx, rows pgx.Rows) (int, error) {
	var leaves, hashes [][]any
	var id int64
	var leaf []byte
	_, err := pgx.ForEachRow(rows, []any{&id, &leaf}, func() error {
		stored, err := tlog.StoredHashesForRecordHash(w.size, tlog.RecordHash(leaf), w.edge)
		if err != nil {
			return err
		}
		at := tlog.StoredHashIndex(0, w.size)
		for i, h := range stored {
			w.edge[at+int64(i)] = h
			hashes = append(hashes, []any{at + int64(i), append([]byte(nil), h[:]...)})
		}
		leaves = append(leaves, []any{w.size, id})
		w.size++
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("hashing entries: %w", err)
	}
	if _, err := tx.CopyFrom(ctx, pgx.Identifier{"audit", "leaf"}, []string{"seq", "entry"}, pgx.CopyFromRows(leaves)); err != nil {
		return 0, fmt.Errorf("placing entries: %w", err)
	}
	if _, err := tx.CopyFrom(ctx, pgx.Identifier{"audit", "hash"}, []string{"index", "hash"}, pgx.CopyFromRows(hashes)); err != nil {
		return 0, fmt.Errorf("storing hashes: %w", err)
	}
	w.edge.prune(w.size)
	return len(leaves), nil
}

// edge holds the hashes of the complete subtrees along the right edge of a tree: all that is
// needed to append to it and to name its head.
type edge map[int64]tlog.Hash

// indexes are the stored indexes of the complete subtrees that make up a tree of n leaves.
func edgeIndexes(n int64) []int64 {
	var out []int64
	for rest := n; rest > 0; {
		level := bits.TrailingZeros64(uint64(rest))
		out = append(out, tlog.StoredHashIndex(level, rest>>level-1))
		rest &^= 1 << level
	}
	return out
}

func loadEdge(ctx context.Context, tx pgx.Tx, size int64) (edge, error) {
	e := edge{}
	rows, err := tx.Query(ctx, `SELECT index, hash FROM audit.hash WHERE index = ANY($1)`, edgeIndexes(size))
	if err != nil {
		return nil, err
	}
	var index int64
	var h []byte
	if _, err := pgx.ForEachRow(rows, []any{&index, &h}, func() error {
		e[index] = tlog.Hash(h)
		return nil
	}); err != nil {
		return nil, fmt.Errorf("reading the edge of the tree: %w", err)
	}
	return e, nil
}

// ReadHashes makes edge a tlog.HashReader.
func (e edge) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		h, ok := e[x]
		if !ok {
			return nil, fmt.Errorf("stored hash %d is missing", x)
		}
		out[i] = h
	}
	return out, nil
}

func (e edge) prune(size int64) {
	keep := edge{}
	for _, x := range edgeIndexes(size) {
		keep[x] = e[x]
	}
	clear(e)
	for x, h := range keep {
		e[x] = h
	}
}

func (b *Book) sign(ctx context.Context, tx pgx.Tx, w window) (string, error) {
	root, err := tlog.TreeHash(w.size, w.edge)
	if err != nil {
		return "", fmt.Errorf("hashing the head: %w", err)
	}
	signed, err := note.Sign(&note.Note{Text: headText(b.origin, w.size, root)}, b.signer)
	if err != nil {
		return "", fmt.Errorf("signing the head: %w", err)
	}
	_, err = tx.Exec(ctx, `INSERT INTO audit.checkpoint (size, at, root, note, horizon, floor) VALUES ($1, $2, $3, $4, $5::text::xid8, $6)`,
		w.size, b.clock.Now(), root[:], string(signed), w.to, w.floor)
	return string(signed), err
}

// headText is the C2SP tlog-checkpoint form: origin, size and root, a line each.
func headText(origin string, size int64, root tlog.Hash) string {
	return fmt.Sprintf("%s\n%d\n%s\n", origin, size, root)
}

// keepHead appends the head to a file outside the database, a file a day.
func (b *Book) keepHead(head string) error {
	if b.keep == "" {
		return nil
	}
	name := filepath.Join(b.keep, "checkpoints-"+b.clock.Now().Format("2006-01-02")+".txt")
	f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("keeping the head outside the database: %w", err)
	}
	if _, err := f.WriteString(head + "\n"); err != nil {
		_ = f.Close()
		return fmt.Errorf("keeping the head outside the database: %w", err)
	}
	return f.Close()
}

// NewFloor is called in the transaction that restores a log into a new cluster, where transaction
// ids start anew: what is in the tree stays there, sealing goes on with the entries above it.
func (b *Book) NewFloor(ctx context.Context, tx pg.Execer) error {
	_, err := tx.Exec(ctx, `INSERT INTO audit.checkpoint (size, at, root, note, horizon, floor)
		SELECT size, $1, root, note, '0'::xid8, (SELECT coalesce(max(entry), 0) FROM audit.leaf)
		FROM audit.checkpoint ORDER BY id DESC LIMIT 1`, b.clock.Now())
	return err
}
