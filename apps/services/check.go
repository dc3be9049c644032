package services

import (
	"fmt"
	"strings"

	"datmui/blocks/calendar"
	"datmui/blocks/forms"
	"datmui/blocks/pay"
)

// check refuses a definition that could not be worked: what an editor is told field by field is in
// faults.go.
func (d Definition) check() error {
	if !procedureCode.MatchString(d.Code) {
		return fmt.Errorf("code %q is none", d.Code)
	}
	if d.Limit != "" {
		if _, err := calendar.ParseLimit(d.Limit); err != nil {
			return err
		}
	}
	for _, p := range d.Papers {
		for _, expr := range []string{p.When, p.Certified} {
			if _, err := forms.ParseExpr(expr); err != nil {
				return fmt.Errorf("paper %s: %w", p.Key, err)
			}
		}
	}
	if o := d.Opinions; o != nil {
		if _, err := calendar.ParseLimit(o.Limit); err != nil || o.Basis == "" {
			return fmt.Errorf("opinions: a limit and the basis of silence are needed: %w", err)
		}
	}
	for _, l := range d.Limits {
		if _, err := forms.ParseExpr(l.When); err != nil {
			return fmt.Errorf("limit %s: %w", l.Limit, err)
		}
		if _, err := calendar.ParseLimit(l.Limit); err != nil {
			return err
		}
	}
	if d.LinkedExtra != "" {
		if _, err := calendar.ParseLimit(d.LinkedExtra); err != nil {
			return err
		}
	}
	if err := d.checkLinked(); err != nil {
		return err
	}
	for _, c := range d.Competents {
		if _, err := forms.ParseExpr(c.When); err != nil {
			return fmt.Errorf("body %s: %w", c.Competent, err)
		}
		if c.Competent != CommuneBody && c.Competent != PoliceBody && !strings.HasPrefix(c.Competent, AgencyBody) {
			return fmt.Errorf("%q is no body", c.Competent)
		}
	}
	return nil
}

// The ways of naming the body that decides: the committee or the police of the commune, or one body by its id.
const (
	CommuneBody = "commune"
	PoliceBody  = "commune-police"
	AgencyBody  = "agency:"
)

// What a procedure may lack before anybody can file it.
const (
	MissingLimit = "limit"
	MissingFee   = "fee"
)

// Missing lists what an officer must still enter before the procedure can be filed here: the time
// limit, or the fee where no rule knows an amount for anybody.
// law: public-services.md 12 — HĐND fees and limits that the source does not state.
func (d Definition) Missing(schedule *pay.Schedule) []string {
	var out []string
	if d.Limit == "" {
		out = append(out, MissingLimit)
	}
	if d.FeeMode != "none" && !d.AtIntake && !d.FeeRules(schedule).Answers() {
		out = append(out, MissingFee)
	}
	return out
}

// Missing is what a definition lacks by the fee rules in force.
func (m *Module) Missing(d Definition) []string { return d.Missing(m.pay.Schedule()) }
