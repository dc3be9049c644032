package notify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"mime/quotedprintable"
	"net/mail"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// Folder is a Mailer that brings mails nowhere: each lies in a folder as the file a mail server
// would have been given. It is what the demonstration has instead of a server.
type Folder struct {
	Dir  string // required
	From string // required: address of the sender
	Name string // name of the sender
	Most int    // files kept, the newest; 0 means 1,000
}

var _ Mailer = Folder{}

// Deliver writes the mails. The same mail tried again takes the place of the first.
func (f Folder) Deliver(_ context.Context, mails []Mail) []error {
	results := make([]error, len(mails))
	for i, m := range mails {
		results[i] = f.keep(m)
	}
	return results
}

func (f Folder) keep(m Mail) error {
	if err := os.MkdirAll(f.Dir, 0o700); err != nil {
		return fmt.Errorf("making the folder for mails: %w", err)
	}
	msg, err := SMTP{From: f.From, Name: f.Name}.message(m)
	if err != nil {
		return &Refused{err}
	}
	// the name is made of time and Message-ID: nothing a person wrote reaches the disk as a name
	name := m.Date.UTC().Format("20060102T150405") + "-" + uuid.NewSHA1(uuid.NameSpaceURL, []byte(m.ID)).String() + ".eml"
	tmp, err := os.CreateTemp(f.Dir, ".mail")
	if err != nil {
		return fmt.Errorf("keeping a mail: %w", err)
	}
	_, err = msg.WriteTo(tmp)
	if err = errors.Join(err, tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), filepath.Join(f.Dir, name))
	}
	if err != nil {
		_ = os.Remove(tmp.Name())
		return fmt.Errorf("keeping a mail: %w", err)
	}
	return f.prune()
}

// names lists the files, the newest first.
func (f Folder) names() ([]string, error) {
	list, err := os.ReadDir(f.Dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var out []string
	for _, e := range list {
		if strings.HasSuffix(e.Name(), ".eml") {
			out = append(out, e.Name())
		}
	}
	slices.Sort(out)
	slices.Reverse(out)
	return out, nil
}

func (f Folder) prune() error {
	names, err := f.names()
	if err != nil {
		return err
	}
	for _, name := range names[min(len(names), cmp.Or(f.Most, 1000)):] {
		if err := os.Remove(filepath.Join(f.Dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// Kept is a mail of a Folder as its receiver would read it.
type Kept struct {
	To, Subject, Text string
	Date              time.Time
}

// Newest reads up to n mails, the newest first.
func (f Folder) Newest(n int) ([]Kept, error) {
	names, err := f.names()
	if err != nil {
		return nil, fmt.Errorf("listing mails: %w", err)
	}
	var out []Kept
	for _, name := range names[:min(len(names), n)] {
		k, err := readMail(filepath.Join(f.Dir, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue // pruned a moment ago
		}
		if err != nil {
			return nil, fmt.Errorf("reading the mail %s: %w", name, err)
		}
		out = append(out, k)
	}
	return out, nil
}

func readMail(path string) (k Kept, err error) {
	file, err := os.Open(path)
	if err != nil {
		return k, err
	}
	defer file.Close()
	m, err := mail.ReadMessage(io.LimitReader(file, 1<<20))
	if err != nil {
		return k, err
	}
	var words mime.WordDecoder // our mails are UTF-8
	if k.Subject, err = words.DecodeHeader(m.Header.Get("Subject")); err != nil {
		return k, err
	}
	if k.To, err = words.DecodeHeader(m.Header.Get("To")); err != nil {
		return k, err
	}
	if k.Date, err = m.Header.Date(); err != nil {
		return k, err
	}
	body := m.Body
	if strings.EqualFold(m.Header.Get("Content-Transfer-Encoding"), "quoted-printable") {
		body = quotedprintable.NewReader(body)
	}
	text, err := io.ReadAll(body)
	k.Text = strings.TrimSpace(string(text))
	return k, err
}
