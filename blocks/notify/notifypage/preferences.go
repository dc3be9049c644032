package notifypage

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"datmui/blocks/notify"
	"datmui/kit/fault"
	"datmui/kit/lang"
	"datmui/kit/ui"
	"datmui/kit/web"
)

type preferencesView struct {
	ui.Frame
	p      notify.Preferences
	kinds  []string
	faults fault.Fields
}

func (p *Pages) preferences(w http.ResponseWriter, r *http.Request) error {
	have, err := p.box.PreferencesOf(r.Context())
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, preferencesPage(preferencesView{Frame: frame(r), p: have, kinds: notify.Kinds()}))
}

func (p *Pages) prefer(w http.ResponseWriter, r *http.Request) error {
	in := web.Form[struct {
		Lang string     `form:"lang"`
		Mail string     `form:"mail"`
		All  url.Values `form:"*"`
	}](r)
	want := notify.Preferences{Lang: in.Lang, Mail: notify.Wish(in.Mail), ByKind: map[string]notify.Wish{}}
	for name := range in.All {
		if kind, ok := strings.CutPrefix(name, "kind."); ok {
			want.ByKind[kind] = notify.Wish(in.All.Get(name))
		}
	}
	err := p.box.Prefer(r.Context(), want)
	if f, ok := errors.AsType[fault.Fields](err); ok {
		v := preferencesView{Frame: frame(r), p: want, kinds: notify.Kinds(), faults: f}
		v.Errors = true
		return web.Render(w, r, http.StatusUnprocessableEntity, preferencesPage(v))
	} else if err != nil {
		return err
	}
	return web.SeeOther(w, r, PathPreferences, "notify.preferences.saved")
}

func (v preferencesView) form() ui.Form { return ui.Form{Prefix: "notify.wish", Faults: v.faults} }

func (v preferencesView) languages() []ui.Option {
	return []ui.Option{{Value: "vi", Label: "Tiếng Việt"}, {Value: "en", Label: "English"}}
}

func wishes(ctx context.Context) []ui.Option {
	out := make([]ui.Option, len(notify.Wishes))
	for i, w := range notify.Wishes {
		out[i] = ui.Option{Value: string(w), Label: lang.T(ctx, "notify.wish.mail."+string(w))}
	}
	return out
}

// ofKind is the field for one kind of notice; "" follows the general wish.
func (v preferencesView) ofKind(ctx context.Context, kind string) ui.Field {
	return ui.Field{Name: "kind." + kind, Label: notify.NameOf(ctx, kind), Value: string(v.p.ByKind[kind]), Width: "w20",
		Fault: v.form().Fault(ctx, "kind."+kind)}
}

func wishesOfKind(ctx context.Context) []ui.Option {
	return append([]ui.Option{{Value: "", Label: lang.T(ctx, "notify.wish.follow")}}, wishes(ctx)...)
}
