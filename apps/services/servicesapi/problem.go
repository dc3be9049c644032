package servicesapi

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"datmui/kit/ui"
	"datmui/kit/web"
)

// Problem is what is wrong, as RFC 9457 tells it.
type Problem struct {
	Type    string  `json:"type" doc:"about:blank: the title says it all"`
	Title   string  `json:"title" doc:"Kind of failure: invalid, forbidden, not-found, conflict, limit, sign-in, internal"`
	Status  int     `json:"status" doc:"HTTP status"`
	Detail  string  `json:"detail,omitempty" doc:"What a person may be told, in the language asked for"`
	Rule    string  `json:"rule,omitempty" doc:"Key of the rule that was broken"`
	Request string  `json:"request,omitempty" doc:"Number of the request, for asking about it"`
	Errors  []Wrong `json:"errors,omitempty" doc:"Which input is wrong"`
}

// Wrong is one input that is wrong.
type Wrong struct {
	Field   string `json:"field" doc:"Name of the question, the paper, or the place in the body"`
	Code    string `json:"code" doc:"Key of what is wrong, for example required"`
	Message string `json:"message,omitempty" doc:"The same in words"`
}

func (p *Problem) Error() string  { return p.Title + ": " + p.Rule + p.Detail }
func (p *Problem) GetStatus() int { return p.Status }

// ContentType says that the answer is a problem.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

func init() {
	// huma tells its own findings (a body that is no JSON, a parameter that is none) in the same form
	huma.NewError = func(status int, msg string, errs ...error) huma.StatusError {
		p := &Problem{Type: "about:blank", Title: "invalid", Status: status, Detail: msg}
		for _, err := range errs {
			if d, ok := errors.AsType[*huma.ErrorDetail](err); ok {
				p.Errors = append(p.Errors, Wrong{Field: strings.TrimPrefix(d.Location, "body."), Code: "invalid", Message: d.Message})
			} else if err != nil {
				p.Errors = append(p.Errors, Wrong{Code: "invalid", Message: err.Error()})
			}
		}
		return p
	}
}

// problemOf makes a problem of a failure of an act; what is unknown tells nothing but a number.
func (a *API) problemOf(ctx context.Context, err error) error {
	f := web.FaultOf(ctx, err)
	p := &Problem{Type: "about:blank", Title: f.Kind, Status: f.Status, Detail: f.Text(ctx), Rule: f.Key, Request: f.Request}
	if f.Kind == "internal" {
		a.Log.ErrorContext(ctx, "request failed", "request", f.Request, "err", err)
	}
	form := ui.Form{Prefix: "services.answer", Faults: f.Fields}
	for _, k := range slices.Sorted(maps.Keys(f.Fields)) {
		p.Errors = append(p.Errors, Wrong{k, f.Fields[k], form.Fault(ctx, k)})
	}
	return p
}
