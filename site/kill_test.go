package site_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/blocks/audit"
	"datmui/blocks/directory"
	"datmui/blocks/identity"
	"datmui/blocks/notify"
	"datmui/demo"
	"datmui/kit/actor"
	"datmui/kit/pg"
	"datmui/site"
)

// serveToBeKilled runs the program as it is until somebody ends it.
func serveToBeKilled(data string) {
	port, _ := strconv.Atoi(os.Getenv("DATMUI_TEST_MAIL"))
	err := site.Run(context.Background(), site.Options{Data: data, Listen: os.Getenv("DATMUI_TEST_LISTEN"), Origin: "http://" + os.Getenv("DATMUI_TEST_LISTEN"),
		Log: slog.New(slog.NewTextHandler(os.Stderr, nil)), Mailer: notify.SMTP{Host: "127.0.0.1", Port: port, TLS: "none", From: "datmui@camau.example"}})
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// postbox is a mail server that keeps the Message-IDs of what came.
type postbox struct {
	net.Listener
	mu  sync.Mutex
	got map[string]int
}

func openPostbox(t *testing.T) *postbox {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b := &postbox{Listener: l, got: map[string]int{}}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go b.talk(c)
		}
	}()
	return b
}

func (b *postbox) talk(c net.Conn) {
	defer c.Close()
	in, letter, id := bufio.NewScanner(c), false, ""
	in.Buffer(nil, 1<<20)
	fmt.Fprint(c, "220 mail.test\r\n")
	for in.Scan() {
		line := in.Text()
		switch {
		case letter && line == ".":
			b.mu.Lock()
			b.got[id]++
			b.mu.Unlock()
			letter = false
			fmt.Fprint(c, "250 taken\r\n")
		case letter:
			if v, ok := strings.CutPrefix(line, "Message-ID: <"); ok {
				id, _, _ = strings.Cut(v, "@")
			}
		case line == "DATA":
			letter = true
			fmt.Fprint(c, "354 go on\r\n")
		case line == "QUIT":
			fmt.Fprint(c, "221 bye\r\n")
			return
		default:
			fmt.Fprint(c, "250 ok\r\n")
		}
	}
}

// sending is one form that somebody sends, as often as it takes.
type sending struct {
	path, account, token string
	form                 url.Values
	id                   atomic.Pointer[string] // of the dossier, once the program has said that it is filed
}

// doomed is a province whose program is killed again and again.
type doomed struct {
	data, listen string
	mail         *postbox
	sendings     []*sending
	cmd          *exec.Cmd
	said         bytes.Buffer
}

