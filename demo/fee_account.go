package demo

import (
	"context"

	"github.com/jackc/pgx/v5"

	"datmui/blocks/calendar"
	"datmui/blocks/pay"
)

// feeAccount takes every transfer of the demonstration: no bank keeps such an account, and its holder
// says so to whoever reads the code with a real app.
var feeAccount = pay.Account{BIN: "970405", Account: "KHONGCOTHATDEMO2026", Holder: "TAI KHOAN MINH HOA, KHONG CHUYEN TIEN"}

func (w *World) loadFeeAccount(ctx context.Context, b *batches) error {
	return b.step(ctx, "fee-account", func(ctx context.Context, tx pgx.Tx) (int64, error) {
		return pay.CreateAccounts(ctx, tx, calendar.DateOf(w.AsOf.AddDate(-1, 0, 0)), map[string]pay.Account{"": feeAccount})
	})
}
