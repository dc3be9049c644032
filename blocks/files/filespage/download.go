package filespage

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"datmui/blocks/files"
	"datmui/kit/fault"
)

// download hands a file out, whole or in ranges. It is never a page of this site: whatever is
// in it may run no script here and frame nothing.
func (p *Pages) download(w http.ResponseWriter, r *http.Request) error {
	id, err := idOf(r)
	if err != nil {
		return err
	}
	f, err := p.files.Open(r.Context(), id)
	if err != nil {
		return err
	}
	defer f.Close()
	h := w.Header()
	h.Set("Content-Type", f.MIME)
	how := "attachment"
	if f.Image() && r.URL.Query().Has("inline") {
		how = "inline"
	}
	h.Set("Content-Disposition", disposition(how, f.Name))
	h.Set("ETag", `"`+f.SHA256+`"`)
	alone(h)
	http.ServeContent(w, r, "", f.CreatedAt, f)
	return nil
}

func (p *Pages) thumb(w http.ResponseWriter, r *http.Request) error {
	id, err := idOf(r)
	if err != nil {
		return err
	}
	data, err := p.files.Thumb(r.Context(), id)
	return picture(w, "image/jpeg", data, err)
}

func (p *Pages) page(w http.ResponseWriter, r *http.Request) error {
	id, err := idOf(r)
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(r.PathValue("page"))
	if err != nil {
		return fault.NotFound("page")
	}
	width := files.ForScreen
	if r.URL.Query().Has("print") {
		width = files.ForPrint
	}
	data, err := p.files.Preview(r.Context(), id, n, width)
	return picture(w, "image/png", data, err)
}

func picture(w http.ResponseWriter, mime string, data []byte, err error) error {
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", mime)
	h.Set("Content-Length", strconv.Itoa(len(data)))
	alone(h)
	_, err = w.Write(data)
	return err
}

// alone keeps a file apart from the site and out of shared caches.
func alone(h http.Header) {
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "private, no-cache")
}

// disposition names a file by RFC 6266: plain letters for old programs, and the true name.
func disposition(how, name string) string {
	plain := strings.Map(func(r rune) rune {
		switch {
		case r == 'đ':
			return 'd'
		case r == 'Đ':
			return 'D'
		case unicode.Is(unicode.Mn, r):
			return -1
		case r < ' ' || r > '~' || strings.ContainsRune(`"\%`, r):
			return '_'
		}
		return r
	}, norm.NFD.String(name))
	return how + `; filename="` + plain + `"; filename*=UTF-8''` + strings.ReplaceAll(url.QueryEscape(name), "+", "%20")
}
