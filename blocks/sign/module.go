// Package sign puts signatures on papers: a person's under her PIN, a body's seal by its clerk, and
// the service seal that forms get automatically. The parts below it know files and certificates
// only: pdf reads and adds to files, cms and pades sign, pki plays the authorities of the
// demonstration, verify judges.
//
// law: documents.md 4 — digital signatures on documents.
package sign

import (
	"cmp"
	"context"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/blocks/audit"
	"datmui/blocks/sign/cms"
	"datmui/blocks/sign/pki"
	"datmui/kit/actor"
	"datmui/kit/clock"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// Config is what the block needs. Zero values are usable unless marked.
type Config struct {
	DB     pg.Reader     // required
	Book   *audit.Book   // required
	Clock  clock.Clock   // zero means the machine's clock
	Master []byte        // required: 32 bytes that lock the keys
	Dir    string        // required: where the demonstration authority keeps its keys (0700)
	Trust  string        // where the trust list is kept as files; "" means nowhere
	Open   time.Duration // how long a PIN opens a key; 0 means 15 minutes
}

// Block signs.
type Block struct {
	db        pg.Reader
	book      *audit.Book
	clock     clock.Clock
	master    []byte
	trust     string
	open      time.Duration
	authority *pki.Authority
	stamper   cms.Stamper

	pins sync.Mutex // one PIN at a time: tries are counted exactly, and each costs 64 MiB
	mu   sync.Mutex
	keys map[uuid.UUID]opened // by session
	auto map[string]Signer    // service seals by agency
}

// opened is a key that a PIN has opened, for one session, one body and a while.
type opened struct {
	signer Signer
	agency string
	until  time.Time
}

// New opens the block and its authority.
func New(c Config) (*Block, error) {
	if c.Clock == nil {
		c.Clock = clock.System{}
	}
	if len(c.Master) != 32 {
		return nil, errors.New("sign: the master key must be 32 bytes")
	}
	a, err := pki.Open(c.Dir, c.Clock.Now())
	if err != nil {
		return nil, fmt.Errorf("opening the demonstration authority: %w", err)
	}
	return &Block{db: c.DB, book: c.Book, clock: c.Clock, master: c.Master, trust: c.Trust, open: cmp.Or(c.Open, 15*time.Minute),
		authority: a, stamper: pki.TSA{Authority: a, Now: c.Clock.Now}, keys: map[uuid.UUID]opened{}, auto: map[string]Signer{}}, nil
}

// Authority is the demonstration authority, for its OCSP and time-stamp addresses.
func (b *Block) Authority() *pki.Authority { return b.authority }

// Role says what a certificate stands for.
type Role string

const (
	Person  Role = "person"  // a natural person in a post, key under PIN
	Seal    Role = "seal"    // the body's seal, used by its clerk
	Service Role = "service" // the body's automatic service seal on forms
)

// Holder is for whom a certificate is made.
type Holder struct {
	Role   Role
	Person uuid.UUID // of a person
	Agency string    // id
	Name   string    // of the person, or of the body
	Title  string    // post of the person
	Org    string    // name of the body
	PIN    string    // of a person's key: 6 to 32 characters
}

func (h Holder) check() fault.Fields {
	f := fault.Fields{}
	if h.Role == Person && (len(h.PIN) < 6 || len(h.PIN) > 32) {
		f.Set("pin", "pin-length")
	}
	if h.Name == "" {
		f.Set("name", "required")
	}
	return f
}

// Row is a certificate with its locked key, as it is stored; bulk loaders make them with Make.
type Row struct {
	ID                  uuid.UUID
	Holder              Holder
	Serial              string
	DER, Locked         []byte
	NotBefore, NotAfter time.Time
}

// Make makes a key and its certificate. It takes about a tenth of a second for a person.
func (b *Block) Make(h Holder) (Row, error) {
	if f := h.check(); f.Any() {
		return Row{}, f
	}
	make := pki.BodyKey
	if h.Role == Person {
		make = pki.PersonKey
	}
	key, err := make()
	if err != nil {
		return Row{}, err
	}
	name := h.Name
	if h.Role == Service {
		name += " (tự động)"
	}
	now := b.clock.Now()
	cert, err := b.authority.Issue(pki.Subject{Name: name, Title: h.Title, Org: h.Org}, key.Public(), now)
	if err != nil {
		return Row{}, err
	}
	id := uuid.Must(uuid.NewV7())
	pin := ""
	if h.Role == Person {
		pin = h.PIN
	}
	locked, err := pki.Lock(key, b.master, pin, id.String())
	return Row{ID: id, Holder: h, Serial: cert.SerialNumber.Text(16), DER: cert.Raw, Locked: locked, NotBefore: cert.NotBefore, NotAfter: cert.NotAfter}, err
}

// Columns are the columns of sign.certificate that Row.Values fills, in order.
var Columns = []string{"id", "role", "person", "agency", "name", "title", "organisation", "serial", "der", "locked", "not_before", "not_after"}

// Values lists the row in the order of Columns.
func (r Row) Values() []any {
	var person *uuid.UUID
	if r.Holder.Role == Person {
		person = &r.Holder.Person
	}
	return []any{r.ID, string(r.Holder.Role), person, r.Holder.Agency, r.Holder.Name, r.Holder.Title, r.Holder.Org, r.Serial, r.DER, r.Locked, r.NotBefore, r.NotAfter}
}

// Issue gives a person or a body a certificate; the one it had for the same place is revoked.
func (b *Block) Issue(ctx context.Context, h Holder) (uuid.UUID, error) {
	row, err := b.Make(h)
	if err != nil {
		return uuid.Nil, err
	}
	err = b.book.Act(ctx, "sign.certificate.issue", func(ctx context.Context, act *audit.Act) error {
		if act.Actor.Kind != actor.System && !act.Actor.May("admin.instance", h.Agency) && !act.Actor.May("directory.manage", h.Agency) {
			return fault.Forbidden("sign.issue")
		}
		act.About("sign.certificate", row.ID, h.Person)
		act.Note("role", h.Role)
		act.Note("agency", h.Agency)
		// RFC 5280, reason 4 — superseded
		act.Queue(`UPDATE sign.certificate SET revoked_at = $4, reason = 4 WHERE revoked_at IS NULL AND agency = $1 AND role = $2
			AND person IS NOT DISTINCT FROM $3`, h.Agency, string(h.Role), row.Values()[2], act.At)
		act.Queue(`INSERT INTO sign.certificate (id, role, person, agency, name, title, organisation, serial, der, locked, not_before, not_after)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`, row.Values()...)
		return nil
	})
	return row.ID, err
}

// Signer is an opened key with its certificates.
type Signer struct {
	Certificate uuid.UUID
	Name, Title string
	Org         string
	cms         cms.Signer
}

type keyRow struct {
	ID           uuid.UUID
	Name         string
	Title        string
	Organisation string
	DER          []byte `db:"der"`
	Locked       []byte
	NotAfter     time.Time
}

const keyColumns = `id, name, title, organisation, der, locked, not_after`

func (b *Block) unlock(k keyRow, pin string) (Signer, error) {
	if b.clock.Now().After(k.NotAfter) {
		return Signer{}, fault.Conflict("sign.expired")
	}
	key, err := pki.Unlock(k.Locked, b.master, pin, k.ID.String())
	if err != nil {
		return Signer{}, err
	}
	return b.signer(k, key)
}

func (b *Block) signer(k keyRow, key crypto.Signer) (Signer, error) {
	cert, err := x509.ParseCertificate(k.DER)
	if err != nil {
		return Signer{}, fmt.Errorf("reading certificate %s: %w", k.ID, err)
	}
	return Signer{Certificate: k.ID, Name: k.Name, Title: k.Title, Org: k.Organisation, cms: cms.Signer{Key: key, Chain: b.authority.Chain(cert)}}, nil
}

// PINOpen says whether the actor's key is open in this session, so that no PIN is asked.
func (b *Block) PINOpen(ctx context.Context) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.keys[actor.From(ctx).Session].until.After(b.clock.Now())
}

