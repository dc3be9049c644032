package identity

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/blocks/audit"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// passkeysMost is how many passkeys an account may have.
const passkeysMost = 10

// Passkey is one of a person's keys, as the person sees it.
type Passkey struct {
	ID        []byte
	Label     string
	CreatedAt time.Time
	UsedAt    *time.Time
}

// holder is an account as the authenticator library wants it.
type holder struct {
	account account
	display string
	records []webauthn.Credential
}

func (h holder) WebAuthnID() []byte                         { return h.account.ID[:] }
func (h holder) WebAuthnName() string                       { return h.account.Name }
func (h holder) WebAuthnDisplayName() string                { return h.display }
func (h holder) WebAuthnCredentials() []webauthn.Credential { return h.records }

func holderOf(ctx context.Context, r pg.Reader, a account, display string) (holder, error) {
	raw, err := pg.Values[[]byte](r.Query(ctx, `SELECT record FROM identity.passkey WHERE account_id = $1 ORDER BY created_at`, a.ID))
	if err != nil {
		return holder{}, err
	}
	h := holder{account: a, display: display}
	for _, b := range raw {
		var c webauthn.Credential
		if err := json.Unmarshal(b, &c); err != nil {
			return holder{}, fmt.Errorf("reading a passkey of %s: %w", a.ID, err)
		}
		h.records = append(h.records, c)
	}
	return h, nil
}

// errPasskey says that a passkey did not prove anything; the cause goes to the log.
var errPasskey = fault.Fields{"": "passkey-wrong"}

// BeginPasskey starts a sign-in by a passkey: options for the browser (JSON) and a token. It needs
// no name, so it tells nothing about any account.
func (b *Block) BeginPasskey(ctx context.Context) (options []byte, token string, err error) {
	assertion, data, err := b.keyer.BeginDiscoverableLogin()
	if err != nil {
		return nil, "", err
	}
	if token, err = b.begin(ctx, ceremonyPasskey, uuid.Nil, data); err != nil {
		return nil, "", err
	}
	options, err = json.Marshal(assertion)
	return options, token, err
}

// FinishPasskey ends a sign-in by a passkey: answer is what the browser's authenticator said
// (JSON). The key and the person's finger or PIN are two factors at once. A citizen returns at
// the level of the national identity's last word, while that is not too old.
func (b *Block) FinishPasskey(ctx context.Context, token string, answer []byte, shared bool) (Started, error) {
	var data webauthn.SessionData
	if _, err := b.finish(ctx, ceremonyPasskey, token, &data); err != nil {
		return Started{}, err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return Started{}, b.refused(ctx, err)
	}
	a, err := b.keyHolder(ctx, parsed.RawID, parsed.Response.UserHandle)
	if err != nil {
		return Started{}, err
	}
	e := &entry{method: byPasskey, shared: shared}
	if a.Kind == KindCitizen {
		e.level = 1
		if a.Level == 2 && a.ProvenAt != nil && b.c.Clock.Now().Sub(*a.ProvenAt) <= b.c.ProofAge {
			e.level = 2
		}
	}
	return b.signIn(ctx, a.Kind, a.PersonID, e, func(ctx context.Context, act *audit.Act) (account, error) {
		locked, err := accountByID(ctx, act, a.ID, "FOR UPDATE") // two sign-ins at once must not use one counter
		if err != nil {
			return locked, err
		}
		h, err := holderOf(ctx, act, locked, "")
		if err != nil {
			return locked, err
		}
		cred, err := b.keyer.ValidateDiscoverableLogin(func([]byte, []byte) (webauthn.User, error) { return h, nil }, data, parsed)
		if err != nil {
			return locked, b.refused(ctx, err)
		}
		if cred.Authenticator.CloneWarning {
			return locked, b.refused(ctx, errors.New("the counter of the key went backwards: it may have been copied"))
		}
		record, err := json.Marshal(cred)
		if err != nil {
			return locked, err
		}
		_, err = act.Exec(ctx, `UPDATE identity.passkey SET record = $2, used_at = $3 WHERE id = $1`, cred.ID, record, act.At)
		return locked, err
	})
}

