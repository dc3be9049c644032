package identity

import (
	"context"
	"crypto/sha256"
	"fmt"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/kit/actor"
	"datmui/kit/fault"
)

// Step is what an official's sign-in asks for next.
type Step string

// The steps in their order. A sign-in by password always ends with a code: of the phone, or of
// the recovery sheet.
const (
	StepChange Step = "change" // choose a password of one's own
	StepEnrol  Step = "enrol"  // set up the six-digit codes
	StepCode   Step = "code"   // type a code
	StepDone   Step = "done"
)

// Next is where a sign-in stands: a token for the next step, or the session.
type Next struct {
	Step     Step
	Token    string  // for the next step; "" when done
	Session  Started // when done
	Recovery []string
}

// steps is what a sign-in on its way remembers.
type steps struct {
	Shared bool   `json:"shared,omitempty"`
	Link   []byte `json:"link,omitempty"` // hash of the one-time link it began with
	Basis  []byte `json:"basis"`          // digest of the password hash: another password ends the ceremony
	Secret string `json:"secret,omitempty"`
}

func basis(a account) []byte {
	if a.PasswordHash == nil {
		return []byte{}
	}
	sum := sha256.Sum256([]byte(*a.PasswordHash))
	return sum[:]
}

// PasswordIn is the first form of an official's sign-in.
type PasswordIn struct {
	Name     string `form:"name"`
	Password string `form:"password"`
	Shared   bool   `form:"shared"` // others use this machine too
}

// errWrong says that name or password is wrong, and never which.
var errWrong = fault.Fields{"": "sign-in-wrong"}

// Password checks name and password and says what comes next. Unknown names take as long as known
// ones. A name or password that is wrong is fault.Fields; too many failures from where the
// person is are fault.Limit.
func (b *Block) Password(ctx context.Context, in PasswordIn) (Next, error) {
	f := fault.Fields{}
	name := cleanName(in.Name)
	if name == "" {
		f.Set("name", "required")
	}
	if in.Password == "" {
		f.Set("password", "required")
	}
	if f.Any() {
		return Next{}, f
	}
	if len(in.Password) > longest || !signName.MatchString(name) {
		name, in.Password = "-", "-" // goes the same way, and fails
	}
	a, err := accountByName(ctx, b.c.DB, name)
	if err != nil && fault.KindOf(err) != fault.KindNotFound {
		return Next{}, fmt.Errorf("looking for an account: %w", err)
	}
	g, err := b.guard(ctx, name, a)
	if err != nil {
		return Next{}, err
	}
	hash := a.PasswordHash
	if a.Kind != KindOfficial || !a.open() {
		hash = nil
	}
	ok, err := b.hasher.check(ctx, g.known, in.Password, hash)
	if err != nil {
		return Next{}, err
	}
	if !ok {
		b.c.Log.InfoContext(ctx, "a sign-in failed", "account", a.ID, "network", clientOf(ctx).network())
		if err := g.failed(ctx); err != nil {
			return Next{}, err
		}
		return Next{}, errWrong
	}
	if err := b.giveBack(ctx, g.own); err != nil {
		return Next{}, err
	}
	return b.next(ctx, a, steps{Shared: in.Shared, Basis: basis(a)})
}

// guarded are the buckets that one attempt fills.
type guarded struct {
	b       *Block
	own     bucket
	network *bucket // nil on a device or network the account is known on
	known   bool    // the account has signed in on this device before
}

// guard refuses when too many failures came from here, and counts this attempt until it succeeds.
func (b *Block) guard(ctx context.Context, name string, a account) (guarded, error) {
	network := clientOf(ctx).network()
	g := guarded{b: b, own: pairBucket(name, network)}
	known, err := b.familiar(ctx, a.ID) // asked for unknown names too: the same work
	if err != nil {
		return g, err
	}
	if known.device != nil {
		g.known = true
		g.own = bucket{"device " + digest(name) + " " + deviceKey(known.device), deviceBurst, deviceLeak}
	} else if !known.network {
		n := networkBucket(network)
		g.network = &n
		if err := b.full(ctx, n); err != nil {
			return g, err
		}
	}
	return g, b.take(ctx, g.own)
}

func (g guarded) failed(ctx context.Context) error {
	if g.network == nil {
		return nil
	}
	return g.b.add(ctx, *g.network)
}

