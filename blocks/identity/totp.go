package identity

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base32"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/pquerna/otp/hotp"

	"datmui/blocks/audit"
	"datmui/kit/fault"
)

const (
	totpDigits = 6
	totpPeriod = 30 // seconds
)

// totpStep finds the time step a code belongs to: now, or one step to either side for clocks that
// are not quite right.
func totpStep(secret, code string, at time.Time) (int64, bool) {
	now := at.Unix() / totpPeriod
	found := int64(-1)
	for step := now - 1; step <= now+1; step++ {
		want, err := hotp.GenerateCode(secret, uint64(step))
		if err == nil && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			found = step
		}
	}
	return found, found >= 0
}

func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '\u00a0' {
			return -1
		}
		if r < '0' || r > '9' {
			return 'x'
		}
		return r
	}, s)
}

// Enrolment is what is shown to set up a phone.
type Enrolment struct {
	Secret string // to type by hand, in groups of four
	URL    string // otpauth:// for the QR
	Name   string // of the account
}

func (b *Block) enrolment(secret, name string) Enrolment {
	v := url.Values{"secret": {secret}, "issuer": {b.c.Title}, "algorithm": {"SHA1"}, "digits": {"6"}, "period": {"30"}}
	label := url.PathEscape(b.c.Title + ":" + name)
	var groups []string
	for i := 0; i < len(secret); i += 4 {
		groups = append(groups, secret[i:min(i+4, len(secret))])
	}
	return Enrolment{Secret: strings.Join(groups, " "), Name: name,
		URL: "otpauth://totp/" + label + "?" + strings.ReplaceAll(v.Encode(), "+", "%20")}
}

func newSecret() string {
	raw := make([]byte, 20)
	_, _ = rand.Read(raw) // never fails since Go 1.24
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(raw)
}

// Enrol shows the secret of a sign-in that must set up its codes; asked again it shows the same.
func (b *Block) Enrol(ctx context.Context, token string) (Enrolment, error) {
	var s steps
	a, err := b.stepping(ctx, b.look, token, &s)
	if err != nil {
		return Enrolment{}, err
	}
	if step, err := b.stepOf(ctx, a, s); err != nil || step != StepEnrol {
		return Enrolment{}, errStep
	}
	if s.Secret == "" {
		s.Secret = newSecret()
		if err := b.keep(ctx, token, s); err != nil {
			return Enrolment{}, err
		}
	}
	return b.enrolment(s.Secret, a.Name), nil
}

// ConfirmEnrol takes the first code, keeps the secret, makes recovery codes and ends the sign-in.
func (b *Block) ConfirmEnrol(ctx context.Context, in CodeIn) (Next, error) {
	var s steps
	a, err := b.stepping(ctx, b.look, in.Token, &s)
	if err != nil {
		return Next{}, err
	}
	if s.Secret == "" || a.TotpSecret != nil {
		return Next{}, errStep
	}
	var codes []string
	started, err := b.signIn(ctx, a.Kind, a.PersonID, &entry{method: byPassword, shared: s.Shared}, func(ctx context.Context, act *audit.Act) (account, error) {
		locked, err := accountByID(ctx, act, a.ID, "FOR UPDATE")
		if err != nil {
			return locked, err
		}
		if locked.TotpSecret != nil {
			return locked, errStep
		}
		codes, err = b.setSecret(ctx, act, locked, s.Secret, in.Code)
		return locked, err
	})
	if err != nil {
		return Next{}, err
	}
	return Next{Step: StepDone, Session: started, Recovery: codes}, b.drop(ctx, in.Token)
}

// setSecret keeps a secret whose first code is right, with new recovery codes.
func (b *Block) setSecret(ctx context.Context, act *audit.Act, a account, secret, code string) ([]string, error) {
	step, ok := totpStep(secret, onlyDigits(code), act.At)
	if !ok {
		return nil, fault.Fields{"code": "code-wrong"}
	}
	if _, err := act.Exec(ctx, `UPDATE identity.account SET totp_secret = $2, totp_step = $3 WHERE id = $1`,
		a.ID, b.keys.close([]byte(secret), a.ID[:]), step); err != nil {
		return nil, err
	}
	act.Note("second", "enrolled")
	return b.newRecovery(ctx, act, a.ID)
}

// totpData is a secret shown to somebody who is signed in.
type totpData struct {
	Secret string `json:"secret"`
}

// BeginTotp shows a new secret to the actor, who replaces the phone. Nothing changes until
// FinishTotp.
func (b *Block) BeginTotp(ctx context.Context) (Enrolment, string, error) {
	a, err := b.own(ctx)
	if err != nil {
		return Enrolment{}, "", err
	}
	if a.Kind != KindOfficial {
		return Enrolment{}, "", fault.Forbidden("identity.totp")
	}
	if err := b.fresh(ctx, b.c.Live); err != nil {
		return Enrolment{}, "", err
	}
	secret := newSecret()
	token, err := b.begin(ctx, ceremonyTotp, a.ID, totpData{secret})
	return b.enrolment(secret, a.Name), token, err
}

// AgainTotp shows the secret of BeginTotp once more: the code was mistyped.
func (b *Block) AgainTotp(ctx context.Context, token string) (Enrolment, error) {
	var d totpData
	a, err := b.ownCeremony(ctx, ceremonyTotp, token, &d)
	return b.enrolment(d.Secret, a.Name), err
}

// FinishTotp takes the first code of the new phone and gives new recovery codes; the old phone and
// the old codes work no longer.
func (b *Block) FinishTotp(ctx context.Context, in CodeIn) ([]string, error) {
	var d totpData
	a, err := b.ownCeremony(ctx, ceremonyTotp, in.Token, &d)
	if err != nil {
		return nil, err
	}
	var codes []string
	err = b.c.Book.Act(ctx, "identity.totp.set", func(ctx context.Context, act *audit.Act) error {
		act.About("identity.account", a.ID, a.PersonID)
		if err := b.fresh(ctx, act); err != nil {
			return err
		}
		codes, err = b.setSecret(ctx, act, a, d.Secret, in.Code)
		return err
	})
	if err != nil {
		return nil, err
	}
	return codes, b.drop(ctx, in.Token)
}

// ownCeremony looks at a ceremony that must be the actor's own.
func (b *Block) ownCeremony(ctx context.Context, kind, token string, data any) (account, error) {
	a, err := b.own(ctx)
	if err != nil {
		return a, err
	}
	id, err := b.look(ctx, kind, token, data)
	if err != nil {
		return a, err
	}
	if id != a.ID || id == uuid.Nil {
		return a, errStep
	}
	return a, nil
}
