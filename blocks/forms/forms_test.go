package forms_test

import (
	"context"
	"encoding/json"
	"maps"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"datmui/blocks/forms"
	"datmui/kit/fault"
	"datmui/kit/lang"
)

var (
	vi = lang.With(context.Background(), lang.Vietnamese)
	en = lang.With(context.Background(), lang.English)
)

// sample asks one question of each kind, with conditions and a group.
const sample = `{"id": "sample", "version": 1, "valid_from": "2026-01-01", "title": {"vi": "Mẫu", "en": "Sample"},
"derived": [{"name": "full", "join": ["name", "note"]}],
"sections": [
 {"id": "one", "title": {"vi": "Phần một", "en": "Part one"}, "questions": [
  {"name": "name", "kind": "name", "label": {"vi": "Họ tên", "en": "Name"}, "prefill": "person.name"},
  {"name": "born", "kind": "date", "label": {"vi": "Ngày sinh", "en": "Born"}, "past": true, "words": true},
  {"name": "hour", "kind": "time", "label": {"vi": "Giờ", "en": "Hour"}, "optional": true},
  {"name": "length", "kind": "number", "label": {"vi": "Chiều dài", "en": "Length"}, "min": 1, "max": 150, "unit": "m"},
  {"name": "copies", "kind": "number", "label": {"vi": "Số bản", "en": "Copies"}, "whole": true, "min": 0},
  {"name": "price", "kind": "money", "label": {"vi": "Giá", "en": "Price"}, "optional": true},
  {"name": "purpose", "kind": "choice", "label": {"vi": "Mục đích", "en": "Purpose"}, "options": [
   {"value": "ket-hon", "label": {"vi": "Kết hôn", "en": "Marriage"}}, {"value": "khac", "label": {"vi": "Khác", "en": "Other"}}]}]},
 {"id": "two", "title": {"vi": "Phần hai", "en": "Part two"}, "when": "purpose == \"ket-hon\" && copies > 1", "pages": [
  {"id": "spouse", "title": {"vi": "Người kia", "en": "The other"}, "questions": [
   {"name": "spouse", "kind": "name", "label": {"vi": "Tên người kia", "en": "Name of the other"}},
   {"name": "abroad", "kind": "yesno", "label": {"vi": "Ở nước ngoài?", "en": "Abroad?"}},
   {"name": "country", "kind": "text", "label": {"vi": "Nước", "en": "Country"}, "when": "abroad == \"yes\"", "max": 10}]}]},
 {"id": "three", "title": {"vi": "Phần ba", "en": "Part three"}, "questions": [
  {"name": "wants", "kind": "choices", "label": {"vi": "Cần", "en": "Wants"}, "optional": true, "max": 2, "options": [
   {"value": "a", "label": {"vi": "A", "en": "A"}}, {"value": "b", "label": {"vi": "B", "en": "B"}}, {"value": "c", "label": {"vi": "C", "en": "C"}}]},
  {"name": "unit", "kind": "unit", "label": {"vi": "Xã", "en": "Commune"}},
  {"name": "id", "kind": "personal-id", "label": {"vi": "Số định danh", "en": "ID"}, "optional": true},
  {"name": "phone", "kind": "phone", "label": {"vi": "Điện thoại", "en": "Phone"}, "optional": true, "prefill": "person.phone"},
  {"name": "email", "kind": "email", "label": {"vi": "Thư", "en": "E-mail"}, "optional": true},
  {"name": "paper", "kind": "file", "label": {"vi": "Tệp", "en": "File"}, "optional": true},
  {"name": "note", "kind": "longtext", "label": {"vi": "Ghi chú", "en": "Note"}, "optional": true, "max": 40},
  {"name": "number", "kind": "text", "label": {"vi": "Số tàu", "en": "Vessel"}, "optional": true, "pattern": "[A-Z]{2}-[0-9]{5}-TS"},
  {"name": "book", "kind": "text", "label": {"vi": "Số vào sổ", "en": "Book"}, "optional": true, "office": true},
  {"name": "children", "kind": "group", "label": {"vi": "Con", "en": "Child"}, "optional": true, "max": 2, "group": [
   {"name": "child", "kind": "name", "label": {"vi": "Tên con", "en": "Child's name"}},
   {"name": "school", "kind": "text", "label": {"vi": "Trường", "en": "School"}, "when": "child != \"Bé\" && copies > 0"}]},
  {"name": "pledge", "kind": "pledge", "label": {"vi": "Tôi cam đoan", "en": "I declare"}}]}]}`