// keyHolder finds whose key answered. The user handle must name the same account as the key.
func (b *Block) keyHolder(ctx context.Context, id, handle []byte) (account, error) {
	owner, err := pg.Value[uuid.UUID](b.c.Live.Query(ctx, `SELECT account_id FROM identity.passkey WHERE id = @id`, pgx.NamedArgs{"id": id}))
	if fault.KindOf(err) == fault.KindNotFound || err == nil && string(owner[:]) != string(handle) {
		return account{}, b.refused(ctx, errors.New("the key is not known here"))
	} else if err != nil {
		return account{}, err
	}
	return accountByID(ctx, b.c.Live, owner, "")
}

func (b *Block) refused(ctx context.Context, err error) error {
	b.c.Log.InfoContext(ctx, "a passkey was refused", "err", err, "network", clientOf(ctx).network())
	return errPasskey
}

// BeginAdd starts the registration of a passkey for the actor, who must have signed in just now;
// a citizen must have come at level 2, because the key will stand for it.
func (b *Block) BeginAdd(ctx context.Context) (options []byte, token string, err error) {
	a, who, err := b.mayAdd(ctx)
	if err != nil {
		return nil, "", err
	}
	h, err := holderOf(ctx, b.c.Live, a, who)
	if err != nil {
		return nil, "", err
	}
	if len(h.records) >= passkeysMost {
		return nil, "", fault.Limit("identity.passkeys")
	}
	var have []protocol.CredentialDescriptor
	for _, c := range h.records {
		have = append(have, c.Descriptor())
	}
	creation, data, err := b.keyer.BeginRegistration(h, webauthn.WithExclusions(have))
	if err != nil {
		return nil, "", err
	}
	if token, err = b.begin(ctx, ceremonyAdd, a.ID, data); err != nil {
		return nil, "", err
	}
	options, err = json.Marshal(creation)
	return options, token, err
}

func (b *Block) mayAdd(ctx context.Context) (account, string, error) {
	a, err := b.own(ctx)
	if err != nil {
		return a, "", err
	}
	who := actor.From(ctx)
	if a.Kind == KindCitizen && who.Level < 2 {
		return a, "", fault.Forbidden("level-2")
	}
	return a, who.Name, b.fresh(ctx, b.c.Live)
}

// FinishAdd keeps the new passkey under a label the person gave.
func (b *Block) FinishAdd(ctx context.Context, token, label string, answer []byte) error {
	label = strings.Join(strings.Fields(label), " ")
	if label == "" {
		label = AgentClass(clientOf(ctx).Agent)
	}
	if len([]rune(label)) > 60 {
		return fault.Fields{"label": "too-long:60"}
	}
	a, who, err := b.mayAdd(ctx)
	if err != nil {
		return err
	}
	var data webauthn.SessionData
	id, err := b.finish(ctx, ceremonyAdd, token, &data)
	if err != nil {
		return err
	}
	if id != a.ID {
		return errStep
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return b.refused(ctx, err)
	}
	cred, err := b.keyer.CreateCredential(holder{account: a, display: who}, data, parsed)
	if err != nil {
		return b.refused(ctx, err)
	}
	record, err := json.Marshal(cred)
	if err != nil {
		return err
	}
	err = b.c.Book.Act(ctx, "identity.passkey.add", func(ctx context.Context, act *audit.Act) error {
		act.About("identity.account", a.ID, a.PersonID)
		_, err := act.Exec(ctx, `INSERT INTO identity.passkey (id, account_id, record, label, created_at) VALUES ($1, $2, $3, $4, $5)`,
			cred.ID, a.ID, record, label, act.At)
		return err
	})
	if pg.IsUnique(err, "passkey_pkey") {
		return errPasskey
	}
	return err
}

// RemovePasskey removes one of the actor's passkeys.
func (b *Block) RemovePasskey(ctx context.Context, id []byte) error {
	a, err := b.own(ctx)
	if err != nil {
		return err
	}
	return b.c.Book.Act(ctx, "identity.passkey.remove", func(ctx context.Context, act *audit.Act) error {
		act.About("identity.account", a.ID, a.PersonID)
		if err := b.fresh(ctx, act); err != nil {
			return err
		}
		tag, err := act.Exec(ctx, `DELETE FROM identity.passkey WHERE id = $1 AND account_id = $2`, id, a.ID)
		if err == nil && tag.RowsAffected() == 0 {
			return fault.NotFound("passkey")
		}
		return err
	})
}
