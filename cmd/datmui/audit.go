package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/alecthomas/kong"

	"datmui/blocks/audit"
	"datmui/site"
)

// AuditCmd looks after the memory of who did and who read what.
type AuditCmd struct {
	Verify AuditVerifyCmd `cmd:"" help:"Compare the whole log with its checkpoints."`
}

// AuditVerifyCmd reads the whole log. It changes nothing and makes nobody wait.
type AuditVerifyCmd struct {
	Checkpoint []string `type:"path" sep:"none" placeholder:"FILE" help:"A file with checkpoints kept outside the database, such as those in DATA/checkpoints; may be given many times."`
	JSON       bool     `name:"json" help:"Print JSON: {\"ok\",\"sealed\",\"unsealed\",\"checkpoints\",\"outside_checkpoints\",\"personal_blanked\",\"problems\":[{\"code\",\"seq\",\"entry\",\"explain\"}],\"cannot_know\",\"checked_at\"}."`
}

// Help tells the contract.
func (c *AuditVerifyCmd) Help() string {
	return `Exit status: 0 the log is what it was when it was sealed, 1 it is not, 2 a file cannot be
read. It finds entries changed, removed, put in or moved. Only a checkpoint from outside shows that
the newest entries were cut off together with their checkpoints, or that the whole log was written
anew with its key; without one the report says so in "cannot_know".`
}

// Run prints the report.
func (c *AuditVerifyCmd) Run(ctx context.Context, s *Settings, out io.Writer, k *kong.Kong) (err error) {
	var outside [][]byte
	for _, path := range c.Checkpoint {
		b, err := os.ReadFile(path)
		if err == nil && !bytes.Contains(b, []byte("\n— ")) { // no line of a signature
			err = fmt.Errorf("%s holds no checkpoint", path)
		}
		if err != nil {
			return badInput(k, fmt.Errorf("--checkpoint: %w", err))
		}
		outside = append(outside, b)
	}
	db, err := s.openExisting(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if open, err := site.Pending(ctx, db); err != nil || open > 0 {
		return errors.Join(err, fmt.Errorf("%d migrations are to be run first: `datmui migrate`", open))
	}
	secrets, err := site.OpenSecrets(s.Data)
	if err != nil {
		return err
	}
	book := audit.New(audit.Config{App: db.App, Reader: db.Reader})
	report, err := book.Verify(ctx, secrets.Verifier, outside...)
	if err != nil {
		return err
	}
	if c.JSON {
		err = printJSON(out, report)
	} else {
		printReport(out, report)
	}
	if err == nil && !report.OK {
		return exit(1)
	}
	return err
}

func printReport(out io.Writer, r audit.Report) {
	fmt.Fprintf(out, "%d entries sealed, %d wait to be; compared with %d checkpoints in the database and %d from outside\n",
		r.Sealed, r.Unsealed, r.Heads, r.Outside)
	for _, p := range r.Problems {
		fmt.Fprintf(out, "%-17s %s\n", p.Code, p.Explain)
	}
	if r.Unknown != "" {
		fmt.Fprintln(out, "note:", r.Unknown)
	}
	if r.OK {
		fmt.Fprintln(out, "the log is what it was when it was sealed")
	} else {
		fmt.Fprintf(out, "the log is NOT what it was when it was sealed: %d problems\n", len(r.Problems))
	}
}
