package identity

import (
	"context"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/blocks/directory"
	"datmui/blocks/notify"
	"datmui/kit/clock"
	"datmui/kit/fault"
	"datmui/kit/jobs"
	"datmui/kit/lang"
	"datmui/kit/pg"
)

//go:embed text.vi.toml text.en.toml
var texts embed.FS

func init() { lang.Register(texts) }

// MailLink sends a one-time link to its person. The link lies sealed in the job, so that nobody
// who reads the database can use it. Twice it sends the same mail under the same Message-ID; a
// link that was used or replaced meanwhile is not sent.
type MailLink struct {
	Account uuid.UUID `json:"account"`
	Sealed  []byte    `json:"sealed"`
}

// Kind is the name of the job.
func (MailLink) Kind() string { return "identity.mail_link" }

// Jobs registers the work of this block.
func (b *Block) Jobs(s *jobs.Set) { jobs.On(s, b.mailLink) }

func (b *Block) mailLink(ctx context.Context, args MailLink) error {
	if b.c.Mailer == nil {
		return errors.New("identity: there is no mailer")
	}
	address, err := b.keys.open(args.Sealed, args.Account[:])
	if err != nil {
		return err
	}
	hash, err := hashOf(string(address[strings.LastIndexByte(string(address), '/')+1:]))
	if err != nil {
		return err
	}
	type row struct {
		Link
		PersonID uuid.UUID
	}
	r, err := pg.One[row](b.c.DB.Query(ctx, `SELECT '' AS address, a.name, l.expires_at AS expires, l.second, a.person_id
		FROM identity.link l JOIN identity.account a ON a.id = l.account_id
		WHERE l.hash = @hash AND l.account_id = @account AND l.used_at IS NULL AND l.expires_at > @now`,
		pgx.NamedArgs{"hash": hash, "account": args.Account, "now": b.c.Clock.Now()}))
	if fault.KindOf(err) == fault.KindNotFound {
		return nil
	} else if err != nil {
		return err
	}
	p, err := directory.ReadPerson(ctx, b.c.DB, r.PersonID)
	if err != nil {
		return err
	}
	r.Address = string(address)
	return errors.Join(b.c.Mailer.Deliver(ctx, []notify.Mail{b.letter(r.Link, p, hash)})...)
}

// letter is in both languages: what the person reads at the sign-in is not known here.
func (b *Block) letter(l Link, p directory.Person, hash []byte) notify.Mail {
	host := "datmui"
	if u, err := url.Parse(b.c.Origin); err == nil {
		host = u.Hostname()
	}
	var parts []string
	for _, tag := range lang.Tags {
		ctx := lang.With(context.Background(), tag)
		parts = append(parts, lang.T(ctx, "identity.mail.body", "name", p.Name, "account", l.Name, "link", l.Address,
			"until", lang.DateTime(ctx, l.Expires.In(clock.Vietnam))))
	}
	vi := lang.With(context.Background(), lang.Vietnamese)
	return notify.Mail{ID: fmt.Sprintf("%s@%s", hex.EncodeToString(hash[:16]), host), To: p.Email, Name: p.Name,
		Subject: lang.T(vi, "identity.mail.subject"), Text: strings.Join(parts, "\n\n--\n\n") + "\n", Date: l.Expires.Add(-linkLife)}
}
