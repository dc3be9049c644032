package web

import (
	"errors"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"
)

// Text is s as a page can show it and a database can keep it: without NULs and without bytes that
// are no UTF-8.
func Text(s string) string {
	if isText(s) {
		return s
	}
	return strings.ReplaceAll(strings.ToValidUTF8(s, ""), "\x00", "")
}

func isText(s string) bool { return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 }

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

// tidy makes a request's query and form Text before a handler reads them. Forms with files are
// read as they come; who reads them makes them Text. The one error is a body beyond the limit.
func tidy(r *http.Request) error {
	if raw, err := url.QueryUnescape(r.URL.RawQuery); err != nil || !isText(raw) {
		query := r.URL.Query() // without the pairs that cannot be read
		clean(query)
		r.URL.RawQuery = query.Encode()
	}
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")) // as net/http reads it
	if r.Method != http.MethodPost || kind != "application/x-www-form-urlencoded" {
		return nil
	}
	err := r.ParseForm()
	if tooBig, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return tooBig
	}
	clean(r.PostForm)
	clean(r.Form)
	return nil
}
