// Package s3 keeps files in a bucket of an S3 service (Amazon's, MinIO, Ceph, Garage …) instead of a
// folder. It drives gocloud's blob with the client of MinIO: see docs/adr/0010.
package s3

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"gocloud.dev/blob"
	"gocloud.dev/blob/driver"
	"gocloud.dev/gcerrors"
)

// Address is where a bucket is. Its zero value means none.
type Address struct {
	Host   string // with its port where that is not the usual one
	Bucket string
	Key    string // access key id; "" means that the service asks for none
	Secret string // never part of the text
	Region string // "" means us-east-1
	Plain  bool   // without TLS
}

// Parse reads s3://KEY@HOST[:PORT]/BUCKET[?region=…][&tls=none].
func Parse(text string) (Address, error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "s3" || u.Host == "" || u.Fragment != "" {
		return Address{}, errors.New("must look like s3://KEY@s3.example/BUCKET")
	}
	a := Address{Host: u.Host, Bucket: strings.Trim(u.Path, "/"), Key: u.User.Username(), Region: "us-east-1"}
	if _, told := u.User.Password(); told {
		return Address{}, errors.New("holds a password: write it into the file s3.secret in the folder of the secrets")
	}
	if len(a.Bucket) < 3 || len(a.Bucket) > 63 || strings.ContainsAny(a.Bucket, "/ ") {
		return Address{}, errors.New("must name a bucket: s3://KEY@s3.example/BUCKET")
	}
	for name, values := range u.Query() {
		switch value := values[len(values)-1]; {
		case name == "region" && value != "":
			a.Region = value
		case name == "tls" && value == "none":
			a.Plain = true
		default:
			return Address{}, fmt.Errorf("has the unknown part %s=%s: there are region=NAME and tls=none", name, value)
		}
	}
	return a, nil
}

// shortSize is how much of a file is held in memory while it is sent; the rest waits on the disk.
const shortSize = 1 << 20

// Open opens the bucket, which must exist.
func Open(ctx context.Context, a Address) (*blob.Bucket, error) {
	c, err := minio.New(a.Host, &minio.Options{Creds: credentials.NewStaticV4(a.Key, a.Secret, ""), Secure: !a.Plain, Region: a.Region, MaxRetries: 3})
	if err != nil {
		return nil, fmt.Errorf("opening the store of files: %w", err)
	}
	there, err := c.BucketExists(ctx, a.Bucket)
	if err != nil {
		return nil, fmt.Errorf("the store of files on %s does not answer: %w", a.Host, err)
	}
	if !there {
		return nil, fmt.Errorf("the store of files on %s has no bucket %s: make it first", a.Host, a.Bucket)
	}
	return blob.NewBucket(&bucket{c, a.Bucket}), nil
}

type bucket struct {
	c    *minio.Client
	name string
}

func (b *bucket) ErrorCode(err error) gcerrors.ErrorCode {
	if errors.Is(err, errNotOffered) {
		return gcerrors.Unimplemented
	}
	switch r := minio.ToErrorResponse(err); {
	case r.StatusCode == http.StatusNotFound || r.Code == minio.NoSuchKey:
		return gcerrors.NotFound
	case r.StatusCode == http.StatusForbidden:
		return gcerrors.PermissionDenied
	}
	return gcerrors.Unknown
}

func (b *bucket) As(any) bool             { return false }
func (b *bucket) ErrorAs(error, any) bool { return false }
func (b *bucket) Close() error            { return nil }

var errNotOffered = errors.New("s3: not offered")

func (b *bucket) Copy(context.Context, string, string, *driver.CopyOptions) error {
	return errNotOffered
}

func (b *bucket) SignedURL(context.Context, string, *driver.SignedURLOptions) (string, error) {
	return "", errNotOffered // strangers never reach the store: every byte passes the rights of the pages
}

func (b *bucket) Attributes(ctx context.Context, key string) (*driver.Attributes, error) {
	o, err := b.c.StatObject(ctx, b.name, key, minio.StatObjectOptions{})
	if err != nil {
		return nil, err
	}
	return &driver.Attributes{Size: o.Size, ModTime: o.LastModified, ContentType: o.ContentType}, nil
}

