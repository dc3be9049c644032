package lang

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"datmui/kit/clock"
)

var (
	vi = With(context.Background(), Vietnamese)
	en = With(context.Background(), English)
)

func files(vi, en string) fstest.MapFS {
	return fstest.MapFS{
		"a/text.vi.toml": {Data: []byte(vi)},
		"a/text.en.toml": {Data: []byte(en)},
		"a/other.toml":   {Data: []byte("not = [a text file")},
	}
}

func TestT(t *testing.T) {
	Register(files(
		"[t1]\nplain = \"Nộp hồ sơ\"\nname = \"Chào {{.name}}\"\npapers = \"{{.count}} giấy tờ\"\nbroken = \"a {{.b\"",
		"[t1]\nplain = \"Submit\"\nname = \"Hello {{.name}}\"\nbroken = \"a {{.b\"\n[t1.papers]\none = \"one paper\"\nother = \"{{.count}} papers\"",
	))
	for name, tt := range map[string]struct {
		ctx  context.Context
		key  string
		args []any
		want string
	}{
		"Vietnamese":             {vi, "t1.plain", nil, "Nộp hồ sơ"},
		"Vietnamese by default":  {context.Background(), "t1.plain", nil, "Nộp hồ sơ"},
		"unknown language":       {With(vi, "fr"), "t1.plain", nil, "Nộp hồ sơ"},
		"English":                {en, "t1.plain", nil, "Submit"},
		"a name":                 {vi, "t1.name", []any{"name", "Út Em"}, "Chào Út Em"},
		"a forgotten value":      {vi, "t1.name", nil, "Chào …"},
		"no plural in Viet":      {vi, "t1.papers", []any{"count", 1}, "1 giấy tờ"},
		"singular":               {en, "t1.papers", []any{"count", 1}, "one paper"},
		"plural":                 {en, "t1.papers", []any{"count", 1200}, "1,200 papers"},
		"singular, int64":        {en, "t1.papers", []any{"count", int64(1)}, "one paper"},
		"marks between thousand": {vi, "t1.papers", []any{"count", 12345}, "12.345 giấy tờ"},
		"braces left open":       {vi, "t1.broken", nil, "a {{.b"},
		"missing key":            {vi, "t1.nowhere", nil, "t1.nowhere"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := T(tt.ctx, tt.key, tt.args...); got != tt.want {
				t.Errorf("T(%q) = %q, want %q", tt.key, got, tt.want)
			}
		})
	}
}

func TestRegisterRefusesTwoTextsForOneKey(t *testing.T) {
	Register(files("[t2]\na = \"một\"", "[t2]\na = \"one\""))
	Register(files("[t2]\na = \"một\"", "[t2]\na = \"one\"")) // the same again is fine
	defer func() {
		if recover() == nil {
			t.Error("another text for the same key was accepted")
		}
		if got := T(vi, "t2.a"); got != "một" {
			t.Errorf("the first text is gone: %q", got)
		}
	}()
	Register(files("[t2]\na = \"hai\"", ""))
}

func TestMissing(t *testing.T) {
	Register(files("[t3]\nonly = \"chỉ\"\nplace = \"{{.a}}\"", "[t3]\nplace = \"{{.b}}\""))
	got := slices.DeleteFunc(Missing(), func(s string) bool { return !strings.Contains(s, "t3.") })
	want := []string{"en: t3.only", "places differ: t3.place: en has b, vi has a"}
	if !slices.Equal(got, want) {
		t.Errorf("Missing() = %q, want %q", got, want)
	}
	if !slices.Contains(Keys(Vietnamese), "t3.only") || slices.Contains(Keys(English), "t3.only") {
		t.Error("Keys does not tell the languages apart")
	}
	if !Has(vi, "t3.only") || Has(en, "t3.only") {
		t.Error("Has does not tell the languages apart")
	}
}

func TestOwnTextsStandInBothLanguages(t *testing.T) {
	for _, m := range Missing() {
		if strings.Contains(m, "lang.") {
			t.Error(m)
		}
	}
}

