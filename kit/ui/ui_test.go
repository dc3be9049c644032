package ui

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"
	"github.com/google/go-cmp/cmp"

	"datmui/kit/actor"
	"datmui/kit/clock"
	"datmui/kit/fault"
	"datmui/kit/lang"
	"datmui/kit/ui/htmlcheck"
)

var (
	vi = lang.With(context.Background(), lang.Vietnamese)
	en = lang.With(context.Background(), lang.English)
)

func html(t *testing.T, ctx context.Context, c templ.Component) string {
	t.Helper()
	var b strings.Builder
	if err := c.Render(ctx, &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTextsStandInBothLanguages(t *testing.T) {
	for _, m := range lang.Missing() {
		t.Error(m)
	}
}

func TestTitle(t *testing.T) {
	for want, fr := range map[string]Frame{
		"Bàn – UBND xã Năm Căn – Đất Mũi": {Area: Official, Place: "UBND xã Năm Căn"},
		"Bàn – CaMauG":        {},
		"Lỗi: Bàn – CaMauG":   {Errors: true},
		"Error: Bàn – CaMauG": {Errors: true, Lang: lang.English},
	} {
		if got := fr.title(lang.With(vi, fr.lang(vi)), "Bàn"); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestCurrent(t *testing.T) {
	nav := []NavItem{{Href: "/"}, {Href: "/desk"}, {Href: "/desk/team"}}
	for path, want := range map[string]string{
		"/": "/", "/desk": "/desk", "/desk?q=1": "/desk", "/desk/7": "/desk", "/desk/team/9": "/desk/team", "/desktop": "", "/other": "",
	} {
		got := ""
		for _, n := range nav {
			if (Frame{Path: path, Nav: nav}).current(n) {
				got += n.Href
			}
		}
		if got != want {
			t.Errorf("%s: %q is current, want %q", path, got, want)
		}
	}
}

func TestLanguageSwitch(t *testing.T) {
	for path, want := range map[string]string{
		"/desk":                  "/desk?lang=en",
		"/desk?q=a%20b&lang=vi":  "/desk?q=a%20b&lang=en",
		"/desk?lang=vi&page=2":   "/desk?page=2&lang=en",
		"/desk?q=x&language=abc": "/desk?q=x&language=abc&lang=en",
	} {
		if to, got := (Frame{Path: path}).otherLang(vi); got != want || to != lang.English {
			t.Errorf("%s leads to %s (%s), want %s", path, got, to, want)
		}
	}
	if to, href := (Frame{Path: "/desk?q=x&density=roomy", Roomy: true}).otherDensity(); to != "dense" || href != "/desk?q=x&density=dense" {
		t.Errorf("the density switch leads to %s at %s", to, href)
	}
	if to, _ := (Frame{Path: "/"}).otherLang(en); to != lang.Vietnamese {
		t.Errorf("from English the switch leads to %s", to)
	}
}

func TestInitials(t *testing.T) {
	for name, want := range map[string]string{"Nguyễn Mỹ Duyên": "MD", "Đỗ Ánh": "ĐÁ", "Út": "Ú", "": "", "  a   b ": "AB"} {
		if got := initials(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

func TestDeadlineOf(t *testing.T) {
	at := func(day, hour int) time.Time { return time.Date(2026, 11, day, hour, 0, 0, 0, clock.Vietnam) }
	now := time.Date(2026, 11, 23, 8, 6, 0, 0, clock.Vietnam)
	for name, tt := range map[string]struct {
		in   Term
		want Deadline
	}{
		"far off":           {Term{From: at(20, 8), Due: at(30, 8), Now: now}, Deadline{Tenths: 3, Head: "Còn 6 ngày", Sub: "hạn 30/11 08:00"}},
		"words of calendar": {Term{From: at(20, 8), Due: at(30, 8), Now: now, Left: "còn 4 ngày làm việc"}, Deadline{Tenths: 3, Head: "Còn 4 ngày làm việc", Sub: "hạn 30/11 08:00"}},
		"tomorrow":          {Term{From: at(20, 8), Due: at(24, 17), Now: now}, Deadline{Tone: Soon, Tenths: 6, Head: "Còn 1 ngày", Sub: "hạn 24/11 17:00"}},
		"today":             {Term{From: at(20, 8), Due: at(23, 11), Now: now}, Deadline{Tone: Soon, Tenths: 9, Head: "Còn 2 giờ 54 phút", Sub: "hôm nay 11:00"}},
		"soon by calendar":  {Term{From: at(20, 8), Due: at(30, 8), Now: now, Soon: true}, Deadline{Tone: Soon, Tenths: 3, Head: "Còn 6 ngày", Sub: "hạn 30/11 08:00"}},
		"late":              {Term{From: at(10, 8), Due: at(18, 17), Now: now}, Deadline{Tone: Late, Tenths: 10, Head: "Quá 4 ngày", Sub: "hạn 18/11 17:00"}},
		"paused":            {Term{From: at(20, 8), Due: at(26, 8), Now: now, Paused: "chờ bạn bổ sung"}, Deadline{Tone: Pause, Tenths: 5, Head: "Tạm dừng", Sub: "chờ bạn bổ sung"}},
		"done":              {Term{From: at(20, 8), Due: at(26, 8), Now: now, DoneAt: at(23, 7)}, Deadline{Tone: Done, Tenths: 10, Head: "Xong đúng hạn", Sub: "hạn 26/11 08:00"}},
		"done late":         {Term{From: at(20, 8), Due: at(21, 8), Now: now, DoneAt: at(23, 7)}, Deadline{Tone: Done, Tenths: 10, Head: "Xong trễ hạn", Sub: "hạn 21/11 08:00"}},
		"no length":         {Term{From: at(30, 8), Due: at(30, 8), Now: now}, Deadline{Tenths: 10, Head: "Còn 6 ngày", Sub: "hạn 30/11 08:00"}},
	} {
		if d := cmp.Diff(tt.want, DeadlineOf(vi, tt.in)); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

func TestFaultTexts(t *testing.T) {
	f := Form{Prefix: "ui.date", Faults: fault.Fields{
		"day": "required", "month": "too-long:20", "year": "no-such-code", "nameless": "required", "": "fault.code",
	}}
	want := []ErrorLine{
		{"", "Mã xác thực không đúng hoặc đã hết hạn"},
		{"year", "Kiểm tra lại năm"},
		{"day", "Nhập ngày"},
		{"month", "Nội dung không được dài quá 20 ký tự"},
		{"nameless", "Nhập "},
	}
	if d := cmp.Diff(want, f.Errors(vi, "year", "day")); d != "" {
		t.Error(d)
	}
	if got := f.Fault(vi, "other"); got != "" {
		t.Errorf("a field without a fault says %q", got)
	}
	if (Form{}).Any() || !f.Any() {
		t.Error("Any is wrong")
	}
}

func TestLowerFirst(t *testing.T) {
	for in, want := range map[string]string{"Họ và tên": "họ và tên", "Ủy ban": "ủy ban", "UBND xã": "UBND xã", "": "", "Đ": "Đ"} {
		if got := lowerFirst(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// The summary leads into every kind of field, and the field says the same words.
func TestErrorSummaryLeadsToTheFields(t *testing.T) {
	f := Form{Prefix: "ui.date", Faults: fault.Fields{}}
	names := []string{"input", "unit", "area", "select", "date", "choice", "ticks", "tick", "file", "upload", "pin", "group.0.x"}
	for _, n := range names {
		f.Faults[n] = "fault.reason"
	}
	form := templ.Join(
		ErrorSummary(f, names...),
		Input(f.Field(vi, "input", `"><script>`)), WithUnit(f.Field(vi, "unit", "1")), Textarea(Field{Name: "area", Label: "x", Hint: "y", Max: 10, Fault: "z"}),
		Select(f.Field(vi, "select", "b"), []Option{{Value: "a"}, {Value: "b"}}), DateIn(f.Field(vi, "date", ""), DateValue{Day: "31"}),
		Choice(f.Field(vi, "choice", "b"), []Option{{Value: "a"}, {Value: "b"}}), Ticks(f.Field(vi, "ticks", ""), []Option{{Value: "a"}, {Value: "b"}}, []string{"a"}),
		Tick(f.Field(vi, "tick", ""), true), FileInput(f.Field(vi, "file", ""), "image/*", true), Upload(f.Field(vi, "upload", ""), UploadTo{URL: "/f"}),
		PinBox(f.Field(vi, "pin", "")), Input(f.Field(vi, "group.0.x", "")),
	)
	got := html(t, vi, form)
	for _, bad := range htmlcheck.Fragment(got) {
		t.Error(bad)
	}
	if n := strings.Count(got, "Nhập lý do"); n != 2*len(names)-1 {
		t.Errorf("the words stand %d times, want twice for each of %d fields but the one with words of its own", n, len(names))
	}
	for _, want := range []string{`value="&#34;&gt;&lt;script&gt;"`, `<option value="b" selected>`, `name="date.day"`, `value="31"`, `aria-invalid="true"`, `tabindex="-1" autofocus`} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is missing", want)
		}
	}
}

func TestPageStates(t *testing.T) {
	who := actor.Actor{Kind: actor.Official, Name: "Lâm Quốc Huy", Post: "Phó Trưởng phòng"}
	for name, tt := range map[string]struct {
		fr   Frame
		want []string
		not  []string
	}{
		"citizen not signed in": {Frame{Paths: Paths{SignIn: "/sign-in"}}, []string{`href="/sign-in"`, `class="citizen"`}, []string{"sign-out", "/desk", `class="demo"`}},
		"official":              {Frame{Area: Official, Actor: who, Roomy: true, Demo: true, Paths: Paths{SignOut: "/sign-out", Search: "/find", Notices: "/n"}}, []string{`<form method="post" action="/sign-out">`, `class="official roomy"`, "/desk", `class="demo"`, `action="/find"`, ">QH<"}, nil},
		"flash":                 {Frame{Flash: "ui.job.over"}, []string{`class="toast"`, "Đã xong"}, nil},
		"flash of a failure":    {Frame{Flash: "ui.job.over", Fault: true}, []string{`class="toast toast--fault"`}, nil},
		"script of a page":      {Frame{Scripts: []string{"passkey.js"}}, []string{"passkey"}, nil},
		"English":               {Frame{Lang: lang.English}, []string{`<html lang="en">`, `lang="vi" hreflang="vi"`}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			ctx := templ.WithChildren(lang.With(vi, tt.fr.lang(vi)), templ.Raw("<h1>A</h1>"))
			got := html(t, ctx, Page(tt.fr, "ui.keys"))
			for _, bad := range htmlcheck.Page(got) {
				t.Error(bad)
			}
			for _, w := range tt.want {
				if !strings.Contains(got, w) {
					t.Errorf("%s is missing", w)
				}
			}
			for _, n := range tt.not {
				if strings.Contains(got, n) {
					t.Errorf("%s should not be there", n)
				}
			}
		})
	}
}

func TestChart(t *testing.T) {
	for most, want := range map[float64]float64{0: 5, 1: 1, 4714: 5000, 12: 12.5, 99: 100, 101: 125, 0.07: 0.1} {
		c := Chart{Groups: []Group{{Values: []float64{most, math.NaN()}}}}
		if got := c.top(); math.Abs(got-want) > want/1e9 {
			t.Errorf("top over %v is %v, want %v", most, got, want)
		}
	}
	c := Chart{ID: "c", Title: "T", Desc: "D", Digits: 1, Series: []Series{{"Nhận", "pale"}, {"Xong", "act"}}, Groups: []Group{{Label: "14/9", Values: []float64{4310.5, math.NaN()}, Mark: 1}}}
	got := html(t, vi, ChartOf(c))
	for _, want := range []string{`<rect class="gap"`, ">4.310,5</text>", "<td class=\"n\">—</td>", "<td class=\"n\">4.310,5</td>", `aria-labelledby="c-t c-d"`} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is missing", want)
		}
	}
	for _, bad := range htmlcheck.Fragment(got) {
		t.Error(bad)
	}
	if strings.Contains(got, "NaN") {
		t.Error("NaN is shown to people")
	}
}

func TestGauges(t *testing.T) {
	for _, tt := range []struct {
		done, of int
		want     string
	}{{0, 9, "p0"}, {4, 9, "p4"}, {9, 9, "p10"}, {12, 9, "p10"}, {1, 0, "p0"}, {-1, 9, "p0"}} {
		if got := tenth(tt.done, tt.of); got != tt.want {
			t.Errorf("%d of %d is %s, want %s", tt.done, tt.of, got, tt.want)
		}
	}
	if got := html(t, vi, Due(Deadline{Tenths: 99})); !strings.Contains(got, `"tide p10"`) {
		t.Error(got)
	}
}

func TestJob(t *testing.T) {
	running := html(t, vi, Job(JobState{Title: "Ký", Done: 3, Failed: 1, Total: 9, RefreshedFrom: "/jobs/1"}))
	for _, want := range []string{`hx-get="/jobs/1"`, "3 xong, 1 không thành công, 5 đang chờ", `value="4" max="9"`} {
		if !strings.Contains(running, want) {
			t.Errorf("running: %s is missing", want)
		}
	}
	if over := html(t, vi, Job(JobState{Done: 9, Total: 9, Over: true, RefreshedFrom: "/jobs/1"})); strings.Contains(over, "hx-get") {
		t.Error("work that is over is still asked for")
	}
}

func TestButtons(t *testing.T) {
	link := html(t, vi, Btn(Button{Text: "Ký", Href: "/sign", Key: "s", Size: "big-wide", Kind: "quiet"}))
	if link != `<a class="btn btn--quiet btn--big btn--wide" href="/sign" data-key="s">Ký <kbd>s</kbd></a>` {
		t.Error(link)
	}
	button := html(t, vi, Btn(Button{Text: "Ký", Name: "do", Value: "", Form: "bulk", Off: true}))
	if button != `<button class="btn" disabled form="bulk" name="do" value="">Ký </button>` {
		t.Error(button)
	}
}

// A dangerous address never becomes a link.
func TestLinksAreSafe(t *testing.T) {
	got := html(t, vi, Rows([]GoItem{{Text: "x", Href: "javascript:alert(1)"}}))
	if strings.Contains(got, "javascript:") {
		t.Error(got)
	}
}

// Whatever a record is called, its id can stand in a page and be linked to.
func FuzzID(f *testing.F) {
	f.Add("group.0.tên")
	f.Add(`"><script>`)
	f.Fuzz(func(t *testing.T, s string) {
		got := FieldID(s)
		if strings.ContainsFunc(got, func(r rune) bool {
			return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_')
		}) {
			t.Errorf("%q became %q", s, got)
		}
		if !slices.Equal([]string{got}, strings.Fields(got)) {
			t.Errorf("%q is not one word", got)
		}
	})
}
