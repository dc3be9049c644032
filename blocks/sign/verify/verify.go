package verify

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"datmui/blocks/sign/pdf"
	"datmui/kit/lang"
)

// MaxSize is the largest file that is judged.
const MaxSize = 64 << 20

// Options say by what a file is judged.
type Options struct {
	Trust   *Trust        // nil trusts nobody
	At      time.Time     // the time that counts where none is proven; zero means Now
	Now     time.Time     // zero means the machine's clock
	Timeout time.Duration // 0 means 6 seconds
}

// File judges a file. It always answers, in the language of the context: what takes too long
// or too much is undetermined.
func File(ctx context.Context, r io.ReaderAt, size int64, o Options) Report {
	o.Now = cmp.Or(o.Now, time.Now())
	o.At = cmp.Or(o.At, o.Now)
	if o.Trust == nil {
		o.Trust = NewTrust()
	}
	work, cancel := context.WithTimeout(ctx, cmp.Or(o.Timeout, 6*time.Second))
	defer cancel()
	done := make(chan Report, 1)
	go func() { // reading stops by its own limits; the watchdog answers in its place
		defer func() {
			if recover() != nil {
				done <- Report{Verdict: Undetermined, Reasons: []Code{Limit}}
			}
		}()
		done <- file(work, r, size, o)
	}()
	var rep Report
	select {
	case rep = <-done:
	case <-work.Done():
		rep = Report{Verdict: Undetermined, Reasons: []Code{Limit}}
	}
	rep.explain(ctx)
	return rep
}

// Bytes judges a file in memory.
func Bytes(ctx context.Context, data []byte, o Options) Report {
	return File(ctx, bytes.NewReader(data), int64(len(data)), o)
}

// Failed is the report of a file that could not be read at all.
func Failed(ctx context.Context, why Code) Report {
	rep := Report{Verdict: Undetermined, Reasons: []Code{why}}
	rep.explain(ctx)
	return rep
}

func unsigned(why Code) Report { return Report{Verdict: Unsigned, Reasons: []Code{why}} }

func file(ctx context.Context, r io.ReaderAt, size int64, o Options) Report {
	if size == 0 {
		return unsigned(Empty)
	}
	head := make([]byte, min(size, 1024))
	if n, err := r.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) || n < len(head) {
		return Report{Verdict: Undetermined, Reasons: []Code{Unreadable}}
	}
	if !pdf.Looks(head) {
		return unsigned(NotPDF)
	}
	if size > MaxSize {
		return Report{Verdict: Undetermined, Reasons: []Code{Limit}}
	}
	data := make([]byte, size)
	if n, err := r.ReadAt(data, 0); err != nil && !errors.Is(err, io.EOF) || n < len(data) {
		return Report{Verdict: Undetermined, Reasons: []Code{Unreadable}}
	}
	f, err := pdf.Open(data)
	switch {
	case errors.Is(err, pdf.ErrLimit):
		return Report{Verdict: Undetermined, Reasons: []Code{Limit}}
	case err != nil && bytes.Contains(data, []byte("/ByteRange")):
		return Report{Verdict: Undetermined, Reasons: []Code{Structure}}
	case err != nil:
		return unsigned(Damaged)
	}
	return judgeFile(ctx, f, o)
}

