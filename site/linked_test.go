package site_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"datmui/apps/services"
	"datmui/apps/services/silence"
	"datmui/blocks/forms"
	"datmui/blocks/partners"
	"datmui/blocks/represent"
	"datmui/blocks/sign"
	"datmui/demo"
	"datmui/kit/fault"
	"datmui/kit/testkit"
)

// birthSet answers the form of 2.000986 so that no paper is needed.
func (p *province) birthSet(t *testing.T, born string) forms.Answers {
	t.Helper()
	form, err := p.Forms.Current("linked-birth")
	must(t, err)
	return answersFor(t, form, forms.Answers{"requester_name": "Nguyễn Thị Mai", "requester_id": "096196000123", "relationship": "child", "authorised": "no", "abandoned": "no", "surrogacy": "no",
		"child_surname": "Nguyễn", "child_middle": "Minh", "child_given": "An", "child_birth_date": born, "mother_name": "Nguyễn Thị Mai", "father_declared": "no",
		"mother_birth_year": "1996", "birth_proof_kind": "data", "dwelling_consent": "yes", "dwelling_proof_kind": "data", "dwelling_address": "Ấp Mũi, xã Đất Mũi, tỉnh Cà Mau",
		"household_head": "Nguyễn Thị Mai", "household_relation": "con", "first_clinic": "Trạm Y tế xã Đất Mũi"})
}

// fileSet files a birth set online.
func (p *province) fileSet(t *testing.T, answers forms.Answers, papers ...services.PaperIn) services.SetRecord {
	t.Helper()
	ctx := p.as(t, "congdan")
	out, err := p.Services.Submit(ctx, services.SubmitIn{Client: client(), Procedure: "2.000986", Agency: "tt-pvhcc-xa-dat-mui-2025", ReturnWay: "online", Answers: answers, Papers: papers})
	must(t, err)
	return p.set(t, out.Set)
}

// set is how a set stands for who filed it, after the system has done what is due.
func (p *province) set(t *testing.T, id uuid.UUID) services.SetRecord {
	t.Helper()
	must(t, p.Services.Follow(p.ctx, id))
	s, err := p.Services.Set(p.as(t, "congdan"), id)
	must(t, err)
	return s
}

// law: public-services.md 18.2 A25 — child 1 refused: children 2–3 → 8 with reason; parent terminal, shows which failed.
func TestLinkedSetRefusedA25(t *testing.T) {
	t.Parallel()
	p := open(t)
	s := p.fileSet(t, p.birthSet(t, "2026-11-09"))
	for i, want := range []string{services.StepIntake, services.StepWaits, services.StepWaits} {
		if d := s.Records[i]; d.State != services.Registered || d.Step != want {
			t.Errorf("part %d: state %d, step %q", i+1, d.State, d.Step)
		}
	}
	must(t, p.Services.Refuse(p.as(t, "canbo.datmui"), services.RefuseIn{Dossier: s.Parts[0].ID, Client: client(), Reason: "Giấy chứng sinh không khớp", Basis: "Luật Hộ tịch"}))
	s = p.set(t, s.ID)
	for i, want := range []services.State{services.Refused, services.Stopped, services.Stopped} {
		if s.Records[i].State != want {
			t.Errorf("part %d: state %d, want %d", i+1, s.Records[i].State, want)
		}
	}
	if s.EndedAt == nil {
		t.Error("all parts are over and the set is not")
	}
	for i := 1; i < 3; i++ { // each names the one it waited for
		if why := s.Parts[i].Reason; !strings.Contains(why, s.Parts[i-1].Code) || !strings.Contains(why, "Giấy chứng sinh không khớp") {
			t.Errorf("part %d was stopped because %q", i+1, why)
		}
	}
}

