package demo

import (
	"context"
	"fmt"
	"slices"

	"datmui/blocks/partners"
	"datmui/kit/actor"
	"datmui/kit/fault"
)

// Partners takes up one other system for which two citizens have said yes, once, so that its page and
// theirs show what one looks like. Nobody holds its key: whoever wants to try the API makes another.
func Partners(ctx context.Context, c LoadConfig) error {
	if c.Partners == nil {
		return nil
	}
	return c.once(ctx, "partners", func() error {
		w, err := Build(Config{Seed: c.Seed, AsOf: orToday(c.AsOf), Scale: c.Scale})
		if err != nil || w.AsOf.Before(twoLevels) {
			return err
		}
		i := slices.IndexFunc(w.Accounts, func(a Account) bool { return a.Account == "quantri" })
		if i < 0 {
			return nil
		}
		who, err := c.Directory.Actor(ctx, c.DB, w.Accounts[i].PersonID, w.Accounts[i].Post, c.Book.Clock().Now())
		if err != nil {
			return err
		}
		admin := actor.With(ctx, who)
		partner, err := c.Partners.Enrol(admin, partners.EnrolIn{Client: "demo-partner-enrol", Name: "Phần mềm Kế toán Mũi (minh họa)",
			Contact: "ky-thuat@ketoanmui.example", Scopes: slices.Clone(partners.Scopes), PerMinute: 60})
		if err != nil {
			return err
		}
		if _, err := c.Partners.MakeKey(admin, partners.KeyIn{Client: "demo-partner-key", Partner: partner, Name: "Máy chủ chính", Days: 365}); err != nil && fault.KindOf(err) != fault.KindConflict {
			return err
		}
		f := &family{c, w}
		for n, scopes := range map[int][]string{owner: partners.Scopes, elder: {partners.ScopeStatus, partners.ScopeResult}} {
			in := partners.AuthoriseIn{Client: fmt.Sprint("demo-partner-yes-", n), Partner: partner, Scopes: scopes, Days: 180}
			if _, err := c.Partners.Authorise(f.as(ctx, n), in); err != nil && fault.KindOf(err) != fault.KindConflict {
				return err
			}
		}
		return nil
	})
}
