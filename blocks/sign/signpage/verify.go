package signpage

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"strings"
	"time"

	"datmui/blocks/sign/verify"
	"datmui/kit/fault"
	"datmui/kit/lang"
	"datmui/kit/ui"
	"datmui/kit/web"
)

// view is all that the page shows.
type view struct {
	Frame  ui.Frame
	Asked  bool
	Name   string // of the file as it was sent
	Sum    string // SHA-256, hexadecimal
	At     time.Time
	Report verify.Report
	Code   string
	Faults fault.Fields
}

func (p *Pages) ask(w http.ResponseWriter, r *http.Request) error {
	return web.Render(w, r, http.StatusOK, verifyPage(view{Frame: web.Frame(r)}))
}

// answer judges a file sent by the form, or as the body by a program; nothing is kept.
func (p *Pages) answer(w http.ResponseWriter, r *http.Request) error {
	v := view{Frame: web.Frame(r), Asked: true, At: p.sign.Now()}
	if r.Header.Get("Content-Type") == "application/pdf" {
		f, size, err := spool(r.Body)
		if err != nil {
			return err
		}
		defer f.Close()
		if err := p.judge(r.Context(), &v, f, size); err != nil {
			return err
		}
		return web.JSON(w, r, http.StatusOK, v.Report)
	}
	if err := web.Multipart(r); err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return p.refuse(w, r, v, "too-large")
		}
		return p.refuse(w, r, v, "required")
	}
	if v.Code = strings.TrimSpace(r.FormValue("code")); v.Code != "" {
		return web.SeeOther(w, r, PathCode(v.Code), "")
	}
	f, head, err := r.FormFile("file")
	if err != nil || head.Size == 0 {
		return p.refuse(w, r, v, "required")
	}
	defer f.Close()
	if head.Size > MaxFile {
		return p.refuse(w, r, v, "too-large")
	}
	v.Name = shortName(head)
	if err := p.judge(r.Context(), &v, f, head.Size); err != nil {
		return err
	}
	if web.WantsJSON(r) {
		return web.JSON(w, r, http.StatusOK, v.Report)
	}
	return web.Render(w, r, http.StatusOK, verifyPage(v))
}

// spool keeps a body on disk while it comes in and waits for its turn: many at once would fill the
// memory. The file has no name any more and goes with its last reader.
func spool(body io.Reader) (*os.File, int64, error) {
	f, err := os.CreateTemp("", "datmui-verify-")
	if err != nil {
		return nil, 0, fmt.Errorf("keeping a file to be judged: %w", err)
	}
	_ = os.Remove(f.Name())
	n, err := io.Copy(f, body)
	if err != nil {
		f.Close()
		return nil, 0, err
	}
	return f, n, nil
}

func (p *Pages) refuse(w http.ResponseWriter, r *http.Request, v view, code string) error {
	v.Asked, v.Faults = false, fault.Fields{"file": code}
	if web.WantsJSON(r) {
		return v.Faults
	}
	v.Frame.Errors = true
	return web.Render(w, r, http.StatusUnprocessableEntity, verifyPage(v))
}

