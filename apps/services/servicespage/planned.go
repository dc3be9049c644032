package servicespage

import (
	"context"

	"datmui/apps/services"
	"datmui/apps/services/cataloguepage"
	"datmui/kit/lang"
	"datmui/kit/ui"
)

// planned are the steps that a dossier goes through, before one files: who does what, and how long
// the office plans for it. What the procedure names as steps of its own takes the place of the work
// that all dossiers go through.
// law: public-services.md 8.4 — internal step limits are a management tool, not the legal limit;
// 17 — show holder and next step.
func (v startView) planned(ctx context.Context) []ui.Fact {
	who := v.decides
	if who == "" {
		who = lang.T(ctx, "services.planned.by."+v.deciding())
	}
	step := func(key string, args ...any) ui.Fact {
		return ui.Fact{Name: lang.T(ctx, "services.planned."+key), Text: lang.T(ctx, "services.planned."+key+".text", args...)}
	}
	out := []ui.Fact{step("intake")}
	for _, s := range v.def.Steps {
		name := s.Name
		if lang.From(ctx) == lang.English {
			name = s.NameEN
		}
		f := ui.Fact{Name: name, Text: who}
		if s.Limit != "" {
			f.Text = lang.T(ctx, "services.planned.step", "who", who, "limit", cataloguepage.LimitWords(ctx, s.Limit))
		}
		out = append(out, f)
	}
	if len(v.def.Steps) == 0 {
		out = append(out, step("work", "who", who))
	}
	out = append(out, step("sign", "who", who))
	back := step("return")
	if v.def.AtReturn {
		back.Text += " " + lang.T(ctx, "services.planned.return.originals")
	}
	return append(out, back)
}

// deciding is the key of who decides where no one body always does.
func (v startView) deciding() string {
	if v.def.Competent == services.CommuneBody && len(v.def.Competents) == 0 {
		return "commune"
	}
	return "case"
}
