package services

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/blocks/directory"
	"datmui/blocks/files"
	"datmui/blocks/forms"
	"datmui/blocks/letters"
	"datmui/blocks/numbering"
	"datmui/blocks/records"
	"datmui/blocks/sign"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/lang"
	"datmui/kit/pg"
)

// draft is a result that has been set but not signed.
type draft struct {
	dossier uuid.UUID
	verify  string
	signer  uuid.UUID // whose name stands on it
	blob    files.Blob
	pages   int
}

// draftResult sets the result, or the refusal, with open places for signature, number, date and
// seal. It runs before the act: setting takes longer than a transaction should.
func (m *Module) draftResult(ctx context.Context, rec Record, in ProposeIn) (draft, error) {
	out := draft{dossier: in.Dossier, verify: newVerifyCode()}
	paper, err := m.resultPaper(ctx, rec, in, &out)
	if err != nil {
		return out, fmt.Errorf("writing the result of %s: %w", rec.Code, err)
	}
	letter, err := letters.Render(paper)
	if err != nil {
		return out, fmt.Errorf("setting the result of %s: %w", rec.Code, err)
	}
	pdf, err := sign.Reserve(letter)
	if err != nil {
		return out, fmt.Errorf("reserving places in the result of %s: %w", rec.Code, err)
	}
	out.pages = letter.Pages
	out.blob, err = m.files.Store(ctx, pdf)
	return out, err
}

func (m *Module) resultPaper(ctx context.Context, rec Record, in ProposeIn, out *draft) (letters.Paper, error) {
	body, superior, err := m.issuer(ctx, rec.CompetentAgency)
	if err != nil {
		return letters.Paper{}, err
	}
	place, err := m.seatOf(ctx, body.UnitCode, m.clock.Now())
	if err != nil {
		return letters.Paper{}, err
	}
	signer, person, err := m.signerOf(ctx, rec.CompetentAgency, in.Signer)
	if err != nil {
		return letters.Paper{}, err
	}
	out.signer = person
	var p letters.Paper
	if in.Outcome == "refused" {
		p = letters.Refusal{Head: letters.Head{Code: rec.Code, Procedure: rec.Def.Name + " (" + rec.Def.Code + ")", Owner: rec.OwnerName,
			Applicant: rec.ApplicantName, Phone: rec.ApplicantPhone, Symbol: "TB-" + abbreviation(body.Name)},
			Reasons: []letters.Reason{{Text: in.Reason, Basis: in.Basis}}, After: true}.Paper()
	} else {
		t, ok := letters.Result(rec.Procedure)
		if !ok {
			return letters.Paper{}, fmt.Errorf("procedure %s has no template for its result", rec.Procedure)
		}
		values := m.resultValues(ctx, rec, t)
		for k, v := range in.Values {
			values[k] = v
		}
		if p, err = t.Fill(values, m.resultLists(ctx, rec, t, in.Values)); err != nil {
			if f, ok := errors.AsType[fault.Fields](err); ok {
				return letters.Paper{}, ResultFields(f)
			}
			return letters.Paper{}, err
		}
		if p.Symbol == "" {
			p.Symbol = rec.Def.Result.Symbol + "-" + abbreviation(body.Name)
		}
	}
	p.Issuer, p.Superior, p.Place, p.Signer = body.Name, superior, place, signer
	p.Code, p.VerifyURL, p.Demo, p.Made = out.verify, m.verifyURL(out.verify), m.demo, m.clock.Now()
	p.CodeLabel = "Mã xác minh"
	return p, nil
}

// ResultFields names faults of the result's lines as the proposal form does.
func ResultFields(f fault.Fields) fault.Fields {
	out := fault.Fields{}
	for k, v := range f {
		out["value."+k] = v
	}
	return out
}

// ResultLine is one line of the result that the case officer checks and may change.
type ResultLine struct {
	Key, Label, Value string
	Required          bool
	Table             bool // several rows, a row a line, "|" between the cells
}

// ResultLines are the lines of the result, filled from the answers as far as they go.
func (m *Module) ResultLines(ctx context.Context, rec Record) []ResultLine {
	t, ok := letters.Result(rec.Procedure)
	if !ok {
		return nil
	}
	values := m.resultValues(ctx, rec, t)
	out := make([]ResultLine, len(t.Fields))
	for i, f := range t.Fields {
		out[i] = ResultLine{Key: f.Key, Label: f.Label, Value: values[f.Key], Required: f.Required}
	}
	lists := m.resultLists(ctx, rec, t, nil)
	for _, l := range t.Lists {
		var lines []string
		for _, cells := range lists[l.Key] {
			lines = append(lines, strings.Join(cells, " | "))
		}
		out = append(out, ResultLine{Key: listPrefix + l.Key, Label: l.Label, Value: strings.Join(lines, "\n"), Required: l.Required, Table: true})
	}
	return out
}

