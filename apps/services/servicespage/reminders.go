package servicespage

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"datmui/apps/services"
	"datmui/kit/lang"
	"datmui/kit/ui"
	"datmui/kit/web"
)

// PathReminders is where a person sees of what she was reminded, and says whether she wants to be.
const PathReminders = "/reminders"

func (p *Pages) reminderRoutes() []web.Route {
	return []web.Route{
		{Pattern: "GET " + PathReminders, Who: web.AnyCitizen, Handle: p.reminders},
		{Pattern: "POST " + PathReminders, Who: web.AnyCitizen, Handle: p.chooseReminders},
	}
}

func (p *Pages) reminders(w http.ResponseWriter, r *http.Request) error {
	after, _ := uuid.Parse(r.URL.Query().Get("after")) // none is the first page
	v, err := p.services.Reminders(r.Context(), after)
	if err != nil {
		return err
	}
	var pages ui.Paging
	if after != uuid.Nil {
		pages.First = PathReminders
	}
	if v.Next != uuid.Nil {
		pages.Next = PathReminders + "?after=" + v.Next.String()
	}
	return web.Render(w, r, http.StatusOK, remindersPage(web.Frame(r), v, pages))
}

func (p *Pages) chooseReminders(w http.ResponseWriter, r *http.Request) error {
	in := web.Form[services.ChooseRemindersIn](r)
	if err := p.services.ChooseReminders(r.Context(), in); err != nil {
		return err
	}
	return web.SeeOther(w, r, PathReminders, "services.reminders."+in.On+".done")
}

// reminderItems are the papers as rows that open the renewal.
func reminderItems(ctx context.Context, list []services.Reminder) []ui.GoItem {
	out := make([]ui.GoItem, len(list))
	for i, r := range list {
		out[i] = ui.GoItem{Text: r.Name + " " + r.Number, Href: PathStart(r.Procedure),
			More: lang.T(ctx, "services.reminders.until", "day", lang.Date(ctx, r.Until), "at", lang.Date(ctx, r.At))}
	}
	return out
}

// other is the choice that the button makes.
func other(on bool) string {
	if on {
		return "no"
	}
	return "yes"
}
