package site_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"datmui/apps/services"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/pg"
	"datmui/kit/testkit"
)

// A linked set is taken in at the counter: one receipt for the whole, that names each dossier, and Form
// 01 for the one whose clock begins now. The set is found by its own code, by officers of its bodies in
// their search and by its filer with a personal fact; by nobody else.
// law: public-services.md 11 — inter-linked: each child with its own code, agency, state and clock.
func TestSetAtCounter(t *testing.T) {
	t.Parallel()
	p := open(t)
	counter := p.browser(t, "canbo.datmui")
	counter.post("/desk/intake/find", "number", p.personal(t, "congdan"), "procedure", "2.000986")
	fields := counter.fill(map[string]string{"relationship": "child", "authorised": "no", "abandoned": "no", "surrogacy": "no", "birth_proof_kind": "paper",
		"child_birth_date.year": "2026", "child_birth_date.month": "8", "child_birth_date.day": "3", "father_declared": "no", "mother_birth_year": "1996",
		"dwelling_consent": "yes", "dwelling_proof_kind": "paper", "child_given": "An", "channel": "1", "unit": "32248", "return_way": "counter"})
	counter.send("/desk/intake", fields, nil)
	counter.must("Đã nhận hồ sơ")
	id := uuid.MustParse(strings.Split(counter.path, "/")[3])
	officer := p.as(t, "canbo.datmui")
	rec, err := p.Services.Dossier(officer, id)
	must(t, err)
	if rec.InSet == nil || len(rec.InSet.Parts) != 3 || rec.State != services.Accepted || rec.InSet.Parts[1].Step != services.StepWaits {
		t.Fatalf("state %d in %+v", rec.State, rec.InSet)
	}
	code := rec.InSet.Code
	eventually(t, "the receipts", func() bool {
		rec, err = p.Services.Dossier(officer, id)
		must(t, err)
		home := rec.TakeHome()
		return len(home) == 2 && home[0].FileID != nil && home[1].FileID != nil
	})
	home := rec.TakeHome()
	if home[0].Kind != services.OutgoingReceipt || home[1].Kind != services.OutgoingForm01 {
		t.Fatalf("she goes home with %s and %s", home[0].Kind, home[1].Kind)
	}
	pdf, err := p.Files.Bytes(t.Context(), rec.Contents[*home[0].FileID])
	must(t, err)
	text := pdfText(t, pdf)
	for _, want := range []string{code, rec.InSet.Parts[0].Code, rec.InSet.Parts[1].Code, rec.InSet.Parts[2].Code} {
		if !strings.Contains(text, want) {
			t.Errorf("the receipt of the whole does not say %s:\n%s", want, text)
		}
	}
	if strings.Contains(text, "trực tuyến") {
		t.Errorf("the receipt says that she filed online:\n%s", text)
	}
	n, err := pg.Value[int64](p.db.Reader.Query(t.Context(), `SELECT count(*) FROM services.outgoing o JOIN services.linked_part l ON l.dossier_id = o.dossier_id WHERE o.kind = 'receipt'`))
	if err != nil || n != 1 {
		t.Errorf("%d receipts of the whole, %v", n, err)
	}

	found, err := p.Services.Search(officer, code)
	must(t, err)
	if len(found) != 3 || found[0].Code != rec.InSet.Parts[0].Code {
		t.Errorf("the code of the set finds %+v", found)
	}
	if found, err := p.Services.Search(p.as(t, "canbo.tinh"), code); err != nil || len(found) != 0 {
		t.Errorf("another counter finds %+v, %v", found, err)
	}
	stranger := actor.With(t.Context(), actor.Actor{})
	st, err := p.Services.Lookup(stranger, services.LookupIn{Code: strings.ToLower(code), Fact: p.personal(t, "congdan")})
	if err != nil || st.Code != code || len(st.Parts) != 3 || st.Parts[0].Code != rec.Code || st.Parts[0].OfficeName == "" {
		t.Errorf("her set by its code: %+v, %v", st, err)
	}
	_, err = p.Services.Lookup(stranger, services.LookupIn{Code: code, Fact: p.personal(t, "congdan2")})
	testkit.WantError(t, err, fault.Fields{"": "services.lookup-nothing"})
	anyone := p.browser(t, "")
	anyone.post("/lookup", "code", code, "fact", p.personal(t, "congdan"))
	anyone.must("gồm 3 hồ sơ")
	anyone.must(rec.InSet.Parts[2].Code)
}