// prepare makes the province: bodies, officials, citizens with a draft and a session each.
func (d *doomed) prepare(t *testing.T) {
	t.Helper()
	ctx := actor.With(t.Context(), actor.ForSystem("test"))
	o := site.Options{Data: d.data, Origin: "http://" + d.listen, Demo: true, Log: slog.New(slog.DiscardHandler)}
	db, err := site.Open(ctx, o)
	must(t, err)
	defer db.Close()
	must(t, site.Migrate(ctx, db))
	_, err = pg.Claim(ctx, db.Owner, false)
	must(t, err)
	s, err := site.Build(ctx, db, o)
	must(t, err)
	defer s.Files.Close()
	must(t, s.Seed(ctx))
	world, err := demo.Province(ctx, demo.Config{Book: s.Book, Seed: 1})
	must(t, err)
	const citizens, perOfficer = 24, 48
	var accounts []identity.NewAccount
	now := time.Now()
	for _, a := range world.Accounts {
		if a.Account == "canbo.datmui" {
			accounts = append(accounts, identity.NewAccount{Person: a.PersonID, Kind: identity.KindOfficial, Name: a.Account, At: now})
		}
	}
	var people []uuid.UUID
	must(t, s.Book.Act(ctx, "test.people", func(ctx context.Context, act *audit.Act) error {
		people = nil
		for i := range citizens {
			id, err := s.Directory.Register(ctx, act, directory.PersonIn{Name: fmt.Sprintf("Nguyễn Thị Bé %d", i), PersonalID: fmt.Sprintf("096190%06d", i),
				Phone: fmt.Sprintf("09%08d", i), Email: fmt.Sprintf("be%d@congdan.example", i), ResidenceUnit: "32248", Residence: "Ấp Mũi"})
			if err != nil {
				return err
			}
			people = append(people, id)
		}
		return nil
	}))
	for i, id := range people {
		accounts = append(accounts, identity.NewAccount{Person: id, Kind: identity.KindCitizen, Name: fmt.Sprintf("be.%d", i), Level: 2, At: now})
	}
	must(t, s.Book.Batch(ctx, "test.accounts", "", func(ctx context.Context, tx pgx.Tx) (int64, error) {
		return identity.CreateAccounts(ctx, tx, accounts)
	}))
	def, err := s.Services.Current(ctx, "1.004873", now)
	must(t, err)
	form, err := s.Forms.Current(def.Form)
	must(t, err)
	answers := marital()
	answers["where_agency"], answers["where_unit"] = "tt-pvhcc-xa-dat-mui-2025", "32248"
	for i := range people {
		in, err := s.Identity.DemoSignIn(ctx, fmt.Sprintf("be.%d", i))
		must(t, err)
		who, err := s.Identity.Session(ctx, in.Token)
		must(t, err)
		draft, err := s.Forms.BeginDraft(actor.With(ctx, who), form, def.Code, answers)
		must(t, err)
		d.sendings = append(d.sendings, &sending{path: "/apply/" + draft.ID.String() + "/submit", account: fmt.Sprintf("be.%d", i), form: url.Values{"pledge": {"yes"}}})
	}
	for i := range perOfficer {
		v := url.Values{"client": {client()}, "procedure": {"1.004873"}, "applicant": {people[i%citizens].String()}, "channel": {"1"}}
		for name, value := range marital() {
			text := fmt.Sprint(value)
			if day, err := time.Parse(time.DateOnly, text); err == nil {
				v.Set(name+".year", fmt.Sprint(day.Year()))
				v.Set(name+".month", fmt.Sprint(int(day.Month())))
				v.Set(name+".day", fmt.Sprint(day.Day()))
				continue
			}
			v.Set(name, text)
		}
		d.sendings = append(d.sendings, &sending{path: "/desk/intake", account: "canbo.datmui", form: v})
	}
}

// signIn gives everybody a session. A database server that was killed has forgotten the old ones,
// which is all that it may forget.
func (d *doomed) signIn(t *testing.T) {
	t.Helper()
	ctx := actor.With(t.Context(), actor.ForSystem("test"))
	o := site.Options{Data: d.data, Origin: "http://" + d.listen, Demo: true, Log: slog.New(slog.DiscardHandler)}
	db, err := site.Open(ctx, o)
	must(t, err)
	defer db.Close()
	s, err := site.Build(ctx, db, o)
	must(t, err)
	defer s.Files.Close()
	tokens := map[string]string{}
	for _, one := range d.sendings {
		if tokens[one.account] == "" {
			in, err := s.Identity.DemoSignIn(ctx, one.account)
			must(t, err)
			tokens[one.account] = in.Token
		}
		one.token = tokens[one.account]
	}
}

// start runs the program and waits until it answers.
func (d *doomed) start(t *testing.T) {
	t.Helper()
	d.said.Reset()
	d.cmd = exec.Command(os.Args[0])
	d.cmd.Env = append(os.Environ(), "DATMUI_TEST_PROVINCE="+d.data, "DATMUI_TEST_LISTEN="+d.listen,
		fmt.Sprintf("DATMUI_TEST_MAIL=%d", d.mail.Addr().(*net.TCPAddr).Port))
	d.cmd.Stderr = &d.said
	must(t, d.cmd.Start())
	for range 1200 {
		if r, err := http.Get("http://" + d.listen + "/readyz"); err == nil {
			r.Body.Close()
			if r.StatusCode == http.StatusOK {
				return
			}
		}
		time.Sleep(25 * time.Millisecond)
	}
	_ = d.cmd.Process.Kill()
	_ = d.cmd.Wait()
	t.Fatalf("the program does not become ready: %s", &d.said)
}

func (d *doomed) postmaster(t *testing.T) int {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(d.data, "pg", "cluster", "postmaster.pid"))
	must(t, err)
	line, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(line)
	must(t, err)
	return pid
}