// Personal opens the actor's own key for the body: by the PIN, or without one while the session has
// it open. Three wrong PINs make the key wait; only its holder's sessions can use them up.
func (b *Block) Personal(ctx context.Context, agency, pin string) (Signer, error) {
	a := actor.From(ctx)
	b.mu.Lock()
	o, ok := b.keys[a.Session]
	b.mu.Unlock()
	if ok && pin == "" && o.agency == agency && o.until.After(b.clock.Now()) && a.Session != uuid.Nil {
		standing, err := b.inForce(ctx, o.signer.Certificate) // it may have been revoked meanwhile
		if err != nil || standing {
			return o.signer, err
		}
	}
	k, err := pg.One[keyRow](b.db.Query(ctx, `SELECT `+keyColumns+` FROM sign.certificate
		WHERE person = $1 AND role = 'person' AND revoked_at IS NULL ORDER BY agency = $2 DESC, not_before DESC LIMIT 1`, a.ID, agency))
	if fault.KindOf(err) == fault.KindNotFound {
		return Signer{}, fault.Conflict("sign.no-certificate")
	}
	if err != nil {
		return Signer{}, err
	}
	if pin == "" {
		return Signer{}, fault.Fields{"pin": "required"}
	}
	b.pins.Lock()
	defer b.pins.Unlock()
	if err := b.mayTry(ctx, k.ID); err != nil {
		return Signer{}, err
	}
	s, err := b.unlock(k, pin)
	if errors.Is(err, pki.ErrPIN) {
		if err := b.wrong(ctx, k.ID); err != nil {
			return Signer{}, err
		}
		return Signer{}, fault.Fields{"pin": "wrong"}
	}
	if err != nil {
		return Signer{}, err
	}
	if a.Session != uuid.Nil {
		b.mu.Lock()
		b.keys[a.Session] = opened{s, agency, b.clock.Now().Add(b.open)}
		for id, o := range b.keys {
			if !o.until.After(b.clock.Now()) {
				delete(b.keys, id)
			}
		}
		b.mu.Unlock()
	}
	return s, b.right(ctx, k.ID)
}

