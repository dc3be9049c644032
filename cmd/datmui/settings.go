package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/alecthomas/kong"
	"github.com/jackc/pgx/v5"

	"datmui/blocks/files/s3"
	"datmui/blocks/notify"
	"datmui/kit/pg"
	"datmui/kit/trace"
	"datmui/site"
)

// Settings are what an operator may choose. Each is a flag, a variable of the environment and
// a key of the TOML file (data, listen, origin, database_url …).
type Settings struct {
	Data               string   `env:"DATMUI_DATA" default:"./data" placeholder:"DIR" help:"Folder of database, files and secrets (./data)."`
	Listen             string   `env:"DATMUI_LISTEN" default:"127.0.0.1:8080" placeholder:"ADDR" help:"Address of the pages (127.0.0.1:8080)."`
	Origin             string   `env:"DATMUI_ORIGIN" default:"http://localhost:8080" placeholder:"URL" help:"Address people type; links and sign-in need it (http://localhost:8080)."`
	DatabaseURL        string   `env:"DATMUI_DATABASE_URL" placeholder:"URL" help:"A PostgreSQL of your own (postgres://user:password@host/datmui). Without it a private one runs in DATA."`
	Metrics            string   `env:"DATMUI_METRICS" placeholder:"ADDR" help:"Address of /metrics for Prometheus (127.0.0.1:9464). Off without it."`
	OTLP               string   `name:"otlp" env:"DATMUI_OTLP,OTEL_EXPORTER_OTLP_ENDPOINT" placeholder:"URL" help:"OpenTelemetry collector over HTTP (http://127.0.0.1:4318). Nothing is traced without it."`
	SMTP               string   `name:"smtp" env:"DATMUI_SMTP" placeholder:"URL" help:"Mail server (smtp://user@mail.example:587). No e-mail leaves without it."`
	MailFrom           string   `env:"DATMUI_MAIL_FROM" placeholder:"SENDER" help:"Sender of e-mails (Dịch vụ công Cà Mau <no-reply@camau.gov.vn>)."`
	VNeID              string   `name:"vneid" env:"DATMUI_VNEID" placeholder:"URL" help:"Issuer of the national electronic identity. Citizens cannot sign in by it without."`
	VNeIDClient        string   `name:"vneid-client" env:"DATMUI_VNEID_CLIENT" default:"datmui" placeholder:"ID" help:"How that issuer calls this site (datmui)."`
	National           string   `env:"DATMUI_NATIONAL" placeholder:"URL" help:"Interface of the National Public Service Portal. It is told of no dossier without."`
	NationalClient     string   `env:"DATMUI_NATIONAL_CLIENT" default:"datmui" placeholder:"ID" help:"How that portal calls this site (datmui)."`
	Clamd              string   `env:"DATMUI_CLAMD" placeholder:"ADDR" help:"ClamAV daemon (127.0.0.1:3310 or /run/clamav/clamd.ctl). Files are marked as not scanned without it."`
	Files              string   `env:"DATMUI_FILES" placeholder:"URL" help:"Bucket for files (s3://KEY@s3.example/BUCKET). Without it they lie in DATA/files."`
	Witnesses          []string `env:"DATMUI_WITNESSES" sep:"," placeholder:"URL,…" help:"Addresses outside to which each signed head of the audit is posted."`
	AuditPersonalYears int      `env:"DATMUI_AUDIT_PERSONAL_YEARS" default:"0" placeholder:"N" help:"After so many years personal details of audit entries are blanked (0, never)."`
	Log                string   `env:"DATMUI_LOG" default:"auto" placeholder:"FORM" help:"Form of the log: json, text, or auto (text on a terminal)."`
	LogLevel           string   `env:"DATMUI_LOG_LEVEL" default:"info" placeholder:"LEVEL" help:"debug, info, warn or error (info)."`
}

// settingError is a setting that cannot be: its name, and what would do.
type settingError struct{ name, text string }

func (e settingError) Error() string { return "the setting " + e.name + " " + e.text }

// without says whether a command works without settings: a wrong one, or a broken datmui.toml in
// the folder where it is called, is nothing to it.
func without(c *kong.Context) bool {
	name, _, _ := strings.Cut(c.Command(), " ")
	return slices.Contains([]string{"calc", "gallery", "completion", "complete"}, name)
}

// Validate is called by kong after all sources are read.
func (s *Settings) Validate(c *kong.Context) error {
	if without(c) {
		return nil
	}
	return s.check()
}

