package site_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"datmui/apps/services"
	"datmui/kit/pg"
	"datmui/kit/testkit"
)

// A filing that was taken in during a cut names its applicant by a number only: she is found when it
// arrives, a number of nobody is a fault of the form, and what arrives twice is filed once, with the
// number of the slip on the control slip.
func TestFilingOfACut(t *testing.T) {
	t.Parallel()
	p := open(t)
	counter := p.browser(t, "canbo.datmui")
	counter.get("/desk/intake/blank/1.004873")
	testkit.HTML(t, strings.NewReader(counter.body)).Must(`form[data-counter-form] input[name=who_number]`)
	if status := counter.get("/desk/intake/blank/9.999999"); status != http.StatusNotFound {
		t.Errorf("a form of no procedure: %d", status)
	}
	counter.get("/desk/intake/worker.js")
	if !strings.Contains(counter.body, "respondWith") {
		t.Errorf("no script: %.100s", counter.body)
	}
	number, err := pg.Value[string](p.db.Reader.Query(t.Context(), `SELECT personal_id FROM directory.person WHERE id = $1`, p.personOf(t, "owner")))
	must(t, err)
	counter.get("/desk/intake/blank/1.004873")
	fields := counter.fill(map[string]string{"applicant": "", "relationship": "self", "reissue": "no", "marital_state": "never", "channel": "1", "unit": "32248", "requester_unit": "32248",
		"return_way": "counter", "support": "", "who_number": "096199000999"})
	fields = append(fields, "slip", "ABCD-1234")
	if status := counter.sent("/desk/intake", fields, nil); status != http.StatusUnprocessableEntity {
		t.Errorf("nobody has the number, yet %d", status)
	}
	counter.must("Không có ai với số này")
	for i, name := range fields {
		if i%2 == 0 && name == "who_number" {
			fields[i+1] = number
		}
	}
	for range 2 {
		counter.send("/desk/intake", fields, nil)
	}
	rec, err := p.Services.Dossier(p.as(t, "canbo.datmui"), uuid.MustParse(strings.Split(counter.path, "/")[3]))
	must(t, err)
	if rec.State != services.Accepted || rec.Applicant != p.personOf(t, "owner") || rec.Slip[0].Note != "Phiếu tạm ABCD-1234 khi mất mạng" {
		t.Errorf("state %d, slip %q", rec.State, rec.Slip[0].Note)
	}
	n, err := pg.Value[int64](p.db.Reader.Query(t.Context(), `SELECT count(*) FROM services.move WHERE note LIKE 'Phiếu tạm %'`))
	must(t, err)
	if n != 1 {
		t.Errorf("filed %d times", n)
	}
}
