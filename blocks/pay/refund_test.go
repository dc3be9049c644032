package pay

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/testkit"
)

func TestReceiptsAreVoidedByARecord(t *testing.T) {
	b := setup(t)
	bill := b.bill(t, "H12.58-261123-0001")
	if _, err := b.Confirm(as(t, cashier), cash(bill)); err != nil {
		t.Fatal(err)
	}
	first, _ := b.ReceiptsOf(t.Context(), bill.ID)
	_, err := b.VoidReceipt(as(t, far), first[0].ID, "sai tên", audit.NewClient())
	testkit.WantError(t, err, fault.Forbidden(CashRight))
	_, err = b.VoidReceipt(as(t, cashier), first[0].ID, " ", audit.NewClient())
	testkit.WantError(t, err, fault.Fields{"reason": "required"})
	next, err := b.VoidReceipt(as(t, cashier), first[0].ID, "sai tên", audit.NewClient())
	if err != nil || next.String() != "CM-26 0000002" {
		t.Fatalf("%+v, %v", next, err)
	}
	_, err = b.VoidReceipt(as(t, cashier), first[0].ID, "sai tên", audit.NewClient())
	testkit.WantError(t, err, fault.Conflict("pay.receipt.void"))
	all, err := b.ReceiptsOf(t.Context(), bill.ID)
	if err != nil || len(all) != 2 || all[0].VoidedAt == nil || all[0].VoidReason != "sai tên" || all[1].VoidedAt != nil {
		t.Errorf("%+v, %v", all, err)
	}
}

func TestRefund(t *testing.T) {
	b := setup(t)
	b.BeforeRefund("test", func(context.Context, *audit.Act, uuid.UUID) (bool, error) { return true, nil })
	b.BeforeRefund("at work", func(context.Context, *audit.Act, uuid.UUID) (bool, error) { return false, nil })
	payment := func(t *testing.T, by actor.Actor, change ...func(*BillIn)) (Bill, uuid.UUID) {
		t.Helper()
		bill := b.bill(t, "R"+strings.ToUpper(uuid.NewString()[:8]), change...)
		out, err := b.Confirm(as(t, by), cash(bill))
		if err != nil {
			t.Fatal(err)
		}
		return bill, out.Payment
	}
	for name, tt := range map[string]struct {
		who    actor.Actor
		change func(*RefundIn)
		bill   func(*BillIn)
		want   error
		state  State
	}{
		"withdrawn":            {leader, func(*RefundIn) {}, nil, nil, Refunded},
		"in part":              {leader, func(in *RefundIn) { in.Amount = 10 }, nil, fault.Conflict("pay.refund.ground"), PaidUp},
		"too much":             {leader, func(in *RefundIn) { in.Amount++ }, nil, fault.Fields{"amount": "more-than-paid"}, PaidUp},
		"no ground":            {leader, func(in *RefundIn) { in.Reason = "double-payment" }, nil, fault.Conflict("pay.refund.ground"), PaidUp},
		"strange ground":       {leader, func(in *RefundIn) { in.Reason = "regret" }, nil, fault.Fields{"reason": "invalid"}, PaidUp},
		"unexplained":          {leader, func(in *RefundIn) { in.Explained, in.Account = " ", "" }, nil, fault.Fields{"explained": "required", "account": "required"}, PaidUp},
		"work has begun":       {leader, func(*RefundIn) {}, func(in *BillIn) { in.SubjectKind = "at work" }, fault.Conflict("pay.refund.ground"), PaidUp},
		"of what nobody knows": {leader, func(*RefundIn) {}, func(in *BillIn) { in.SubjectKind = "other" }, fault.Conflict("pay.refund.ground"), PaidUp},
		"never given back":     {leader, func(*RefundIn) {}, func(in *BillIn) { in.Final = true }, fault.Conflict("pay.refund.never"), PaidUp},
		"by the cashier":       {cashier, func(*RefundIn) {}, nil, fault.Forbidden(RefundRight), PaidUp},
		"by who took it":       {both, func(*RefundIn) {}, nil, fault.Forbidden("pay.refund.own"), PaidUp},
		"nothing":              {leader, func(in *RefundIn) { in.Amount = 0 }, nil, fault.Fields{"amount": "out-of-range"}, PaidUp},
		"what is not":          {leader, func(in *RefundIn) { in.Payment = uuid.New() }, nil, fault.NotFound("row"), PaidUp},
	} {
		t.Run(name, func(t *testing.T) {
			taker := cashier
			if tt.who.ID == both.ID {
				taker = both
			}
			var bill Bill
			var paid uuid.UUID
			if tt.bill != nil {
				bill, paid = payment(t, taker, tt.bill)
			} else {
				bill, paid = payment(t, taker)
			}
			in := RefundIn{Payment: paid, Amount: bill.Amount, Reason: "withdrawn", Explained: "rút trước khi thụ lý", Account: "BIDV 123", Client: audit.NewClient()}
			tt.change(&in)
			_, err := b.Refund(as(t, tt.who), in)
			testkit.WantError(t, err, tt.want)
			if got := b.state(t, bill); got != tt.state {
				t.Errorf("the bill is %s, want %s", got, tt.state)
			}
			if list, err := b.RefundsOf(t.Context(), bill.ID); err != nil || len(list) != map[bool]int{true: 1, false: 0}[tt.want == nil] {
				t.Errorf("%+v, %v", list, err)
			}
		})
	}
}

// Ten leaders approve the same money back at once: it goes back once.
func TestMoneyGoesBackOnce(t *testing.T) {
	b := setup(t)
	bill := b.bill(t, "H12.58-261123-0001")
	short, err := b.Notice(as(t, platform), NoticeIn{Way: Transfer, Reference: "FT-1", Amount: 9000, Said: bill.Reference, PaidAt: b.clock.Now()})
	if err != nil || short.State != "flagged" {
		t.Fatal(short, err)
	}
	errs := make([]error, 10)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() {
			_, errs[i] = b.Refund(as(t, leader), RefundIn{Payment: short.Payment, Amount: 9000, Reason: "over-payment", Explained: "sai số tiền", Account: "BIDV", Client: audit.NewClient()})
		})
	}
	wg.Wait()
	good := 0
	for _, err := range errs {
		if err == nil {
			good++
		} else {
			testkit.WantError(t, err, fault.Fields{"amount": "more-than-paid"})
		}
	}
	if good != 1 || b.count(t, "pay.refund") != 1 || b.state(t, bill) != Pending {
		t.Errorf("%d refunds, the bill is %s", good, b.state(t, bill))
	}
}
