// Package s3test runs an S3 service inside a test.
package s3test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"datmui/blocks/files/s3"
)

// Serve runs a service with one empty bucket until the test ends. It knows one key. What it stores
// is as old as age says.
func Serve(t *testing.T, age time.Duration) s3.Address {
	t.Helper()
	clock := gofakes3.FixedTimeSource(time.Now().Add(-age))
	memory := s3mem.New(s3mem.WithTimeSource(clock))
	if err := memory.CreateBucket("files"); err != nil {
		t.Fatal(err)
	}
	service := gofakes3.New(memory, gofakes3.WithTimeSource(clock), gofakes3.WithTimeSkewLimit(0)).Server()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.Header.Get("Authorization"), "Credential=datmui/") {
			http.Error(w, "unknown key", http.StatusForbidden)
			return
		}
		service.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return s3.Address{Host: server.Listener.Addr().String(), Bucket: "files", Key: "datmui", Secret: "only for tests", Region: "us-east-1", Plain: true}
}
