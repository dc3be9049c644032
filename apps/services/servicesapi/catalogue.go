package servicesapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"datmui/apps/services"
	"datmui/blocks/forms"
	"datmui/kit/fault"
	"datmui/kit/lang"
)

// Procedure is a line of the catalogue.
type Procedure struct {
	Code     string            `json:"code" example:"1.001193"`
	Name     string            `json:"name"`
	NameEN   string            `json:"name_en,omitempty"`
	Field    string            `json:"field"`
	Levels   []string          `json:"levels" doc:"Where it is worked: commune, province, ministry"`
	Standing services.Standing `json:"standing" enum:"open,ministry,known,unconfirmed" doc:"open: can be filed here; ministry: in a ministry's system; known: information only; unconfirmed: as published, nobody has confirmed it"`
}

func procedureOf(p services.Procedure) Procedure {
	return Procedure{p.Code, p.Name, p.NameEN, p.Field, p.Levels(), p.Standing}
}

// Definition is what the version in force of a procedure asks for and gives.
type Definition struct {
	Procedure
	Version   int        `json:"version"`
	Who       string     `json:"who" doc:"Who may file"`
	Limit     string     `json:"limit" doc:"Time limit: 3wd is three working days, 15cd fifteen calendar days, same-day by the rule of 15:00" example:"3wd"`
	Fees      []string   `json:"fees" doc:"What it costs, in words; what answers cost is told when the dossier is filed"`
	Papers    []Paper    `json:"papers"`
	Questions []Question `json:"questions" doc:"The form, in order; answers are sent by the names of questions"`
}

// Paper is a place in the list of papers.
type Paper struct {
	Key       string `json:"key"`
	Name      string `json:"name"`
	Originals int    `json:"originals"`
	Copies    int    `json:"copies"`
	When      string `json:"when,omitempty" doc:"Condition on the answers; none means always"`
	Needed    bool   `json:"needed" doc:"A file must be sent when filing online; else it is shown at the counter or the form stands for it"`
}

// Question asks for one answer.
type Question struct {
	Name     string     `json:"name"`
	Kind     forms.Kind `json:"kind" doc:"text, longtext, name, date (YYYY-MM-DD), time, number, money, choice, choices, yesno (yes or no), unit (code of a commune), personal-id, phone, email, file, group, pledge (yes)"`
	Label    string     `json:"label"`
	Hint     string     `json:"hint,omitempty"`
	Optional bool       `json:"optional,omitempty"`
	When     string     `json:"when,omitempty" doc:"Condition on other answers under which it is asked"`
	Options  []Option   `json:"options,omitempty"`
	Min      *float64   `json:"min,omitempty"`
	Max      *float64   `json:"max,omitempty"`
	Pattern  string     `json:"pattern,omitempty"`
	Group    []Question `json:"group,omitempty" doc:"Questions of one entry"`
}

// Option is one answer to choose.
type Option struct {
	Value string `json:"value"`
	Label string `json:"label"`
}

// Counter is a body that receives dossiers.
type Counter struct {
	ID   string `json:"id" example:"tt-pvhcc-xa-dat-mui-2025"`
	Name string `json:"name"`
	Unit string `json:"unit,omitempty" doc:"Code of its commune; none for the province's own"`
}

type proceduresIn struct {
	Q        string            `query:"q" maxLength:"200" doc:"Everyday words, with or without diacritics; the best first"`
	Field    string            `query:"field" maxLength:"200"`
	Level    string            `query:"level" enum:"commune,province,ministry,other"`
	Standing services.Standing `query:"standing" enum:"open,ministry,known,unconfirmed"`
	After    string            `query:"after" maxLength:"20" doc:"next of the page before"`
}

type proceduresOut struct {
	Body struct {
		Procedures []Procedure `json:"procedures"`
		Next       string      `json:"next,omitempty" doc:"For after; none on the last page"`
	}
}

type codeIn struct {
	Code string `path:"code" pattern:"^\\d\\.\\d{6}$" example:"1.001193"`
}

