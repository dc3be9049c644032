package directorypage

import (
	"context"

	"datmui/blocks/directory"
	"datmui/kit/lang"
	"datmui/kit/ui"
)

func sexes(ctx context.Context) []ui.Option {
	return []ui.Option{{Value: "", Label: lang.T(ctx, "directory.sex.unknown")},
		{Value: "female", Label: lang.T(ctx, "directory.sex.female")}, {Value: "male", Label: lang.T(ctx, "directory.sex.male")}}
}

func formOptions(ctx context.Context) []ui.Option {
	out := make([]ui.Option, len(directory.Forms))
	for i, f := range directory.Forms {
		out[i] = ui.Option{Value: f, Label: lang.T(ctx, "directory.form."+f), Hint: lang.T(ctx, "directory.form."+f+".hint")}
	}
	return out
}

func rightOptions(ctx context.Context, rights []directory.Right) []ui.Option {
	out := make([]ui.Option, len(rights))
	for i, r := range rights {
		out[i] = ui.Option{Value: r.Key, Label: r.NameVi}
		if lang.From(ctx) == lang.English {
			out[i].Label = r.NameEn
		}
	}
	return out
}

func unitOptions(ctx context.Context, units []directory.Unit) []ui.Option {
	out := []ui.Option{{Value: "", Label: lang.T(ctx, "directory.choose")}}
	for _, u := range units {
		out = append(out, ui.Option{Value: u.Code, Label: unitName(ctx, u)})
	}
	return out
}
