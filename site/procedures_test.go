package site_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"datmui/apps/services"
	"datmui/blocks/directory"
	"datmui/blocks/forms"
	"datmui/blocks/sign"
	"datmui/kit/actor"
)

// answersFor writes valid answers to every question of a form that is asked, the given ones first:
// the first option, the smallest number, a day that is past or to come.
func answersFor(t *testing.T, form *forms.Form, given forms.Answers) forms.Answers {
	t.Helper()
	out := forms.Answers{"relationship": "self", "return_way": "online", "requester_in_province": "yes"}
	maps.Copy(out, given)
	for _, p := range form.Pledges(out) {
		out[p.Name] = "yes"
	}
	for range 60 {
		page := form.FirstUnanswered(out)
		if page == "" {
			return out
		}
		step, _ := form.Step(out, page)
		_, wrong := form.CheckPage(out, page)
		for _, q := range step.Questions {
			if code, bad := wrong[q.Name]; bad && code != "required" {
				if _, ok := given[q.Name]; ok {
					t.Fatalf("%s: %s is refused: %s", form.ID, q.Name, code)
				}
			}
			if _, ok := out[q.Name]; !ok && !q.Optional {
				out[q.Name] = answerTo(q)
			}
		}
	}
	page := form.FirstUnanswered(out)
	_, wrong := form.CheckPage(out, page)
	t.Fatalf("%s: page %s cannot be answered: %v", form.ID, page, wrong)
	return nil
}

func answerTo(q forms.Question) any {
	switch q.Kind {
	case forms.Day:
		if q.Past {
			return "2020-02-03"
		}
		return "2026-12-15"
	case forms.TimeOfDay:
		return "08:30"
	case forms.Decimal, forms.Money:
		n := 1.0
		if q.Min != nil {
			n = max(n, *q.Min)
		}
		if q.Max != nil {
			n = min(n, *q.Max)
		}
		return fmt.Sprintf("%v", n)
	case forms.Choice:
		return q.Options[0].Value
	case forms.Choices:
		return []string{q.Options[0].Value}
	case forms.YesNo:
		return "no"
	case forms.Unit:
		return "32248"
	case forms.PersonalID:
		return "096196000123"
	case forms.Phone:
		return "0912345678"
	case forms.PersonName:
		return "Nguyễn Thị Mai"
	case forms.Group:
		n := 1
		if q.Min != nil {
			n = max(n, int(*q.Min))
		}
		var list []forms.Answers
		for range n {
			one := forms.Answers{}
			for _, in := range q.Group {
				if !in.Optional {
					one[in.Name] = answerTo(in)
				}
			}
			list = append(list, one)
		}
		return list
	}
	if q.Example != "" {
		return q.Example
	}
	if q.Max != nil && *q.Max < 12 {
		return "7/2020"
	}
	return "Nội dung thử"
}

// house is who works dossiers of a body: one officer for all acts that the law lets one person do.
type house struct{ officer, leader, clerk context.Context }

// house appoints two people at a body, who can sign.
func (p *province) house(t *testing.T, agency string, people ...uuid.UUID) house {
	t.Helper()
	as := func(person uuid.UUID, positions ...string) context.Context {
		for _, position := range positions {
			_, err := p.Directory.Appoint(p.ctx, directory.AppointIn{Person: person, Agency: agency, Position: position, From: "2026-11-01", Basis: "thử"})
			must(t, err)
		}
		who, err := p.Directory.Actor(t.Context(), p.db.Reader, person, uuid.Nil, p.clock.Now())
		must(t, err)
		who.Level, who.Session = 2, uuid.Must(uuid.NewV7())
		return actor.With(t.Context(), who)
	}
	_, err := p.Sign.Issue(p.ctx, sign.Holder{Role: sign.Person, Person: people[1], Agency: agency, Name: "Người ký", Org: agency, PIN: pin})
	must(t, err)
	return house{officer: as(people[0], directory.CaseOfficer), leader: as(people[1], directory.Leader), clerk: as(people[2], directory.Clerk)}
}

