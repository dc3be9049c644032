package filespage

import (
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"datmui/kit/fault"
	"datmui/kit/web"
)

// statusChecksum is what the tus protocol answers to a piece that came damaged.
const statusChecksum = 460

// begin makes room for a file: POST /uploads with Upload-Length and Upload-Name.
func (p *Pages) begin(w http.ResponseWriter, r *http.Request) error {
	name, size, err := announced(r.Header)
	if err != nil {
		return err
	}
	id, err := p.files.Begin(r.Context(), name, size)
	if err != nil {
		return err
	}
	tus(w)
	w.Header().Set("Location", PathUploads+"/"+id.String())
	w.Header().Set("Upload-Id", id.String())
	w.Header().Set("Upload-Offset", "0")
	w.WriteHeader(http.StatusCreated)
	return nil
}

// announced reads what the headers say of a file to come.
func announced(h http.Header) (name string, size int64, err error) {
	if size, err = strconv.ParseInt(h.Get("Upload-Length"), 10, 64); err != nil || size <= 0 {
		return "", 0, fault.Fields{"file": "files.empty"}
	}
	if name, err = url.PathUnescape(h.Get("Upload-Name")); err != nil {
		name = "" // the block finds one
	}
	return web.Text(name), size, nil
}

// place reads where a piece begins.
func place(h http.Header) (int64, error) {
	from, err := strconv.ParseInt(h.Get("Upload-Offset"), 10, 64)
	if err != nil || from < 0 {
		return 0, fault.Conflict("files.offset")
	}
	return from, nil
}

// offset says how far an upload has come.
func (p *Pages) offset(w http.ResponseWriter, r *http.Request) error {
	id, err := idOf(r)
	if err != nil {
		return err
	}
	at, size, err := p.files.Offset(r.Context(), id)
	if err != nil {
		return err
	}
	tus(w)
	w.Header().Set("Upload-Offset", strconv.FormatInt(at, 10))
	w.Header().Set("Upload-Length", strconv.FormatInt(size, 10))
	w.WriteHeader(http.StatusOK)
	return nil
}

// piece adds a piece: PATCH with Upload-Offset and, if wanted, Upload-Checksum.
func (p *Pages) piece(w http.ResponseWriter, r *http.Request) error {
	id, err := idOf(r)
	if err != nil {
		return err
	}
	from, err := place(r.Header)
	if err != nil {
		return err
	}
	sum, err := checksum(r.Header.Get("Upload-Checksum"))
	if err != nil {
		return err
	}
	at, err := p.files.Append(r.Context(), id, from, sum, r.Body)
	tus(w)
	w.Header().Set("Upload-Offset", strconv.FormatInt(at, 10))
	if errors.Is(err, fault.Conflict("files.checksum")) {
		w.WriteHeader(statusChecksum)
		return nil
	}
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// checksum reads "sha256 <base64>"; an empty header is no checksum.
func checksum(s string) ([]byte, error) {
	if s == "" {
		return nil, nil
	}
	kind, sum, _ := strings.Cut(s, " ")
	b, err := base64.StdEncoding.DecodeString(sum)
	if kind != "sha256" || err != nil || len(b) != 32 {
		return nil, fault.Fields{"file": "files.checksum"}
	}
	return b, nil
}

func (p *Pages) cancel(w http.ResponseWriter, r *http.Request) error {
	id, err := idOf(r)
	if err != nil {
		return err
	}
	if err := p.files.Cancel(r.Context(), id); err != nil {
		return err
	}
	tus(w)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func tus(w http.ResponseWriter) {
	w.Header().Set("Tus-Resumable", "1.0.0")
	w.Header().Set("Cache-Control", "no-store")
}

func idOf(r *http.Request) (uuid.UUID, error) {
	id, err := uuid.Parse(r.PathValue("id"))
	if err != nil {
		return uuid.Nil, fault.NotFound("file")
	}
	return id, nil
}
