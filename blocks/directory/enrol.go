package directory

import (
	"context"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/blocks/audit"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// EnrolIn enters a new official with a first post.
type EnrolIn struct {
	Client string `form:"client"`
	PersonIn
	Agency   string `form:"agency"`
	Position string `form:"position"`
	Title    string `form:"title"`
	From     string `form:"from"`
	Basis    string `form:"basis"`
}

// Enrol enters a person who is not known yet and opens the first post. A personal number that is
// known already is refused: that person is to be found and appointed, not entered twice.
func (b *Block) Enrol(ctx context.Context, in EnrolIn) (uuid.UUID, error) {
	f := in.clean()
	required(f, "agency", in.Agency)
	required(f, "position", in.Position)
	limited(f, "title", in.Title, 200)
	limited(f, "basis", in.Basis, 200)
	from := requiredDay(f, "from", in.From)
	if f.Any() {
		return uuid.Nil, f
	}
	var person uuid.UUID
	err := b.book.Act(ctx, "directory.person.enrol", func(ctx context.Context, act *audit.Act) error {
		if err := checkGrant(ctx, act, act.Actor, uuid.Nil, in.Agency, in.Position, from); err != nil {
			return err
		}
		known, err := pg.Value[bool](act.Query(ctx, `SELECT EXISTS (SELECT FROM directory.person WHERE personal_id = @id)`,
			pgx.NamedArgs{"id": in.PersonalID}))
		if err != nil {
			return err
		}
		if known {
			return fault.Fields{"personal_id": "directory.known"}
		}
		if person, err = b.Register(ctx, act, in.PersonIn); err != nil {
			return err
		}
		post, err := openPost(ctx, act, person, in.Agency, in.Position, strings.TrimSpace(in.Title), from, strings.TrimSpace(in.Basis))
		if err != nil {
			return err
		}
		act.About("directory.post", post, person)
		act.Note("agency", in.Agency)
		act.Note("position", in.Position)
		return nil
	}, onceIf(in.Client, in, &person)...)
	return person, err
}
