package notify_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"datmui/blocks/notify"
)

// What a Folder keeps reads as it was written, the same mail twice is one file, and nothing
// anybody wrote becomes a file's name or a header of its own.
func TestFolder(t *testing.T) {
	f := notify.Folder{Dir: filepath.Join(t.TempDir(), "mail"), From: "khong-gui@datmui.example", Name: "Đất Mũi", Most: 3}
	at := time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC)
	mail := func(id string, hour int) notify.Mail {
		return notify.Mail{ID: id, To: "congdan@congdan.example", Name: "Nguyễn Thị Mai", Subject: "Hồ sơ đã được tiếp nhận\r\nBcc: x@y.example",
			Text: "Chào bà Mai,\nhẹn trả kết quả ngày 25 tháng 11.\n", Date: at.Add(time.Duration(hour) * time.Hour)}
	}
	deliver := func(mails ...notify.Mail) {
		t.Helper()
		for _, err := range f.Deliver(t.Context(), mails) {
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	deliver(mail("../../../etc/passwd@datmui", 0), mail("b@datmui", 1))
	deliver(mail("b@datmui", 1))
	list, err := f.Newest(10)
	if err != nil || len(list) != 2 {
		t.Fatalf("%d mails, %v; want 2", len(list), err)
	}
	want := notify.Kept{To: `Nguyễn Thị Mai <congdan@congdan.example>`, Subject: "Hồ sơ đã được tiếp nhận Bcc: x@y.example",
		Text: "Chào bà Mai,\nhẹn trả kết quả ngày 25 tháng 11.", Date: at.Add(time.Hour)}
	list[0].Date = list[0].Date.UTC()
	list[0].Text = strings.ReplaceAll(list[0].Text, "\r\n", "\n")
	if d := cmp.Diff(want, list[0]); d != "" {
		t.Error(d)
	}
	deliver(mail("c@datmui", 2), mail("d@datmui", 3))
	if list, err = f.Newest(10); err != nil || len(list) != 3 || !list[0].Date.Equal(at.Add(3*time.Hour)) {
		t.Errorf("%d mails, %v; want the newest 3", len(list), err)
	}
	files, err := os.ReadDir(f.Dir)
	if err != nil || len(files) != 3 {
		t.Errorf("%d files, %v; want 3", len(files), err)
	}
	for _, bad := range f.Deliver(t.Context(), []notify.Mail{{ID: "x", To: "no address", Date: at}}) {
		if bad == nil {
			t.Error("a mail to no address was kept")
		}
	}
}

func TestParseSMTP(t *testing.T) {
	const from = "Dịch vụ công Cà Mau <no-reply@camau.gov.vn>"
	sender := notify.SMTP{From: "no-reply@camau.gov.vn", Name: "Dịch vụ công Cà Mau"}
	with := func(fn func(*notify.SMTP)) notify.SMTP { s := sender; fn(&s); return s }
	for server, want := range map[string]notify.SMTP{
		"smtp://mail.example":                   with(func(s *notify.SMTP) { s.Host = "mail.example" }),
		"smtp://me@mail.example:587":            with(func(s *notify.SMTP) { s.Host, s.User, s.Port = "mail.example", "me", 587 }),
		"smtp://me%40x.vn@mail.example":         with(func(s *notify.SMTP) { s.Host, s.User = "mail.example", "me@x.vn" }),
		"smtps://me@mail.example:465":           with(func(s *notify.SMTP) { s.Host, s.User, s.Port, s.TLS = "mail.example", "me", 465, "implicit" }),
		"smtp://127.0.0.1:25?tls=none":          with(func(s *notify.SMTP) { s.Host, s.Port, s.TLS = "127.0.0.1", 25, "none" }),
		"smtp://mail.example?tls=opportunistic": with(func(s *notify.SMTP) { s.Host, s.TLS = "mail.example", "opportunistic" }),
	} {
		if got, err := notify.ParseSMTP(server, from); err != nil || got != want {
			t.Errorf("%s: %+v, %v; want %+v", server, got, err, want)
		}
	}
	for _, bad := range []string{"", "mail.example", "mail.example:587", "http://mail.example", "smtp://", "smtp://me:hunter2@mail.example",
		"smtp://mail.example:0", "smtp://mail.example:70000", "smtp://mail.example?tls=maybe", "smtp://mail.example?x=1",
		"smtps://mail.example?tls=none", "smtp://me@mail.example?tls=none", "smtp://mail.example/in", "smtp://mail.example?%zz"} {
		if got, err := notify.ParseSMTP(bad, from); err == nil || notify.BadSender(err) {
			t.Errorf("%q: %+v, %v; want a refusal of the server", bad, got, err)
		} else if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: the message repeats the password: %v", bad, err)
		}
	}
	for _, bad := range []string{"", "Cà Mau", "a@b@c", "x <y>"} {
		if _, err := notify.ParseSMTP("smtp://mail.example", bad); !notify.BadSender(err) {
			t.Errorf("sender %q: %v; want a refusal of the sender", bad, err)
		}
	}
}

func FuzzParseSMTP(f *testing.F) {
	f.Add("smtp://me@mail.example:587?tls=none", "Cà Mau <a@b.vn>")
	f.Add("smtps://[::1]:465", "a@b.vn")
	f.Fuzz(func(t *testing.T, server, from string) {
		s, err := notify.ParseSMTP(server, from)
		if err == nil && (s.Host == "" || s.From == "" || s.Port < 0 || s.Port > 65535 || s.Password != "" || s.User != "" && s.TLS == "none") {
			t.Errorf("%q, %q: accepted %+v", server, from, s)
		}
	})
}