// issuer is a body and the one above it, as the head of a paper names them.
func (m *Module) issuer(ctx context.Context, agency string) (directory.Agency, string, error) {
	body, err := m.directory.Agency(ctx, agency, m.clock.Now())
	if err != nil || body.Parent == "" {
		return body, "", err
	}
	above, err := m.directory.Agency(ctx, body.Parent, m.clock.Now())
	if fault.KindOf(err) == fault.KindNotFound {
		return body, "", nil
	}
	return body, above.Name, err
}

// Signers lists who may sign for a body, its head first.
func (m *Module) Signers(ctx context.Context, agency string) ([]directory.Post, error) {
	all, err := m.directory.Receivers(ctx, m.db, agency, RightDecide, m.clock.Now())
	if err != nil {
		return nil, err
	}
	var out []directory.Post
	for _, p := range all {
		if p.Agency == agency { // those above may decide, but sign for their own body
			out = append(out, p)
		}
	}
	if len(out) == 0 {
		return nil, fault.Conflict("services.no-leader")
	}
	return out, nil
}

// signerOf is the block of the one who signs for a body: the chosen one, else its head.
// law: documents.md 2.3 — signing authority: TM., KT.
func (m *Module) signerOf(ctx context.Context, agency string, chosen uuid.UUID) (letters.Signer, uuid.UUID, error) {
	list, err := m.Signers(ctx, agency)
	if err != nil {
		return letters.Signer{}, uuid.Nil, err
	}
	who := list[0]
	for _, p := range list {
		if p.Person == chosen {
			who = p
		}
	}
	if chosen != uuid.Nil && who.Person != chosen {
		return letters.Signer{}, uuid.Nil, fault.Fields{"signer": "cannot-sign"}
	}
	body, err := m.directory.Agency(ctx, agency, m.clock.Now())
	if err != nil {
		return letters.Signer{}, uuid.Nil, err
	}
	s := letters.Signer{Position: who.Title, Name: who.Name}
	switch {
	case body.Kind == "people's committee" && who.Position == "leader":
		s.Authority, s.Position = []string{"TM. Ủy ban nhân dân"}, "Chủ tịch"
	case body.Kind == "people's committee":
		s.Authority, s.Position = []string{"TM. Ủy ban nhân dân", "KT. Chủ tịch"}, "Phó Chủ tịch"
	case who.Position == "deputy":
		s.Authority, s.Position = []string{"KT. " + list[0].Title}, who.Title
	}
	return s, who.Person, nil
}

// abbreviation is the short form of a body in a symbol: the first letters, UBND for a committee.
func abbreviation(name string) string {
	if strings.HasPrefix(name, "Ủy ban nhân dân") {
		return "UBND"
	}
	var b strings.Builder
	for _, w := range strings.Fields(name) {
		r := []rune(w)
		if w == "và" || w == "tỉnh" || w == "-" {
			continue
		}
		b.WriteString(strings.ToUpper(string(r[0])))
	}
	return b.String()
}

// resultValues fills the gaps of the template from the answers, in words. A gap without a line in
// the definition takes the answer of its own name. A line names one or several answers; a name with
// "@" is no answer: @today, @applicant, @applicant_id, @owner, @issuer, @code, @words:<date answer>.
func (m *Module) resultValues(ctx context.Context, rec Record, t letters.Template) map[string]string {
	form, err := m.forms.Current(rec.Def.Form)
	word := func(name string) string {
		if err == nil {
			if q, ok := form.Question(name); ok && q.Kind == forms.Day {
				if d, ok := rec.Answers.Date(name); ok {
					return letters.ShortDate(d) // its words, where wanted, have a line of their own
				}
			}
			if s := form.Text(ctx, rec.Answers, name); s != "" {
				return s
			}
		}
		return rec.Answers.Text(name)
	}
	out := map[string]string{}
	for _, f := range t.Fields {
		names := []string{f.Key}
		if line, ok := rec.Def.Result.Fill[f.Key]; ok {
			names = strings.Fields(line)
		}
		var parts []string
		for _, name := range names {
			s := ""
			switch date, isWords := strings.CutPrefix(name, "@words:"); {
			case isWords:
				if d, ok := rec.Answers.Date(date); ok {
					s = lang.DateWords(lang.With(ctx, lang.Vietnamese), d)
				}
			case name == "@today":
				s = letters.DateText(m.clock.Now())
			case name == "@applicant":
				s = rec.ApplicantName
			case name == "@applicant_id":
				s = rec.Answers.Text("requester_id")
			case name == "@owner":
				s = rec.OwnerName
			case name == "@issuer":
				s = agencyOr(rec, rec.CompetentAgency)
			case name == "@code":
				s = rec.Code
			default:
				s = word(name)
			}
			if s != "" {
				parts = append(parts, s)
			}
		}
		out[f.Key] = strings.Join(parts, " ")
	}
	return out
}

