package pki

import (
	"context"
	"encoding/base64"
	"io"
	"math/big"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/crypto/ocsp"
)

// Status tells about one certificate of the issuing authority: known at all, and revoked
// since when.
type Status func(ctx context.Context, serial *big.Int) (known bool, revoked *Revoked, err error)

// Responder answers OCSP requests (RFC 6960) about certificates of the issuing authority.
type Responder struct {
	Authority *Authority
	Status    Status           // required
	Now       func() time.Time // required
}

// Answer makes the response for one certificate.
func (r Responder) Answer(ctx context.Context, serial *big.Int) ([]byte, error) {
	known, revoked, err := r.Status(ctx, serial)
	if err != nil {
		return nil, err
	}
	now := r.Now()
	t := ocsp.Response{SerialNumber: serial, Status: ocsp.Good, ThisUpdate: now.Add(-5 * time.Minute), NextUpdate: now.Add(24 * time.Hour)}
	switch {
	case !known:
		t.Status = ocsp.Unknown
	case revoked != nil:
		t.Status, t.RevokedAt, t.RevocationReason = ocsp.Revoked, revoked.At, revoked.Reason
	}
	return ocsp.CreateResponse(r.Authority.Issuing, r.Authority.Issuing, t, r.Authority.issuing)
}

// ServeHTTP answers by POST and by GET, the request in the last part of the path.
func (r Responder) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	var der []byte
	var err error
	if req.Method == http.MethodGet {
		last := req.URL.EscapedPath()
		last, err = url.PathUnescape(last[strings.LastIndexByte(last, '/')+1:])
		if err == nil {
			der, err = base64.StdEncoding.DecodeString(last)
		}
	} else {
		der, err = io.ReadAll(http.MaxBytesReader(w, req.Body, 16<<10))
	}
	out := ocsp.MalformedRequestErrorResponse
	if err == nil {
		if q, qerr := ocsp.ParseRequest(der); qerr == nil {
			if out, err = r.Answer(req.Context(), q.SerialNumber); err != nil {
				out = ocsp.InternalErrorErrorResponse
			}
		}
	}
	w.Header().Set("Content-Type", "application/ocsp-response")
	w.Write(out) // the client is gone if this fails
}
