package services

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"datmui/blocks/directory"
	"datmui/blocks/letters"
	"datmui/kit/fault"
)

// Signers lists who may sign for a body, its head first.
func (m *Module) Signers(ctx context.Context, agency string) ([]directory.Post, error) {
	all, err := m.directory.Receivers(ctx, m.db, agency, RightDecide, m.clock.Now())
	if err != nil {
		return nil, err
	}
	var out []directory.Post
	for _, p := range all {
		if p.Agency == agency { // those above may decide, but sign for their own body
			out = append(out, p)
		}
	}
	if len(out) == 0 {
		return nil, fault.Conflict("services.no-leader")
	}
	return out, nil
}

// signerOf is the block of the one who signs for a body: the chosen one, else its head.
// law: documents.md 2.3 — signing authority: TM., KT.
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
	s := letters.Signer{Position: who.Title, Name: who.Name}
	switch {
	case body.Kind == "people's committee" && who.Position == "leader":
		s.Authority, s.Position = []string{"TM. Ủy ban nhân dân"}, "Chủ tịch"
	case body.Kind == "people's committee":
		s.Authority, s.Position = []string{"TM. Ủy ban nhân dân", "KT. Chủ tịch"}, "Phó Chủ tịch"
	case who.Position == "deputy":
		s.Authority, s.Position = []string{"KT. " + list[0].Title}, who.Title
	}
	return s, who.Person, nil
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
