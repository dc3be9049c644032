package find_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"datmui/apps/services"
	"datmui/apps/services/find"
)

// judged are the committed searches: what is typed, and the codes of which each would be right.
func judged(t testing.TB) (queries []string, want [][]string) {
	t.Helper()
	raw, err := os.ReadFile("testdata/queries.tsv")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(raw)) {
		line = strings.TrimRight(line, "\n")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		q, codes, ok := strings.Cut(line, "\t")
		if !ok {
			t.Fatalf("no tab in %q", line)
		}
		queries, want = append(queries, q), append(want, strings.Split(codes, ","))
	}
	return queries, want
}

func index(t testing.TB) *find.Index {
	t.Helper()
	entries, err := services.ShippedProcedures()
	if err != nil {
		t.Fatal(err)
	}
	x, err := find.New(entries)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// Of what people type, almost all finds what they want first, and the rest among the first three.
func TestJudged(t *testing.T) {
	x := index(t)
	queries, want := judged(t)
	if len(queries) < 200 {
		t.Errorf("only %d searches are judged", len(queries))
	}
	var first, three int
	for i, q := range queries {
		var got []string
		for _, e := range x.Search(q, 3) {
			got = append(got, e.Code+" "+e.Title)
		}
		at := slices.IndexFunc(got, func(g string) bool { return slices.Contains(want[i], g[:8]) })
		if at == 0 {
			first++
		}
		if at >= 0 {
			three++
		} else {
			t.Logf("%q finds %.160q, not %v", q, got, want[i])
		}
		if at > 0 {
			t.Logf("%q finds %v only at %d, after %.120q", q, want[i], at+1, got[0])
		}
	}
	n := float64(len(queries))
	t.Logf("%d searches: %.1f %% right at 1, %.1f %% right within 3", len(queries), 100*float64(first)/n, 100*float64(three)/n)
	if float64(first) < 0.97*n || float64(three) < 0.99*n {
		t.Errorf("of %d searches %d are right at 1 and %d within 3", len(queries), first, three)
	}
}
