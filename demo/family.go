package demo

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/apps/services"
	"datmui/blocks/directory"
	"datmui/blocks/directory/idnumber"
	"datmui/blocks/forms"
	"datmui/blocks/represent"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// Families lets those a visitor can sign in as act for others, once: a mother for the child whose birth
// the province has registered, an owner for his business, which has staff, an invitation that waits for
// its answer, a dossier and a draft that its people share. They are acts of today like any other.
func Families(ctx context.Context, c LoadConfig) error {
	if c.Represent == nil {
		return nil
	}
	return c.once(ctx, "families", func() error {
		w, err := Build(Config{Seed: c.Seed, AsOf: orToday(c.AsOf), Scale: c.Scale})
		if err != nil || w.AsOf.Before(twoLevels) {
			return err
		}
		f := &family{c, w}
		for name, tell := range map[string]func(context.Context) error{"child": f.child, "business": f.business} {
			if err := tell(ctx); err != nil && fault.KindOf(err) != fault.KindConflict { // somebody at the pages was faster
				return fmt.Errorf("acting for a %s: %w", name, err)
			}
		}
		return nil
	})
}

// once does what is done with acts of today, and marks the step when that has ended well.
func (c LoadConfig) once(ctx context.Context, step string, do func() error) error {
	done, err := pg.Values[string](c.DB.Query(ctx, `SELECT name FROM demo.step WHERE name = $1`, step))
	if err != nil || len(done) > 0 {
		return err
	}
	if err := do(); err != nil {
		return err
	}
	return c.Book.Batch(ctx, "demo.load", step, func(ctx context.Context, tx pgx.Tx) (int64, error) {
		_, err := tx.Exec(ctx, `INSERT INTO demo.step (name, rows, at) VALUES ($1, 1, $2) ON CONFLICT DO NOTHING`, step, c.Book.Clock().Now())
		return 1, err
	})
}

// family are those who act for others.
type family struct {
	LoadConfig
	w *World
}

// Who they are, in the order of the accounts.
const (
	mother = iota
	owner
	elder
)

func (f *family) as(ctx context.Context, n int) context.Context {
	p := f.w.neighbour[n]
	return actor.With(ctx, actor.Actor{ID: p.ID, Kind: actor.Citizen, Name: p.Name, Level: 2})
}

// inName is a neighbour who has chosen to act for somebody.
func (f *family) inName(ctx context.Context, n int, party uuid.UUID) (context.Context, error) {
	a := actor.From(f.as(ctx, n))
	var err error
	a.For, a.Grants, err = represent.Acting(ctx, f.DB, a.ID, party, f.Book.Clock().Now())
	return actor.With(ctx, a), err
}

// child is declared by the mother whose birth certificate the province has issued: no paper is asked for.
func (f *family) child(ctx context.Context) error {
	born, err := pg.All[struct{ Name, Birth string }](f.DB.Query(ctx, `SELECT answers->>'child_name' AS name, answers->>'child_birth_date' AS birth FROM services.dossier
		WHERE applicant = $1 AND answers->>'mother_id' = $2 AND outcome = 'granted' AND state IN (9, 10) ORDER BY filed_at DESC LIMIT 1`,
		f.w.neighbour[mother].ID, f.w.neighbour[mother].PersonalID))
	if err != nil || len(born) == 0 {
		return err
	}
	in := represent.DeclareIn{Client: "demo-family-child", Role: represent.Parent, Name: born[0].Name, Birth: born[0].Birth}
	_, err = f.Represent.Declare(f.as(ctx, mother), in)
	if _, asked := err.(fault.Fields); asked { // that record is of another procedure: the paper proves it
		if in.Paper, err = f.paper(f.as(ctx, mother), "giay-khai-sinh.png"); err == nil {
			_, err = f.Represent.Declare(f.as(ctx, mother), in)
		}
	}
	return err
}

const (
	businessName = "Công ty TNHH Thủy sản Mũi Cà Mau"
	businessTax  = "200123456" // without its check digit
)