// next begins the ceremony of the steps that are left.
func (b *Block) next(ctx context.Context, a account, s steps) (Next, error) {
	step, err := b.stepOf(ctx, a, s)
	if err != nil {
		return Next{}, err
	}
	token, err := b.begin(ctx, ceremonySteps, a.ID, s)
	return Next{Step: step, Token: token}, err
}

// stepOf says what an account still has to do.
func (b *Block) stepOf(ctx context.Context, a account, s steps) (Step, error) {
	if a.MustChange || s.Link != nil {
		return StepChange, nil
	}
	if a.TotpSecret != nil {
		return StepCode, nil
	}
	return StepEnrol, nil
}

// AtStep says which step a sign-in on its way is at, and whose it is.
func (b *Block) AtStep(ctx context.Context, token string) (step Step, name string, err error) {
	var s steps
	a, err := b.stepping(ctx, b.look, token, &s)
	if err != nil {
		return "", "", err
	}
	step, err = b.stepOf(ctx, a, s)
	return step, a.Name, err
}

// stepping opens a sign-in on its way by one of the doors look, try and finish, and checks that
// the password is still the one it began with.
func (b *Block) stepping(ctx context.Context, door func(context.Context, string, string, any) (uuid.UUID, error), token string, s *steps) (account, error) {
	id, err := door(ctx, ceremonySteps, token, s)
	if err != nil {
		return account{}, err
	}
	a, err := accountByID(ctx, b.c.Live, id, "")
	if err != nil {
		return account{}, gone(err, "account")
	}
	if !a.open() || string(basis(a)) != string(s.Basis) {
		return account{}, errStep
	}
	return a, nil
}

// CodeIn is the second form.
type CodeIn struct {
	Token string `form:"-"`
	Code  string `form:"code"` // six digits of the phone, or a recovery code
}

// Code ends the sign-in of somebody who knows the password.
func (b *Block) Code(ctx context.Context, in CodeIn) (Next, error) {
	if in.Code == "" {
		return Next{}, fault.Fields{"code": "required"}
	}
	var s steps
	a, err := b.stepping(ctx, b.try, in.Token, &s)
	if err != nil {
		return Next{}, err
	}
	if step, err := b.stepOf(ctx, a, s); err != nil || step != StepCode {
		return Next{}, errStep
	}
	known, err := b.familiar(ctx, a.ID)
	if err != nil {
		return Next{}, err
	}
	k := secondBucket(a.ID, known.device)
	if err := b.take(ctx, k); err != nil {
		return Next{}, err
	}
	started, err := b.signIn(ctx, a.Kind, a.PersonID, &entry{method: byPassword, shared: s.Shared}, func(ctx context.Context, act *audit.Act) (account, error) {
		locked, err := accountByID(ctx, act, a.ID, "FOR UPDATE")
		if err != nil {
			return locked, err
		}
		return locked, b.useCode(ctx, act, locked, in.Code)
	})
	if err != nil {
		return Next{}, err
	}
	if err := b.drop(ctx, in.Token); err != nil {
		return Next{}, err
	}
	return Next{Step: StepDone, Session: started}, b.giveBack(ctx, k)
}

// useCode takes a code of the phone or of the recovery sheet; neither works twice.
func (b *Block) useCode(ctx context.Context, act *audit.Act, a account, code string) error {
	if digits := onlyDigits(code); len(digits) == totpDigits {
		secret, err := b.keys.open(a.TotpSecret, a.ID[:])
		if err != nil {
			return err
		}
		step, ok := totpStep(string(secret), digits, act.At)
		if !ok {
			return fault.Fields{"code": "code-wrong"}
		}
		if step <= a.TotpStep {
			return fault.Fields{"code": "code-used"}
		}
		_, err = act.Exec(ctx, `UPDATE identity.account SET totp_step = $2 WHERE id = $1`, a.ID, step)
		act.Note("second", "code")
		return err
	}
	tag, err := act.Exec(ctx, `UPDATE identity.recovery SET used_at = $3 WHERE account_id = $1 AND hash = $2 AND used_at IS NULL`,
		a.ID, b.keys.recovery(a.ID[:], cleanRecovery(code)), act.At)
	if err != nil {
		return err
	}
	if tag.RowsAffected() == 0 {
		return fault.Fields{"code": "code-wrong"}
	}
	act.Note("second", "recovery")
	return nil
}

