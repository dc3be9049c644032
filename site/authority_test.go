package site_test

import (
	"net/http"
	"strings"
	"testing"

	"datmui/apps/services"
	"datmui/blocks/forms"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/pg"
	"datmui/kit/testkit"
)

// law: public-services.md 4 — at the counter whoever files for another shows an authorisation: certified,
// with who certified it, its number, day, scope and scan, or of family in civil status.
func TestAuthorityAtTheCounter(t *testing.T) {
	t.Parallel()
	p := open(t)
	counter, owner := p.as(t, "canbo.datmui"), actor.From(p.as(t, "congdan2"))
	number, err := pg.Value[string](p.db.Reader.Query(t.Context(), `SELECT personal_id FROM directory.person WHERE id = $1`, owner.ID))
	must(t, err)
	today := dayOf(p.clock.Now())
	certified := services.AuthorityIn{Kind: services.ByCertificate, Certifier: "UBND xã Đất Mũi", Number: "123/2026", On: today, Scope: "Nộp hồ sơ, nhận kết quả"}
	family := services.AuthorityIn{Kind: services.ByFamily, Scope: "Nộp hồ sơ"}
	with := func(in services.AuthorityIn, change func(*services.AuthorityIn)) services.AuthorityIn {
		change(&in)
		return in
	}
	sibling, friend := forms.Answers{"relationship": "sibling", "authorised": "no"}, forms.Answers{"relationship": "other", "authorisation_certified": "yes"}
	for name, tt := range map[string]struct {
		answers   forms.Answers
		authority services.AuthorityIn
		scan      bool
		want      error
	}{
		"sibling":                   {sibling, family, false, nil},
		"sibling, nothing recorded": {sibling, services.AuthorityIn{}, false, fault.Fields{"authority_kind": "required", "authority_scope": "required"}},
		"friend as family":          {friend, family, true, fault.Fields{"authority_kind": "certified-needed"}},
		"friend, certified":         {friend, certified, true, nil},
		"friend, no scan":           {friend, certified, false, fault.Fields{"authority_file": "required"}},
		"friend, no number":         {friend, with(certified, func(a *services.AuthorityIn) { a.Number = " " }), true, fault.Fields{"authority_number": "required"}},
		"certified tomorrow":        {friend, with(certified, func(a *services.AuthorityIn) { a.On = dayOf(p.clock.Now().AddDate(0, 0, 1)) }), true, fault.Fields{"authority_on": "future"}},
		"over yesterday":            {friend, with(certified, func(a *services.AuthorityIn) { a.Until = dayOf(p.clock.Now().AddDate(0, 0, -1)) }), true, fault.Fields{"authority_until": "over"}},
	} {
		t.Run(name, func(t *testing.T) {
			in := services.SubmitIn{Client: client(), Procedure: "1.004873", Agency: "tt-pvhcc-xa-dat-mui-2025", ReturnWay: "counter", Channel: services.Counter,
				Applicant: actor.From(p.as(t, "congdan")).ID, Authority: tt.authority,
				Answers: marital().With(tt.answers).With(forms.Answers{"subject_name": owner.Name, "subject_id": number}),
				Papers:  []services.PaperIn{{Place: "authorisation", Originals: 1}}}
			if tt.scan {
				in.Papers[0].File, in.Legible = p.paper(t, counter), true
			}
			out, err := p.Services.Intake(counter, in)
			testkit.WantError(t, err, tt.want)
			if tt.want != nil {
				return
			}
			rec, err := p.Services.Dossier(counter, out.ID)
			must(t, err)
			if rec.Authority == nil || rec.Authority.Kind != tt.authority.Kind || rec.Authority.Scope != tt.authority.Scope || rec.State != services.Accepted {
				t.Errorf("state %d, authority %+v", rec.State, rec.Authority)
			}
			owns := p.browser(t, "congdan2")
			owns.get("/notices")
			owns.must("nộp hồ sơ " + out.Code + " thay bạn")
			owns.get("/dossiers/" + out.ID.String())
			owns.must(tt.authority.Scope)
			paper := p.form(t, out.ID, services.OutgoingForm01)
			if !strings.Contains(paper, "Nộp thay theo ủy quyền") || !strings.Contains(paper, tt.authority.Number) {
				t.Errorf("form 01 does not say by what right she acts: %s", paper)
			}
		})
	}
}

// A dossier that was filed online for another is not accepted before an officer has read the authorisation.
func TestAuthorityBeforeIntake(t *testing.T) {
	t.Parallel()
	p := open(t)
	citizen, counter := p.as(t, "congdan"), p.browser(t, "canbo.datmui")
	out, err := p.Services.Submit(citizen, services.SubmitIn{Client: client(), Procedure: "1.004873", Agency: "tt-pvhcc-xa-dat-mui-2025", ReturnWay: "online",
		Answers: marital().With(forms.Answers{"relationship": "other", "authorisation_certified": "yes", "subject_name": "Trần Văn Bạn", "subject_id": ""}),
		Papers:  []services.PaperIn{{Place: "authorisation", File: p.paper(t, citizen), Copies: 1}}})
	must(t, err)
	at := "/desk/dossiers/" + out.ID.String()
	must(t, conflict(p.Services.Accept(p.as(t, "canbo.datmui"), services.AcceptIn{Dossier: out.ID, Client: client()}), "services.authority-needed"))
	counter.get(at)
	counter.must("Nộp thay theo ủy quyền")
	if strings.Contains(counter.body, `id="act-accept"`) {
		t.Error("it can be accepted without an authorisation on record")
	}
	if status := counter.try(at+"/authority", "client", "see-0001", "authority_kind", "family", "authority_scope", "Nộp hồ sơ"); status != http.StatusUnprocessableEntity {
		t.Errorf("a friend as family: %d", status)
	}
	counter.must("Cần ủy quyền đã chứng thực")
	for range 2 {
		counter.post(at+"/authority", "client", "see-0002", "authority_kind", "certified", "authority_certifier", "Phòng Công chứng số 1", "authority_number", "88/2026",
			"authority_on", dayOf(p.clock.Now()), "authority_until", dayOf(p.clock.Now()), "authority_scope", "Nộp hồ sơ")
	}
	counter.get(at)
	for _, text := range []string{"Phòng Công chứng số 1", "88/2026"} {
		counter.must(text)
	}
	if err := p.Services.SeeAuthority(p.as(t, "thuly.datmui"), services.SeeAuthorityIn{Dossier: out.ID, Client: client(), AuthorityIn: services.AuthorityIn{Kind: services.ByFamily, Scope: "x"}}); fault.KindOf(err) != fault.KindNotFound {
		t.Errorf("recorded by who does not receive: %v", err)
	}
	counter.post(at+"/accept", "client", "accept-0001")
	if d := p.state(t, out.ID); d.State != services.Accepted {
		t.Errorf("state %d", d.State)
	}
}
