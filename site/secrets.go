package site

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"datmui/blocks/files"
	"datmui/blocks/files/s3"
)

// Secrets are the keys of one instance. They lie in files of their own (0600), never in the
// database in the clear: under systemd in its credentials folder, else in DATA/secrets.
type Secrets struct {
	Master   []byte // 32 bytes: seals TOTP secrets and soft keys
	Signer   note.Signer
	Verifier note.Verifier
	Public   string // the verifier's key as text, for strangers
	Client   string // secret of this site at the VNeID provider; made for the demonstration, else put there by the operator
	dir      string
}

// OpenSecrets reads the keys, and makes those that are missing.
func OpenSecrets(data string) (*Secrets, error) {
	dir := filepath.Join(data, "secrets")
	if at := os.Getenv("CREDENTIALS_DIRECTORY"); at != "" {
		if _, err := os.Stat(filepath.Join(at, "master.key")); err == nil {
			dir = at
		}
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the folder of the secrets: %w", err)
	}
	s := &Secrets{dir: dir}
	master, err := s.keep("master.key", func() (string, error) { return hex.EncodeToString(random(32)), nil })
	if err != nil {
		return nil, err
	}
	if s.Master, err = hex.DecodeString(master); err != nil || len(s.Master) != 32 {
		return nil, fmt.Errorf("the file %s is damaged: it must hold 64 hexadecimal digits; restore it from a backup", filepath.Join(dir, "master.key"))
	}
	if s.Client, err = s.keep("vneid.secret", func() (string, error) { return hex.EncodeToString(random(24)), nil }); err != nil {
		return nil, err
	}
	var public string
	key, err := s.keep("checkpoint.key", func() (string, error) {
		skey, vkey, err := note.GenerateKey(rand.Reader, "datmui")
		public = vkey
		return skey, err
	})
	if err != nil {
		return nil, err
	}
	if s.Signer, err = note.NewSigner(key); err != nil {
		return nil, fmt.Errorf("the checkpoint key in %s cannot be read: %w", dir, err)
	}
	if public, err = s.keep("checkpoint.pub", func() (string, error) { return public, nil }); err != nil {
		return nil, err
	}
	if s.Verifier, err = note.NewVerifier(public); err != nil {
		return nil, fmt.Errorf("the public checkpoint key in %s cannot be read: %w", dir, err)
	}
	s.Public = public
	return s, nil
}

// keep reads a secret, or makes it the first time. A new file is written beside its place and
// linked there, so that two programs that start together agree on one.
func (s *Secrets) keep(name string, make func() (string, error)) (string, error) {
	path := filepath.Join(s.dir, name)
	for {
		b, err := os.ReadFile(path)
		if err == nil {
			return strings.TrimSpace(string(b)), nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("reading the secret %s: %w", name, err)
		}
		text, err := make()
		if err != nil {
			return "", fmt.Errorf("making the secret %s: %w", name, err)
		}
		tmp, err := os.CreateTemp(s.dir, "."+name) // 0600 by its nature
		if err != nil {
			return "", fmt.Errorf("writing the secret %s: %w", name, err)
		}
		_, err = tmp.WriteString(text + "\n")
		err = errors.Join(err, tmp.Sync(), tmp.Close())
		if err == nil {
			if err = os.Link(tmp.Name(), path); errors.Is(err, fs.ErrExist) {
				err = nil // the other one was faster: its secret counts
			}
		}
		_ = os.Remove(tmp.Name())
		if err != nil {
			return "", fmt.Errorf("writing the secret %s: %w", name, err)
		}
	}
}

// national are the secrets of the exchange: ours at the National Public Service Portal and the
// portal's here. For the demonstration they are made, else an operator puts them there.
func (s *Secrets) national(demo bool) (ours, theirs string, err error) {
	read := s.given
	if demo {
		read = func(name string) (string, error) {
			return s.keep(name, func() (string, error) { return hex.EncodeToString(random(24)), nil })
		}
	}
	if ours, err = read("national.secret"); err != nil {
		return "", "", err
	}
	theirs, err = read("national-inbound.secret")
	return ours, theirs, err
}

// given reads a secret that an operator put there; "" when there is none.
func (s *Secrets) given(name string) (string, error) {
	b, err := os.ReadFile(filepath.Join(s.dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("reading the secret %s: %w", name, err)
	}
	return strings.TrimSpace(string(b)), nil
}

// bucket is the bucket of the settings with its secret.
func (s *Secrets) bucket(o Options) (a s3.Address, err error) {
	if a = o.Files; a.Host == "" || a.Key == "" {
		return a, nil
	}
	a.Secret, err = s.given("s3.secret")
	if err == nil && a.Secret == "" {
		err = fmt.Errorf("DATMUI_FILES names the key %s, but there is no secret for it: write it into %s", a.Key, filepath.Join(s.dir, "s3.secret"))
	}
	return a, err
}

// TryFiles writes, reads and takes away a small thing in the store of files.
func TryFiles(ctx context.Context, o Options) error {
	keys, err := OpenSecrets(o.Data)
	if err != nil {
		return err
	}
	c, err := keys.files(ctx, o)
	if err != nil {
		return err
	}
	return errors.Join(c.Try(ctx), c.Close())
}

// files opens the store of the settings without its block.
func (s *Secrets) files(ctx context.Context, o Options) (*files.Carrier, error) {
	a, err := s.bucket(o)
	if err != nil {
		return nil, err
	}
	return files.OpenCarrier(ctx, filepath.Join(o.Data, "files"), a)
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails since Go 1.24
	return b
}
