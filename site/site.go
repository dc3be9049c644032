// Package site is the only place that knows everything: it builds kit, blocks and apps in order,
// and every wire between them is a line here or a function in seams.go.
package site

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"datmui/apps/portal/portalpage"
	"datmui/apps/services"
	"datmui/apps/services/cataloguepage"
	"datmui/apps/services/servicesapi"
	"datmui/apps/services/servicespage"
	"datmui/apps/services/silence"
	"datmui/apps/services/silence/silencepage"
	"datmui/assets"
	"datmui/blocks/audit"
	"datmui/blocks/audit/auditpage"
	"datmui/blocks/calendar"
	"datmui/blocks/calendar/calendarpage"
	"datmui/blocks/directory"
	"datmui/blocks/directory/directorypage"
	"datmui/blocks/exchange"
	"datmui/blocks/exchange/exchangepage"
	"datmui/blocks/files"
	"datmui/blocks/files/filespage"
	"datmui/blocks/files/sandbox"
	"datmui/blocks/forms"
	"datmui/blocks/identity"
	"datmui/blocks/identity/identitypage"
	"datmui/blocks/identity/openid"
	"datmui/blocks/notify"
	"datmui/blocks/notify/notifypage"
	"datmui/blocks/numbering"
	"datmui/blocks/partners"
	"datmui/blocks/partners/partnerspage"
	"datmui/blocks/pay"
	"datmui/blocks/pay/paypage"
	"datmui/blocks/records"
	"datmui/blocks/records/recordspage"
	"datmui/blocks/represent"
	"datmui/blocks/represent/representpage"
	"datmui/blocks/sign"
	"datmui/blocks/sign/signpage"
	"datmui/blocks/worklist"
	"datmui/blocks/worklist/worklistpage"
	"datmui/demo"
	"datmui/kit/actor"
	"datmui/kit/clock"
	"datmui/kit/jobs"
	"datmui/kit/pg"
	"datmui/kit/web"
)

// modules with tables, lowest first.
func migrations() []fs.FS {
	return []fs.FS{audit.Migrations, directory.Migrations, calendar.Migrations, identity.Migrations, files.Migrations, represent.Migrations,
		numbering.Migrations, forms.Migrations, worklist.Migrations, notify.Migrations, records.Migrations, partners.Migrations, pay.Migrations,
		sign.Migrations, exchange.Migrations, services.Migrations, demo.Migrations}
}

// Site is everything, built over one database.
type Site struct {
	Book      *audit.Book
	Directory *directory.Block
	Calendar  *calendar.Block
	Identity  *identity.Block
	Files     *files.Block
	Forms     *forms.Block
	Worklist  *worklist.Block
	Notify    *notify.Block
	Pay       *pay.Block
	Records   *records.Block
	Represent *represent.Block
	Partners  *partners.Block
	Sign      *sign.Block
	Exchange  *exchange.Block
	Services  *services.Module
	Silence   *silence.Module

	Web     *web.Server
	Jobs    *jobs.Client
	Secrets *Secrets

	db    *pg.DB
	log   *slog.Logger
	clock clock.Clock
}

// Build makes a site over an open, migrated database. Nothing runs yet.
func Build(ctx context.Context, db *pg.DB, o Options) (_ *Site, err error) {
	s := &Site{db: db, log: o.Log, clock: o.Clock}
	if s.clock == nil {
		s.clock = clock.System{}
	}
	if s.Secrets, err = OpenSecrets(o.Data); err != nil {
		return nil, err
	}
	keep := filepath.Join(o.Data, "checkpoints")
	if err := os.MkdirAll(keep, 0o700); err != nil {
		return nil, fmt.Errorf("making the folder of the checkpoints: %w", err)
	}
	if o.Demo { // it reaches nobody, whatever the settings say
		o.Witnesses = nil
	}
	s.Book = audit.New(audit.Config{App: db.App, Reader: db.Reader, Clock: s.clock, Signer: s.Secrets.Signer, Key: s.Secrets.Public, Keep: keep,
		Witnesses: o.Witnesses, PersonalYears: o.AuditPersonalYears})
	if err := s.buildBlocks(ctx, o); err != nil {
		return nil, err
	}
	s.Services = services.New(services.Config{DB: db.Reader, Book: s.Book, Clock: s.clock, Directory: s.Directory, Calendar: s.Calendar,
		Forms: s.Forms, Worklist: s.Worklist, Notify: s.Notify, Files: s.Files, Pay: s.Pay, Records: s.Records, Represent: s.Represent, Sign: s.Sign, Partners: s.Partners,
		Origin: o.Origin, Demo: o.Demo})
	s.Silence = silence.New(silence.Config{DB: db.Reader, Book: s.Book, Clock: s.clock, Directory: s.Directory, Worklist: s.Worklist})
	if s.Exchange, err = s.buildExchange(o); err != nil {
		return nil, err
	}
	set := jobs.NewSet()
	set.Trace(o.Trace)
	if o.Untimed {
		set.Untimed()
	}
	s.Book.Jobs(set)
	s.Notify.Jobs(set)
	s.Identity.Jobs(set)
	s.Files.Jobs(set)
	s.Forms.Jobs(set)
	s.Partners.Jobs(set)
	s.Services.Jobs(set)
	s.Silence.Jobs(set)
	if s.Jobs, err = jobs.NewClient(db.App, set, o.Log, true); err != nil {
		return nil, err
	}
	s.Book.UseJobs(s.Jobs)
	return s, s.buildWeb(o)
}

