package services

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/blocks/audit"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// Acts that can be done to many dossiers at once. To sign many is SignMany: it needs the PIN, which
// is never kept for later.
const (
	BulkAssign   = "assign"   // give what nobody has taken to a case officer
	BulkForward  = "forward"  // give what somebody works on to a colleague
	BulkAsk      = "ask"      // ask all for the same supplement
	BulkSlips    = "slips"    // print the control slips, Form 06
	BulkReceipts = "receipts" // collect the receipts, Form 01
)

// BulkActs lists them in the order in which they are offered.
var BulkActs = []string{BulkAssign, BulkForward, BulkAsk, BulkSlips, BulkReceipts}

// mostBulk is how many dossiers an order has at most.
const mostBulk = 10_000

// BulkIn is an order: which dossiers, what to do, and what that needs.
type BulkIn struct {
	Client   string      `form:"client"`
	Act      string      `form:"act"`
	Dossiers []uuid.UUID `form:"pick"` // those picked; or else
	All      bool        `form:"all"`  // all that Filter finds
	Filter   ListIn
	BulkInput
}

// BulkInput is what the act needs besides the dossiers.
type BulkInput struct {
	To    uuid.UUID `form:"to" json:"to"`
	Note  string    `form:"note" json:"note"`
	Items []Item    `json:"items,omitempty"`
	Basis string    `form:"basis" json:"basis"`
}

// check says what of an order is wrong before anybody looks at dossiers.
func (in BulkIn) check() fault.Fields {
	f := fault.Fields{}
	switch in.Act {
	case BulkAssign, BulkForward:
		f = ForwardIn{To: in.To, Note: in.Note}.check()
	case BulkAsk:
		f = AskIn{Items: in.Items, Basis: in.Basis}.check()
	case BulkSlips, BulkReceipts:
	default:
		f.Set("act", "required")
	}
	return f
}

// BulkLine is a dossier of an order, and why it is left out of it: "" when it is not.
type BulkLine struct {
	ID              uuid.UUID
	Code            string
	State           State
	Moves           int
	Step            string
	ReceivingAgency string
	CompetentAgency string
	Holder          *uuid.UUID
	ApplicantName   string
	StageRequests   int
	AcceptedAt      *time.Time
	Files           bool
	Name            string // of the procedure
	Why             string // text key
}

const bulkColumns = `d.id, d.code, d.state, d.moves, d.step, d.receiving_agency, d.competent_agency, d.holder, d.applicant_name, d.stage_requests,
	d.accepted_at, d.files, p.name, '' AS why`

func (l BulkLine) dossier() Dossier {
	return Dossier{ID: l.ID, Code: l.Code, State: l.State, Moves: l.Moves, Step: l.Step, ReceivingAgency: l.ReceivingAgency, CompetentAgency: l.CompetentAgency,
		Holder: l.Holder, StageRequests: l.StageRequests, AcceptedAt: l.AcceptedAt, Files: l.Files}
}

// leftOut says why a dossier has no part in an order, as a text key; "" when it has. It only spares
// people what would be refused: every act checks for itself.
func (l BulkLine) leftOut(act string, a actor.Actor, to uuid.UUID) string {
	d := l.dossier()
	switch act {
	case BulkAssign:
		switch {
		case d.State != Accepted && !(d.Step == StepHandle && d.Holder == nil):
			return "services.bulk.left.taken"
		case !d.mayBeDecidedBy(a):
			return "services.bulk.left.rights"
		}
	case BulkForward:
		switch {
		case d.Step != StepHandle:
			return "services.bulk.left.other-desk"
		case !d.mayBeWorkedBy(a) && !d.mayBeDecidedBy(a):
			return "services.bulk.left.rights"
		case to != uuid.Nil && d.Holder != nil && *d.Holder == to:
			return "services.bulk.left.same"
		}
	case BulkAsk:
		counter := d.State == Registered
		switch {
		case !counter && d.Step != StepHandle:
			return "services.bulk.left.other-desk"
		case counter && !d.mayBeReceivedBy(a), !counter && !d.mayBeWorkedBy(a) && !d.mayBeDecidedBy(a):
			return "services.bulk.left.rights"
		case d.StageRequests > 0:
			return "services.bulk.left.asked"
		}
	case BulkReceipts:
		if d.AcceptedAt == nil || !d.Files {
			return "services.bulk.left.no-receipt"
		}
	}
	return ""
}

// BulkPreview is what an order would do.
type BulkPreview struct {
	Take    []BulkLine
	Left    []BulkLine
	Reasons map[string]int // text key of why → how many are left out for it
}

