package pay

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"datmui/blocks/audit"
	"datmui/blocks/calendar"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// Account is where money for an agency is sent.
type Account struct {
	BIN     string `db:"bin"`
	Account string
	Holder  string
}

// AccountOf is the account of an agency on a day, else everybody's.
func (b *Block) AccountOf(ctx context.Context, agency string, on calendar.Date) (Account, error) {
	return pg.One[Account](b.db.Query(ctx, `SELECT bin, account, holder FROM pay.account
		WHERE agency IN ($1, '') AND valid_from <= $2 ORDER BY agency = '', valid_from DESC LIMIT 1`, agency, on))
}

// CreateAccounts puts accounts in force inside the caller's batch, for a loader; "" is every agency
// without one of its own.
func CreateAccounts(ctx context.Context, tx pgx.Tx, from calendar.Date, accounts map[string]Account) (int64, error) {
	for agency, a := range accounts {
		if _, err := BuildQR(QR{BIN: a.BIN, Account: a.Account}); err != nil {
			return 0, fmt.Errorf("account of %q: %w", agency, err)
		}
		if err := putAccount(ctx, tx, agency, from, a); err != nil {
			return 0, err
		}
	}
	return int64(len(accounts)), nil
}

func putAccount(ctx context.Context, tx pgx.Tx, agency string, from calendar.Date, a Account) error {
	_, err := tx.Exec(ctx, `INSERT INTO pay.account (agency, valid_from, bin, account, holder) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (agency, valid_from) DO UPDATE SET bin = excluded.bin, account = excluded.account, holder = excluded.holder`,
		agency, from, a.BIN, a.Account, a.Holder)
	return err
}

// TransferQR is the VietQR code of an open bill, and the account it names.
func (b *Block) TransferQR(ctx context.Context, bill Bill) (code string, to Account, err error) {
	if !bill.Open() {
		return "", to, fault.Conflict("pay.state", "state", string(bill.State))
	}
	to, err = b.AccountOf(ctx, bill.Agency, b.Today())
	if err != nil {
		return "", to, err
	}
	code, err = BuildQR(QR{BIN: to.BIN, Account: to.Account, Amount: bill.Amount, Purpose: bill.Reference})
	return code, to, err
}

// DatedAccount is an account of an agency with the first day on which transfers go there.
type DatedAccount struct {
	Agency string        // "" is everybody without an account of their own
	From   calendar.Date `db:"valid_from"`
	State  AccountState
	Account
}

// AccountState is what an account is today.
type AccountState string

// The states of an account.
const (
	Planned  AccountState = "planned"
	InForce  AccountState = "now"
	Replaced AccountState = "past"
)

// accountSQL reads the accounts of the agencies in @agencies and everybody's, each with its state.
const accountSQL = `SELECT agency, valid_from, bin, account, holder, CASE WHEN valid_from > @today THEN 'planned'
		WHEN valid_from = max(valid_from) FILTER (WHERE valid_from <= @today) OVER (PARTITION BY agency) THEN 'now' ELSE 'past' END AS state
	FROM pay.account WHERE agency = ANY(@agencies) OR agency = ''`

// AccountsPerPage is how many accounts a page of them shows.
const AccountsPerPage = 30

// AccountKey is after what a list of accounts goes on; the zero key is the first page.
type AccountKey struct {
	Agency string
	From   calendar.Date
}

// Accounts lists the accounts that the actor sets, the planned, the one in force and the earlier, by
// body and the newest first, a page after a key; more says whether there are others.
func (b *Block) Accounts(ctx context.Context, after AccountKey) (list []DatedAccount, more bool, err error) {
	agencies, _ := actor.From(ctx).Where(AccountRight)
	if len(agencies) == 0 {
		return nil, false, fault.Forbidden(AccountRight)
	}
	list, err = pg.All[DatedAccount](b.db.Query(ctx, `SELECT * FROM (`+accountSQL+`) a
		WHERE @first OR agency > @agency OR agency = @agency AND valid_from < @from ORDER BY agency, valid_from DESC LIMIT @n`,
		pgx.NamedArgs{"agencies": agencies, "today": b.Today(), "first": after.From == 0, "agency": after.Agency, "from": after.From, "n": AccountsPerPage + 1}))
	return list[:min(len(list), AccountsPerPage)], len(list) > AccountsPerPage, err
}

// AccountsInForce lists to which accounts transfers go today, one for each agency where the actor
// holds a right here and everybody's.
func (b *Block) AccountsInForce(ctx context.Context, right string) ([]DatedAccount, error) {
	agencies, _ := actor.From(ctx).Where(right)
	return pg.All[DatedAccount](b.db.Query(ctx, `SELECT * FROM (`+accountSQL+`) a WHERE state = 'now' ORDER BY agency`,
		pgx.NamedArgs{"agencies": agencies, "today": b.Today()}))
}

// AccountIn says where the money for an agency is sent from a day on.
type AccountIn struct {
	Client  string        `form:"client"`
	Agency  string        `form:"agency"`
	From    calendar.Date `form:"-"`       // today or later; the same day again replaces what was planned
	BIN     string        `form:"bin"`     // of one of Banks
	Account string        `form:"account"` // 1 to 19 letters and digits; spaces and dots people type are dropped
	Holder  string        `form:"holder"`  // as the bank writes it
}

func (in *AccountIn) check(today calendar.Date) error {
	in.Account = strings.NewReplacer(" ", "", ".", "", "-", "", "\u00a0", "").Replace(in.Account)
	in.Holder = strings.Join(strings.Fields(in.Holder), " ")
	f := fault.Fields{}
	if in.Agency == "" {
		f.Set("agency", "required")
	}
	if in.From < today {
		f.Set("from", "past")
	}
	if _, known := BankOf(in.BIN); !known {
		f.Set("bin", "required")
	}
	if _, err := BuildQR(QR{BIN: "970418", Account: in.Account}); err != nil {
		f.Set("account", "account-number")
	}
	switch n := utf8.RuneCountInString(in.Holder); {
	case n == 0:
		f.Set("holder", "required")
	case n > 120:
		f.Set("holder", "too-long:120")
	}
	return f.Err()
}

// Today is the day by the block's clock.
func (b *Block) Today() calendar.Date { return calendar.DateOf(b.clock.Now()) }

// SetAccount puts an account in force. Codes of open bills name it from that day on; money that still
// comes to the earlier one is matched as before.
func (b *Block) SetAccount(ctx context.Context, in AccountIn) error {
	if err := in.check(b.Today()); err != nil {
		return err
	}
	return b.book.Act(ctx, "pay.account.set", func(ctx context.Context, act *audit.Act) error {
		if !act.Actor.May(AccountRight, in.Agency) {
			return fault.Forbidden(AccountRight)
		}
		act.About("pay.account", in.Agency)
		act.Note("from", in.From.String())
		act.Note("bin", in.BIN)
		act.Note("account", in.Account)
		return putAccount(ctx, act, in.Agency, in.From, Account{BIN: in.BIN, Account: in.Account, Holder: in.Holder})
	}, audit.Once(in.Client, in, nil))
}
