package services

import (
	"context"
	"sync"
	"time"

	"github.com/google/uuid"

	"datmui/apps/services/find"
	"datmui/blocks/audit"
	"datmui/blocks/calendar"
	"datmui/blocks/directory"
	"datmui/blocks/files"
	"datmui/blocks/forms"
	"datmui/blocks/notify"
	"datmui/blocks/partners"
	"datmui/blocks/pay"
	"datmui/blocks/records"
	"datmui/blocks/represent"
	"datmui/blocks/sign"
	"datmui/blocks/worklist"
	"datmui/kit/clock"
	"datmui/kit/pg"
)

// Config is what services needs. All fields are required unless marked.
type Config struct {
	DB        pg.Reader
	Book      *audit.Book
	Clock     clock.Clock
	Directory *directory.Block
	Calendar  *calendar.Block
	Forms     *forms.Block
	Worklist  *worklist.Block
	Notify    *notify.Block
	Files     *files.Block
	Pay       *pay.Block
	Records   *records.Block
	Represent *represent.Block
	Sign      *sign.Block
	Partners  *partners.Block
	Origin    string // address of this site, printed in QR codes
	Demo      bool   // papers say that they have no legal value
}

// Module is the one-stop shop.
type Module struct {
	db        pg.Reader
	book      *audit.Book
	clock     clock.Clock
	directory *directory.Block
	calendars *calendar.Block
	forms     *forms.Block
	worklist  *worklist.Block
	notify    *notify.Block
	files     *files.Block
	pay       *pay.Block
	records   *records.Block
	represent *represent.Block
	sign      *sign.Block
	partners  *partners.Block
	origin    string
	demo      bool
	cat       catalogue
	where     lately[route, bodies]
	heirsOf   lately[string, map[string]string]
	left      lately[string, map[string][]string]
	inUse     bodiesInUse
	begun     lately[struct{}, time.Time]
	officers  lately[bodyDay, []directory.Post]
	opens     lately[string, []Procedure] // by day
	rated     lately[Quarter, Rated]

	catalogueSum lately[string, string] // day → what the catalogue sums up to
	fields       lately[struct{}, []FieldCount]
	standings    lately[string, []StandingCount] // by day
	found        struct {                        // the catalogue ready for searching
		sync.Mutex
		sum   string
		index *find.Index
	}
}

// New builds the module and tells the blocks below what it wants to hear of.
func New(c Config) *Module {
	m := &Module{db: c.DB, book: c.Book, clock: c.Clock, directory: c.Directory, calendars: c.Calendar, forms: c.Forms,
		worklist: c.Worklist, notify: c.Notify, files: c.Files, pay: c.Pay, records: c.Records, represent: c.Represent, sign: c.Sign, partners: c.Partners,
		origin: c.Origin, demo: c.Demo, cat: catalogue{byID: map[string]Definition{}}}
	c.Files.Guard(filesKind, m.mayOpenFile)
	c.Represent.Ask(m.bornHere)
	c.Pay.Guard(dossierKind, m.mayOpenBill)
	c.Files.Share(filesKind, m.mayOpenAsked)
	c.Files.Guard(opinionKind, m.mayOpenOpinion)
	c.Files.Guard(bulkKind, m.mayOpenBulk)
	c.Calendar.OnPublish(dossierKind, m.openTerms, m.putOff)
	c.Pay.OnPaid(dossierKind, m.paid)
	c.Pay.BeforePaid(dossierKind, m.mayBePaid)
	c.Pay.BeforeRefund(dossierKind, m.withdrawnUnworked)
	c.Pay.OnReceiptAnew(dossierKind, m.receiptAnew)
	return m
}

// The kinds by which blocks know what belongs to a dossier.
const (
	dossierKind = "services.dossier"
	filesKind   = "services.dossier"
)

func (m *Module) calendar(ctx context.Context, agency string) (*calendar.Calendar, error) {
	return m.calendars.For(ctx, agency, calendar.Counting)
}

func newID() uuid.UUID { return uuid.Must(uuid.NewV7()) }
