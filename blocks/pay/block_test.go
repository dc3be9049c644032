package pay

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image/png"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/blocks/audit"
	"datmui/blocks/calendar"
	"datmui/kit/actor"
	"datmui/kit/clock"
	"datmui/kit/fault"
	"datmui/kit/pg"
	"datmui/kit/testkit"
)

type bench struct {
	*pg.DB
	*Block
	book  *audit.Book
	clock *clock.Fake
	told  []Paid
	mu    sync.Mutex
}

const nam = "ubnd-nam-can"

var (
	cashier  = official("Ngô Bích Trâm", nam, CashRight)
	far      = official("Trần Văn Xa", "ubnd-dat-mui", CashRight)
	leader   = official("Lâm Quốc Huy", nam, RefundRight)
	both     = official("Phan Văn Hai", nam, RefundRight, CashRight)
	platform = actor.ForSystem("platform")
)

func official(name, office string, rights ...string) actor.Actor {
	a := actor.Actor{ID: uuid.NewSHA1(uuid.Nil, []byte(name)), Kind: actor.Official, Name: name, Office: office}
	for _, r := range rights {
		a.Grants = append(a.Grants, actor.Grant{Right: r, Agency: office})
	}
	return a
}

func setup(t *testing.T) *bench {
	t.Helper()
	db := testkit.DB(t)
	b := &bench{DB: db, clock: testkit.Clock(t, "2026-11-23T08:00")}
	b.book = audit.New(audit.Config{App: db.App, Reader: db.Reader, Clock: b.clock})
	b.Block = New(Config{DB: db.Reader, Book: b.book, Clock: b.clock})
	b.OnPaid("test", func(_ context.Context, _ *audit.Act, p Paid) error {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.told = append(b.told, p)
		return nil
	})
	return b
}

func as(t testing.TB, a actor.Actor) context.Context { return actor.With(t.Context(), a) }

