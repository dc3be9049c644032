package sign

import (
	"context"
	"fmt"
	"time"

	"datmui/blocks/letters"
	"datmui/blocks/sign/pades"
	"datmui/blocks/sign/pdf"
)

// Reserve makes fields of the places that a letter left open, before anybody signs: leader, clerk
// and body then sign one after the other and every earlier signature stays valid.
// law: documents.md 4.2 — number and date land on an already signed file.
func Reserve(l letters.Letter) ([]byte, error) {
	fields := make([]pdf.Field, 0, len(l.Places))
	for _, p := range l.Places {
		fields = append(fields, pdf.Field{Name: p.Name, Page: p.Page, Rect: [4]float64{p.X, p.Y, p.X + p.W, p.Y + p.H},
			Text: p.Name == letters.PlaceNumber || p.Name == letters.PlaceDate, Size: p.FontSize})
	}
	return pdf.AddFields(l.PDF, fields)
}

// size of a reserved field, for its look.
func size(data []byte, field string) (w, h float64, err error) {
	f, err := pdf.Open(data)
	if err != nil {
		return 0, 0, err
	}
	return f.Now().Size(field)
}

// Sign puts a person's signature into the reserved field, with a time-stamp.
func (b *Block) Sign(ctx context.Context, data []byte, by Signer, reason string) ([]byte, error) {
	w, h, err := size(data, letters.PlaceSignature)
	if err != nil {
		return nil, fmt.Errorf("finding the place of the signature: %w", err)
	}
	look, err := pades.SignatureLook(w, h, by.Name)
	if err != nil {
		return nil, err
	}
	return pades.Sign(ctx, data, by.cms, b.stamper, pdf.Signature{Field: letters.PlaceSignature, Time: b.clock.Now(), Name: by.Name, Reason: reason, Look: look})
}

// Fill writes number and date into the fields kept for them.
func Fill(data []byte, number string, day time.Time) ([]byte, error) {
	var fills []pdf.Fill
	for _, f := range []struct {
		name, text string
		right      bool // the number stands at the stroke of its symbol, without a space
	}{{letters.PlaceNumber, number, true}, {letters.PlaceDate, letters.DateText(day), false}} {
		w, h, err := size(data, f.name)
		if err != nil {
			continue // the letter left no such place open
		}
		look, err := pades.TextLook(w, h, 13, f.name == letters.PlaceDate, f.right, f.text)
		if err != nil {
			return nil, err
		}
		fills = append(fills, pdf.Fill{Name: f.name, Value: f.text, Look: look})
	}
	if len(fills) == 0 {
		return data, nil
	}
	return pdf.FillFields(data, fills)
}

// Stamp puts a body's seal into the reserved field, with a time-stamp; side is the seal's true
// size in the field.
func (b *Block) Stamp(ctx context.Context, data []byte, by Signer, above string) ([]byte, error) {
	s := pdf.Signature{Field: letters.PlaceSeal, Time: b.clock.Now(), Name: by.Org}
	w, h, err := size(data, letters.PlaceSeal)
	if err != nil {
		s.Field = "" // the paper shows no seal: an invisible signature
	} else if s.Look, err = pades.SealLook(min(w, h), by.Org, above); err != nil {
		return nil, err
	}
	return pades.Sign(ctx, data, by.cms, b.stamper, s)
}
