package notify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	netmail "net/mail"
	"net/url"
	"strconv"
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

// ParseSMTP reads a server from an address and a sender as people write them in a mail. The
// scheme smtp begins plainly and insists on STARTTLS (?tls=opportunistic or ?tls=none ask for
// less), smtps is TLS from the first byte. A password never stands in an address.
func ParseSMTP(server, from string) (SMTP, error) {
	u, err := url.Parse(server)
	if err != nil || u.Host == "" || u.Hostname() == "" || strings.Trim(u.Path, "/") != "" || u.Fragment != "" {
		return SMTP{}, errors.New("must look like smtp://user@mail.example:587 or smtps://user@mail.example:465")
	}
	s := SMTP{Host: u.Hostname(), User: u.User.Username()}
	if _, ok := u.User.Password(); ok {
		return SMTP{}, errors.New("must not hold a password: write it into the file smtp.password in the folder of the secrets")
	}
	if p := u.Port(); p != "" {
		if s.Port, err = strconv.Atoi(p); err != nil || s.Port < 1 || s.Port > 65535 {
			return SMTP{}, errors.New("has no legal port: 1 to 65535, usually 587 or 465")
		}
	}
	q, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return SMTP{}, errors.New("cannot be read behind the question mark: only tls=opportunistic or tls=none may stand there")
	}
	tls := q.Get("tls")
	q.Del("tls")
	switch {
	case len(q) > 0 || tls != "" && tls != "required" && tls != "opportunistic" && tls != "none":
		return SMTP{}, errors.New("cannot be read behind the question mark: only tls=opportunistic or tls=none may stand there")
	case u.Scheme == "smtp":
		s.TLS = tls
	case u.Scheme == "smtps" && tls == "":
		s.TLS = "implicit"
	default:
		return SMTP{}, errors.New("must begin with smtp:// or smtps://")
	}
	if s.User != "" && s.TLS == "none" {
		return SMTP{}, errors.New("would send a password without TLS: leave the user or tls=none out")
	}
	a, err := netmail.ParseAddress(from)
	if err != nil {
		return SMTP{}, errSender
	}
	s.From, s.Name = a.Address, a.Name
	return s, nil
}

// errSender is told for a sender that cannot be read.
var errSender = errors.New("needs a sender: Dịch vụ công Cà Mau <no-reply@camau.gov.vn>")

// BadSender says whether it is the sender, not the server, that ParseSMTP refused.
func BadSender(err error) bool { return errors.Is(err, errSender) }

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
	if err := msg.FromFormat(quoted(s.Name), s.From); err != nil {
		return nil, err
	}
	if err := msg.AddToFormat(quoted(m.Name), m.To); err != nil {
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

// quoted is a name as it may stand between quotation marks before an address: its own marks are kept,
// backslashes, which no name has and a header in another alphabet cannot carry, are not.
func quoted(name string) string {
	return strings.ReplaceAll(strings.ReplaceAll(oneLine(name), `\`, ""), `"`, `\"`)
}
