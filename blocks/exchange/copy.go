package exchange

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/blocks/audit"
	"datmui/blocks/directory"
	"datmui/blocks/represent"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// CopyIn is a dossier that another system works and tells us of.
type CopyIn struct {
	Code      string
	Procedure string
	Owner     string
	Number    string // the owner's personal number; "": not said, and she does not see it here
	Unit      string // code of the body that took it in
	Seq       int64
	State     int
	FiledAt   time.Time
	DueAt     time.Time // zero: not known
}

// ErrOurs is the answer to a dossier of a procedure that is worked here: it is filed here.
var ErrOurs = fault.Forbidden("exchange.ours")

// Copy takes down a dossier that is worked in another system. Only procedures that are not worked
// here can have any; it lies on no desk of ours and no act of ours can change it.
// law: public-services.md 2 — fact 2: the province only receives synced data.
func (b *Block) Copy(ctx context.Context, in CopyIn) (out Heard, err error) {
	if !b.On() {
		return "", fault.NotFound("exchange")
	}
	f := fault.Fields{}
	for name, v := range map[string]string{"MaHoSo": in.Code, "MaTTHC": in.Procedure, "ChuHoSo": in.Owner, "MaDonViTiepNhan": in.Unit} {
		if v == "" || len([]rune(v)) > 200 {
			f.Set(name, "invalid")
		}
	}
	if len(in.Number) > 20 {
		f.Set("SoDinhDanhChuSoHuu", "invalid")
	}
	if in.Seq < 1 {
		f.Set("ThuTu", "invalid")
	}
	if in.State < 1 || in.State > 10 {
		f.Set("TrangThai", "invalid")
	}
	if in.FiledAt.IsZero() {
		f.Set("NgayNop", "invalid")
	}
	if f.Any() {
		return "", f
	}
	name, elsewhere, err := b.c.Elsewhere(ctx, in.Procedure)
	if err != nil {
		return "", err
	}
	if !elsewhere {
		return "", ErrOurs
	}
	agency, err := b.c.Unit(ctx, in.Unit)
	if err != nil {
		return "", err
	}
	peer := b.c.Peer.Name()
	err = b.c.Book.Act(actor.With(ctx, actor.ForSystem(peer)), "exchange.copy", func(ctx context.Context, act *audit.Act) error {
		if err := lockCode(ctx, act, peer, in.Code); err != nil {
			return err
		}
		if _, err := b.c.Source.State(ctx, act, in.Code); err == nil {
			return ErrOurs // the code is one of ours
		} else if fault.KindOf(err) != fault.KindNotFound {
			return err
		}
		last, err := pg.One[copied](act.Query(ctx, `SELECT seq, state, person FROM exchange.copy WHERE peer = $1 AND code = $2`, peer, in.Code))
		switch {
		case err != nil && fault.KindOf(err) != fault.KindNotFound:
			return err
		case err == nil && last.Seq == in.Seq && last.State == in.State:
			out = KnownYet
			return nil
		case err == nil && in.Seq <= last.Seq:
			return ErrOrder
		}
		person, err := ownerOf(ctx, act, in)
		if err != nil {
			return err
		}
		act.About("exchange.copy", in.Code, some(person)...)
		act.Note("state", in.State)
		out = Agreed
		var due *time.Time
		if !in.DueAt.IsZero() {
			due = &in.DueAt
		}
		act.Queue(`INSERT INTO exchange.copy (peer, code, procedure, name, owner, person, agency, state, seq, filed_at, due_at, updated_at)
			VALUES (@peer, @code, @procedure, @name, @owner, @person, @agency, @state, @seq, @filed, @due, @at)
			ON CONFLICT (peer, code) DO UPDATE SET owner = excluded.owner, person = excluded.person, agency = excluded.agency, state = excluded.state, seq = excluded.seq,
				due_at = excluded.due_at, updated_at = excluded.updated_at`,
			pgx.NamedArgs{"peer": peer, "code": in.Code, "procedure": in.Procedure, "name": name, "owner": in.Owner, "person": person, "agency": agency, "state": in.State,
				"seq": in.Seq, "filed": in.FiledAt, "due": due, "at": act.At})
		return nil
	})
	return out, err
}

