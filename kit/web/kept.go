package web

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// A form that is sent after the session has ended is kept in a cookie while its sender signs in
// again; the page she comes back to offers to send it once more. It needs no script and the server
// keeps nothing. What is larger than a cookie (files, long texts) is not kept.
const (
	keptCookie = "datmui-kept"
	keptLife   = 15 * 60 // seconds
	keptMost   = 3600    // bytes of the cookie's value; browsers take 4096 with its name and marks
)

// secret are fields that are never kept.
var secret = []string{"pin", "password", "current", "repeat", "code", "credential", "token"}

// kept is a form as it was sent.
type kept struct {
	action string // where it was sent
	back   string // the page it stands on
	fields [][2]string
}

// keep puts a form that a stranger sent into a cookie. Only a person's own sending counts, not a
// script's.
func keep(w http.ResponseWriter, r *http.Request, back string) {
	if mode := r.Header.Get("Sec-Fetch-Mode"); mode != "" && mode != "navigate" {
		return
	}
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	if r.ParseForm() != nil {
		return
	}
	form := url.Values{}
	for name, values := range r.PostForm {
		if !slices.Contains(secret, name) {
			form[name] = values
		}
	}
	if len(form) == 0 {
		return
	}
	value, err := pack(r.URL.RequestURI() + "\n" + back + "\n" + form.Encode())
	if err != nil || len(value) > keptMost {
		return
	}
	setKept(w, r, value, keptLife)
}

func setKept(w http.ResponseWriter, r *http.Request, value string, life int) {
	http.SetCookie(w, &http.Cookie{Name: keptCookie, Value: value, Path: "/", MaxAge: life, HttpOnly: true,
		Secure: secure(r), SameSite: http.SameSiteLaxMode})
}

// keptFor is what was kept for the page that is asked for now.
func keptFor(r *http.Request) (kept, bool) {
	c, err := r.Cookie(keptCookie)
	if err != nil || r.Method != http.MethodGet {
		return kept{}, false
	}
	text, err := unpack(c.Value)
	if err != nil {
		return kept{}, false
	}
	parts := strings.SplitN(text, "\n", 3)
	if len(parts) != 3 || parts[1] != r.URL.RequestURI() || SafeNext(parts[0], "") == "" {
		return kept{}, false
	}
	form, err := url.ParseQuery(parts[2])
	if err != nil {
		return kept{}, false
	}
	k := kept{action: parts[0], back: parts[1]}
	for name, values := range form {
		for _, v := range values {
			k.fields = append(k.fields, [2]string{name, v})
		}
	}
	slices.SortStableFunc(k.fields, func(a, b [2]string) int { return strings.Compare(a[0], b[0]) })
	return k, true
}

// offer shows the kept form to its sender, who is signed in again.
func offer(w http.ResponseWriter, r *http.Request, k kept) error {
	setKept(w, r, "", -1)
	return Render(w, r, http.StatusOK, keptPage(Frame(r), k))
}

func pack(s string) (string, error) {
	var out bytes.Buffer
	z, err := flate.NewWriter(&out, flate.BestCompression)
	if err != nil {
		return "", err
	}
	if _, err := io.WriteString(z, s); err != nil {
		return "", err
	}
	if err := z.Close(); err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(out.Bytes()), nil
}

func unpack(s string) (string, error) {
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(b)), 64<<10))
	return string(text), err
}
