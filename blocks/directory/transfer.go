package directory

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/kit/fault"
)

// TransferIn moves a person from one post to another.
type TransferIn struct {
	Client   string    `form:"client"`
	Post     uuid.UUID `form:"post"` // the one that ends
	Agency   string    `form:"agency"`
	Position string    `form:"position"`
	Title    string    `form:"title"`
	On       string    `form:"on"` // last day of the old post + 1 = first of the new
	Basis    string    `form:"basis"`
}

// Transfer ends a post and opens another on the same day, so that the person is never without.
// The actor manages both agencies.
func (b *Block) Transfer(ctx context.Context, in TransferIn) (uuid.UUID, error) {
	f := fault.Fields{}
	if in.Post == uuid.Nil {
		f.Set("post", "required")
	}
	required(f, "agency", in.Agency)
	required(f, "position", in.Position)
	required(f, "basis", in.Basis)
	limited(f, "title", in.Title, 200)
	limited(f, "basis", in.Basis, 200)
	on := requiredDay(f, "on", in.On)
	if f.Any() {
		return uuid.Nil, f
	}
	var id uuid.UUID
	err := b.book.Act(ctx, "directory.post.transfer", func(ctx context.Context, act *audit.Act) error {
		p, err := postIn(ctx, act, in.Post, "FOR UPDATE OF p")
		if err != nil {
			return err
		}
		if err := checkGrant(ctx, act, act.Actor, p.Person, in.Agency, in.Position, on); err != nil {
			return err
		}
		if err := endPost(ctx, act, act.Actor, p, on, "transfer"); err != nil {
			return err
		}
		id, err = openPost(ctx, act, p.Person, in.Agency, in.Position, strings.TrimSpace(in.Title), on, strings.TrimSpace(in.Basis))
		if err != nil {
			return err
		}
		act.About("directory.post", id, p.Person)
		act.Note("from", p.Agency)
		act.Note("to", in.Agency)
		return nil
	}, onceIf(in.Client, in, &id)...)
	return id, err
}
