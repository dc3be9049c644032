package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"datmui/blocks/files/s3"
)

// Carrier moves whole stores: into a backup, and out of it. It knows no rows and no rights.
type Carrier struct{ store *store }

// OpenCarrier opens a store without its block: a folder, or a bucket where one is named.
func OpenCarrier(ctx context.Context, folder string, bucket s3.Address) (*Carrier, error) {
	st, err := openStore(ctx, folder, bucket)
	if err != nil {
		return nil, err
	}
	return &Carrier{st}, nil
}

// Close lets the store go.
func (c *Carrier) Close() error { return c.store.close() }

// Item is one thing in a store.
type Item struct {
	Name string
	Size int64
	At   time.Time
	io.Reader
}

// Each calls fn with everything in the store, in order of names. What a sweep takes away meanwhile
// is left out.
func (c *Carrier) Each(ctx context.Context, fn func(Item) error) error {
	list := c.store.bucket.List(nil)
	for {
		o, err := list.Next(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("listing the store of files: %w", err)
		}
		if o.IsDir {
			continue
		}
		r, err := c.store.read(ctx, o.Key)
		if missing(err) {
			continue
		}
		if err != nil {
			return fmt.Errorf("reading %s: %w", o.Key, err)
		}
		err = errors.Join(fn(Item{Name: o.Key, Size: r.Size(), At: r.ModTime(), Reader: r}), r.Close())
		if err != nil {
			return err
		}
	}
}

// Put writes one thing.
func (c *Carrier) Put(ctx context.Context, name string, r io.Reader) error {
	if err := c.store.write(ctx, name, r); err != nil {
		return err
	}
	return c.store.settle(name)
}

// Try writes, reads and takes away a small thing: what doctor asks of a store.
func (c *Carrier) Try(ctx context.Context) error {
	const name, text = "doctor/probe", "datmui"
	if err := c.store.write(ctx, name, strings.NewReader(text)); err != nil {
		return err
	}
	got, err := c.store.bucket.ReadAll(ctx, name)
	if err == nil && string(got) != text {
		err = errors.New("it gives back something else than was written")
	}
	return errors.Join(err, c.store.bucket.Delete(ctx, name))
}
