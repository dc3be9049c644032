package s3_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"

	"datmui/blocks/files/s3"
	"datmui/blocks/files/s3/s3test"
)

func TestParse(t *testing.T) {
	for text, want := range map[string]s3.Address{
		"s3://me@s3.example/files":                                {Host: "s3.example", Bucket: "files", Key: "me", Region: "us-east-1"},
		"s3://me@127.0.0.1:9000/camau-files?region=vn-1&tls=none": {Host: "127.0.0.1:9000", Bucket: "camau-files", Key: "me", Region: "vn-1", Plain: true},
		"s3://me:secret@s3.example/files":                         {},
		"s3://me@s3.example":                                      {},
		"s3://me@s3.example/a/b":                                  {},
		"s3://me@s3.example/files?x=y":                            {},
		"https://s3.example/files":                                {},
		"data/files":                                              {},
	} {
		got, err := s3.Parse(text)
		if got != want || (err == nil) != (want != s3.Address{}) {
			t.Errorf("%s: %+v, %v; want %+v", text, got, err, want)
		}
		if err != nil && strings.Contains(err.Error(), ":secret") {
			t.Errorf("the message repeats the secret: %v", err)
		}
	}
}

func TestBucket(t *testing.T) {
	t.Parallel()
	at := s3test.Serve(t, 0)
	if _, err := s3.Open(t.Context(), s3.Address{Host: at.Host, Bucket: "not-there", Key: at.Key, Secret: at.Secret, Plain: true}); err == nil || !strings.Contains(err.Error(), "make it first") {
		t.Errorf("a bucket that is not there: %v", err)
	}
	stranger := at
	stranger.Key = "stranger"
	if _, err := s3.Open(t.Context(), stranger); err == nil {
		t.Error("a stranger opens the bucket")
	}
	b, err := s3.Open(t.Context(), at)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	large := bytes.Repeat([]byte("Mũi Cà Mau "), 1<<20) // 13 MiB
	for key, data := range map[string][]byte{"sha256/aa/small": []byte("nhỏ"), "sha256/aa/large": large} {
		if err := b.WriteAll(t.Context(), key, data, nil); err != nil {
			t.Fatal(key, err)
		}
		got, err := b.ReadAll(t.Context(), key)
		if err != nil || !bytes.Equal(got, data) {
			t.Errorf("%s: %d bytes came back of %d, %v", key, len(got), len(data), err)
		}
		if a, err := b.Attributes(t.Context(), key); err != nil || a.Size != int64(len(data)) {
			t.Errorf("%s: %+v, %v", key, a, err)
		}
	}
	r, err := b.NewReader(t.Context(), "sha256/aa/large", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := r.Seek(int64(len(large)-5), io.SeekStart); err != nil {
		t.Fatal(err)
	}
	if tail, err := io.ReadAll(r); err != nil || !bytes.Equal(tail, large[len(large)-5:]) {
		t.Errorf("the tail is %d bytes, %v", len(tail), err)
	}
	if _, err := b.NewReader(t.Context(), "sha256/aa/none", nil); gcerrors.Code(err) != gcerrors.NotFound {
		t.Errorf("what is not there: %v", err)
	}

	// a writer whose context ends leaves nothing behind, short or long
	for key, data := range map[string][]byte{"broken/short": []byte("x"), "broken/long": large} {
		ctx, cancel := context.WithCancel(t.Context())
		w, err := b.NewWriter(ctx, key, &blob.WriterOptions{DisableContentTypeDetection: true, ContentType: "x/y"})
		if err != nil {
			t.Fatal(err)
		}
		_, _ = w.Write(data)
		cancel()
		if err := w.Close(); err == nil {
			t.Errorf("%s: closing after the end says nothing", key)
		}
		if there, err := b.Exists(t.Context(), key); err != nil || there {
			t.Errorf("%s is there, %v", key, err)
		}
	}
}

// More objects than one page are listed in order, each once.
func TestList(t *testing.T) {
	t.Parallel()
	b, err := s3.Open(t.Context(), s3test.Serve(t, 0))
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	const n = 1005
	for i := range n {
		if err := b.WriteAll(t.Context(), fmt.Sprintf("sha256/%04d", i), []byte{1}, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.WriteAll(t.Context(), "thumb/0000", []byte{1}, nil); err != nil {
		t.Fatal(err)
	}
	list := b.List(&blob.ListOptions{Prefix: "sha256/"})
	for i := 0; ; i++ {
		o, err := list.Next(t.Context())
		if errors.Is(err, io.EOF) {
			if i != n {
				t.Errorf("%d objects listed, want %d", i, n)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if want := fmt.Sprintf("sha256/%04d", i); o.Key != want || o.Size != 1 || o.ModTime.IsZero() {
			t.Fatalf("object %d is %+v, want %s", i, o, want)
		}
	}
}