func TestTimes(t *testing.T) {
	at := time.Date(2026, 6, 16, 1, 6, 40, 0, time.UTC) // 8:06 in Cà Mau
	sunday := time.Date(2026, 11, 22, 17, 30, 0, 0, time.UTC)
	for name, tt := range map[string]struct{ got, want string }{
		"date":              {Date(vi, at), "16 tháng 6 năm 2026"},
		"date, English":     {Date(en, at), "16 June 2026"},
		"date and time":     {DateTime(vi, at), "8 giờ 06, 16 tháng 6 năm 2026"},
		"weekday":           {DayTime(vi, at), "8 giờ 06, thứ Ba, 16 tháng 6 năm 2026"},
		"weekday, English":  {DayTime(en, at), "08:06, Tuesday, 16 June 2026"},
		"past midnight":     {Day(vi, sunday), "thứ Hai, 23 tháng 11 năm 2026"},
		"time":              {Time(vi, sunday), "0 giờ 30"},
		"short":             {Short(vi, at, sunday), "16/6 08:06"},
		"short, last year":  {Short(vi, at, at.AddDate(1, 0, 0)), "16/6/2026 08:06"},
		"numeric":           {Numeric(at), "16/6/2026"},
		"just now":          {Ago(vi, at, at.Add(40*time.Second)), "vừa xong"},
		"minutes ago":       {Ago(vi, at, at.Add(5*time.Minute)), "5 phút trước"},
		"an hour ago":       {Ago(en, at, at.Add(time.Hour)), "1 hour ago"},
		"days ago":          {Ago(vi, at, at.Add(49*time.Hour)), "2 ngày trước"},
		"long ago":          {Ago(vi, at, at.AddDate(0, 0, 9)), "16 tháng 6 năm 2026"},
		"left":              {Left(vi, at.Add(2*time.Hour+54*time.Minute), at), "còn 2 giờ 54 phút"},
		"left, whole hours": {Left(vi, at.Add(3*time.Hour), at), "còn 3 giờ"},
		"over":              {Left(vi, at, at.Add(73*time.Hour)), "quá 3 ngày"},
		"over, English":     {Left(en, at, at.Add(36*time.Minute)), "36 minutes over"},
		"seconds":           {Length(vi, 48*time.Second), "48 giây"},
		"words":             {DateWords(vi, at), "ngày mười sáu tháng sáu năm hai nghìn không trăm hai mươi sáu"},
		"words, April":      {DateWords(vi, time.Date(2026, 4, 5, 0, 0, 0, 0, clock.Vietnam)), "ngày năm tháng tư năm hai nghìn không trăm hai mươi sáu"},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: %q, want %q", name, tt.got, tt.want)
		}
	}
}

func TestNumbers(t *testing.T) {
	for name, tt := range map[string]struct{ got, want string }{
		"money":            {Money(vi, 1250000), "1.250.000 đồng"},
		"money, English":   {Money(en, 1250000), "1,250,000 đồng"},
		"none":             {Money(vi, 0), "0 đồng"},
		"three digits":     {Number(vi, 999), "999"},
		"four digits":      {Number(vi, 1000), "1.000"},
		"below zero":       {Number(vi, -12345), "−12.345"},
		"smallest":         {Number(vi, int64(math.MinInt64)), "−9.223.372.036.854.775.808"},
		"decimal":          {Decimal(vi, 468.87, 2), "468,87"},
		"decimal, large":   {Decimal(vi, 12345.5, -1), "12.345,5"},
		"decimal, whole":   {Decimal(vi, 4, 0), "4"},
		"percent":          {Percent(vi, 0.974, 1), "97,4 %"},
		"percent, English": {Percent(en, 0.974, 1), "97.4 %"},
		"bytes":            {Bytes(vi, 812), "812 B"},
		"kilobytes":        {Bytes(vi, 214*1024), "214 KB"},
		"megabytes":        {Bytes(vi, 1468006), "1,4 MB"},
		"gigabytes":        {Bytes(en, int64(3)<<30), "3.0 GB"},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: %q, want %q", name, tt.got, tt.want)
		}
	}
}

