package letters

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"maps"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"datmui/blocks/letters/ink"
	"datmui/kit/fault"
)

var update = flag.Bool("update", false, "write the golden files anew")

func render(t *testing.T, p Paper) Letter {
	t.Helper()
	l, err := Render(p)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// tool runs a program over the letter and fails on any complaint of it.
func tool(t *testing.T, l Letter, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Stdin = bytes.NewReader(l.PDF)
	var out, complaints bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaints
	if err := cmd.Run(); err != nil || complaints.Len() > 0 {
		t.Fatalf("%s: %v %s", name, err, complaints.Bytes())
	}
	return out.String()
}

type word struct {
	XMin float64 `xml:"xMin,attr"`
	YMin float64 `xml:"yMin,attr"`
	XMax float64 `xml:"xMax,attr"`
	YMax float64 `xml:"yMax,attr"`
	Text string  `xml:",chardata"`
}

// words lists what stands on each page and where, in points from the upper left corner.
func words(t *testing.T, l Letter) (pages [][]word) {
	t.Helper()
	var doc struct {
		Pages []struct {
			Words []word `xml:"word"`
		} `xml:"body>doc>page"`
	}
	if err := xml.Unmarshal([]byte(tool(t, l, "pdftotext", "-bbox", "-", "-")), &doc); err != nil {
		t.Fatal(err)
	}
	for _, p := range doc.Pages {
		pages = append(pages, p.Words)
	}
	return pages
}

func all() map[string]Paper {
	out := samples()
	for _, code := range Procedures() {
		tpl, _ := Result(code)
		out[code] = sampleResult(tpl)
	}
	return out
}

func TestGolden(t *testing.T) {
	for name, p := range all() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := tool(t, render(t, p), "pdftotext", "-raw", "-", "-")
			file := filepath.Join("testdata", name+".txt")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(want), got); d != "" {
				t.Error(d)
			}
		})
	}
}

// Two parsers that are not ours find nothing to complain about.
func TestParsersAgree(t *testing.T) {
	conf := model.NewDefaultConfiguration()
	conf.ValidationMode = model.ValidationStrict
	for name, p := range all() {
		l := render(t, p)
		if err := api.Validate(bytes.NewReader(l.PDF), conf); err != nil {
			t.Errorf("%s: pdfcpu: %v", name, err)
		}
		info := tool(t, l, "pdfinfo", "-")
		if !strings.Contains(info, "Title:           "+tidy(p.Title)) {
			t.Errorf("%s: title not in\n%s", name, info)
		}
	}
}

// Papers bound in one file stay what they are alone: their own pages, numbered from 1.
func TestBoundPapersAreThemselves(t *testing.T) {
	papers := all()
	var text strings.Builder
	var in []Paper
	pages := 0
	papers["a long one"] = Paper{Title: "Dài", Body: slices.Repeat([]Block{Para("Một đoạn.")}, 100)}
	for _, name := range slices.Sorted(maps.Keys(papers)) {
		l := render(t, papers[name])
		text.WriteString(tool(t, l, "pdftotext", "-layout", "-", "-"))
		in, pages = append(in, papers[name]), pages+l.Pages
	}
	l, err := Bind(in...)
	if err != nil {
		t.Fatal(err)
	}
	if l.Pages != pages || pages < len(in)+1 {
		t.Errorf("%d pages are bound of %d in %d papers", l.Pages, pages, len(in))
	}
	if err := api.Validate(bytes.NewReader(l.PDF), model.NewDefaultConfiguration()); err != nil {
		t.Error(err)
	}
	if d := cmp.Diff(text.String(), tool(t, l, "pdftotext", "-layout", "-", "-")); d != "" {
		t.Error(d)
	}
}

func TestEveryVietnameseLetterComesBack(t *testing.T) {
	letters := "aăâbcdđeêghiklmnoôơpqrstuưvxy" + "àảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ"
	letters += strings.ToUpper(letters)
	for _, form := range []norm.Form{norm.NFC, norm.NFD} {
		p := Paper{Issuer: "X", Body: []Block{Para(form.String(letters)), Basis(form.String(letters)), Heading(form.String(letters))}}
		got := tool(t, render(t, p), "pdftotext", "-raw", "-", "-")
		if n := strings.Count(strings.ReplaceAll(got, "\n", ""), letters); n != 3 {
			t.Errorf("found %d of 3 runs of all letters in %q", n, got)
		}
	}
}

