// Package servicespage shows the one-stop shop: to citizens the way from the start page of a
// procedure to the signed result, to officials the record of a dossier with its next lawful act.
package servicespage

import (
	"context"
	"embed"
	"slices"

	"github.com/a-h/templ"

	"datmui/apps/services"
	"datmui/blocks/files"
	"datmui/blocks/forms"
	"datmui/blocks/pay"
	"datmui/blocks/worklist"
	"datmui/kit/lang"
	"datmui/kit/web"
)

//go:embed text.vi.toml text.en.toml
var texts embed.FS

func init() { lang.Register(texts) }

// Pages are the pages of the one-stop shop.
type Pages struct {
	services *services.Module
	forms    *forms.Block
	files    *files.Block
	pay      *pay.Block
	guess    Guess
	desks    *worklist.Block
	outside  Sync // nil: no other system is told

	elsewhere func(ctx context.Context) (templ.Component, error) // nil: no other system works any
}

// Guess counts a look-up by somebody who is not signed in, and gives it back when it was right: who
// tries many facts is made to wait. law: public-services.md 18.2 A29.
type Guess func(ctx context.Context) (right func(context.Context) error, err error)

// New returns the pages.
func New(s *services.Module, f *forms.Block, fl *files.Block, p *pay.Block, w *worklist.Block, g Guess) *Pages {
	return &Pages{services: s, forms: f, files: fl, pay: p, desks: w, guess: g}
}

// Routes lists every address here.
func (p *Pages) Routes() []web.Route {
	return slices.Concat(p.citizenRoutes(), p.reminderRoutes(), p.setRoutes(), p.officialRoutes(), p.opinionRoutes(), p.listRoutes(), p.bulkRoutes(), p.tallyRoutes(), p.editorRoutes(), p.verifyRoutes())
}

func (p *Pages) officialRoutes() []web.Route {
	act := func(name, right string, fn actFunc) web.Route {
		return web.Route{Pattern: "POST /desk/dossiers/{id}/" + name, Who: web.Right(right), Handle: p.act(name, fn)}
	}
	return []web.Route{
		{Pattern: "GET /desk/dossiers/{id}", Who: web.AnyOfficial, Handle: p.dossier},
		{Pattern: "GET /desk/dossiers/{id}/receipt", Who: web.Right(services.RightReceive), Handle: p.takeHome},
		{Pattern: "GET " + PathSigning, Who: web.Right(services.RightDecide), Handle: p.signing},
		{Pattern: "POST " + PathSigning, Who: web.Right(services.RightDecide), Handle: p.signMany},
		{Pattern: "GET " + PathNumbers, Who: web.Right(services.RightNumber), Handle: p.numbers},
		{Pattern: "POST " + PathNumbers, Who: web.Right(services.RightNumber), Handle: p.beginSeries},
		{Pattern: "GET /desk/intake/person", Who: web.Right(services.RightReceive), Handle: p.personForm},
		{Pattern: "POST /desk/intake/person", Who: web.Right(services.RightReceive), Handle: p.enterPerson},
		{Pattern: "POST " + pathFindApplicant, Who: web.Right(services.RightReceive), Handle: p.findApplicant},
		{Pattern: "GET " + pathBlank, Who: web.Right(services.RightReceive), Handle: p.blankIntake},
		{Pattern: "GET /desk/intake/worker.js", Who: web.Right(services.RightReceive), Handle: p.intakeWorker},
		{Pattern: "GET " + PathScreen, Who: web.Right(services.RightReceive), Handle: p.screen},
		{Pattern: "POST " + PathScreen, Who: web.Right(services.RightReceive), Handle: p.openScreen},
		{Pattern: "POST " + PathScreen + "/typed", Who: web.Right(services.RightReceive), Handle: p.showTyped},
		{Pattern: "GET /desk/intake", Who: web.Right(services.RightReceive), Handle: p.intake},
		{Pattern: "POST /desk/intake", Who: web.Right(services.RightReceive), Handle: p.takeIn, Limit: 30 << 20},
		act(services.ActAccept, services.RightReceive, filled((*services.Module).Accept)),
		act(services.ActRefuse, services.RightReceive, filled((*services.Module).Refuse)),
		{Pattern: "POST /desk/dossiers/{id}/ask", Who: web.AnyOfficial, Handle: p.act(services.ActAsk, ask)},
		{Pattern: "POST /desk/dossiers/{id}/set-fee", Who: web.AnyOfficial, Handle: p.act(services.ActSetFee, setFee)},
		{Pattern: "POST /desk/dossiers/{id}/ask-fee", Who: web.AnyOfficial, Handle: p.act(services.ActAskFee, filled((*services.Module).AskFee))},
		{Pattern: "POST /desk/dossiers/{id}/note", Who: web.AnyOfficial, Handle: p.act(services.ActNote, filled((*services.Module).AddNote))},
		{Pattern: "POST /desk/dossiers/{id}/scan", Who: web.AnyOfficial, Handle: p.act(services.ActScan, scan), Limit: 60 << 20},
		act(services.ActCash, services.RightCash, filled((*services.Module).Cash)),
		act(services.ActAssign, services.RightDecide, filled((*services.Module).Assign)),
		act(services.ActTake, services.RightHandle, filled((*services.Module).Take)),
		{Pattern: "POST /desk/dossiers/{id}/forward", Who: web.AnyOfficial, Handle: p.act(services.ActForward, filled((*services.Module).Forward))},
		act(services.ActPropose, services.RightHandle, propose),
		act(services.ActApprove, services.RightDecide, filled((*services.Module).ApproveAsk)),
		act(services.ActSign, services.RightDecide, filled((*services.Module).Sign)),
		act(services.ActSendBack, services.RightDecide, filled((*services.Module).SendBack)),
		act(services.ActNumber, services.RightNumber, filled((*services.Module).Number)),
		act(services.ActReturn, services.RightReturn, filled((*services.Module).Return)),
		{Pattern: "POST /desk/dossiers/{id}/authority", Who: web.Right(services.RightReceive), Handle: p.act(services.ActAuthority, authority), Limit: uploadLimit},
		act(services.ActOriginals, services.RightReturn, originals),
		act(services.ActPost, services.RightReturn, filled((*services.Module).Send)),
		{Pattern: "POST /desk/dossiers/{id}/delivered", Who: web.Right(services.RightReturn), Handle: p.act(services.ActDelivered, delivered), Limit: uploadLimit},
		act(services.ActCameBack, services.RightReturn, filled((*services.Module).CameBack)),
		act(services.ActExtend, services.RightDecide, filled((*services.Module).Extend)),
		act(services.ActStop, services.RightDecide, filled((*services.Module).Stop)),
		act(services.ActResume, services.RightDecide, filled((*services.Module).Resume)),
		act(services.ActAnswerComplaint, services.RightSupervise, filled((*services.Module).AnswerComplaint)),
		act(services.ActAnswerRating, services.RightSupervise, filled((*services.Module).AnswerRating)),
		act(services.ActRelation, services.RightReceive, filled((*services.Module).CheckRelation)),
		act(services.ActReopen, services.RightDecide, filled((*services.Module).Reopen)),
	}
}
