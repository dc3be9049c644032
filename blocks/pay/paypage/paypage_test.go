package paypage_test

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/blocks/audit"
	"datmui/blocks/calendar"
	"datmui/blocks/pay"
	"datmui/blocks/pay/paypage"
	"datmui/kit/actor"
	"datmui/kit/clock"
	"datmui/kit/fault"
	"datmui/kit/lang"
	"datmui/kit/pg"
	"datmui/kit/testkit"
	"datmui/kit/web"
)

const nam = "ubnd-nam-can"

var (
	vy      = actor.Actor{ID: uuid.New(), Kind: actor.Citizen, Name: "Dương Khánh Vy", Level: 2}
	other   = actor.Actor{ID: uuid.New(), Kind: actor.Citizen, Name: "Lê Văn Khác", Level: 2}
	cashier = official("Ngô Bích Trâm", nam, pay.CashRight)
	far     = official("Trần Văn Xa", "ubnd-dat-mui", pay.CashRight)
	leader  = official("Lâm Quốc Huy", nam, pay.RefundRight)
)

func official(name, office string, right string) actor.Actor {
	return actor.Actor{ID: uuid.New(), Kind: actor.Official, Name: name, Office: office, Grants: []actor.Grant{{Right: right, Agency: office}}}
}

// bodies names the two bodies of these tests.
func bodies(_ context.Context, id string) (string, error) {
	switch id {
	case nam:
		return "UBND xã Năm Căn", nil
	case "ubnd-dat-mui":
		return "UBND xã Đất Mũi", nil
	}
	return "", fault.NotFound("agency")
}

type bench struct {
	*testing.T
	*pg.DB
	block  *pay.Block
	book   *audit.Book
	clock  *clock.Fake
	server *httptest.Server
	client *http.Client
	who    actor.Actor
}

func setup(t *testing.T) *bench {
	t.Helper()
	db, fake := testkit.DB(t), testkit.Clock(t, "2026-11-23T08:00")
	book := audit.New(audit.Config{App: db.App, Reader: db.Reader, Clock: fake})
	block := pay.New(pay.Config{DB: db.Reader, Book: book, Clock: fake})
	block.BeforeRefund("test", func(context.Context, *audit.Act, uuid.UUID) (bool, error) { return true, nil })
	b := &bench{T: t, DB: db, block: block, book: book, clock: fake}
	err := book.Batch(t.Context(), "test.accounts", "", func(ctx context.Context, tx pgx.Tx) (int64, error) {
		return pay.CreateAccounts(ctx, tx, calendar.NewDate(2026, 1, 1), map[string]pay.Account{"": {BIN: "970418", Account: "1234567890", Holder: "Kho bạc Nhà nước"}})
	})
	if err != nil {
		t.Fatal(err)
	}
	s := web.NewServer(web.Config{Log: testkit.Log(t), Session: func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(w, r.WithContext(actor.With(r.Context(), b.who)))
		})
	}})
	s.Add(paypage.New(block, bodies).Routes()...)
	b.server = httptest.NewServer(s.Handler())
	t.Cleanup(b.server.Close)
	b.client = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return b
}