// Preview says which dossiers an order would touch and who is left out, and why.
func (m *Module) Preview(ctx context.Context, in BulkIn) (BulkPreview, error) {
	out := BulkPreview{Reasons: map[string]int{}}
	lines, err := m.bulkLines(ctx, in)
	if err != nil {
		return out, err
	}
	who := actor.From(ctx)
	for _, l := range lines {
		if l.Why = l.leftOut(in.Act, who, in.To); l.Why == "" {
			out.Take = append(out.Take, l)
		} else {
			out.Left = append(out.Left, l)
			out.Reasons[l.Why]++
		}
	}
	return out, nil
}

// bulkLines reads the dossiers of an order, of those that the actor may list.
func (m *Module) bulkLines(ctx context.Context, in BulkIn) ([]BulkLine, error) {
	if in.All {
		in.Filter.After = ""
		s, err := m.selecting(ctx, in.Filter)
		if err != nil {
			return nil, err
		}
		at, id := s.start()
		lines, err := pg.All[BulkLine](m.db.Query(ctx, s.sql(bulkColumns), s.page(at, id, mostBulk+1)))
		if err == nil && len(lines) > mostBulk {
			err = fault.Limit("services.bulk.most", "most", mostBulk)
		}
		return lines, err
	}
	if len(in.Dossiers) > mostBulk {
		return nil, fault.Limit("services.bulk.most", "most", mostBulk)
	}
	s, err := m.selecting(ctx, ListIn{})
	if err != nil {
		return nil, err
	}
	return pg.All[BulkLine](m.db.Query(ctx, `SELECT `+bulkColumns+` FROM services.dossier d JOIN services.procedure p ON p.code = d.procedure
		WHERE d.id IN (SELECT unnest(@ids::uuid[])) AND (d.competent_agency = ANY(@offices) OR d.receiving_agency = ANY(@counters)) ORDER BY d.filed_at DESC, d.id DESC`,
		pgx.NamedArgs{"ids": in.Dossiers, "offices": s.args["offices"], "counters": s.args["counters"]}))
}

