package main

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"codeberg.org/go-pdf/fpdf"
	"github.com/go-fonts/liberation/liberationserifregular"

	"datmui/kit/clock"
	"datmui/kit/pg"
	"datmui/site"
)

// DoctorCmd looks at everything the program stands on and says how to mend what is wrong.
type DoctorCmd struct{}

// check is one thing looked at: what was found, or what is wrong and how to mend it.
type check struct {
	name string
	look func(ctx context.Context, s *Settings) (found string, err error)
}

var checks = []check{
	{"settings", checkSettings},
	{"disk", checkDisk},
	{"clock", checkClock},
	{"database", checkDatabase},
	{"files", checkFiles},
	{"fonts", checkFonts},
	{"secrets", checkSecrets},
	{"certificates", checkCertificates},
}

// Help is shown by datmui doctor --help.
func (c *DoctorCmd) Help() string {
	return "Ends with 0 when all is well, 1 when something needs mending."
}

func (c *DoctorCmd) Run(ctx context.Context, s *Settings, out io.Writer) error {
	status := exit(0)
	for _, check := range checks {
		found, err := check.look(ctx, s)
		mark := "ok  "
		if err != nil {
			mark, found, status = "MEND", err.Error(), 1
		}
		fmt.Fprintf(out, "%s  %-13s %s\n", mark, check.name, found)
	}
	if status != 0 {
		return status
	}
	return nil
}

func checkSettings(_ context.Context, s *Settings) (string, error) {
	data, err := filepath.Abs(s.Data)
	if err != nil {
		return "", err
	}
	host, _, _ := net.SplitHostPort(s.Listen)
	if !loopback(host) && strings.HasPrefix(s.Origin, "http://") {
		return "", fmt.Errorf("others can reach %s, but DATMUI_ORIGIN is %s without TLS: put nginx with a certificate in front and set DATMUI_ORIGIN to https://…", s.Listen, s.Origin)
	}
	return fmt.Sprintf("data in %s, pages on %s as %s", data, s.Listen, s.Origin), nil
}

func checkDisk(_ context.Context, s *Settings) (string, error) {
	dir, err := filepath.Abs(s.Data)
	if err != nil {
		return "", err
	}
	for { // the folder may still be to be made
		if _, err := os.Stat(dir); err == nil || dir == filepath.Dir(dir) {
			break
		}
		dir = filepath.Dir(dir)
	}
	var st syscall.Statfs_t
	if err := syscall.Statfs(dir, &st); err != nil {
		return "", fmt.Errorf("the disk of %s cannot be asked: %w", dir, err)
	}
	free := st.Bavail * uint64(st.Bsize) >> 20
	if free < 2048 {
		return "", fmt.Errorf("%d MB are free on the disk of %s: free some, or move the folder and set DATMUI_DATA", free, dir)
	}
	if st.Ffree > 0 && st.Ffree < 10000 {
		return "", fmt.Errorf("the disk of %s can hold only %d more files: remove some, or move the folder and set DATMUI_DATA", dir, st.Ffree)
	}
	return fmt.Sprintf("%d MB free in %s", free, dir), nil
}

func checkClock(context.Context, *Settings) (string, error) {
	now := time.Now()
	if now.Year() < 2026 {
		return "", fmt.Errorf("the clock says %s: set it (timedatectl set-ntp true)", now.Format(time.DateTime))
	}
	var t syscall.Timex
	const unsynchronised = 0x40 // STA_UNSYNC of adjtimex(2)
	if _, err := syscall.Adjtimex(&t); err == nil && t.Status&unsynchronised != 0 {
		return fmt.Sprintf("%s in Vietnam; nothing keeps it right here (apt-get install systemd-timesyncd, or let the host do it)",
			now.In(clock.Vietnam).Format(time.DateTime)), nil
	}
	return fmt.Sprintf("%s in Vietnam, kept right by a time server", now.In(clock.Vietnam).Format(time.DateTime)), nil
}