type units struct{}

func (units) UnitName(code string) (string, bool) {
	return "Xã Đất Mũi", code == "32244"
}
func (units) UnitList() []forms.UnitOption {
	return []forms.UnitOption{{Code: "32244", Name: "Xã Đất Mũi"}}
}

func now() time.Time { return time.Date(2026, 11, 23, 1, 6, 0, 0, time.UTC) }

func form(t testing.TB) *forms.Form {
	d, err := forms.ParseDefinition([]byte(sample), forms.Common{})
	if err != nil {
		t.Fatal(err)
	}
	return forms.NewForm(d, units{}, now)
}

// good answers every question that must be.
func good() forms.Answers {
	return forms.Answers{"name": "Lâm Gia Bảo", "born": "2026-11-14", "length": "11.9", "copies": "1", "purpose": "khac",
		"unit": "32244", "pledge": "yes", "full": "Lâm Gia Bảo"}
}

func TestCheck(t *testing.T) {
	f := form(t)
	if out, faults := f.Check(good()); faults.Any() || !out.Equal(good()) {
		t.Fatalf("good answers: %v, %v", out, faults)
	}
	for name, tt := range map[string]struct {
		change forms.Answers
		want   fault.Fields
		also   forms.Answers // what stands in the result
	}{
		"nothing given":               {forms.Answers{"name": " ", "born": "", "purpose": "", "unit": "", "pledge": ""}, fault.Fields{"name": "required", "born": "date", "purpose": "one", "unit": "unit", "pledge": "pledge"}, nil},
		"a name with digits":          {forms.Answers{"name": "Bảo 2"}, fault.Fields{"name": "name"}, nil},
		"a name in parts":             {forms.Answers{"name": "La\u0302m  Gia Ba\u0309o\u200b"}, nil, forms.Answers{"name": "Lâm Gia Bảo"}},
		"born tomorrow":               {forms.Answers{"born": "2026-11-24"}, fault.Fields{"born": "past"}, nil},
		"born today":                  {forms.Answers{"born": "2026-11-23"}, nil, nil},
		"no such day":                 {forms.Answers{"born": "2026-02-30"}, fault.Fields{"born": "date"}, nil},
		"an hour":                     {forms.Answers{"hour": "08:05"}, nil, nil},
		"no hour":                     {forms.Answers{"hour": "24:00"}, fault.Fields{"hour": "time"}, nil},
		"too long a ship":             {forms.Answers{"length": "150.5"}, fault.Fields{"length": "too-large:150"}, nil},
		"too short a ship":            {forms.Answers{"length": "0.5"}, fault.Fields{"length": "too-small:1"}, nil},
		"length in canonical writing": {forms.Answers{"length": "012.50"}, nil, forms.Answers{"length": "12.5"}},
		"length in words":             {forms.Answers{"length": "mười hai"}, fault.Fields{"length": "number"}, nil},
		"half a copy":                 {forms.Answers{"copies": "1.5"}, fault.Fields{"copies": "number"}, nil},
		"a price below nought":        {forms.Answers{"price": "-5"}, fault.Fields{"price": "too-small:0"}, nil},
		"another choice":              {forms.Answers{"purpose": "vay-von"}, fault.Fields{"purpose": "one"}, nil},
		"three of three":              {forms.Answers{"wants": []string{"c", "a", "b"}}, fault.Fields{"wants": "too-many:2"}, forms.Answers{"wants": []string{"a", "b", "c"}}},
		"one that is not offered":     {forms.Answers{"wants": []string{"a", "x"}}, fault.Fields{"wants": "choose"}, nil},
		"a commune of long ago":       {forms.Answers{"unit": "32245"}, fault.Fields{"unit": "unit"}, nil},
		"an ID with dots":             {forms.Answers{"id": "096.204.123.456"}, nil, forms.Answers{"id": "096204123456"}},
		"eleven digits":               {forms.Answers{"id": "09620412345"}, fault.Fields{"id": "personal-id"}, nil},
		"a phone from abroad":         {forms.Answers{"phone": "+84 912 345 318"}, nil, forms.Answers{"phone": "0912345318"}},
		"no phone":                    {forms.Answers{"phone": "12"}, fault.Fields{"phone": "phone"}, nil},
		"no address":                  {forms.Answers{"email": "duyen@localhost"}, fault.Fields{"email": "email"}, nil},
		"an address":                  {forms.Answers{"email": "duyen@vidu.vn"}, nil, nil},
		"no file":                     {forms.Answers{"paper": "1"}, fault.Fields{"paper": "file"}, nil},
		"too long a note":             {forms.Answers{"note": strings.Repeat("ệ", 41)}, fault.Fields{"note": "too-long:40"}, nil},
		"lines stay lines":            {forms.Answers{"note": "một\r\nhai\x00"}, nil, forms.Answers{"note": "một\nhai", "full": "Lâm Gia Bảo một\nhai"}},
		"a vessel":                    {forms.Answers{"number": "CM-91234-TS"}, nil, nil},
		"half a vessel":               {forms.Answers{"number": "CM-91234-TS " + "x"}, fault.Fields{"number": "pattern"}, nil},
		"not asked": {forms.Answers{"spouse": "Ai đó", "abroad": "yes", "country": "Lào", "evil": "1"}, nil,
			forms.Answers{"spouse": nil, "abroad": nil, "country": nil, "evil": nil}},
		"asked by the condition": {forms.Answers{"purpose": "ket-hon", "copies": "2"}, fault.Fields{"spouse": "required", "abroad": "one"}, nil},
		"asked by a condition on the same page": {forms.Answers{"purpose": "ket-hon", "copies": "2", "spouse": "Dương Vy", "abroad": "yes"},
			fault.Fields{"country": "required"}, nil},
		"no pledge": {forms.Answers{"pledge": "no"}, fault.Fields{"pledge": "pledge"}, nil},
		"children": {forms.Answers{"children": []forms.Answers{{"child": "An", "school": "Trường Đất Mũi"}, {"child": "Bé", "school": "x"}}}, nil,
			forms.Answers{"children": []forms.Answers{{"child": "An", "school": "Trường Đất Mũi"}, {"child": "Bé"}}}},
		"a child without a school": {forms.Answers{"children": []forms.Answers{{"child": "Bé"}, {"child": "An"}}}, fault.Fields{"children.1.school": "required"}, nil},
		"three children":           {forms.Answers{"children": []forms.Answers{{"child": "Bé"}, {"child": "Bé"}, {"child": "Bé"}}}, fault.Fields{"children": "too-many:2"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			out, faults := f.Check(good().With(tt.change))
			if tt.want == nil {
				tt.want = fault.Fields{}
			}
			if diff := cmp.Diff(tt.want, faults); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
			for k, v := range tt.also {
				if v == nil {
					v = ""
				}
				if one, two := (forms.Answers{k: v}), (forms.Answers{k: out[k]}); !one.Equal(two) && !(v == "" && out[k] == nil) {
					t.Errorf("%s is %v, want %v", k, out[k], v)
				}
			}
			// what is stored and read back says the same
			raw, err := json.Marshal(out)
			if err != nil {
				t.Fatal(err)
			}
			var back forms.Answers
			if err := json.Unmarshal(raw, &back); err != nil || !back.Equal(out) {
				t.Errorf("stored: %s; read back: %v, %v", raw, back, err)
			}
			again, _ := f.Check(back)
			if !again.Equal(out) {
				t.Errorf("checked again: %v, before: %v", again, out)
			}
		})
	}
}

