package services

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/kit/actor"
	"datmui/kit/fault"
)

// Note is what an official wrote down about a dossier for the others who work on it. The citizen
// does not read it.
type Note struct {
	ID         uuid.UUID
	At         time.Time
	AuthorName string // as of that moment
	AuthorPost string
	Text       string
}

// NoteIn writes one down.
type NoteIn struct {
	Dossier uuid.UUID `form:"id"`
	Client  string    `form:"client"`
	Text    string    `form:"text"`
}

// AddNote keeps a note. It moves nothing and stops no clock; whoever of the offices may open the
// dossier may write one, at any time.
func (m *Module) AddNote(ctx context.Context, in NoteIn) error {
	in.Text = strings.TrimSpace(in.Text)
	switch n := utf8.RuneCountInString(in.Text); {
	case n == 0:
		return fault.Fields{"text": "required"}
	case n > 4000:
		return fault.Fields{"text": "too-long"}
	}
	return m.book.Act(ctx, "services.dossier.note", func(ctx context.Context, act *audit.Act) error {
		d, err := lock(ctx, act, in.Dossier)
		if err != nil {
			return err
		}
		if act.Actor.Kind != actor.Official || !d.mayBeSeenBy(act.Actor) {
			return fault.NotFound("services.dossier")
		}
		act.Queue(`INSERT INTO services.note (id, dossier_id, at, author, author_name, author_post, text) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			newID(), d.ID, act.At, act.Actor.ID, act.Actor.Name, act.Actor.Post, in.Text)
		return nil
	}, audit.Once(in.Client, in, nil))
}
