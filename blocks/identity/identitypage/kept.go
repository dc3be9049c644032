package identitypage

import (
	"io"
	"net/http"
	"time"

	"github.com/google/uuid"

	"datmui/blocks/identity"
	"datmui/kit/fault"
	"datmui/kit/web"
)

// keptFor is how long a browser keeps the mark by which forms sent from it are found again.
const keptFor = 24 * time.Hour

var _ web.Keeper = (*Pages)(nil)

// mark is this browser's mark, or zero.
func (p *Pages) mark(r *http.Request) uuid.UUID {
	id, _ := uuid.Parse(p.get(r, cookieMark))
	return id
}

// Keep stores a form for whose session has ended here.
func (p *Pages) Keep(w http.ResponseWriter, r *http.Request, s web.Sent, body io.Reader) (bool, error) {
	token := p.get(r, cookieSession)
	if token == "" {
		token = p.get(r, cookieEnded)
	}
	mark := p.mark(r)
	if mark == uuid.Nil {
		mark = uuid.New()
	}
	err := p.block.Keep(r.Context(), token, mark, identity.Kept{Action: s.Action, Back: s.Back, Type: s.Type, Files: s.Files}, body)
	if fault.KindOf(err) == fault.KindSignIn {
		return false, nil
	} else if err != nil {
		return false, err
	}
	p.set(w, cookieMark, mark.String(), keptFor)
	return true, nil
}

// Kept lists what waits for who is signed in.
func (p *Pages) Kept(r *http.Request) ([]web.Sent, error) {
	mark := p.mark(r)
	if mark == uuid.Nil {
		return nil, nil
	}
	list, err := p.block.KeptForms(r.Context(), mark)
	out := make([]web.Sent, len(list))
	for i, k := range list {
		out[i] = sent(k)
	}
	return out, err
}

func sent(k identity.Kept) web.Sent {
	return web.Sent{ID: k.ID, Action: k.Action, Back: k.Back, Type: k.Type, Files: k.Files, At: k.At}
}

// Open gives one with its body.
func (p *Pages) Open(r *http.Request, id uuid.UUID) (web.Sent, io.Reader, error) {
	k, body, err := p.block.OpenKept(r.Context(), id, p.mark(r))
	return sent(k), body, err
}

// Done notes that one went through.
func (p *Pages) Done(r *http.Request, id uuid.UUID) error {
	return p.block.KeptSent(r.Context(), id, p.mark(r))
}

// Drop forgets one.
func (p *Pages) Drop(r *http.Request, id uuid.UUID) error {
	return p.block.DropKept(r.Context(), id, p.mark(r))
}
