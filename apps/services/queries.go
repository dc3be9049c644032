package services

import (
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/blocks/audit"
	"datmui/blocks/files"
	"datmui/blocks/pay"
	"datmui/blocks/represent"
	"datmui/blocks/sign"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// Record is a dossier with all that its page shows.
type Record struct {
	Dossier
	Def        Definition
	Slip       []Move
	Papers     []Paper
	Requests   []Request
	Outgoing   []Outgoing
	Notes      []Note                   // of officials for officials: empty for the citizen
	Opinions   []Opinion                // of other bodies, likewise
	Signed     []sign.Made              // on the papers that went out
	Contents   map[uuid.UUID]files.File // of the papers: pages, kind, scan
	Seen       map[uuid.UUID]time.Time  // when an officer first opened a file; for the citizen alone
	Rating     *Rating                  // for who gave it and who answers it
	ByFiler    *Filing                  // by what somebody filed in the applicant's name; nil: she filed herself
	Complaints []Complaint              // of the citizen, that it is late
	Authority  *Authority               // by which somebody acts for another; nil: none is on record
	Originals  []Original               // what the counter found, the oldest first
	Parcels    []Parcel                 // by which the result was sent, likewise
	Bills      []pay.Bill               // what was asked for, oldest first
	Bodies     map[string]string        // agency id → name
	People     map[uuid.UUID]string

	InSet *LinkedSet // the inter-linked set it is part of; nil: none

	HolderPost string // post of the holder at the body that holds the dossier; "" where nobody does
}

// Paper is one filed file or sheet.
type Paper struct {
	Place     string
	N         int
	FileID    *uuid.UUID
	Name      string
	Originals int
	Copies    int
	Digitised int
	AddedAt   time.Time
}

// Dossier opens one dossier and records who opened it. A dossier outside the actor's offices is
// NotFound: that it exists is already private.
func (m *Module) Dossier(ctx context.Context, id uuid.UUID) (Record, error) {
	return audit.Read(ctx, m.book, "services.dossier.open", id, func(r pg.Reader) (Record, error) {
		return m.record(ctx, r, id)
	})
}

func (m *Module) record(ctx context.Context, r pg.Reader, id uuid.UUID) (Record, error) {
	var rec Record
	d, err := pg.One[Dossier](r.Query(ctx, `SELECT `+dossierColumns+` FROM services.dossier WHERE id = $1`, id))
	if fault.KindOf(err) == fault.KindNotFound {
		return rec, fault.NotFound("services.dossier")
	}
	if err != nil {
		return rec, err
	}
	if may, err := m.maySee(ctx, d, actor.From(ctx)); err != nil {
		return rec, err
	} else if !may {
		return rec, fault.NotFound("services.dossier")
	}
	rec.Dossier = d
	if rec.Def, err = m.Definition(ctx, d.Procedure, d.Version); err != nil {
		return rec, err
	}
	if err := rec.readSlip(ctx, r); err != nil {
		return rec, err
	}
	if rec.Term, err = termOf(ctx, r, &rec.Dossier); err != nil {
		return rec, err
	}
	if rec.Requests, err = pg.All[Request](r.Query(ctx, `SELECT `+requestColumns+` FROM services.request WHERE dossier_id = $1 ORDER BY asked_at`, id)); err != nil {
		return rec, err
	}
	if rec.Outgoing, err = pg.All[Outgoing](r.Query(ctx, `SELECT `+outgoingColumns+` FROM services.outgoing WHERE dossier_id = $1 ORDER BY at`, id)); err != nil {
		return rec, err
	}
	if rec.Signed, err = sign.MadeOn(ctx, r, dossierKind, id); err != nil {
		return rec, err
	}
	list, err := m.files.List(ctx, r, files.Subject{Kind: filesKind, ID: id})
	if err != nil {
		return rec, err
	}
	rec.Contents = contentsOf(list)
	if actor.From(ctx).Kind == actor.Citizen {
		var ids []uuid.UUID
		for _, p := range rec.Papers {
			if p.FileID != nil {
				ids = append(ids, *p.FileID)
			}
		}
		if rec.Seen, err = m.files.FirstSeen(ctx, ids...); err != nil {
			return rec, err
		}
	}
	if actor.From(ctx).Kind == actor.Official {
		if rec.Notes, err = pg.All[Note](r.Query(ctx, `SELECT id, at, author_name, author_post, text FROM services.note WHERE dossier_id = $1 ORDER BY at, id`, id)); err != nil {
			return rec, err
		}
		if rec.Opinions, err = opinionsOf(ctx, r, id); err != nil {
			return rec, err
		}
	}
	if rec.ByFiler, err = filingOf(ctx, r, d); err != nil {
		return rec, err
	}
	if rec.Bills, err = m.pay.BillsOf(ctx, r, id); err != nil {
		return rec, err
	}
	if rec.InSet, err = m.inSet(ctx, r, id); err != nil {
		return rec, err
	}
	if rec.Complaints, err = m.complaintsOf(ctx, r, id); err != nil {
		return rec, err
	}
	if rec.ActsForAnother() {
		if rec.Authority, err = authorityOf(ctx, r, id); err != nil {
			return rec, err
		}
	}
	if rec.Def.AtReturn {
		if rec.Originals, err = originalsOf(ctx, r, id); err != nil {
			return rec, err
		}
	}
	if rec.FinishedAt != nil {
		if rec.Parcels, err = parcelsOf(ctx, r, id); err != nil {
			return rec, err
		}
	}
	if rec.State.Terminal() {
		if rec.Rating, err = ratingOf(ctx, r, d); err != nil {
			return rec, err
		}
	}
	return rec, m.names(ctx, &rec)
}

// Result is the signed result, if there is one.
func (rec Record) Result() (Outgoing, bool) {
	for _, o := range rec.Outgoing {
		if o.Kind == OutgoingResult && o.State == "issued" && o.FileID != nil {
			return o, true
		}
	}
	return Outgoing{}, false
}

// ResultFor is the signed result as somebody may take it who filed or for whom it is: in another's name
// only with the right to collect, and not before it is paid and the originals that are needed were handed in.
func (rec Record) ResultFor(a actor.Actor) (Outgoing, bool) {
	if !a.MayFor(represent.Collect) || rec.feeDue() || len(rec.OriginalsOwed()) > 0 {
		return Outgoing{}, false
	}
	return rec.Result()
}

// OutgoingFor are the papers that were issued; the result can be opened only by whoever may take it.
func (rec Record) OutgoingFor(a actor.Actor) []Outgoing {
	if _, ok := rec.ResultFor(a); ok {
		return rec.Outgoing
	}
	out := slices.Clone(rec.Outgoing)
	for i := range out {
		if out[i].Kind == OutgoingResult {
			out[i].FileID = nil
		}
	}
	return out
}

// readSlip reads the control slip and the list of papers.
func (rec *Record) readSlip(ctx context.Context, r pg.Reader) (err error) {
	if rec.Slip, err = pg.All[Move](r.Query(ctx, `SELECT n, from_state, to_state, act, at, actor, actor_name, actor_post, agency, to_agency,
		to_person, to_name, note, basis, due_at, timing FROM services.move WHERE dossier_id = $1 ORDER BY n`, rec.ID)); err != nil {
		return fmt.Errorf("reading the control slip of %s: %w", rec.Code, err)
	}
	rec.Papers, err = papersOf(ctx, r, rec.ID)
	return err
}

// papersOf reads the list of papers of a dossier.
func papersOf(ctx context.Context, r pg.Reader, dossier uuid.UUID) ([]Paper, error) {
	list, err := pg.All[Paper](r.Query(ctx, `SELECT place, n, file_id, name, originals, copies, digitised, added_at
		FROM services.paper WHERE dossier_id = $1 ORDER BY place, n`, dossier))
	if err != nil {
		return nil, fmt.Errorf("reading the papers of a dossier: %w", err)
	}
	return list, nil
}

func contentsOf(list []files.File) map[uuid.UUID]files.File {
	out := make(map[uuid.UUID]files.File, len(list))
	for _, f := range list {
		out[f.ID] = f
	}
	return out
}

// names fills in what agencies and people are called.
func (m *Module) names(ctx context.Context, rec *Record) error {
	rec.Bodies, rec.People = map[string]string{}, map[uuid.UUID]string{}
	ids := []string{rec.ReceivingAgency, rec.CompetentAgency, rec.HolderAgency}
	if rec.SupportAgency != nil {
		ids = append(ids, *rec.SupportAgency)
	}
	if rec.InSet != nil {
		for _, p := range rec.InSet.Parts {
			ids = append(ids, p.CompetentAgency, p.HolderAgency)
		}
	}
	for _, id := range ids {
		if rec.Bodies[id] != "" {
			continue
		}
		name, err := m.bodyName(ctx, id, m.clock.Now(), rec.UpdatedAt)
		if err != nil {
			return err
		}
		rec.Bodies[id] = name
	}
	for _, mv := range rec.Slip { // bodies it has gone through and that are over since
		if mv.ToAgency == "" || rec.Bodies[mv.ToAgency] != "" {
			continue
		}
		name, err := m.bodyName(ctx, mv.ToAgency, mv.At)
		if err != nil {
			return err
		}
		rec.Bodies[mv.ToAgency] = name
	}
	for _, o := range rec.Opinions {
		if rec.Bodies[o.Agency] != "" {
			continue
		}
		name, err := m.bodyName(ctx, o.Agency, m.clock.Now(), o.AskedAt)
		if err != nil {
			return err
		}
		rec.Bodies[o.Agency] = name
	}
	if rec.Holder != nil {
		p, err := m.person(ctx, *rec.Holder)
		if err != nil {
			return err
		}
		rec.People[*rec.Holder] = p.Name
		posts, err := m.directory.PostsOf(ctx, *rec.Holder)
		if err != nil {
			return err
		}
		for _, post := range posts {
			if post.Agency == rec.HolderAgency && post.ValidTo == nil {
				rec.HolderPost = post.Title
				break
			}
		}
	}
	return nil
}

// bodyName is what a body is called on the first of some days on which it is in force.
func (m *Module) bodyName(ctx context.Context, id string, days ...time.Time) (string, error) {
	for _, day := range days {
		a, err := m.directory.Agency(ctx, id, day)
		if err == nil {
			return a.Name, nil
		}
		if fault.KindOf(err) != fault.KindNotFound {
			return "", err
		}
	}
	return id, nil
}

// OpenBill is what is still to be paid, if anything is.
func (r Record) OpenBill() (pay.Bill, bool) {
	for _, b := range r.Bills {
		if b.Open() && !r.State.Terminal() {
			return b, true
		}
	}
	return pay.Bill{}, false
}

// OpenRequest is the supplement request that waits for an answer, if one does.
func (r Record) OpenRequest() (Request, bool) {
	for _, q := range r.Requests {
		if q.State == "asked" && q.AnsweredAt == nil {
			return q, true
		}
	}
	return Request{}, false
}

// Proposed is the supplement request that waits for the head, if one does.
func (r Record) Proposed() (Request, bool) {
	for _, q := range r.Requests {
		if q.State == "proposed" && q.AnsweredAt == nil {
			return q, true
		}
	}
	return Request{}, false
}

// Line is one dossier in a list. It shows no personal number.
type Line struct {
	ID            uuid.UUID
	Code          string
	Procedure     string
	Version       int
	Name, NameEN  string // of the procedure
	State         State
	Step          string
	ApplicantName string
	Subject       string
	HolderAgency  string
	FiledAt       time.Time
	DueAt         *time.Time
	PausedAt      *time.Time
	FinishedAt    *time.Time
}

const lineColumns = `d.id, d.code, d.procedure, d.version, p.name, p.name_en, d.state, d.step, d.applicant_name, d.subject, d.holder_agency,
	d.filed_at, d.due_at, d.paused_at, d.finished_at`

// Mine lists the citizen's own dossiers, those she filed and those about her, newest first, a page at a time after the key.
func (m *Module) Mine(ctx context.Context, after string) (Page, error) {
	a := actor.From(ctx)
	if a.Kind != actor.Citizen {
		return Page{}, fault.Forbidden("services.mine")
	}
	at, id := ParseKey(after)
	if !a.MayFor(represent.SeeAll) {
		return m.filedInName(ctx, a, at, id)
	}
	rows, err := pg.All[Line](m.db.Query(ctx, `SELECT `+lineColumns+` FROM (
			(SELECT * FROM services.dossier x WHERE x.applicant = @me
				AND (x.filed_at, x.id) < (@at, @id)
				ORDER BY x.filed_at DESC, x.id DESC LIMIT @limit)
			UNION ALL
			(SELECT * FROM services.dossier x WHERE x.owner = @me AND x.owner <> x.applicant
				AND (x.filed_at, x.id) < (@at, @id)
				ORDER BY x.filed_at DESC, x.id DESC LIMIT @limit)
		) d JOIN services.procedure p ON p.code = d.procedure
		ORDER BY d.filed_at DESC, d.id DESC LIMIT @limit`, pgx.NamedArgs{"me": a.Party(), "at": at, "id": id, "limit": pageSize + 1}))
	return paged(rows, err)
}

// pageSize is how many lines a list shows.
const pageSize = 50

// Page is one page of a list; Next is the key of the page after it, "" at the end.
type Page struct {
	Lines []Line
	Next  string
}

func paged(rows []Line, err error) (Page, error) {
	if err != nil {
		return Page{}, err
	}
	if len(rows) <= pageSize {
		return Page{Lines: rows}, nil
	}
	last := rows[pageSize-1]
	return Page{Lines: rows[:pageSize], Next: MakeKey(last.FiledAt, last.ID)}, nil
}

// MakeKey makes a page key: the list goes on after this place.
func MakeKey(at time.Time, id uuid.UUID) string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%d.%s", at.UnixMicro(), id))
}

