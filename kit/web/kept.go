package web

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"datmui/kit/fault"
)

// PathKept is where a person finds again what she sent after her session had ended.
const PathKept = "/kept"

// Sent is a form as a person sent it after her session had ended, without its secrets.
type Sent struct {
	ID     uuid.UUID
	Action string // where it was sent
	Back   string // the page it stands on
	Type   string // media type of the body
	Files  bool   // it brings files along
	At     time.Time
}

// Keeper keeps forms of people whose session has ended, each for its sender alone.
type Keeper interface {
	// Keep stores a form for whom the request's ended session belonged to, and says whether that is known.
	Keep(w http.ResponseWriter, r *http.Request, s Sent, body io.Reader) (bool, error)
	// Kept lists what waits for who is signed in now, the oldest first.
	Kept(r *http.Request) ([]Sent, error)
	// Open gives one of them with its body; another's is NotFound.
	Open(r *http.Request, id uuid.UUID) (Sent, io.Reader, error)
	// Done notes that one went through.
	Done(r *http.Request, id uuid.UUID) error
	// Drop forgets one.
	Drop(r *http.Request, id uuid.UUID) error
}

// secret are fields that are never kept.
var secret = []string{"pin", "password", "current", "repeat", "code", "credential", "token"}

// KeptRoutes are the pages of what was kept; the site adds them once.
func (s *Server) KeptRoutes() []Route {
	return []Route{
		{Pattern: "GET " + PathKept, Who: AnyoneIn, Handle: s.kept},
		{Pattern: "POST " + PathKept, Who: AnyoneIn, Handle: s.sendKept},
		{Pattern: "POST " + PathKept + "/drop", Who: AnyoneIn, Handle: s.dropKept},
	}
}

// keep stores what a person sent after her session had ended; back is the page of the form. Only a
// person's own sending counts, not a script's: that still has its form. It reads as it comes and
// leaves secrets out.
func (s *Server) keep(w http.ResponseWriter, r *http.Request, back string) error {
	mode := r.Header.Get("Sec-Fetch-Mode")
	if s.c.Keeper == nil || mode != "" && mode != "navigate" || strings.HasPrefix(r.URL.Path, PathKept) {
		return nil
	}
	sent := Sent{Action: r.URL.RequestURI(), Back: back}
	var body io.Reader
	switch kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind {
	case "application/x-www-form-urlencoded":
		if err := tidy(r, true); err != nil {
			return err
		}
		form := url.Values{}
		for name, values := range r.PostForm {
			if !slices.Contains(secret, name) {
				form[name] = values
			}
		}
		sent.Type, body = kind, strings.NewReader(form.Encode())
	case "multipart/form-data":
		parts, err := r.MultipartReader()
		if err != nil {
			return nil // no form at all
		}
		out, in := io.Pipe()
		defer out.Close()
		form := multipart.NewWriter(in)
		sent.Type, sent.Files, body = form.FormDataContentType(), true, out
		go func() { in.CloseWithError(errors.Join(withoutSecrets(form, parts), form.Close())) }()
	default:
		return nil
	}
	_, err := s.c.Keeper.Keep(w, r, sent, body)
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return err
	} else if err != nil { // a broken form, a line that tore: she signs in all the same
		s.c.Log.WarnContext(r.Context(), "a form sent after its session was not kept", "err", err)
	}
	return nil
}

// withoutSecrets copies a form with files part by part.
func withoutSecrets(to *multipart.Writer, from *multipart.Reader) error {
	for {
		part, err := from.NextRawPart()
		if errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if slices.Contains(secret, part.FormName()) {
			continue
		}
		w, err := to.CreatePart(textproto.MIMEHeader(part.Header))
		if err == nil {
			_, err = io.Copy(w, part)
		}
		if err != nil {
			return err
		}
	}
}

// kept shows what waits for its sender, or leads on where nothing does.
func (s *Server) kept(w http.ResponseWriter, r *http.Request) error {
	next := SafeNext(r.URL.Query().Get("next"), "/")
	list, err := s.waiting(r)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return SeeOther(w, r, next, "")
	}
	return Render(w, r, http.StatusOK, keptPage(Frame(r), list, next))
}

func (s *Server) waiting(r *http.Request) ([]Sent, error) {
	if s.c.Keeper == nil {
		return nil, nil
	}
	return s.c.Keeper.Kept(r)
}

type keptIn struct {
	ID   uuid.UUID `form:"id"`
	Next string    `form:"next"`
}

// sendKept sends a kept form once more, as if it came from the browser now: the same gate, the same
// act, the same answer. Forms carry what lets an act know a second sending, so twice does no harm.
func (s *Server) sendKept(w http.ResponseWriter, r *http.Request) error {
	if s.c.Keeper == nil {
		return fault.NotFound("page")
	}
	sent, body, err := s.c.Keeper.Open(r, Form[keptIn](r).ID)
	if err != nil {
		return err
	}
	at, err := url.ParseRequestURI(sent.Action)
	if err != nil {
		return err
	}
	again := r.Clone(r.Context())
	again.URL, again.RequestURI, again.Body, again.ContentLength = at, sent.Action, io.NopCloser(body), -1
	again.Form, again.PostForm, again.MultipartForm = nil, nil, nil
	again.Header.Set("Content-Type", sent.Type)
	again.Header.Set("Referer", "//"+r.Host+sent.Back)
	again.Header.Del("Content-Length")
	seen := &statusOf{ResponseWriter: w}
	s.mux.ServeHTTP(seen, again)
	if seen.status < http.StatusBadRequest || seen.status == http.StatusUnprocessableEntity { // 422: what was typed stands in the answer
		if err := s.c.Keeper.Done(r, sent.ID); err != nil {
			s.c.Log.ErrorContext(r.Context(), "noting that a kept form went through failed", "err", err)
		}
	}
	return nil
}

// statusOf notes how a handler answered.
type statusOf struct {
	http.ResponseWriter
	status int
}

func (w *statusOf) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *statusOf) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (s *Server) dropKept(w http.ResponseWriter, r *http.Request) error {
	in := Form[keptIn](r)
	if s.c.Keeper != nil {
		if err := s.c.Keeper.Drop(r, in.ID); err != nil {
			return err
		}
	}
	return SeeOther(w, r, PathKept+"?next="+url.QueryEscape(SafeNext(in.Next, "/")), "")
}