// send sends a form once. An answer counts only when it says where the dossier is.
func (d *doomed) send(t *testing.T, s *sending) (filed bool) {
	r, err := http.NewRequest(http.MethodPost, "http://"+d.listen+s.path, strings.NewReader(s.form.Encode()))
	if err != nil {
		t.Error(err)
		return false
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.AddCookie(&http.Cookie{Name: "datmui", Value: s.token})
	res, err := (&http.Client{Timeout: 20 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).Do(r)
	if err != nil {
		return false
	}
	res.Body.Close()
	where := strings.TrimSuffix(res.Header.Get("Location"), "/filed")
	switch id, err := uuid.Parse(where[strings.LastIndexByte(where, '/')+1:]); {
	case res.StatusCode == http.StatusSeeOther && where == "/dossiers": // the draft is a dossier already
		return true
	case res.StatusCode != http.StatusSeeOther || err != nil:
		if res.StatusCode < 500 {
			t.Errorf("%s: %d %s", s.path, res.StatusCode, where)
		}
		return false
	default:
		text := id.String()
		if before := s.id.Swap(&text); before != nil && *before != text {
			t.Errorf("%s is filed as %s and as %s", s.path, *before, text)
		}
		return true
	}
}

// sendAll sends all forms that are not filed, eight at once and each twice, until enough were filed;
// the last ones are still under way then, and wait waits for them.
func (d *doomed) sendAll(t *testing.T, enough int64) (wait func()) {
	var done atomic.Int64
	var wg sync.WaitGroup
	queue := make(chan *sending)
	for range 8 {
		wg.Go(func() {
			for s := range queue {
				if d.send(t, s) {
					done.Add(1)
				}
			}
		})
	}
	for _, s := range d.sendings {
		if s.id.Load() == nil && done.Load() < enough {
			queue <- s
			queue <- s
		}
	}
	close(queue)
	return wg.Wait
}

// The program is killed in the middle of acts and jobs, and the database server too. Whatever was
// said to be filed is there once, under a number of its own, with its papers, notices and letters.
func TestKilledInTheMiddleLosesAndDoublesNothing(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	d := &doomed{data: filepath.Join(t.TempDir(), "data"), listen: strings.Replace(listener.Addr().String(), "127.0.0.1", "localhost", 1), mail: openPostbox(t)}
	listener.Close()
	d.prepare(t)
	t.Cleanup(func() {
		if d.cmd != nil && d.cmd.ProcessState == nil {
			_ = d.cmd.Process.Signal(syscall.SIGTERM)
			_ = d.cmd.Wait()
		}
		eventually(t, "the end of PostgreSQL", func() bool { // on a busy machine it still writes for a moment
			_, err := os.Stat(filepath.Join(d.data, "pg", "cluster", "postmaster.pid"))
			return errors.Is(err, fs.ErrNotExist)
		})
	})
	for _, both := range []bool{false, true, false} {
		d.start(t)
		d.signIn(t)
		server := d.postmaster(t)
		underWay := d.sendAll(t, 12)
		if both {
			must(t, syscall.Kill(server, syscall.SIGKILL))
		}
		must(t, d.cmd.Process.Kill())
		_ = d.cmd.Wait()
		underWay()
	}
	d.start(t)
	d.signIn(t)
	for range 20 {
		d.sendAll(t, 1<<20)()
		if d.left() == 0 {
			break
		}
	}
	if t.Failed() || d.left() > 0 {
		t.Fatalf("%d forms cannot be filed; the program says %s", d.left(), &d.said)
	}
	d.check(t)
}

// left counts the forms of the counter that nobody has been told of yet; a citizen's draft that is
// gone has become a dossier.
func (d *doomed) left() (n int) {
	for _, s := range d.sendings {
		if s.id.Load() == nil && s.form.Has("client") {
			n++
		}
	}
	return n
}

// check compares what was said with what is there, beside the running program.
func (d *doomed) check(t *testing.T) {
	ctx := actor.With(t.Context(), actor.ForSystem("test"))
	o := site.Options{Data: d.data, Origin: "http://" + d.listen, Log: slog.New(slog.DiscardHandler)}
	db, err := site.Open(ctx, o)
	must(t, err)
	defer db.Close()
	count := func(sql string) int64 {
		t.Helper()
		n, err := pg.Value[int64](db.Owner.Query(ctx, sql))
		must(t, err)
		return n
	}
	n := int64(len(d.sendings))
	// what a dead process had begun is begun again after some minutes: they are let pass at once
	for _, sql := range []string{`UPDATE river_job SET attempted_at = attempted_at - interval '1 hour' WHERE state = 'running'`,
		`UPDATE notify.notice SET next_at = next_at - interval '1 hour' WHERE mail = 'waiting'`} {
		_, err := db.Owner.Exec(ctx, sql)
		must(t, err)
	}
	for what, sql := range map[string]string{
		"every paper is made":      `SELECT count(*) FROM services.outgoing WHERE state = 'waiting'`,
		"every letter has left":    `SELECT count(*) FROM notify.notice WHERE mail = 'waiting'`,
		"every job has ended well": `SELECT count(*) FROM river_job WHERE kind = 'services.make-paper' AND state <> 'completed'`,
	} {
		for end := time.Now().Add(2 * time.Minute); count(sql) > 0; time.Sleep(200 * time.Millisecond) {
			if time.Now().After(end) {
				t.Errorf("waited in vain until %s: %d are left; the program says %s", what, count(sql), &d.said)
				break
			}
		}
	}
	for what, tt := range map[string]struct{ got, want int64 }{
		"dossiers":                 {count(`SELECT count(*) FROM services.dossier`), n},
		"codes":                    {count(`SELECT count(DISTINCT code) FROM services.dossier`), n},
		"forms answered":           {count(`SELECT count(*) FROM audit.once WHERE act IN ('services.dossier.submit', 'services.dossier.intake')`), n},
		"entries of the log":       {count(`SELECT count(*) FROM audit.entry WHERE name IN ('services.dossier.submit', 'services.dossier.intake')`), n},
		"desks":                    {count(`SELECT count(*) FROM worklist.item WHERE kind = 'services.dossier' AND done_at IS NULL`), n},
		"papers":                   {count(`SELECT count(*) FROM services.outgoing WHERE state = 'issued'`), n},
		"files of papers":          {count(`SELECT count(*) FROM files.file f JOIN services.outgoing o ON o.dossier_id = f.subject_id`), n},
		"entries of papers issued": {count(`SELECT count(*) FROM audit.entry WHERE name = 'services.outgoing.issue'`), n},
		"notices":                  {count(`SELECT count(*) FROM notify.notice`), n},
		"letters":                  {count(`SELECT count(*) FROM notify.notice WHERE mail = 'sent'`), n},
	} {
		if tt.got != tt.want {
			t.Errorf("%d %s, want %d", tt.got, what, tt.want)
		}
	}
	beside, err := site.Build(ctx, db, o)
	must(t, err)
	defer beside.Files.Close()
	must(t, beside.Silence.Look(ctx))
	found, err := pg.Values[string](db.Owner.Query(ctx, `SELECT rule || ' ' || what FROM services.silence WHERE over_at IS NULL`))
	must(t, err)
	for _, f := range found {
		t.Errorf("the watchdog found: %s", f)
	}
	for _, s := range d.sendings {
		if id := s.id.Load(); id != nil && count(`SELECT count(*) FROM services.dossier WHERE id = '`+*id+`'`) != 1 {
			t.Errorf("%s was said to be filed as %s, which is not there", s.path, *id)
		}
	}
	ids, err := pg.Values[uuid.UUID](db.Owner.Query(ctx, `SELECT id FROM notify.notice`))
	must(t, err)
	d.mail.mu.Lock()
	for _, id := range ids {
		if d.mail.got[id.String()] == 0 {
			t.Errorf("the letter of the notice %s never came", id)
		}
	}
	if len(d.mail.got) != len(ids) {
		t.Errorf("letters of %d notices came, there are %d", len(d.mail.got), len(ids))
	}
	d.mail.mu.Unlock()
	secrets, err := site.OpenSecrets(d.data)
	must(t, err)
	book := audit.New(audit.Config{App: db.App, Reader: db.Reader, Signer: secrets.Signer})
	_, err = book.Seal(ctx)
	must(t, err)
	files, err := filepath.Glob(filepath.Join(d.data, "checkpoints", "*.txt"))
	must(t, err)
	var kept [][]byte
	for _, name := range files {
		text, err := os.ReadFile(name)
		must(t, err)
		kept = append(kept, text)
	}
	if rep, err := book.Verify(ctx, secrets.Verifier, kept...); err != nil || !rep.OK || rep.Sealed == 0 || rep.Outside == 0 {
		t.Errorf("the audit: %+v, %v", rep, err)
	}
}
