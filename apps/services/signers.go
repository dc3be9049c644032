package services

import (
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"

	"datmui/blocks/directory"
	"datmui/blocks/letters"
	"datmui/kit/fault"
)

// Signatory is somebody who may sign for a body, from a post of her own or in the place of its holder.
type Signatory struct {
	directory.Post
	Form  string // "" from an own post, else TUQ, TL, KT or Q
	Giver string // title of the post that is lent
}

// Words is what stands under the signature, with the form in front where there is one.
func (s Signatory) Words() string {
	if s.Form == "" {
		return s.Title
	}
	return s.Form + ". " + s.Giver
}

// Signers lists who may sign for a body: its head, its deputies, then those to whom the power is lent.
func (m *Module) Signers(ctx context.Context, agency string) ([]Signatory, error) {
	now := m.clock.Now()
	all, err := m.directory.Receivers(ctx, m.db, agency, RightDecide, now)
	if err != nil {
		return nil, err
	}
	var out []Signatory
	for _, p := range all {
		if p.Agency == agency { // those above may decide, but sign for their own body
			out = append(out, Signatory{Post: p})
		}
	}
	loans, err := m.directory.Loans(ctx, m.db, agency, RightDecide, now)
	if err != nil {
		return nil, err
	}
	for _, l := range loans {
		i := slices.IndexFunc(out, func(s Signatory) bool { return s.Person == l.Person })
		switch {
		case i < 0:
			out = append(out, Signatory{Post: directory.Post{Person: l.Person, Name: l.Name, Title: l.Title, Agency: agency, Position: l.GiverPosition}, Form: l.Form, Giver: l.GiverTitle})
		case l.Form == directory.Q: // a deputy who is made acting head signs as that
			out[i].Form, out[i].Giver = l.Form, l.GiverTitle
		}
	}
	if len(out) == 0 {
		return nil, fault.Conflict("services.no-leader")
	}
	return out, nil
}

// signerOf is the block of the one who signs for a body: the chosen one, else its head.
// law: documents.md 2.3 — signing authority: TM., KT., Q., TL., TUQ.
func (m *Module) signerOf(ctx context.Context, agency string, chosen uuid.UUID) (letters.Signer, uuid.UUID, error) {
	list, err := m.Signers(ctx, agency)
	if err != nil {
		return letters.Signer{}, uuid.Nil, err
	}
	who := list[0]
	for _, p := range list {
		if p.Person == chosen {
			who = p
		}
	}
	if chosen != uuid.Nil && who.Person != chosen {
		return letters.Signer{}, uuid.Nil, fault.Fields{"signer": "cannot-sign"}
	}
	body, err := m.directory.Agency(ctx, agency, m.clock.Now())
	if err != nil {
		return letters.Signer{}, uuid.Nil, err
	}
	return who.block(body.Kind == "people's committee", list[0].Title), who.Person, nil
}

// block is how the signature is headed. In a committee the head signs for all of it; there the titles
// are those of its chairman and deputies, without the body's name.
func (s Signatory) block(committee bool, head string) letters.Signer {
	out := letters.Signer{Position: s.Title, Name: s.Name}
	giver := s.Giver
	if committee {
		head = "Chủ tịch"
		if s.Position == directory.Leader {
			giver = head
		} else if s.Position == directory.Deputy {
			giver = "Phó Chủ tịch"
		}
	}
	switch {
	case s.Form == directory.TUQ || s.Form == directory.TL: // in the place of the head alone
		out.Authority = []string{s.Form + ". " + giver}
		return out
	case s.Form == directory.Q:
		out.Position = "Q. " + giver
	case s.Form == directory.KT || s.Position == directory.Deputy:
		out.Authority = []string{"KT. " + head}
		if committee {
			out.Position = "Phó Chủ tịch"
		}
	case committee:
		out.Position = head
	}
	if committee {
		out.Authority = append([]string{"TM. Ủy ban nhân dân"}, out.Authority...)
	}
	return out
}

// abbreviation is the short form of a body in a symbol: the first letters, UBND for a committee.
func abbreviation(name string) string {
	if strings.HasPrefix(name, "Ủy ban nhân dân") {
		return "UBND"
	}
	var b strings.Builder
	for _, w := range strings.Fields(name) {
		r := []rune(w)
		if w == "và" || w == "tỉnh" || w == "-" {
			continue
		}
		b.WriteString(strings.ToUpper(string(r[0])))
	}
	return b.String()
}