func (s *Site) buildBlocks(ctx context.Context, o Options) (err error) {
	r, book, c := s.db.Reader, s.Book, s.clock
	if o.Mailer, err = s.mailer(o); err != nil {
		return err
	}
	s.Directory = directory.New(directory.Config{DB: r, Book: book, Clock: c})
	s.Calendar = calendar.New(calendar.Config{DB: r, Book: book, Clock: c})
	config := identity.Config{DB: r, Book: book, Live: s.db.App, People: s.Directory, Key: s.Secrets.Master, Origin: o.Origin, Clock: c, Log: o.Log, Demo: o.Demo, Mailer: o.Mailer}
	if o.VNeID != "" {
		config.Provider = openid.New(openid.Config{Issuer: o.VNeID, Client: cmp.Or(o.VNeIDClient, ClientID), Secret: s.Secrets.Client, Redirect: o.Origin + identitypage.PathCallback})
	}
	if s.Identity, err = identity.New(config); err != nil {
		return err
	}
	looker, err := sandbox.New(sandbox.Config{Exe: o.Program, Cache: filepath.Join(o.Data, "cache", "pdfium")})
	if err != nil {
		return err
	}
	go looker.Warm(ctx) // PDFium is compiled once per machine
	if o.Files, err = s.Secrets.bucket(o); err != nil {
		return err
	}
	if s.Files, err = files.New(ctx, files.Config{DB: r, Book: book, Clock: c, Store: filepath.Join(o.Data, "files"), S3: o.Files,
		Temp: filepath.Join(o.Data, "uploads"), Looker: looker, Scanner: files.ScannerAt(o.Clamd)}); err != nil {
		return err
	}
	if s.Forms, err = forms.New(forms.Config{DB: r, Book: book, Clock: c, Units: communes{s.Directory, c}, Shipped: []fs.FS{services.FormDefinitions()}}); err != nil {
		return err
	}
	s.Worklist = worklist.New(worklist.Config{DB: r, Book: book, Clock: c, Absent: absentColleagues})
	s.Worklist.Register(worklist.Kind{Name: "services.dossier", Text: "services.kind", Icon: "folder"})
	s.Worklist.Register(worklist.Kind{Name: silence.Kind, Text: "services.silence.kind", Icon: "clock"})
	s.Worklist.Register(worklist.Kind{Name: "services.opinion", Text: "services.opinion.kind", Icon: "users"})
	s.Worklist.Register(worklist.Kind{Name: exchange.KindConflict, Text: "exchange.kind", Icon: "swap"})
	s.Worklist.Register(worklist.Kind{Name: services.KindComplaint, Text: "services.complaint.kind", Icon: "flag"})
	s.Worklist.Register(worklist.Kind{Name: services.KindRating, Text: "services.rating.kind", Icon: "flag"})
	s.Worklist.RegisterBulk(worklist.Bulk{Kind: "services.dossier", Why: "services.why.sign", Text: "services.signing.bulk", Icon: "pen", Key: "s", Path: servicespage.PathSigning})
	s.Notify = notify.New(notify.Config{DB: r, Book: book, Clock: c, People: addresses{r}, Mailer: o.Mailer, Origin: o.Origin})
	s.Represent = represent.New(represent.Config{DB: r, Book: book, Clock: c, Directory: s.Directory, Files: s.Files, Notify: s.Notify, Changed: identity.RightsChanged})
	s.Identity.UseActing(represent.Acting, s.Represent.Vouched)
	s.Pay = pay.New(pay.Config{DB: r, Book: book, Clock: c})
	if s.Partners, err = partners.New(partners.Config{DB: r, Book: book, Clock: c, Master: s.Secrets.Master, Local: o.Demo}); err != nil {
		return err
	}
	s.Records = records.New(records.Config{DB: r, Book: book, Clock: c})
	s.Sign, err = sign.New(sign.Config{DB: r, Book: book, Clock: c, Master: s.Secrets.Master, Dir: filepath.Join(o.Data, "secrets", "authority"),
		Trust: filepath.Join(o.Data, "trust")})
	return err
}

// mailFolder is where a demonstration keeps the mails it does not send.
func mailFolder(o Options) notify.Folder {
	return notify.Folder{Dir: filepath.Join(o.Data, "mail"), From: "khong-gui@datmui.example", Name: "Đất Mũi (trình diễn)"}
}

