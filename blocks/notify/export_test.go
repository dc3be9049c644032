package notify

import (
	"context"
	"testing"
)

// Export for the tests in notify_test: a run of each job, as River would make it.
func (b *Block) Deliver(ctx context.Context) error     { return b.deliver(ctx, DeliverMail{}) }
func (b *Block) SendDigests(ctx context.Context) error { return b.digest(ctx, SendDigests{}) }

func TestPauseGrowsAndEnds(t *testing.T) {
	before := pause(0)
	for n := 1; n < 100; n++ {
		p := pause(n)
		if p < before || p > longest {
			t.Fatalf("pause %d is %s after %s", n, p, before)
		}
		before = p
	}
	if before != longest {
		t.Errorf("the longest pause is %s", before)
	}
}