// NewPasswordIn is the form of a password.
type NewPasswordIn struct {
	Token    string `form:"-"`
	Password string `form:"password"`
	Repeat   string `form:"repeat"`
}

// NewPassword sets the password on the way in: after a one-time link, or when the one before was
// not the person's own. A link works once.
func (b *Block) NewPassword(ctx context.Context, in NewPasswordIn) (Next, error) {
	var s steps
	a, err := b.stepping(ctx, b.look, in.Token, &s)
	if err != nil {
		return Next{}, err
	}
	if step, err := b.stepOf(ctx, a, s); err != nil || step != StepChange {
		return Next{}, errStep
	}
	hash, err := b.newHash(ctx, in.Password, in.Repeat, a)
	if err != nil {
		return Next{}, err
	}
	who, err := b.c.People.Actor(ctx, b.c.DB, a.PersonID, uuid.Nil, b.c.Clock.Now())
	if err != nil {
		return Next{}, err
	}
	err = b.c.Book.Act(actor.With(ctx, who), "identity.password.set", func(ctx context.Context, act *audit.Act) error {
		act.About("identity.account", a.ID, a.PersonID)
		if s.Link != nil {
			if err := spendLink(ctx, act, a, s.Link); err != nil {
				return err
			}
		}
		if _, err := act.Exec(ctx, `UPDATE identity.account SET password_hash = $2, must_change = false WHERE id = $1`, a.ID, hash); err != nil {
			return err
		}
		return endAll(ctx, act, a.ID, uuid.Nil)
	})
	b.cache.forget(a.ID)
	if err != nil {
		return Next{}, err
	}
	if err := b.drop(ctx, in.Token); err != nil {
		return Next{}, err
	}
	if a, err = accountByID(ctx, b.c.Live, a.ID, ""); err != nil {
		return Next{}, err
	}
	return b.next(ctx, a, steps{Shared: s.Shared, Basis: basis(a)})
}

// newHash checks a new password and hashes it.
func (b *Block) newHash(ctx context.Context, password, repeat string, a account) (string, error) {
	f := checkNew("password", password, a.Name)
	if !f.Any() && normal(password) != normal(repeat) {
		f.Set("repeat", "password-repeat")
	}
	if f.Any() {
		return "", f
	}
	same, err := b.hasher.check(ctx, true, password, a.PasswordHash)
	if err != nil {
		return "", err
	}
	if same {
		return "", fault.Fields{"password": "password-same"}
	}
	return b.hasher.make(ctx, true, password)
}

// ChangePasswordIn is the form of somebody who is signed in.
type ChangePasswordIn struct {
	Current  string `form:"current"`
	Password string `form:"password"`
	Repeat   string `form:"repeat"`
}

// ChangePassword changes the actor's own password and ends all other sessions.
func (b *Block) ChangePassword(ctx context.Context, in ChangePasswordIn) error {
	a, err := b.own(ctx)
	if err != nil {
		return err
	}
	if a.Kind != KindOfficial || a.PasswordHash == nil {
		return fault.Forbidden("identity.password")
	}
	g, err := b.guard(ctx, a.Name, a)
	if err != nil {
		return err
	}
	ok, err := b.hasher.check(ctx, true, in.Current, a.PasswordHash)
	if err != nil {
		return err
	}
	if !ok {
		if err := g.failed(ctx); err != nil {
			return err
		}
		return fault.Fields{"current": "password-wrong"}
	}
	if err := b.giveBack(ctx, g.own); err != nil {
		return err
	}
	hash, err := b.newHash(ctx, in.Password, in.Repeat, a)
	if err != nil {
		return err
	}
	err = b.c.Book.Act(ctx, "identity.password.change", func(ctx context.Context, act *audit.Act) error {
		act.About("identity.account", a.ID, a.PersonID)
		tag, err := act.Exec(ctx, `UPDATE identity.account SET password_hash = $2, must_change = false WHERE id = $1 AND password_hash = $3`,
			a.ID, hash, *a.PasswordHash)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return fault.Conflict("identity.password-changed")
		}
		return endAll(ctx, act, a.ID, act.Actor.Session)
	})
	b.cache.forget(a.ID)
	return err
}
