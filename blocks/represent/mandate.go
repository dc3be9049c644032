package represent

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/blocks/audit"
	"datmui/kit/actor"
	"datmui/kit/clock"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// What a mandate may allow. Seeing what one filed oneself needs none of them.
const (
	File    = "represent.file"    // file, supply, withdraw, complain
	Pay     = "represent.pay"     // see what is owed and pay it
	SeeAll  = "represent.see-all" // see what others filed, too, and the papers in the store
	Collect = "represent.collect" // take results
	Manage  = "represent.manage"  // invite staff, change and end their rights
)

// Rights lists them as a form does.
var Rights = []string{File, Pay, SeeAll, Collect, Manage}

// Roles.
const (
	Parent   = "parent"
	Guardian = "guardian"
	Head     = "head" // legal representative of a business
	Staff    = "staff"
)

// States of a mandate.
const (
	Declared = "declared" // said, with a paper that nobody has looked at yet
	Invited  = "invited"  // offered, not taken yet
	Held     = "held"
	Refused  = "refused"
	Ended    = "ended"
)

// What a mandate rests on.
const (
	ByRegister = "register" // what the state itself has recorded
	ByPaper    = "paper"
	Given      = "given"    // by somebody who may
	ByIdentity = "identity" // the organisation's account at the national identity
)

// Mandate is by what one person acts for a party.
type Mandate struct {
	ID         uuid.UUID
	Party      uuid.UUID
	PartyName  string
	TaxCode    string // of a business; "" of a person
	Number     string // typed for a person new here; hers once an officer has seen it
	Person     uuid.UUID
	PersonName string
	Role       string
	Rights     []string
	ValidFrom  time.Time
	ValidTo    *time.Time // the first day on which it holds no longer
	State      string
	Proof      string
	ProofRef   string
	SaidAt     time.Time
	SettledBy  string
	SettledAt  *time.Time
	Why        string
}

const columns = `m.id, m.party, m.party_name, coalesce(b.tax_code, '') AS tax_code, m.number, m.person, m.person_name, m.role, m.rights,
	m.valid_from, m.valid_to, m.state, m.proof, m.proof_ref, m.said_at, m.settled_by, m.settled_at, m.why`

const from = ` FROM represent.mandate m LEFT JOIN represent.business b ON b.id = m.party `

// Kind is what audit entries and files call a mandate.
const Kind = "represent.mandate"

// Counts says whether one may act by the mandate at a moment.
func (m Mandate) Counts(at time.Time) bool {
	d := clock.Day(at)
	return (m.State == Held || m.State == Declared) && m.ValidFrom.Format(time.DateOnly) <= d &&
		(m.ValidTo == nil || m.ValidTo.Format(time.DateOnly) > d)
}

// Outranks says whether who leads by this mandate may end another's.
func (m Mandate) Outranks(other Mandate) bool {
	return m.Role == Head && m.Proof == ByIdentity && other.Role == Head && other.Proof != ByIdentity
}

// Allows are the rights it gives now: as long as nobody has looked at the paper, to file and to pay.
func (m Mandate) Allows() []string {
	if m.State == Declared {
		return []string{File, Pay}
	}
	return m.Rights
}

// Last is the last day on which it holds; false where it has no end.
func (m Mandate) Last() (time.Time, bool) {
	if m.ValidTo == nil {
		return time.Time{}, false
	}
	return m.ValidTo.AddDate(0, 0, -1), true
}

// AuditPersons says whose record a mandate is.
func (m Mandate) AuditPersons() []uuid.UUID { return []uuid.UUID{m.Person, m.Party} }

// Acting is in whose name a person acts who has chosen a party, and what she may do there;
// fault.NotFound when she may not, or no longer.
func Acting(ctx context.Context, r pg.Reader, person, party uuid.UUID, at time.Time) (actor.Party, []actor.Grant, error) {
	m, err := Open(ctx, r, person, party)
	if err == nil && !m.Counts(at) {
		err = fault.NotFound(Kind)
	}
	if err != nil {
		return actor.Party{}, nil, err
	}
	grants := []actor.Grant{}
	for _, right := range m.Allows() {
		grants = append(grants, actor.Grant{Right: right, Agency: party.String()})
	}
	return actor.Party{ID: m.Party, Name: m.PartyName}, grants, nil
}

// Again asks inside an act whether who acts for another still may: a session remembers for a while.
// What she may do now stands in the act's actor afterwards.
func Again(ctx context.Context, act *audit.Act) error {
	a := act.Actor
	if a.For.ID == uuid.Nil {
		return nil
	}
	_, grants, err := Acting(ctx, act, a.ID, a.For.ID, act.At)
	if fault.KindOf(err) == fault.KindNotFound {
		return fault.Forbidden("represent.over")
	}
	act.Actor.Grants = grants
	return err
}

// lock reads a mandate for change.
func lock(ctx context.Context, act *audit.Act, id uuid.UUID) (Mandate, error) {
	m, err := pg.One[Mandate](act.Query(ctx, `SELECT `+columns+from+`WHERE m.id = $1 FOR UPDATE OF m`, id))
	if fault.KindOf(err) == fault.KindNotFound {
		return m, fault.NotFound(Kind)
	}
	act.About(Kind, id, m.Person, m.Party)
	return m, err
}

// subset says whether all of some rights are among others.
func subset(some, of []string) bool {
	return !slices.ContainsFunc(some, func(r string) bool { return !slices.Contains(of, r) })
}

// rightsOf are the rights that an actor has for whom she acts.
func rightsOf(a actor.Actor) []string {
	var out []string
	for _, r := range Rights {
		if a.May(r, a.For.ID.String()) {
			out = append(out, r)
		}
	}
	return out
}

// insert writes a new mandate, if the person has none for the party yet.
func (b *Block) insert(ctx context.Context, act *audit.Act, m Mandate) error {
	there, err := pg.Value[bool](act.Query(ctx, `SELECT EXISTS (SELECT FROM represent.mandate
		WHERE person = $1 AND party = $2 AND state IN ('declared', 'invited', 'held'))`, m.Person, m.Party))
	if err != nil {
		return err
	}
	if there {
		return fault.Conflict("represent.already", "name", m.PartyName)
	}
	act.About(Kind, m.ID, m.Person, m.Party)
	act.Note("role", m.Role)
	act.Note("rights", m.Rights)
	_, err = act.Exec(ctx, `INSERT INTO represent.mandate (id, party, party_name, number, person, person_name, role, rights, valid_from, valid_to,
			state, proof, proof_ref, said_by, said_at, settled_by, settled_at)
		VALUES (@id, @party, @party_name, @number, @person, @person_name, @role, @rights, @from, @to, @state, @proof, @ref, @by, @at, @settler, @settled)`,
		pgx.NamedArgs{"id": m.ID, "party": m.Party, "party_name": m.PartyName, "number": m.Number, "person": m.Person, "person_name": m.PersonName, "role": m.Role,
			"rights": m.Rights, "from": m.ValidFrom.Format(time.DateOnly), "to": clock.DayOf(m.ValidTo), "state": m.State, "proof": m.Proof,
			"ref": m.ProofRef, "by": act.Actor.ID, "at": act.At, "settler": m.SettledBy, "settled": m.SettledAt})
	if err != nil {
		return err
	}
	return b.c.Changed(ctx, act, m.Person)
}