// law: documents.md 3.1, 3.2 — margins, cells, page numbers.
func TestLayout(t *testing.T) {
	p := samples()["form06"]
	for range 40 {
		p.Body = append(p.Body, Para(strings.Repeat("Nội dung của văn bản được trình bày theo thể thức. ", 9)))
	}
	pages := words(t, render(t, p))
	if len(pages) < 3 {
		t.Fatalf("%d pages, too few to judge", len(pages))
	}
	const tol = 0.6 // points
	for n, page := range pages {
		number := 0
		for _, w := range page {
			inTop := w.YMax < 20*ink.MM
			if w.XMin < 30*ink.MM-tol || w.XMax > (210-15)*ink.MM+tol {
				t.Errorf("page %d: %q at %.1f–%.1f pt leaves the margins", n+1, w.Text, w.XMin, w.XMax)
			}
			if inTop {
				number++
				if mid := (w.XMin + w.XMax) / 2; math.Abs(mid-(30+165/2.)*ink.MM) > 1 {
					t.Errorf("page %d: number not centred: %.1f", n+1, mid)
				}
			}
		}
		if want := min(n, 1); number != want {
			t.Errorf("page %d: %d words in the top margin, want %d", n+1, number, want)
		}
	}
	find := func(text string) word {
		for _, w := range pages[0] {
			if w.Text == text {
				return w
			}
		}
		t.Fatalf("no %q on page 1", text)
		return word{}
	}
	nation, motto, number, day := find("CỘNG"), find("Độc"), find("05/TNHS"), find("ngày")
	if !(nation.YMin < motto.YMin && motto.YMin < day.YMin && math.Abs(day.YMin-number.YMin) < 1) {
		t.Errorf("cells are not in their rows: %v %v %v %v", nation, motto, number, day)
	}
	if mid := 105 * ink.MM; nation.XMin < 98*ink.MM-tol || number.XMax > mid {
		t.Errorf("cells are not in their columns: %v %v", nation, number)
	}
}

func TestJustifiedLinesEndAtTheMargin(t *testing.T) {
	p := Paper{Issuer: "X", Body: []Block{Para(strings.Repeat("Nội dung của văn bản được trình bày theo thể thức Ẵẳậ. ", 30))}}
	ends := map[float64]float64{} // by line, the right end
	for _, w := range words(t, render(t, p))[0] {
		if w.YMin > 60*ink.MM {
			ends[w.YMin] = max(ends[w.YMin], w.XMax)
		}
	}
	short := 0
	for _, end := range ends {
		if math.Abs(end-195*ink.MM) > 0.1 {
			short++
		}
	}
	if len(ends) < 10 || short > 1 { // the last line is not stretched
		t.Errorf("%d of %d lines do not end at the margin: %v", short, len(ends), ends)
	}
}

