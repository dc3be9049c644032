package directory

import (
	"context"
	"net/mail"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"golang.org/x/text/unicode/norm"

	"datmui/blocks/audit"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// PersonIn is what is known about a person who is entered.
type PersonIn struct {
	Name          string `form:"name"`
	PersonalID    string `form:"personal_id"` // 12 digits or ""
	BirthDate     string `form:"birth_date"`  // "" where not known
	Sex           string `form:"sex"`         // male, female or ""
	Phone         string `form:"phone"`
	Email         string `form:"email"`
	ResidenceUnit string `form:"residence_unit"`
	Residence     string `form:"residence"`
}

// clean puts the input into the form in which it is kept and says what is wrong with it.
func (in *PersonIn) clean() fault.Fields {
	f := fault.Fields{}
	in.Name = CleanName(in.Name)
	in.PersonalID = strings.ReplaceAll(strings.TrimSpace(in.PersonalID), " ", "")
	in.Phone = cleanPhone(in.Phone)
	in.Email = strings.TrimSpace(in.Email)
	in.Residence = norm.NFC.String(strings.TrimSpace(in.Residence))
	required(f, "name", in.Name)
	limited(f, "name", in.Name, 120)
	limited(f, "residence", in.Residence, 300)
	if in.PersonalID != "" && !isDigits(in.PersonalID, 12) {
		f.Set("personal_id", "personal-id")
	}
	if in.BirthDate != "" {
		if d, ok := date(strings.TrimSpace(in.BirthDate)); !ok || d.After(time.Now()) {
			f.Set("birth_date", "date")
		}
	}
	if in.Sex != "" && in.Sex != "male" && in.Sex != "female" {
		f.Set("sex", "unknown")
	}
	checkContact(f, in.Phone, in.Email)
	return f
}

// CleanName joins the parts of a name by single spaces, in NFC: lists, seals and searches rely on it.
func CleanName(s string) string { return norm.NFC.String(strings.Join(strings.Fields(s), " ")) }

func cleanPhone(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" .-()", r) {
			return -1
		}
		return r
	}, s)
}

func isDigits(s string, n int) bool {
	return len(s) == n && strings.Trim(s, "0123456789") == ""
}

func checkContact(f fault.Fields, phone, email string) {
	if digits := strings.TrimPrefix(phone, "+"); phone != "" && (len(digits) < 6 || len(digits) > 15 || !isDigits(digits, len(digits))) {
		f.Set("phone", "phone")
	}
	if email != "" {
		if a, err := mail.ParseAddress(email); err != nil || a.Address != email || len(email) > 200 {
			f.Set("email", "email")
		}
	}
}

// Register enters a person inside another module's act (a first sign-in, a counter, an import)
// and returns the id. It never looks for an earlier record: who calls decides whether it is the same person.
func (b *Block) Register(ctx context.Context, act *audit.Act, in PersonIn) (uuid.UUID, error) {
	if f := in.clean(); f.Any() {
		return uuid.Nil, f
	}
	id := uuid.Must(uuid.NewV7())
	_, err := act.Exec(ctx, `
		INSERT INTO directory.person (id, personal_id, name, birth_date, sex, phone, email, residence_unit, residence, created_at)
		VALUES ($1, nullif($2, ''), $3, $4, nullif($5, ''), nullif($6, ''), nullif($7, ''), nullif($8, ''), $9, $10)`,
		id, in.PersonalID, in.Name, in.birth(), in.Sex, in.Phone, in.Email, in.ResidenceUnit, in.Residence, act.At)
	return id, err
}

// GiveNumber writes down the personal number of somebody who was entered without one, when an official
// has seen it; one that somebody bears already stays his alone. For acts of other modules.
func (b *Block) GiveNumber(ctx context.Context, act *audit.Act, person uuid.UUID, number string) error {
	_, err := act.Exec(ctx, `UPDATE directory.person SET personal_id = $2, version = version + 1
		WHERE id = $1 AND personal_id IS NULL AND NOT EXISTS (SELECT FROM directory.person WHERE personal_id = $2)`, person, number)
	return err
}

// RegisterOrganisation enters an organisation that files by its people: a party like a person, and no
// citizen. For acts of other modules.
func (b *Block) RegisterOrganisation(ctx context.Context, act *audit.Act, name string) (uuid.UUID, error) {
	id := uuid.Must(uuid.NewV7())
	_, err := act.Exec(ctx, `INSERT INTO directory.person (id, name, citizen, created_at) VALUES ($1, $2, false, $3)`, id, CleanName(name), act.At)
	return id, err
}

// RenameOrganisation gives an organisation the name by which the state knows it. For acts of other modules.
func (b *Block) RenameOrganisation(ctx context.Context, act *audit.Act, id uuid.UUID, name string) error {
	_, err := act.Exec(ctx, `UPDATE directory.person SET name = $2, version = version + 1 WHERE id = $1 AND NOT citizen AND name <> $2`, id, CleanName(name))
	return err
}

