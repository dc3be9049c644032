package pay

import (
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"datmui/blocks/calendar"
	"datmui/kit/fault"
)

var today = calendar.NewDate(2026, 11, 23)

func sets(t testing.TB, s string) Facts {
	t.Helper()
	m := map[string]string{}
	for pair := range strings.FieldsSeq(s) {
		k, v, _ := strings.Cut(pair, "=")
		m[k] = v
	}
	f, err := ParseFacts(m, today)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// amounts: -1 stands for "not known".
func TestFees(t *testing.T) {
	for _, tt := range []struct {
		id, procedure, set string
		amount             int64
		basis              string // part of the Vietnamese words
	}{
		{"A17", "2.000815", "pages=1", 2000, "2.000 đồng một trang"},
		{"A17", "2.000815", "pages=2", 4000, ""},
		{"A17", "2.000815", "pages=3", 5000, ""},
		{"A17", "2.000815", "pages=10 copies=2", 24000, ""},
		{"A17", "2.000815", "pages=198", 200000, ""},
		{"A17", "2.000815", "pages=250", 200000, ""},
		{"one page below the cap", "2.000815", "pages=197", 199000, ""},
		{"the cap is per copy", "2.000815", "pages=250 copies=3", 600000, ""},
		{"no pages", "2.000815", "copies=2", -1, "số trang"},
		{"A18", "1.003593", "tonnes=10", 300000, ""},
		{"A18", "1.003593", "tonnes=36", 690000, ""},
		{"A18", "1.003593", "tonnes=37", 700000, ""},
		{"A18", "1.003593", "tonnes=100", 700000, ""},
		{"part of a tonne", "1.003593", "tonnes=0.5", 157500, ""},
		{"no tonnes", "1.003593", "", -1, "số tấn"},
		{"A23 day 60", "1.001193", "days_after_birth=60", 0, "đúng hạn"},
		{"A23 day 61", "1.001193", "days_after_birth=61", -1, "quá hạn"},
		{"day 0", "1.001193", "days_after_birth=0", 0, ""},
		{"day not said", "1.001193", "", -1, "số ngày từ ngày sinh"},
		{"death day 15", "1.000656", "days_after_death=15", 0, ""},
		{"death day 16", "1.000656", "days_after_death=16", -1, "quá hạn"},
		{"Council", "1.004873", "", -1, "Hội đồng nhân dân"},
		{"Council, poor household", "1.004873", "subject=poor", 0, "Miễn"},
		{"Council, merit", "1.004873", "subject=merit", 0, ""},
		{"Council, disabled", "1.004873", "subject=disabled", 0, ""},
		{"Council, nobody in particular", "1.004873", "subject=none", -1, "Hội đồng nhân dân"},
		{"Council, child", "1.004873", "subject=child", -1, "Hội đồng nhân dân"},
		{"per copy", "2.000635", "copies=3", 24000, ""},
		{"one copy", "2.000635", "", 8000, ""},
		{"per event", "2.002516", "events=2", 16000, ""},
		{"per case", "2.000884", "cases=4", 40000, ""},
		{"per deal", "2.001035", "deals=2", 100000, ""},
		{"free", "1.000894", "", 0, "Không thu"},
		{"by channel", "1.004222", "channel=online", 10000, ""},
		{"by channel", "1.004222", "channel=counter", 20000, ""},
		{"by channel, unsaid", "1.004222", "", -1, "cách nộp"},
		{"by channel, not stated", "1.004222", "channel=post", -1, "không ghi"},
		{"exemptions not listed", "1.004222", "channel=online subject=poor", -1, "danh mục chưa được nhập"},
		{"channel and kind", "1.004194", "channel=online", 7000, ""},
		{"channel and kind", "1.004194", "channel=counter kind=list", 10000, ""},
		{"channel and kind", "1.004194", "channel=counter kind=single", 15000, ""},
		{"channel and kind, half said", "1.004194", "channel=counter", -1, "loại việc"},
		{"one channel stated", "1.010038", "channel=online", -1, "không ghi"},
		{"reduced until a day", "3.000347", "channel=online date=2025-12-31", 115000, ""},
		{"reduced no more", "3.000347", "channel=online date=2026-01-01", 135000, ""},
		{"reduced, but not at the counter", "3.000348", "channel=counter date=2025-06-01", 135000, ""},
		{"today", "3.000348", "", 135000, ""},
		{"fee and charge", "2.001583", "channel=counter", 150000, ""},
		{"fee alone", "2.002043", "channel=online", 100000, ""},
		{"kinds", "1.004359", "kind=new", 40000, ""},
		{"kinds", "1.004359", "kind=reissue", 20000, ""},
		{"kinds, unsaid", "1.004359", "", -1, "loại việc"},
		{"not refunded", "1.001612", "", -1, "không hoàn lại"},
		{"corrected", "2.001827", "", 700000, ""},
		{"with a province's suffix", "2.000635.000.00.00.H12", "", 8000, ""},
		{"with a service's suffix", "2.000635.01", "", 8000, ""},
		{"a programme", "ocop", "", 0, ""},
	} {
		got, err := Shipped().Fee(tt.procedure, sets(t, tt.set))
		if err != nil {
			t.Errorf("%s %s %s: %v", tt.id, tt.procedure, tt.set, err)
			continue
		}
		if got.Known != (tt.amount >= 0) || got.Known && got.Amount != tt.amount || !strings.Contains(got.Basis.Vi, tt.basis) {
			t.Errorf("%s %s %s: %+v", tt.id, tt.procedure, tt.set, got)
		}
		var sum int64
		for _, l := range got.Lines {
			sum += l.Amount
			if l.Amount != l.Unit*l.Quantity {
				t.Errorf("%s: line %+v does not multiply", tt.id, l)
			}
		}
		if sum != got.Amount {
			t.Errorf("%s: lines sum to %d, amount %d", tt.id, sum, got.Amount)
		}
	}
}

func TestFeeRefuses(t *testing.T) {
	for _, tt := range []struct{ procedure, name, value, code string }{
		{"2.000815", "page", "1", "unknown-name"},
		{"2.000815", "pages", "-1", "not-a-number"},
		{"2.000815", "pages", "0", "out-of-range"},
		{"2.000815", "pages", "ten", "not-a-number"},
		{"2.000815", "pages", "1.5", "not-a-number"},
		{"2.000815", "pages", "1e3", "not-a-number"},
		{"2.000815", "pages", "", "not-a-number"},
		{"2.000815", "pages", "１", "not-a-number"},
		{"2.000815", "pages", "99999999999999999999", "not-a-number"},
		{"2.000815", "pages", "999999999", "out-of-range"},
		{"1.003593", "tonnes", "1.2345", "not-a-number"},
		{"1.003593", "tonnes", "1.", "not-a-number"},
		{"1.003593", "tonnes", ".5", "not-a-number"},
		{"1.003593", "tonnes", "0", "out-of-range"},
		{"1.003593", "tonnes", "NaN", "not-a-number"},
		{"1.003593", "tonnes", "-0", "not-a-number"},
		{"1.001193", "days_after_birth", "-1", "not-a-number"},
		{"1.001193", "date", "2026-02-30", "not-a-date"},
		{"1.001193", "date", "1926-02-20", "not-a-date"},
		{"1.001193", "channel", "pigeon", "unknown-value"},
		{"1.001193", "channel", "Online", "unknown-value"},
		{"1.001193", "subject", "rich", "unknown-value"},
		{"1.004359", "kind", "old", "unknown-value"},
		{"1.004359", "kind", "", "unknown-value"},
		{"9.999999", "copies", "1", "unknown-value"},
		{"", "copies", "1", "unknown-value"},
	} {
		f, err := ParseFacts(map[string]string{tt.name: tt.value}, today)
		if err == nil {
			_, err = Shipped().Fee(tt.procedure, f)
		}
		bad, ok := errors.AsType[fault.Fields](err)
		if !ok || bad[tt.name] != tt.code && bad["procedure"] != tt.code {
			t.Errorf("%s %s=%s: %v", tt.procedure, tt.name, tt.value, err)
		}
	}
	if _, err := Shipped().Fee("2.000815", Facts{Date: today, Count: map[string]int64{"pages": -3}}); err == nil {
		t.Error("a negative count got through")
	}
}

func TestFeeJSON(t *testing.T) {
	unknown, err := Shipped().Fee("1.004859", Facts{Date: today})
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(unknown)
	if err != nil || !strings.Contains(string(b), `"amount":null,"lines":[]`) {
		t.Errorf("%s, %v", b, err)
	}
	free, _ := Shipped().Fee("1.000894", Facts{Date: today})
	if b, _ := json.Marshal(free); !strings.Contains(string(b), `"amount":0,`) {
		t.Errorf("%s", b)
	}
}

// Every procedure of the catalogue answers with an amount or with words, under each channel.
func TestEveryProcedureAnswers(t *testing.T) {
	n := 0
	for _, p := range Shipped().Fees {
		for _, code := range p.Codes {
			n++
			for _, channel := range append([]string{""}, channels...) {
				got, err := Shipped().Fee(code, Facts{Date: today, Channel: channel})
				if err != nil || got.Basis.Vi == "" || got.Basis.En == "" || !got.Known && got.Amount != 0 {
					t.Errorf("%s %s: %+v, %v", code, channel, got, err)
				}
				if got.Known && got.Amount == 0 && len(got.Needs) > 0 {
					t.Errorf("%s %s is called free while something is missing", code, channel)
				}
			}
		}
	}
	if n != 78 {
		t.Errorf("%d codes: the catalogue's 74 rows name 76 (two rows name two), and 2.000986 has two parts without a row", n)
	}
}

func TestParseScheduleRefuses(t *testing.T) {
	const rest = `"inputs":{},"subjects":[],"fees":[{"procedures":["1.000001"],"rules":[RULE]}]}`
	const head = `{"version":"2026-11-23","basis":{"b":{"vi":"b","en":"b"}},`
	line := func(s string) string {
		return head + strings.Replace(rest, "RULE", `{"basis":"b","lines":[{"name":{"vi":"a","en":"a"},"type":"fee",`+s+`}]}`, 1)
	}
	if _, err := ParseSchedule([]byte(line(`"amount":1`))); err != nil {
		t.Fatal(err)
	}
	for name, s := range map[string]string{
		"empty":           "",
		"two":             line(`"amount":1`) + "{}",
		"unknown field":   line(`"amuont":1`),
		"negative":        line(`"amount":-1`),
		"too dear":        line(`"amount":99999999999`),
		"no price":        line(`"per":"copies"`),
		"unknown count":   line(`"amount":1,"per":"kilos"`),
		"tiers fall":      line(`"of":"pages","tiers":[{"upto":5,"each":1},{"upto":2,"each":1},{"each":1}]`),
		"tiers end":       line(`"of":"pages","tiers":[{"upto":5,"each":1}]`),
		"tiers of what":   line(`"tiers":[{"each":1}]`),
		"kilogram":        line(`"of":"tonnes","tiers":[{"each":1500}]`),
		"no basis":        head + strings.Replace(rest, "RULE", `{"basis":"c"}`, 1),
		"unknown, priced": strings.Replace(line(`"amount":1`), `"basis":"b","lines"`, `"basis":"b","unknown":true,"lines"`, 1),
		"condition":       head + strings.Replace(rest, "RULE", `{"basis":"b","when":{"weather":{"in":["rain"]}}}`, 1),
		"condition form":  head + strings.Replace(rest, "RULE", `{"basis":"b","when":{"pages":{"in":["1"]}}}`, 1),
		"date":            head + strings.Replace(rest, "RULE", `{"basis":"b","until":"soon"}`, 1),
		"twice":           head + strings.Replace(rest, `"1.000001"`, `"1.000001","1.000001"`, 1),
		"version":         strings.Replace(line(`"amount":1`), "2026-11-23", "new", 1),
	} {
		if _, err := ParseSchedule([]byte(s)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestOverflowIsRefused(t *testing.T) {
	b, _ := os.ReadFile("data/fees.json")
	s, err := ParseSchedule([]byte(strings.Replace(string(b), `"each": 1000}], "cap": 200000`, `"each": 9999999999}], "cap": 0`, 1)))
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Fee("2.000815", Facts{Date: today, Count: map[string]int64{"pages": 100_000, "copies": 10_000}})
	if _, ok := errors.AsType[fault.Fields](err); !ok {
		t.Errorf("%v", err)
	}
}

func FuzzParseFacts(f *testing.F) {
	for _, name := range FactNames {
		f.Add(name, "1", "2.000815")
		f.Add(name, "1.250", "1.003593")
	}
	f.Add("date", "2025-12-31", "3.000347")
	f.Fuzz(func(t *testing.T, name, value, procedure string) {
		facts, err := ParseFacts(map[string]string{name: value}, today)
		if err != nil {
			return
		}
		if !slices.Contains(FactNames, name) {
			t.Errorf("%q was let in", name)
		}
		fee, err := Shipped().Fee(procedure, facts)
		if err == nil && fee.Amount < 0 {
			t.Errorf("%s %s=%s costs %s", procedure, name, value, strconv.FormatInt(fee.Amount, 10))
		}
	})
}

func FuzzParseSchedule(f *testing.F) {
	f.Add([]byte(`{"version":"2026-11-23","basis":{"b":{"vi":"b","en":"b"}},"inputs":{},"subjects":[],"fees":[{"procedures":["1.000001"],"rules":[{"basis":"b","lines":[{"name":{"vi":"a","en":"a"},"type":"fee","of":"pages","tiers":[{"upto":2,"each":5},{"each":1}],"cap":9,"per":"copies"}]}]}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := ParseSchedule(b)
		if err != nil {
			return
		}
		for _, p := range s.Fees {
			for _, code := range p.Codes {
				fee, err := s.Fee(code, Facts{Date: today, Count: map[string]int64{"pages": 300, "copies": 9, "tonnes": 1}})
				if err == nil && fee.Amount < 0 {
					t.Errorf("%s costs %d", code, fee.Amount)
				}
			}
		}
	})
}

// What people are told before they file names the sums that they pay.
func TestWordsQuoteThePrices(t *testing.T) {
	s := Shipped()
	for _, p := range s.Fees {
		for _, r := range p.Rules {
			if sum := s.Misquoted(r); sum != "" {
				t.Errorf("%v: %q names %s", p.Codes, s.Words(r).Vi, sum)
			}
		}
	}
	landing := s.Rules("1.009454").Rules[0]
	landing.Lines = []PriceLine{{Name: landing.Lines[0].Name, Type: "fee", Amount: 120_000}}
	if sum := s.Misquoted(landing); sum != "100.000" {
		t.Errorf("another price under the old words: %q", sum)
	}
}