func agencyOr(rec Record, id string) string {
	if n := rec.Bodies[id]; n != "" {
		return n
	}
	return id
}

// resultLists are the tables of the result: what the officer wrote, a row a line with "|" between
// the cells; else the entries of a repeated group; else one row of single answers.
func (m *Module) resultLists(ctx context.Context, rec Record, t letters.Template, typed map[string]string) map[string][][]string {
	out := map[string][][]string{}
	for _, l := range t.Lists {
		if text, ok := typed[listPrefix+l.Key]; ok {
			for line := range strings.Lines(text) {
				if line = strings.TrimSpace(line); line == "" {
					continue
				}
				cells := strings.Split(line, "|")
				for i := range cells {
					cells[i] = strings.TrimSpace(cells[i])
				}
				out[l.Key] = append(out[l.Key], cells)
			}
			continue
		}
		columns := rec.Def.Result.Lists[l.Key]
		row := func(word func(string) string) {
			cells := make([]string, len(columns))
			for i, c := range columns {
				cells[i] = word(c)
			}
			out[l.Key] = append(out[l.Key], cells)
		}
		for _, entry := range rec.Answers.Group(l.Key) {
			row(entry.Text)
		}
		if len(out[l.Key]) == 0 && len(columns) > 0 {
			form, err := m.forms.Current(rec.Def.Form)
			row(func(name string) string {
				if name == "1" || err != nil {
					return name
				}
				return form.Text(ctx, rec.Answers, name)
			})
		}
	}
	return out
}

// listPrefix marks a table among the lines of the result.
const listPrefix = "list_"

func (m *Module) keepDraft(ctx context.Context, act *audit.Act, d *Dossier, dr draft) error {
	m.dropDraft(act, d)
	f, err := m.files.Put(ctx, act, files.In{Blob: dr.blob, Name: fileName("result", d.Code), Subject: files.Subject{Kind: filesKind, ID: d.ID},
		Role: OutgoingResult, Pages: dr.pages, Persons: d.AuditPersons()})
	if err != nil {
		return err
	}
	act.Queue(`INSERT INTO services.outgoing (id, dossier_id, kind, verify, state, file_id, data, at) VALUES ($1, $2, $3, $4, 'draft', $5, $6, $7)`,
		newID(), d.ID, OutgoingResult, dr.verify, f.ID, map[string]any{"signer": dr.signer}, act.At)
	return nil
}

func (m *Module) dropDraft(act *audit.Act, d *Dossier) {
	act.Queue(`UPDATE services.outgoing SET state = 'replaced' WHERE dossier_id = $1 AND kind = $2 AND state IN ('draft', 'signed')`, d.ID, OutgoingResult)
}

// keepFile files bytes that the system made.
func (m *Module) keepFile(ctx context.Context, act *audit.Act, d Dossier, role, name string, pdf []byte) (uuid.UUID, error) {
	f, err := m.files.Put(ctx, act, files.In{Data: pdf, Name: name, Subject: files.Subject{Kind: filesKind, ID: d.ID}, Role: role, Persons: d.AuditPersons()})
	return f.ID, err
}

// seal puts the automatic service seal of a body on a form.
func (m *Module) seal(ctx context.Context, agency string, l letters.Letter) ([]byte, error) {
	body, superior, err := m.issuer(ctx, agency)
	if err != nil {
		return nil, err
	}
	by, err := m.sign.Auto(ctx, agency, body.Name)
	if err != nil {
		return nil, err
	}
	pdf, err := sign.Reserve(l)
	if err != nil {
		return nil, err
	}
	return m.sign.Stamp(ctx, pdf, by, superior)
}

// SignIn is the leader's signature, on one dossier or many with one PIN.
type SignIn struct {
	Dossier uuid.UUID `form:"id"`
	Client  string    `form:"client"`
	PIN     string    `form:"pin" json:"-"` // never kept: not in the once row either
}

