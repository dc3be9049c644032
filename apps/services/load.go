package services

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/blocks/audit"
	"datmui/blocks/directory"
	"datmui/blocks/forms"
	"datmui/blocks/pay"
	"datmui/blocks/worklist"
	"datmui/kit/actor"
)

// Past is a dossier whose history is told act by act and then loaded in bulk: for the records of
// an older system and for the demonstration. Each act keeps the rules of the act it is named after:
// who may, from which state, with which clock, on whose desk, and one entry in the Book.
type Past struct {
	Dossier
	m       *Module
	def     Definition
	bodies  map[string]directory.Agency
	slip    []Move
	entries []audit.Entry
	asked   []Request
	terms   []PayTerm
	papers  []Paper
	out     []Outgoing
	desk    *worklist.Item
	bill    *pay.Bill
	payment *pay.Payment
	receipt *pay.Receipt
	rating  *Rating

	answeredBy *uuid.UUID // the rating
}

// PastIn is what a history begins with.
type PastIn struct {
	ID        uuid.UUID
	Code      string
	Def       Definition
	Bodies    map[string]directory.Agency // by id: at least receiving and competent body
	Receiving string
	Competent string
	Channel   Channel
	OnBehalf  bool
	Support   string
	Applicant directory.Person
	Owner     directory.Person // the zero Person: the applicant
	Answers   forms.Answers    // as Check gives them
	Papers    []PaperIn
	ReturnWay string
}

// Begin opens a history; Submit or Intake must follow.
func (m *Module) Begin(in PastIn) *Past {
	p := &Past{m: m, def: in.Def, bodies: in.Bodies}
	subject := in.Answers.Text(in.Def.Subject)
	if form, err := m.FormOf(context.Background(), in.Def); err == nil {
		subject = subjectOf(form, in.Answers, in.Def)
	}
	owner := in.Owner
	if owner.ID == uuid.Nil {
		owner = in.Applicant
	}
	p.Dossier = Dossier{ID: in.ID, Code: in.Code, Procedure: in.Def.Code, Version: in.Def.Version, Channel: in.Channel, OnBehalf: in.OnBehalf,
		ReceivingAgency: in.Receiving, CompetentAgency: in.Competent, HolderAgency: in.Receiving, Applicant: in.Applicant.ID, Owner: owner.ID,
		ApplicantName: in.Applicant.Name, OwnerName: owner.Name, ApplicantPhone: in.Applicant.Phone, Subject: subject,
		Answers: in.Answers, ReturnWay: in.ReturnWay, FeeState: "none", Files: true, Pauses: []Pause{}}
	if in.Support != "" {
		p.SupportAgency = &in.Support
	}
	for _, paper := range in.Papers {
		n := 1
		for _, q := range p.papers {
			if q.Place == paper.Place {
				n++
			}
		}
		row := Paper{Place: paper.Place, N: n, Originals: paper.Originals, Copies: paper.Copies}
		if paper.File != uuid.Nil {
			row.FileID, row.Digitised = &paper.File, 1
		}
		p.papers = append(p.papers, row)
	}
	return p
}

// id gives the k-th row that belongs to the dossier an id of its own, near the dossier's.
func (p *Past) id(k byte) uuid.UUID {
	id := p.ID
	id[15] ^= k
	return id
}

// begin notes that an act happens: its actor must have been allowed to, and time goes forward.
func (p *Past) begin(name string, who actor.Actor, at time.Time, may bool) error {
	if !may {
		return fmt.Errorf("loading %s: %s of %s may not %s", p.Code, who.Name, who.Office, name)
	}
	if n := len(p.entries); n > 0 && at.Before(p.entries[n-1].At) {
		return fmt.Errorf("loading %s: %s happens before what was before it", p.Code, name)
	}
	p.UpdatedAt = at
	p.entries = append(p.entries, audit.Entry{Kind: audit.KindAct, Name: name, At: at, Actor: who, SubjectKind: dossierKind, SubjectID: p.Code,
		Persons: p.AuditPersons(), Detail: map[string]any{}})
	return nil
}

func (p *Past) note(key string, value any) { p.entries[len(p.entries)-1].Detail[key] = value }

func (p *Past) step(to State, step string, mv Move) error {
	e := &p.entries[len(p.entries)-1]
	from := p.State
	mv, err := p.advance(e.Name, e.Actor, e.At, to, step, mv)
	if err != nil {
		return fmt.Errorf("loading %s: %w", p.Code, err)
	}
	p.note("from", int(from))
	p.note("to", int(to))
	p.slip = append(p.slip, mv)
	if from == AwaitingPayment {
		p.Term, p.terms[len(p.terms)-1].EndedAt = nil, &e.At
	}
	return nil
}

func (p *Past) put() {
	e := p.entries[len(p.entries)-1]
	it := p.m.deskItem(&p.Dossier, e.Actor.Name, e.At)
	it.ID, it.Started = p.ID, e.At
	p.desk = &it
}

// OnPaper says that everything of this dossier went out on paper: it has no files and never will,
// and was asked for on paper.
func (p *Past) OnPaper() {
	p.Files, p.out = false, nil
	if p.ReturnWay == "online" {
		p.ReturnWay, p.Answers = "counter", p.Answers.With(forms.Answers{"return_way": "counter"})
	}
}

// issue promises a paper that a job will make.
func (p *Past) issue(kind string, data map[string]any) {
	e := p.entries[len(p.entries)-1]
	p.out = append(p.out, waiting(&p.Dossier, p.id(0x80|byte(len(p.out))), kind, data, e.At))
}

// Load writes histories in bulk, inside Book.Batch. It returns the number of rows.
func (m *Module) Load(ctx context.Context, tx pgx.Tx, pasts []*Past) (int64, error) {
	return newLoad(tx, pasts).run(ctx)
}
