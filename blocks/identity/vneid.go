package identity

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/blocks/audit"
	"datmui/blocks/directory"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/lang"
	"datmui/kit/pg"
)

// Provider is the national electronic identity. The package openid speaks to a real one.
type Provider interface {
	// Begin gives the address to which a person is sent.
	Begin(ctx context.Context, ask Ask) (string, error)
	// Finish exchanges the code the person came back with for what the provider vouches for.
	Finish(ctx context.Context, code string, ask Ask) (Proof, error)
}

// Ask ties an answer of the provider to the question.
type Ask struct {
	State    string
	Nonce    string
	Verifier string
	Lang     string
}

// Proof is what the national identity says about somebody.
// law: public-services.md 13 — store the subject or TechID and the level, never a VNeID password.
type Proof struct {
	Subject    string // lasting id of the account there
	TechID     string
	PersonalID string // 12 digits
	Name       string
	Birth      time.Time // day
	Level      int       // 1 or 2

	TaxCode      string // of the organisation whose account it is, which the person above uses; "" of her own account
	Organisation string // its name
}

// ErrRefused is returned by Begin and Finish when the provider says no: wrong code, wrong nonce,
// unusable claims. Anything else means that it cannot be reached.
var ErrRefused = errors.New("the national identity refused")

// away remembers a citizen on the way to the provider and back.
type away struct {
	Ask    Ask    `json:"ask"`
	Next   string `json:"next"`
	Shared bool   `json:"shared,omitempty"`
}

// BeginVNeID gives the address to which a citizen is sent and a token for the way back; next is
// the page to go on to.
func (b *Block) BeginVNeID(ctx context.Context, next string, shared bool) (address, token string, err error) {
	if b.c.Provider == nil {
		return "", "", fault.Conflict("identity.no-provider")
	}
	ask := Ask{State: rand.Text(), Nonce: rand.Text(), Verifier: rand.Text() + rand.Text(), Lang: string(lang.From(ctx))}
	if address, err = b.c.Provider.Begin(ctx, ask); err != nil {
		b.c.Log.WarnContext(ctx, "the national identity cannot be reached", "err", err)
		return "", "", fault.Conflict("identity.provider-away")
	}
	token, err = b.begin(ctx, ceremonyVNeID, uuid.Nil, away{ask, next, shared})
	return address, token, err
}

// CallbackIn is what a citizen brings back.
type CallbackIn struct {
	Token string `form:"-"`
	State string `form:"state"`
	Code  string `form:"code"`
	Error string `form:"error"` // access_denied when the person refused
}

// FinishVNeID signs a citizen in whom the national identity vouches for, entering her in the
// directory when she is new, and says which page to go on to.
func (b *Block) FinishVNeID(ctx context.Context, in CallbackIn) (Started, string, error) {
	var was away
	if _, err := b.finish(ctx, ceremonyVNeID, in.Token, &was); err != nil {
		return Started{}, "", err
	}
	if subtle.ConstantTimeCompare([]byte(in.State), []byte(was.Ask.State)) != 1 {
		return Started{}, "", errStep
	}
	if in.Error != "" || in.Code == "" {
		return Started{}, was.Next, fault.Conflict("identity.vneid-refused")
	}
	proof, err := b.c.Provider.Finish(ctx, in.Code, was.Ask)
	if errors.Is(err, ErrRefused) {
		b.c.Log.WarnContext(ctx, "a sign-in by the national identity was refused", "err", err)
		return Started{}, was.Next, fault.Conflict("identity.vneid-refused")
	} else if err != nil {
		b.c.Log.WarnContext(ctx, "the national identity cannot be reached", "err", err)
		return Started{}, was.Next, fault.Conflict("identity.provider-away")
	}
	started, err := b.recognise(ctx, proof, was.Shared)
	return started, was.Next, err
}