// Sign puts the leader's signature on the drafted result. The state stays "in processing" until
// the clerk has numbered it.
// law: documents.md 4.2 — the clerk's number comes after the authorised person has signed.
func (m *Module) Sign(ctx context.Context, in SignIn) error {
	d, out, pdf, err := m.resultAt(ctx, in.Dossier, "draft")
	if err != nil {
		return m.again(ctx, "services.dossier.sign", in.Client, in, err)
	}
	a := actor.From(ctx)
	if !d.mayBeDecidedBy(a) {
		return fault.NotFound("services.dossier")
	}
	if d.Step != StepSign {
		return m.again(ctx, "services.dossier.sign", in.Client, in, fault.Conflict("services.on-other-desk"))
	}
	var data formData
	if err := json.Unmarshal(out.Data, &data); err != nil {
		return err
	}
	if data.Signer != a.ID {
		return fault.Conflict("services.other-signer")
	}
	by, err := m.sign.Personal(ctx, d.CompetentAgency, in.PIN)
	if err != nil {
		return err
	}
	signed, err := m.sign.Sign(ctx, pdf, by, "")
	if err != nil {
		return fmt.Errorf("signing the result of %s: %w", d.Code, err)
	}
	blob, err := m.files.Store(ctx, signed)
	if err != nil {
		return err
	}
	return m.book.Act(ctx, "services.dossier.sign", func(ctx context.Context, act *audit.Act) error {
		d, err := lock(ctx, act, in.Dossier)
		if err != nil {
			return err
		}
		if !d.mayBeDecidedBy(act.Actor) {
			return fault.NotFound("services.dossier")
		}
		if d.Step != StepSign {
			return fault.Conflict("services.on-other-desk")
		}
		at := act.At
		d.DecidedBy, d.DecidedAt = &act.Actor.ID, &at
		if err := d.move(act, Processing, StepNumber, Move{}); err != nil {
			return err
		}
		d.save(act)
		if _, err := m.advanceFile(ctx, act, &d, out, "draft", "signed", "", blob); err != nil {
			return err
		}
		m.sign.Note(act, by, dossierKind, d.ID, letters.PlaceSignature, signed)
		m.onDesk(act, &d)
		return nil
	}, audit.Once(in.Client, in, nil))
}

// NumberIn is the clerk's number, date and seal.
type NumberIn struct {
	Dossier uuid.UUID `form:"id"`
	Client  string    `form:"client"`
}

// Number gives the signed result its number and date and the body's seal, and ends processing.
// law: public-services.md 6.2 — 4→9: result file signed, number issued by clerk.
func (m *Module) Number(ctx context.Context, in NumberIn) error {
	d, out, pdf, err := m.resultAt(ctx, in.Dossier, "signed")
	if err != nil {
		return m.again(ctx, "services.dossier.number", in.Client, in, err)
	}
	if !d.mayBeNumberedBy(actor.From(ctx)) {
		return fault.NotFound("services.dossier")
	}
	body, superior, err := m.issuer(ctx, d.CompetentAgency)
	if err != nil {
		return err
	}
	by, err := m.sign.Body(ctx, d.CompetentAgency, body.Name)
	if err != nil {
		return err
	}
	return m.book.Act(ctx, "services.dossier.number", func(ctx context.Context, act *audit.Act) error {
		d, def, err := m.lockWith(ctx, act, in.Dossier)
		if err != nil {
			return err
		}
		if !d.mayBeNumberedBy(act.Actor) {
			return fault.NotFound("services.dossier")
		}
		if d.Step != StepNumber {
			return fault.Conflict("services.on-other-desk")
		}
		// law: documents.md 2.1 — by year and body; below 10 with a leading zero
		n, err := numbering.Next(ctx, act, numbering.Series{Agency: d.CompetentAgency, Name: "result." + def.Result.Symbol, Period: numbering.Year(act.At)})
		if err != nil {
			return err
		}
		number := fmt.Sprintf("%02d", n)
		filled, err := sign.Fill(pdf, number, act.At)
		if err != nil {
			return fmt.Errorf("numbering the result of %s: %w", d.Code, err)
		}
		sealed, err := m.sign.Stamp(ctx, filled, by, superior)
		if err != nil {
			return fmt.Errorf("sealing the result of %s: %w", d.Code, err)
		}
		blob, err := m.files.Store(ctx, sealed)
		if err != nil {
			return err
		}
		full := number + "/" + def.Result.Symbol + "-" + abbreviation(body.Name)
		at := act.At
		d.Number, d.FinishedAt, d.Outcome = &full, &at, d.Proposed
		d.HolderAgency = d.ReceivingAgency
		if err := d.move(act, Finished, StepReturn, Move{Note: full, Timing: d.timing(at)}); err != nil {
			return err
		}
		d.save(act)
		file, err := m.advanceFile(ctx, act, &d, out, "signed", "issued", full, blob)
		if err != nil {
			return err
		}
		m.sign.Note(act, by, dossierKind, d.ID, letters.PlaceSeal, sealed)
		m.onDesk(act, &d)
		if err := m.keepRecord(ctx, act, &d, def, body, file); err != nil {
			return err
		}
		m.tell(ctx, act, d.Applicant, DecisionReady{Code: d.Code, Procedure: def.Name, Outcome: *d.Outcome, Path: pathOf(&d)})
		return nil
	}, audit.Once(in.Client, in, nil))
}

