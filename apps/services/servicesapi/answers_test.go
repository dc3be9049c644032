package servicesapi

import (
	"encoding/json"
	"testing"
)

// FuzzAnswers: whatever JSON a partner sends becomes texts, lists and groups, and nothing else.
func FuzzAnswers(f *testing.F) {
	for _, s := range []string{`{"copies":2,"pledge":true,"names":["a","b"],"group":[{"x":1.5,"y":null}]}`, `{"a":{"b":{"c":[[[]]]}}}`, `{}`, `{"n":1e400}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		var in map[string]any
		if json.Unmarshal(raw, &in) != nil {
			return
		}
		var plain func(v any) bool
		plain = func(v any) bool {
			switch v := v.(type) {
			case nil, string:
				return true
			case []any:
				for _, x := range v {
					if !plain(x) {
						return false
					}
				}
				return true
			case map[string]any:
				for _, x := range v {
					if !plain(x) {
						return false
					}
				}
				return true
			}
			return false
		}
		for name, v := range answersOf(in) {
			if !plain(v) {
				t.Errorf("%s is a %T", name, v)
			}
		}
	})
}
