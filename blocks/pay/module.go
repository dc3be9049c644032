package pay

import (
	"cmp"
	"context"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/kit/actor"
	"datmui/kit/clock"
	"datmui/kit/pg"
)

// The rights this block asks for.
const (
	CashRight    = "services.cash"   // confirm payments, void receipts
	RefundRight  = "services.decide" // approve refunds: never the one who took the money
	AccountRight = "services.decide" // say where transfers go: never the one who takes the money
)

// Config is what the block needs.
type Config struct {
	DB       pg.Reader   // required
	Book     *audit.Book // required: the only door to a write
	Clock    clock.Clock // zero means the machine's clock
	Schedule *Schedule   // fee rules in force; nil means Shipped
	Series   string      // letters of the receipt series before the year; "" means CM
	Template string      // symbol of the receipt template; "" means 01BLP
}

// Block keeps bills, payments, receipts and refunds.
type Block struct {
	db        pg.Reader
	book      *audit.Book
	clock     clock.Clock
	schedule  *Schedule
	series    string
	template  string
	onPaid    map[string]OnPaid
	onAnew    map[string]OnPaid
	mayBe     map[string]MayBePaid
	withdrawn map[string]Withdrawn
	guards    map[string]Guard
}

// Withdrawn says, in the act that would give the money back, whether a subject was withdrawn before work began on it.
type Withdrawn func(ctx context.Context, act *audit.Act, subject uuid.UUID) (bool, error)

// Guard says whether an actor may see what a bill is for.
type Guard func(ctx context.Context, r pg.Reader, a actor.Actor, subject uuid.UUID) (bool, error)

// MayBePaid says, in the act that would confirm it, why no money is taken for a subject; nil lets it.
type MayBePaid func(ctx context.Context, act *audit.Act, subject uuid.UUID) error

// OnPaid is told of a bill that has been paid, in the act that confirms it: what it does stands
// or falls with the payment.
type OnPaid func(ctx context.Context, act *audit.Act, p Paid) error

// Paid is a bill whose money has been matched to the đồng.
type Paid struct {
	Bill    Bill
	Payment Payment
	Receipt Receipt
}

// New opens the block.
func New(c Config) *Block {
	if c.Clock == nil {
		c.Clock = clock.System{}
	}
	if c.Schedule == nil {
		c.Schedule = Shipped()
	}
	return &Block{db: c.DB, book: c.Book, clock: c.Clock, schedule: c.Schedule,
		series: cmp.Or(c.Series, "CM"), template: cmp.Or(c.Template, "01BLP"), onPaid: map[string]OnPaid{}, onAnew: map[string]OnPaid{}, mayBe: map[string]MayBePaid{},
		withdrawn: map[string]Withdrawn{}, guards: map[string]Guard{}}
}

// Schedule is the fee rules in force.
func (b *Block) Schedule() *Schedule { return b.schedule }

// OnPaid registers who reacts when a bill about a kind of subject is paid. Call it before serving.
func (b *Block) OnPaid(subjectKind string, fn OnPaid) { b.onPaid[subjectKind] = fn }

// Guard registers who knows whether somebody that acts for the payer may see a kind of subject: of
// the bills of a business, her own or all. Call it before serving.
func (b *Block) Guard(subjectKind string, g Guard) { b.guards[subjectKind] = g }

// BeforePaid registers who is asked before a cashier confirms money for a kind of subject. Call it before serving.
func (b *Block) BeforePaid(subjectKind string, fn MayBePaid) { b.mayBe[subjectKind] = fn }

// BeforeRefund registers who knows whether a kind of subject was withdrawn. Call it before serving.
func (b *Block) BeforeRefund(subjectKind string, fn Withdrawn) { b.withdrawn[subjectKind] = fn }

// OnReceiptAnew registers who reacts when the receipt of a paid bill was void and a new one was
// given, in the act that does so. Call it before serving.
func (b *Block) OnReceiptAnew(subjectKind string, fn OnPaid) { b.onAnew[subjectKind] = fn }

func mayTakeMoney(a actor.Actor, agency string) bool {
	return a.Kind == actor.System || a.May(CashRight, agency)
}

func mayRefund(a actor.Actor, agency string) bool { return a.May(RefundRight, agency) }