func (b *bench) bill(t testing.TB, reference string, change ...func(*BillIn)) Bill {
	t.Helper()
	in := BillIn{SubjectKind: "test", SubjectID: uuid.New(), Agency: nam, Procedure: "2.000635", Reference: reference,
		PayerID: uuid.New(), Payer: "Dương Khánh Vy", Mode: Prepaid,
		Lines: []FeeLine{{Name: Text{"Bản sao trích lục", "Extract copy"}, Type: "charge", Quantity: 1, Unit: 8000, Amount: 8000}}}
	for _, fn := range change {
		fn(&in)
	}
	var bill Bill
	err := b.book.Act(as(t, actor.ForSystem("test")), "test.ask", func(ctx context.Context, act *audit.Act) (err error) {
		bill, err = b.RequestPayment(ctx, act, in)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return bill
}

func (b *bench) state(t testing.TB, bill Bill) State {
	t.Helper()
	now, err := b.Bill(t.Context(), bill.ID)
	if err != nil {
		t.Fatal(err)
	}
	return now.State
}

func (b *bench) count(t testing.TB, table string) int {
	t.Helper()
	n, err := pg.Value[int](b.Reader.Query(t.Context(), `SELECT count(*) FROM `+table))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func cash(bill Bill) ConfirmIn {
	return ConfirmIn{Bill: bill.ID, Way: Cash, Amount: bill.Amount, Client: audit.NewClient()}
}

// law: public-services.md 18.2 A13 — unpaid blocks acceptance; receipts 0000001, then 0000002.
func TestA13(t *testing.T) {
	b := setup(t)
	one, two := b.bill(t, "H12.58-261123-0001"), b.bill(t, "H12.58-261123-0002")
	if ok, err := b.Settled(t.Context(), b.Reader, one.SubjectID, Prepaid); err != nil || ok {
		t.Errorf("settled before anything was paid: %v", err)
	}
	if ok, _ := b.Settled(t.Context(), b.Reader, one.SubjectID, OnReturn); !ok {
		t.Error("nothing is owed on return")
	}
	for i, bill := range []Bill{one, two} {
		out, err := b.Confirm(as(t, cashier), cash(bill))
		if want := fmt.Sprintf("CM-26 %07d", i+1); err != nil || out.Receipt != want || out.State != "matched" {
			t.Errorf("%+v, %v", out, err)
		}
	}
	if ok, _ := b.Settled(t.Context(), b.Reader, one.SubjectID, Prepaid); !ok || b.state(t, one) != PaidUp {
		t.Error("not settled after the payment")
	}
	if len(b.told) != 2 || b.told[0].Bill.ID != one.ID || b.told[0].Bill.State != PaidUp || b.told[0].Receipt.Number != 1 {
		t.Errorf("told %+v", b.told)
	}
	r, err := b.ReceiptsOf(t.Context(), two.ID)
	if err != nil || len(r) != 1 || r[0].Collector != cashier.Name || r[0].Payer != two.Payer || r[0].Amount != 8000 || len(r[0].Lines) != 1 || r[0].Lines[0].Name.Vi != "Bản sao trích lục" {
		t.Errorf("%+v, %v", r, err)
	}
	b.clock.Set(b.clock.Now().AddDate(0, 2, 0)) // a new year begins a new series
	if out, err := b.Confirm(as(t, cashier), cash(b.bill(t, "H12.58-270123-0001"))); err != nil || out.Receipt != "CM-27 0000001" {
		t.Errorf("%+v, %v", out, err)
	}
}

// law: public-services.md 18.2 A14 — the same callback three times, here at the same moment too.
func TestA14(t *testing.T) {
	b := setup(t)
	bill := b.bill(t, "H12.58-261123-0001")
	in := NoticeIn{Way: Platform, Reference: "GD-1", Amount: 8000, Said: "MBVCB 77 h1258261123 0001 CT DI", PaidAt: b.clock.Now()}
	outs, errs := make([]Outcome, 9), make([]error, 9)
	var wg sync.WaitGroup
	for i := range outs {
		wg.Go(func() { outs[i], errs[i] = b.Notice(as(t, platform), in) })
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	for _, out := range outs {
		if out.Payment != outs[0].Payment || out.Receipt != "CM-26 0000001" || out.State != "matched" || *out.Bill != bill.ID {
			t.Errorf("%+v", out)
		}
	}
	if b.count(t, "pay.payment") != 1 || b.count(t, "pay.receipt") != 1 || len(b.told) != 1 {
		t.Errorf("%d payments, %d receipts, told %d times", b.count(t, "pay.payment"), b.count(t, "pay.receipt"), len(b.told))
	}
	in.Amount++
	if _, err := b.Notice(as(t, platform), in); !errors.Is(err, fault.Conflict("pay.reference")) {
		t.Errorf("the same reference with another amount: %v", err)
	}
}

// law: public-services.md 18.2 A15 — one đồng short is not paid; flagged, and then reconciled.
func TestA15(t *testing.T) {
	b := setup(t)
	bill := b.bill(t, "H12.58-261123-0001")
	short := NoticeIn{Way: Platform, Reference: "GD-1", Amount: 7999, Said: "H12.58-261123-0001", PaidAt: b.clock.Now()}
	out, err := b.Notice(as(t, platform), short)
	if err != nil || out.State != "flagged" || out.Reason != "amount" || out.Receipt != "" || b.state(t, bill) != Flagged {
		t.Fatalf("%+v, %v, %s", out, err, b.state(t, bill))
	}
	if ok, _ := b.Settled(t.Context(), b.Reader, bill.SubjectID, Prepaid); ok || len(b.told) != 0 || b.count(t, "pay.receipt") != 0 {
		t.Error("it counts as paid")
	}
	list, err := b.FlaggedPayments(as(t, cashier), 10)
	if err != nil || len(list) != 1 || *list[0].BillAmount != 8000 || list[0].Amount != 7999 {
		t.Errorf("%+v, %v", list, err)
	}
	if list, _ := b.FlaggedPayments(as(t, far), 10); len(list) != 0 {
		t.Error("another agency sees it")
	}

	rest, err := b.Notice(as(t, platform), NoticeIn{Way: Transfer, Reference: "FT-2", Amount: 2, Said: "tien con thieu", PaidAt: b.clock.Now()})
	if err != nil || rest.State != "flagged" || rest.Reason != "unknown" || rest.Bill != nil {
		t.Fatalf("%+v, %v", rest, err)
	}
	join := ReconcileIn{Payment: rest.Payment, Bill: bill.ID, Client: audit.NewClient()}
	if _, err := b.Reconcile(as(t, far), join); !errors.Is(err, fault.Forbidden(CashRight)) {
		t.Errorf("%v", err)
	}
	for range 2 {
		if out, err := b.Reconcile(as(t, cashier), join); err != nil || out.State != "matched" || out.Receipt != "CM-26 0000001" {
			t.Errorf("%+v, %v", out, err)
		}
	}
	if b.state(t, bill) != PaidUp || len(b.told) != 1 || b.count(t, "pay.receipt") != 1 {
		t.Errorf("%s, told %d", b.state(t, bill), len(b.told))
	}
	// One đồng came too much: that much can go back, not more.
	back := RefundIn{Payment: rest.Payment, Amount: 2, Reason: "over-payment", Explained: "thừa", Account: "VCB 123", Client: audit.NewClient()}
	if _, err := b.Refund(as(t, leader), back); !errors.Is(err, fault.Conflict("pay.refund.ground")) {
		t.Errorf("%v", err)
	}
	back.Amount = 1
	if _, err := b.Refund(as(t, leader), back); err != nil || b.state(t, bill) != PaidUp {
		t.Errorf("%v, %s", err, b.state(t, bill))
	}
}

// Sixteen cashiers at once: every bill once, numbers 1 to 40 without a hole, also when some acts fail.
func TestReceiptNumbersHaveNoHoles(t *testing.T) {
	b := setup(t)
	b.OnPaid("broken", func(context.Context, *audit.Act, Paid) error { return fault.Conflict("test.broken") })
	var bills []Bill
	for i := range 40 {
		bills = append(bills, b.bill(t, fmt.Sprintf("H12.58-261123-%04d", i)))
	}
	broken := b.bill(t, "H12.58-261123-9999", func(in *BillIn) { in.SubjectKind = "broken" })
	var wg sync.WaitGroup
	for worker := range 16 {
		wg.Go(func() {
			if _, err := b.Confirm(as(t, cashier), cash(broken)); !errors.Is(err, fault.Conflict("test.broken")) {
				t.Errorf("%v", err)
			}
			for i := range bills { // everybody tries every bill
				_, err := b.Confirm(as(t, cashier), cash(bills[(i+worker*3)%len(bills)]))
				if err != nil && !errors.Is(err, fault.Conflict("pay.state")) {
					t.Errorf("%v", err)
				}
			}
		})
	}
	wg.Wait()
	numbers, err := pg.Values[int](b.Reader.Query(t.Context(), `SELECT number FROM pay.receipt ORDER BY number`))
	if err != nil || len(numbers) != 40 || numbers[0] != 1 || numbers[39] != 40 {
		t.Errorf("%v, %v", numbers, err)
	}
	if b.state(t, broken) != Pending || b.count(t, "pay.payment") != 40 || len(b.told) != 40 {
		t.Errorf("%s, %d payments, told %d", b.state(t, broken), b.count(t, "pay.payment"), len(b.told))
	}
}

func TestConfirm(t *testing.T) {
	b := setup(t)
	for name, tt := range map[string]struct {
		who    actor.Actor
		change func(*ConfirmIn)
		want   error
		state  State
	}{
		"cash":               {cashier, func(*ConfirmIn) {}, nil, PaidUp},
		"transfer":           {cashier, func(in *ConfirmIn) { in.Way, in.Reference = Transfer, "FT-9" }, nil, PaidUp},
		"transfer, short":    {cashier, func(in *ConfirmIn) { in.Way, in.Reference, in.Amount = Transfer, "FT-8", 1 }, nil, Flagged},
		"cash, miscounted":   {cashier, func(in *ConfirmIn) { in.Amount++ }, fault.Fields{"amount": "differs"}, Pending},
		"nothing":            {cashier, func(in *ConfirmIn) { in.Amount = 0 }, fault.Fields{"amount": "out-of-range"}, Pending},
		"without reference":  {cashier, func(in *ConfirmIn) { in.Way = Transfer }, fault.Fields{"reference": "required"}, Pending},
		"some way":           {cashier, func(in *ConfirmIn) { in.Way = "gold" }, fault.Fields{"way": "invalid"}, Pending},
		"without client":     {cashier, func(in *ConfirmIn) { in.Client = "" }, fault.Fields{"client": "invalid"}, Pending},
		"another agency":     {far, func(*ConfirmIn) {}, fault.Forbidden(CashRight), Pending},
		"without the right":  {leader, func(*ConfirmIn) {}, fault.Forbidden(CashRight), Pending},
		"nobody":             {actor.Actor{}, func(*ConfirmIn) {}, fault.Forbidden(CashRight), Pending},
		"a bill that is not": {cashier, func(in *ConfirmIn) { in.Bill = uuid.New() }, fault.NotFound("row"), Pending},
	} {
		t.Run(name, func(t *testing.T) {
			bill := b.bill(t, "R"+strings.ToUpper(uuid.NewString()[:8]))
			in := cash(bill)
			tt.change(&in)
			_, err := b.Confirm(as(t, tt.who), in)
			testkit.WantError(t, err, tt.want)
			if got := b.state(t, bill); got != tt.state {
				t.Errorf("the bill is %s, want %s", got, tt.state)
			}
		})
	}
	bill := b.bill(t, "H12.58-261123-0007")
	in := cash(bill)
	first, err1 := b.Confirm(as(t, cashier), in)
	second, err2 := b.Confirm(as(t, cashier), in) // the button pressed twice
	if err := errors.Join(err1, err2); err != nil || first.Receipt != second.Receipt || first.Receipt == "" {
		t.Errorf("%+v, %+v, %v", first, second, err)
	}
}

func TestMoneyThatFitsNothingIsFlagged(t *testing.T) {
	b := setup(t)
	paid, void := b.bill(t, "H12.58-261123-0001"), b.bill(t, "H12.58-261123-0002")
	b.bill(t, "H12.58-261123-0003")
	b.bill(t, "H12.58-261123-0004")
	if _, err := b.Confirm(as(t, cashier), cash(paid)); err != nil {
		t.Fatal(err)
	}
	err := b.book.Act(as(t, cashier), "test.void", func(ctx context.Context, act *audit.Act) error {
		if err := b.VoidBill(ctx, act, void.ID, "rút hồ sơ"); err != nil {
			return err
		}
		return b.VoidBill(ctx, act, void.ID, "again does nothing")
	})
	if err != nil || b.state(t, void) != Void {
		t.Fatal(err, b.state(t, void))
	}
	for said, reason := range map[string]string{
		"H12.58-261123-0001": "double",
		"H12.58-261123-0002": "unknown", // its reference may be used again
		"xin chao":           "unknown",
		"":                   "unknown",
		"H12.58-261123-0003 va H12.58-261123-0004": "unknown", // which one?
	} {
		out, err := b.Notice(as(t, platform), NoticeIn{Way: Transfer, Reference: "FT" + said, Amount: 8000, Said: said, PaidAt: b.clock.Now()})
		if err != nil || out.State != "flagged" || out.Reason != reason || out.Receipt != "" {
			t.Errorf("%q: %+v, %v", said, out, err)
		}
	}
	err = b.book.Act(as(t, cashier), "test.void", func(ctx context.Context, act *audit.Act) error {
		return b.VoidBill(ctx, act, paid.ID, "")
	})
	testkit.WantError(t, err, fault.Conflict("pay.state"))
	if _, err := b.Notice(as(t, cashier), NoticeIn{Way: Transfer, Reference: "x", Amount: 1, PaidAt: b.clock.Now()}); !errors.Is(err, fault.Forbidden(CashRight)) {
		t.Errorf("a cashier of one agency spoke for the bank: %v", err)
	}
	_, err = b.Notice(as(t, platform), NoticeIn{Way: Cash})
	testkit.WantError(t, err, fault.Fields{"way": "invalid", "reference": "invalid", "amount": "out-of-range", "paid_at": "required"})
}

func TestRequestPaymentRefuses(t *testing.T) {
	b := setup(t)
	good := BillIn{SubjectKind: "test", SubjectID: uuid.New(), Agency: nam, Reference: "H1", Payer: "A", Mode: OnReturn,
		Lines: []FeeLine{{Name: Text{"a", "a"}, Amount: 1}}}
	for name, tt := range map[string]struct {
		change func(*BillIn)
		want   error
	}{
		"good":       {func(*BillIn) {}, nil},
		"nothing":    {func(in *BillIn) { in.Lines = nil }, fault.Fields{"amount": "out-of-range"}},
		"negative":   {func(in *BillIn) { in.Lines = []FeeLine{{Name: Text{"a", "a"}, Amount: -1}} }, fault.Fields{"lines.0.amount": "invalid", "amount": "out-of-range"}},
		"overflow":   {func(in *BillIn) { l := FeeLine{Name: Text{"a", "a"}, Amount: 1 << 61}; in.Lines = []FeeLine{l, l} }, fault.Fields{"lines.1.amount": "invalid", "amount": "out-of-range"}},
		"Vietnamese": {func(in *BillIn) { in.Reference = "Lệ phí" }, fault.Fields{"reference": "invalid"}},
		"only signs": {func(in *BillIn) { in.Reference = "--" }, fault.Fields{"reference": "invalid"}},
		"no subject": {func(in *BillIn) { in.SubjectID = uuid.Nil }, fault.Fields{"subject": "required"}},
		"no payer":   {func(in *BillIn) { in.Payer = " " }, fault.Fields{"payer": "required"}},
		"some day":   {func(in *BillIn) { in.Mode = "later" }, fault.Fields{"mode": "invalid"}},
	} {
		t.Run(name, func(t *testing.T) {
			in := good
			tt.change(&in)
			testkit.WantError(t, b.ask(t, in), tt.want)
		})
	}
	again := good
	again.Reference = "h-1"
	testkit.WantError(t, b.ask(t, again), fault.Conflict("pay.reference"))
}

func (b *bench) ask(t *testing.T, in BillIn) error {
	return b.book.Act(as(t, actor.ForSystem("test")), "test.ask", func(ctx context.Context, act *audit.Act) error {
		_, err := b.RequestPayment(ctx, act, in)
		return err
	})
}

func TestTransferQR(t *testing.T) {
	b := setup(t)
	bill := b.bill(t, "H12.58-261123-0001")
	if _, _, err := b.TransferQR(t.Context(), bill); fault.KindOf(err) != fault.KindNotFound {
		t.Errorf("without an account: %v", err)
	}
	day := calendar.NewDate(2026, 1, 1)
	put := func(accounts map[string]Account) error {
		return b.book.Batch(t.Context(), "test.accounts", "", func(ctx context.Context, tx pgx.Tx) (int64, error) { return CreateAccounts(ctx, tx, day, accounts) })
	}
	if err := put(map[string]Account{"": {"970418", "1234567890", "Kho bạc"}, "so-y-te": {"970436", "0011001234567", "Sở Y tế"}}); err != nil {
		t.Fatal(err)
	}
	if err := put(map[string]Account{"x": {"97041", "1", "x"}}); err == nil {
		t.Error("a BIN of five digits was let in")
	}
	code, to, err := b.TransferQR(t.Context(), bill)
	r := ReadQR(code)
	if err != nil || to.Holder != "Kho bạc" || r.Verdict != Valid || r.Fields.Amount != 8000 || r.Fields.Purpose != bill.Reference {
		t.Errorf("%s %+v, %v", code, r, err)
	}
	if _, to, _ := b.TransferQR(t.Context(), b.bill(t, "H12.7", func(in *BillIn) { in.Agency = "so-y-te" })); to.BIN != "970436" {
		t.Errorf("%+v", to)
	}
	svg, err := SVG(code, `8.000 đồng <b>`)
	if err != nil || !strings.Contains(svg, "<title>8.000 đồng &lt;b&gt;</title>") || !strings.Contains(svg, `viewBox="0 0 `) {
		t.Errorf("%.200s, %v", svg, err)
	}
	pic, err := PNG(code, 6)
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(pic))
	if err != nil || img.Bounds().Dx()%6 != 0 || img.Bounds().Dx() < 200 {
		t.Errorf("%v, %v", img.Bounds(), err)
	}
	bill.State = PaidUp
	_, _, err = b.TransferQR(t.Context(), bill)
	testkit.WantError(t, err, fault.Conflict("pay.state"))
}

func TestOpenBills(t *testing.T) {
	b := setup(t)
	one, two := b.bill(t, "H1"), b.bill(t, "H2")
	b.bill(t, "H3", func(in *BillIn) { in.Agency = "so-y-te" })
	list, err := b.OpenBills(as(t, cashier), uuid.Nil, 1)
	if err != nil || len(list) != 1 || list[0].ID != one.ID {
		t.Errorf("%+v, %v", list, err)
	}
	if list, _ = b.OpenBills(as(t, cashier), one.ID, 10); len(list) != 1 || list[0].ID != two.ID {
		t.Errorf("%+v", list)
	}
	if list, _ = b.OpenBills(as(t, leader), uuid.Nil, 10); len(list) != 0 {
		t.Errorf("%+v", list)
	}
	if all, _ := b.BillsOf(t.Context(), b.Reader, one.SubjectID); len(all) != 1 || all[0].Lines[0].Amount != 8000 {
		t.Errorf("%+v", all)
	}
}

func FuzzCandidates(f *testing.F) {
	f.Add("MBVCB.123.H12.58-261123-0001.CT tu 00110 toi")
	f.Add("")
	f.Fuzz(func(t *testing.T, s string) {
		list := candidates(s)
		if len(list) > 360 {
			t.Errorf("%d candidates", len(list))
		}
		if k := key(s); k != "" && len(alnum(s)) <= 6 && !slices.Contains(list, k) {
			t.Errorf("%q is not among the candidates of itself", s)
		}
		if _, err := json.Marshal(list); err != nil {
			t.Error(err)
		}
	})
}
