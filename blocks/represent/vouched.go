package represent

import (
	"context"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/blocks/directory"
	"datmui/kit/clock"
	"datmui/kit/pg"
)

// national is who settles a mandate that rests on the national identity.
const national = "VNeID"

// Vouched says inside the act of a sign-in that the national identity vouches for the actor as the head
// of an organisation, and gives the party; an organisation that is new here is entered. It has one
// account there: who led it by that account before leads it no longer. It counts for a year from the last
// sign-in of this kind.
// law: public-services.md 13 — LoaiTaiKhoan 2 is an enterprise's account, with MaSoThue and TenDoanhNghiep.
func (b *Block) Vouched(ctx context.Context, act *audit.Act, taxCode, name string) (uuid.UUID, error) {
	// two sign-ins at once must not enter it twice
	if _, err := act.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended('represent ' || $1, 0))`, taxCode); err != nil {
		return uuid.Nil, err
	}
	last := act.At.In(clock.Vietnam).AddDate(1, 0, 0)
	m := Mandate{ID: uuid.Must(uuid.NewV7()), Person: act.Actor.ID, PersonName: act.Actor.Name, Role: Head, Rights: Rights,
		ValidFrom: act.At.In(clock.Vietnam), ValidTo: &last, State: Held, Proof: ByIdentity, SettledBy: national, SettledAt: &act.At}
	var err error
	if m.Party, m.PartyName, err = b.organisation(ctx, act, taxCode, name); err != nil {
		return uuid.Nil, err
	}
	had, err := pg.Values[uuid.UUID](act.Query(ctx, `SELECT id FROM represent.mandate WHERE person = $1 AND party = $2
		AND state IN ('declared', 'invited', 'held') FOR UPDATE`, m.Person, m.Party))
	if err != nil {
		return uuid.Nil, err
	}
	if len(had) == 0 {
		err = b.insert(ctx, act, m)
	} else { // declared with a paper, one of the staff until now, or held by an earlier sign-in
		m.ID = had[0]
		act.About(Kind, m.ID, m.Person, m.Party)
		act.Queue(`UPDATE represent.mandate SET party_name = $2, role = $3, rights = $4, valid_from = least(valid_from, $5::date), valid_to = $6, state = $7, proof = $8,
			proof_ref = '', settled_by = $9, settled_at = $10 WHERE id = $1`,
			m.ID, m.PartyName, m.Role, m.Rights, clock.Day(m.ValidFrom), clock.DayOf(m.ValidTo), m.State, m.Proof, m.SettledBy, act.At)
		err = b.c.Changed(ctx, act, m.Person)
	}
	if err != nil {
		return uuid.Nil, err
	}
	act.Note("mandate", m.ID)
	act.Note("role", m.Role)
	return m.Party, b.succeed(ctx, act, m)
}

// organisation is the confirmed one with a tax code; else the one that the actor has declared, which is
// confirmed by this; else a new one. It has the name that the national identity gives it: another was
// typed by somebody.
func (b *Block) organisation(ctx context.Context, act *audit.Act, taxCode, name string) (party uuid.UUID, called string, err error) {
	name = directory.CleanName(name)
	known, err := pg.Values[uuid.UUID](act.Query(ctx, `SELECT b.id FROM represent.business b
		WHERE b.tax_code = $1 AND (b.confirmed OR EXISTS (SELECT FROM represent.mandate m
			WHERE m.party = b.id AND m.person = $2 AND m.role = 'head' AND m.state = 'declared'))
		ORDER BY b.confirmed DESC, b.at, b.id LIMIT 1`, taxCode, act.Actor.ID))
	if err != nil {
		return uuid.Nil, "", err
	}
	if len(known) > 0 {
		act.Queue(`UPDATE represent.business SET confirmed = true WHERE id = $1 AND NOT confirmed`, known[0])
		act.Queue(`UPDATE represent.mandate SET party_name = $2 WHERE party = $1 AND party_name <> $2 AND state IN ('declared', 'invited', 'held')`, known[0], name)
		return known[0], name, b.c.Directory.RenameOrganisation(ctx, act, known[0], name)
	}
	if party, err = b.c.Directory.RegisterOrganisation(ctx, act, name); err != nil {
		return uuid.Nil, "", err
	}
	_, err = act.Exec(ctx, `INSERT INTO represent.business (id, tax_code, confirmed, at) VALUES ($1, $2, true, $3)`, party, taxCode, act.At)
	return party, name, err
}

// succeed ends what others were by the same account.
func (b *Block) succeed(ctx context.Context, act *audit.Act, m Mandate) error {
	before, err := pg.Values[uuid.UUID](act.Query(ctx, `UPDATE represent.mandate SET state = 'ended', settled_by = $3, settled_at = $4
		WHERE party = $1 AND person <> $2 AND role = 'head' AND proof = 'identity' AND state = 'held' RETURNING person`, m.Party, m.Person, national, act.At))
	if err != nil || len(before) == 0 {
		return err
	}
	act.Note("succeeds", before)
	act.About(Kind, m.ID, before...)
	for _, person := range before {
		if err := b.c.Changed(ctx, act, person); err != nil {
			return err
		}
		if err := b.c.Notify.Send(ctx, act, person, Over{Name: m.PartyName, By: m.PersonName, Path: PathActing}); err != nil {
			return err
		}
	}
	return nil
}
