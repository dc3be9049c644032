package site_test

import (
	"testing"

	"github.com/google/uuid"

	"datmui/apps/services"
	"datmui/apps/services/silence"
	"datmui/blocks/forms"
)

// birthSet answers the form of 2.000986 so that no paper is needed.
func (p *province) birthSet(t *testing.T, born string) forms.Answers {
	t.Helper()
	form, err := p.Forms.Current("linked-birth")
	must(t, err)
	return answersFor(t, form, forms.Answers{"requester_name": "Nguyễn Thị Mai", "requester_id": "096196000123", "relationship": "child", "authorised": "no", "abandoned": "no", "surrogacy": "no",
		"child_surname": "Nguyễn", "child_middle": "Minh", "child_given": "An", "child_birth_date": born, "mother_name": "Nguyễn Thị Mai", "father_declared": "no",
		"mother_birth_year": "1996", "birth_proof_kind": "data", "dwelling_consent": "yes", "dwelling_proof_kind": "data", "dwelling_address": "Ấp Mũi, xã Đất Mũi, tỉnh Cà Mau",
		"household_head": "Nguyễn Thị Mai", "household_relation": "con", "first_clinic": "Trạm Y tế xã Đất Mũi"})
}

// fileSet files a birth set online.
func (p *province) fileSet(t *testing.T, answers forms.Answers, papers ...services.PaperIn) services.SetRecord {
	t.Helper()
	ctx := p.as(t, "congdan")
	out, err := p.Services.Submit(ctx, services.SubmitIn{Client: client(), Procedure: "2.000986", Agency: "tt-pvhcc-xa-dat-mui-2025", ReturnWay: "online", Answers: answers, Papers: papers})
	must(t, err)
	return p.set(t, out.Set)
}

// set is how a set stands for who filed it, after the system has done what is due.
func (p *province) set(t *testing.T, id uuid.UUID) services.SetRecord {
	t.Helper()
	must(t, p.Services.Follow(p.ctx, id))
	s, err := p.Services.Set(p.as(t, "congdan"), id)
	must(t, err)
	return s
}

// law: public-services.md 18.2 A25 — child 1 refused: children 2–3 → 8 with reason; parent terminal, shows which failed.
func TestLinkedSetRefusedA25(t *testing.T) {
	t.Parallel()
	p := open(t)
	s := p.fileSet(t, p.birthSet(t, "2026-11-09"))
	for i, want := range []string{services.StepIntake, services.StepWaits, services.StepWaits} {
		if d := s.Records[i]; d.State != services.Registered || d.Step != want {
			t.Errorf("part %d: state %d, step %q", i+1, d.State, d.Step)
		}
	}
	must(t, p.Services.Refuse(p.as(t, "canbo.datmui"), services.RefuseIn{Dossier: s.Parts[0].ID, Client: client(), Reason: "Giấy chứng sinh không khớp", Basis: "Luật Hộ tịch"}))
	s = p.set(t, s.ID)
	for i, want := range []services.State{services.Refused, services.Stopped, services.Stopped} {
		if s.Records[i].State != want {
			t.Errorf("part %d: state %d, want %d", i+1, s.Records[i].State, want)
		}
	}
	if s.EndedAt == nil {
		t.Error("all parts are over and the set is not")
	}
	t.Log(s.Parts[1].Reason, "|", s.Parts[2].Reason)
}

// A part that waits is not forgotten: the watchdog holds it to one before it that is under way.
func TestLinkedSetIsNotSilent(t *testing.T) {
	t.Parallel()
	p := open(t)
	s := p.fileSet(t, p.birthSet(t, "2026-11-09"))
	found := func(want map[silence.Rule]int) {
		t.Helper()
		for rule, r := range p.look(t) {
			if r.Found != want[rule] {
				t.Errorf("%s: %d found, want %d", rule, r.Found, want[rule])
			}
		}
	}
	found(nil)
	p.owner(t, `UPDATE services.linked_part SET after = '{}' WHERE dossier_id = $1`, s.Parts[2].ID)
	found(map[silence.Rule]int{silence.RuleLinked: 1})
	p.owner(t, `UPDATE services.linked_part SET after = '{2}' WHERE dossier_id = $1`, s.Parts[2].ID)
	found(nil)
}