type copied struct {
	Seq    int64
	State  int
	Person *uuid.UUID
}

// ownerOf is the one person who bears both the number and the name; nil when that is not sure.
// law: public-services.md 13 — numbers may be cancelled and given anew: never the only key.
func ownerOf(ctx context.Context, act *audit.Act, in CopyIn) (*uuid.UUID, error) {
	if in.Number == "" {
		return nil, nil
	}
	p, err := directory.SamePerson(ctx, act, in.Number, in.Owner)
	if err != nil || p.ID == uuid.Nil {
		return nil, err
	}
	return &p.ID, nil
}

func some(id *uuid.UUID) []uuid.UUID {
	if id == nil {
		return nil
	}
	return []uuid.UUID{*id}
}

// lockCode lets one message at a time say something of a record.
func lockCode(ctx context.Context, act *audit.Act, peer, code string) error {
	_, err := act.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`, "exchange "+peer+" "+code)
	return err
}

// hearCopy takes the next state of a dossier that is worked elsewhere.
func (b *Block) hearCopy(ctx context.Context, act *audit.Act, in HearIn) (Heard, error) {
	peer := b.c.Peer.Name()
	last, err := pg.One[copied](act.Query(ctx, `SELECT seq, state, person FROM exchange.copy WHERE peer = $1 AND code = $2`, peer, in.Code))
	switch {
	case err != nil:
		return "", err
	case in.Seq == last.Seq && in.State == last.State:
		return KnownYet, nil
	case in.Seq <= last.Seq:
		return "", ErrOrder
	}
	act.About("exchange.copy", in.Code, some(last.Person)...)
	act.Note("state", in.State)
	act.Queue(`UPDATE exchange.copy SET state = $3, seq = $4, updated_at = $5 WHERE peer = $1 AND code = $2`, peer, in.Code, in.State, in.Seq, act.At)
	return Agreed, nil
}

// CopyLine is a dossier worked elsewhere, as the body that took it in sees it.
type CopyLine struct {
	Code      string
	Procedure string
	Name      string
	Owner     string
	Agency    string
	State     int
	FiledAt   time.Time
	DueAt     *time.Time
	UpdatedAt time.Time
}

// copiesSQL reads a page of copies by their last change, the newest first.
const copiesSQL = `SELECT code, procedure, name, owner, agency, state, filed_at, due_at, updated_at FROM exchange.copy
	WHERE peer = @peer AND %s AND (@first OR (updated_at, code) < (@since, @code)) ORDER BY updated_at DESC, code DESC LIMIT @most`

// copies reads a page of copies and the key of the next one.
func (b *Block) copies(ctx context.Context, whose, after string, args pgx.NamedArgs) ([]CopyLine, string, error) {
	since, code := readKey(after)
	args["peer"], args["first"], args["since"], args["code"], args["most"] = b.c.Peer.Name(), code == "", since, code, perPage+1
	list, err := pg.All[CopyLine](b.c.DB.Query(ctx, fmt.Sprintf(copiesSQL, whose), args))
	if err != nil {
		return nil, "", fmt.Errorf("listing what is worked elsewhere: %w", err)
	}
	if len(list) <= perPage {
		return list, "", nil
	}
	last := list[perPage-1]
	return list[:perPage], writeKey(last.UpdatedAt, last.Code), nil
}

// Mine lists the dossiers that the other system works for the actor, or for whom she acts, the newest
// change first, with the key of the next page; nothing where the exchange is off or she may not see all.
// law: public-services.md 2 — the province only receives synced data.
func (b *Block) Mine(ctx context.Context, after string) ([]CopyLine, string, error) {
	a := actor.From(ctx)
	if a.Kind != actor.Citizen {
		return nil, "", fault.Forbidden("exchange.mine")
	}
	if !b.On() || !a.MayFor(represent.SeeAll) {
		return nil, "", nil
	}
	return b.copies(ctx, "person = @person", after, pgx.NamedArgs{"person": a.Party()})
}