func TestDecode(t *testing.T) {
	f := form(t)
	for name, tt := range map[string]struct {
		ctx   context.Context
		typed string
		want  forms.Answers
	}{
		"a day in parts":         {vi, "born.day=4&born.month=1&born.year=2026", forms.Answers{"born": "2026-01-04"}},
		"a day in one":           {vi, "born=16/6/2026", forms.Answers{"born": "2026-06-16"}},
		"half a day is kept":     {vi, "born.day=31&born.year=2026", forms.Answers{"born": "31//2026"}},
		"a Vietnamese number":    {vi, "length=11,9&price=1.250.000 đồng", forms.Answers{"length": "11.9", "price": "1250000"}},
		"an English number":      {en, "length=11.9&price=1,250,000", forms.Answers{"length": "11.9", "price": "1250000"}},
		"with the unit":          {vi, "length=11,9 m", forms.Answers{"length": "11.9"}},
		"what is no number":      {vi, "length=khoảng 12", forms.Answers{"length": "khoảng12"}},
		"hours as people write":  {vi, "hour=8 giờ 05", forms.Answers{"hour": "08:05"}},
		"hours with h":           {vi, "hour=20h", forms.Answers{"hour": "20:00"}},
		"a tick":                 {vi, "pledge=1", forms.Answers{"pledge": "yes"}},
		"several choices":        {vi, "wants=a&wants=c", forms.Answers{"wants": []string{"a", "c"}}},
		"an entry, an empty one": {vi, "children.0.child=An&children.0.school=&children.1.child=&children.1.school= ", forms.Answers{"children": []forms.Answers{{"child": "An", "school": ""}}}},
		"an entry taken out":     {vi, "children.0.child=An&children.3.child=Bình&remove=children.0", forms.Answers{"children": []forms.Answers{{"child": "Bình", "school": ""}}}},
		"entries out of the way": {vi, "children.-1.child=An&children.99999.child=An&children.x.child=An", forms.Answers{"children": []forms.Answers(nil)}},
		"an emptied field is ''": {vi, "name=", forms.Answers{"name": ""}},
	} {
		t.Run(name, func(t *testing.T) {
			typed, err := url.ParseQuery(tt.typed)
			if err != nil {
				t.Fatal(err)
			}
			got := f.Decode(tt.ctx, typed, "")
			for k := range tt.want {
				if one, two := (forms.Answers{k: tt.want[k]}), (forms.Answers{k: got[k]}); !one.Equal(two) {
					t.Errorf("%s is %#v, want %#v", k, got[k], tt.want[k])
				}
			}
		})
	}
	got := f.Decode(vi, url.Values{"spouse": {"Vy"}, "name": {"An"}}, "spouse")
	if _, there := got["name"]; there || got.Text("spouse") != "Vy" {
		t.Errorf("one page: %v", got)
	}
}

