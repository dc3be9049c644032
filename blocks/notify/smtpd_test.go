package notify_test

import (
	"bufio"
	"fmt"
	"io"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"strings"
	"sync"
	"testing"
)

// smtpd is a real mail server, small enough to read: it speaks SMTP over TCP and keeps what came.
type smtpd struct {
	net.Listener
	mu     sync.Mutex
	got    []received
	answer func(to string) string // answer to RCPT; "" accepts
}

type received struct {
	To, ID, Subject, Body, Leave string
}

func serveMail(t *testing.T) *smtpd {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &smtpd{Listener: l}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go s.talk(c)
		}
	}()
	return s
}

func (s *smtpd) port() int { return s.Addr().(*net.TCPAddr).Port }

func (s *smtpd) mails() []received {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]received(nil), s.got...)
}

func (s *smtpd) answers(fn func(to string) string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = fn
}

func (s *smtpd) talk(c net.Conn) {
	defer c.Close()
	r := bufio.NewReader(c)
	say := func(line string) { fmt.Fprintf(c, "%s\r\n", line) }
	say("220 mail.test ready")
	to := ""
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		verb, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch strings.ToUpper(verb) {
		case "EHLO", "HELO":
			say("250-mail.test")
			say("250 8BITMIME")
		case "RCPT":
			to = strings.Trim(rest[strings.IndexByte(rest, '<'):], "<> ")
			s.mu.Lock()
			fn := s.answer
			s.mu.Unlock()
			if fn != nil && fn(to) != "" {
				say(fn(to))
				continue
			}
			say("250 ok")
		case "DATA":
			say("354 go on")
			var b strings.Builder
			for {
				line, err := r.ReadString('\n')
				if err != nil {
					return
				}
				if line == ".\r\n" {
					break
				}
				b.WriteString(strings.TrimPrefix(line, "."))
			}
			s.keep(to, b.String())
			say("250 taken")
		case "QUIT":
			say("221 bye")
			return
		default:
			say("250 ok")
		}
	}
}

func (s *smtpd) keep(to, data string) {
	msg, err := mail.ReadMessage(strings.NewReader(data))
	if err != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.got = append(s.got, received{To: to, Body: "unreadable: " + err.Error()})
		return
	}
	body := io.Reader(msg.Body)
	if strings.EqualFold(msg.Header.Get("Content-Transfer-Encoding"), "quoted-printable") {
		body = quotedprintable.NewReader(body)
	}
	text, _ := io.ReadAll(body)
	subject, _ := new(mime.WordDecoder).DecodeHeader(msg.Header.Get("Subject"))
	s.mu.Lock()
	defer s.mu.Unlock()
	s.got = append(s.got, received{to, msg.Header.Get("Message-ID"), subject, strings.ReplaceAll(string(text), "\r\n", "\n"),
		msg.Header.Get("List-Unsubscribe")})
}