func (s *Settings) check() error {
	if s.Data == "" {
		return settingError{"DATMUI_DATA", "is empty: name a folder, such as ./data"}
	}
	if err := address("DATMUI_LISTEN", s.Listen, "127.0.0.1:8080"); err != nil {
		return err
	}
	if s.Metrics != "" {
		if err := address("DATMUI_METRICS", s.Metrics, "127.0.0.1:9464"); err != nil {
			return err
		}
	}
	if u, err := url.Parse(s.Origin); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || strings.Trim(u.Path, "/")+u.RawQuery+u.Fragment != "" || u.User != nil {
		return settingError{"DATMUI_ORIGIN", fmt.Sprintf("is %q, but must be a scheme and a host, such as https://dichvucong.camau.gov.vn", s.Origin)}
	}
	s.Origin = strings.TrimSuffix(s.Origin, "/")
	if s.DatabaseURL != "" {
		// pgx's own message may repeat the password.
		if _, err := pgx.ParseConfig(s.DatabaseURL); err != nil || !strings.HasPrefix(s.DatabaseURL, "postgres") {
			return settingError{"DATMUI_DATABASE_URL", "cannot be read: it must look like postgres://user:password@host:5432/datmui"}
		}
	}
	if err := s.outside(); err != nil {
		return err
	}
	if !slices.Contains([]string{"auto", "json", "text"}, s.Log) {
		return settingError{"DATMUI_LOG", fmt.Sprintf("is %q, but must be json, text or auto", s.Log)}
	}
	if err := new(slog.Level).UnmarshalText([]byte(s.LogLevel)); err != nil {
		return settingError{"DATMUI_LOG_LEVEL", fmt.Sprintf("is %q, but must be debug, info, warn or error", s.LogLevel)}
	}
	return nil
}

// outside checks what names other machines.
func (s *Settings) outside() error {
	if s.SMTP != "" {
		if _, err := notify.ParseSMTP(s.SMTP, s.MailFrom); notify.BadSender(err) {
			return settingError{"DATMUI_MAIL_FROM", err.Error()}
		} else if err != nil {
			return settingError{"DATMUI_SMTP", err.Error()}
		}
	}
	if u, err := url.Parse(s.VNeID); s.VNeID != "" && (err != nil || u.Host == "" || u.User != nil || u.RawQuery+u.Fragment != "" ||
		u.Scheme != "https" && !(u.Scheme == "http" && loopback(u.Hostname()))) {
		return settingError{"DATMUI_VNEID", fmt.Sprintf("is %q, but must be the https address of an OpenID issuer", s.VNeID)}
	}
	if s.VNeIDClient == "" || strings.ContainsAny(s.VNeIDClient, " \t\r\n") {
		return settingError{"DATMUI_VNEID_CLIENT", fmt.Sprintf("is %q, but must be the id the issuer gave, such as datmui", s.VNeIDClient)}
	}
	if u, err := url.Parse(s.National); s.National != "" && (err != nil || u.Host == "" || u.User != nil || u.RawQuery+u.Fragment != "" ||
		u.Scheme != "https" && !(u.Scheme == "http" && loopback(u.Hostname()))) {
		return settingError{"DATMUI_NATIONAL", fmt.Sprintf("is %q, but must be the https address of the portal's interface", s.National)}
	}
	if s.NationalClient == "" || strings.ContainsAny(s.NationalClient, " \t\r\n:") {
		return settingError{"DATMUI_NATIONAL_CLIENT", fmt.Sprintf("is %q, but must be the id the portal gave, such as datmui", s.NationalClient)}
	}
	if s.OTLP != "" {
		if err := trace.Check(s.OTLP); err != nil {
			return settingError{"DATMUI_OTLP", err.Error()}
		}
	}
	if s.Files != "" {
		if _, err := s3.Parse(s.Files); err != nil {
			return settingError{"DATMUI_FILES", err.Error()}
		}
	}
	for _, w := range s.Witnesses {
		if u, err := url.Parse(w); err != nil || u.Host == "" || u.User != nil || u.Fragment != "" || u.Scheme != "https" && !(u.Scheme == "http" && loopback(u.Hostname())) {
			return settingError{"DATMUI_WITNESSES", fmt.Sprintf("holds %q, but must hold https addresses, such as https://witness.example/camau", w)}
		}
	}
	if s.AuditPersonalYears < 0 || s.AuditPersonalYears > 100 {
		return settingError{"DATMUI_AUDIT_PERSONAL_YEARS", fmt.Sprintf("is %d, but must be a number of years from 1 to 100, or 0 for never", s.AuditPersonalYears)}
	}
	if s.Clamd != "" && !strings.HasPrefix(s.Clamd, "/") {
		return address("DATMUI_CLAMD", s.Clamd, "127.0.0.1:3310 (or the path of a socket)")
	}
	return nil
}

func address(name, value, example string) error {
	_, port, err := net.SplitHostPort(value)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return settingError{name, fmt.Sprintf("is %q, but must be an address and a port, such as %s", value, example)}
	}
	return nil
}

