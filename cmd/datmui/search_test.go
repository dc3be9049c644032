package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

// search runs the program in this process.
func search(args ...string) (stdout, stderr string, status int) {
	var out, said bytes.Buffer
	status = run(append([]string{"search"}, args...), &out, &said)
	return out.String(), said.String(), status
}

func TestSearchProcedures(t *testing.T) {
	t.Chdir(t.TempDir()) // needs nothing around it
	for query, want := range map[string]string{
		"khai sinh cho con":  "1.001193",
		"giay to tau ca":     "1.003650",
		"lam lai bang lai":   "3.000348",
		"giaays to tauf cas": "1.003650",
		"2.000815":           "2.000815",
	} {
		out, said, status := search("procedures", "--json", "--", query)
		var found []struct {
			Code, Title string
			Open        *bool
		}
		if err := json.Unmarshal([]byte(out), &found); err != nil || said != "" || status != 0 {
			t.Fatalf("%q: %s %s %d", query, out, said, status)
		}
		if len(found) == 0 || found[0].Code != want || found[0].Title == "" || found[0].Open == nil {
			t.Errorf("%q finds %s", query, out)
		}
	}
	if out, _, status := search("procedures", "--json", "--", "khai", "sinh"); status != 0 || !strings.HasPrefix(out, `[{"code":"1.001193","title":"`) || !strings.Contains(out, `"open":true}`) {
		t.Errorf("two words: %d %s", status, out)
	}
	if out, _, status := search("procedures", "--json", "--", "xyzzy"); status != 0 || out != "[]\n" {
		t.Errorf("nothing fits: %d %q", status, out)
	}
	if out, _, status := search("procedures", "--most", "1", "bằng lái"); status != 0 || !strings.HasPrefix(out, "3.0003") || strings.Count(out, "\n") != 1 || !strings.Contains(out, "  -  ") {
		t.Errorf("text: %d %q", status, out)
	}
}

func TestSearchProceduresRefuses(t *testing.T) {
	for _, tt := range []struct {
		args []string
		says string
	}{
		{[]string{"procedures"}, "say what is looked for"},
		{[]string{"procedures", "--json", "--", "  "}, "say what is looked for"},
		{[]string{"procedures", "--", strings.Repeat("a", 1001)}, "1001 letters"},
		{[]string{"procedures", "--most=0", "x"}, "1 to 3000"},
		{[]string{"dossiers"}, "dossiers"},
	} {
		out, said, status := search(tt.args...)
		if status != 2 || out != "" || !strings.Contains(said, tt.says) || strings.Count(said, "\n") != 1 {
			t.Errorf("%.40q: status %d, %q, %q", tt.args, status, out, said)
		}
	}
}
