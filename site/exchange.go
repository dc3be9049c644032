package site

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"

	"datmui/apps/services"
	"datmui/apps/services/outward"
	"datmui/apps/services/servicespage"
	"datmui/blocks/directory"
	"datmui/blocks/exchange"
	"datmui/blocks/exchange/dvc"
	"datmui/blocks/exchange/exchangepage"
	"datmui/kit/fault"
	"datmui/kit/lang"
)

// buildExchange wires the dossiers to the National Public Service Portal; without an address it is off.
func (s *Site) buildExchange(o Options) (*exchange.Block, error) {
	c := exchange.Config{DB: s.db.Reader, Book: s.Book, Clock: s.clock, About: outward.Kind, Noting: "to", Elsewhere: s.elsewhere, Unit: s.unitOf, Decide: services.RightDecide, Watch: services.RightSupervise, Log: o.Log,
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

// elsewhere says whether another system works a procedure, as the catalogue has it confirmed.
func (s *Site) elsewhere(ctx context.Context, procedure string) (string, bool, error) {
	pr, err := s.Services.Procedure(ctx, procedure)
	if fault.KindOf(err) == fault.KindNotFound {
		return "", false, nil
	}
	return pr.Name, err == nil && pr.Authority != services.OfProvince, err
}

// unitOf is the body that bears a code of the national list of agencies; "" when none of ours does.
func (s *Site) unitOf(ctx context.Context, code string) (string, error) {
	list, err := s.Directory.Agencies(ctx, directory.AgencyFilter{}, s.clock.Now())
	for _, a := range list {
		if a.Identifier == code {
			return a.ID, err
		}
	}
	return "", err
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
