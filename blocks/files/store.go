package files

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"gocloud.dev/blob"
	"gocloud.dev/blob/fileblob"
	"gocloud.dev/gcerrors"

	"datmui/blocks/files/s3"
)

// Hash is the SHA-256 of a blob.
type Hash [sha256.Size]byte

func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// Blob is bytes in the store.
type Blob struct {
	Hash Hash
	Size int64
}

// store keeps blobs under names made of their hash, in two levels of folders so that none
// grows large.
type store struct {
	bucket *blob.Bucket
	dir    string // of a store in a folder; "" for one elsewhere
}

// openStore opens a bucket where one is named, else a folder.
func openStore(ctx context.Context, at string, bucket s3.Address) (*store, error) {
	if bucket.Host != "" {
		b, err := s3.Open(ctx, bucket)
		return &store{bucket: b}, err
	}
	if at == "" {
		return nil, errors.New("files: no place to keep files given")
	}
	dir, err := filepath.Abs(at)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the folder for files: %w", err)
	}
	folder, err := fileblob.OpenBucket(dir, &fileblob.Options{
		NoTempDir: true, // rename works only on the same disk
		Metadata:  fileblob.MetadataDontWrite, DirFileMode: 0o700,
	})
	if err != nil {
		return nil, fmt.Errorf("opening the folder for files: %w", err)
	}
	return &store{folder, dir}, nil
}

func (s *store) close() error { return s.bucket.Close() }

// room is where a kind of blob lies: the bytes themselves, or a picture made of them.
type room string

const (
	roomBytes room = "sha256"
	roomThumb room = "thumb"
	roomPage  room = "page"
)

func key(r room, hash string) string {
	return string(r) + "/" + hash[:2] + "/" + hash[2:4] + "/" + hash
}

// keep writes what is in r, whose hash is known, unless it is there and fresh. A blob that
// waits to be swept is written anew, so that its age starts again.
func (s *store) keep(ctx context.Context, h Hash, size int64, r io.Reader, fresh time.Time) error {
	k := key(roomBytes, h.String())
	if at, err := s.bucket.Attributes(ctx, k); err == nil && at.Size == size && at.ModTime.After(fresh) {
		return nil
	}
	if err := s.write(ctx, k, r); err != nil {
		return err
	}
	return s.settle(k)
}

// settle makes sure that a blob in a folder outlives a power cut: the row that will name it
// is on the disk as soon as its act is.
func (s *store) settle(key string) error {
	if s.dir == "" {
		return nil
	}
	path := filepath.Join(s.dir, filepath.FromSlash(key))
	for _, p := range []string{path, filepath.Dir(path)} {
		f, err := os.Open(p)
		if err != nil {
			return fmt.Errorf("storing a file: %w", err)
		}
		if err := errors.Join(f.Sync(), f.Close()); err != nil {
			return fmt.Errorf("storing a file: %w", err)
		}
	}
	return nil
}

func (s *store) write(ctx context.Context, key string, r io.Reader) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // a writer whose context ends before Close leaves nothing behind
	w, err := s.bucket.NewWriter(ctx, key, &blob.WriterOptions{ContentType: "application/octet-stream", DisableContentTypeDetection: true})
	if err != nil {
		return fmt.Errorf("storing a file: %w", err)
	}
	if _, err := io.Copy(w, r); err != nil {
		cancel()
		_ = w.Close()
		return fmt.Errorf("storing a file: %w", err)
	}
	if err := w.Close(); err != nil {
		return fmt.Errorf("storing a file: %w", err)
	}
	return nil
}

// read opens a blob; the reader can seek.
func (s *store) read(ctx context.Context, key string) (*blob.Reader, error) {
	return s.bucket.NewReader(ctx, key, nil)
}

func missing(err error) bool { return gcerrors.Code(err) == gcerrors.NotFound }

// hashOf reads r to its end.
func hashOf(r io.Reader) (Blob, error) {
	h := sha256.New()
	n, err := io.Copy(h, r)
	if err != nil {
		return Blob{}, err
	}
	return Blob{Hash: Hash(h.Sum(nil)), Size: n}, nil
}
