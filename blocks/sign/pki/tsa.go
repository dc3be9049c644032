package pki

import (
	"context"
	"io"
	"net/http"
	"time"

	"datmui/blocks/sign/cms"
)

// TSA is the time-stamp authority at work. It answers in the process (cms.Stamper) and over
// HTTP as RFC 3161 section 3.4 says.
type TSA struct {
	Authority *Authority
	Now       func() time.Time // required
}

var _ cms.Stamper = TSA{}

// Stamp makes a token over a SHA-256 digest.
func (t TSA) Stamp(ctx context.Context, sha256 []byte) ([]byte, error) {
	return t.Authority.stamp(ctx, sha256, nil, t.Now())
}

// ServeHTTP answers application/timestamp-query.
func (t TSA) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 16<<10))
	if err != nil {
		http.Error(w, "request too large", http.StatusRequestEntityTooLarge)
		return
	}
	var token []byte
	if req, err := cms.ParseRequest(body); err == nil {
		if token, err = t.Authority.stamp(r.Context(), req.Imprint, req.Nonce, t.Now()); err != nil {
			http.Error(w, "no time-stamp", http.StatusInternalServerError)
			return
		}
	}
	w.Header().Set("Content-Type", "application/timestamp-reply")
	w.Write(cms.Granted(token)) // the client is gone if this fails
}