func (b *Block) inForce(ctx context.Context, certificate uuid.UUID) (bool, error) {
	return pg.Value[bool](b.db.Query(ctx, `SELECT revoked_at IS NULL FROM sign.certificate WHERE id = $1`, certificate))
}

func (b *Block) mayTry(ctx context.Context, key uuid.UUID) error {
	until, err := pg.Value[*time.Time](b.db.Query(ctx, `SELECT wait_until FROM sign.pin WHERE certificate = $1`, key))
	if fault.KindOf(err) == fault.KindNotFound {
		return nil
	}
	if err == nil && until != nil && until.After(b.clock.Now()) {
		return fault.Limit("sign.pin-wait")
	}
	return err
}

// wrong counts a wrong PIN: from the third on, the key waits ever longer, up to an hour.
func (b *Block) wrong(ctx context.Context, key uuid.UUID) error {
	return b.book.Act(ctx, "sign.pin.wrong", func(ctx context.Context, act *audit.Act) error {
		act.About("sign.certificate", key)
		act.Queue(`INSERT INTO sign.pin AS p (certificate, wrong) VALUES ($1, 1) ON CONFLICT (certificate) DO UPDATE SET wrong = least(p.wrong + 1, 30),
			wait_until = CASE WHEN p.wrong + 1 >= 3 THEN $2::timestamptz + least(power(2, p.wrong - 2), 60) * interval '1 minute' END`, key, act.At)
		return nil
	})
}

func (b *Block) right(ctx context.Context, key uuid.UUID) error {
	n, err := pg.Value[int](b.db.Query(ctx, `SELECT wrong FROM sign.pin WHERE certificate = $1 AND wrong > 0`, key))
	if fault.KindOf(err) == fault.KindNotFound || n == 0 && err == nil {
		return nil
	}
	if err != nil {
		return err
	}
	return b.book.Batch(ctx, "sign.pin.right", "", func(ctx context.Context, tx pgx.Tx) (int64, error) {
		tag, err := tx.Exec(ctx, `UPDATE sign.pin SET wrong = 0, wait_until = NULL WHERE certificate = $1`, key)
		return tag.RowsAffected(), err
	})
}

// Body opens the seal of a body; the caller has checked that the actor is its clerk.
func (b *Block) Body(ctx context.Context, agency, name string) (Signer, error) {
	return b.bodily(ctx, Seal, agency, name)
}

// Auto opens the service seal of a body, which signs forms by itself.
func (b *Block) Auto(ctx context.Context, agency, name string) (Signer, error) {
	return b.bodily(ctx, Service, agency, name)
}

