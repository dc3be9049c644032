package services

import "datmui/kit/pg"

// filler are words that say nothing about what is looked for.
var filler = map[string]bool{"toi": true, "muon": true, "can": true, "xin": true, "lam": true, "cho": true, "cua": true, "de": true, "o": true,
	"va": true, "hoac": true, "mot": true, "cai": true, "thi": true, "nhu": true, "nao": true, "the": true, "duoc": true, "khong": true,
	"i": true, "a": true, "an": true, "my": true, "want": true, "to": true, "need": true, "of": true, "for": true}

// everydayQuery are the telling words of a sentence as people say it, each a tsquery of its own.
func everydayQuery(typed string) []string {
	var out []string
	for _, w := range pg.Words(typed) {
		if !filler[w] {
			out = append(out, w)
		}
	}
	if n := len(out); n > 0 {
		out[n-1] += ":*"
	}
	return out
}
