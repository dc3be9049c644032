package services

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/blocks/directory"
	"datmui/blocks/files"
	"datmui/blocks/forms"
	"datmui/blocks/letters"
	"datmui/blocks/sign"
	"datmui/kit/fault"
	"datmui/kit/lang"
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
		t, ok := rec.Def.resultTemplate()
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
		if p.Symbol == "" || rec.Def.Result.Template != "" {
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
	t, ok := rec.Def.resultTemplate()
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

// resultValues fills the gaps of the template from the answers, in words. A gap without a line in
// the definition takes the answer of its own name. A line names one or several answers; a name with
// "@" is no answer: @title, @today, @applicant, @applicant_id, @owner, @issuer, @code, @words:<date answer>.
func (m *Module) resultValues(ctx context.Context, rec Record, t letters.Template) map[string]string {
	form, err := m.FormOf(ctx, rec.Def)
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
		if f.Key == titleField {
			names = []string{"@title"}
		}
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
			case name == "@title":
				s = rec.Def.Result.Title
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
				for one := range strings.SplitSeq(name, "|") { // the first that was answered
					if s = word(one); s != "" {
						break
					}
				}
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
		if l.Key == factsList && len(rec.Def.Result.Facts) > 0 {
			out[l.Key] = m.facts(ctx, rec)
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
			form, err := m.FormOf(ctx, rec.Def)
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

// titleField is the gap of a general template that takes the title of the paper.
const titleField = "title"

// factsList is the table of a general template: what was asked, and the answer.
const factsList = "facts"

// facts are the rows of that table, in the language of the record; what was not answered is left out.
func (m *Module) facts(ctx context.Context, rec Record) [][]string {
	form, err := m.FormOf(ctx, rec.Def)
	if err != nil {
		return nil
	}
	var out [][]string
	for _, name := range rec.Def.Result.Facts {
		q, ok := form.Question(name)
		if text := form.Text(lang.With(ctx, lang.Vietnamese), rec.Answers, name); ok && text != "" {
			out = append(out, []string{q.Label.VI, text})
		}
	}
	return out
}

// resultTemplate is the template of what is issued: the procedure's own, that of another procedure
// that gives the same paper, or a general one.
func (d Definition) resultTemplate() (letters.Template, bool) {
	return letters.Result(cmp.Or(d.Result.Template, d.Code))
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
