package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"filippo.io/age"
	"github.com/alecthomas/kong"

	"datmui/site"
)

// BackupCmd writes database and files as one encrypted file, beside a running server.
type BackupCmd struct {
	Out            string   `required:"" placeholder:"FILE" help:"Where the backup goes; - is the standard output."`
	Recipient      []string `sep:"none" placeholder:"KEY" help:"Public key (age1…) of who may restore; may be given many times."`
	PassphraseFile string   `type:"path" placeholder:"FILE" help:"File whose first line is the passphrase, instead of a key."`
	WithSecrets    bool     `help:"Put the instance's keys in too. Without, keep the folder of the secrets elsewhere: a restore needs it."`
}

// Run writes the backup and says what it holds.
func (c *BackupCmd) Run(ctx context.Context, s *Settings, k *kong.Kong) (err error) {
	to, err := c.recipients()
	if err != nil {
		return badInput(k, err)
	}
	db, err := s.openExisting(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var out io.Writer = os.Stdout
	keep := func() error { return nil }
	if c.Out != "-" {
		f, err := os.CreateTemp(filepath.Dir(c.Out), "."+filepath.Base(c.Out)+"-*") // 0600 by its nature
		if err != nil {
			return fmt.Errorf("nothing can be written beside %s: %w", c.Out, err)
		}
		defer os.Remove(f.Name())
		defer f.Close()
		out, keep = f, func() error { return errors.Join(f.Sync(), f.Close(), os.Rename(f.Name(), c.Out)) }
	}
	m, err := site.Backup(ctx, db, s.options(), c.WithSecrets, out, to...)
	if err := errors.Join(err, ctx.Err()); err != nil {
		return err
	}
	if err := keep(); err != nil {
		return fmt.Errorf("writing %s: %w", c.Out, err)
	}
	var rows int64
	for _, t := range m.Tables {
		rows += t.Rows
	}
	fmt.Fprintf(k.Stderr, "%d rows of %d tables and %d stored files\n", rows, len(m.Tables), m.Files["files"].Count)
	if !c.WithSecrets {
		fmt.Fprintln(k.Stderr, "the secrets are not in it: keep a copy of", filepath.Join(s.Data, "secrets"), "apart; a restore needs it")
	}
	return nil
}

func (c *BackupCmd) recipients() (to []age.Recipient, err error) {
	if (c.PassphraseFile == "") == (len(c.Recipient) == 0) {
		return nil, errors.New("a backup is encrypted: give --recipient or --passphrase-file, and only one of them")
	}
	if c.PassphraseFile != "" {
		phrase, err := passphrase(c.PassphraseFile)
		if err != nil {
			return nil, err
		}
		r, err := age.NewScryptRecipient(phrase)
		return []age.Recipient{r}, err
	}
	for _, key := range c.Recipient {
		r, err := age.ParseX25519Recipient(key)
		if err != nil {
			return nil, fmt.Errorf("--recipient %q is no public key of age (age1…): age-keygen makes one", key)
		}
		to = append(to, r)
	}
	return to, nil
}

// RestoreCmd fills an empty place from a backup.
type RestoreCmd struct {
	File           string `arg:"" help:"The backup; - is the standard input."`
	PassphraseFile string `type:"path" placeholder:"FILE" help:"File whose first line is the passphrase."`
	Identity       string `type:"path" placeholder:"FILE" help:"File with the secret key (AGE-SECRET-KEY-1…) of a recipient."`
	Secrets        string `type:"path" placeholder:"DIR" help:"Folder with the instance's keys, for a backup without them."`
}

// Help tells what is asked of the place.
func (c *RestoreCmd) Help() string {
	return `The data folder must be new, and the database without records. All of the backup is
restored, or nothing. A backup is restored by the version of the program that made it.`
}

// Run restores.
func (c *RestoreCmd) Run(ctx context.Context, s *Settings, out io.Writer, k *kong.Kong) (err error) {
	keys, err := c.identities()
	if err != nil {
		return badInput(k, err)
	}
	in := os.Stdin
	if c.File != "-" {
		if in, err = os.Open(c.File); err != nil {
			return badInput(k, err)
		}
		defer in.Close()
		// before a place is made for it
		if _, err := age.Decrypt(bufio.NewReader(in), keys...); err != nil {
			return fmt.Errorf("the backup cannot be opened with this key or passphrase: %w", err)
		}
		if _, err := in.Seek(0, io.SeekStart); err != nil {
			return err
		}
	}
	db, err := site.Open(ctx, s.options())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := site.Migrate(ctx, db); err != nil {
		return err
	}
	head, err := site.Restore(ctx, db, s.options(), c.Secrets, bufio.NewReaderSize(in, 1<<20), keys...)
	if err != nil {
		return err
	}
	command := "serve"
	if head.Demo {
		command = "demo"
	}
	fmt.Fprintf(out, "restored as of %s: check with `datmui audit verify`, start with `datmui %s`\n", head.MadeAt.Format("2006-01-02 15:04 MST"), command)
	return nil
}

func (c *RestoreCmd) identities() ([]age.Identity, error) {
	switch {
	case (c.PassphraseFile == "") == (c.Identity == ""):
		return nil, errors.New("give --passphrase-file or --identity, and only one of them")
	case c.PassphraseFile != "":
		phrase, err := passphrase(c.PassphraseFile)
		if err != nil {
			return nil, err
		}
		id, err := age.NewScryptIdentity(phrase)
		return []age.Identity{id}, err
	}
	f, err := os.Open(c.Identity)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return age.ParseIdentities(f)
}

func passphrase(path string) (string, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	line, _, _ := strings.Cut(string(b), "\n")
	if line = strings.TrimRight(line, "\r"); len(line) < 12 {
		return "", fmt.Errorf("the first line of %s must be a passphrase of at least 12 characters", path)
	}
	return line, nil
}
