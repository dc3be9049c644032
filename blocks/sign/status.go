package sign

import (
	"context"
	"math/big"
	"time"

	"datmui/blocks/sign/pki"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// Now is the time by which the block signs and judges.
func (b *Block) Now() time.Time { return b.clock.Now() }

// Status tells the OCSP responder about a certificate: known at all, and since when revoked.
func (b *Block) Status(ctx context.Context, serial *big.Int) (known bool, revoked *pki.Revoked, err error) {
	if serial.Cmp(b.authority.Stamping.SerialNumber) == 0 {
		return true, nil, nil
	}
	type row struct {
		RevokedAt *time.Time
		Reason    int
	}
	r, err := pg.One[row](b.db.Query(ctx, `SELECT revoked_at, reason FROM sign.certificate WHERE serial = $1`, serial.Text(16)))
	switch {
	case fault.KindOf(err) == fault.KindNotFound:
		return false, nil, nil
	case err != nil:
		return false, nil, err
	case r.RevokedAt != nil:
		return true, &pki.Revoked{Serial: serial, At: *r.RevokedAt, Reason: r.Reason}, nil
	}
	return true, nil, nil
}