func (b *bench) bill(reference string) pay.Bill {
	b.Helper()
	var bill pay.Bill
	err := b.book.Act(actor.With(b.Context(), actor.ForSystem("test")), "test.ask", func(ctx context.Context, act *audit.Act) (err error) {
		bill, err = b.block.RequestPayment(ctx, act, pay.BillIn{SubjectKind: "test", SubjectID: uuid.New(), Agency: nam, Reference: reference,
			PayerID: vy.ID, Payer: vy.Name, Mode: pay.Prepaid,
			Lines: []pay.FeeLine{{Name: pay.Text{Vi: "Bản sao trích lục", En: "Extract copy"}, Type: "charge", Quantity: 2, Unit: 4000, Amount: 8000}}})
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return bill
}

func (b *bench) do(who actor.Actor, method, path string, form url.Values, status int) (string, http.Header) {
	b.Helper()
	b.who = who
	req, err := http.NewRequest(method, b.server.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.Fatal(err)
	}
	if method == "POST" {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, err := b.client.Do(req)
	if err != nil {
		b.Fatal(err)
	}
	defer res.Body.Close()
	body, _ := io.ReadAll(res.Body)
	if res.StatusCode != status {
		b.Fatalf("%s %s: status %d, want %d\n%s", method, path, res.StatusCode, status, body)
	}
	return string(body), res.Header
}

// form is what a browser would send, with changes.
func (b *bench) form(body, action string, change ...string) url.Values {
	b.Helper()
	doc, v, in := testkit.HTML(b.T, body), url.Values{}, `form[action="`+action+`"] `
	for _, n := range append(doc.Find(in+"input"), doc.Find(in+"input[checked]")...) {
		v.Set(n.Attr("name"), n.Attr("value"))
	}
	for _, n := range doc.Find(in + "select") {
		v.Set(n.Attr("name"), append(n.Find("option[selected]"), n.Find("option")...)[0].Attr("value"))
	}
	for _, n := range doc.Find(in + "textarea") {
		v.Set(n.Attr("name"), n.Text())
	}
	if len(v) == 0 {
		b.Fatalf("no form %s", action)
	}
	for i := 0; i+1 < len(change); i += 2 {
		v.Set(change[i], change[i+1])
	}
	return v
}

func wants(t *testing.T, body string, texts ...string) {
	t.Helper()
	got := testkit.HTML(t, body).Text()
	for _, want := range texts {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not on the page:\n%s", want, got)
		}
	}
}

func TestWhoSeesABill(t *testing.T) {
	b := setup(t)
	path := paypage.PathBill(b.bill("H12.58-261123-0001").ID)
	for name, tt := range map[string]struct {
		who    actor.Actor
		status int
	}{
		"the payer": {vy, 200}, "the cashier": {cashier, 200}, "the leader": {leader, 200},
		"another citizen": {other, 404}, "another agency": {far, 404}, "nobody": {actor.Actor{}, 303},
	} {
		t.Run(name, func(t *testing.T) {
			b.do(tt.who, "GET", path, nil, tt.status)
			b.do(tt.who, "GET", path+"/qr.svg", nil, tt.status)
			b.do(tt.who, "GET", path+"/qr.png", nil, tt.status)
		})
	}
	body, _ := b.do(vy, "GET", path, nil, 200)
	wants(t, body, "H12.58-261123-0001", "8.000", "tám nghìn đồng", "Bản sao trích lục", "BIDV", "1234567890", "Chờ nộp")
	if n := len(testkit.HTML(t, body).Find(`form[method=post]`)); n != 0 {
		t.Errorf("the payer has %d forms", n)
	}
	if _, h := b.do(vy, "GET", path+"/qr.svg", nil, 200); h.Get("Content-Type") != "image/svg+xml" {
		t.Errorf("%v", h)
	}
	reads, err := pg.Value[int](b.Reader.Query(t.Context(), `SELECT count(*) FROM audit.entry WHERE name = 'pay.bill' AND kind = 'read'`))
	if err != nil || reads != 4 { // three above and the last; pictures and refusals are none
		t.Errorf("%d reads, %v", reads, err)
	}
	b.do(cashier, "GET", "/bills/x", nil, 404)
	b.do(leader, "GET", "/cash", nil, 403)
	b.do(vy, "POST", path+"/confirm", nil, 403)
	b.do(cashier, "POST", path+"/refund", nil, 403)
}

func TestCashierTakesMoney(t *testing.T) {
	b := setup(t)
	bill := b.bill("H12.58-261123-0001")
	path := paypage.PathBill(bill.ID)
	body, _ := b.do(cashier, "GET", "/cash", nil, 200)
	wants(t, body, "H12.58-261123-0001", "Dương Khánh Vy", "8.000")
	body, _ = b.do(cashier, "GET", path, nil, 200)
	for typed, says := range map[string]string{"": "Nhập số tiền bằng chữ số", "7.999": "Số tiền khác số phải nộp", "tám nghìn": "Nhập số tiền bằng chữ số"} {
		again, _ := b.do(cashier, "POST", path+"/confirm", b.form(body, path+"/confirm", "amount", typed), 422)
		wants(t, again, says)
		if got := testkit.HTML(t, again).Find(`input[name=amount]`)[0].Attr("value"); got != typed {
			t.Errorf("what was typed is shown as %q", got)
		}
	}
	again, _ := b.do(cashier, "POST", path+"/confirm", b.form(body, path+"/confirm", "amount", "8000", "way", "transfer"), 422)
	wants(t, again, "Nhập số tham chiếu")
	form := b.form(body, path+"/confirm", "amount", "8.000")
	b.do(cashier, "POST", path+"/confirm", form, 303)
	b.do(cashier, "POST", path+"/confirm", form, 303) // pressed twice
	body, _ = b.do(cashier, "GET", path, nil, 200)
	wants(t, body, "Đã thanh toán", "Cấp biên lai CM-26 0000001")

	again, _ = b.do(cashier, "POST", path+"/void-receipt", b.form(body, path+"/void-receipt"), 422)
	wants(t, again, "Nhập lý do hủy")
	b.do(cashier, "POST", path+"/void-receipt", b.form(body, path+"/void-receipt", "why", "sai tên"), 303)

	body, _ = b.do(leader, "GET", path, nil, 200)
	wants(t, body, "Hủy biên lai CM-26 0000001", "Cấp biên lai CM-26 0000002")
	again, _ = b.do(leader, "POST", path+"/refund", b.form(body, path+"/refund", "back", "9000"), 422)
	wants(t, again, "Giải thích vì sao hoàn tiền", "Nhập tài khoản nhận tiền hoàn")
	again, _ = b.do(leader, "POST", path+"/refund", b.form(body, path+"/refund", "back", "9.000", "explained", "rút", "account", "BIDV 1"), 422)
	wants(t, again, "nhiều hơn số đã nộp")
	b.do(leader, "POST", path+"/refund", b.form(body, path+"/refund", "explained", "rút hồ sơ", "account", "BIDV 1"), 303)
	body, _ = b.do(vy, "GET", path+"?lang=en", nil, 200)
	wants(t, body, "Refunded", "given back")
}

func TestCashierReconciles(t *testing.T) {
	b := setup(t)
	bill := b.bill("H12.58-261123-0001")
	path := paypage.PathBill(bill.ID)
	ctx := actor.With(t.Context(), actor.ForSystem("bank"))
	for reference, amount := range map[string]int64{"FT-1": 7999, "FT-2": 1} {
		said := map[int64]string{7999: "H12.58-261123-0001", 1: "bo sung"}[amount]
		if _, err := b.block.Notice(ctx, pay.NoticeIn{Way: pay.Transfer, Reference: reference, Amount: amount, Said: said, PaidAt: b.clock.Now()}); err != nil {
			t.Fatal(err)
		}
	}
	body, _ := b.do(cashier, "GET", "/cash", nil, 200)
	wants(t, body, "Tiền chưa khớp", "bo sung", "7.999", "Chưa rõ")
	body, _ = b.do(cashier, "GET", path, nil, 200)
	wants(t, body, "Số tiền không khớp")
	var unknown string
	for _, o := range testkit.HTML(t, body).Find(`select[name=flagged] option`) {
		if strings.Contains(o.Text(), "bo sung") {
			unknown = o.Attr("value")
		}
	}
	b.do(cashier, "POST", path+"/reconcile", b.form(body, path+"/reconcile", "flagged", "x"), 404)
	b.do(cashier, "POST", path+"/reconcile", b.form(body, path+"/reconcile", "flagged", unknown), 303)
	body, _ = b.do(cashier, "GET", path, nil, 200)
	wants(t, body, "Đã thanh toán", "CM-26 0000001")
}

// Names and ids are unique on the fullest page, and every text is there in both languages.
func TestThePageHoldsTogether(t *testing.T) {
	b := setup(t)
	bill := b.bill("H12.58-261123-0001")
	ctx := actor.With(t.Context(), actor.ForSystem("bank"))
	if _, err := b.block.Notice(ctx, pay.NoticeIn{Way: pay.Platform, Reference: "G", Amount: 1, Said: bill.Reference, PaidAt: b.clock.Now()}); err != nil {
		t.Fatal(err)
	}
	all := cashier
	all.Grants = append(all.Grants, actor.Grant{Right: pay.RefundRight, Agency: nam})
	body, _ := b.do(all, "GET", paypage.PathBill(bill.ID), nil, 200)
	seen := map[string]bool{}
	for _, n := range testkit.HTML(t, body).Find(`[id]`) {
		if id := n.Attr("id"); seen[id] {
			t.Errorf("id %s twice", id)
		} else {
			seen[id] = true
		}
	}
	if strings.Contains(testkit.HTML(t, body).Text(), "pay.") {
		t.Errorf("a key is shown in place of its text:\n%s", testkit.HTML(t, body).Text())
	}
	for _, m := range lang.Missing() {
		if strings.Contains(m, "pay.") {
			t.Error(m)
		}
	}
}

// The leader says where transfers go: bad input comes back by the field with what was typed, a second
// sending changes nothing, and the code of an open bill names the account from its first day on.
func TestLeaderSetsTheAccount(t *testing.T) {
	b := setup(t)
	bill := b.bill("H12.58-261123-0001")
	b.do(cashier, "GET", paypage.PathAccounts, nil, 403)
	b.do(cashier, "POST", paypage.PathAccounts, nil, 403)
	b.do(vy, "GET", paypage.PathAccounts, nil, 403)
	body, _ := b.do(leader, "GET", paypage.PathAccounts, nil, 200)
	wants(t, body, "Cơ quan chưa có tài khoản riêng", "1234567890", "Đang dùng")
	for fault, change := range map[string][]string{
		"Chọn ngân hàng":                      {"account", "12345", "holder", "UBND XA NAM CAN"},
		"Nhập số tài khoản":                   {"bin", "970405", "account", "số 12", "holder", "UBND XA NAM CAN"},
		"Nhập tên chủ tài khoản":              {"bin", "970405", "account", "12345"},
		"Chọn hôm nay hoặc một ngày sau này":  {"bin", "970405", "account", "12345", "holder", "UBND XA NAM CAN", "from", "2026-11-22"},
		"Nhập một ngày":                       {"bin", "970405", "account", "12345", "holder", "UBND XA NAM CAN", "from", "mai"},
		"Tên chủ tài khoản dài tối đa 120 ký": {"bin", "970405", "account", "12345", "holder", strings.Repeat("Ủ", 121)},
	} {
		again, _ := b.do(leader, "POST", paypage.PathAccounts, b.form(body, paypage.PathAccounts, change...), 422)
		wants(t, again, fault)
		if got := testkit.HTML(t, again).Find(`input[name=account]`)[0].Attr("value"); got != change[max(slices.Index(change, "account"), 0)+1] {
			t.Errorf("what was typed is shown as %q", got)
		}
	}
	form := b.form(body, paypage.PathAccounts, "bin", "970405", "account", "1903 002 000-001", "holder", " UBND  XA NAM CAN ", "from", "2026-11-25")
	b.do(leader, "POST", paypage.PathAccounts, form, 303)
	b.do(leader, "POST", paypage.PathAccounts, form, 303) // pressed twice
	other := b.form(body, paypage.PathAccounts, "agency", "ubnd-dat-mui", "bin", "970405", "account", "1", "holder", "X", "client", "another-0001")
	b.do(leader, "POST", paypage.PathAccounts, other, 403)
	body, _ = b.do(leader, "GET", paypage.PathAccounts, nil, 200)
	wants(t, body, "UBND xã Năm Căn", "Agribank", "1903002000001", "Sắp dùng", "25 tháng 11 năm 2026")
	n, err := pg.Value[int](b.Reader.Query(t.Context(), `SELECT count(*)::int FROM audit.entry WHERE name = 'pay.account.set'`))
	if err != nil || n != 1 {
		t.Errorf("%d entries, %v", n, err)
	}
	body, _ = b.do(vy, "GET", paypage.PathBill(bill.ID), nil, 200)
	wants(t, body, "1234567890")
	b.clock.Set(b.clock.Now().AddDate(0, 0, 2))
	body, _ = b.do(vy, "GET", paypage.PathBill(bill.ID), nil, 200)
	wants(t, body, "1903002000001", "UBND XA NAM CAN", "Agribank")
	body, _ = b.do(cashier, "GET", "/cash", nil, 200)
	wants(t, body, "Tiền chuyển khoản về đâu", "1903002000001")
}

// Who has set many finds them all, each once, the newest first; one is in force, on whatever page it stands.
func TestAccountsAreTurned(t *testing.T) {
	b := setup(t)
	ctx := actor.With(t.Context(), leader)
	const planned = 2 * pay.AccountsPerPage
	for i := range planned {
		in := pay.AccountIn{Client: fmt.Sprintf("turn-%04d", i), Agency: nam, From: b.block.Today() + calendar.Date(i), BIN: "970405", Account: fmt.Sprint(1000 + i), Holder: "UBND"}
		if err := b.block.SetAccount(ctx, in); err != nil {
			t.Fatal(err)
		}
	}
	states, seen := map[pay.AccountState]int{}, map[string]bool{}
	b.clock.Set(b.clock.Now().AddDate(0, 0, 10))
	for key := (pay.AccountKey{}); ; {
		list, more, err := b.block.Accounts(ctx, key)
		if err != nil || len(list) == 0 {
			t.Fatal(list, err)
		}
		for _, a := range list {
			states[a.State]++
			if seen[a.Agency+a.From.String()] || a.State == pay.InForce && a.Agency == nam && a.Account.Account != "1010" {
				t.Errorf("%+v", a)
			}
			seen[a.Agency+a.From.String()] = true
		}
		if !more {
			break
		}
		key = pay.AccountKey{Agency: list[len(list)-1].Agency, From: list[len(list)-1].From}
	}
	if want := map[pay.AccountState]int{pay.Planned: planned - 11, pay.InForce: 2, pay.Replaced: 10}; !maps.Equal(states, want) {
		t.Errorf("%v, want %v", states, want)
	}
	pages, path := 0, paypage.PathAccounts
	for ; path != ""; pages++ {
		body, _ := b.do(leader, "GET", path, nil, 200)
		path = ""
		for _, a := range testkit.HTML(t, body).Find(`a[rel=next]`) {
			path = a.Attr("href")
		}
	}
	if pages != 3 {
		t.Errorf("%d pages", pages)
	}
	b.do(leader, "GET", paypage.PathAccounts+"?after=x", nil, 200)
}
