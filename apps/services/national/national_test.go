package national

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
)

// The list is carried over as it was published: a changed byte is another list.
func TestPinned(t *testing.T) {
	for name, want := range map[string]string{
		"procedures-national.csv": "85d3636de78bc833eb187c53057c521bc97b89bd56dfd925f05f3fbbe85c504f",
		"result-types.csv":        "a7f2b931c78d0c8c2ea5b95adae2c6a5172af974ab52e795a8acac96271cc07f",
	} {
		raw, err := data.ReadFile("data/" + name)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(raw)
		if got := hex.EncodeToString(sum[:]); got != want {
			t.Errorf("%s is another file: %s", name, got)
		}
		if !norm.NFC.IsNormal(raw) || strings.ContainsAny(string(raw), "\r\x00") {
			t.Errorf("%s is not plain UTF-8 in NFC", name)
		}
	}
}

func TestListIsReadExactly(t *testing.T) {
	list := List()
	if len(list) != Rows {
		t.Fatalf("%d rows", len(list))
	}
	if !slices.IsSortedFunc(list, func(a, b Row) int { return strings.Compare(a.Code, b.Code) }) {
		t.Error("not by code")
	}
	code := regexp.MustCompile(`^\d\.\d{6}$`)
	by := map[string]Row{}
	for _, r := range list {
		if !code.MatchString(r.Code) || r.Name == "" || r.Field == "" || r.Ministry == "" || len(r.Applicants) == 0 || r.Decision == "" {
			t.Errorf("%+v lacks something", r)
		}
		for _, l := range r.Levels {
			if !slices.Contains([]string{"commune", "province", "ministry", "other"}, l) {
				t.Errorf("%s: level %q", r.Code, l)
			}
		}
		by[r.Code] = r
	}
	if r := by["2.001827"]; r.Fees["counter"] != "700" || r.Limits["post"] != "15 cd" || strings.Join(r.Levels, "+") != "province+commune" {
		t.Errorf("%+v", r)
	}
	if r := by["1.000005"]; r.Limits["online"] != "120 ?" || r.Fees["online"] != "000" || len(r.Limits) != 1 || !slices.Equal(r.Basis, []string{"54/2014/QH13", "78/2006/QH11", "92/2015/TT-BTC"}) ||
		!slices.Equal(r.Applicants, []string{"Tổ chức (không bao gồm doanh nghiệp, HTX)"}) {
		t.Errorf("%+v", r)
	}
	if name, ok := ResultName("KQ.G15.000031"); !ok || name == "" {
		t.Errorf("result type %q, %v", name, ok)
	}
}

// law: public-services.md 2 — what is doubtful is flagged; the counts are of the list as pinned.
func TestDoubts(t *testing.T) {
	count := map[Kind]int{}
	rows := map[Kind]map[string]bool{}
	for code, list := range Doubts() {
		seen := map[Doubt]bool{}
		for _, d := range list {
			count[d.Kind]++
			if rows[d.Kind] == nil {
				rows[d.Kind] = map[string]bool{}
			}
			rows[d.Kind][code] = true
			key := Doubt{Kind: d.Kind, Part: d.Part}
			if seen[key] {
				t.Errorf("%s: %s about %q twice", code, d.Kind, d.Part)
			}
			seen[key] = true
			if !slices.Contains(Kinds, d.Kind) {
				t.Errorf("%s: kind %q is not listed", code, d.Kind)
			}
		}
	}
	for _, k := range Kinds {
		t.Logf("%-15s %4d in %4d procedures", k, count[k], len(rows[k]))
	}
	if n := len(rows[LimitUnit]); n != 358 {
		t.Errorf("%d procedures show a limit without a unit, 358 are known", n)
	}
	for code, want := range map[string][]Doubt{
		"1.000005": {{LimitUnit, "online", "120 ?"}, {FeeWritten, "online", "000"}},
		"2.001827": {{FeeSmall, "online", "700"}, {FeeSmall, "counter", "700"}, {FeeSmall, "post", "700"}},
		"1.013225": {{LimitDiffers, "", "online 20 cd, counter 15 cd, post 20 cd"}, {LevelUnknown, "", "commune+other"}},
		"1.000656": {{LimitUnit, "online", "1 ?"}, {LimitUnit, "counter", "1 ?"}, {LimitUnit, "post", "1 ?"}},
		"1.004837": nil,
	} {
		if got := Doubts()[code]; !slices.Equal(got, want) {
			t.Errorf("%s: %+v, want %+v", code, got, want)
		}
	}
}

// law: public-services.md 12 — rows levelled XA or B, alone or with T, and rows 33 and 34.
func TestMinistry(t *testing.T) {
	by := map[string]bool{}
	for _, r := range List() {
		by[r.Code] = true
	}
	if n := len(ministry()); n != 12 {
		t.Errorf("%d procedures are a ministry's", n)
	}
	for _, m := range ministry() {
		if !by[m.Code] || m.NameEN == "" {
			t.Errorf("%+v", m)
		}
	}
	if _, ok := Ministry("2.000908"); ok {
		t.Error("the commune copies from its register itself")
	}
	if en, ok := Ministry("3.000348"); !ok || en != "Reissue of a driving licence" {
		t.Error(en, ok)
	}
}
