package site_test

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/apps/services"
	"datmui/blocks/calendar"
	"datmui/blocks/forms"
	"datmui/blocks/pay"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/pg"
	"datmui/kit/testkit"
)

// paper is a small picture sent by the citizen and not yet part of a dossier.
func (p *province) paper(t *testing.T, ctx context.Context) uuid.UUID {
	t.Helper()
	var b bytes.Buffer
	must(t, png.Encode(&b, image.NewGray(image.Rect(0, 0, 60, 80))))
	id, err := p.Files.Receive(ctx, "uy-quyen.png", &b)
	must(t, err)
	return id
}

// law: public-services.md 18.2 A24 — between siblings the authorisation need not be certified, from a friend it must.
func TestAuthorisationA24(t *testing.T) {
	t.Parallel()
	p := open(t)
	ctx := p.as(t, "congdan")
	other := actor.From(p.as(t, "congdan2"))
	number, err := pg.Value[string](p.db.Reader.Query(ctx, `SELECT personal_id FROM directory.person WHERE id = $1`, other.ID))
	must(t, err)
	for name, tt := range map[string]struct {
		answers forms.Answers
		paper   bool
		want    error
	}{
		"sibling, not certified":      {forms.Answers{"relationship": "sibling", "authorised": "yes"}, true, nil},
		"sibling, no paper":           {forms.Answers{"relationship": "sibling"}, false, fault.Fields{"paper.authorisation": "paper-missing"}},
		"friend, not certified":       {forms.Answers{"relationship": "other", "authorisation_certified": "no"}, true, fault.Fields{"authorisation_certified": "certified-needed"}},
		"friend, certified":           {forms.Answers{"relationship": "other", "authorisation_certified": "yes"}, true, nil},
		"friend, certified, no paper": {forms.Answers{"relationship": "other", "authorisation_certified": "yes"}, false, fault.Fields{"paper.authorisation": "paper-missing"}},
	} {
		t.Run(name, func(t *testing.T) {
			in := services.SubmitIn{Client: client(), Procedure: "1.004873", Agency: "tt-pvhcc-xa-dat-mui-2025", ReturnWay: "online",
				Answers: marital().With(tt.answers).With(forms.Answers{"subject_name": other.Name, "subject_id": number})}
			if tt.paper {
				in.Papers = []services.PaperIn{{Place: "authorisation", File: p.paper(t, ctx), Copies: 1}}
			}
			out, err := p.Services.Submit(ctx, in)
			testkit.WantError(t, err, tt.want)
			if tt.want != nil {
				return
			}
			// the owner of the dossier is another than who filed it, and finds it among her own
			d := p.state(t, out.ID)
			if d.Owner != other.ID || d.OwnerName != other.Name || d.Applicant == d.Owner {
				t.Errorf("owner %s (%s), filed by %s", d.OwnerName, d.Owner, d.ApplicantName)
			}
			page, err := p.Services.Mine(p.as(t, "congdan2"), "")
			must(t, err)
			if len(page.Lines) == 0 || page.Lines[0].ID != out.ID {
				t.Errorf("the owner's dossiers: %+v", page.Lines)
			}
		})
	}
}

// A number alone binds nobody: with another's number under a wrong name the dossier stays the applicant's.
func TestNumberAloneIsNoOwner(t *testing.T) {
	t.Parallel()
	p := open(t)
	ctx := p.as(t, "congdan")
	number, err := pg.Value[string](p.db.Reader.Query(ctx, `SELECT personal_id FROM directory.person WHERE id = $1`, actor.From(p.as(t, "congdan2")).ID))
	must(t, err)
	out, err := p.Services.Submit(ctx, services.SubmitIn{Client: client(), Procedure: "1.004873", Agency: "tt-pvhcc-xa-dat-mui-2025", ReturnWay: "online",
		Answers: marital().With(forms.Answers{"relationship": "child", "authorised": "no", "subject_name": "Người Không Có Thật", "subject_id": number})})
	must(t, err)
	if d := p.state(t, out.ID); d.Owner != d.Applicant || d.OwnerName != "Người Không Có Thật" {
		t.Errorf("owner %s (%s)", d.OwnerName, d.Owner)
	}
}

// law: public-services.md 18.2 A23 — a birth on day 60 is free, on day 61 it is late and its charge not known, never 0.
func TestLateBirthA23(t *testing.T) {
	t.Parallel()
	p := open(t)
	def, err := p.Services.Current(t.Context(), "1.001193", at)
	must(t, err)
	for day, tt := range map[string]struct {
		days  int
		late  bool
		known bool
	}{
		"2026-09-24": {60, false, true},
		"2026-09-23": {61, true, false},
	} {
		a := forms.Answers{"child_birth_date": day}
		if days, late := def.LateDays(a, at); days != tt.days || late != tt.late {
			t.Errorf("%s: %d days, late %v", day, days, late)
		}
		fee, err := p.Services.Quote(def, services.Online, a)
		must(t, err)
		if fee.Known != tt.known || fee.Known && fee.Amount != 0 {
			t.Errorf("%s: fee %+v", day, fee)
		}
		if words := p.Services.FeeWords(t.Context(), def, services.Online, a); tt.late && !strings.Contains(words, "Hội đồng nhân dân") {
			t.Errorf("%s: %q", day, words)
		}
	}
}

