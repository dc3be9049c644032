package web

import (
	"errors"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Text is s as a page can show it, a database can keep it and a printed form or an XML file can
// carry it: without bytes that are no UTF-8 and without control characters but those of lines.
func Text(s string) string {
	if isText(s) {
		return s
	}
	return strings.Map(func(r rune) rune {
		if control(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
}

func isText(s string) bool { return utf8.ValidString(s) && !strings.ContainsFunc(s, control) }

func control(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' }

// clean makes every value Text, and every name.
func clean(form url.Values) {
	for name, values := range form {
		if !isText(name) {
			delete(form, name)
			continue
		}
		for i, v := range values {
			values[i] = Text(v)
		}
	}
}

// tidy makes a request's query and form Text before a handler reads them, however the form is
// written. Where a route makes room for files (asItComes) a form with files is left to its handler,
// which reads it as it comes or by Multipart, and Text as well. The one error is a body beyond the limit.
func tidy(r *http.Request, asItComes bool) error {
	if raw, err := url.QueryUnescape(r.URL.RawQuery); err != nil || !isText(raw) {
		query := r.URL.Query() // without the pairs that cannot be read
		clean(query)
		r.URL.RawQuery = query.Encode()
	}
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")) // as net/http reads it
	if r.Method != http.MethodPost || kind != "application/x-www-form-urlencoded" && (kind != "multipart/form-data" || asItComes) {
		return nil
	}
	err := Multipart(r)
	if tooBig, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return tooBig
	}
	return nil
}

// Multipart reads a form with files whole, large files into the machine's folder for such, and makes
// its fields and the names of its files Text; any other form is read as well. The gate removes the
// files when the answer is out.
func Multipart(r *http.Request) error {
	err := r.ParseForm()
	if more := r.ParseMultipartForm(64 << 10); err == nil && !errors.Is(more, http.ErrNotMultipart) {
		err = more
	}
	clean(r.PostForm)
	clean(r.Form)
	if r.MultipartForm != nil {
		for _, files := range r.MultipartForm.File {
			for _, f := range files {
				f.Filename = Text(f.Filename)
			}
		}
	}
	return err
}
