package identity

import (
	"context"
	"sync"
	"time"

	"github.com/google/uuid"

	"datmui/kit/actor"
)

// cacheLife is how long a session is remembered, and so how long a change of rights may take.
const cacheLife = 30 * time.Second

// cacheMost bounds the memory; past it everything is looked up again.
const cacheMost = 20_000

type cacheKey [32]byte

type cached struct {
	actor   actor.Actor
	account uuid.UUID
	until   time.Time
	seen    time.Time
	idle    time.Duration
	ends    time.Time
}

func (e cached) good(now time.Time) bool {
	return now.Before(e.until) && now.Before(e.ends) && now.Before(e.seen.Add(e.idle))
}

// cache remembers sessions. A look-up that began before something was forgotten is not kept: it
// may have read the session just before it ended.
type cache struct {
	mu     sync.Mutex
	m      map[cacheKey]cached
	marked int64
}

func newCache() *cache { return &cache{m: map[cacheKey]cached{}} }

func (c *cache) get(k cacheKey, now time.Time) (cached, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.m[k]
	if ok && !e.good(now) {
		delete(c.m, k)
		ok = false
	}
	return e, ok
}

func (c *cache) mark() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.marked
}

func (c *cache) put(k cacheKey, e cached, mark int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if mark != c.marked {
		return
	}
	if len(c.m) >= cacheMost {
		clear(c.m)
	}
	c.m[k] = e
}

func (c *cache) seen(k cacheKey, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.m[k]; ok {
		e.seen = now
		c.m[k] = e
	}
}

func (c *cache) drop(k cacheKey) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.m, k)
	c.marked++
}

func (c *cache) forget(account uuid.UUID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for k, e := range c.m {
		if e.account == account {
			delete(c.m, k)
		}
	}
	c.marked++
}

func (c *cache) empty() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.m)
	c.marked++
}

// Run hears about sessions that ended on other machines and clears away what is too old, until
// ctx ends. Without it other machines learn of a sign-out within half a minute.
func (b *Block) Run(ctx context.Context) {
	var wg sync.WaitGroup
	wg.Go(func() { b.sweeping(ctx) })
	for ctx.Err() == nil {
		err := b.listen(ctx)
		b.cache.empty() // something may have been said while nobody heard
		if ctx.Err() != nil {
			break
		}
		b.c.Log.WarnContext(ctx, "listening for ended sessions stopped; trying again", "err", err)
		select {
		case <-ctx.Done():
		case <-time.After(2 * time.Second):
		}
	}
	wg.Wait()
}

func (b *Block) listen(ctx context.Context) error {
	pooled, err := b.c.Live.Acquire(ctx)
	if err != nil {
		return err
	}
	conn := pooled.Hijack()
	defer conn.Close(context.WithoutCancel(ctx))
	if _, err := conn.Exec(ctx, "LISTEN "+NotifySessions); err != nil {
		return err
	}
	b.cache.empty()
	for {
		n, err := conn.WaitForNotification(ctx)
		if err != nil {
			return err
		}
		if id, err := uuid.Parse(n.Payload); err == nil {
			b.cache.forget(id)
		}
	}
}

func (b *Block) sweeping(ctx context.Context) {
	tick := time.NewTicker(5 * time.Minute)
	defer tick.Stop()
	for {
		if err := b.Sweep(ctx); err != nil && ctx.Err() == nil {
			b.c.Log.ErrorContext(ctx, "clearing old sessions away failed", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Sweep deletes sessions that no longer say whose they were, forms kept too long, old ceremonies,
// empty counters and machines not seen for a year.
func (b *Block) Sweep(ctx context.Context) error {
	now := b.c.Clock.Now()
	for _, old := range []struct {
		sql    string
		before time.Time
	}{
		{`DELETE FROM identity.session WHERE seen_at < $1 AND least(seen_at + idle, ends_at) < $1`, now.Add(-keptLife)},
		{`DELETE FROM identity.kept WHERE expires_at < $1`, now},
		{`DELETE FROM identity.ceremony WHERE expires_at < $1`, now},
		{`DELETE FROM identity.attempt WHERE at < $1`, now.AddDate(0, 0, -1)},
		{`DELETE FROM identity.known WHERE seen_at < $1`, now.AddDate(-1, 0, 0)},
	} {
		if _, err := b.c.Live.Exec(ctx, old.sql, old.before); err != nil {
			return err
		}
	}
	return nil
}