// ParseKey reads a page key; a broken one is the first page, after nothing.
func ParseKey(s string) (time.Time, uuid.UUID) {
	first := time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
	raw, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return first, uuid.Max
	}
	micro, rest, ok := strings.Cut(string(raw), ".")
	id, err := uuid.Parse(rest)
	n, wrong := strconv.ParseInt(micro, 10, 64)
	at := time.UnixMicro(n).UTC()
	if !ok || err != nil || wrong != nil || at.Year() < 1900 || at.After(first) {
		return first, uuid.Max
	}
	return at, id
}

// officesOf lists the bodies whose dossiers the actor may list: the post in use first.
func officesOf(a actor.Actor) []string {
	return bodiesWith(a, RightReceive, RightHandle, RightDecide, RightNumber, RightReturn, RightCash, RightSupervise)
}

// MayList says whether there is a list of dossiers for the actor.
func MayList(a actor.Actor) bool { return len(officesOf(a)) > 0 }

// countersOf lists the bodies where the actor may also see what is decided elsewhere: see mayBeSeenBy.
func countersOf(a actor.Actor) []string {
	return bodiesWith(a, RightReceive, RightReturn, RightCash, RightSupervise)
}

func bodiesWith(a actor.Actor, rights ...string) []string {
	out := []string{}
	if a.Kind != actor.Official {
		return out
	}
	for _, right := range rights {
		ids, _ := a.Where(right)
		for _, id := range ids {
			if !slices.Contains(out, id) {
				out = append(out, id)
			}
		}
	}
	for i, id := range out {
		if id == a.Office {
			out[0], out[i] = out[i], out[0]
		}
	}
	return out
}