func checkDatabase(ctx context.Context, s *Settings) (string, error) {
	if s.DatabaseURL == "" {
		if _, err := os.Stat(filepath.Join(s.Data, "pg", "cluster")); errors.Is(err, fs.ErrNotExist) {
			version, err := pg.Installed()
			if err != nil {
				return "", err
			}
			return version + " found; the cluster is made at the first start", nil
		}
	}
	db, err := site.Open(ctx, s.options())
	if err != nil {
		return "", err
	}
	defer db.Close()
	var version, size string
	var behind time.Duration
	var at time.Time
	asked := time.Now()
	err = db.Reader.QueryRow(ctx, `
		SELECT current_setting('server_version'), pg_size_pretty(pg_database_size(current_database())), clock_timestamp()`).Scan(&version, &size, &at)
	if err != nil {
		return "", fmt.Errorf("the database does not answer a question: %w", err)
	}
	if behind = time.Since(asked.Add(time.Since(asked) / 2)); at.Sub(asked).Abs() > behind.Abs()+5*time.Second {
		return "", fmt.Errorf("the database's clock says %s and ours %s: let both follow a time server", at.Format(time.TimeOnly), asked.UTC().Format(time.TimeOnly))
	}
	open, err := site.Pending(ctx, db)
	if err != nil {
		return "", err
	}
	if open > 0 {
		return "", fmt.Errorf("%d migrations are to be run: `datmui migrate`", open)
	}
	return fmt.Sprintf("PostgreSQL %s, %s, up to date", version, size), nil
}

// checkFiles writes into a bucket and reads it back. A folder is the disk's matter.
func checkFiles(ctx context.Context, s *Settings) (string, error) {
	o := s.options()
	if o.Files.Host == "" {
		return "in " + filepath.Join(s.Data, "files"), nil
	}
	if err := site.TryFiles(ctx, o); err != nil {
		return "", fmt.Errorf("the bucket in DATMUI_FILES cannot be used: %w", err)
	}
	return fmt.Sprintf("in the bucket %s on %s, written and read", o.Files.Bucket, o.Files.Host), nil
}

// checkFonts makes a page with letters that a font without Vietnamese lacks.
func checkFonts(context.Context, *Settings) (string, error) {
	p := fpdf.New("P", "mm", "A4", "")
	p.AddUTF8FontFromBytes("T", "", liberationserifregular.TTF)
	p.SetFont("T", "", 14)
	if w := p.GetStringWidth("Ẵẳẩậặễệểỉịọộổỗợởỡụủứừữỵỷỹ đĐ"); p.Err() || w <= 0 {
		return "", fmt.Errorf("the typeface in the program cannot be used (%v): the file datmui is damaged, build or copy it again", p.Error())
	}
	return "Liberation Serif with Vietnamese, in the program", nil
}

func checkSecrets(_ context.Context, s *Settings) (string, error) {
	dir := filepath.Join(s.Data, "secrets")
	files := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files++
		info, err := d.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			return fmt.Errorf("others may read %s: chmod 600 %s", path, path)
		}
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		return "none yet; they are made at the first start", nil
	}
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%d files in %s, for this user only", files, dir), nil
}

// checkCertificates looks at every certificate below the data folder and at the machine's own list.
func checkCertificates(_ context.Context, s *Settings) (string, error) {
	if _, err := x509.SystemCertPool(); err != nil {
		return "", fmt.Errorf("this machine knows no certificate authorities (%w): apt-get install ca-certificates", err)
	}
	now, seen := time.Now(), 0
	err := filepath.WalkDir(s.Data, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) || err == nil && d.IsDir() && (d.Name() == "pg" || d.Name() == "files") {
			return fs.SkipDir
		}
		if ext := filepath.Ext(path); err != nil || ext != ".pem" && ext != ".crt" {
			return err
		}
		rest, err := os.ReadFile(path)
		for block := (*pem.Block)(nil); err == nil; {
			if block, rest = pem.Decode(rest); block == nil {
				break
			}
			if block.Type != "CERTIFICATE" {
				continue
			}
			cert, err := x509.ParseCertificate(block.Bytes)
			if err != nil {
				return fmt.Errorf("the certificate in %s cannot be read (%w): put the right file there", path, err)
			}
			seen++
			if left := cert.NotAfter.Sub(now); left < 30*24*time.Hour {
				return fmt.Errorf("the certificate of %s in %s ends on %s: ask for the next one now", cert.Subject.CommonName, path, cert.NotAfter.Format("02/01/2006"))
			}
		}
		return err
	})
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%d in %s, none ends within 30 days", seen, s.Data), nil
}
