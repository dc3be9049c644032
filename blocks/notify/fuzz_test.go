package notify

import (
	"bytes"
	"net/mail"
	"slices"
	"testing"
	"time"
)

// FuzzMessage: whatever people are called and whatever a notice says, a mail has the headers we
// gave it, one receiver, and nothing else.
func FuzzMessage(f *testing.F) {
	f.Add("mai@congdan.example", "Nguyễn Thị Mai", "Đã tiếp nhận hồ sơ", "Kính gửi bà Mai,\n.\n")
	f.Add("a@b.vn", "Mai\r\nBcc: x@y.vn", "s\r\n\r\nbody", "\r\n.\r\nQUIT\r\n")
	f.Add("a@b.vn, c@d.vn", "\"<x@y.vn>", "\x00\u2028", "\xff")
	want := []string{"Auto-Submitted", "Content-Transfer-Encoding", "Content-Type", "Date", "From", "List-Unsubscribe", "Message-Id", "Mime-Version", "Subject", "To"}
	f.Fuzz(func(t *testing.T, to, name, subject, text string) {
		s := SMTP{Host: "mail.example", From: "no-reply@camau.example", Name: "Dịch vụ công"}
		msg, err := s.message(Mail{ID: "1@camau.example", To: to, Name: name, Subject: subject, Text: text, Leave: "https://camau.example/x", Date: time.Unix(1764000000, 0)})
		if err != nil {
			return // an address that is none
		}
		var out bytes.Buffer
		if _, err := msg.WriteTo(&out); err != nil {
			t.Fatalf("%q %q %q: %v", to, name, subject, err)
		}
		read, err := mail.ReadMessage(bytes.NewReader(out.Bytes()))
		if err != nil {
			t.Fatalf("%q cannot be read: %v", out.String(), err)
		}
		for header, values := range read.Header {
			if len(values) != 1 || !slices.Contains(want, header) {
				t.Errorf("%q %q %q: the header %s: %q", to, name, subject, header, values)
			}
		}
		if list, err := read.Header.AddressList("To"); err != nil || len(list) != 1 {
			t.Errorf("%q %q goes to %v: %v", to, name, list, err)
		}
	})
}