// business has a head, staff with some rights, one who has not answered yet, and what they share.
func (f *family) business(ctx context.Context) error {
	paper, err := f.paper(f.as(ctx, owner), "giay-chung-nhan-dang-ky-doanh-nghiep.png")
	if err != nil {
		return err
	}
	party, err := f.Represent.Declare(f.as(ctx, owner), represent.DeclareIn{Client: "demo-family-business", Role: represent.Head, Name: businessName, Number: taxCode(businessTax), Paper: paper})
	if err != nil {
		return err
	}
	head, err := f.inName(ctx, owner, party)
	if err != nil {
		return err
	}
	if err := f.accepted(ctx, head, "1.014801"); err != nil {
		return err
	}
	if head, err = f.inName(ctx, owner, party); err != nil { // an officer has seen the paper: all rights
		return err
	}
	invite := func(n int, rights ...string) (uuid.UUID, error) {
		p := f.w.neighbour[n]
		return f.Represent.Invite(head, represent.InviteIn{Client: fmt.Sprint("demo-family-staff-", n), Number: p.PersonalID, Name: p.Name, Rights: rights})
	}
	mandate, err := invite(mother, represent.File, represent.Pay, represent.SeeAll)
	if err != nil {
		return err
	}
	if err := f.Represent.Answer(f.as(ctx, mother), represent.AnswerIn{Client: "demo-family-answer", Mandate: mandate, Yes: true}); err != nil {
		return err
	}
	if _, err := invite(elder, represent.Collect); err != nil {
		return err
	}
	staff, err := f.inName(ctx, mother, party)
	if err != nil {
		return err
	}
	return f.begun(staff, "1.004359")
}

// accepted files a procedure in the name of a business; the counter looks at the paper and takes it in.
func (f *family) accepted(ctx, head context.Context, procedure string) error {
	who, a := f.w.neighbour[owner], actor.From(head)
	unit := directory.Unit{}
	for _, u := range f.w.communes {
		if u.Code == who.ResidenceUnit {
			unit = u
		}
	}
	def, err := f.Services.Current(head, procedure, f.Book.Clock().Now())
	if err != nil {
		return err
	}
	ask := &asker{w: f.w, r: f.w.draws(ofDossier, 1<<42), p: who, unit: unit, filed: f.w.AsOf, way: "online"}
	answers := ask.answers(def.Form).With(forms.Answers{def.Owner.Name: a.For.Name, "owner_id": taxCode(businessTax)})
	in := services.SubmitIn{Client: "demo-family-file", Procedure: procedure, Agency: f.w.staff().counters[who.ResidenceUnit], ReturnWay: "online", Answers: answers}
	for _, rule := range def.PapersFor(answers) {
		if rule.EForm {
			continue
		}
		file, err := f.paper(head, rule.Key+".png")
		if err != nil {
			return err
		}
		in.Papers = append(in.Papers, services.PaperIn{Place: rule.Key, File: file})
	}
	out, err := f.Services.Submit(head, in)
	if err != nil {
		return err
	}
	counter, err := (&setStory{LoadConfig: f.LoadConfig, w: f.w}).official(ctx, f.w.staff().counters[who.ResidenceUnit], services.RightReceive)
	if err != nil {
		return err
	}
	if err := f.Services.CheckRelation(counter, services.RelationIn{Dossier: out.ID, Client: "demo-family-relation", Holds: "yes"}); err != nil {
		return err
	}
	return f.Services.Accept(counter, services.AcceptIn{Dossier: out.ID, Client: "demo-family-accept"})
}

// begun leaves a draft that everybody who files for the business can go on with.
func (f *family) begun(staff context.Context, procedure string) error {
	def, err := f.Services.Current(staff, procedure, f.Book.Clock().Now())
	if err != nil {
		return err
	}
	form, err := f.Services.FormOf(staff, def)
	if err != nil {
		return err
	}
	known, err := f.Services.Known(staff)
	if err != nil {
		return err
	}
	_, err = f.Forms.BeginDraft(staff, form, def.Code, form.Prefill(known))
	return err
}

// taxCode is nine digits with the tenth by which they are checked.
func taxCode(nine string) string {
	for d := range 10 {
		if code := fmt.Sprint(nine, d); idnumber.Check(idnumber.Tax, code, idnumber.Hints{}).Verdict == idnumber.Valid {
			return code
		}
	}
	return ""
}

// paper is the picture of a sheet with lines on it.
func (f *family) paper(ctx context.Context, name string) (uuid.UUID, error) {
	page := image.NewGray(image.Rect(0, 0, 420, 594))
	draw.Draw(page, page.Rect, image.NewUniform(color.Gray{250}), image.Point{}, draw.Src)
	for y := 80; y < 500; y += 28 {
		draw.Draw(page, image.Rect(50, y, 370-(y*7)%90, y+6), image.NewUniform(color.Gray{90}), image.Point{}, draw.Src)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, page); err != nil {
		return uuid.Nil, err
	}
	return f.Files.Receive(ctx, name, &b)
}
