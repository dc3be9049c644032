package site_test

import (
	"bytes"
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

// personal is the personal number of somebody with an account.
func (p *province) personal(t *testing.T, account string) string {
	t.Helper()
	number, err := pg.Value[string](p.db.Reader.Query(p.ctx, `SELECT p.personal_id FROM directory.person p JOIN identity.account a ON a.person_id = p.id WHERE a.name = $1`, account))
	must(t, err)
	return number
}

// takenIn is a dossier that was just taken in at the counter: the officer's browser stands on its page.
func (p *province) takenIn(t *testing.T) *browser {
	t.Helper()
	counter := p.browser(t, "canbo.datmui")
	counter.post("/desk/intake/find", "number", p.personal(t, "congdan"), "procedure", "1.004873")
	counter.send("/desk/intake", counter.fill(map[string]string{"relationship": "self", "reissue": "no", "marital_state": "never", "channel": "1", "unit": "32248", "return_way": "counter"}), nil)
	counter.must("Đã nhận hồ sơ")
	return counter
}

// One click leads from the finished intake to the receipt, which comes with the browser's dialogue open:
// the second click is the one in there. The paper is drawn as a printer needs it, all its pages; while
// it is being sealed the page looks again by itself. Nobody but the counter has the page.
func TestReceiptInTwoClicks(t *testing.T) {
	t.Parallel()
	p := open(t)
	counter := p.takenIn(t)
	id := strings.Split(counter.path, "/")[3]
	click := testkit.HTML(t, strings.NewReader(counter.body)).Must(`.record__head a.btn[data-key="p"]`)
	at := click.Attr("href")
	if text := click.Text(); !strings.Contains(text, "In giấy tiếp nhận") {
		t.Errorf("the button says %q", text)
	}
	eventually(t, "the receipt", func() bool {
		r, err := counter.http.Get(p.url + at)
		again := ""
		if err == nil {
			again = r.Header.Get("Refresh")
		}
		if status := counter.take(r, err); status != http.StatusOK {
			t.Fatalf("the receipt: %d", status)
		}
		ready := strings.Contains(counter.body, "data-print")
		if ready == (again != "") {
			t.Fatalf("ready %v, and the page is loaded again after %q seconds", ready, again)
		}
		return ready
	})
	page := testkit.HTML(t, strings.NewReader(counter.body)).Must(".slip[data-print] img")
	r, err := counter.http.Get(p.url + page.Attr("src"))
	must(t, err)
	defer r.Body.Close()
	drawn, err := png.DecodeConfig(r.Body)
	if err != nil || drawn.Width != int(files.ForPrint) {
		t.Errorf("a page %d pixels wide, %v", drawn.Width, err)
	}
	rec, err := p.Services.Dossier(p.as(t, "canbo.datmui"), uuid.MustParse(id))
	must(t, err)
	home := rec.TakeHome()
	if len(home) != 1 || home[0].Kind != services.OutgoingForm01 || rec.Contents[*home[0].FileID].Pages < 1 {
		t.Fatalf("she goes home with %+v", home)
	}
	pdf, err := p.Files.Bytes(t.Context(), rec.Contents[*home[0].FileID])
	if err != nil || !bytes.HasPrefix(pdf, []byte("%PDF")) {
		t.Errorf("the file: %.8q, %v", pdf, err)
	}
	if status := p.browser(t, "canbo.tinh").get(at); status != http.StatusNotFound {
		t.Errorf("another counter got %d", status)
	}
	if officer := p.browser(t, "thuly.datmui"); officer.get(at) != http.StatusForbidden || officer.get("/desk/dossiers/"+id) != http.StatusOK || strings.Contains(officer.body, at) {
		t.Error("the case officer is led to the counter's printer")
	}
}

// A result that was signed is not given out before its known fee is paid, to be kept or to be filed again.
func TestResultWaitsForItsFee(t *testing.T) {
	t.Parallel()
	p := open(t)
	id := p.submit(t, "congdan").ID
	must(t, p.Services.SetFee(p.as(t, "canbo.datmui"), services.SetFeeIn{Dossier: id, Client: client(), Amount: 20_000, Basis: "Nghị quyết"}))
	file := p.resultFor(t, id)
	open := func() error {
		f, err := p.Files.Open(p.as(t, "congdan"), file)
		if err == nil {
			must(t, f.Close())
		}
		return err
	}
	b := p.browser(t, "congdan")
	b.get("/dossiers/" + id.String())
	if strings.Contains(b.body, "Tải kết quả") {
		t.Error("the page offers what is not paid")
	}
	testkit.WantError(t, open(), fault.NotFound("file"))
	must(t, p.Services.Cash(p.as(t, "thuquy.datmui"), services.CashIn{Dossier: id, Client: client(), Method: "cash"}))
	must(t, open())
	b.get("/dossiers/" + id.String())
	b.must("Tải kết quả")
}
