package notify

import (
	"cmp"
	"context"
	"embed"
	"fmt"
	"net/url"
	"time"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/kit/clock"
	"datmui/kit/jobs"
	"datmui/kit/lang"
	"datmui/kit/pg"
)

//go:embed text.vi.toml text.en.toml
var texts embed.FS

func init() { lang.Register(texts) }

// Config is what notify needs. Zero values are usable unless marked required.
type Config struct {
	DB     pg.Reader   // required
	Book   *audit.Book // required
	Clock  clock.Clock // zero means the machine's clock
	People People      // required for e-mail: who has which address
	Mailer Mailer      // nil means that no e-mail leaves
	Origin string      // address of this site, for links in e-mails
}

// People knows where a person reads her e-mail. An address "" means nowhere.
type People interface {
	MailAddress(ctx context.Context, person uuid.UUID) (address, name string, err error)
}

// Mailer brings mails to their receivers' server. It returns one error for each mail, nil where
// the server took it over; a Refused one is not tried again.
type Mailer interface {
	Deliver(ctx context.Context, mails []Mail) []error
}

// Mail is one e-mail.
type Mail struct {
	ID      string // Message-ID without brackets: the same each time this mail is tried
	To      string
	Name    string
	Subject string
	Text    string
	Leave   string // address of the page on which she can stop such mails
	Date    time.Time
}

// Block tells people.
type Block struct {
	db     pg.Reader
	book   *audit.Book
	clock  clock.Clock
	people People
	mailer Mailer
	origin string
	host   string
}

// New returns the block.
func New(c Config) *Block {
	if c.Clock == nil {
		c.Clock = clock.System{}
	}
	c.Origin = cmp.Or(c.Origin, "http://localhost:8080")
	host := "localhost"
	if u, err := url.Parse(c.Origin); err == nil {
		host = cmp.Or(u.Hostname(), host)
	}
	return &Block{db: c.DB, book: c.Book, clock: c.Clock, people: c.People, mailer: c.Mailer, origin: c.Origin, host: host}
}

const sendSQL = `INSERT INTO notify.notice (id, person, kind, args, href, at, mail, next_at)
	SELECT $1, $2, $3, $4, $5, $6, CASE WHEN NOT $7 THEN 'none' ELSE
		CASE notify.wish($2, $3) WHEN 'off' THEN 'none' WHEN 'digest' THEN 'digest' ELSE 'waiting' END END, $6`

// Send tells a person with the act: the notice is there if and only if the act is. It costs no
// round trip of its own; the e-mail leaves afterwards by a job.
func (b *Block) Send(_ context.Context, act *audit.Act, person uuid.UUID, n Notice) error {
	if person == uuid.Nil {
		return fmt.Errorf("notify: %s is sent to nobody", n.NoticeKind())
	}
	args, path, err := argsOf(n)
	if err != nil {
		return err
	}
	raw, err := marshal(args)
	if err != nil {
		return err
	}
	act.Queue(sendSQL, uuid.Must(uuid.NewV7()), person, n.NoticeKind(), raw, path, act.At, b.mailer != nil)
	return nil
}

// Jobs says what this block does in the background.
func (b *Block) Jobs(s *jobs.Set) {
	jobs.OnFor(s, 5*time.Minute, b.deliver)
	jobs.OnFor(s, 10*time.Minute, b.digest)
	s.Every(15*time.Second, DeliverMail{})
	s.Every(10*time.Minute, SendDigests{})
}