func judgeFile(ctx context.Context, f *pdf.File, o Options) Report {
	now := f.Now()
	found, whole := signatures(now)
	gone := removed(ctx, f, found)
	if len(found)+len(gone) == 0 {
		if f.Recovered && bytes.Contains(f.Bytes(), []byte("/ByteRange")) || !whole {
			return Report{Verdict: Undetermined, Reasons: []Code{Structure}}
		}
		return unsigned(NoSignature)
	}
	if len(found)+len(gone) > maxSignatures {
		return Report{Verdict: Undetermined, Reasons: []Code{Limit}}
	}
	run := &judgeRun{ctx: ctx, trust: o.Trust, now: o.Now, lists: map[[32]byte]*crl{}}
	ev := run.embedded(now)
	cases := make([]*sigCase, len(found))
	for i, s := range found {
		if ctx.Err() != nil {
			return Report{Verdict: Undetermined, Reasons: []Code{Limit}}
		}
		cases[i] = open(run, f, now, s, ev)
	}
	slices.SortStableFunc(cases, func(a, b *sigCase) int { return a.out.end - b.out.end })
	var stamps []*sigCase // document time-stamps prove the time of what they cover
	for _, c := range cases {
		if c.out.Stamp {
			c.judgeStamp()
			if c.out.Timestamped {
				stamps = append(stamps, c)
			}
		}
	}
	rep := Report{Signatures: []Signature{}}
	for _, c := range cases {
		if !c.out.Stamp {
			c.judge(o.At, stamps)
		}
		if ctx.Err() != nil {
			return Report{Verdict: Undetermined, Reasons: []Code{Limit}}
		}
		if f.Recovered {
			c.out.add(Structure)
		}
		if !whole {
			c.out.add(Structure)
		}
		c.out.Verdict = judge(c.out.Reasons)
		rep.Signatures = append(rep.Signatures, c.out)
	}
	for _, s := range gone {
		rep.Signatures = append(rep.Signatures, Signature{Verdict: Invalid, Field: s.name, Covers: Revision,
			ChangesAfter: Forbidden, Reasons: []Code{Removed}, CheckedAt: o.At})
	}
	rep.Verdict = worst(rep.Signatures)
	return rep
}

// removed lists signatures of earlier revisions that the file no longer shows.
func removed(ctx context.Context, f *pdf.File, found []signed) (out []signed) {
	has := map[pdf.Ref]bool{}
	for _, s := range found {
		if r, ok := s.value.(pdf.Ref); ok {
			has[r] = true
		}
	}
	for v := range f.Earlier(50) {
		if ctx.Err() != nil {
			return out
		}
		older, _ := signatures(v)
		for _, s := range older {
			if r, ok := s.value.(pdf.Ref); ok && !has[r] {
				if d, ok := v.Dict(r); ok && d["ByteRange"] != nil {
					has[r] = true
					out = append(out, s)
				}
			}
		}
	}
	return out
}

// explain writes the one plain sentence of each signature and of the file.
func (rep *Report) explain(ctx context.Context) {
	if rep.Signatures == nil {
		rep.Signatures = []Signature{}
	}
	if rep.Reasons == nil {
		rep.Reasons = []Code{}
	}
	for i := range rep.Signatures {
		s := &rep.Signatures[i]
		if s.Reasons == nil {
			s.Reasons = []Code{}
		}
		s.Explain = s.sentence(ctx)
	}
	if len(rep.Reasons) > 0 {
		rep.Explain = lang.T(ctx, "verify.reason."+string(rep.Reasons[0]))
		return
	}
	for _, s := range rep.Signatures {
		if s.Verdict == rep.Verdict {
			rep.Explain = s.Explain
			if rep.Verdict == Valid && len(rep.Signatures) > 1 {
				rep.Explain = lang.T(ctx, "verify.file.valid", "count", len(rep.Signatures))
			}
			return
		}
	}
}

func (s *Signature) sentence(ctx context.Context) string {
	who := cmp.Or(s.Signer, lang.T(ctx, "verify.nobody"))
	switch s.Verdict {
	case Valid:
		if s.ChangesAfter == Permitted {
			return lang.T(ctx, "verify.valid.permitted", "who", who)
		}
		return lang.T(ctx, "verify.valid", "who", who)
	case Undetermined:
		return lang.T(ctx, "verify.undetermined", "who", who, "why", lang.T(ctx, "verify.reason."+string(s.main())))
	}
	return lang.T(ctx, "verify.invalid", "who", who, "why", lang.T(ctx, "verify.reason."+string(s.main())))
}

// main is the reason that weighs most.
func (s *Signature) main() Code {
	for _, list := range [][]Code{invalidating, unsettling} {
		for _, c := range list {
			if slices.Contains(s.Reasons, c) {
				return c
			}
		}
	}
	return Malformed
}