// People look for what they call it, with or without diacritics, and in whole sentences.
func TestEverydayWords(t *testing.T) {
	t.Parallel()
	p := open(t)
	for words, want := range map[string]string{
		"giấy độc thân": "1.004873", "giay doc than": "1.004873", "báo tử": "1.000656", "tôi muốn mở quán cà phê": "1.001612", "tach so do": "1.012784",
		"sao y bản chính": "2.000815", "cất nhà": "1.013225", "nuôi tôm": "1.014801", "khai sinh": "1.001193", "birth": "1.001193", "1.003650": "1.003650",
	} {
		list, err := p.Services.FindProcedures(t.Context(), words, 20)
		must(t, err)
		var codes []string
		for _, x := range list {
			codes = append(codes, x.Code)
		}
		if !strings.Contains(strings.Join(codes, " "), want) {
			t.Errorf("%q finds %v, not %s", words, codes, want)
		}
	}
	if list, err := p.Services.FindProcedures(t.Context(), "xyz không có gì", 20); err != nil || len(list) != 0 {
		t.Errorf("nonsense finds %v, %v", list, err)
	}
}

// account puts the account in force to which everybody's transfers go.
func (p *province) account(t *testing.T, from calendar.Date, a pay.Account) {
	t.Helper()
	must(t, p.Book.Batch(p.ctx, "test.fee-accounts", "", func(ctx context.Context, tx pgx.Tx) (int64, error) {
		return pay.CreateAccounts(ctx, tx, from, map[string]pay.Account{"": a})
	}))
}

// law: public-services.md 14 — the worked fee before filing, then a VietQR code that a reader reads,
// then the receipt; a look at the pages from the sign-in to the payment.
func TestCitizenPaysByVietQR(t *testing.T) {
	t.Parallel()
	p := open(t)
	p.account(t, calendar.DateOf(at), pay.Account{BIN: "970418", Account: "1234567890", Holder: "KHO BAC NHA NUOC CA MAU"})
	stranger := p.browser(t, "")
	stranger.get("/services/2.000815")
	stranger.must("2.000 đồng một trang")
	if stranger.get("/services/2.000815/begin"); stranger.path != "/sign-in/citizen" {
		t.Errorf("beginning without a session leads to %s", stranger.path)
	}
	b := p.browser(t, "congdan")
	id := b.file("2.000815", map[string]string{"relationship": "self", "pages": "10", "copies": "2"}, nil)
	b.must("24.000") // A17: 10 pages × 2 copies
	b.must("8 giờ làm việc")
	b.get("/dossiers/" + id)
	b.must("Bạn cần thanh toán")
	bill := regexp.MustCompile(`href="(/bills/[^"]+)"`).FindStringSubmatch(b.body)
	if bill == nil {
		t.Fatalf("no way to pay: %s", b.says())
	}
	b.get(bill[1])
	b.must("/dossiers/" + id) // the way back
	if status := b.get(bill[1] + "/qr.png"); status != http.StatusOK {
		t.Fatalf("the code: %d", status)
	}
	path := filepath.Join(t.TempDir(), "qr.png")
	must(t, os.WriteFile(path, []byte(b.body), 0o600))
	out, err := exec.Command("zbarimg", "--raw", "-q", path).Output()
	must(t, err)
	d := p.state(t, uuid.MustParse(id))
	bills, err := p.Pay.BillsOf(t.Context(), p.db.Reader, d.ID)
	must(t, err)
	want, _, err := p.Pay.TransferQR(t.Context(), bills[0])
	must(t, err)
	if got := strings.TrimSpace(string(out)); got != want || !strings.Contains(got, "540524000") || !strings.Contains(got, d.Code) {
		t.Errorf("the reader reads %s, want %s", got, want)
	}
	must(t, p.Services.Cash(p.as(t, "thuquy.datmui"), services.CashIn{Dossier: d.ID, Client: client(), Method: "cash"}))
	b.get("/dossiers/" + id)
	b.must("Xem biên lai")
	if strings.Contains(b.body, "Bạn cần thanh toán") {
		t.Error("what is paid is asked for again")
	}
}

