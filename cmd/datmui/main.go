// Command datmui is the whole province: it serves it, works its jobs, and looks after it.
//
// Each command is one file: a struct with its flags and a Run method that may ask for a
// context.Context, *Settings and io.Writer, and one line in CLI below. Exit status: 0 done,
// 1 failed, 2 wrong command line or setting; a command may give others a meaning in its help.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

// CLI lists the commands.
type CLI struct {
	Settings `group:"settings"`
	Config   string `group:"settings" placeholder:"FILE" help:"Read settings from this TOML file (DATMUI_CONFIG; ./datmui.toml if it is there)."`

	Demo       DemoCmd       `cmd:"" help:"Run the demonstration province."`
	Serve      ServeCmd      `cmd:"" help:"Run a province: pages, public API and jobs."`
	Work       WorkCmd       `cmd:"" help:"Work jobs only, beside machines that serve."`
	Verify     VerifyCmd     `cmd:"" help:"Judge the signatures of a PDF file."`
	Migrate    MigrateCmd    `cmd:"" help:"Bring the database up to date and end."`
	Admin      AdminCmd      `cmd:"" help:"Look after accounts: the first administrator, one-time links, wrong tries."`
	Audit      AuditCmd      `cmd:"" help:"Check that nobody rewrote the memory of who did and who read what."`
	Backup     BackupCmd     `cmd:"" help:"Write database and files as one encrypted file."`
	Restore    RestoreCmd    `cmd:"" help:"Fill an empty place from a backup."`
	Doctor     DoctorCmd     `cmd:"" help:"Check settings, database, clock, disk, fonts and certificates."`
	Figures    FiguresCmd    `cmd:"" help:"Count units, bodies, accounts and dossiers on a day, each from its rows."`
	Calc       CalcCmd       `cmd:"" help:"Work out deadlines, lunar days, fees, transfer codes and numbers, without a database."`
	Search     SearchCmd     `cmd:"" help:"Find procedures by everyday words, without a database."`
	Gallery    GalleryCmd    `cmd:"" help:"Show every component and kind of page with sample data, on this machine only."`
	Sandbox    SandboxCmd    `cmd:"" hidden:""`
	Completion CompletionCmd `cmd:"" help:"Print the completion script of a shell."`
	Complete   CompleteCmd   `cmd:"" hidden:"" passthrough:""`
}

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run is the program without its process, so that a test can call it.
func run(args []string, stdout, stderr io.Writer) (status int) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once

	type exited int
	defer func() { // kong ends by Exit after --help
		switch r := recover().(type) {
		case nil:
		case exited:
			status = int(r)
		default:
			panic(r)
		}
	}()
	var cli CLI
	settings := &fileSettings{args: args}
	parser, err := kong.New(&cli,
		kong.Name("datmui"),
		kong.Description("Đất Mũi: a province's public services in one program.\n\nExit status: 0 done, 1 failed, 2 wrong command line, input or setting, 130 interrupted; verify and audit verify have their own, see their help. Answers go to standard output, messages to standard error; -- ends the options."),
		kong.ExplicitGroups([]kong.Group{{Key: "settings", Title: "Settings:", Description: "Each is a flag, a DATMUI_* variable or a key of the TOML file; the first that is there counts, in this order."}}),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, FlagsLast: true, NoExpandSubcommands: true}),
		kong.Writers(stdout, stderr),
		kong.Exit(func(code int) { panic(exited(code)) }),
		kong.Resolvers(settings),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.BindTo(stdout, (*io.Writer)(nil)),
	)
	if err != nil {
		fmt.Fprintln(stderr, "datmui:", err)
		return 2
	}
	c, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintln(stderr, "datmui:", brief(err.Error()))
		if e, ok := errors.AsType[*kong.ParseError](err); ok && e.Context.Command() == "" {
			fmt.Fprintln(stderr, "Run `datmui --help` for the commands.")
		}
		return 2
	}
	switch err := c.Run(&cli.Settings, parser); {
	case err == nil:
		return 0
	case ctx.Err() != nil && (errors.Is(err, context.Canceled) || errors.Is(err, context.Cause(ctx))):
		fmt.Fprintln(stderr, "datmui: stopped")
		return 130
	default:
		if code, ok := errors.AsType[exit](err); ok {
			return int(code)
		}
		fmt.Fprintln(stderr, "datmui:", err)
		if _, ok := errors.AsType[settingError](err); ok {
			return 2
		}
		return 1
	}
}

// brief keeps a sentence that repeats what was typed to a length that can be read.
func brief(s string) string {
	const most = 400
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

// exit is what a command returns to end with a status of its own, having said everything.
type exit int

func (e exit) Error() string { return fmt.Sprintf("exit status %d", int(e)) }