func TestStepsFollowTheAnswers(t *testing.T) {
	f := form(t)
	pages := func(a forms.Answers) (out []string) {
		for _, s := range f.Steps(a) {
			out = append(out, s.ID)
		}
		return out
	}
	short := pages(good())
	long := pages(good().With(forms.Answers{"purpose": "ket-hon", "copies": "2"}))
	if slices.Contains(short, "spouse") || !slices.Contains(long, "spouse") || len(long) != len(short)+1 {
		t.Errorf("short %q, long %q", short, long)
	}
	if slices.Contains(short, "pledge") || slices.Contains(short, "book") {
		t.Errorf("a citizen is asked for the pledge or for what an official fills in: %q", short)
	}
	if got := f.After(good(), "purpose"); got != "wants" {
		t.Errorf("after purpose: %s", got)
	}
	if got := f.Before(good(), "wants"); got != "purpose" {
		t.Errorf("before wants: %s", got)
	}
	if f.After(good(), "") != "name" || f.Before(good(), "name") != "" || f.After(good(), "children") != "" {
		t.Error("the ends are not where they should be")
	}
	if got := f.FirstUnanswered(good().With(forms.Answers{"unit": ""})); got != "unit" {
		t.Errorf("first unanswered: %s", got)
	}
	if got := f.FirstUnanswered(good()); got != "" {
		t.Errorf("all answered, but: %s", got)
	}
	st, ok := f.Step(good().With(forms.Answers{"purpose": "ket-hon", "copies": "2"}), "spouse")
	if !ok || len(st.Questions) != 3 {
		t.Errorf("a question that hangs on the same page is not on it: %+v", st.Questions)
	}
	if f.PageOf("country") != "spouse" || f.PageOf("children.1.school") != "children" || f.PageOf("x") != "" {
		t.Error("a field is on another page than it says")
	}
}

