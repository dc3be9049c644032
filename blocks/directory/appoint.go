package directory

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// AppointIn puts a person into a position.
type AppointIn struct {
	Client   string    `form:"client"` // id of the form, so that a second send is not a second post
	Person   uuid.UUID `form:"person"`
	Agency   string    `form:"agency"`
	Position string    `form:"position"`
	Title    string    `form:"title"` // "" means the position's name
	From     string    `form:"from"`  // first day
	Basis    string    `form:"basis"` // number and date of the decision
}

func (in *AppointIn) check() fault.Fields {
	f := fault.Fields{}
	in.Title, in.Basis = strings.TrimSpace(in.Title), strings.TrimSpace(in.Basis)
	if in.Person == uuid.Nil {
		f.Set("person", "required")
	}
	required(f, "agency", in.Agency)
	required(f, "position", in.Position)
	requiredDay(f, "from", in.From)
	limited(f, "title", in.Title, 200)
	limited(f, "basis", in.Basis, 200)
	return f
}

func required(f fault.Fields, field, value string) {
	if strings.TrimSpace(value) == "" {
		f.Set(field, "required")
	}
}

func limited(f fault.Fields, field, value string, most int) {
	if len([]rune(value)) > most {
		f.Set(field, "too-long:"+strconv.Itoa(most))
	}
}

func requiredDay(f fault.Fields, field, value string) time.Time {
	required(f, field, value)
	d, ok := date(strings.TrimSpace(value))
	if !ok {
		f.Set(field, "date")
	}
	return d
}

// Appoint opens a post and returns its id. The actor manages the agency and grants nothing above
// her own rights; a second open post of the same kind is a Conflict.
func (b *Block) Appoint(ctx context.Context, in AppointIn) (uuid.UUID, error) {
	if f := in.check(); f.Any() {
		return uuid.Nil, f
	}
	var id uuid.UUID
	err := b.book.Act(ctx, "directory.post.appoint", func(ctx context.Context, act *audit.Act) error {
		from, _ := date(strings.TrimSpace(in.From))
		if err := checkGrant(ctx, act, act.Actor, in.Person, in.Agency, in.Position, from); err != nil {
			return err
		}
		var err error
		id, err = openPost(ctx, act, in.Person, in.Agency, in.Position, in.Title, from, in.Basis)
		if err != nil {
			return err
		}
		act.About("directory.post", id, in.Person)
		act.Note("agency", in.Agency)
		act.Note("position", in.Position)
		return nil
	}, onceIf(in.Client, in, &id)...)
	return id, err
}

// onceIf covers forms that carry a client id; calls from Go may leave it out.
func onceIf(client string, in, out any) []audit.Option {
	if client == "" {
		return nil
	}
	return []audit.Option{audit.Once(client, in, out)}
}

// openPost checks that person, agency and position are there on the day and opens the post.
func openPost(ctx context.Context, tx pg.Execer, person uuid.UUID, agency, position, title string, from time.Time, basis string) (uuid.UUID, error) {
	if _, err := agencyOn(ctx, tx, agency, from); fault.KindOf(err) == fault.KindNotFound {
		return uuid.Nil, fault.Fields{"agency": "directory.agency-not-then"}
	} else if err != nil {
		return uuid.Nil, err
	}
	// Asked before the insert, because a breach of the index would end the whole transaction; the
	// index still decides between two who ask at once.
	open, err := pg.Value[bool](tx.Query(ctx, `
		SELECT EXISTS (SELECT FROM directory.post WHERE person_id = $1 AND agency_id = $2 AND position = $3 AND valid_to IS NULL)`,
		person, agency, position))
	if err != nil {
		return uuid.Nil, err
	}
	if open {
		return uuid.Nil, fault.Conflict("directory.post-open")
	}
	id := uuid.Must(uuid.NewV7())
	tag, err := tx.Exec(ctx, `
		INSERT INTO directory.post (id, person_id, agency_id, position, title, rank, valid_from, basis)
		SELECT $1, o.id, $3, k.key, coalesce(nullif($5, ''), k.name_vi), k.rank, $6, $7
		FROM directory.person o, directory.position k WHERE o.id = $2 AND k.key = $4`,
		id, person, agency, position, title, from, basis)
	if pg.IsUnique(err, "post_open") {
		return uuid.Nil, fault.Conflict("directory.post-open")
	}
	if err != nil {
		return uuid.Nil, err
	}
	if tag.RowsAffected() == 0 {
		return uuid.Nil, fault.Fields{"position": "unknown"}
	}
	_, err = tx.Exec(ctx, `UPDATE directory.person SET official = true WHERE id = $1 AND NOT official`, person)
	return id, err
}
