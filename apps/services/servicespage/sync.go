package servicespage

import (
	"context"

	"github.com/a-h/templ"
)

// Sync shows how far another system knows a dossier; the site fills it.
type Sync func(ctx context.Context, code string) (templ.Component, error)

// ShowSync lets the pages of a dossier say how far another system knows it.
func (p *Pages) ShowSync(f Sync) *Pages {
	p.outside = f
	return p
}

// ShowElsewhere lets the page of all her dossiers show a citizen those that another system works.
func (p *Pages) ShowElsewhere(f func(ctx context.Context) (templ.Component, error)) *Pages {
	p.elsewhere = f
	return p
}

// worked is what stands there; nothing but on the first page.
func (p *Pages) worked(ctx context.Context, after string) (templ.Component, error) {
	if p.elsewhere == nil || after != "" {
		return templ.NopComponent, nil
	}
	return p.elsewhere(ctx)
}

// sync is what stands on the page of a dossier about that.
func (p *Pages) sync(ctx context.Context, code string) (templ.Component, error) {
	if p.outside == nil {
		return templ.NopComponent, nil
	}
	return p.outside(ctx, code)
}
