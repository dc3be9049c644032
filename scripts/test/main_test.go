package main

import (
	"strings"
	"testing"
)

func TestCounting(t *testing.T) {
	for name, tt := range map[string]struct {
		events string
		want   count
	}{
		"all pass": {`{"Action":"pass","Package":"p","Test":"A"}
			{"Action":"pass","Package":"p","Test":"A/b"}
			{"Action":"pass","Package":"p"}`, count{2, 0}},
		"one fails": {`{"Action":"pass","Package":"p","Test":"A"}
			{"Action":"fail","Package":"p","Test":"B"}
			{"Action":"fail","Package":"p"}`, count{1, 1}},
		"does not build": {`{"Action":"build-output","ImportPath":"p","Output":"syntax error\n"}
			{"Action":"build-fail","ImportPath":"p"}
			{"Action":"fail","Package":"p"}`, count{0, 1}},
		"panics":         {`{"Action":"fail","Package":"p","Elapsed":1}`, count{0, 1}},
		"skipped":        {`{"Action":"skip","Package":"p","Test":"A"}`, count{}},
		"no test files":  {`{"Action":"skip","Package":"p"}`, count{}},
		"a line of text": {"go: downloading x", count{}},
	} {
		var c count
		follow(strings.NewReader(tt.events), &c)
		if c != tt.want {
			t.Errorf("%s: counted %+v, want %+v", name, c, tt.want)
		}
	}
}