func TestPlacesAreEmptyAndOnTheirLine(t *testing.T) {
	for name, p := range all() {
		p.Number, p.Date, p.Place = "", time.Time{}, "An Xuyên"
		if p.Symbol == "" {
			p.Symbol = "UBND"
		}
		l := render(t, p)
		pages := words(t, l)
		seen := map[string]bool{}
		for _, at := range l.Places {
			seen[at.Name] = true
			if at.X < 0 || at.Y < 0 || at.X+at.W > 210*ink.MM || at.Y+at.H > 297*ink.MM {
				t.Errorf("%s: %s leaves the page: %+v", name, at.Name, at)
			}
			if at.Name == PlaceSeal {
				continue // a seal covers what it vouches for
			}
			top, low := 297*ink.MM-at.Y-at.H, 297*ink.MM-at.Y
			for _, w := range pages[at.Page-1] {
				if w.XMax > at.X+1 && w.XMin < at.X+at.W-1 && w.YMax > top+3 && w.YMin < low-3 {
					t.Errorf("%s: %q stands in the place for %s", name, w.Text, at.Name)
				}
			}
		}
		want := map[string]bool{PlaceNumber: true, PlaceDate: true, PlaceSeal: true}
		if !p.Signer.SealOnly {
			want[PlaceSignature] = true
		}
		if d := cmp.Diff(want, seen); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

func TestQRIsRead(t *testing.T) {
	p := samples()["form01"]
	dir := t.TempDir()
	tool(t, render(t, p), "pdftoppm", "-r", "150", "-png", "-singlefile", "-", filepath.Join(dir, "page"))
	out, err := exec.Command("zbarimg", "--quiet", "--raw", filepath.Join(dir, "page.png")).Output()
	if err != nil || strings.TrimSpace(string(out)) != p.VerifyURL {
		t.Errorf("zbarimg read %q, %v; want %q", out, err, p.VerifyURL)
	}
}

func TestLongWordsAndNamesWrap(t *testing.T) {
	long := strings.Repeat("Nguyễnthịthanhtuyền", 30)
	wide := strings.Repeat("Công Tằng Tôn Nữ Thị Ngọc ", 12)
	for _, text := range []string{long, wide} {
		p := ReceiptSlip{Head: Head{Superior: text, Issuer: text, Place: text, Number: text, Symbol: text, Date: at(2026, 3, 1, 0, 0),
			Code: text, Owner: text, Applicant: text, Address: text, Procedure: text, VerifyURL: "https://x.vn/" + text[:100]},
			Papers: []Handed{{Name: text, Note: text}}, Limit: text, Return: text}.Paper()
		p.Subject, p.To, p.Recipients = text, []string{text, text}, []string{text}
		p.Demo = true
		for n, page := range words(t, render(t, p)) {
			for _, w := range page {
				if w.XMin < 29.8*ink.MM || w.XMax > 195.3*ink.MM || w.YMax > 297*ink.MM {
					t.Errorf("page %d: %.20q at %.0f–%.0f mm", n+1, w.Text, w.XMin/ink.MM, w.XMax/ink.MM)
				}
			}
		}
	}
}

// A signature never stands alone on a page.
func TestSignatureTakesTextAlong(t *testing.T) {
	p := sampleResult(results()["1.004873"])
	p.Body = nil
	for n := range 40 {
		l := render(t, p)
		pages := words(t, l)
		texts := 0
		for _, w := range pages[len(pages)-1] {
			if w.Text == "Dòng" {
				texts++
			}
		}
		if n > 2 && texts < 2 {
			t.Errorf("with %d lines the last page has %d of them beside the signature", n, texts)
		}
		p.Body = append(p.Body, Para("Dòng thứ"))
	}
}

func TestSameInputSameBytes(t *testing.T) {
	p := samples()["form01"]
	if !bytes.Equal(render(t, p).PDF, render(t, p).PDF) {
		t.Error("the same paper gave other bytes")
	}
}

func TestDemoLineOnEveryPage(t *testing.T) {
	p := samples()["form02"]
	p.Body = append(p.Body, Para(strings.Repeat("Dài. ", 3000)))
	l := render(t, p)
	if got := strings.Count(tool(t, l, "pdftotext", "-raw", "-", "-"), demoLine); got != l.Pages {
		t.Errorf("%d of %d pages deny legal value", got, l.Pages)
	}
	p.Demo = false
	if strings.Contains(tool(t, render(t, p), "pdftotext", "-raw", "-", "-"), demoLine) {
		t.Error("a real paper denies legal value")
	}
}

func TestDateText(t *testing.T) {
	for want, day := range map[string]time.Time{
		"ngày 05 tháng 01 năm 2026": at(2026, 1, 5, 0, 0),
		"ngày 09 tháng 3 năm 2026":  at(2026, 3, 9, 23, 59),
		"ngày 29 tháng 6 năm 2026":  at(2026, 6, 29, 12, 0),
		"ngày 01 tháng 02 năm 2026": time.Date(2026, 1, 31, 17, 0, 0, 0, time.UTC),
		"ngày 10 tháng 12 năm 2026": at(2026, 12, 10, 1, 0),
	} {
		if got := DateText(day); got != want {
			t.Errorf("%v: %q, want %q", day, got, want)
		}
	}
	if NumberText(7) != "07" || NumberText(10) != "10" || NumberText(123) != "123" {
		t.Error("numbers below ten, and only they, get a zero")
	}
}

func TestFillAsksForWhatIsMissing(t *testing.T) {
	tpl, ok := Result("1.004873")
	if !ok {
		t.Fatal("no template for 1.004873")
	}
	_, err := tpl.Fill(map[string]string{"name": "A", "birth": " "}, nil)
	var f fault.Fields
	if !errors.As(err, &f) {
		t.Fatalf("got %v, want the fields at fault", err)
	}
	want := fault.Fields{"birth": "required", "status": "required", "purpose": "required", "request": "required"}
	if d := cmp.Diff(want, f); d != "" {
		t.Error(d)
	}
}

func TestTemplateWithoutItsOptionalValues(t *testing.T) {
	tpl, _ := Result("1.004873")
	p, err := tpl.Fill(map[string]string{"name": "A", "birth": "B", "status": "C", "purpose": "D", "request": "E"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := tool(t, render(t, p), "pdftotext", "-raw", "-", "-")
	if strings.Contains(got, "dự định kết hôn") || strings.Contains(got, "Trong thời gian") {
		t.Errorf("what has no value is still there:\n%s", got)
	}
}

func TestParseTemplateRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"no TOML":         "procedure = ",
		"unknown key":     "colour = \"red\"",
		"undeclared gap":  "title = \"{x}\"",
		"undeclared list": "[[body]]\nkind = \"table\"\nfrom = \"x\"",
	} {
		if _, err := ParseTemplate([]byte(text)); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

func TestTooMuchIsRefused(t *testing.T) {
	if _, err := Render(Paper{Body: []Block{Para(strings.Repeat("x", maxBody+1))}}); err == nil {
		t.Error("a book was taken for a letter")
	}
}

// Whatever is written on a paper, it becomes a PDF that a stranger's parser takes.
func TestAnyTextRenders(t *testing.T) {
	conf := model.NewDefaultConfiguration()
	rapid.Check(t, func(r *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringOf(rapid.RuneFrom([]rune("aẵ \n\t\u0301\u202e{}()\\<>😀"))))
		kinds := []Kind{KindPara, KindPlain, KindBasis, KindCentre, KindHeading, KindArticle, KindClause, KindPoint, KindRows, KindTable, KindNote, "?"}
		p := Paper{Superior: text.Draw(r, "superior"), Issuer: text.Draw(r, "issuer"), Number: text.Draw(r, "number"),
			Symbol: text.Draw(r, "symbol"), Place: text.Draw(r, "place"), Title: text.Draw(r, "title"), Subject: text.Draw(r, "subject"),
			To: rapid.SliceOfN(text, 0, 3).Draw(r, "to"), Recipients: rapid.SliceOfN(text, 0, 3).Draw(r, "recipients"),
			Signer: Signer{Authority: rapid.SliceOfN(text, 0, 3).Draw(r, "authority"), Position: text.Draw(r, "position"), Name: text.Draw(r, "name")},
			Code:   text.Draw(r, "code"), Demo: rapid.Bool().Draw(r, "demo")}
		for range rapid.IntRange(0, 6).Draw(r, "blocks") {
			p.Body = append(p.Body, Block{Kind: rapid.SampledFrom(kinds).Draw(r, "kind"), Label: text.Draw(r, "label"), Text: text.Draw(r, "text"),
				Rows:    []Row{{Label: text.Draw(r, "l"), Value: text.Draw(r, "v"), Half: rapid.Bool().Draw(r, "half")}},
				Columns: []Column{{Title: text.Draw(r, "c")}, {Weight: 3}}, Cells: [][]string{{text.Draw(r, "cell")}, {"a", "b", "c"}}})
		}
		l, err := Render(p)
		if err != nil {
			r.Fatal(err)
		}
		if err := api.Validate(bytes.NewReader(l.PDF), conf); err != nil {
			r.Fatal(err)
		}
	})
}

func FuzzParseTemplate(f *testing.F) {
	for _, code := range Procedures() {
		text, err := resultFiles.ReadFile("results/" + code + ".toml")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		tpl, err := ParseTemplate(text)
		if err != nil {
			return
		}
		for i := range tpl.Fields {
			tpl.Fields[i].Required = false
		}
		for i := range tpl.Lists {
			tpl.Lists[i].Required = false
		}
		p, err := tpl.Fill(nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Render(p); err != nil && p.bytes() <= maxBody {
			t.Fatal(err)
		}
	})
}

func BenchmarkLetter(b *testing.B) {
	p := samples()["form01"]
	for b.Loop() {
		if _, err := Render(p); err != nil {
			b.Fatal(err)
		}
	}
}

// TestWhatIsNotKnownIsLeftOut keeps a paper from showing a time or a person that there is not.
func TestWhatIsNotKnownIsLeftOut(t *testing.T) {
	h := sampleHead
	for name, p := range map[string]Paper{
		"notice": Notice{Head: h, SentAt: h.Date}.Paper(),
		"stop":   Stop{Head: h, Reason: "x", Basis: "y"}.Paper(),
	} {
		for _, b := range p.Body {
			for _, r := range b.Rows {
				if strings.Contains(r.Value, "năm 1 ") || strings.HasSuffix(r.Value, "năm 1") || r.Value == "" {
					t.Errorf("%s: %s: %q", name, r.Label, r.Value)
				}
			}
		}
	}
}
