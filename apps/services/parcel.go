package services

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/blocks/calendar"
	"datmui/blocks/files"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// Parcel is a result on its way by public post (bưu chính công ích).
type Parcel struct {
	ID       uuid.UUID
	Carrier  string
	Number   string // by which the carrier follows it
	Receiver string
	Address  string
	SentAt   time.Time
	SentName string
	EndedAt  *time.Time
	EndedOn  *time.Time // the day on which it was delivered or came back
	TakenBy  string     // who received it; "" unless it was delivered
	Proof    *uuid.UUID // the carrier's proof of delivery
	BackWhy  string     // why it came back; "" unless it did
}

// Open says whether it is still on its way.
func (p Parcel) Open() bool { return p.EndedAt == nil }

// parcelChase is after how long the counter asks the carrier where a parcel is. No text known here
// sets it: the house does.
const parcelChase = 7 * 24 * time.Hour

const parcelColumns = `id, carrier, number, receiver, address, sent_at, sent_name, ended_at, ended_on, taken_by, proof, back_why`

func parcelsOf(ctx context.Context, r pg.Reader, dossier uuid.UUID) ([]Parcel, error) {
	list, err := pg.All[Parcel](r.Query(ctx, `SELECT `+parcelColumns+` FROM services.parcel WHERE dossier_id = $1 ORDER BY sent_at, id`, dossier))
	if err != nil {
		return nil, fmt.Errorf("reading what was posted: %w", err)
	}
	return list, nil
}

// Posted is the parcel that is on its way, if one is.
func (r Record) Posted() (Parcel, bool) {
	if n := len(r.Parcels); n > 0 && r.Parcels[n-1].Open() {
		return r.Parcels[n-1], true
	}
	return Parcel{}, false
}

var trackingForm = regexp.MustCompile(`^[0-9A-Z]{5,30}$`)

// trackingNumber is a number of a postal item as the carrier writes it: without the gaps in which it
// is printed, in capitals. "" is no such number.
func trackingNumber(s string) string {
	s = strings.ToUpper(strings.NewReplacer(" ", "", "-", "", ".", "", "\u00a0", "").Replace(s))
	if !trackingForm.MatchString(s) || !strings.ContainsAny(s, "0123456789") {
		return ""
	}
	return s
}

// PostIn gives a result to a carrier.
type PostIn struct {
	Dossier  uuid.UUID `form:"id"`
	Client   string    `form:"client"`
	Carrier  string    `form:"carrier"`
	Number   string    `form:"number"` // of the postal item
	Receiver string    `form:"receiver"`
	Address  string    `form:"address"`
}

func (in PostIn) check() fault.Fields {
	f := fault.Fields{}
	f.Text("carrier", in.Carrier, 200)
	f.Text("receiver", in.Receiver, 200)
	f.Text("address", in.Address, 500)
	if f.Text("number", in.Number, 60); f["number"] == "" && trackingNumber(in.Number) == "" {
		f.Set("number", "invalid")
	}
	return f
}

