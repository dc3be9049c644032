package site_test

import (
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"datmui/apps/services"
	"datmui/blocks/identity/identitypage"
	"datmui/blocks/represent"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/pg"
	"datmui/kit/testkit"
	"datmui/sim"
	"datmui/sim/vneid"
	"datmui/site"
)

// openWithVNeID is a province whose citizens come from the played VNeID: the accounts of an organisation
// there are named by the organisation's name and by who uses it.
func openWithVNeID(t *testing.T, accounts ...sim.Player) *province {
	t.Helper()
	provider := httptest.NewUnstartedServer(nil)
	issuer := "http://" + provider.Listener.Addr().String()
	p := open(t, func(o *site.Options) { o.VNeID = issuer })
	for i := range accounts {
		a := &accounts[i]
		who := actor.From(p.as(t, a.Sub))
		person, err := pg.One[struct{ Number, Birth string }](p.db.Reader.Query(t.Context(),
			`SELECT personal_id AS number, to_char(birth_date, 'YYYY-MM-DD') AS birth FROM directory.person WHERE id = $1`, who.ID))
		must(t, err)
		a.Sub, a.Name, a.PersonalID, a.Birth = a.Enterprise+" "+a.Sub, who.Name, person.Number, person.Birth
		if a.Level == 0 {
			a.Level = 2
		}
	}
	var err error
	provider.Config.Handler, err = vneid.Handler(vneid.Config{Issuer: issuer, Client: site.ClientID, Secret: p.Secrets.Client,
		Redirect: []string{p.url + identitypage.PathCallback}, Players: accounts})
	must(t, err)
	provider.Start()
	t.Cleanup(provider.Close)
	return p
}

// vneid signs in with an account at the played VNeID and goes to a page.
func (p *province) vneid(t *testing.T, sub, next string) *browser {
	t.Helper()
	b := p.browser(t, "")
	r, err := b.http.Get(p.url + "/sign-in/vneid?next=" + url.QueryEscape(next))
	must(t, err)
	choose := r.Request.URL
	b.take(r, err)
	r, err = b.http.PostForm(choose.Scheme+"://"+choose.Host+choose.Path, url.Values{"id": {choose.Query().Get("id")}, "sub": {sub}})
	b.take(r, err)
	return b
}

func (p *province) mandates(t *testing.T, account string) []represent.Mandate {
	t.Helper()
	list, err := p.Represent.Mine(p.as(t, account))
	must(t, err)
	return list
}

const tom, cua = "Công ty Tôm Mũi", "Hợp tác xã Cua Năm Căn"

// Who signs in with the account of an organisation acts for it at once, with all rights and without a
// paper, and nobody has to look at one; whoever has the account after her takes her place.
// law: public-services.md 13 — LoaiTaiKhoan 2, MaSoThue, TenDoanhNghiep.
func TestOrganisationAccount(t *testing.T) {
	t.Parallel()
	p := openWithVNeID(t, sim.Player{Sub: "congdan", TaxCode: "0100109106", Enterprise: tom}, sim.Player{Sub: "congdan2", TaxCode: "0100109106", Enterprise: tom})
	b := p.vneid(t, tom+" congdan", "/acting")
	if b.path != "/acting" {
		t.Fatalf("came to %s", b.path)
	}
	for _, text := range []string{"Bạn đang làm việc thay cho", tom, "Người đại diện theo pháp luật", "Tài khoản định danh điện tử của tổ chức (VNeID)", "0100109106"} {
		b.must(text)
	}
	list := p.mandates(t, "congdan")
	if len(list) != 1 || list[0].State != represent.Held || list[0].Role != represent.Head || len(list[0].Allows()) != len(represent.Rights) {
		t.Fatalf("%+v", list)
	}
	b.get("/acting/staff")
	b.must("Nhân viên của " + tom)
	p.vneid(t, tom+" congdan", "/dossiers") // comes back
	if again := p.mandates(t, "congdan"); len(again) != 1 || again[0].ID != list[0].ID {
		t.Fatalf("signed in again: %+v", again)
	}
	// the counter takes in what is filed: there is no paper to look at
	asHead := p.inName(t, "congdan", list[0].Party)
	filed := p.filedFor(t, asHead)
	must(t, p.Services.Accept(p.as(t, "canbo.datmui"), services.AcceptIn{Dossier: filed.ID, Client: client()}))

	other := p.vneid(t, tom+" congdan2", "/dossiers")
	other.must(filed.Code) // she sees what is the organisation's
	if now := p.mandates(t, "congdan2"); len(now) != 1 || now[0].Party != list[0].Party || now[0].State != represent.Held {
		t.Fatalf("the next head: %+v", now)
	}
	if before := p.mandates(t, "congdan"); len(before) != 1 || before[0].State != represent.Ended {
		t.Fatalf("the head before: %+v", before)
	}
	p.clock.Advance(time.Minute) // a process that was not told finds it out by itself
	if b.get("/acting"); strings.Contains(b.body, "Bạn đang làm việc thay cho") {
		t.Error("the head before still acts")
	}
	told, _, err := p.Notify.Inbox(p.as(t, "congdan"), uuid.Nil)
	must(t, err)
	if len(told) == 0 || told[0].Kind != "represent.over" {
		t.Errorf("the head before was told %+v", told)
	}
	_, err = p.Services.Submit(asHead, services.SubmitIn{Client: client(), Procedure: "1.004873",
		Agency: "tt-pvhcc-xa-dat-mui-2025", ReturnWay: "online", Answers: marital()})
	testkit.WantError(t, err, fault.Forbidden("represent.over"))
}

