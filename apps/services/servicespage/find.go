package servicespage

import (
	"context"

	"datmui/apps/services"
	"datmui/kit/lang"
	"datmui/kit/web"
)

// Finder finds dossiers of the actor's offices by code, name or subject, for the command box.
func Finder(s *services.Module) web.Finder {
	return web.Finder{Title: "services.list.title", Find: func(ctx context.Context, words string) ([]web.Found, error) {
		list, err := s.Search(ctx, words)
		if err != nil {
			return nil, err
		}
		out := make([]web.Found, min(len(list), 10))
		for i := range out {
			l := list[i]
			out[i] = web.Found{Title: l.NameIn(lang.From(ctx)) + ": " + l.ApplicantName, More: l.Code + " · " + lang.T(ctx, l.State.Key()), Href: PathDesk(l.ID)}
		}
		return out, nil
	}}
}
