package services

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// Draft is a result on the leader's desk.
type Draft struct {
	Line
	FileID  uuid.UUID
	Signer  uuid.UUID // whose name stands on it
	Outcome string    // granted or refused
	Officer string    // who proposed it
	Mine    bool      // the reader's own name stands on it: only then she can sign it
}

// mostDrafts is how many papers are signed with one PIN: more than anybody reads at once.
const mostDrafts = 200

// Drafts lists the results that wait for a signature at the bodies the actor decides for, those due
// first. Ids narrow it to what was picked; a pick that is not there is simply not shown.
func (m *Module) Drafts(ctx context.Context, ids ...uuid.UUID) ([]Draft, error) {
	a := actor.From(ctx)
	bodies, _ := a.Where(RightDecide)
	if a.Kind != actor.Official || len(bodies) == 0 {
		return nil, fault.Forbidden("services.drafts")
	}
	list, err := pg.All[Draft](m.db.Query(ctx, `SELECT `+lineColumns+`, o.file_id, coalesce(nullif(o.data->>'signer', ''), '00000000-0000-0000-0000-000000000000')::uuid AS signer,
			coalesce(d.proposed, '') AS outcome, coalesce(h.actor_name, '') AS officer, false AS mine
		FROM services.dossier d JOIN services.procedure p ON p.code = d.procedure
		JOIN services.outgoing o ON o.dossier_id = d.id AND o.kind = 'result' AND o.state = 'draft' AND o.file_id IS NOT NULL
		JOIN services.move h ON h.dossier_id = d.id AND h.n = d.moves
		WHERE d.holder_agency = ANY(@bodies) AND d.state = 4 AND d.step = 'sign' AND (cardinality(@ids::uuid[]) = 0 OR d.id = ANY(@ids))
		ORDER BY d.due_at, d.id LIMIT @most`, pgx.NamedArgs{"bodies": bodies, "ids": append([]uuid.UUID{}, ids...), "most": mostDrafts}))
	if err != nil {
		return nil, fmt.Errorf("listing what waits for a signature: %w", err)
	}
	for i := range list {
		list[i].Mine = list[i].Signer == a.ID
	}
	return list, nil
}

// SignManyIn is the leader's signature on several results with one PIN.
type SignManyIn struct {
	Client   string      `form:"client"`
	Dossiers []uuid.UUID `form:"pick"`
	PIN      string      `form:"pin" json:"-"`
}

// Signing is what became of one of them: Err is nil when it is signed.
type Signing struct {
	Dossier uuid.UUID
	Code    string
	Name    string
	Who     string
	Err     error
	Took    time.Duration
}

// SignMany signs what was picked, one after the other, each an act of its own: one that cannot be
// signed keeps the others from nothing. A wrong PIN signs none.
func (m *Module) SignMany(ctx context.Context, in SignManyIn) ([]Signing, error) {
	switch {
	case len(in.Dossiers) == 0:
		return nil, fault.Fields{"pick": "required"}
	case len(in.Dossiers) > mostDrafts:
		return nil, fault.Fields{"pick": "too-many"}
	}
	drafts, err := m.Drafts(ctx, in.Dossiers...)
	if err != nil {
		return nil, err
	}
	known := map[uuid.UUID]Draft{}
	for _, d := range drafts {
		known[d.ID] = d
	}
	out, pin := make([]Signing, 0, len(in.Dossiers)), in.PIN
	seen := map[uuid.UUID]bool{}
	for _, id := range in.Dossiers {
		if seen[id] {
			continue
		}
		seen[id] = true
		d := known[id]
		one := Signing{Dossier: id, Code: d.Code, Name: d.Name, Who: d.ApplicantName}
		start := m.clock.Now()
		one.Err = m.Sign(ctx, SignIn{Dossier: id, Client: uuid.NewSHA1(id, []byte(in.Client)).String(), PIN: pin})
		one.Took = m.clock.Now().Sub(start)
		if _, wrong := one.Err.(fault.Fields); wrong || fault.KindOf(one.Err) == fault.KindLimit { // of the PIN
			if len(out) == 0 || !anySigned(out) {
				return nil, one.Err
			}
		}
		if one.Err == nil {
			pin = "" // the key is open in this session now
		}
		out = append(out, one)
		if ctx.Err() != nil {
			return out, ctx.Err()
		}
	}
	return out, nil
}

func anySigned(list []Signing) bool {
	for _, s := range list {
		if s.Err == nil {
			return true
		}
	}
	return false
}
