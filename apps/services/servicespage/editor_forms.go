package servicespage

import (
	"context"
	"maps"
	"slices"
	"strconv"

	"datmui/kit/lang"
	"datmui/kit/ui"
)

// formErrors are the faults of the form that was sent, for the summary at the top.
func (v editView) formErrors(ctx context.Context) []ui.ErrorLine {
	var out []ui.ErrorLine
	for _, name := range slices.Sorted(maps.Keys(v.faults)) {
		line := ui.ErrorLine{Text: editFault(ctx, v.faults, name)}
		if name != "" {
			line.Text = lang.T(ctx, "services.editor."+v.failed+"."+name) + ": " + line.Text
			line.Field = v.failed + "." + name
			if name == "limit" {
				line.Field = v.failed + ".limit_days"
			}
		}
		out = append(out, line)
	}
	if v.failed == "publish" && len(v.wrong) > 0 {
		out = append(out, ui.ErrorLine{Text: lang.T(ctx, "services.editor.publish.wrong", "n", len(v.wrong))})
	}
	return out
}

func limitUnits(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, unit := range []string{"wd", "cd", "wh", "h"} {
		out = append(out, ui.Option{Value: unit, Label: lang.T(ctx, "services.editor.unit."+unit)})
	}
	return out
}

func feeWays(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, way := range []string{"amount", "free", "intake"} {
		out = append(out, ui.Option{Value: way, Label: lang.T(ctx, "services.editor.fee."+way)})
	}
	return out
}

func feeTypes(ctx context.Context) []ui.Option {
	return []ui.Option{{Value: "charge", Label: lang.T(ctx, "services.editor.fees.what.charge")}, {Value: "fee", Label: lang.T(ctx, "services.editor.fees.what.fee")}}
}

func amountField(f ui.Field) ui.Field {
	f.Mode, f.Width, f.Optional = "numeric", "w12", true
	return f
}

// moneyTyped is an amount as it stands in a field; 0 is empty.
func moneyTyped(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}