// OrderBulk orders it: the dossiers as they stand now go into the order, a job does them one by one.
func (m *Module) OrderBulk(ctx context.Context, in BulkIn) (id uuid.UUID, err error) {
	if f := in.check(); f.Any() {
		return id, f
	}
	preview, err := m.Preview(ctx, in)
	if err != nil {
		return id, err
	}
	err = m.book.Act(ctx, "services.bulk.order", func(ctx context.Context, act *audit.Act) error {
		if len(preview.Take) == 0 {
			return fault.Fields{"": "services.bulk.nobody"}
		}
		if in.To != uuid.Nil {
			to, err := m.directory.Actor(ctx, act, in.To, uuid.Nil, act.At)
			if err != nil || !preview.Take[0].dossier().mayBeHandledBy(to) { // at least of the first; each act asks again
				return fault.Fields{"to": "cannot-handle"}
			}
		}
		id = newID()
		act.About("services.bulk", id)
		act.Note("act", in.Act)
		act.Note("dossiers", len(preview.Take))
		input, err := json.Marshal(in.BulkInput)
		if err != nil {
			return err
		}
		act.Queue(`INSERT INTO services.bulk (id, act, person, post, input, total, left_out, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			id, in.Act, act.Actor.ID, act.Actor.PostID, input, len(preview.Take), len(preview.Left), act.At)
		n, all := len(preview.Take)+len(preview.Left), append(append([]BulkLine{}, preview.Take...), preview.Left...)
		ids, moves, states, whys := make([]uuid.UUID, n), make([]int, n), make([]string, n), make([]string, n)
		for i, l := range all {
			ids[i], moves[i], states[i], whys[i] = l.ID, l.Moves, "waiting", l.Why
			if l.Why != "" {
				states[i] = "left"
			}
		}
		act.Queue(`INSERT INTO services.bulk_row (bulk_id, n, dossier_id, moves, state, why)
			SELECT $1, row_number() OVER (), x.* FROM unnest($2::uuid[], $3::int[], $4::text[], $5::text[]) AS x`, id, ids, moves, states, whys)
		act.Job(RunBulk{Bulk: id}, nil)
		return nil
	}, audit.Once(in.Client, in, &id))
	return id, err
}

// Bulk is an order and how far it came.
type Bulk struct {
	ID      uuid.UUID
	Act     string
	Person  uuid.UUID
	Post    uuid.UUID
	Input   BulkInput
	State   string // running, stopping, stopped, over
	Total   int
	LeftOut int
	Done    int
	Failed  int
	At      time.Time
	EndedAt *time.Time
}

const bulkHead = `id, act, person, post, input, state, total, left_out, done, failed, at, ended_at`

// Over says whether nothing more is done.
func (b Bulk) Over() bool { return b.EndedAt != nil }

// BulkOf is an order of the actor's own, given in the post that she uses: who has left a body reads its
// dossiers no longer.
func (m *Module) BulkOf(ctx context.Context, id uuid.UUID) (Bulk, error) {
	b, err := pg.One[Bulk](m.db.Query(ctx, `SELECT `+bulkHead+` FROM services.bulk WHERE id = $1 AND person = $2 AND post = $3`, id, actor.From(ctx).ID, actor.From(ctx).PostID))
	if fault.KindOf(err) == fault.KindNotFound {
		return b, fault.NotFound("services.bulk")
	}
	return b, err
}

// bulksAtOnce is how many orders stand on a page.
const bulksAtOnce = 30

// Bulks lists the actor's orders, the newest first, after one of them (the zero id: from the newest),
// with the one after which the next page goes on; the zero id where there is none.
func (m *Module) Bulks(ctx context.Context, after uuid.UUID) ([]Bulk, uuid.UUID, error) {
	list, err := pg.All[Bulk](m.db.Query(ctx, `SELECT `+bulkHead+` FROM services.bulk WHERE person = @person AND post = @post
		AND (@first OR (at, id) < (SELECT b.at, b.id FROM services.bulk b WHERE b.id = @after AND b.person = @person))
		ORDER BY at DESC, id DESC LIMIT @most`,
		pgx.NamedArgs{"person": actor.From(ctx).ID, "post": actor.From(ctx).PostID, "after": after, "first": after == uuid.Nil, "most": bulksAtOnce + 1}))
	if err != nil || len(list) <= bulksAtOnce {
		return list, uuid.Nil, err
	}
	return list[:bulksAtOnce], list[bulksAtOnce-1].ID, nil
}

// BulkRow is what became of one dossier of an order.
type BulkRow struct {
	N         int
	DossierID uuid.UUID
	State     string // waiting, done, failed, left
	Why       string // text key
	Code      string
	Name      string
	Applicant string
}

// BulkRows lists what became of the dossiers of an order of the actor's own, those that failed first
// or only one kind, a page after a row.
func (m *Module) BulkRows(ctx context.Context, id uuid.UUID, state string, after int) (rows []BulkRow, next int, err error) {
	if _, err := m.BulkOf(ctx, id); err != nil {
		return nil, 0, err
	}
	rows, err = pg.All[BulkRow](m.db.Query(ctx, `SELECT r.n, r.dossier_id, r.state, r.why, d.code, p.name, d.applicant_name AS applicant
		FROM (SELECT * FROM services.bulk_row WHERE bulk_id = @id AND n > @after AND (@state = '' OR state = @state) ORDER BY n LIMIT @limit) r
		JOIN services.dossier d ON d.id = r.dossier_id JOIN services.procedure p ON p.code = d.procedure ORDER BY r.n`,
		pgx.NamedArgs{"id": id, "after": after, "state": state, "limit": pageSize + 1}))
	if err != nil {
		return nil, 0, fmt.Errorf("listing the rows of an order: %w", err)
	}
	if len(rows) > pageSize {
		rows, next = rows[:pageSize], rows[pageSize-1].N
	}
	return rows, next, nil
}

// StopBulkIn stops an order.
type StopBulkIn struct {
	Bulk   uuid.UUID `form:"id"`
	Client string    `form:"client"`
}

// StopBulk ends an order of the actor's own after the dossiers that are being done just now: what is
// done stays done, the rest is left as it is.
func (m *Module) StopBulk(ctx context.Context, in StopBulkIn) error {
	return m.book.Act(ctx, "services.bulk.stop", func(ctx context.Context, act *audit.Act) error {
		act.About("services.bulk", in.Bulk)
		state, err := pg.Value[string](act.Query(ctx, `SELECT state FROM services.bulk WHERE id = $1 AND person = $2 FOR UPDATE`, in.Bulk, act.Actor.ID))
		if fault.KindOf(err) == fault.KindNotFound {
			return fault.NotFound("services.bulk")
		}
		if err == nil && state == "running" {
			act.Queue(`UPDATE services.bulk SET state = 'stopping' WHERE id = $1`, in.Bulk)
		}
		return err
	}, audit.Once(in.Client, in, nil))
}

// BulkActsFor lists what the actor may do to many dossiers. Who may see them may print them.
func (m *Module) BulkActsFor(ctx context.Context) []string {
	a := actor.From(ctx)
	var out []string
	for act, rights := range map[string][]string{BulkAssign: {RightDecide}, BulkForward: {RightHandle, RightDecide}, BulkAsk: {RightReceive, RightHandle, RightDecide}} {
		if slices.ContainsFunc(rights, a.MayAnywhere) {
			out = append(out, act)
		}
	}
	out = append(out, BulkSlips, BulkReceipts)
	slices.SortFunc(out, func(x, y string) int { return slices.Index(BulkActs, x) - slices.Index(BulkActs, y) })
	return out
}