// judge takes its turn: large files one at a time.
func (p *Pages) judge(ctx context.Context, v *view, f io.ReaderAt, size int64) error {
	turn := p.small
	if size > smallFile {
		turn = p.large
	}
	select {
	case turn <- struct{}{}:
		defer func() { <-turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	trust, err := p.trusted()
	if err != nil {
		return err
	}
	h := sha256.New()
	if _, err := io.Copy(h, io.NewSectionReader(f, 0, size)); err != nil {
		return err
	}
	v.Sum = hex.EncodeToString(h.Sum(nil))
	v.Report = verify.File(ctx, f, size, verify.Options{Trust: trust, Now: p.sign.Now()})
	return nil
}

func shortName(h *multipart.FileHeader) string {
	name := []rune(strings.ToValidUTF8(h.Filename, ""))
	if len(name) > 120 {
		name = append(name[:119], '…')
	}
	return string(name)
}

func (v view) form() ui.Form { return ui.Form{Prefix: "sign.verify", Faults: v.Faults} }

func (v view) codeField(ctx context.Context) ui.Field {
	f := v.form().Field(ctx, "code", v.Code)
	f.Width, f.Complete, f.Max, f.Optional = "w12", "off", 40, true
	f.Attrs = map[string]any{"spellcheck": "false"}
	return f
}

func (v view) fileField(ctx context.Context) ui.Field {
	f := v.form().Field(ctx, "file", "")
	f.Type, f.Optional = "file", true
	f.Attrs = map[string]any{"accept": "application/pdf,.pdf"}
	return f
}

// title says the verdict first, as the page does.
func (v view) title() string {
	if v.Asked {
		return "sign.verify.is." + string(v.Report.Verdict)
	}
	return "sign.verify.title"
}

func (v view) tone() ui.Tone {
	return toneOf(v.Report.Verdict)
}

func toneOf(d verify.Verdict) ui.Tone {
	switch d {
	case verify.Valid:
		return ui.Done
	case verify.Invalid:
		return ui.Wrong
	}
	return ui.Soon
}

// checks are the lines below the verdict: who signed, who stamped, certificates, content.
func (v view) checks(ctx context.Context) []ui.Check {
	var out []ui.Check
	for _, s := range v.Report.Signatures {
		out = append(out, v.who(ctx, s))
	}
	if len(v.Report.Signatures) == 0 {
		return nil
	}
	return append(out, v.certificates(ctx), v.content(ctx))
}

func (v view) who(ctx context.Context, s verify.Signature) ui.Check {
	key := "sign.verify.signer"
	switch {
	case s.Stamp:
		key = "sign.verify.stamp"
	case s.Title == "":
		key = "sign.verify.body"
	}
	name := s.Signer
	if name == "" {
		name = lang.T(ctx, "sign.verify.unknown")
	}
	c := ui.Check{Tone: toneOf(s.Verdict), Text: lang.T(ctx, key, "name", name)}
	if s.Title != "" {
		c.Text += ", " + s.Title
	}
	if s.Organisation != "" && s.Organisation != s.Signer && s.Title != "" {
		c.Text += " " + s.Organisation
	}
	switch {
	case s.Verdict != verify.Valid:
		c.More = s.Explain
	case s.SignedAt != nil && s.Timestamped:
		c.More = lang.T(ctx, "sign.verify.at", "time", lang.DateTime(ctx, *s.SignedAt))
	case s.SignedAt != nil:
		c.More = lang.T(ctx, "sign.verify.claimed", "time", lang.DateTime(ctx, *s.SignedAt))
	}
	return c
}

// certificates sums up what was found about all certificates.
func (v view) certificates(ctx context.Context) ui.Check {
	bad := map[verify.Code]bool{verify.Expired: true, verify.NotYetValid: true, verify.Revoked: true, verify.KeyUsage: true,
		verify.NameConstraints: true, verify.ChainBroken: true, verify.WeakAlgorithm: true, verify.CertMissing: true, verify.CertMismatch: true}
	open := map[verify.Code]bool{verify.ChainUnknown: true, verify.RevocationUnknown: true}
	c := ui.Check{Tone: ui.Done, Text: lang.T(ctx, "sign.verify.certs.good")}
	for _, s := range v.Report.Signatures {
		for _, r := range s.Reasons {
			switch {
			case bad[r]:
				return ui.Check{Tone: ui.Wrong, Text: lang.T(ctx, "sign.verify.certs.bad"), More: lang.T(ctx, "verify.reason."+string(r))}
			case open[r]:
				c = ui.Check{Tone: ui.Soon, Text: lang.T(ctx, "sign.verify.certs.open"), More: lang.T(ctx, "verify.reason."+string(r))}
			}
		}
		if c.Tone == ui.Done && s.Issuer != "" {
			c.More = lang.T(ctx, "sign.verify.issuer", "name", s.Issuer)
		}
	}
	return c
}

// content sums up what happened to the file.
func (v view) content(ctx context.Context) ui.Check {
	permitted := false
	for _, s := range v.Report.Signatures {
		whole := s.ChangesAfter != verify.Forbidden
		for _, r := range s.Reasons {
			switch r {
			case verify.DigestMismatch, verify.ByteRange, verify.Contents, verify.DuplicateKey, verify.SignatureWrong, verify.Malformed:
				whole = false
			}
		}
		if !whole {
			return ui.Check{Tone: ui.Wrong, Text: lang.T(ctx, "sign.verify.content.bad")}
		}
		permitted = permitted || s.ChangesAfter == verify.Permitted
	}
	c := ui.Check{Tone: ui.Done, Text: lang.T(ctx, "sign.verify.content.good")}
	if permitted {
		c.More = lang.T(ctx, "sign.verify.content.permitted")
	}
	return c
}

// facts are the technical details, for whoever checks again.
func (v view) facts(ctx context.Context) []ui.Fact {
	out := []ui.Fact{
		{Name: lang.T(ctx, "sign.verify.file"), Text: v.Name},
		{Name: "SHA-256", Body: ui.Code(v.Sum)},
	}
	for _, s := range v.Report.Signatures {
		if s.Detail != "" {
			out = append(out, ui.Fact{Name: s.Field, Text: s.Detail})
		}
		if s.Serial != "" {
			out = append(out, ui.Fact{Name: lang.T(ctx, "sign.verify.serial", "name", s.Signer), Body: ui.Code(s.Serial)})
		}
	}
	return out
}
