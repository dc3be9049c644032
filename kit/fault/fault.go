// Package fault holds the few kinds of failure a person is told about. Each carries a safe
// key for a text in both languages; the cause travels by wrapping and goes to the log.
package fault

import (
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Kind sorts faults by what the person can do about them.
type Kind string

const (
	KindNotFound  Kind = "not-found"
	KindForbidden Kind = "forbidden"
	KindConflict  Kind = "conflict"
	KindLimit     Kind = "limit"   // too many, too large, too often
	KindSignIn    Kind = "sign-in" // a sign-in is needed first
)

// Error is a fault with a key for its text. Args are alternating names and values for the text.
type Error struct {
	Kind Kind
	Key  string
	Args []any
}

func (e *Error) Error() string { return string(e.Kind) + ": " + e.Key }

// Is compares kind and key, so that tests may state the fault they want.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Kind == e.Kind && (t.Key == "" || t.Key == e.Key)
}

func NotFound(what string) error { return &Error{Kind: KindNotFound, Key: what} }
func Forbidden(act string) error { return &Error{Kind: KindForbidden, Key: act} }
func Conflict(rule string, args ...any) error {
	return &Error{Kind: KindConflict, Key: rule, Args: args}
}
func Limit(rule string, args ...any) error { return &Error{Kind: KindLimit, Key: rule, Args: args} }
func SignIn(why string) error              { return &Error{Kind: KindSignIn, Key: why} }

// KindOf returns the kind of the first fault in the chain, or "".
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return ""
}

// Fields says which input is wrong: field name → key of the text ("required", "too-long", …).
// A field of a repeated group is named "group.0.field". The empty name speaks of the whole form.
type Fields map[string]string

func (f Fields) Error() string {
	var b strings.Builder
	b.WriteString("invalid fields:")
	for _, k := range slices.Sorted(maps.Keys(f)) {
		b.WriteString(" " + k + "=" + f[k])
	}
	return b.String()
}

// Any says whether at least one field is wrong.
func (f Fields) Any() bool { return len(f) > 0 }

// Err returns f as an error, or nil when nothing is wrong.
func (f Fields) Err() error {
	if len(f) == 0 {
		return nil
	}
	return f
}

// Text notes that a text is missing, or that it has more characters than most.
func (f Fields) Text(field, text string, most int) {
	switch n := utf8.RuneCountInString(text); {
	case strings.TrimSpace(text) == "":
		f.Set(field, "required")
	case n > most:
		f.Set(field, "too-long:"+strconv.Itoa(most))
	}
}

// Set notes a fault of a field unless one is noted already; the first word stands.
func (f Fields) Set(field, key string) {
	if _, ok := f[field]; !ok {
		f[field] = key
	}
}