// recognise finds or makes the account and the person behind a proof and signs in.
func (b *Block) recognise(ctx context.Context, p Proof, shared bool) (Started, error) {
	known, err := pg.Values[uuid.UUID](b.c.Live.Query(ctx, `SELECT person_id FROM identity.account WHERE subject = $1`, p.Subject))
	if err != nil {
		return Started{}, err
	}
	person := uuid.Nil
	if len(known) > 0 {
		person = known[0]
	}
	e := &entry{method: byVNeID, level: p.Level, shared: shared}
	return b.signIn(ctx, KindCitizen, person, e, func(ctx context.Context, act *audit.Act) (account, error) {
		a, err := b.accountOf(ctx, act, p)
		if err == nil && p.TaxCode != "" && p.Level >= 2 && b.vouched != nil {
			e.party, err = b.vouched(ctx, act, p.TaxCode, p.Organisation)
		}
		return a, err
	})
}

// accountOf is the account behind a proof, made when it is seen for the first time.
func (b *Block) accountOf(ctx context.Context, act *audit.Act, p Proof) (account, error) {
	// two first sign-ins of the same person at once must not enter her twice
	if _, err := act.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended('identity ' || $1, 0))`, p.PersonalID); err != nil {
		return account{}, err
	}
	a, err := pg.One[account](act.Query(ctx, `SELECT `+accountColumns+` FROM identity.account WHERE subject = $1 FOR UPDATE`, p.Subject))
	if fault.KindOf(err) == fault.KindNotFound {
		return b.enter(ctx, act, p)
	} else if err != nil {
		return a, err
	}
	if act.Actor.ID == uuid.Nil { // another sign-in has just entered her
		act.Actor = actor.Actor{ID: a.PersonID, Kind: actor.Citizen, Name: p.Name}
	}
	_, err = act.Exec(ctx, `UPDATE identity.account SET tech_id = nullif($2, ''),
		level = CASE WHEN $3 = 2 THEN 2 ELSE level END, proven_at = CASE WHEN $3 = 2 THEN $4 ELSE proven_at END WHERE id = $1`,
		a.ID, p.TechID, p.Level, act.At)
	return a, err
}

// enter makes the account of a subject seen for the first time.
func (b *Block) enter(ctx context.Context, act *audit.Act, p Proof) (account, error) {
	a := account{ID: uuid.Must(uuid.NewV7()), Kind: KindCitizen, State: "active", Level: p.Level}
	a.Name = "vneid:" + a.ID.String()
	var err error
	if a.PersonID, err = b.personOf(ctx, act, p); err != nil {
		return a, err
	}
	_, err = act.Exec(ctx, `INSERT INTO identity.account (id, person_id, kind, name, subject, tech_id, level, proven_at, created_at)
		VALUES ($1, $2, 'citizen', $3, $4, nullif($5, ''), $6, $7, $7)`, a.ID, a.PersonID, a.Name, p.Subject, p.TechID, p.Level, act.At)
	act.Actor = actor.Actor{ID: a.PersonID, Kind: actor.Citizen, Name: p.Name}
	act.Note("first", true)
	return a, err
}

// personOf finds the person in the directory or enters her. A number alone is not enough: it may
// have been cancelled and given anew, so name and day of birth must agree.
// law: public-services.md 13 — numbers may be re-established; mismatch is a warning, not a block.
func (b *Block) personOf(ctx context.Context, act *audit.Act, p Proof) (uuid.UUID, error) {
	found, err := pg.Values[uuid.UUID](act.Query(ctx, `
		SELECT id FROM directory.person
		WHERE personal_id = @number AND public.vn_fold(@name) = name_fold AND (birth_date IS NULL OR birth_date = @birth)
		ORDER BY birth_date IS NULL, created_at, id LIMIT 1`,
		pgx.NamedArgs{"number": p.PersonalID, "name": directory.CleanName(p.Name), "birth": p.Birth}))
	if err != nil {
		return uuid.Nil, err
	}
	if len(found) > 0 {
		return found[0], nil
	}
	id, err := b.c.People.Register(ctx, act, directory.PersonIn{Name: p.Name, PersonalID: p.PersonalID, BirthDate: p.Birth.Format(time.DateOnly)})
	if err != nil {
		return uuid.Nil, fmt.Errorf("entering a citizen: %w", err)
	}
	return id, nil
}
