package site_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"datmui/blocks/notify"
	"datmui/kit/testkit"
	"datmui/site"
)

// A mail server that wants a password gets the one that lies with the secrets; without it the
// program does not start, and says where it belongs.
func TestMailPassword(t *testing.T) {
	t.Parallel()
	db := testkit.DB(t)
	o := site.Options{Data: t.TempDir(), Origin: "http://localhost:8080", Log: testkit.Log(t), Program: "/bin/false",
		SMTP: notify.SMTP{Host: "mail.example", User: "datmui", From: "a@b.vn"}}
	_, err := site.Build(t.Context(), db, o)
	if err == nil || !strings.Contains(err.Error(), filepath.Join(o.Data, "secrets", "smtp.password")) {
		t.Fatalf("started without a password: %v", err)
	}
	if err := os.WriteFile(filepath.Join(o.Data, "secrets", "smtp.password"), []byte("hunter2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := site.Build(t.Context(), db, o)
	if err != nil {
		t.Fatal(err)
	}
	s.Files.Close()
}
