package web

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"

	"datmui/kit/fault"
)

// Fault is what a person is told when a request fails.
type Fault struct {
	Status  int
	Kind    string // internal, not-found, forbidden, conflict, limit, sign-in, invalid, method
	Key     string // text key of the rule that was broken; "" for internal
	Args    []any
	Fields  fault.Fields
	Request string
}

// Fail is the one error table: a kind becomes a status, everything unknown becomes 500 and a line
// in the log. err.Error() is never shown.
func (s *Server) Fail(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, context.Canceled) && r.Context().Err() != nil {
		return // the caller has gone
	}
	f := FaultOf(r.Context(), err)
	if f.Kind == "internal" {
		s.c.Log.ErrorContext(r.Context(), "request failed", "request", f.Request, "method", r.Method, "path", logged(r), "err", err)
	}
	s.show(w, r, f)
}

// FaultOf is what a person is told of a failure; an "internal" one tells nothing but the number of
// the request, and the caller logs it.
func FaultOf(ctx context.Context, err error) Fault {
	f := Fault{Status: http.StatusInternalServerError, Kind: "internal", Request: RequestID(ctx)}
	var e *fault.Error
	var tooBig *http.MaxBytesError
	fields, isFields := errors.AsType[fault.Fields](err)
	switch {
	case isFields:
		f.Status, f.Kind, f.Fields = http.StatusUnprocessableEntity, "invalid", fields
	case errors.As(err, &tooBig):
		f.Status, f.Kind, f.Key = http.StatusRequestEntityTooLarge, string(fault.KindLimit), "body"
	case errors.As(err, &e):
		f.Kind, f.Key, f.Args = string(e.Kind), e.Key, e.Args
		f.Status = map[fault.Kind]int{
			fault.KindNotFound: http.StatusNotFound, fault.KindForbidden: http.StatusForbidden,
			fault.KindConflict: http.StatusConflict, fault.KindLimit: http.StatusTooManyRequests,
			fault.KindSignIn: http.StatusUnauthorized,
		}[e.Kind]
	}
	return f
}

func (s *Server) show(w http.ResponseWriter, r *http.Request, f Fault) {
	if WantsJSON(r) {
		problem(w, r, f)
		return
	}
	faultPage(w, r, f)
}

// problem writes RFC 9457 problem details; to a stranger also how a program signs in.
func problem(w http.ResponseWriter, r *http.Request, f Fault) {
	type fieldError struct {
		Field string `json:"field"`
		Code  string `json:"code"`
	}
	out := struct {
		Type    string       `json:"type"`
		Title   string       `json:"title"`
		Status  int          `json:"status"`
		Detail  string       `json:"detail,omitempty"`
		Rule    string       `json:"rule,omitempty"`
		Request string       `json:"request"`
		Errors  []fieldError `json:"errors,omitempty"`
	}{"about:blank", f.Kind, f.Status, f.Text(r.Context()), f.Key, f.Request, nil}
	for _, k := range slices.Sorted(maps.Keys(f.Fields)) {
		out.Errors = append(out.Errors, fieldError{k, f.Fields[k]})
	}
	if f.Status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="api"`) // RFC 9110, 15.5.2: never without
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(f.Status)
	_ = json.NewEncoder(w).Encode(out)
}