// A refusal that is still in the house may be taken back, so that it ends nothing; once it has been handed
// over it does. What is shown is why it was refused, not who took it.
func TestLinkedSetRefusedResult(t *testing.T) {
	t.Parallel()
	p := open(t)
	s := p.fileSet(t, p.birthSet(t, "2026-11-09"))
	first, counter := s.Parts[0].ID, p.as(t, "canbo.datmui")
	must(t, p.Services.Accept(counter, services.AcceptIn{Dossier: first, Client: client()}))
	refuse := func() {
		t.Helper()
		must(t, p.Services.Propose(p.as(t, "thuly.datmui"), services.ProposeIn{Dossier: first, Client: client(), Outcome: "refused", Reason: "Đã đăng ký ở nơi khác", Basis: "Luật Hộ tịch"}))
		must(t, p.Services.Sign(p.as(t, "chutich.datmui"), services.SignIn{Dossier: first, Client: client(), PIN: pin}))
		must(t, p.Services.Number(p.as(t, "vanthu.datmui"), services.NumberIn{Dossier: first, Client: client()}))
		s = p.set(t, s.ID)
	}
	must(t, p.Services.Take(p.as(t, "thuly.datmui"), services.TakeIn{Dossier: first, Client: client()}))
	refuse()
	if x := s.Records[1]; s.Records[0].State != services.Finished || x.State != services.Registered || x.Step != services.StepWaits {
		t.Fatalf("the first in state %d, the second in %d at %q", s.Records[0].State, x.State, x.Step)
	}
	for rule, r := range p.look(t) {
		if r.Found != 0 {
			t.Errorf("%s: %d found", rule, r.Found)
		}
	}
	must(t, p.Services.Reopen(p.as(t, "chutich.datmui"), services.StopIn{Dossier: first, Client: client(), Reason: "Xem lại", Basis: "Luật Hộ tịch"}))
	refuse()
	if err := p.Services.SetFee(counter, services.SetFeeIn{Dossier: first, Client: client(), Basis: "miễn"}); fault.KindOf(err) != fault.KindConflict {
		must(t, err)
	}
	must(t, p.Services.Return(counter, services.ReturnIn{Dossier: first, Client: client(), Receiver: "Nguyễn Thị Mai", Identity: "căn cước 096196000123"}))
	s = p.set(t, s.ID)
	if s.Records[1].State != services.Stopped || s.Records[2].State != services.Stopped || s.EndedAt == nil {
		t.Errorf("after the refusal was handed over: %d, %d, ended %v", s.Records[1].State, s.Records[2].State, s.EndedAt)
	}
	for _, x := range s.Parts {
		if !strings.Contains(x.Reason, "Đã đăng ký ở nơi khác") || strings.Contains(x.Reason, "096196000123") {
			t.Errorf("part %d came to nothing because %q", x.N, x.Reason)
		}
	}
}

// Nobody takes back what another filed.
func TestLinkedSetIsNotWithdrawnByStrangers(t *testing.T) {
	t.Parallel()
	p := open(t)
	s := p.fileSet(t, p.birthSet(t, "2026-11-09"))
	testkit.WantError(t, p.Services.WithdrawSet(p.as(t, "congdan2"), services.WithdrawSetIn{Set: s.ID, Client: client()}), fault.NotFound("services.set"))
	for _, r := range p.set(t, s.ID).Records {
		if r.State != services.Registered {
			t.Errorf("%s is in state %d", r.Code, r.State)
		}
	}
}

