package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"

	"datmui/blocks/audit"
	"datmui/blocks/directory"
	"datmui/blocks/identity"
	"datmui/kit/actor"
	"datmui/kit/clock"
	"datmui/kit/fault"
	"datmui/site"
)

// AdminCmd looks after accounts from the machine itself: the first administrator, and whoever
// cannot be helped from within. It works beside a running server. It prints links, never passwords.
type AdminCmd struct {
	CreateAdministrator AdminCreateCmd `cmd:"" help:"Enter an administrator of the province and print the link by which the password is set."`
	ResetLink           AdminLinkCmd   `cmd:"" help:"Print a one-time link by which an official sets a new password."`
	Unlock              AdminUnlockCmd `cmd:"" help:"Forget the wrong tries counted for a sign-in name."`
	List                AdminListCmd   `cmd:"" help:"List who looks after accounts."`
}

// AdminCreateCmd enters a person, a post and an account.
type AdminCreateCmd struct {
	Account    string `arg:"" help:"Sign-in name."`
	Name       string `required:"" placeholder:"NAME" help:"Full name of the person."`
	Agency     string `required:"" placeholder:"ID" help:"Agency of the post, such as ubnd-tinh."`
	PersonalID string `name:"personal-id" placeholder:"NUMBER" help:"Personal identification number, 12 digits."`
}

// Run prints the link.
func (c *AdminCreateCmd) Run(ctx context.Context, s *Settings, out io.Writer) error {
	return withAccounts(ctx, s, func(ctx context.Context, dir *directory.Block, accounts *identity.Block) error {
		// before anything is entered: a name that is taken must leave no person without an account
		if err := accounts.CheckName(ctx, c.Account); err != nil {
			return err
		}
		person, err := dir.Enrol(ctx, directory.EnrolIn{
			PersonIn: directory.PersonIn{Name: c.Name, PersonalID: c.PersonalID}, Agency: c.Agency,
			Position: directory.ProvinceAdmin, From: dir.Today().Format("2006-01-02"), Basis: "datmui admin create-administrator"})
		if err != nil {
			return err
		}
		if _, err := accounts.CreateOfficial(ctx, identity.CreateIn{Person: person, Name: c.Account}); err != nil {
			return err
		}
		return printLink(ctx, accounts, c.Account, false, out)
	})
}

// AdminLinkCmd makes a one-time link.
type AdminLinkCmd struct {
	Account string `arg:"" help:"Sign-in name."`
	Second  bool   `help:"Also forget six-digit codes and passkeys: the phone is lost."`
}

// Run prints the link.
func (c *AdminLinkCmd) Run(ctx context.Context, s *Settings, out io.Writer) error {
	return withAccounts(ctx, s, func(ctx context.Context, _ *directory.Block, accounts *identity.Block) error {
		return printLink(ctx, accounts, c.Account, c.Second, out)
	})
}

// AdminUnlockCmd forgets counted failures.
type AdminUnlockCmd struct {
	Account string `arg:"" help:"Sign-in name."`
}

// Run says what was done.
func (c *AdminUnlockCmd) Run(ctx context.Context, s *Settings, out io.Writer) error {
	return withAccounts(ctx, s, func(ctx context.Context, _ *directory.Block, accounts *identity.Block) error {
		if err := accounts.Unlock(ctx, c.Account); err != nil {
			return err
		}
		fmt.Fprintf(out, "the wrong tries for %s are forgotten\n", c.Account)
		return nil
	})
}

// AdminListCmd lists administrators.
type AdminListCmd struct{}

// Run prints a table.
func (c *AdminListCmd) Run(ctx context.Context, s *Settings, out io.Writer) error {
	return withAccounts(ctx, s, func(ctx context.Context, _ *directory.Block, accounts *identity.Block) error {
		list, err := accounts.Administrators(ctx)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "ACCOUNT\tPERSON\tPOST\tAGENCY\tSTATE\tLAST SEEN")
		for _, a := range list {
			state, seen := a.State, "-"
			if !a.Ready {
				state += ", no password yet"
			}
			if a.LastSeen != nil {
				seen = a.LastSeen.In(clock.Vietnam).Format("2006-01-02 15:04")
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", a.Name, a.Person, a.Title, a.Agency, state, seen)
		}
		return w.Flush()
	})
}

func printLink(ctx context.Context, accounts *identity.Block, name string, second bool, out io.Writer) error {
	l, err := accounts.ResetLink(ctx, name, second)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s\nfor %s, once, until %s\n", l.Address, l.Name, l.Expires.In(clock.Vietnam).Format("2006-01-02 15:04"))
	return nil
}

// withAccounts opens the database, beside a running server or alone, and acts as this command.
func withAccounts(ctx context.Context, s *Settings, fn func(context.Context, *directory.Block, *identity.Block) error) (err error) {
	o := s.options()
	db, err := site.Open(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := site.Migrate(ctx, db); err != nil {
		return err
	}
	secrets, err := site.OpenSecrets(s.Data)
	if err != nil {
		return err
	}
	book := audit.New(audit.Config{App: db.App, Reader: db.Reader})
	dir := directory.New(directory.Config{DB: db.Reader, Book: book})
	accounts, err := identity.New(identity.Config{DB: db.Reader, Book: book, Live: db.App, People: dir, Key: secrets.Master, Origin: s.Origin, Log: o.Log})
	if err != nil {
		return err
	}
	return plainFault(fn(actor.With(ctx, actor.ForSystem("datmui admin")), dir, accounts))
}

// plainFault puts faults that pages word in two languages into a line for a terminal.
func plainFault(err error) error {
	switch e, ok := errors.AsType[*fault.Error](err); {
	case ok && e.Kind == fault.KindNotFound:
		return fmt.Errorf("there is no such %s", e.Key)
	case ok && e.Key == "identity.closed":
		return errors.New("the account is closed")
	case ok && e.Key == "identity.link-citizen":
		return errors.New("this is a citizen's account: citizens sign in with VNeID and have no password")
	}
	if f, ok := errors.AsType[fault.Fields](err); ok {
		return fmt.Errorf("what was given cannot be taken: %s", f.Error())
	}
	return err
}