// What was declared with a paper, and what was given to one of the staff, becomes the head's by the
// organisation's account; another organisation under the same tax code stays what it was.
func TestOrganisationAccountOfOneKnownHere(t *testing.T) {
	t.Parallel()
	p := openWithVNeID(t, sim.Player{Sub: "congdan2", TaxCode: "0100109106", Enterprise: tom},
		sim.Player{Sub: "congdan", TaxCode: "0301449014", Enterprise: "CÔNG TY TÔM MŨI"},
		sim.Player{Sub: "congdan", TaxCode: "0100107518", Enterprise: cua, Level: 1})
	declared := p.declared(t, "congdan", represent.DeclareIn{Role: represent.Head, Name: tom, Number: "0301449014"})
	p.vneid(t, "CÔNG TY TÔM MŨI congdan", "/dossiers")
	list := p.mandates(t, "congdan")
	if len(list) != 1 || list[0].Party != declared || list[0].State != represent.Held || list[0].Proof != represent.ByIdentity || list[0].PartyName != "CÔNG TY TÔM MŨI" {
		t.Fatalf("declared before: %+v", list)
	}

	party, _ := p.business(t) // of congdan, seen by an officer
	p.staff(t, party, "congdan2", represent.File)
	_, err := p.db.Owner.Exec(t.Context(), `UPDATE represent.mandate SET party_name = 'Công ty khác' WHERE party = $1`, party)
	must(t, err)
	p.vneid(t, tom+" congdan2", "/dossiers")
	list = p.mandates(t, "congdan2")
	if len(list) != 1 || list[0].Party != party || list[0].Role != represent.Head || len(list[0].Rights) != len(represent.Rights) {
		t.Fatalf("one of the staff before: %+v", list)
	}
	// two may lead a business; who has its account may end what rests on a paper, and not the other way round
	m, err := represent.Open(t.Context(), p.db.Reader, actor.From(p.as(t, "congdan")).ID, party)
	if err != nil || m.Proof != represent.ByPaper || m.PartyName != tom {
		t.Fatalf("the head by paper: %+v %v", m, err)
	}
	testkit.WantError(t, p.Represent.End(p.inName(t, "congdan", party), represent.EndIn{Client: client(), Mandate: list[0].ID}), fault.Forbidden("represent.above"))
	b := p.vneid(t, tom+" congdan2", "/acting/staff")
	b.must("Dừng quyền của " + m.PersonName)
	b.post("/acting/end", "client", client(), "mandate", m.ID.String(), "staff", "true")
	for _, had := range p.mandates(t, "congdan") {
		if had.ID == m.ID && had.State != represent.Ended {
			t.Errorf("the head by paper still leads: %+v", had)
		}
	}

	if b = p.vneid(t, cua+" congdan", "/acting"); b.path != "/acting" || strings.Contains(b.body, cua) {
		t.Error("at level 1 nothing is vouched for")
	}
}

// The tax code of a household business is its owner's personal number.
// law: public-services.md 13 — since 1 July 2025 households use the personal number as tax code.
func TestHouseholdBusiness(t *testing.T) {
	t.Parallel()
	p := open(t)
	number, name := p.identityOf(t, "congdan")
	party := p.declared(t, "congdan", represent.DeclareIn{Role: represent.Head, Name: "Hộ kinh doanh " + name, Number: number})
	if list := p.mandates(t, "congdan"); len(list) != 1 || list[0].Party != party || list[0].TaxCode != number {
		t.Errorf("%+v", list)
	}
}
