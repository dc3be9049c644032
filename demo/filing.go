package demo

import (
	"context"
	"fmt"

	"datmui/apps/services"
)

// shares of the procedures among the dossiers; the last column says whether they can be filed
// online, without showing an original.
var filed = []struct {
	code   string
	share  float64
	online bool
	field  string
}{
	{"2.000815", 24, false, justice}, {"2.000635", 13, true, justice}, {"1.001193", 13, true, justice}, {"1.004873", 14, true, justice},
	{"2.000884", 7, false, justice}, {"1.000656", 5, true, justice}, {"1.001612", 8, true, economy}, {"1.013225", 5, true, economy},
	{"1.003650", 2.5, true, ""}, {"1.004359", 3, true, ""}, {"1.012784", 3, true, ""}, {"1.014801", 2.5, true, economy},
}

// begin draws who files what, where and how.
func (y *year) begin(ctx context.Context, n int, g given) (*history, error) {
	r := y.w.draws(ofDossier, uint64(n))
	h := &history{y: y, r: r, ctx: ctx, n: n, given: g}
	at := y.filed(n)
	open := y.cal.Open(at)
	k := y.what.pick(r)
	for !open && !filed[k].online {
		k = y.what.pick(r)
	}
	h.def, h.field = y.defs[filed[k].code], filed[k].field
	unit := y.where.words[y.where.pick(r)]
	h.applicant = y.person(r, unit, n)
	channel := services.Counter
	if filed[k].online && (!open || r.Float64() < 0.62) {
		channel = services.Online
	} else if filed[k].online && r.Float64() < 0.04 {
		channel = services.Post
	}
	if h.def.Competent == "commune" {
		h.competent, h.receiving = y.staff.committee[unit], y.staff.counters[unit]
		if r.Float64() < 0.06 { // any counter may receive for any body
			h.receiving = y.staff.counters[y.where.words[y.where.pick(r)]]
		}
	} else {
		h.competent, h.receiving = h.def.Competent[len("agency:"):], provinceCounter
		if r.Float64() < 0.5 {
			h.receiving = y.staff.counters[unit]
		}
	}
	way := "counter"
	switch u := r.Float64(); {
	case channel == services.Online && u < 0.7:
		way = "online"
	case u > 0.93:
		way = "post"
	}
	switch u := r.Float64(); {
	case u < 0.004:
		h.late = 60 // forgotten in a drawer
	case u < 0.06:
		h.late = 1.1 + r.Float64()
	case u < 0.35:
		h.late = 0.8 + 0.15*r.Float64()
	default:
		h.late = 0.2 + 0.5*r.Float64()
	}
	ask := &asker{w: y.w, r: r, p: h.applicant, unit: y.units[h.applicant.ResidenceUnit], filed: at, way: way}
	answers := ask.answers(h.def.Form)
	in := services.PastIn{ID: y.w.id(ofDossier, uint64(n)), Code: y.code(h.receiving, at, g.code), Def: h.def, Bodies: y.staff.bodies,
		Receiving: h.receiving, Competent: h.competent, Channel: channel, Applicant: h.applicant, Answers: answers, ReturnWay: way}
	for _, rule := range h.def.PapersFor(answers) {
		if rule.EForm || channel == services.Online && rule.Shown {
			continue
		}
		in.Papers = append(in.Papers, services.PaperIn{Place: rule.Key, Originals: rule.Originals, Copies: rule.Copies})
	}
	h.Past = y.services.Begin(in)
	return h, nil
}

// tell makes the n-th dossier with its whole history.
func (y *year) tell(ctx context.Context, n int, g given) (*services.Past, error) {
	h, err := y.begin(ctx, n, g)
	if err != nil {
		return nil, err
	}
	if err := h.run(); err != nil {
		return nil, fmt.Errorf("dossier %d (%s): %w", n, h.def.Code, err)
	}
	if !h.State.Open() || h.State == services.Finished || n%y.w.scale != 0 {
		h.OnPaper()
	}
	return h.Past, nil
}
