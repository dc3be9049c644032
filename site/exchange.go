package site

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"

	"datmui/apps/services"
	"datmui/apps/services/outward"
	"datmui/apps/services/servicespage"
	"datmui/blocks/exchange"
	"datmui/blocks/exchange/dvc"
	"datmui/blocks/exchange/exchangepage"
	"datmui/kit/lang"
)

// buildExchange wires the dossiers to the National Public Service Portal; without an address it is off.
func (s *Site) buildExchange(o Options) (*exchange.Block, error) {
	c := exchange.Config{DB: s.db.Reader, Book: s.Book, Clock: s.clock, About: outward.Kind, Noting: "to", Decide: services.RightDecide, Watch: services.RightSupervise, Log: o.Log,
		Source: outward.Source{Services: s.Services, Body: s.bodyName, Dossier: servicespage.PathDesk, Act: actInVietnamese}}
	if o.National != "" {
		secret, _, err := s.Secrets.national(o.Demo)
		if err != nil {
			return nil, err
		}
		if secret == "" {
			return nil, fmt.Errorf("DATMUI_NATIONAL names %s, but there is no secret for it: write it into %s", o.National, filepath.Join(s.Secrets.dir, "national.secret"))
		}
		c.Peer = dvc.New(dvc.Config{URL: o.National, Client: cmp.Or(o.NationalClient, ClientID), Secret: secret, Name: "dvcqg"})
	}
	return exchange.New(c), nil
}

// actInVietnamese is an act in the words that the national system reads.
func actInVietnamese(ctx context.Context, name string) string {
	return lang.T(lang.With(ctx, lang.Vietnamese), "act."+name)
}

// national is what people call the peer.
func national(ctx context.Context) string { return lang.T(ctx, "exchange.peer") }

// exchangePage is what the pages of the exchange need.
func (s *Site) exchangePage(o Options) (exchangepage.Config, error) {
	_, theirs, err := s.Secrets.national(o.Demo)
	return exchangepage.Config{Exchange: s.Exchange, Client: cmp.Or(o.NationalClient, ClientID), Secret: theirs, Key: s.Secrets.Master, Peer: national,
		State: func(ctx context.Context, state int) string { return lang.T(ctx, services.State(state).Key()) },
		Body:  s.bodyName, Watch: services.RightSupervise, Decide: services.RightDecide, Clock: s.clock}, err
}