// A withdrawal takes back what was asked for and not paid, and tells the citizen.
func TestWithdrawTakesTheBillBack(t *testing.T) {
	t.Parallel()
	p := open(t)
	ctx := p.as(t, "congdan")
	b := p.browser(t, "congdan")
	id := uuid.MustParse(b.file("2.000815", map[string]string{"relationship": "self", "pages": "1", "copies": "1"}, nil))
	must(t, p.Services.Withdraw(ctx, services.WithdrawIn{Dossier: id, Client: client()}))
	bills, err := p.Pay.BillsOf(ctx, p.db.Reader, id)
	must(t, err)
	if len(bills) != 1 || bills[0].State != pay.Void {
		t.Errorf("bills after the withdrawal: %+v", bills)
	}
	b.get("/notices")
	b.must("Bạn đã rút hồ sơ")
}

// law: public-services.md 18.2 A7 — one of two items: what is missing is named, what was sent is kept.
func TestSupplementNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	p := open(t)
	out := p.submit(t, "congdan")
	must(t, p.Services.Ask(p.as(t, "canbo.datmui"), services.AskIn{Dossier: out.ID, Client: client(), Basis: "Luật Hộ tịch", Items: []services.Item{
		{Key: "a", What: "Bản án ly hôn", How: "Nộp bản sao"}, {Key: "b", What: "Giấy cam đoan", How: "Ký tên"}}}))
	b, at := p.browser(t, "congdan"), "/dossiers/"+out.ID.String()
	b.get(at)
	b.must("Bạn cần bổ sung 2 nội dung")
	if status := b.try(at+"/supplement", "client", client()); status != http.StatusUnprocessableEntity {
		t.Errorf("sending nothing: %d", status)
	}
	if status := b.broken(at+"/supplement", []string{"client", client(), "text.a", "Bản án số 12"}, "b", "Giấy ký.png"); status != http.StatusUnprocessableEntity {
		t.Errorf("a broken file: %d", status)
	}
	b.must("Bản án số 12") // what was typed beside it is still there, and so is the file that was right
	b.must("Đã nhận tệp Giấy ký.png")
	b.post(at+"/supplement", "client", client(), "text.a", "Bản án số 12")
	if !strings.HasSuffix(b.path, "/supplement") || !strings.Contains(b.body, `name="text.b"`) || strings.Contains(b.body, `name="text.a"`) {
		t.Errorf("after one of two on %s: %s", b.path, b.says())
	}
	b.post(at+"/supplement", "client", client(), "text.b", "Đã ký")
	if b.path != at {
		t.Errorf("after both on %s", b.path)
	}
	if d := p.state(t, out.ID); d.State != services.Registered {
		t.Errorf("state %d", d.State)
	}
}

// law: public-services.md 18.2 A29 — whoever tries many facts is made to wait; who is right is not counted.
func TestLookupsAreLimited(t *testing.T) {
	t.Parallel()
	p := open(t)
	out := p.submit(t, "congdan")
	number, err := pg.Value[string](p.db.Reader.Query(t.Context(), `SELECT n.personal_id FROM directory.person n JOIN services.dossier d ON d.applicant = n.id WHERE d.id = $1`, out.ID))
	must(t, err)
	b := p.browser(t, "")
	for range 30 {
		if status := b.try("/lookup", "code", out.Code, "fact", number); status != http.StatusOK {
			t.Fatalf("a right look-up: %d", status)
		}
	}
	for i := range 40 {
		switch status := b.try("/lookup", "code", out.Code, "fact", "0900000000"); {
		case status == http.StatusUnprocessableEntity && i < 25:
		case status == http.StatusTooManyRequests && i >= 20:
			return
		default:
			t.Fatalf("wrong look-up %d: %d", i, status)
		}
	}
	t.Error("forty wrong look-ups were all answered")
}

// A draft that she does not want any more is gone when she says so, and its page says what became of it.
func TestForgetDraft(t *testing.T) {
	t.Parallel()
	p := open(t)
	b := p.browser(t, "congdan")
	b.post("/services/1.004873/begin")
	draft := strings.Split(b.path, "/")[2]
	b.get("/services/1.004873")
	b.must("Làm tiếp bản nháp")
	b.get("/apply/" + draft + "/forget")
	b.must("Xóa bản nháp này?")
	b.post("/apply/" + draft + "/forget")
	if status := b.get("/apply/" + draft + "/check"); status != http.StatusNotFound {
		t.Errorf("the draft is still there: %d", status)
	}
	b.must("Bản nháp này không còn nữa")
}