func TestCheckPageLeavesTheOthers(t *testing.T) {
	f := form(t)
	a := good().With(forms.Answers{"purpose": "ket-hon", "copies": "2", "spouse": "Vy", "abroad": "no", "country": "Lào", "note": strings.Repeat("x", 99)})
	out, faults := f.CheckPage(a, "spouse")
	if faults.Any() || out.Text("country") != "" || len(out.Text("note")) != 99 {
		t.Errorf("%v, %v", out, faults)
	}
	_, faults = f.CheckPage(a.With(forms.Answers{"spouse": ""}), "spouse")
	if diff := cmp.Diff(fault.Fields{"spouse": "required"}, faults); diff != "" {
		t.Error(diff)
	}
}

func TestSummarySpeaksBothLanguages(t *testing.T) {
	f := form(t)
	a := good().With(forms.Answers{"price": "1250000", "hour": "08:05", "wants": []string{"a", "b"}, "children": []forms.Answers{{"child": "An", "school": "Đất Mũi"}}})
	for _, tt := range []struct {
		ctx  context.Context
		want map[string]string
	}{
		{vi, map[string]string{"born": "14 tháng 11 năm 2026 (ngày mười bốn tháng mười một năm hai nghìn không trăm hai mươi sáu)", "length": "11,9 m",
			"price": "1.250.000 đồng", "purpose": "Khác", "unit": "Xã Đất Mũi", "hour": "8 giờ 05", "wants": "A, B", "children": "Tên con: An; Trường: Đất Mũi", "full": "Lâm Gia Bảo"}},
		{en, map[string]string{"length": "11.9 m", "price": "1,250,000 đồng", "purpose": "Other", "hour": "08:05"}},
	} {
		for name, want := range tt.want {
			if got := f.Text(tt.ctx, a, name); got != want {
				t.Errorf("%s: %q, want %q", name, got, want)
			}
		}
	}
	known := f.Prefill(map[string]string{"person.name": "Lâm Gia Bảo", "person.phone": "not a phone"})
	if len(known) != 1 {
		t.Errorf("prefill: %v", known)
	}
	var rows []string
	for _, part := range f.Summary(vi, a, known) {
		for _, r := range part.Rows {
			if r.Known {
				rows = append(rows, r.Name)
			}
		}
	}
	if !slices.Equal(rows, []string{"name"}) {
		t.Errorf("known: %q", rows)
	}
	if !slices.Equal(f.Sources(), []string{"person.name", "person.phone"}) {
		t.Errorf("sources: %q", f.Sources())
	}
	q, _ := f.Question("length")
	if forms.Typed(vi, q, a) != "11,9" || forms.Typed(en, q, a) != "11.9" || forms.Typed(vi, q, forms.Answers{"length": "x,y"}) != "x,y" {
		t.Error("a number is not shown as it would be typed")
	}
}