// By what right a grandmother files a set is seen once, for all its parts; a part that comes up after it
// has run out waits at the counter until somebody has seen a new one.
// law: public-services.md 4 — the authorisation of family in civil status; 11 — one filing, several dossiers.
func TestLinkedSetByAuthority(t *testing.T) {
	t.Parallel()
	for name, until := range map[string]int{"it holds": 30, "it runs out": 0} {
		t.Run(name, func(t *testing.T) {
			p := open(t)
			citizen := p.as(t, "congdan")
			s := p.fileSet(t, p.birthSet(t, "2026-11-09").With(forms.Answers{"relationship": "grandparent"}),
				services.PaperIn{Place: "authorisation", File: p.paper(t, citizen), Copies: 1})
			first, second := s.Parts[0].ID, s.Parts[1].ID
			must(t, conflict(p.Services.Accept(p.as(t, "canbo.datmui"), services.AcceptIn{Dossier: first, Client: client()}), "services.authority-needed"))
			see := func(id uuid.UUID, days int) {
				t.Helper()
				must(t, p.Services.SeeAuthority(p.as(t, "canbo.datmui"), services.SeeAuthorityIn{Dossier: id, Client: client(), AuthorityIn: services.AuthorityIn{
					Kind: services.ByCertificate, Certifier: "UBND xã Đất Mũi", Number: "5/2026", On: dayOf(p.clock.Now()), Until: dayOf(p.clock.Now().AddDate(0, 0, days)), Scope: "Nộp hồ sơ"}}))
			}
			offered := func(id uuid.UUID, want bool) {
				t.Helper()
				ctx := p.as(t, "canbo.datmui")
				rec, err := p.Services.Dossier(ctx, id)
				must(t, err)
				acts := p.Services.ActsFor(ctx, rec)
				if !slices.Contains(acts, services.ActAuthority) || slices.Contains(acts, services.ActAccept) != want {
					t.Errorf("offered: %v", acts)
				}
			}
			offered(first, false)
			see(first, until)
			offered(first, true)
			must(t, p.Services.Accept(p.as(t, "canbo.datmui"), services.AcceptIn{Dossier: first, Client: client()}))
			p.clock.Set(p.clock.Now().Add(24 * time.Hour))
			desk{officer: "thuly.datmui", leader: "chutich.datmui", clerk: "vanthu.datmui"}.work(t, p, first.String(), map[string]string{"personal_id": "096326000017"})
			x := p.set(t, s.ID).Records[1]
			if until > 0 {
				if x.State != services.Accepted || x.Authority == nil {
					t.Errorf("state %d, authority %v", x.State, x.Authority)
				}
				return
			}
			if x.State != services.Registered || x.Step != services.StepIntake {
				t.Fatalf("state %d at %q", x.State, x.Step)
			}
			offered(second, false)
			see(second, 30)
			must(t, p.Services.Accept(p.as(t, "canbo.datmui"), services.AcceptIn{Dossier: second, Client: client()}))
		})
	}
}

// A part that waits is not forgotten: the watchdog holds it to one before it that is under way.
func TestLinkedSetIsNotSilent(t *testing.T) {
	t.Parallel()
	p := open(t)
	s := p.fileSet(t, p.birthSet(t, "2026-11-09"))
	found := func(want map[silence.Rule]int) {
		t.Helper()
		for rule, r := range p.look(t) {
			if r.Found != want[rule] {
				t.Errorf("%s: %d found, want %d", rule, r.Found, want[rule])
			}
		}
	}
	found(nil)
	p.owner(t, `UPDATE services.linked_part SET after = '{}' WHERE dossier_id = $1`, s.Parts[2].ID)
	found(map[silence.Rule]int{silence.RuleLinked: 1})
	p.owner(t, `UPDATE services.linked_part SET after = '{2}' WHERE dossier_id = $1`, s.Parts[2].ID)
	found(nil)
}

// work brings a part from its body's desk to the seal, in the browsers of its officials.
func (d desk) work(t *testing.T, p *province, id string, values map[string]string) {
	t.Helper()
	at := "/desk/dossiers/" + id
	officer := p.browser(t, d.officer)
	officer.post(at+"/take", "client", "take-"+id)
	officer.get(at)
	officer.must("Hồ sơ liên thông")
	officer.propose(id, values)
	p.browser(t, d.leader).post(at+"/sign", "client", "sign-"+id, "pin", pin)
	p.browser(t, d.clerk).post(at+"/number", "client", "number-"+id)
}

