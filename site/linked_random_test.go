package site_test

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/uuid"

	"datmui/apps/services"
	"datmui/kit/fault"
)

// diamond is a set for tests: the second and the third wait for the first and not for each other, the
// fourth waits for both.
func (p *province) diamond(t *testing.T) {
	t.Helper()
	def, err := p.Services.Current(t.Context(), "1.004873", at)
	must(t, err)
	def.Code, def.Version, def.Limit, def.FeeMode, def.Papers = "2.999999", 1, "20wd", "none", nil
	def.Linked = []services.LinkedPart{{Key: "a", Procedure: "1.004873"}, {Key: "b", Procedure: "1.004873", After: []string{"a"}},
		{Key: "c", Procedure: "1.004873", After: []string{"a"}}, {Key: "d", Procedure: "1.004873", After: []string{"b", "c"}}}
	raw, err := json.Marshal(def)
	must(t, err)
	p.owner(t, `INSERT INTO services.procedure (code, name, name_en, level, field, open) VALUES ('2.999999', 'Liên thông thử', 'Trial set', 'commune', 'x', true)`)
	p.owner(t, `INSERT INTO services.version (procedure, version, valid_from, definition) VALUES ('2.999999', 1, '2025-07-01', $1)`, raw)
}

// Random sequences of acts over a set, the same in each run: no part starts before its time, none
// goes on after one before it came to nothing, independents do, and the set is over exactly when all
// its parts are.
// law: public-services.md 11 — child refused: dependants are stopped, independents go on; parent done when all children are terminal.
func TestLinkedSetRandomActs(t *testing.T) {
	t.Parallel()
	p := open(t)
	p.diamond(t)
	recv, hold, lead, clerk, owner := p.as(t, "canbo.datmui"), p.as(t, "thuly.datmui"), p.as(t, "chutich.datmui"), p.as(t, "vanthu.datmui"), p.as(t, "congdan")
	s := p.Services
	finish := func(id uuid.UUID, outcome string) error {
		in := services.ProposeIn{Dossier: id, Client: client(), Outcome: outcome, Reason: "vì", Basis: "Luật Hộ tịch", Values: map[string]string{}}
		if err := s.Take(hold, services.TakeIn{Dossier: id, Client: client()}); err != nil && fault.KindOf(err) != fault.KindConflict {
			return err
		}
		if err := s.Propose(hold, in); err != nil {
			return err
		}
		if err := s.Sign(lead, services.SignIn{Dossier: id, Client: client(), PIN: pin}); err != nil {
			return err
		}
		return s.Number(clerk, services.NumberIn{Dossier: id, Client: client()})
	}
	reason := func(id uuid.UUID) services.StopIn {
		return services.StopIn{Dossier: id, Client: client(), Reason: "vì", Basis: "Luật Hộ tịch"}
	}
	acts := []struct {
		weight int
		run    func(set, id uuid.UUID) error
	}{
		{14, func(_, id uuid.UUID) error { return s.Accept(recv, services.AcceptIn{Dossier: id, Client: client()}) }},
		{22, func(_, id uuid.UUID) error { return finish(id, "granted") }},
		{2, func(_, id uuid.UUID) error { return finish(id, "refused") }},
		{1, func(_, id uuid.UUID) error {
			return s.Refuse(recv, services.RefuseIn{Dossier: id, Client: client(), Reason: "vì", Basis: "Luật Hộ tịch"})
		}},
		{1, func(_, id uuid.UUID) error {
			return s.Withdraw(owner, services.WithdrawIn{Dossier: id, Client: client()})
		}},
		{1, func(set, _ uuid.UUID) error {
			return s.WithdrawSet(owner, services.WithdrawSetIn{Set: set, Client: client()})
		}},
		{2, func(_, id uuid.UUID) error { return s.Stop(lead, reason(id)) }},
		{3, func(_, id uuid.UUID) error { return s.Resume(lead, reason(id)) }},
		{3, func(_, id uuid.UUID) error { return s.Reopen(lead, reason(id)) }},
		{2, func(_, id uuid.UUID) error {
			return s.Ask(recv, services.AskIn{Dossier: id, Client: client(), Basis: "Luật", Items: []services.Item{{Key: "a", What: "Giấy A", How: "Nộp"}}})
		}},
		{2, func(_, id uuid.UUID) error {
			return s.Ask(lead, services.AskIn{Dossier: id, Client: client(), Basis: "Luật", Items: []services.Item{{Key: "a", What: "Giấy A", How: "Nộp"}}})
		}},
		{4, func(_, id uuid.UUID) error {
			return s.Supplement(owner, services.SupplementIn{Dossier: id, Client: client(), Answers: map[string]string{"a": "đây"}})
		}},
		{4, func(_, id uuid.UUID) error {
			if err := s.SetFee(recv, services.SetFeeIn{Dossier: id, Client: client(), Basis: "miễn"}); err != nil && fault.KindOf(err) != fault.KindConflict {
				return err
			}
			return s.Return(recv, services.ReturnIn{Dossier: id, Client: client(), Receiver: "Mai", Identity: "căn cước"})
		}},
	}
	total := 0
	for _, a := range acts {
		total += a.weight
	}
	started, stopped, ended := 0, 0, 0
	for seed := range uint64(12) {
		r := rand.New(rand.NewPCG(seed, 11))
		out, err := s.Submit(owner, services.SubmitIn{Client: client(), Procedure: "2.999999", Agency: "tt-pvhcc-xa-dat-mui-2025", ReturnWay: "counter", Answers: marital()})
		must(t, err)
		before := p.checkSet(t, p.set(t, out.Set))
		for range 24 {
			part, draw := before.Parts[r.IntN(len(before.Parts))], r.IntN(total)
			if _, waits := before.WaitsFor(part); (waits || part.State.Terminal()) && r.IntN(4) > 0 { // mostly something that goes on
				for _, x := range before.Parts {
					if _, waits := before.WaitsFor(x); !waits && x.State.Open() && !x.Granted() {
						part = x
					}
				}
			}
			for _, a := range acts {
				if draw -= a.weight; draw >= 0 {
					continue
				}
				p.clock.Advance(time.Minute)
				err := a.run(out.Set, part.ID)
				if k := fault.KindOf(err); k != fault.KindConflict && k != fault.KindForbidden && k != fault.KindNotFound { // not now, or not by her
					must(t, err)
				}
				break
			}
			now := p.checkSet(t, p.set(t, out.Set))
			for i, x := range now.Parts {
				switch was := before.Parts[i]; {
				case was.AcceptedAt == nil && x.AcceptedAt != nil && len(x.After) > 0:
					started++
				case was.State != services.Stopped && x.State == services.Stopped && x.AcceptedAt == nil:
					stopped++
				}
			}
			before = now
		}
		if before.EndedAt != nil {
			ended++
		}
	}
	if started < 5 || stopped < 5 || ended < 2 {
		t.Errorf("started %d, stopped %d, ended %d: the acts no longer reach what they are to try", started, stopped, ended)
	}
	for rule, res := range p.look(t) {
		if res.Found != 0 {
			t.Errorf("the watchdog finds %d against %s", res.Found, rule)
		}
	}
	if n, err := s.CheckTerms(context.WithoutCancel(p.ctx)); err != nil {
		t.Errorf("of %d promises: %v", n, err)
	}
}

// checkSet holds a set to the law as it stands.
func (p *province) checkSet(t *testing.T, s services.SetRecord) services.SetRecord {
	t.Helper()
	for _, x := range s.Parts {
		for _, n := range x.After {
			b := s.Part(n)
			if b.Failed() && b.State != services.Finished && x.State.Open() {
				t.Errorf("%s: part %d goes on in state %d though part %d before it failed", s.Code, x.N, x.State, n)
			}
			if x.AcceptedAt != nil && x.State.Open() && !b.Granted() {
				t.Errorf("%s: part %d runs in state %d though part %d is not granted", s.Code, x.N, x.State, n)
			}
		}
		_, waits := s.WaitsFor(x)
		if waits != (x.Step == services.StepWaits) && x.State == services.Registered {
			t.Errorf("%s: part %d is at %q, waiting %v", s.Code, x.N, x.Step, waits)
		}
		if x.State == services.Stopped && x.AcceptedAt == nil && x.Reason == "" {
			t.Errorf("%s: part %d was stopped without a reason", s.Code, x.N)
		}
	}
	if s.Over() != (s.EndedAt != nil) {
		t.Errorf("%s: all parts over %v, ended %v", s.Code, s.Over(), s.EndedAt)
	}
	return s
}