// again is for acts that look before they begin: what they find wrong may be that the first send
// has already gone through. Then the second gets its answer, otherwise the fault.
func (m *Module) again(ctx context.Context, name, client string, in any, wrong error) error {
	if fault.KindOf(wrong) != fault.KindConflict {
		return wrong
	}
	return m.book.Act(ctx, name, func(context.Context, *audit.Act) error { return wrong }, audit.Once(client, in, nil))
}

// resultAt reads a result in one state with its bytes.
func (m *Module) resultAt(ctx context.Context, dossier uuid.UUID, state string) (Dossier, Outgoing, []byte, error) {
	d, err := pg.One[Dossier](m.db.Query(ctx, `SELECT `+dossierColumns+` FROM services.dossier WHERE id = $1`, dossier))
	if fault.KindOf(err) == fault.KindNotFound || err == nil && !d.mayBeSeenBy(actor.From(ctx)) {
		return d, Outgoing{}, nil, fault.NotFound("services.dossier")
	}
	if err != nil {
		return d, Outgoing{}, nil, err
	}
	out, err := pg.One[Outgoing](m.db.Query(ctx, `SELECT `+outgoingColumns+` FROM services.outgoing
		WHERE dossier_id = $1 AND kind = $2 AND state = $3`, dossier, OutgoingResult, state))
	if fault.KindOf(err) == fault.KindNotFound {
		return d, out, nil, fault.Conflict("services.on-other-desk")
	}
	if err != nil {
		return d, out, nil, err
	}
	list, err := m.files.List(ctx, m.db, files.Subject{Kind: filesKind, ID: dossier})
	if err != nil {
		return d, out, nil, err
	}
	for _, f := range list {
		if f.ID == *out.FileID {
			pdf, err := m.files.Bytes(ctx, f)
			return d, out, pdf, err
		}
	}
	return d, out, nil, fault.NotFound("file")
}

// advanceFile makes the newly signed file the paper's file; the file before stays for the record.
func (m *Module) advanceFile(ctx context.Context, act *audit.Act, d *Dossier, out Outgoing, from, to, number string, blob files.Blob) (uuid.UUID, error) {
	f, err := m.files.Put(ctx, act, files.In{Blob: blob, Name: fileName("result", d.Code), Subject: files.Subject{Kind: filesKind, ID: d.ID},
		Role: OutgoingResult, Persons: d.AuditPersons()})
	if err != nil {
		return uuid.Nil, err
	}
	tag, err := act.Exec(ctx, `UPDATE services.outgoing SET file_id = $2, state = $3, number = $4 WHERE id = $1 AND state = $5 AND file_id = $6`,
		out.ID, f.ID, to, number, from, out.FileID)
	if err == nil && tag.RowsAffected() == 0 {
		err = fault.Conflict("services.on-other-desk")
	}
	return f.ID, err
}

// keepRecord puts a granted result into the owner's store of results and papers.
// law: public-services.md 11 — stored paper record.
func (m *Module) keepRecord(ctx context.Context, act *audit.Act, d *Dossier, def Definition, body directory.Agency, file uuid.UUID) error {
	if *d.Outcome != "granted" {
		return nil
	}
	before, err := m.records.LastFrom(ctx, act, dossierKind, d.Code)
	if err != nil {
		return err
	}
	_, err = m.records.Keep(ctx, act, records.Paper{Owner: d.Owner, Type: def.Result.Type, Name: def.Result.Name, Number: *d.Number,
		Issuer: body.Name, IssuerAgency: body.ID, IssuedOn: act.At, Result: true, SourceKind: dossierKind, SourceID: d.Code,
		FileID: &file, Signature: records.Signed}, before)
	return err
}