// Send gives the result to the carrier. The dossier is not returned yet: it stays on the counter's
// desk, which asks the carrier if it hears nothing, until it is delivered or has come back.
// law: public-services.md 6.2 — 9→10 needs postal proof; 4 — the hand-over of papers is an axis of its own.
func (m *Module) Send(ctx context.Context, in PostIn) error {
	if err := in.check().Err(); err != nil {
		return err
	}
	return m.book.Act(ctx, "services.dossier.post", func(ctx context.Context, act *audit.Act) error {
		d, def, err := m.lockWith(ctx, act, in.Dossier)
		if err != nil {
			return err
		}
		if !d.mayBeReturnedBy(act.Actor) {
			return fault.NotFound("services.dossier")
		}
		if d.State != Finished {
			return illegal(d.State, Returned)
		}
		if err := m.mayLeave(ctx, act, &d); err != nil {
			return err
		}
		number := trackingNumber(in.Number)
		d.Step = StepPost
		d.save(act)
		act.Note("parcel", number)
		act.Queue(`INSERT INTO services.parcel (id, dossier_id, carrier, number, receiver, address, sent_at, sent_by, sent_name)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, newID(), d.ID, strings.TrimSpace(in.Carrier), number, strings.TrimSpace(in.Receiver),
			strings.TrimSpace(in.Address), act.At, act.Actor.ID, act.Actor.Name)
		m.onDesk(act, &d)
		m.tellApplicant(ctx, act, &d, PostedNotice{Code: d.Code, Procedure: def.Name, Carrier: strings.TrimSpace(in.Carrier), Number: number, Path: pathOf(&d)})
		return nil
	}, audit.Once(in.Client, in, nil))
}

// DeliveredIn says that a parcel has arrived.
type DeliveredIn struct {
	Dossier  uuid.UUID `form:"id"`
	Client   string    `form:"client"`
	Receiver string    `form:"receiver"` // who took it
	On       string    `form:"on"`       // the day, 2026-11-24
	Proof    uuid.UUID // the carrier's proof: a file that the officer sent
}

// Deliver ends a dossier with the carrier's proof that the result has arrived.
// law: public-services.md 6.2 — 9→10: receiver identity or postal proof; hand-over record.
func (m *Module) Deliver(ctx context.Context, in DeliveredIn) error {
	f := fault.Fields{}
	f.Text("receiver", in.Receiver, 200)
	on := dayOf(f, "on", in.On)
	if in.Proof == uuid.Nil {
		f.Set("file", "required")
	}
	if f.Any() {
		return f
	}
	return m.book.Act(ctx, "services.dossier.delivered", func(ctx context.Context, act *audit.Act) error {
		d, def, parcel, err := m.lockPosted(ctx, act, in.Dossier, on)
		if err != nil {
			return err
		}
		who := strings.TrimSpace(in.Receiver)
		if err := m.files.Attach(ctx, act, files.Subject{Kind: filesKind, ID: d.ID}, d.AuditPersons(), files.Attachment{ID: in.Proof, Role: "delivery"}); err != nil {
			return err
		}
		act.Queue(`UPDATE services.parcel SET ended_at = $2, ended_on = $3, taken_by = $4, proof = $5 WHERE id = $1`, parcel.ID, act.At, on.UTC(), who, in.Proof)
		return m.handOver(ctx, act, &d, def, fmt.Sprintf("%s %s — %s, %s", parcel.Carrier, parcel.Number, who, on.UTC().Format("02/01/2006")))
	}, audit.Once(in.Client, in, nil))
}

// CameBackIn says that a parcel has come back.
type CameBackIn struct {
	Dossier uuid.UUID `form:"id"`
	Client  string    `form:"client"`
	Reason  string    `form:"reason"`
	On      string    `form:"on"` // the day, 2026-11-24
}

// CameBack lays a result that could not be delivered on the counter's desk again; the citizen is told
// why, and that she may come for it or have it sent once more.
func (m *Module) CameBack(ctx context.Context, in CameBackIn) error {
	f := fault.Fields{}
	f.Text("reason", in.Reason, 2000)
	on := dayOf(f, "on", in.On)
	if f.Any() {
		return f
	}
	return m.book.Act(ctx, "services.dossier.came-back", func(ctx context.Context, act *audit.Act) error {
		d, def, parcel, err := m.lockPosted(ctx, act, in.Dossier, on)
		if err != nil {
			return err
		}
		why := strings.TrimSpace(in.Reason)
		act.Queue(`UPDATE services.parcel SET ended_at = $2, ended_on = $3, back_why = $4 WHERE id = $1`, parcel.ID, act.At, on.UTC(), why)
		d.Step = StepReturn
		d.save(act)
		m.onDesk(act, &d)
		m.tellApplicant(ctx, act, &d, CameBackNotice{Code: d.Code, Procedure: def.Name, Reason: why, Path: pathOf(&d)})
		return nil
	}, audit.Once(in.Client, in, nil))
}

// lockPosted reads a dossier for change whose result is on its way, with the parcel.
func (m *Module) lockPosted(ctx context.Context, act *audit.Act, id uuid.UUID, on calendar.Date) (Dossier, Definition, Parcel, error) {
	d, def, err := m.lockWith(ctx, act, id)
	if err != nil {
		return d, def, Parcel{}, err
	}
	if !d.mayBeReturnedBy(act.Actor) {
		return d, def, Parcel{}, fault.NotFound("services.dossier")
	}
	if d.State != Finished || d.Step != StepPost {
		return d, def, Parcel{}, fault.Conflict("services.on-other-desk")
	}
	parcel, err := pg.One[Parcel](act.Query(ctx, `SELECT `+parcelColumns+` FROM services.parcel WHERE dossier_id = $1 AND ended_at IS NULL`, d.ID))
	if err != nil {
		return d, def, parcel, fmt.Errorf("reading the parcel of %s: %w", d.Code, err)
	}
	if on > calendar.DateOf(act.At) || on < calendar.DateOf(parcel.SentAt) {
		return d, def, parcel, fault.Fields{"on": "between"}
	}
	act.Note("parcel", parcel.Number)
	return d, def, parcel, nil
}

// dayOf reads a day that was typed and notes what is wrong with it.
func dayOf(f fault.Fields, field, typed string) calendar.Date {
	on, err := calendar.ParseDate(strings.TrimSpace(typed))
	if err != nil {
		f.Set(field, "date")
	}
	return on
}