// What the certificate names is asked for, filled in where it is known and printed: nobody's people is
// guessed, the nationality follows from the number, and what she said once is not asked again.
// law: public-services.md 2 — fact 9: data the state already holds is not asked for again.
func TestMaritalStatusNamesPeopleAndNationality(t *testing.T) {
	t.Parallel()
	p := open(t)
	ctx := p.as(t, "congdan")
	before, err := p.Services.Known(ctx)
	must(t, err)
	if before["person.ethnicity"] != "" || before["person.nationality"] != "Việt Nam" {
		t.Errorf("known before: %v", before)
	}
	without := marital()
	delete(without, "subject_ethnicity")
	in := services.SubmitIn{Client: client(), Procedure: "1.004873", Agency: "tt-pvhcc-xa-dat-mui-2025", ReturnWay: "online", Answers: without}
	_, err = p.Services.Submit(ctx, in)
	testkit.WantError(t, err, fault.Fields{"subject_ethnicity": "required"})

	id := p.proposed(t)
	rec, err := p.Services.Dossier(p.as(t, "thuly.datmui"), id)
	must(t, err)
	lines := map[string]string{}
	for _, l := range p.Services.ResultLines(t.Context(), rec) {
		lines[l.Key] = l.Value
	}
	if lines["ethnicity"] != "Khmer" || lines["nationality"] != "Việt Nam" || lines["sex"] != "Nữ" {
		t.Errorf("lines of the result: %v", lines)
	}
	file, err := pg.Value[uuid.UUID](p.db.Reader.Query(ctx, `SELECT file_id FROM services.outgoing WHERE dossier_id = $1 AND state = 'draft'`, id))
	must(t, err)
	leader := p.browser(t, "chutich.datmui")
	leader.get("/files/" + file.String())
	text := pdfText(t, []byte(leader.body))
	for _, want := range []string{"Khmer", "Việt Nam", "Nữ"} {
		if !strings.Contains(text, want) {
			t.Errorf("the drafted result does not say %s:\n%s", want, text)
		}
	}
	after, err := p.Services.Known(ctx)
	must(t, err)
	if after["person.ethnicity"] != "Khmer" {
		t.Errorf("known after: %v", after)
	}
}

// pdfText is what stands in a PDF.
func pdfText(t *testing.T, pdf []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "paper.pdf")
	must(t, os.WriteFile(file, pdf, 0o600))
	out, err := exec.Command("pdftotext", "-layout", file, "-").Output()
	must(t, err)
	return string(out)
}

// An address in the names of before 1 July 2025 is kept as written; today's unit is asked for on the
// page itself, in both languages and without scripts, and what was chosen stands beside it.
// law: public-services.md 18.2 A22.
func TestOldAddressA22(t *testing.T) {
	t.Parallel()
	p := open(t)
	must(t, p.Book.Batch(p.ctx, "test", "", func(ctx context.Context, tx pgx.Tx) (int64, error) {
		_, err := tx.Exec(ctx, `INSERT INTO directory.unit_successor (old_code, old_name, new_code, day, scope, change, resolution)
			VALUES ('32251', 'Xã Tân Ân Cũ', '32248', '2025-07-01', 'whole', 'merged', '1655/NQ-UBTVQH15')`)
		return 1, err
	}))
	b := p.browser(t, "congdan")
	b.post("/services/1.004873/begin")
	draft := regexp.MustCompile(`/apply/([0-9a-f-]{36})/`).FindStringSubmatch(b.body)[1]
	const old = "Ấp 3, xã Tân Ân Cũ, huyện Ngọc Hiển"
	page := "/apply/" + draft + "/q/subject"
	b.get(page)
	fields := b.fill(map[string]string{"subject_residence": old, "subject_name": "Nguyễn Thị Mai", "subject_ethnicity": "Kinh"})
	if status := b.try(page, fields...); status != http.StatusUnprocessableEntity {
		t.Fatalf("the old address gave %d: %s", status, b.says())
	}
	b.must("Xã Tân Ân Cũ nay thuộc đơn vị nào?")
	b.must("Chọn đơn vị hành chính hiện nay cho nơi cư trú")
	b.must(`value="` + old + `"`)
	b.must(`href="#f-subject_residence_now"`)
	if regexp.MustCompile(`name="subject_residence_now"[^>]*checked`).MatchString(b.body) {
		t.Error("a unit is chosen for her")
	}
	b.get(page + "?lang=en")
	b.must("Which unit does Xã Tân Ân Cũ belong to now?")
	b.get(page + "?lang=vi")
	b.post(page, append(b.fill(nil), "subject_residence_now", "32248")...)
	d, err := p.Forms.Draft(p.as(t, "congdan"), uuid.MustParse(draft))
	must(t, err)
	if d.Answers.Text("subject_residence") != old || d.Answers.Text("subject_residence_now") != "32248" {
		t.Errorf("kept: %v", d.Answers)
	}
	form, err := p.Forms.Version(d.Form, d.Version)
	must(t, err)
	if got := form.Text(t.Context(), d.Answers, "subject_residence"); got != old+" (nay là xã Đất Mũi)" {
		t.Errorf("in words: %q", got)
	}
}
