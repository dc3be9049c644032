package services

import (
	"context"
	"fmt"
	"slices"

	"datmui/blocks/audit"
	"datmui/blocks/calendar"
	"datmui/blocks/pay"
	"datmui/kit/fault"
)

// CompleteIn is a value that the source of a procedure does not state: its limit, its fee, or both.
type CompleteIn struct {
	Procedure string `form:"code"`
	Client    string `form:"client"`
	Limit     string `form:"limit"`  // "" where it is known or stays unknown
	Fee       string `form:"fee"`    // amount, free, intake; "" where it is known or stays unknown
	Amount    int64  `form:"amount"` // đồng for one filing
	Online    int64  `form:"online"` // đồng where it is filed online and costs another sum there; 0 is the same
	Type      string `form:"type"`   // fee or charge
	From      string `form:"from"`   // first day
	Basis     string `form:"basis"`  // the resolution or decision that says so
}

// Complete publishes a version that differs from the latest by what was missing alone, so that the
// procedure opens. An edition that somebody prepares is not passed by.
// law: public-services.md 12 — what the source does not state is entered by an officer.
func (m *Module) Complete(ctx context.Context, in CompleteIn) (version int, err error) {
	if f := in.check(); f.Any() {
		return 0, f
	}
	err = m.book.Act(ctx, "services.procedure.complete", func(ctx context.Context, act *audit.Act) error {
		if !mayDefine(act.Actor) {
			return fault.Forbidden("services.define")
		}
		if err := lockProcedure(ctx, act, in.Procedure); err != nil {
			return err
		}
		e, err := editionOf(ctx, act, in.Procedure)
		if err != nil {
			return err
		}
		if e.Rev > 0 {
			return fault.Conflict("services.edition-open", "who", e.SavedName)
		}
		d := e.Definition
		missing := m.Missing(d)
		if len(missing) == 0 {
			return fault.Conflict("services.nothing-missing")
		}
		if slices.Contains(missing, MissingLimit) && in.Limit != "" {
			d.Limit = in.Limit
			d.Notes = without(d.Notes, MissingLimit)
		}
		if slices.Contains(missing, MissingFee) && in.Fee != "" {
			in.fee(&d, m.pay.Schedule())
			d.Notes = without(d.Notes, MissingFee)
		}
		version, err = m.bringIn(ctx, act, d, in.From, in.Basis)
		return err
	}, audit.Once(in.Client, in, &version))
	if err != nil {
		return 0, fmt.Errorf("completing %s: %w", in.Procedure, err)
	}
	m.changed()
	return version, nil
}

func (in CompleteIn) check() fault.Fields {
	f := checkFrom(in.From, in.Basis)
	if code, ok := f["reason"]; ok {
		delete(f, "reason")
		f.Set("basis", code)
	}
	if in.Limit == "" && in.Fee == "" {
		f.Set("limit", "required")
		f.Set("fee", "required")
	}
	if in.Limit != "" {
		if _, err := calendar.ParseLimit(in.Limit); err != nil {
			f.Set("limit", "limit")
		}
	}
	switch in.Fee {
	case "", "free", "intake":
	case "amount":
		if in.Amount <= 0 || in.Amount > dearestFee {
			f.Set("amount", "out-of-range")
		}
		if in.Online < 0 || in.Online > dearestFee {
			f.Set("online", "out-of-range")
		}
		if in.Type != "fee" && in.Type != "charge" {
			f.Set("type", "required")
		}
	default:
		f.Set("fee", "required")
	}
	return f
}

// dearestFee is more than any procedure costs: anything above is a slip of the keyboard.
const dearestFee = 1_000_000_000

// fee puts the amount in the place of the rules that know none; those that do stay before it.
func (in CompleteIn) fee(d *Definition, schedule *pay.Schedule) {
	switch in.Fee {
	case "free":
		d.FeeMode, d.Fees, d.AtIntake = "none", nil, false
		return
	case "intake":
		d.AtIntake = true
		return
	}
	rules := pay.Procedures{Codes: []string{d.Code}}
	if was := d.FeeRules(schedule); was != nil {
		rules.Exemptions, rules.Refund = was.Exemptions, was.Refund
		for _, r := range was.Rules {
			if !r.Unknown {
				r.Words = schedule.Words(r)
				rules.Rules = append(rules.Rules, r)
			}
		}
	}
	basis := pay.Text{Vi: in.Basis, En: in.Basis}
	line := func(amount int64) []pay.PriceLine {
		name := map[string]pay.Text{"fee": {Vi: "Phí", En: "Fee"}, "charge": {Vi: "Lệ phí", En: "Charge"}}[in.Type]
		return []pay.PriceLine{{Name: name, Type: in.Type, Amount: amount}}
	}
	if in.Online > 0 {
		rules.Rules = append(rules.Rules, pay.Rule{When: map[string]pay.Condition{"channel": {In: []string{"online"}}}, Words: basis, Lines: line(in.Online)})
	}
	rules.Rules = append(rules.Rules, pay.Rule{Words: basis, Lines: line(in.Amount)})
	d.Fees = &rules
}

func without(notes []SourceNote, field string) []SourceNote {
	return slices.DeleteFunc(slices.Clone(notes), func(n SourceNote) bool { return n.Field == field })
}
