package web

import (
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"

	"github.com/google/uuid"
)

// Form reads the fields of a submitted form (or query) into a T by `form:"name"` tags. Text is
// trimmed. A number or id that cannot be read stays zero: the act's check says what is wrong, and
// keeps text where what was typed must be shown again. A field of type url.Values tagged "*" gets
// everything; a path value of the same name wins over a form value.
func Form[T any](r *http.Request) T {
	var v T
	if r.Form == nil {
		_ = Multipart(r)
	}
	fill(reflect.ValueOf(&v).Elem(), r.Form, r.PathValue)
	return v
}

func fill(v reflect.Value, form url.Values, path func(string) string) {
	t := v.Type()
	for i := range t.NumField() {
		f, name := v.Field(i), t.Field(i).Tag.Get("form")
		if t.Field(i).Anonymous && f.Kind() == reflect.Struct {
			fill(f, form, path)
			continue
		}
		if name == "" || !f.CanSet() {
			continue
		}
		if name == "*" {
			if all, ok := f.Addr().Interface().(*url.Values); ok {
				*all = form
			}
			continue
		}
		values := form[name]
		if p := path(name); p != "" {
			values = []string{p}
		}
		if f.Kind() == reflect.Slice && f.Type() != reflect.TypeFor[[]byte]() && f.Type().Elem().Kind() != reflect.Uint8 {
			for _, s := range values {
				e := reflect.New(f.Type().Elem()).Elem()
				if set(e, s) {
					f.Set(reflect.Append(f, e))
				}
			}
			continue
		}
		if len(values) > 0 {
			set(f, values[0])
		}
	}
}

func set(f reflect.Value, s string) bool {
	s = strings.TrimSpace(s)
	if id, ok := f.Addr().Interface().(*uuid.UUID); ok {
		v, err := uuid.Parse(s)
		if err == nil {
			*id = v
		}
		return err == nil
	}
	switch f.Kind() {
	case reflect.String:
		f.SetString(s)
	case reflect.Bool:
		f.SetBool(s == "1" || s == "true" || s == "on" || s == "yes")
	case reflect.Int, reflect.Int64, reflect.Int32:
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil || f.OverflowInt(n) {
			return false
		}
		f.SetInt(n)
	default:
		return false
	}
	return true
}

// After is the key after which a list goes on; a broken one is the first page.
func After(r *http.Request) uuid.UUID {
	key, _ := uuid.Parse(r.FormValue("after"))
	return key
}
