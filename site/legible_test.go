package site_test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"datmui/apps/services"
	"datmui/blocks/files"
	"datmui/kit/fault"
	"datmui/kit/pg"
	"datmui/kit/testkit"
)

// sheet is a scan of A4 at 206 dots per inch, with lines of ink on it.
func sheet(t *testing.T) []byte {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, 1700, 2410))
	for i := range img.Pix {
		img.Pix[i] = 240
	}
	for y := 300; y < 2000; y++ {
		for x := 200; x < 1500; x++ {
			if y%60 < 20 && x%6 < 3 {
				img.SetGray(x, y, color.Gray{Y: 20})
			}
		}
	}
	var b bytes.Buffer
	must(t, png.Encode(&b, img))
	return b.Bytes()
}

// A scan that may be hard to read comes back to the officer with its pages counted and what is wrong
// with it; when she has looked it is taken as it is, and the log says so. A good one is taken without a
// word. The receipt says how many pages were scanned. A citizen is never stopped by it.
// law: public-services.md 11 — at the counter: scan → check legibility, page count.
func TestScansAreChecked(t *testing.T) {
	t.Parallel()
	p := open(t)
	counter := p.browser(t, "canbo.datmui")
	counter.post("/desk/intake/find", "number", p.personal(t, "congdan"), "procedure", "1.004873")
	answers := map[string]string{"relationship": "self", "reissue": "yes", "marital_state": "never", "channel": "1", "unit": "32248", "return_way": "counter"}
	def, err := p.Services.Current(p.as(t, "canbo.datmui"), "1.004873", p.clock.Now())
	must(t, err)
	for _, rule := range def.Papers {
		answers["originals."+rule.Key], answers["copies."+rule.Key] = "", ""
	}
	if status := counter.sent("/desk/intake", counter.fill(answers), map[string]string{"scan.old-certificate": "Mờ.png"}); status != http.StatusUnprocessableEntity {
		t.Fatalf("a small black picture: %d, %s", status, counter.says())
	}
	for _, text := range []string{"Có bản quét có thể khó đọc", "Đã nhận tệp Mờ.png", "1 trang", "trang 1 chỉ khoảng 6 dpi", "trang 1 quá tối", "Đã mở xem"} {
		counter.must(text)
	}
	fields := append(counter.fill(answers), "legible", "1")
	for range 2 { // sent twice, taken in once
		counter.send("/desk/intake", fields, nil)
		counter.must("Đã nhận hồ sơ")
	}
	counter.must("Có thể khó đọc: trang 1 chỉ khoảng 6 dpi")
	id := uuid.MustParse(strings.Split(counter.path, "/")[3])
	officer := p.as(t, "canbo.datmui")
	rec, err := p.Services.Dossier(officer, id)
	must(t, err)
	if n, err := pg.Value[string](p.db.Reader.Query(t.Context(), `SELECT body::jsonb->'detail'->>'unclear' FROM audit.entry WHERE name = 'services.dossier.intake' AND subject_id = $1`, rec.Code)); err != nil || n != "1" {
		t.Errorf("the log says %q, %v", n, err)
	}
	var form services.Outgoing
	eventually(t, "the receipt", func() bool {
		rec, err = p.Services.Dossier(officer, id)
		must(t, err)
		form = rec.TakeHome()[0]
		return form.FileID != nil
	})
	pdf, err := p.Files.Bytes(t.Context(), rec.Contents[*form.FileID])
	must(t, err)
	if text := strings.Join(strings.Fields(pdfText(t, pdf)), " "); !strings.Contains(text, "Bản điện tử: 1") {
		t.Errorf("the receipt says %s", text)
	}

	place := rec.Def.Papers[0].Key
	good, err := p.Files.Receive(officer, "rõ.png", bytes.NewReader(sheet(t)))
	must(t, err)
	must(t, p.Services.Scan(officer, services.ScanIn{Dossier: id, Client: client(), Papers: []services.PaperIn{{Place: place, File: good}}}))
	bad, err := p.Files.Receive(officer, "mờ.png", bytes.NewReader(picture(t)))
	must(t, err)
	in := services.ScanIn{Dossier: id, Client: client(), Papers: []services.PaperIn{{Place: place, File: bad}}}
	testkit.WantError(t, p.Services.Scan(officer, in), fault.Fields{"legible": "scan-unclear"})
	in.Legible = true
	must(t, p.Services.Scan(officer, in))
	if rec, err = p.Services.Dossier(officer, id); err != nil || len(rec.Contents[good].Flaws) > 0 || rec.Contents[good].Pages != 1 || len(rec.Contents[bad].Flaws) == 0 || rec.Contents[bad].Flaws[0].Kind != files.Coarse {
		t.Errorf("%v: %+v, %+v", err, rec.Contents[good], rec.Contents[bad])
	}
}
