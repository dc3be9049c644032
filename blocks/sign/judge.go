package sign

import (
	"context"

	"datmui/blocks/sign/verify"
)

// Judge verifies a file of this instance against its own trust list.
func (b *Block) Judge(ctx context.Context, data []byte) (verify.Report, error) {
	trust, err := verify.LoadTrust(b.trust)
	if err != nil {
		return verify.Report{}, err
	}
	return verify.Bytes(ctx, data, verify.Options{Trust: trust, Now: b.clock.Now()}), nil
}
