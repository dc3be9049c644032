package audit

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/tlog"

	"datmui/kit/pg"
)

// AccessRecord is one line of "who opened my record": who, from which office, what, when.
type AccessRecord struct {
	ID     int64
	At     time.Time
	Kind   string // act or read
	Name   string // what was done: services.dossier.open
	Actor  string // name at that moment; "" when retention has blanked it
	Post   string
	Agency string
	Own    bool   // the person herself
	Leaf   string // hex; the receipt's address
}

// AccessesOf lists what was done with a person's record, newest first, 50 a page, older than the
// entry before (0 = from the newest). What the law still keeps back is left out.
func (b *Book) AccessesOf(ctx context.Context, person uuid.UUID, before int64) ([]AccessRecord, error) {
	type row struct {
		ID       int64
		At       time.Time
		Kind     string
		Name     string
		ActorID  *uuid.UUID
		Personal *string
		Leaf     []byte
	}
	rows, err := pg.All[row](b.reader.Query(ctx, `SELECT id, at, kind, name, actor_id, personal, leaf FROM audit.entry
		WHERE persons @> ARRAY[@person::uuid] AND visible_from <= @now AND (@before = 0 OR id < @before)
		ORDER BY id DESC LIMIT 50`,
		pgx.NamedArgs{"person": person, "now": b.clock.Now(), "before": before}))
	if err != nil {
		return nil, fmt.Errorf("listing accesses: %w", err)
	}
	out := make([]AccessRecord, len(rows))
	for i, r := range rows {
		var p personal
		if r.Personal != nil {
			_ = json.Unmarshal([]byte(*r.Personal), &p) // written by us; blank when it cannot be read
		}
		out[i] = AccessRecord{ID: r.ID, At: r.At, Kind: r.Kind, Name: r.Name, Actor: p.Name, Post: p.Post, Agency: p.Agency,
			Own: r.ActorID != nil && *r.ActorID == person, Leaf: hex.EncodeToString(r.Leaf)}
	}
	return out, nil
}

// Receipt proves that the entry with this leaf stands in the log, under the newest head.
func (b *Book) Receipt(ctx context.Context, leaf []byte) (Proof, error) {
	type row struct {
		Name string
		At   time.Time
		Seq  *int64
	}
	// leaves are looked up by their stored hash, which is unique and indexed by place
	r, err := pg.One[row](b.reader.Query(ctx, `SELECT e.name, e.at, l.seq FROM audit.entry e
		LEFT JOIN audit.leaf l ON l.entry = e.id WHERE e.leaf = $1`, leaf))
	if err != nil {
		return Proof{}, err
	}
	p := Proof{Leaf: hex.EncodeToString(leaf), Name: r.Name, At: r.At}
	if r.Seq == nil {
		return p, nil
	}
	p.Seq, p.Sealed = *r.Seq, true
	var root []byte
	if err := b.reader.QueryRow(ctx, `SELECT size, root, note FROM audit.checkpoint ORDER BY id DESC LIMIT 1`).
		Scan(&p.Size, &root, &p.Checkpoint); err != nil {
		return Proof{}, fmt.Errorf("reading the newest head: %w", err)
	}
	proof, err := tlog.ProveRecord(p.Size, p.Seq, tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		return b.hashes(ctx, indexes)
	}))
	if err != nil {
		return Proof{}, fmt.Errorf("proving place %d: %w", p.Seq, err)
	}
	p.Root = hex.EncodeToString(root)
	for _, h := range proof {
		p.Hashes = append(p.Hashes, hex.EncodeToString(h[:]))
	}
	return p, nil
}

func (b *Book) hashes(ctx context.Context, indexes []int64) ([]tlog.Hash, error) {
	rows, err := b.reader.Query(ctx, `SELECT index, hash FROM audit.hash WHERE index = ANY($1)`, indexes)
	if err != nil {
		return nil, err
	}
	found := edge{}
	var index int64
	var h []byte
	if _, err := pgx.ForEachRow(rows, []any{&index, &h}, func() error {
		found[index] = tlog.Hash(h)
		return nil
	}); err != nil {
		return nil, err
	}
	return found.ReadHashes(indexes)
}

// Check verifies a proof without a database, as a stranger would. The checkpoint's signature is
// judged separately.
func (p Proof) Check() error {
	leaf, err := hex.DecodeString(p.Leaf)
	if err != nil {
		return err
	}
	root, err := hex.DecodeString(p.Root)
	if err != nil || len(root) != tlog.HashSize {
		return fmt.Errorf("the root is not a hash")
	}
	var proof tlog.RecordProof
	for _, s := range p.Hashes {
		h, err := hex.DecodeString(s)
		if err != nil || len(h) != tlog.HashSize {
			return fmt.Errorf("a hash of the proof is not a hash")
		}
		proof = append(proof, tlog.Hash(h))
	}
	return tlog.CheckRecord(proof, p.Size, tlog.Hash(root), p.Seq, tlog.RecordHash(leaf))
}