// mailer is where e-mails go. A demonstration reaches nobody, whatever the settings say.
func (s *Site) mailer(o Options) (_ notify.Mailer, err error) {
	switch {
	case o.Mailer != nil:
		return o.Mailer, nil
	case o.Demo:
		return mailFolder(o), nil
	case o.SMTP.Host == "":
		return nil, nil
	}
	if o.SMTP.User != "" {
		if o.SMTP.Password, err = s.Secrets.given("smtp.password"); err != nil {
			return nil, err
		}
		if o.SMTP.Password == "" {
			return nil, fmt.Errorf("DATMUI_SMTP names the user %s, but there is no password for him: write it into %s", o.SMTP.User, filepath.Join(s.Secrets.dir, "smtp.password"))
		}
	}
	return o.SMTP, nil
}

// mails are the demonstration's mails for its page; nil outside of it.
func (s *Site) mails(o Options) *notify.Folder {
	if !o.Demo {
		return nil
	}
	f := mailFolder(o)
	return &f
}

func (s *Site) buildWeb(o Options) error {
	door, err := s.exchangePage(o)
	if err != nil {
		return err
	}
	outside := exchangepage.New(door)
	sessions := identitypage.New(identitypage.Config{Block: s.Identity})
	api := servicesapi.New(servicesapi.Config{Services: s.Services, Files: s.Files, Pay: s.Pay, Partners: s.Partners, Origin: o.Origin, Log: o.Log,
		Fail: func(w http.ResponseWriter, r *http.Request, err error) { s.Web.Fail(w, r, err) }})
	s.Web = web.NewServer(web.Config{Log: o.Log, Origin: o.Origin, Session: api.Session(sessions.Middleware), Keeper: sessions, Frame: s.frame(o), Tag: audit.WithRequest, Observe: o.Observe, Trace: o.Trace})
	s.Web.Mount("GET /assets/", assets.Handler())
	for _, routes := range [][]web.Route{
		auditpage.New(s.Book, s.officials, whoseRecord).Routes(),
		calendarpage.New(s.Calendar, s.clock, s.bodyName).Routes(),
		directorypage.New(s.Directory).Routes(),
		filespage.New(s.Files).Routes(),
		sessions.Routes(),
		signpage.New(s.Sign, filepath.Join(o.Data, "trust")).Routes(),
		worklistpage.New(s.Worklist).Routes(),
		servicespage.New(s.Services, s.Forms, s.Files, s.Pay, s.Worklist, s.lookups).ShowSync(exchangepage.Banner(s.Exchange, national)).ShowElsewhere(outside.Elsewhere).Routes(),
		outside.Routes(),
		cataloguepage.New(s.Services).Routes(),
		silencepage.New(silencepage.Config{Silence: s.Silence, Dossier: servicespage.PathDesk, Body: s.bodyName}).Routes(),
		paypage.New(s.Pay, s.bodyName).Leads("services.dossier", servicespage.PathDossier).Receipts("services.dossier", s.receipts).Routes(),
		notifypage.New(s.Notify, s.mails(o)).Routes(),
		partnerspage.New(s.Partners).Routes(),
		api.Routes(),
		representpage.New(s.Represent, s.Identity, s.Files).Routes(),
		recordspage.New(recordspage.Config{Records: s.Records, File: filespage.PathFile, Agencies: s.consentAgencies}).Routes(),
		portalpage.New(s.front(), o.Demo).Routes(),
	} {
		s.Web.Add(routes...)
	}
	s.Web.Find(servicespage.Finder(s.Services), worklistpage.Finder(s.Worklist), directorypage.Finder(s.Directory, s.clock), s.commands())
	s.Web.Add(s.Web.FindRoute())
	s.Web.Add(s.Web.KeptRoutes()...)
	return nil
}

// Seed brings in the reference data that the program ships; what is there stays.
func (s *Site) Seed(ctx context.Context) error {
	ctx = actor.With(ctx, actor.ForSystem("seed"))
	for _, step := range []func(context.Context) error{s.Calendar.Seed, s.Forms.Seed, s.Services.Seed, s.Sign.PublishTrust} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// Start runs what runs beside the pages, until ctx ends: jobs, sealing, session upkeep.
func (s *Site) Start(ctx context.Context) error {
	if err := s.Jobs.Start(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("starting the jobs: %w", err)
	}
	go s.Book.SealLoop(ctx, s.log)
	go s.Identity.Run(ctx)
	go s.Exchange.Run(ctx)
	go s.upkeep(ctx)
	return nil
}

// startWork is after how long what runs at the start has ended.
const startWork = 5 * time.Second

// upkeep does each hour in every process what concerns its own memory and folder: the trust list
// is written anew with the newest revocations, forms published elsewhere are read.
func (s *Site) upkeep(ctx context.Context) {
	tick, started := time.NewTicker(time.Hour), time.After(startWork)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-started:
			debug.FreeOSMemory() // seeding and the first jobs take several times what the program needs later
			continue
		case <-tick.C:
		}
		if err := errors.Join(s.Sign.PublishTrust(ctx), s.Forms.Refresh(ctx)); err != nil && ctx.Err() == nil {
			s.log.ErrorContext(ctx, "hourly upkeep failed", "err", err)
		}
	}
}

// Stop ends the jobs, those under way first.
func (s *Site) Stop(ctx context.Context) error {
	return s.Jobs.Stop(ctx)
}

// Handler answers requests.
func (s *Site) Handler() http.Handler { return s.Web.Handler() }