// options are the settings as the site takes them.
func (s *Settings) options() site.Options {
	o := site.Options{Data: s.Data, Listen: s.Listen, Origin: s.Origin, DatabaseURL: s.DatabaseURL,
		Metrics: s.Metrics, VNeID: s.VNeID, VNeIDClient: s.VNeIDClient, National: strings.TrimSuffix(s.National, "/"), NationalClient: s.NationalClient, Clamd: s.Clamd,
		Collector: s.OTLP, Witnesses: s.Witnesses, AuditPersonalYears: s.AuditPersonalYears, Log: s.logger()}
	if s.Files != "" {
		o.Files, _ = s3.Parse(s.Files) // checked by Validate
	}
	if s.SMTP != "" {
		o.SMTP, _ = notify.ParseSMTP(s.SMTP, s.MailFrom) // checked by Validate
	}
	return o
}

// openExisting opens a database that is there: a command that looks at records makes none.
func (s *Settings) openExisting(ctx context.Context) (*pg.DB, error) {
	if s.DatabaseURL == "" {
		if _, err := os.Stat(filepath.Join(s.Data, "pg", "cluster")); errors.Is(err, fs.ErrNotExist) {
			return nil, settingError{"DATMUI_DATA", fmt.Sprintf("is %s, and no database was ever made there: name the folder in which `datmui serve` or `datmui demo` ran", s.Data)}
		}
	}
	return site.Open(ctx, s.options())
}

func (s *Settings) logger() *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(s.LogLevel)) // checked by Validate
	o := &slog.HandlerOptions{Level: level}
	terminal := false
	if fi, err := os.Stderr.Stat(); err == nil {
		terminal = fi.Mode()&fs.ModeCharDevice != 0
	}
	if s.Log == "text" || s.Log == "auto" && terminal {
		return slog.New(slog.NewTextHandler(os.Stderr, o))
	}
	return slog.New(slog.NewJSONHandler(os.Stderr, o))
}

// fileSettings gives kong the settings of the TOML file for what neither a flag nor the
// environment says.
type fileSettings struct {
	args []string
	path string
	read map[string]any // nil until the first question
	err  error
	off  bool // nobody needs the file
}

// load reads the file once. A missing one is no fault unless it was asked for.
func (f *fileSettings) load() {
	if f.read != nil {
		return
	}
	f.read = map[string]any{}
	var asked bool
	f.path, asked = f.find()
	if _, err := toml.DecodeFile(f.path, &f.read); err != nil && (asked || !errors.Is(err, fs.ErrNotExist)) {
		why := err.Error()
		if e, ok := errors.AsType[toml.ParseError](err); ok { // its words may hold a password that lacks its quotes
			why = fmt.Sprintf("line %d is no TOML", e.Position.Line)
		}
		f.err = settingError{"DATMUI_CONFIG", fmt.Sprintf("names %s, which cannot be read: %s", f.path, why)}
	}
}

// Validate, called by kong after all questions, refuses what nobody asked for.
func (f *fileSettings) Validate(app *kong.Application) error {
	if f.off {
		return nil
	}
	if f.load(); f.err != nil {
		return f.err
	}
	var legal []string
	for _, flag := range app.Flags {
		if len(flag.Envs) > 0 {
			legal = append(legal, key(flag))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(f.read)) {
		if !slices.Contains(legal, name) {
			return settingError{name, fmt.Sprintf("in %s is unknown; there are %s", f.path, strings.Join(legal, ", "))}
		}
	}
	return nil
}

// find names the file before kong has read the command line, which needs it.
func (f *fileSettings) find() (path string, asked bool) {
	for i, arg := range f.args {
		if arg == "--" {
			break
		}
		if arg == "--config" && i+1 < len(f.args) {
			return f.args[i+1], true
		}
		if v, ok := strings.CutPrefix(arg, "--config="); ok {
			return v, true
		}
	}
	v := os.Getenv("DATMUI_CONFIG")
	return cmp.Or(v, "datmui.toml"), v != ""
}

// Resolve is asked for every flag that the command line does not give.
func (f *fileSettings) Resolve(c *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	if f.off = without(c); f.off {
		return nil, nil
	}
	for _, env := range flag.Envs {
		if _, ok := os.LookupEnv(env); ok {
			return nil, nil
		}
	}
	if len(flag.Envs) == 0 {
		return nil, nil
	}
	f.load()
	v, ok := f.read[key(flag)]
	if !ok {
		return nil, nil
	}
	if list, ok := v.([]any); ok { // ["a", "b"] is what "a,b" is in a variable
		texts := make([]string, len(list))
		for i, e := range list {
			texts[i] = fmt.Sprint(e)
		}
		return strings.Join(texts, ","), nil
	}
	return fmt.Sprint(v), nil
}

func key(flag *kong.Flag) string { return strings.ReplaceAll(flag.Name, "-", "_") }