// law: public-services.md 11, 12 row 74 — 2.000986 whole: one filing, one receipt, three dossiers one after
// the other at three bodies, each paper given once; a fee and a supplement on the way.
func TestLinkedSetJourney(t *testing.T) {
	t.Parallel()
	p := open(t)
	citizen := p.browser(t, "congdan")
	set, err := uuid.Parse(citizen.file("2.000986", map[string]string{"relationship": "child", "authorised": "no", "abandoned": "no", "surrogacy": "no", "birth_proof_kind": "paper",
		"child_birth_date.year": "2026", "child_birth_date.month": "8", "child_birth_date.day": "3", "father_declared": "no", "mother_birth_year": "1996",
		"dwelling_consent": "yes", "dwelling_proof_kind": "paper", "child_given": "An"}, nil))
	must(t, err)
	citizen.must("Mã hồ sơ liên thông")
	s := p.set(t, set)
	page, first, second, third := "/sets/"+set.String(), s.Parts[0].ID.String(), s.Parts[1].ID.String(), s.Parts[2].ID.String()
	for _, x := range s.Parts {
		citizen.must(x.Code)
	}
	if s.Code == s.Parts[0].Code || s.Parts[1].Code == s.Parts[2].Code {
		t.Errorf("codes: %s, %+v", s.Code, s.Parts)
	}
	for i, want := range []string{"birth-proof", "dwelling-proof", ""} { // each paper lies where it is needed, and only there
		var got []string
		for _, paper := range s.Records[i].Papers {
			got = append(got, paper.Place)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("papers of part %d: %v", i+1, got)
		}
	}
	eventually(t, "the receipt of the whole", func() bool {
		o := p.set(t, set).Records[0].Outgoing
		return len(o) > 0 && o[0].Kind == services.OutgoingReceipt && o[0].FileID != nil
	})

	// nothing that waits can be accepted, asked about or refused by itself
	counter := p.browser(t, "canbo.datmui")
	for _, act := range [][]string{{"accept"}, {"refuse", "reason", "vì", "basis", "Luật"}, {"ask", "what.0", "Giấy", "how.0", "Nộp", "basis", "Luật"}} {
		if status := counter.try("/desk/dossiers/"+second+"/"+act[0], append([]string{"client", client()}, act[1:]...)...); status != 409 {
			t.Errorf("%s while it waits: %d", act[0], status)
		}
	}
	counter.get("/desk/dossiers/" + first)
	counter.must("Đang chờ hồ sơ này")
	counter.post("/desk/dossiers/"+first+"/set-fee", "client", client(), "amount", "50000", "basis", "Nghị quyết của HĐND tỉnh")
	citizen.get(page)
	citizen.must("50.000")
	citizen.must("/bills/")
	p.browser(t, "thuquy.datmui").post("/desk/dossiers/"+first+"/cash", "client", client(), "method", "cash")
	counter.post("/desk/dossiers/"+first+"/accept", "client", "accept-"+first)
	if s = p.set(t, set); s.DueAt == nil || s.Records[1].DueAt != nil || s.Records[2].DueAt != nil {
		t.Errorf("promised %v, and for what waits %v, %v", s.DueAt, s.Records[1].DueAt, s.Records[2].DueAt)
	}
	promised := *s.DueAt
	if most := time.Date(2026, 12, 22, 1, 6, 0, 0, time.UTC); promised.After(most) { // 20 working days, the 24th is off
		t.Errorf("promised for %s, after the limit of the set", promised)
	}
	desk{officer: "thuly.datmui", leader: "chutich.datmui", clerk: "vanthu.datmui"}.work(t, p, first, map[string]string{"personal_id": "096326000017"})

	// the second starts by itself, with the birth certificate among its papers
	if s = p.set(t, set); s.Records[1].State != services.Accepted || s.Records[1].DueAt == nil || s.Records[2].Step != services.StepWaits {
		t.Fatalf("after the first: %d, due %v, third %q", s.Records[1].State, s.Records[1].DueAt, s.Records[2].Step)
	}
	if papers := s.Records[1].Papers; len(papers) != 2 || papers[0].Place != "birth-certificate" || papers[0].Digitised != 3 || papers[0].FileID == nil {
		t.Errorf("papers of the second: %+v", papers)
	}
	police := p.browser(t, "congan.datmui")
	police.get("/desk")
	police.must(s.Parts[1].Code)
	police.post("/desk/dossiers/"+second+"/take", "client", client())
	police.post("/desk/dossiers/"+second+"/ask", "client", client(), "what.0", "Giấy tờ nhà rõ hơn", "how.0", "Chụp lại", "basis", "Luật Cư trú")
	p.browser(t, "truongcongan.datmui").post("/desk/dossiers/"+second+"/approve-ask", "client", client())
	citizen.get(page)
	supply := regexp.MustCompile(`href="(/dossiers/` + second + `/supplement)"`).FindStringSubmatch(citizen.body)
	if supply == nil {
		t.Fatalf("no way to the supplement: %s", citizen.says())
	}
	p.clock.Set(p.clock.Now().Add(48 * time.Hour))
	citizen, police = p.browser(t, "congdan"), p.browser(t, "congan.datmui") // the sessions of the day before are over
	citizen.get(supply[1])
	key := regexp.MustCompile(`name="text\.([^"]+)"`).FindStringSubmatch(citizen.body)
	if key == nil {
		t.Fatalf("nothing to fill: %s", citizen.says())
	}
	citizen.post(supply[1], "client", client(), "text."+key[1], "Đã chụp lại")
	if s = p.set(t, set); s.Records[1].State != services.Processing || !s.DueAt.After(promised) {
		t.Errorf("after the supplement: %d, the whole %s, before %s", s.Records[1].State, s.DueAt, promised)
	}
	police.get("/desk/dossiers/" + second)
	police.propose(second, nil)
	p.browser(t, "truongcongan.datmui").post("/desk/dossiers/"+second+"/sign", "client", client(), "pin", pin)
	p.browser(t, "vanthu.congan").post("/desk/dossiers/"+second+"/number", "client", client())

	if s = p.set(t, set); s.Records[2].State != services.Accepted || len(s.Records[2].Papers) != 2 {
		t.Fatalf("after the second: %d, %+v", s.Records[2].State, s.Records[2].Papers)
	}
	// a result that others build on is not taken back under them
	if err := p.Services.Reopen(p.as(t, "truongcongan.datmui"), services.StopIn{Dossier: s.Parts[1].ID, Client: client(), Reason: "sai"}); fault.KindOf(err) != fault.KindConflict {
		t.Errorf("reopening what the third builds on: %v", err)
	}
	desk{officer: "bhxh", leader: "giamdoc.bhxh", clerk: "vanthu.bhxh"}.work(t, p, third, nil)

	citizen.get(page)
	if n := strings.Count(citizen.body, "Tải kết quả"); n != 3 {
		t.Errorf("%d results on the page: %s", n, citizen.says())
	}
	judge(t, p, citizen.download("result"), 2)
	for _, id := range []string{first, second, third} {
		if s = p.set(t, set); s.EndedAt != nil {
			t.Error("the set ended before its last part")
		}
		citizen.post("/dossiers/"+id+"/collect", "client", client())
	}
	if s = p.set(t, set); s.EndedAt == nil || !s.Over() {
		t.Errorf("all results are returned: %v", s.EndedAt)
	}
	citizen.get(page)
	citizen.must("Tất cả hồ sơ trong liên thông đã kết thúc")
	citizen.get("/dossiers")
	citizen.must(s.Code)
	if strings.Contains(citizen.body, p.state(t, uuid.MustParse(first)).Code) {
		t.Error("a part stands in the list beside its set")
	}
}

