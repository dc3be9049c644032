package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/pprof"
	"slices"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"
)

// Result is one line of bench/out/latest.json.
type Result struct {
	Name      string   `json:"name"`
	Ours      *float64 `json:"ours"`      // null when it could not be measured: the note says why
	Reference *float64 `json:"reference"` // null without one
	Ratio     *float64 `json:"ratio"`     // median of the pairs
	Unit      string   `json:"unit"`
	Note      string   `json:"note"`
}

// measure is one function that gives one or more results; it needs what names says.
type measure struct {
	names []string
	run   func(ctx context.Context, s *stage) []Result
}

var measures = []measure{
	{[]string{"signatures"}, signatures},
	{[]string{"verify"}, verifies},
	{[]string{"submit_act"}, submitAct},
	{[]string{"submit_http"}, submitHTTP},
	{[]string{"audit_cost"}, auditCost},
	{[]string{"sign_in"}, signIn},
	{[]string{"start_warm", "memory_idle", "memory_load"}, startsAndMemory},
	{[]string{loadName}, loads},
	{[]string{"list_p95", "desk_p95", "search_p95"}, lists},
	{[]string{"procedure_search_p95"}, procedureSearch},
	{[]string{"bulk_assign_10000"}, bulkAssign},
	{[]string{"export_million"}, exportMillion},
	{[]string{"office_day"}, officeDay},
	{[]string{"page_render"}, pageRender},
}

func main() {
	quick := flag.Bool("quick", false, "short runs: for a look, not for a report")
	only := flag.String("only", "", "measure only these, separated by commas")
	out := flag.String("out", filepath.Join("bench", "out", "latest.json"), "file for the results")
	most := flag.Int("dossiers", 2_000_000, "the largest number of dossiers for the lists, a multiple of 20,000")
	keep := flag.String("keep", "", "folder in which loaded provinces stay, to be measured again without loading")
	profile := flag.String("cpuprofile", "", "file for a profile of this program, to see with go tool pprof")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := profiled(*profile, func() error { return run(ctx, *quick, *only, *out, *keep, *most) })
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func profiled(path string, fn func() error) error {
	if path == "" {
		return fn()
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return err
	}
	err = fn()
	pprof.StopCPUProfile()
	return errors.Join(err, f.Close())
}

func run(ctx context.Context, quick bool, only, out, keep string, most int) (err error) {
	wanted := strings.FieldsFunc(only, func(r rune) bool { return r == ',' })
	for _, w := range wanted {
		if !slices.ContainsFunc(measures, func(m measure) bool { return slices.Contains(m.names, w) }) {
			return fmt.Errorf("there is no measure %s", w)
		}
	}
	s := &stage{pairs: 5, span: 8 * time.Second, most: most, keep: keep, larger: map[int]*large{}}
	if quick {
		s.pairs, s.span, s.most = 3, 2*time.Second, min(most, 200_000)
	}
	if s.dir, err = os.MkdirTemp("", "datmui-bench-"); err != nil {
		return err
	}
	defer func() { err = cmp.Or(s.close(), err) }()
	if err := os.Chmod(s.dir, 0o755); err != nil { // PostgreSQL may run as another user
		return err
	}
	var results []Result
	for _, m := range measures {
		if len(wanted) > 0 && !slices.ContainsFunc(m.names, func(n string) bool { return slices.Contains(wanted, n) }) {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		syscall.Sync() // what the measure before left to write would slow this one
		fmt.Fprintf(os.Stderr, "measuring %s\n", strings.Join(m.names, ", "))
		for _, r := range m.run(ctx, s) {
			results = append(results, r)
			fmt.Fprintf(os.Stderr, "  %s\n", strings.ReplaceAll(r.line(), "\t", "  "))
		}
	}
	raw, err := json.MarshalIndent(results, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(out), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(out, append(raw, '\n'), 0o644); err != nil {
		return err
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tOURS\tREFERENCE\tRATIO\tUNIT\tNOTE")
	for _, r := range results {
		fmt.Fprintln(w, r.line())
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if i := slices.IndexFunc(results, func(r Result) bool { return r.Ours == nil }); i >= 0 {
		return fmt.Errorf("%s was not measured", results[i].Name)
	}
	return nil
}

func (r Result) line() string {
	return strings.Join([]string{r.Name, figure(r.Ours), figure(r.Reference), figure(r.Ratio), r.Unit, r.Note}, "\t")
}

func figure(f *float64) string {
	if f == nil {
		return "-"
	}
	return fmt.Sprintf("%.4g", *f)
}

// failed is the line of a measure that could not be taken.
func failed(name, unit string, err error) []Result {
	return []Result{{Name: name, Unit: unit, Note: "not measured: " + err.Error()}}
}

// alone is a result without a reference.
func alone(name string, ours float64, unit, note string) Result {
	return Result{Name: name, Ours: &ours, Unit: unit, Note: note}
}

// pair is one run of ours and one of the reference, in turns.
type pair struct{ ours, reference float64 }

// paired sums pairs up by their medians. The noise is half the span of the reference's middle
// half, in per cent of its median.
func paired(name, unit, note string, pairs []pair) Result {
	var ours, refs, ratios []float64
	for _, p := range pairs {
		ours, refs, ratios = append(ours, p.ours), append(refs, p.reference), append(ratios, p.ours/p.reference)
	}
	o, r, q := median(ours), median(refs), median(ratios)
	spread := (quantile(refs, 0.75) - quantile(refs, 0.25)) / 2 / r * 100
	return Result{Name: name, Ours: &o, Reference: &r, Ratio: &q, Unit: unit,
		Note: fmt.Sprintf("%s; %d pairs, ratios %.2f to %.2f, noise of the reference ±%.0f %%", note, len(pairs), slices.Min(ratios), slices.Max(ratios), spread)}
}

func median(v []float64) float64 { return quantile(v, 0.5) }

// quantile is the value below which the share q of v lies, between two values in proportion.
func quantile(v []float64, q float64) float64 {
	v = slices.Sorted(slices.Values(v))
	at := q * float64(len(v)-1)
	i := int(at)
	if i+1 >= len(v) {
		return v[len(v)-1]
	}
	return v[i] + (at-float64(i))*(v[i+1]-v[i])
}
