package sandbox

import (
	"bytes"
	"image"
	"image/png"
	"path/filepath"
	"testing"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/blocks/files"
	"datmui/blocks/letters"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/testkit"
)

// The block and the sandbox together: what a citizen sends is counted, drawn or refused.
func TestUploadsAreLookedInto(t *testing.T) {
	t.Parallel()
	db, clock := testkit.DB(t), testkit.Clock(t, "2026-11-23T08:06")
	book := audit.New(audit.Config{App: db.App, Reader: db.Reader, Clock: clock})
	dir := t.TempDir()
	block, err := files.New(t.Context(), files.Config{DB: db.Reader, Book: book, Clock: clock, Looker: child(t, "sandbox"),
		Store: filepath.Join(dir, "files"), Temp: filepath.Join(dir, "uploads")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { block.Close() })
	ctx := actor.With(t.Context(), actor.Actor{ID: uuid.New(), Kind: actor.Citizen, Level: 2})

	letter, err := letters.Render(letters.Paper{Issuer: "Ủy ban nhân dân phường An Xuyên", Title: "Giấy khai sinh",
		Body: []letters.Block{letters.Para("Nội dung")}})
	if err != nil {
		t.Fatal(err)
	}
	id, err := block.Receive(ctx, "giấy.pdf", bytes.NewReader(letter.PDF))
	if err != nil {
		t.Fatal(err)
	}
	held, err := block.Held(ctx, id)
	if err != nil || len(held) != 1 || held[0].Pages != 1 {
		t.Fatalf("%+v %v", held, err)
	}
	if thumb, err := block.Thumb(ctx, id); err != nil || !bytes.HasPrefix(thumb, []byte("\xff\xd8")) {
		t.Errorf("thumbnail %.4x, %v", thumb, err)
	}
	for range 2 { // drawn, then kept
		page, err := block.Preview(ctx, id, 1, files.ForScreen)
		if err != nil {
			t.Fatal(err)
		}
		if c, err := png.DecodeConfig(bytes.NewReader(page)); err != nil || c.Width != 1240 {
			t.Errorf("page of %d pixels, %v", c.Width, err)
		}
	}
	// for a printer: ink or none, and a fraction of what a picture of as many pixels takes
	print, err := block.Preview(ctx, id, 1, files.ForPrint)
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(print))
	if err != nil || img.Bounds().Dx() != 2480 {
		t.Fatalf("%v, %v", img.Bounds(), err)
	}
	if p, ok := img.(*image.Paletted); !ok || len(p.Palette) > 16 || len(print) > 100<<10 {
		t.Errorf("%T of %d bytes", img, len(print))
	}
	for name, data := range map[string][]byte{
		"a broken PDF":  letter.PDF[:len(letter.PDF)/40],
		"a giant's PNG": giantPNG(60000, 60000),
	} {
		_, err := block.Receive(ctx, "x", bytes.NewReader(data))
		t.Run(name, func(t *testing.T) { testkit.WantError(t, err, fault.Fields{"file": "files.broken"}) })
	}
}
