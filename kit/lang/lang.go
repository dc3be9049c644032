// Package lang gives every text, date, sum and number a person sees, in Vietnamese or English.
// Texts stand in text.vi.toml and text.en.toml beside the pages that show them, in go-i18n's
// format; modules hand them over with Register.
package lang

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/BurntSushi/toml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// Tag names a language of the texts.
type Tag string

// The languages every text exists in.
const (
	Vietnamese Tag = "vi"
	English    Tag = "en"
)

// Tags lists the languages, the default first.
var Tags = []Tag{Vietnamese, English}

// Parse returns the tag a person asked for, or false when there is no such language.
func Parse(s string) (Tag, bool) {
	t := Tag(s)
	return t, slices.Contains(Tags, t)
}

type ctxKey struct{}

// With returns a context whose texts are in the language.
func With(ctx context.Context, t Tag) context.Context { return context.WithValue(ctx, ctxKey{}, t) }

// From returns the language of the context; Vietnamese when none is set.
func From(ctx context.Context) Tag {
	if t, ok := ctx.Value(ctxKey{}).(Tag); ok && t == English {
		return English
	}
	return Vietnamese
}

// A catalog is never changed once it is shared: Register replaces it by a larger one, so that
// reading a text takes no lock.
type catalog map[Tag]textMap

// textMap holds the texts of one language by key.
type textMap map[string]text

var (
	texts     atomic.Pointer[catalog]
	registers sync.Mutex
	told      missing
)

// missing are keys already logged as missing, so that a busy page logs each once; and not more
// than a program can have forgotten, should a stranger get to choose keys.
type missing struct {
	mu   sync.Mutex
	keys map[string]bool
}

const mostMissing = 500

func (m *missing) first(key string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.keys[key] || len(m.keys) >= mostMissing {
		return false
	}
	if m.keys == nil {
		m.keys = map[string]bool{}
	}
	m.keys[key] = true
	return true
}

// Register takes over all text.vi.toml and text.en.toml files of a file system. Registering the
// same texts again changes nothing; the same key with another text, or a file that cannot be
// read, is a mistake of the author and panics.
func Register(fsys fs.FS) {
	registers.Lock()
	defer registers.Unlock()
	next := catalog{}
	for _, t := range Tags {
		next[t] = textMap{}
		if old := texts.Load(); old != nil {
			maps.Copy(next[t], (*old)[t])
		}
	}
	err := fs.WalkDir(fsys, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		for _, t := range Tags {
			if path.Base(p) == "text."+string(t)+".toml" {
				return next[t].read(fsys, p)
			}
		}
		return nil
	})
	if err != nil {
		panic("lang: " + err.Error())
	}
	texts.Store(&next)
}

func (m textMap) read(fsys fs.FS, p string) error {
	b, err := fs.ReadFile(fsys, p)
	if err != nil {
		return err
	}
	file, err := i18n.ParseMessageFileBytes(b, p, map[string]i18n.UnmarshalFunc{"toml": toml.Unmarshal})
	if err != nil {
		return fmt.Errorf("%s: %w", p, err)
	}
	for _, msg := range file.Messages {
		next := newText(msg)
		if old, ok := m[msg.ID]; ok && !old.equal(next) {
			return fmt.Errorf("%s: key %q stands twice with different texts", p, msg.ID)
		}
		m[msg.ID] = next
	}
	return nil
}

// T returns the text of a key. Args are alternating names and values for its {{.name}} places;
// whole numbers are written the way people here write a count, so years and codes are passed as
// strings. A value named "count" also chooses singular or plural. A key without a text shows
// itself and is logged once.
func T(ctx context.Context, key string, args ...any) string {
	tag := From(ctx)
	all := texts.Load()
	if all != nil {
		if tx, ok := (*all)[tag][key]; ok {
			return tx.write(tag, args)
		}
	}
	if told.first(string(tag) + key) {
		slog.WarnContext(ctx, "text is missing", "key", key, "lang", tag)
	}
	return key
}

// Has says whether the key has a text in the language of the context.
func Has(ctx context.Context, key string) bool {
	all := texts.Load()
	if all == nil {
		return false
	}
	_, ok := (*all)[From(ctx)][key]
	return ok
}

// Keys lists all registered keys of a language, sorted.
func Keys(t Tag) []string {
	all := texts.Load()
	if all == nil {
		return nil
	}
	return slices.Sorted(maps.Keys((*all)[t]))
}

// Missing lists what a reader of one of the languages would miss: keys that stand in one
// language only, and keys whose {{.name}} places differ. A test of the site wants it empty.
func Missing() []string {
	all := texts.Load()
	if all == nil {
		return nil
	}
	var out []string
	for _, t := range Tags {
		for _, other := range Tags {
			for key, a := range (*all)[other] {
				b, ok := (*all)[t][key]
				switch {
				case !ok:
					out = append(out, string(t)+": "+key)
				case t < other && !slices.Equal(a.places(), b.places()):
					out = append(out, fmt.Sprintf("places differ: %s: %s has %s, %s has %s", key,
						t, strings.Join(b.places(), ","), other, strings.Join(a.places(), ",")))
				}
			}
		}
	}
	slices.Sort(out)
	return out
}

// one says whether the number takes the singular in the language.
func one(t Tag, n int) bool {
	return plural.Cardinal.MatchPlural(language.Make(string(t)), n, 0, 0, 0, 0) == plural.One
}