// The demonstration has a set in each state, and the watchdog finds nothing against them.
func TestLinkedSetsOfTheDemonstration(t *testing.T) {
	t.Parallel()
	p := open(t)
	for _, body := range []string{"ubnd-xa-dat-mui-2025", "cong-an-xa-dat-mui-2025", "bao-hiem-xa-hoi-tinh"} {
		list, err := p.Directory.Receivers(p.ctx, p.db.Reader, body, services.RightDecide, at)
		must(t, err)
		_, err = p.Sign.Issue(p.ctx, sign.Holder{Role: sign.Person, Person: list[0].Person, Agency: body, Name: list[0].Name, Org: body, PIN: demo.PIN})
		must(t, err)
	}
	c := demo.LoadConfig{Book: p.Book, DB: p.db.Reader, Directory: p.Directory, Calendar: p.Calendar, Services: p.Services, Sign: p.Sign, Forms: p.Forms, Represent: p.Represent, Files: p.Files, Partners: p.Partners, Seed: 1, AsOf: at}
	for range 2 { // the second time nothing is filed
		must(t, demo.LinkedSets(p.ctx, c))
	}
	states := map[string]int{}
	for _, account := range []string{"congdan", "congdan2"} {
		sets, err := p.Services.MySets(p.as(t, account))
		must(t, err)
		for _, line := range sets {
			must(t, p.Services.Follow(p.ctx, line.ID))
			s, err := p.Services.Set(p.as(t, account), line.ID)
			must(t, err)
			words := ""
			for _, x := range s.Parts {
				words += fmt.Sprint(" ", x.State, x.Step)
			}
			states[words[1:]]++
		}
	}
	want := map[string]int{"1intake 1waits 1waits": 1, "3 8 8": 1, "4handle 1waits 1waits": 1, "9return 2assign 1waits": 1, "9return 5citizen 1waits": 1, "9return 9return 4handle": 1, "9return 9return 9return": 1}
	if !maps.Equal(states, want) {
		t.Errorf("the sets stand as %v, want %v", states, want)
	}
	for range 2 {
		must(t, demo.Families(p.ctx, c))
		must(t, demo.Partners(p.ctx, c))
	}
	if list, more, err := p.Partners.List(p.as(t, "quantri"), "", uuid.Nil); err != nil || len(list) != 1 || more {
		t.Errorf("partners %+v, %v", list, err)
	}
	if mine, _, err := p.Partners.Mine(p.as(t, "congdan2"), uuid.Nil); err != nil || len(mine) != 1 {
		t.Errorf("what the owner lets a partner do: %+v, %v", mine, err)
	}
	p.families(t)
	for rule, r := range p.look(t) {
		if r.Found != 0 {
			t.Errorf("%s: %d found", rule, r.Found)
		}
	}
}