// bodily opens a body's key, and has one made where the body has none yet.
func (b *Block) bodily(ctx context.Context, role Role, agency, name string) (Signer, error) {
	at := string(role) + " " + agency
	b.mu.Lock()
	s, ok := b.auto[at]
	b.mu.Unlock()
	if ok {
		standing, err := b.inForce(ctx, s.Certificate)
		if err != nil || standing {
			return s, err
		}
	}
	find := func() (keyRow, error) {
		return pg.One[keyRow](b.db.Query(ctx, `SELECT `+keyColumns+` FROM sign.certificate WHERE agency = $1 AND role = $2 AND revoked_at IS NULL`, agency, string(role)))
	}
	k, err := find()
	if fault.KindOf(err) == fault.KindNotFound {
		_, err = b.Issue(actor.With(ctx, actor.ForSystem("sign.issue")), Holder{Role: role, Agency: agency, Name: name, Org: name})
		if err != nil && !pg.IsUnique(err, "certificate_body") { // another process may have been faster
			return Signer{}, err
		}
		k, err = find()
	}
	if err != nil {
		return Signer{}, err
	}
	if s, err = b.unlock(k, ""); err != nil {
		return Signer{}, err
	}
	b.mu.Lock()
	b.auto[at] = s
	b.mu.Unlock()
	return s, nil
}

// Note keeps who signed what, with the act that uses the signed file.
func (b *Block) Note(act *audit.Act, s Signer, kind string, subject uuid.UUID, field string, file []byte) {
	sum := sha256.Sum256(file)
	var who *uuid.UUID
	if act.Actor.ID != uuid.Nil {
		who = &act.Actor.ID
	}
	act.Queue(`INSERT INTO sign.signature (id, certificate, subject_kind, subject_id, field, sha256, at, actor) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		uuid.Must(uuid.NewV7()), s.Certificate, kind, subject, field, sum[:], act.At, who)
	act.Note("signed_sha256", fmt.Sprintf("%x", sum))
}

// PublishTrust writes the anchors and the current lists of revoked certificates as files, so that
// verification needs no database. It runs at start and each hour.
func (b *Block) PublishTrust(ctx context.Context) error {
	if b.trust == "" {
		return nil
	}
	if err := os.MkdirAll(b.trust, 0o755); err != nil {
		return fmt.Errorf("making the trust folder: %w", err)
	}
	type row struct {
		Serial    string
		RevokedAt time.Time
		Reason    int
	}
	rows, err := pg.All[row](b.db.Query(ctx, `SELECT serial, revoked_at, reason FROM sign.certificate WHERE revoked_at IS NOT NULL ORDER BY revoked_at, id`))
	if err != nil {
		return err
	}
	revoked := make([]pki.Revoked, 0, len(rows))
	for _, r := range rows {
		n, ok := new(big.Int).SetString(r.Serial, 16)
		if !ok {
			return fmt.Errorf("the serial number %q is none", r.Serial)
		}
		revoked = append(revoked, pki.Revoked{Serial: n, At: r.RevokedAt, Reason: r.Reason})
	}
	now := b.clock.Now()
	crl, err := b.authority.CRL(revoked, now.Unix(), now)
	if err != nil {
		return err
	}
	root, err := b.authority.RootCRL(nil, now.Unix(), now)
	if err != nil {
		return err
	}
	for name, der := range map[string][]byte{"root.cer": b.authority.Root.Raw, "issuing.cer": b.authority.Issuing.Raw, "tsa.cer": b.authority.Stamping.Raw,
		"issuing.crl": crl, "root.crl": root} {
		tmp := filepath.Join(b.trust, "."+name)
		if err := os.WriteFile(tmp, der, 0o644); err != nil {
			return fmt.Errorf("writing the trust list: %w", err)
		}
		if err := os.Rename(tmp, filepath.Join(b.trust, name)); err != nil {
			return fmt.Errorf("writing the trust list: %w", err)
		}
	}
	return nil
}

// Count says how many certificates of bodies and of persons were in force on a day.
func Count(ctx context.Context, r pg.Reader, at time.Time) (bodies, persons int64, err error) {
	err = r.QueryRow(ctx, `SELECT count(*) FILTER (WHERE role = 'seal'), count(*) FILTER (WHERE role = 'person') FROM sign.certificate
		WHERE not_before <= $1 AND (revoked_at IS NULL OR revoked_at > $1) AND not_after > $1`, at).Scan(&bodies, &persons)
	return bodies, persons, err
}