func (units) Former(text string) []forms.FormerUnit {
	if strings.Contains(text, "Đầm Dơi") {
		return []forms.FormerUnit{{Name: "Xã Tân Ân, huyện Đầm Dơi", Now: []forms.UnitOption{{Code: "32244", Name: "Xã Đất Mũi"}}}}
	}
	return nil
}

// An address in the names of before is kept as written; the unit of today is asked for and nothing
// is chosen for the person. law: public-services.md 18.2 A22.
func TestFormerUnitsAreAskedFor(t *testing.T) {
	d, err := forms.ParseDefinition([]byte(`{"id": "place", "version": 1, "valid_from": "2025-07-01", "title": {"vi": "Nơi", "en": "Place"},
		"sections": [{"id": "s", "title": {"vi": "Nơi", "en": "Place"}, "pages": [{"id": "home", "questions": [
			{"name": "home", "kind": "text", "place": true, "label": {"vi": "Nơi cư trú", "en": "Residence"}}]}]}]}`), forms.Common{})
	if err != nil {
		t.Fatal(err)
	}
	f := forms.NewForm(d, units{}, now)
	const old = "Ấp 3, xã Tân Ân, huyện Đầm Dơi, Cà Mau"
	for name, tt := range map[string]struct {
		in    forms.Answers
		want  forms.Answers
		wrong string
		text  string
	}{
		"today's name":      {forms.Answers{"home": "Ấp Mũi, xã Đất Mũi", "home_now": "32244"}, forms.Answers{"home": "Ấp Mũi, xã Đất Mũi"}, "", "Ấp Mũi, xã Đất Mũi"},
		"not chosen":        {forms.Answers{"home": old}, forms.Answers{"home": old}, "former-unit", old},
		"no unit of those":  {forms.Answers{"home": old, "home_now": "32002"}, forms.Answers{"home": old}, "former-unit", old},
		"chosen":            {forms.Answers{"home": old, "home_now": "32244"}, forms.Answers{"home": old, "home_now": "32244"}, "", old + " (nay là xã Đất Mũi)"},
		"left as it stands": {forms.Answers{"home": old, "home_now": forms.AsWritten}, forms.Answers{"home": old, "home_now": forms.AsWritten}, "", old},
	} {
		t.Run(name, func(t *testing.T) {
			got, faults := f.Check(tt.in)
			if !reflect.DeepEqual(got, tt.want) || faults["home_now"] != tt.wrong || len(faults) > 1 || tt.wrong == "" && len(faults) > 0 {
				t.Errorf("%v, %v", got, faults)
			}
			if text := f.Text(t.Context(), got, "home"); text != tt.text {
				t.Errorf("in words %q", text)
			}
			if page, _ := f.CheckPage(tt.in, "home"); !reflect.DeepEqual(page, tt.want) {
				t.Errorf("of the page %v", page)
			}
		})
	}
	if p := f.PageOf("home_now"); p != "home" {
		t.Errorf("it is asked on %q", p)
	}
}