// law: public-services.md 12, 12.1 — every procedure that is handled here, with its form, papers, fee,
// limit and result, goes the whole way from filing to return; those whose limit or fee is not known
// are refused until an officer has entered it.
func TestEveryDefinitionGoesTheWholeWay(t *testing.T) {
	t.Parallel()
	p := open(t)
	must(t, p.Jobs.Stop(t.Context())) // the forms have tests of their own
	defs, err := services.Shipped()
	must(t, err)
	defs = slices.DeleteFunc(defs, func(d services.Definition) bool { return strings.Count(d.Code, ".") > 1 }) // worked as parts of a set
	if len(defs) != 63 {
		t.Errorf("%d procedures are shipped, want 63", len(defs))
	}
	given := map[string]forms.Answers{
		"fs-1-birth":     {"child_birth_date": "2026-11-02", "birth_proof_kind": "data"},
		"fs-2-death":     {"death_date": "2026-11-20", "death_notice_date": "2026-11-20"},
		"fs-7-household": {"beneficial_is_owner": "yes"},
		"fs-9-vessel":    {"build_year": "2020"},
		"fs-9-licence":   {"licence_kind": "new"},
		"fs-11-farm":     {"wgs84_lat": "8.6", "wgs84_lon": "104.7"},
	}
	counter, cashier, citizen := p.as(t, "canbo.datmui"), p.as(t, "thuquy.datmui"), p.as(t, "congdan")
	file := func() uuid.UUID { return p.paper(t, citizen) }
	houses, works, closed := map[string]house{}, map[string][]work{}, 0
	whole := t
	for _, def := range defs {
		t.Run(def.Code, func(t *testing.T) {
			form, err := p.Forms.Current(def.Form)
			must(t, err)
			answers := answersFor(t, form, given[def.Form])
			in := services.SubmitIn{Procedure: def.Code, Agency: "tt-pvhcc-xa-dat-mui-2025", ReturnWay: "online", Answers: answers}
			for _, rule := range def.PapersFor(answers) {
				if !rule.EForm && !rule.Shown {
					in.Papers = append(in.Papers, services.PaperIn{Place: rule.Key, File: file()})
				}
			}
			if missing := p.Services.Missing(def); len(missing) > 0 {
				in.Client = client()
				if _, err := p.Services.Submit(citizen, in); err == nil {
					t.Fatalf("filed, though %v is not known", missing)
				}
				closed++
				return
			}
			in.Client = client()
			out, err := p.Services.Submit(citizen, in)
			must(t, err)
			d := p.state(t, out.ID)
			if d.FeeState == "unknown" {
				must(t, p.Services.SetFee(counter, services.SetFeeIn{Dossier: out.ID, Client: client(), Amount: 20_000, Basis: "Nghị quyết"}))
			}
			if d = p.state(t, out.ID); d.FeeState == "due" {
				must(t, p.Services.Cash(cashier, services.CashIn{Dossier: out.ID, Client: client(), Method: "cash"}))
			}
			must(t, p.Services.Accept(counter, services.AcceptIn{Dossier: out.ID, Client: client()}))
			d = p.state(t, out.ID)
			h, ok := houses[d.CompetentAgency]
			if !ok {
				h = p.house(whole, d.CompetentAgency, p.strangers(whole, 3*len(houses), 3)...)
				houses[d.CompetentAgency] = h
			}
			must(t, p.Services.Take(h.officer, services.TakeIn{Dossier: out.ID, Client: client()}))
			rec, err := p.Services.Dossier(h.officer, out.ID)
			must(t, err)
			values := map[string]string{}
			for _, line := range p.Services.ResultLines(h.officer, rec) {
				if line.Required && line.Value == "" {
					values[line.Key] = "Theo hồ sơ"
				}
			}
			leader := actor.From(h.leader).ID
			must(t, p.Services.Propose(h.officer, services.ProposeIn{Dossier: out.ID, Client: client(), Outcome: "granted", Signer: leader, Values: values}))
			works[d.CompetentAgency] = append(works[d.CompetentAgency], work{def, out.ID})
		})
	}
	filed := 0
	for agency, list := range works {
		h := houses[agency]
		in := services.SignManyIn{Client: client(), PIN: pin} // one PIN for all: unlocking a key is slow on purpose
		for _, w := range list {
			in.Dossiers = append(in.Dossiers, w.dossier)
		}
		signed, err := p.Services.SignMany(h.leader, in)
		must(t, err)
		for _, s := range signed {
			must(t, s.Err)
		}
		for _, w := range list {
			t.Run(w.def.Code+" returned", func(t *testing.T) {
				must(t, p.Services.Number(h.clerk, services.NumberIn{Dossier: w.dossier, Client: client()}))
				rec, err := p.Services.Dossier(counter, w.dossier)
				must(t, err)
				if owed := rec.OriginalsOwed(); len(owed) > 0 { // land: copies were filed
					look := services.OriginalsIn{Dossier: w.dossier, Client: client()}
					for _, rule := range owed {
						look.Seen = append(look.Seen, services.OriginalSeen{Place: rule.Key, Agrees: true})
					}
					must(t, p.Services.CheckOriginals(counter, look))
				}
				must(t, p.Services.Return(counter, services.ReturnIn{Dossier: w.dossier, Client: client(), Receiver: "Nguyễn Thị Mai", Identity: "Căn cước"}))
				rec, err = p.Services.Dossier(citizen, w.dossier)
				must(t, err)
				i := slices.IndexFunc(rec.Outgoing, func(o services.Outgoing) bool {
					return o.Kind == services.OutgoingResult && o.State == "issued" && o.FileID != nil
				})
				if rec.State != services.Returned || i < 0 {
					t.Fatalf("state %d, result %v", rec.State, i)
				}
				if !strings.Contains(*rec.Number, w.def.Result.Symbol) {
					t.Errorf("number %s, symbol %s", *rec.Number, w.def.Result.Symbol)
				}
				pdf, err := p.Files.Open(citizen, *rec.Outgoing[i].FileID)
				must(t, err)
				must(t, pdf.Close())
				filed++
			})
		}
	}
	if filed+closed != len(defs) {
		t.Errorf("%d went the whole way, %d are not open, of %d", filed, closed, len(defs))
	}
}

// work is a dossier of a procedure on its way.
type work struct {
	def     services.Definition
	dossier uuid.UUID
}

// strangers are people of the province who hold no account.
func (p *province) strangers(t *testing.T, from, n int) []uuid.UUID {
	t.Helper()
	named := map[uuid.UUID]bool{}
	for _, a := range p.world.Accounts {
		named[a.PersonID] = true
	}
	var out []uuid.UUID
	for c := range p.world.Citizens() {
		if !named[c.ID] && c.PersonalID != "" {
			if from--; from < 0 {
				out = append(out, c.ID)
			}
		}
		if len(out) == n {
			return out
		}
	}
	t.Fatal("there are too few people")
	return nil
}