func (in PersonIn) birth() *time.Time {
	if d, ok := date(strings.TrimSpace(in.BirthDate)); ok {
		return &d
	}
	return nil
}

// Known says whether anybody has the personal number. Inside an act; the caller accounts for the question.
func (b *Block) Known(ctx context.Context, r pg.Reader, number string) (bool, error) {
	return pg.Value[bool](r.Query(ctx, `SELECT EXISTS (SELECT FROM directory.person WHERE personal_id = $1)`, strings.TrimSpace(number)))
}

// EditIn changes how oneself is reached.
type EditIn struct {
	Phone         string `form:"phone"`
	Email         string `form:"email"`
	ResidenceUnit string `form:"residence_unit"`
	Residence     string `form:"residence"`
	Version       int    `form:"version"` // of the record as it was shown
}

// EditProfile changes the actor's own contact details.
func (b *Block) EditProfile(ctx context.Context, in EditIn) error {
	in.Phone, in.Email = cleanPhone(in.Phone), strings.TrimSpace(in.Email)
	in.Residence = norm.NFC.String(strings.TrimSpace(in.Residence))
	f := fault.Fields{}
	checkContact(f, in.Phone, in.Email)
	limited(f, "residence", in.Residence, 300)
	if f.Any() {
		return f
	}
	return b.book.Act(ctx, "directory.profile.edit", func(ctx context.Context, act *audit.Act) error {
		if act.Actor.ID == uuid.Nil {
			return fault.SignIn("route")
		}
		act.About("directory.person", act.Actor.ID, act.Actor.ID)
		tag, err := act.Exec(ctx, `
			UPDATE directory.person SET phone = nullif($2, ''), email = nullif($3, ''), residence_unit = nullif($4, ''), residence = $5, version = version + 1
			WHERE id = $1 AND version = $6`,
			act.Actor.ID, in.Phone, in.Email, in.ResidenceUnit, in.Residence, in.Version)
		if err == nil && tag.RowsAffected() == 0 {
			err = fault.Conflict("directory.person-changed")
		}
		return err
	})
}

// CorrectIn mends what is recorded about who somebody is.
type CorrectIn struct {
	Person uuid.UUID `form:"person"`
	PersonIn
	Basis   string `form:"basis"` // the paper that proves it
	Version int    `form:"version"`
}

// Correct changes name, number, birth or sex of a person on the strength of a paper. The actor
// manages every agency in which the person has a post, or all; nobody corrects herself.
func (b *Block) Correct(ctx context.Context, in CorrectIn) error {
	f := in.clean()
	required(f, "basis", in.Basis)
	limited(f, "basis", in.Basis, 200)
	if f.Any() {
		return f
	}
	return b.book.Act(ctx, "directory.person.correct", func(ctx context.Context, act *audit.Act) error {
		old, err := pg.One[Person](act.Query(ctx, `SELECT `+personColumns+` FROM directory.person WHERE id = @id FOR UPDATE`,
			pgx.NamedArgs{"id": in.Person}))
		if err != nil {
			return err
		}
		if err := b.mayCorrect(ctx, act, act.Actor, in.Person); err != nil {
			return err
		}
		if old.Version != in.Version {
			return fault.Conflict("directory.person-changed")
		}
		act.About("directory.person", in.Person, in.Person)
		act.Note("basis", strings.TrimSpace(in.Basis))
		act.NotePersonal("before", map[string]any{"name": old.Name, "personal_id": old.PersonalID, "birth_date": old.BirthDate, "sex": old.Sex})
		_, err = act.Exec(ctx, `
			UPDATE directory.person SET name = $2, personal_id = nullif($3, ''), birth_date = $4, sex = nullif($5, ''), phone = nullif($6, ''),
				email = nullif($7, ''), residence_unit = nullif($8, ''), residence = $9, version = version + 1
			WHERE id = $1`,
			in.Person, in.Name, in.PersonalID, in.birth(), in.Sex, in.Phone, in.Email, in.ResidenceUnit, in.Residence)
		return err
	})
}

func (b *Block) mayCorrect(ctx context.Context, r pg.Reader, a actor.Actor, person uuid.UUID) error {
	if a.ID == person {
		return fault.Forbidden("directory.self")
	}
	if mayManageAll(a) {
		return nil
	}
	where, _ := a.Where(Manage)
	ours, err := pg.Value[bool](r.Query(ctx, `
		SELECT coalesce(bool_and(agency_id = ANY(@where)), false) FROM directory.post WHERE person_id = @person AND valid_to IS NULL`,
		pgx.NamedArgs{"person": person, "where": where}))
	if err != nil {
		return err
	}
	if !ours {
		return fault.Forbidden("directory.manage")
	}
	return nil
}
