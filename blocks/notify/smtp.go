package notify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/wneessen/go-mail"
)

// SMTP brings mails to a server. Zero values are usable unless marked required.
type SMTP struct {
	Host     string // required
	Port     int    // 0 means 587, with TLS "implicit" 465
	User     string // "" means without signing in
	Password string
	TLS      string // "required" (the default), "implicit", "opportunistic", "none"
	From     string // required: address of the sender
	Name     string // name of the sender
	Timeout  time.Duration
}

var _ Mailer = SMTP{}

// Deliver sends the mails over one connection.
func (s SMTP) Deliver(ctx context.Context, mails []Mail) []error {
	results := make([]error, len(mails))
	all := func(err error) []error {
		for i := range results {
			if results[i] == nil {
				results[i] = err
			}
		}
		return results
	}
	client, err := s.client()
	if err != nil {
		return all(fmt.Errorf("setting up e-mail: %w", err))
	}
	var msgs []*mail.Msg
	var at []int
	for i, m := range mails {
		msg, err := s.message(m)
		if err != nil {
			results[i] = &Refused{err} // an address that cannot be written will not mend itself
			continue
		}
		msgs, at = append(msgs, msg), append(at, i)
	}
	if len(msgs) == 0 {
		return results
	}
	if err := client.DialWithContext(ctx); err != nil {
		return all(fmt.Errorf("reaching the mail server: %w", err))
	}
	defer client.Close()
	for k, msg := range msgs {
		if err := client.Send(msg); err != nil {
			results[at[k]] = judged(err)
		}
	}
	return results
}

// judged tells what will not change by trying again.
func judged(err error) error {
	if e, ok := errors.AsType[*mail.SendError](err); ok && !e.IsTemp() && e.ErrorCode() >= 500 {
		return &Refused{err}
	}
	return err
}

func (s SMTP) client() (*mail.Client, error) {
	opts := []mail.Option{mail.WithTimeout(cmp.Or(s.Timeout, 30*time.Second)), mail.WithoutNoop()}
	port := cmp.Or(s.Port, 587)
	switch s.TLS {
	case "", "required":
		opts = append(opts, mail.WithTLSPolicy(mail.TLSMandatory))
	case "opportunistic":
		opts = append(opts, mail.WithTLSPolicy(mail.TLSOpportunistic))
	case "none":
		opts = append(opts, mail.WithTLSPolicy(mail.NoTLS))
	case "implicit":
		port = cmp.Or(s.Port, 465)
		opts = append(opts, mail.WithSSL())
	default:
		return nil, fmt.Errorf("TLS is required, implicit, opportunistic or none, not %q", s.TLS)
	}
	if s.User != "" {
		opts = append(opts, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(s.User), mail.WithPassword(s.Password))
	}
	return mail.NewClient(s.Host, append(opts, mail.WithPort(port))...)
}

func (s SMTP) message(m Mail) (*mail.Msg, error) {
	msg := mail.NewMsg(mail.WithNoDefaultUserAgent())
	if err := msg.FromFormat(s.Name, s.From); err != nil {
		return nil, err
	}
	if err := msg.AddToFormat(oneLine(m.Name), m.To); err != nil {
		return nil, err
	}
	msg.Subject(oneLine(m.Subject))
	msg.SetMessageIDWithValue(m.ID)
	msg.SetDateWithValue(m.Date)
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	if m.Leave != "" {
		msg.SetGenHeaderPreformatted(mail.HeaderListUnsubscribe, "<"+m.Leave+">")
	}
	msg.SetBodyString(mail.TypeTextPlain, m.Text)
	return msg, nil
}

// oneLine keeps what people wrote from becoming a header of its own.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
