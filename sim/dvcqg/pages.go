package dvcqg

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"strconv"

	"github.com/a-h/templ"

	"datmui/kit/lang"
)

// shown is how many dossiers the first page lists.
const shown = 50

type homeView struct {
	list   []dossier // the newest first
	all    int
	faults faults
	log    []string
	tells  bool // there is a province to tell
}

func (p *Portal) home(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	v := homeView{all: len(p.order), faults: p.faults, log: append([]string(nil), p.log...), tells: p.c.Province != ""}
	for i := len(p.order) - 1; i >= 0 && len(v.list) < shown; i-- {
		d := *p.known[p.order[i]]
		d.Messages = append([]message(nil), d.Messages...)
		v.list = append(v.list, d)
	}
	p.mu.Unlock()
	p.show(w, r, http.StatusOK, homePage(v))
}

func (p *Portal) one(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	d := p.known[r.FormValue("code")]
	var copied dossier
	if d != nil {
		copied = *d
		copied.Messages = append([]message(nil), d.Messages...)
	}
	p.mu.Unlock()
	if d == nil {
		p.show(w, r, http.StatusNotFound, gonePage())
		return
	}
	p.show(w, r, http.StatusOK, dossierPage(copied))
}

func (p *Portal) setFaults(w http.ResponseWriter, r *http.Request) {
	n := func(name string) int {
		v, _ := strconv.Atoi(r.FormValue(name))
		return max(0, min(v, 1000))
	}
	p.Faults(n("bad"), n("hang"), n("order"))
	http.Redirect(w, r, back(r), http.StatusSeeOther)
}

func (p *Portal) pushForm(w http.ResponseWriter, r *http.Request) {
	state, _ := strconv.Atoi(r.FormValue("state"))
	seq, _ := strconv.ParseInt(r.FormValue("seq"), 10, 64)
	if _, _, err := p.Push(r.Context(), r.FormValue("code"), state, seq, r.FormValue("note")); err != nil {
		p.mu.Lock()
		p.log = append([]string{err.Error()}, p.log...)
		p.mu.Unlock()
	}
	http.Redirect(w, r, back(r), http.StatusSeeOther)
}

func (p *Portal) fileForm(w http.ResponseWriter, r *http.Request) {
	if _, _, _, err := p.File(r.Context(), r.FormValue("procedure"), r.FormValue("owner"), r.FormValue("number"), r.FormValue("unit")); err != nil {
		p.mu.Lock()
		p.log = append([]string{err.Error()}, p.log...)
		p.mu.Unlock()
	}
	http.Redirect(w, r, back(r), http.StatusSeeOther)
}

func back(r *http.Request) string {
	if tag, ok := lang.Parse(r.FormValue("lang")); ok {
		return "/?lang=" + url.QueryEscape(string(tag))
	}
	return "/"
}

func (p *Portal) show(w http.ResponseWriter, r *http.Request, status int, body templ.Component) {
	ctx := r.Context()
	if t, ok := lang.Parse(r.URL.Query().Get("lang")); ok {
		ctx = lang.With(ctx, t)
	}
	var buf bytes.Buffer
	if err := frame(otherLang(ctx, r), body).Render(ctx, &buf); err != nil {
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(buf.Bytes())
}

// otherLang is this page in the other language.
func otherLang(ctx context.Context, r *http.Request) string {
	q := r.URL.Query()
	q.Set("lang", string(lang.English))
	if lang.From(ctx) == lang.English {
		q.Set("lang", string(lang.Vietnamese))
	}
	return r.URL.Path + "?" + q.Encode()
}

func dossierLink(ctx context.Context, code string) string {
	return "/dossier?" + url.Values{"code": {code}, "lang": {string(lang.From(ctx))}}.Encode()
}

func homeLink(ctx context.Context) string { return "/?lang=" + string(lang.From(ctx)) }

func stateName(ctx context.Context, state int) string {
	if state == 0 {
		return ""
	}
	return lang.T(ctx, "sim.national.state."+strconv.Itoa(state))
}

func states() []int { return []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10} }
