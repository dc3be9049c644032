package notify

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"datmui/kit/lang"
)

// Notice is one text to one person; a struct whose fields are all it needs.
type Notice interface {
	NoticeKind() string // module and event, the same over releases: services.filed
}

// Told is a notice as it lies in an inbox.
type Told struct {
	ID     uuid.UUID
	Person uuid.UUID
	Kind   string
	Args   Args
	Href   string // where the reader goes on, "" for nowhere
	At     time.Time
	ReadAt *time.Time // nil until it was read
	Mail   string     // none, waiting, digest, sent, failed
}

// Subject is the notice in one line.
func (n Told) Subject(ctx context.Context) string { return n.text(ctx, "subject") }

// Body is what the notice says, in a few sentences.
func (n Told) Body(ctx context.Context) string { return n.text(ctx, "body") }

func (n Told) text(ctx context.Context, part string) string {
	return lang.T(ctx, "notice."+n.Kind+"."+part, n.Args.words(ctx)...)
}

// Args are the values of a notice's text with their sort, so that they can be written in the
// language of whoever reads them, whenever that is.
type Args map[string]Arg

// Arg is one value: only one of its fields is set.
type Arg struct {
	Text   *string    `json:"t,omitempty"`
	Number *int64     `json:"n,omitempty"`
	Money  *int64     `json:"m,omitempty"` // đồng
	At     *time.Time `json:"a,omitempty"` // day and hour
	Day    *time.Time `json:"d,omitempty"`
}

func (a Args) words(ctx context.Context) []any {
	out := make([]any, 0, 2*len(a))
	for name, v := range a {
		var value any
		switch {
		case v.Text != nil:
			value = *v.Text
		case v.Number != nil:
			value = *v.Number
		case v.Money != nil:
			value = lang.Money(ctx, *v.Money)
		case v.At != nil:
			value = lang.DateTime(ctx, *v.At)
		case v.Day != nil:
			value = lang.Date(ctx, *v.Day)
		}
		out = append(out, name, value)
	}
	return out
}

// argsOf reads the fields of a notice; its Path is returned apart.
func argsOf(n Notice) (Args, string, error) {
	v := reflect.Indirect(reflect.ValueOf(n))
	if v.Kind() != reflect.Struct {
		return nil, "", fmt.Errorf("notify: the notice %T is no struct", n)
	}
	args, path := Args{}, ""
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if !f.IsExported() {
			continue
		}
		if f.Name == "Path" && f.Type.Kind() == reflect.String {
			path = v.Field(i).String()
			continue
		}
		arg, err := argOf(v.Field(i), f)
		if err != nil {
			return nil, "", fmt.Errorf("notify: %T.%s: %w", n, f.Name, err)
		}
		args[lowerFirst(f.Name)] = arg
	}
	return args, path, nil
}

func argOf(v reflect.Value, f reflect.StructField) (Arg, error) {
	tag := f.Tag.Get("notice")
	if t, ok := v.Interface().(time.Time); ok {
		if tag == "date" {
			return Arg{Day: &t}, nil
		}
		return Arg{At: &t}, nil
	}
	switch v.Kind() {
	case reflect.String:
		s := v.String()
		return Arg{Text: &s}, nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		n := v.Int()
		if tag == "money" || f.Name == "Amount" {
			return Arg{Money: &n}, nil
		}
		return Arg{Number: &n}, nil
	}
	return Arg{}, fmt.Errorf("a %s cannot be written in a text", v.Type())
}

func lowerFirst(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToLower(r)) + s[size:]
}

// Kinds lists the kinds of notice there are texts for.
func Kinds() []string {
	var out []string
	for _, key := range lang.Keys(lang.Vietnamese) {
		if k, ok := strings.CutPrefix(key, "notice."); ok {
			if k, ok = strings.CutSuffix(k, ".subject"); ok {
				out = append(out, k)
			}
		}
	}
	slices.Sort(out)
	return out
}

// NameOf is the name of a kind of notice.
func NameOf(ctx context.Context, kind string) string {
	if key := "notice." + kind + ".name"; lang.Has(ctx, key) {
		return lang.T(ctx, key)
	}
	return Told{Kind: kind}.Subject(ctx)
}

func marshal(a Args) ([]byte, error) { return json.Marshal(a) }
