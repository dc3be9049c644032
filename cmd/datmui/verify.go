package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"datmui/blocks/sign/verify"
	"datmui/kit/clock"
	"datmui/kit/lang"
)

// VerifyCmd judges the signatures of a file. It needs no database and no server.
type VerifyCmd struct {
	Trust string `placeholder:"DIR" help:"Folder of certificates and CRLs (PEM or DER): self-signed ones are anchors, others known but untrusted intermediates. Without it the trust list of DATA."`
	At    string `placeholder:"TIME" help:"Time that counts where no time-stamp proves one (2026-11-23T08:00:00+07:00, or a day). Now without it."`
	JSON  bool   `name:"json" help:"Print JSON: {\"verdict\":\"valid|invalid|undetermined|unsigned\",\"signatures\",\"reasons\",\"explain\"}; each signature is {\"verdict\",\"signer\",\"organisation\",\"signed_at\",\"timestamped\",\"covers\":\"whole|revision\",\"changes_after\":\"none|permitted|forbidden\",\"reasons\",\"explain\"} and more. Reasons are codes; explain is a sentence, in English where LANG asks for it."`
	File  string `arg:"" help:"The file."`
}

// Help tells the contract.
func (c *VerifyCmd) Help() string {
	return `Needs no database and no server. Exit status: 0 valid, 1 invalid, 2 undetermined, 3 unsigned. The verdict of a file is
that of its worst signature. Revocation is always judged: without a usable CRL or OCSP
response a certificate that is no anchor is undetermined. A time that is only claimed in the
file proves nothing. -- ends the options.`
}

// TrustFolder is where an instance keeps its trust list as files, below DATA.
const TrustFolder = "trust"

func (c *VerifyCmd) Run(ctx context.Context, s *Settings, out io.Writer) error {
	debug.SetMemoryLimit(384 << 20)
	ctx = lang.With(ctx, terminalLanguage())
	rep := c.report(ctx, s)
	if c.JSON {
		enc := json.NewEncoder(out)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		if err := enc.Encode(rep); err != nil {
			return err
		}
	} else {
		fmt.Fprintf(out, "%s: %s\n", rep.Verdict, rep.Explain)
		for _, sig := range rep.Signatures {
			at := ""
			if sig.SignedAt != nil {
				at = sig.SignedAt.In(clock.Vietnam).Format(time.RFC3339)
			}
			fmt.Fprintf(out, "  %-12s %s · %s · %s\n", sig.Verdict, sig.Signer, at, sig.Explain)
		}
	}
	if status := rep.Verdict.Exit(); status != 0 {
		return exit(status)
	}
	return nil
}

func (c *VerifyCmd) report(ctx context.Context, s *Settings) verify.Report {
	o := verify.Options{}
	if c.At != "" {
		at, err := judgedAt(c.At)
		if err != nil {
			fmt.Fprintln(os.Stderr, "datmui: --at is no time:", c.At)
			return verify.Failed(ctx, verify.Unreadable)
		}
		o.At = at
	}
	dir := c.Trust
	if dir == "" {
		dir = filepath.Join(s.Data, TrustFolder)
	}
	trust, err := verify.LoadTrust(dir)
	if err != nil && (c.Trust != "" || !errors.Is(err, os.ErrNotExist)) {
		fmt.Fprintln(os.Stderr, "datmui:", err)
		return verify.Failed(ctx, verify.Unreadable)
	}
	o.Trust = trust
	f, size, err := openFile(c.File)
	if err != nil {
		fmt.Fprintln(os.Stderr, "datmui:", err)
		return verify.Failed(ctx, verify.Unreadable)
	}
	return verify.File(ctx, f, size, o)
}

// openFile opens a regular file, or takes in what a pipe gives up to the largest size judged.
func openFile(path string) (io.ReaderAt, int64, error) {
	fi, err := os.Stat(path)
	if err != nil {
		return nil, 0, err
	}
	if fi.IsDir() {
		return nil, 0, fmt.Errorf("%s is a folder", path)
	}
	if fi.Mode().IsRegular() {
		f, err := os.Open(path) // open until the process ends
		return f, fi.Size(), err
	}
	type read struct {
		b   []byte
		err error
	}
	done := make(chan read, 1)
	go func() {
		f, err := os.Open(path) // of a pipe waits for who writes
		if err != nil {
			done <- read{nil, err}
			return
		}
		defer f.Close()
		b, err := io.ReadAll(io.LimitReader(f, verify.MaxSize+1))
		done <- read{b, err}
	}()
	select {
	case r := <-done:
		return bytes.NewReader(r.b), int64(len(r.b)), r.err
	case <-time.After(5 * time.Second):
		return nil, 0, fmt.Errorf("%s gives no end", path)
	}
}

// judgedAt reads a moment, or a day in Vietnam.
func judgedAt(s string) (time.Time, error) {
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t, nil
	}
	for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02"} {
		if t, err := time.ParseInLocation(layout, s, clock.Vietnam); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("no time: %s", s)
}

// terminalLanguage is Vietnamese unless the environment asks for English.
func terminalLanguage() lang.Tag {
	for _, k := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := os.Getenv(k); v != "" {
			if strings.HasPrefix(v, "en") {
				return lang.English
			}
			return lang.Vietnamese
		}
	}
	return lang.Vietnamese
}