// A partner that files a set gets a code for each dossier and reads on each how the others stand.
func TestLinkedSetByAPI(t *testing.T) {
	t.Parallel()
	p := open(t)
	p.cast(t)
	id, err := p.Partners.Enrol(p.role(t, "padm"), partners.EnrolIn{Client: client(), Name: "Bệnh viện Sản", Contact: "bv@example.vn", Scopes: partners.Scopes, PerMinute: 600})
	must(t, err)
	key, err := p.Partners.MakeKey(p.role(t, "padm"), partners.KeyIn{Client: client(), Partner: id, Name: "máy chủ", Days: 30})
	must(t, err)
	code, err := p.Partners.Authorise(p.role(t, "owner"), partners.AuthoriseIn{Client: client(), Partner: id, Scopes: partners.Scopes, Days: 30})
	must(t, err)
	us := system{t, p.url, key}
	status, filed, _ := us.call("POST", "/dossiers", map[string]string{"On-Behalf-Of": code, "Idempotency-Key": client()},
		map[string]any{"procedure": "2.000986", "counter": "tt-pvhcc-xa-dat-mui-2025", "return": "online", "answers": p.birthSet(t, "2026-11-09")})
	codes, _ := filed["parts"].([]any)
	if status != 201 || len(codes) != 3 || filed["answer_by"] == nil {
		t.Fatalf("%d %v", status, filed)
	}
	for i, c := range codes {
		status, d, _ := us.call("GET", "/dossiers/"+c.(string), nil, nil)
		set, _ := d["set"].(map[string]any)
		if status != 200 || set["code"] != filed["code"] {
			t.Fatalf("%d %v", status, d)
		}
		if part := set["parts"].([]any)[i].(map[string]any); part["code"] != c || part["waits"] != (i > 0) {
			t.Errorf("part %d: %v", i+1, part)
		}
	}
}

// families are those of the demonstration who act for others: a mother by the birth that was registered,
// the people of a business, each with her rights, and the draft that they share.
func (p *province) families(t *testing.T) {
	t.Helper()
	var got []string
	business := uuid.Nil
	for _, account := range []string{"congdan", "congdan2", "congdan3"} {
		list, err := p.Represent.Mine(p.as(t, account))
		must(t, err)
		for _, m := range list {
			got = append(got, strings.Join([]string{account, m.Role, m.State, m.Proof}, " "))
			if m.Role == represent.Head {
				business = m.Party
			}
		}
	}
	want := []string{"congdan parent held register", "congdan staff held given", "congdan2 head held paper", "congdan3 staff invited given"}
	if slices.Sort(got); !slices.Equal(got, want) {
		t.Fatalf("who acts for whom: %v", got)
	}
	for _, account := range []string{"congdan", "congdan2"} {
		ctx := p.inName(t, account, business)
		drafts, err := p.Forms.Drafts(ctx)
		must(t, err)
		page, err := p.Services.Mine(ctx, "")
		must(t, err)
		if len(drafts) != 1 || drafts[0].About != "1.004359" || len(page.Lines) != 1 || page.Lines[0].State != services.Accepted {
			t.Errorf("%s has the drafts %v and the dossiers %+v of the business", account, drafts, page.Lines)
		}
	}
}
