package audit

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"datmui/kit/actor"
)

// Kind of an entry.
const (
	KindAct   = "act"
	KindRead  = "read"
	KindBatch = "batch"
)

// Entry is what the Book remembers of one act, one access or one batch.
type Entry struct {
	Kind        string
	Name        string // module.noun.verb, for example services.dossier.decide
	At          time.Time
	Actor       actor.Actor
	SubjectKind string
	SubjectID   string
	Persons     []uuid.UUID    // whose record was touched
	VisibleFrom time.Time      // when they are told; zero means at once
	Request     string         // request number, the same as in the log
	Detail      map[string]any // kept for ever
	Private     map[string]any // may be blanked by retention
}

// body is the canonical form of an entry: encoding/json writes struct fields in order and map
// keys sorted, so the same entry is always the same bytes.
type body struct {
	Kind         string         `json:"kind"`
	Name         string         `json:"name"`
	At           string         `json:"at"`
	ActorKind    string         `json:"actor_kind"`
	ActorID      string         `json:"actor_id,omitempty"`
	SubjectKind  string         `json:"subject_kind,omitempty"`
	SubjectID    string         `json:"subject_id,omitempty"`
	Persons      []uuid.UUID    `json:"persons,omitempty"`
	VisibleFrom  string         `json:"visible_from,omitempty"`
	Request      string         `json:"request,omitempty"`
	Detail       map[string]any `json:"detail,omitempty"`
	PersonalHash string         `json:"personal_sha256"`
}

// personal is what names or describes somebody, as text of that moment.
type personal struct {
	Name   string         `json:"name,omitempty"`
	Post   string         `json:"post,omitempty"`
	Agency string         `json:"agency,omitempty"`
	Detail map[string]any `json:"detail,omitempty"`
}

// Row is an entry in the form in which it is stored; bulk loaders copy it.
type Row struct {
	Kind, Name  string
	At          time.Time
	ActorKind   string
	ActorID     *uuid.UUID
	SubjectKind string
	SubjectID   string
	Persons     []uuid.UUID
	VisibleFrom time.Time
	Salt        []byte
	Body        string
	Personal    string
	Leaf        []byte
}

// Columns are the columns of audit.entry that Row.Values fills, in order.
var Columns = []string{"kind", "name", "at", "actor_kind", "actor_id", "subject_kind", "subject_id",
	"persons", "visible_from", "salt", "body", "personal", "leaf"}

// Values lists the row in the order of Columns.
func (r Row) Values() []any {
	return []any{r.Kind, r.Name, r.At, r.ActorKind, r.ActorID, r.SubjectKind, r.SubjectID,
		r.Persons, r.VisibleFrom, r.Salt, r.Body, r.Personal, r.Leaf}
}

// Row gives the entry its salt and leaf.
func (e Entry) Row() (Row, error) {
	salt := make([]byte, 16)
	_, _ = rand.Read(salt) // never fails since Go 1.24
	at := e.At.UTC().Truncate(time.Microsecond)
	priv, err := json.Marshal(personal{e.Actor.Name, e.Actor.Post, e.Actor.Agency, e.Private})
	if err != nil {
		return Row{}, fmt.Errorf("writing the personal part: %w", err)
	}
	b := body{
		Kind: e.Kind, Name: e.Name, At: at.Format(time.RFC3339Nano), ActorKind: string(e.Actor.Kind),
		SubjectKind: e.SubjectKind, SubjectID: e.SubjectID, Persons: e.Persons, Request: e.Request,
		Detail: e.Detail, PersonalHash: saltedHex(salt, priv),
	}
	r := Row{
		Kind: e.Kind, Name: e.Name, At: at, ActorKind: string(e.Actor.Kind),
		SubjectKind: e.SubjectKind, SubjectID: e.SubjectID, Persons: e.Persons,
		VisibleFrom: at, Salt: salt, Personal: string(priv),
	}
	if r.Persons == nil {
		r.Persons = []uuid.UUID{}
	}
	if e.Actor.ID != uuid.Nil {
		b.ActorID = e.Actor.ID.String()
		r.ActorID = &e.Actor.ID
	}
	if !e.VisibleFrom.IsZero() {
		r.VisibleFrom = e.VisibleFrom.UTC().Truncate(time.Microsecond)
		b.VisibleFrom = r.VisibleFrom.Format(time.RFC3339Nano)
	}
	text, err := json.Marshal(b)
	if err != nil {
		return Row{}, fmt.Errorf("writing the entry: %w", err)
	}
	r.Body = string(text)
	r.Leaf = leafOf(salt, r.Body)
	return r, nil
}

func leafOf(salt []byte, body string) []byte {
	h := sha256.New()
	h.Write(salt)
	h.Write([]byte(body))
	return h.Sum(nil)
}

func saltedHex(salt, data []byte) string {
	h := sha256.New()
	h.Write(salt)
	h.Write(data)
	return hex.EncodeToString(h.Sum(nil))
}

const entryInsert = `INSERT INTO audit.entry (kind, name, at, actor_kind, actor_id, subject_kind, subject_id,
	persons, visible_from, salt, body, personal, leaf)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`

func insertEntry(e Entry) (string, []any, error) {
	r, err := e.Row()
	if err != nil {
		return "", nil, err
	}
	return entryInsert, r.Values(), nil
}

type requestKey struct{}

// WithRequest notes the request number, which entries and log lines share.
func WithRequest(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestKey{}, id)
}

func requestOf(ctx context.Context) string {
	s, _ := ctx.Value(requestKey{}).(string)
	return s
}
