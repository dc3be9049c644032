package audit

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/tlog"

	"datmui/kit/actor"
	"datmui/kit/pg"
)

// AccessRecord is one line of "who opened my record": who, from which office, why, what, when.
type AccessRecord struct {
	ID      int64
	At      time.Time
	Kind    string // act or read
	Name    string // what was done: services.dossier.open
	By      actor.Kind
	Actor   string // name at that moment; "" when retention has blanked it, or nobody was signed in
	Post    string
	Agency  string
	About   string // which record, in few words: a dossier's code; "" when it has none or it was blanked
	Purpose string // why, in the words of who read; "" when the office's own work is the reason, or it was blanked
	Own     bool   // the person herself
	Leaf    string // hex; the receipt's address
}

type accessRow struct {
	ID        int64
	At        time.Time
	Kind      string
	Name      string
	ActorKind actor.Kind
	ActorID   *uuid.UUID
	SubjectID string
	Purpose   string
	Personal  *string
	Leaf      []byte
}

const accessColumns = `id, at, kind, name, actor_kind, actor_id, subject_id,
	coalesce(body::json #>> '{detail,purpose}', '') AS purpose, personal, leaf`

func (r accessRow) record() AccessRecord {
	var p personal
	if r.Personal != nil {
		_ = json.Unmarshal([]byte(*r.Personal), &p) // written by us; blank when it cannot be read
	}
	out := AccessRecord{ID: r.ID, At: r.At, Kind: r.Kind, Name: r.Name, By: r.ActorKind, Actor: p.Name, Post: p.Post, Agency: p.Agency,
		Purpose: r.Purpose, Leaf: hex.EncodeToString(r.Leaf)}
	if why, ok := p.Detail["purpose"].(string); ok {
		out.Purpose = why
	}
	if about, ok := p.Detail["about"].(string); ok {
		out.About = about
	} else if uuid.Validate(r.SubjectID) != nil && !strings.Contains(r.SubjectID, "/") {
		out.About = r.SubjectID // a code that people know; ids of rows tell them nothing
	}
	return out
}

// AccessFilter is the part of a person's accesses to list.
type AccessFilter struct {
	Before int64 // older than this entry; 0 = from the newest
	Others bool  // without what the reader did herself; what a partner did for her stays
}

// AccessesOf lists what was done with a person's record, newest first, 50 a page. What the law
// still keeps back is left out.
func (b *Book) AccessesOf(ctx context.Context, person uuid.UUID, f AccessFilter) ([]AccessRecord, error) {
	me := person // or who acts for her and looks
	if a := actor.From(ctx); a.For.ID == person && person != uuid.Nil {
		me = a.ID
	}
	rows, err := pg.All[accessRow](b.reader.Query(ctx, `SELECT `+accessColumns+` FROM audit.entry
		WHERE persons @> ARRAY[@person::uuid] AND visible_from <= @now AND (@before::bigint = 0 OR id < @before)
		AND (NOT @others OR actor_id IS DISTINCT FROM @me OR actor_kind = 'partner')
		ORDER BY id DESC LIMIT 50`,
		pgx.NamedArgs{"person": person, "me": me, "now": b.clock.Now(), "before": f.Before, "others": f.Others}))
	if err != nil {
		return nil, fmt.Errorf("listing accesses: %w", err)
	}
	out := make([]AccessRecord, len(rows))
	for i, r := range rows {
		out[i] = r.record()
		out[i].Own = r.ActorID != nil && *r.ActorID == me && r.ActorKind != actor.Partner
	}
	return out, nil
}

// FirstRead says when an official first read each of some records, by the names of what reading is
// called; a record that none has read is not in it. What the law still keeps back is left out.
func (b *Book) FirstRead(ctx context.Context, names []string, records ...uuid.UUID) (map[uuid.UUID]time.Time, error) {
	if len(records) == 0 {
		return nil, nil
	}
	ids := make([]string, len(records))
	for i, id := range records {
		ids[i] = id.String()
	}
	type row struct {
		SubjectID string
		At        time.Time
	}
	rows, err := pg.All[row](b.reader.Query(ctx, `SELECT subject_id, min(at) AS at FROM audit.entry
		WHERE subject_id = ANY(@ids) AND subject_id <> '' AND kind = @kind AND name = ANY(@names) AND actor_kind = @official AND visible_from <= @now
		GROUP BY subject_id`,
		pgx.NamedArgs{"ids": ids, "kind": KindRead, "names": names, "official": actor.Official, "now": b.clock.Now()}))
	if err != nil {
		return nil, fmt.Errorf("asking who read: %w", err)
	}
	out := make(map[uuid.UUID]time.Time, len(rows))
	for _, r := range rows {
		if id, err := uuid.Parse(r.SubjectID); err == nil {
			out[id] = r.At
		}
	}
	return out, nil
}

// Reader is an official who read a record of late.
type Reader struct {
	Person      uuid.UUID
	First, Last time.Time
}

// Readers lists the officials who read a record since a moment, by the name of what reading is called.
func (b *Book) Readers(ctx context.Context, name, subject string, since time.Time) ([]Reader, error) {
	list, err := pg.All[Reader](b.reader.Query(ctx, `SELECT actor_id AS person, min(at) AS first, max(at) AS last FROM audit.entry
		WHERE subject_id = @subject AND subject_id <> '' AND kind = @kind AND name = @name AND actor_kind = @official AND actor_id IS NOT NULL AND at >= @since
		GROUP BY actor_id ORDER BY min(at), actor_id`,
		pgx.NamedArgs{"subject": subject, "kind": KindRead, "name": name, "official": actor.Official, "since": since}))
	if err != nil {
		return nil, fmt.Errorf("asking who reads: %w", err)
	}
	return list, nil
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
