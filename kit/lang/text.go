package lang

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nicksnyder/go-i18n/v2/i18n"
)

// text is one message, cut into pieces once so that a page only joins strings.
type text struct{ one, other []piece }

// piece is either words or the name of a place for a value.
type piece struct{ words, name string }

func newText(m *i18n.Message) text { return text{one: cut(m.One), other: cut(m.Other)} }

// cut splits a text at its {{.name}} places. Braces that are not closed are words.
func cut(s string) []piece {
	var out []piece
	for s != "" {
		before, rest, found := strings.Cut(s, "{{.")
		name, after, closed := strings.Cut(rest, "}}")
		if !found || !closed {
			return append(out, piece{words: s})
		}
		if before != "" {
			out = append(out, piece{words: before})
		}
		out = append(out, piece{name: strings.TrimSpace(name)})
		s = after
	}
	return out
}

func (t text) equal(o text) bool { return slices.Equal(t.one, o.one) && slices.Equal(t.other, o.other) }

// places lists the names of the values the text needs. The singular may do without "count".
func (t text) places() []string {
	var out []string
	for _, p := range slices.Concat(t.one, t.other) {
		if p.name != "" && !slices.Contains(out, p.name) {
			out = append(out, p.name)
		}
	}
	slices.Sort(out)
	return out
}

func (t text) write(tag Tag, args []any) string {
	pieces := t.other
	if len(t.one) > 0 {
		switch n := value(args, "count").(type) {
		case int:
			if one(tag, n) {
				pieces = t.one
			}
		case int64:
			if one(tag, int(n)) {
				pieces = t.one
			}
		}
	}
	if len(pieces) == 1 && pieces[0].name == "" {
		return pieces[0].words
	}
	var b strings.Builder
	for _, p := range pieces {
		if p.name == "" {
			b.WriteString(p.words)
			continue
		}
		write(&b, tag, value(args, p.name))
	}
	return b.String()
}

// value finds a named value among alternating names and values; nil when it is not there.
func value(args []any, name string) any {
	for i := 0; i+1 < len(args); i += 2 {
		if args[i] == name {
			return args[i+1]
		}
	}
	return nil
}

func write(b *strings.Builder, tag Tag, v any) {
	switch v := v.(type) {
	case nil:
		b.WriteString("…") // a value was forgotten: a gap people can read over, never "<nil>"
	case string:
		b.WriteString(v)
	case int:
		b.WriteString(whole(tag, int64(v)))
	case int64:
		b.WriteString(whole(tag, v))
	case float64:
		b.WriteString(decimal(tag, v, -1))
	case time.Time:
		b.WriteString(date(tag, v))
	default:
		fmt.Fprint(b, v)
	}
}