// Everything wrong with questions is said by the field in which an editor typed it.
func TestFaultsStandAtTheirField(t *testing.T) {
	def, err := forms.ParseDefinition([]byte(sample), forms.Common{})
	if err != nil {
		t.Fatal(err)
	}
	least, most := 5.0, 2.0
	label := forms.Words{VI: "Mới", EN: "New"}
	for name, tt := range map[string]struct {
		q    forms.Question
		at   forms.Place
		want fault.Fields
	}{
		"fit":                {forms.Question{Name: "moi", Kind: forms.Line, Label: label}, "page:unit", nil},
		"no label":           {forms.Question{Name: "moi", Kind: forms.Line, Label: forms.Words{VI: "Mới"}}, "page:unit", fault.Fields{"question.moi.label_en": "required"}},
		"unknown question":   {forms.Question{Name: "moi", Kind: forms.Line, Label: label, When: `colour == "red"`}, "page:unit", fault.Fields{"question.moi.when": "not-asked-before:colour"}},
		"asked later":        {forms.Question{Name: "moi", Kind: forms.Line, Label: label, When: `note`}, "page:unit", fault.Fields{"question.moi.when": "not-asked-before:note"}},
		"no such option":     {forms.Question{Name: "moi", Kind: forms.Line, Label: label, When: `copies == "x" || purpose in ("khac", "maybe")`}, "page:unit", fault.Fields{"question.moi.when": "no-option:maybe"}},
		"unreadable":         {forms.Question{Name: "moi", Kind: forms.Line, Label: label, When: `copies >`}, "page:unit", fault.Fields{"question.moi.when": "condition"}},
		"nothing to choose":  {forms.Question{Name: "moi", Kind: forms.Choice, Label: label}, "page:unit", fault.Fields{"question.moi.options": "required"}},
		"twice":              {forms.Question{Name: "moi", Kind: forms.Choices, Label: label, Options: []forms.Option{{Value: "a", Label: label}, {Value: "a", Label: label}}}, "page:unit", fault.Fields{"question.moi.options.1.value": "twice"}},
		"pattern":            {forms.Question{Name: "moi", Kind: forms.Line, Label: label, Pattern: "("}, "page:unit", fault.Fields{"question.moi.pattern": "pattern"}},
		"min above max":      {forms.Question{Name: "moi", Kind: forms.Decimal, Label: label, Min: &least, Max: &most}, "page:unit", fault.Fields{"question.moi.max": "below-min"}},
		"an empty group":     {forms.Question{Name: "moi", Kind: forms.Group, Label: label}, "page:unit", fault.Fields{"question.moi.inner_vi": "required"}},
		"page without title": {forms.Question{Name: "moi", Kind: forms.Line, Label: label}, "after:unit", fault.Fields{"page.unit.title_vi": "required", "page.unit.title_en": "required"}},
	} {
		next, ok := def.Add(tt.q, tt.at)
		if !ok {
			t.Errorf("%s: there is no %s", name, tt.at)
		}
		if got := next.Faults(); !maps.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
	gone, _ := def.Remove("copies")
	if got := gone.Faults(); !maps.Equal(got, fault.Fields{"section.two.when": "not-asked-before:copies", "question.children.school.when": "not-asked-before:copies"}) {
		t.Errorf("a question taken away that a condition asks: %v", got)
	}
	down := def.MovePage("copies", 1).MovePage("copies", 1)
	if got := down.Sections[0].Pages[6].ID; got != "copies" || len(down.Faults()) > 0 {
		t.Errorf("moved down twice: %s, %v", got, down.Faults())
	}
	for _, q := range def.Sections[1].Pages[0].Questions {
		same, ok := def.Change(q.Name, q, def.PlaceOf(q.Name))
		if was, _ := json.Marshal(def); !ok || string(was) != string(must(json.Marshal(same))) {
			t.Errorf("%s put where it stands moves", q.Name)
		}
	}
	moved, ok := def.Change("country", forms.Question{Name: "country", Kind: forms.Line, Label: label}, "section:three")
	if p, there := moved.Page("country"); !ok || !there || len(p.Questions) != 1 || moved.PlaceOf("country") != "section:three" {
		t.Errorf("moved to a page of its own: %v, %+v", ok, p)
	}
	if name := def.FreeName("Họ tên"); name != "ho_ten" {
		t.Errorf("a new name: %s", name)
	}
	if name := def.FreeName("Name?"); name != "name_2" {
		t.Errorf("a name that is taken: %s", name)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