func (b *bucket) Delete(ctx context.Context, key string, _ *driver.DeleteOptions) error {
	return b.c.RemoveObject(ctx, b.name, key, minio.RemoveObjectOptions{}) // done also when it is gone already
}

// ListPaged gives pages of a thousand, the next one after the last key of this one.
func (b *bucket) ListPaged(ctx context.Context, o *driver.ListOptions) (*driver.ListPage, error) {
	if o.Delimiter != "" {
		return nil, errNotOffered
	}
	size := o.PageSize
	if size == 0 {
		size = 1000
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // ends the client's listing with the page
	page := &driver.ListPage{}
	for x := range b.c.ListObjectsIter(ctx, b.name, minio.ListObjectsOptions{Prefix: o.Prefix, Recursive: true, StartAfter: string(o.PageToken), MaxKeys: size}) {
		if x.Err != nil {
			return nil, x.Err
		}
		if len(page.Objects) == size {
			page.NextPageToken = []byte(page.Objects[size-1].Key)
			break
		}
		page.Objects = append(page.Objects, &driver.ListObject{Key: x.Key, ModTime: x.LastModified, Size: x.Size})
	}
	return page, nil
}

type reader struct {
	io.ReadCloser
	attributes driver.ReaderAttributes
}

func (r *reader) Attributes() *driver.ReaderAttributes { return &r.attributes }
func (r *reader) As(any) bool                          { return false }

func (b *bucket) NewRangeReader(ctx context.Context, key string, offset, length int64, _ *driver.ReaderOptions) (driver.Reader, error) {
	o, err := b.c.StatObject(ctx, b.name, key, minio.StatObjectOptions{})
	if err != nil {
		return nil, err
	}
	at := driver.ReaderAttributes{Size: o.Size, ModTime: o.LastModified, ContentType: o.ContentType}
	if length < 0 || offset+length > o.Size {
		length = o.Size - offset
	}
	if length <= 0 { // no range names nothing
		return &reader{io.NopCloser(bytes.NewReader(nil)), at}, nil
	}
	var get minio.GetObjectOptions
	if err := get.SetRange(offset, offset+length-1); err != nil {
		return nil, err
	}
	body, _, _, err := (minio.Core{Client: b.c}).GetObject(ctx, b.name, key, get)
	if err != nil {
		return nil, err
	}
	return &reader{body, at}, nil
}

// writer gathers what is to be sent, in memory while it is short and in a file beyond: one request
// of known length can be repeated, and nothing is left in the bucket of one that was broken off.
type writer struct {
	b     *bucket
	ctx   context.Context
	key   string
	kind  string
	size  int64
	short bytes.Buffer
	long  *os.File // nil while short holds everything
}

func (b *bucket) NewTypedWriter(ctx context.Context, key, kind string, _ *driver.WriterOptions) (driver.Writer, error) {
	return &writer{b: b, ctx: ctx, key: key, kind: kind}, nil
}

func (w *writer) Write(p []byte) (n int, err error) {
	defer func() { w.size += int64(n) }()
	if w.long == nil && w.short.Len()+len(p) <= shortSize {
		return w.short.Write(p)
	}
	if w.long == nil {
		if w.long, err = os.CreateTemp("", "datmui-s3-*"); err != nil {
			return 0, err
		}
		_ = os.Remove(w.long.Name()) // it goes with the last hand that holds it, also in a crash
		if _, err = w.short.WriteTo(w.long); err != nil {
			return 0, err
		}
	}
	return w.long.Write(p)
}

// Close makes the object be there, unless the context has ended: then nothing is left of it.
func (w *writer) Close() error {
	if w.long != nil {
		defer w.long.Close()
	}
	if err := w.ctx.Err(); err != nil {
		return err
	}
	var r io.Reader = bytes.NewReader(w.short.Bytes())
	if w.long != nil {
		r = io.NewSectionReader(w.long, 0, w.size)
	}
	_, err := w.b.c.PutObject(w.ctx, w.b.name, w.key, r, w.size, minio.PutObjectOptions{ContentType: w.kind, DisableMultipart: true})
	return err
}