func TestMoneyWords(t *testing.T) {
	for n, want := range map[int64]string{
		0:               "không đồng",
		5:               "năm đồng",
		10:              "mười đồng",
		11:              "mười một đồng",
		15:              "mười lăm đồng",
		20:              "hai mươi đồng",
		21:              "hai mươi mốt đồng",
		24:              "hai mươi tư đồng",
		25:              "hai mươi lăm đồng",
		55:              "năm mươi lăm đồng",
		100:             "một trăm đồng",
		101:             "một trăm linh một đồng",
		104:             "một trăm linh bốn đồng",
		105:             "một trăm linh năm đồng",
		110:             "một trăm mười đồng",
		115:             "một trăm mười lăm đồng",
		999:             "chín trăm chín mươi chín đồng",
		1000:            "một nghìn đồng",
		1005:            "một nghìn không trăm linh năm đồng",
		8000:            "tám nghìn đồng",
		26000:           "hai mươi sáu nghìn đồng",
		105000:          "một trăm linh năm nghìn đồng",
		1000000:         "một triệu đồng",
		1000005:         "một triệu không trăm linh năm đồng",
		1005000:         "một triệu không trăm linh năm nghìn đồng",
		1250000:         "một triệu hai trăm năm mươi nghìn đồng",
		1000000000:      "một tỷ đồng",
		2030405060:      "hai tỷ không trăm ba mươi triệu bốn trăm linh năm nghìn không trăm sáu mươi đồng",
		999999999999:    "chín trăm chín mươi chín tỷ chín trăm chín mươi chín triệu chín trăm chín mươi chín nghìn chín trăm chín mươi chín đồng",
		1000000000000:   "một nghìn tỷ đồng",
		-26000:          "âm hai mươi sáu nghìn đồng",
		-24000000000000: "âm hai mươi tư nghìn tỷ đồng",
	} {
		if got := MoneyWords(vi, n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
	for n, want := range map[int64]string{
		0:       "zero đồng",
		19:      "nineteen đồng",
		40:      "forty đồng",
		105:     "one hundred and five đồng",
		1005:    "one thousand and five đồng",
		1250000: "one million two hundred and fifty thousand đồng",
		-21:     "minus twenty-one đồng",
	} {
		if got := MoneyWords(en, n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

// Two sums must never be written with the same words, and nothing may be left empty or doubled.
func FuzzMoneyWords(f *testing.F) {
	for _, n := range []int64{0, 1, 1004, 999999999999, math.MinInt64, math.MaxInt64} {
		f.Add(n, n+1)
	}
	f.Fuzz(func(t *testing.T, a, b int64) {
		for _, ctx := range []context.Context{vi, en} {
			x, y := MoneyWords(ctx, a), MoneyWords(ctx, b)
			if strings.Contains(x, "  ") || strings.TrimSpace(x) != x {
				t.Errorf("%d: stray spaces in %q", a, x)
			}
			if a != b && x == y {
				t.Errorf("%d and %d are both %q", a, b, x)
			}
		}
	})
}

// A text cut into pieces and put together again without values keeps all its words.
func FuzzCut(f *testing.F) {
	f.Add("Chào {{.name}}, {{.count}} việc")
	f.Add("{{.")
	f.Add("}}{{.a}}{{.b")
	f.Fuzz(func(t *testing.T, s string) {
		var words strings.Builder
		for _, p := range cut(s) {
			if p.name == "" {
				words.WriteString(p.words)
			}
		}
		if len(words.String()) > len(s) {
			t.Errorf("%q grew to %q", s, words.String())
		}
		if !strings.Contains(s, "{{.") && words.String() != s {
			t.Errorf("%q became %q", s, words.String())
		}
	})
}

func BenchmarkT(b *testing.B) {
	for b.Loop() {
		T(vi, "lang.left", "time", "2 giờ")
	}
}

// A key without a text is told once, and strangers who try many keys fill neither memory nor log.
func TestMissingKeysAreFew(t *testing.T) {
	var m missing
	n := 0
	for i := range 10 * mostMissing {
		for range 2 {
			if m.first(fmt.Sprint(i)) {
				n++
			}
		}
	}
	if n != mostMissing || len(m.keys) != mostMissing {
		t.Errorf("%d told, %d kept", n, len(m.keys))
	}
}