func (a *API) catalogue() {
	register(a, huma.Operation{OperationID: "list-procedures", Method: http.MethodGet, Path: "/procedures", Tags: []string{"catalogue"}, Summary: "Browse or search the catalogue",
		Description: "By field and name, or, where words are given, by how well they fit. The pages of this site give the same order."},
		func(ctx context.Context, in *proceduresIn) (*proceduresOut, error) {
			page, err := a.Services.Browse(ctx, services.BrowseIn{Words: in.Q, Field: in.Field, Level: in.Level, Standing: in.Standing, After: in.After})
			if err != nil {
				return nil, err
			}
			out := &proceduresOut{}
			out.Body.Next, out.Body.Procedures = page.Next, []Procedure{}
			for _, p := range page.List {
				out.Body.Procedures = append(out.Body.Procedures, procedureOf(p))
			}
			return out, nil
		})
	register(a, huma.Operation{OperationID: "get-procedure", Method: http.MethodGet, Path: "/procedures/{code}", Tags: []string{"catalogue"}, Summary: "What an open procedure asks for",
		Description: "Papers, form and fees of the version in force. A procedure that cannot be filed here is not found; the list has it.", Errors: []int{http.StatusNotFound}},
		func(ctx context.Context, in *codeIn) (*struct{ Body Definition }, error) {
			d, err := a.definition(ctx, in.Code)
			if err != nil {
				return nil, err
			}
			return &struct{ Body Definition }{d}, nil
		})
	register(a, huma.Operation{OperationID: "list-counters", Method: http.MethodGet, Path: "/counters", Tags: []string{"catalogue"}, Summary: "Who receives dossiers",
		Description: "Any counter receives for any body of the province."},
		func(ctx context.Context, _ *struct{}) (*struct{ Body []Counter }, error) {
			list, err := a.Services.Counters(ctx)
			out := &struct{ Body []Counter }{[]Counter{}}
			for _, c := range list {
				if c.Identifier != "" {
					out.Body = append(out.Body, Counter{c.ID, c.Name, c.UnitCode})
				}
			}
			return out, err
		})
}

func (a *API) definition(ctx context.Context, code string) (Definition, error) {
	def, err := a.Services.Current(ctx, code, a.Services.Now())
	if err != nil {
		return Definition{}, err
	}
	p, err := a.Services.Procedure(ctx, code)
	if err != nil {
		return Definition{}, err
	}
	form, err := a.Services.FormOf(ctx, def)
	if err != nil {
		return Definition{}, fault.NotFound("services.procedure")
	}
	t := lang.From(ctx)
	out := Definition{Procedure: procedureOf(p), Version: def.Version, Who: def.WhoIn(t), Limit: def.Limit, Fees: []string{}, Papers: []Paper{}, Questions: []Question{}}
	for _, line := range a.Services.FeeOutline(def) {
		out.Fees = append(out.Fees, line.In(t))
	}
	for _, r := range def.Papers {
		out.Papers = append(out.Papers, Paper{r.Key, r.NameIn(t), r.Originals, r.Copies, r.When, !r.EForm && !r.Shown})
	}
	for _, s := range form.Sections {
		for _, page := range s.Pages {
			out.Questions = append(out.Questions, questionsOf(t, page.Questions, s.When, page.When)...)
		}
	}
	return out, nil
}

// questionsOf are the questions that a citizen is asked; what a section or page hangs on is said
// with each.
func questionsOf(t lang.Tag, list []forms.Question, on ...string) []Question {
	var out []Question
	for _, q := range list {
		if q.Office {
			continue
		}
		x := Question{Name: q.Name, Kind: q.Kind, Label: q.Label.In(t), Hint: q.Hint.In(t), Optional: q.Optional, When: all(append(on, q.When)...),
			Min: q.Min, Max: q.Max, Pattern: q.Pattern, Group: questionsOf(t, q.Group)}
		for _, o := range q.Options {
			x.Options = append(x.Options, Option{o.Value, o.Label.In(t)})
		}
		out = append(out, x)
	}
	return out
}

// all joins conditions that must hold together.
func all(list ...string) string {
	out := ""
	for _, c := range list {
		switch {
		case c == "":
		case out == "":
			out = c
		default:
			out = "(" + out + ") and (" + c + ")"
		}
	}
	return out
}
