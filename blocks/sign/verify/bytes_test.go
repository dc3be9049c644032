package verify_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/hex"
	"fmt"
	"maps"
	"regexp"
	"strconv"
	"testing"

	"datmui/blocks/sign/cms"
	"datmui/blocks/sign/pdf"
	"datmui/blocks/sign/verify"
)

var byteRange = regexp.MustCompile(`/ByteRange (\[0 (\d+) (\d+) (\d+)\])( *)`)

// ranges reads the byte range of the last signature of a file.
func ranges(t testing.TB, data []byte) (at [2]int, br [4]int) {
	t.Helper()
	all := byteRange.FindAllSubmatchIndex(data, -1)
	if all == nil {
		t.Fatal("no byte range")
	}
	m := all[len(all)-1]
	for i := range 3 {
		br[i+1], _ = strconv.Atoi(string(data[m[4+2*i]:m[5+2*i]]))
	}
	return [2]int{m[2], m[11]}, br
}

// resign makes the last signature of a file anew over other ranges, as a dishonest program
// with a true key could.
func (s *stage) resign(t testing.TB, data []byte, br string, covered ...[]byte) []byte {
	t.Helper()
	at, old := ranges(t, data)
	out := bytes.Clone(data)
	copy(out[at[0]:], br+string(bytes.Repeat([]byte(" "), at[1]-at[0]-len(br))))
	h := sha256.New()
	for _, c := range covered {
		// what is covered is given as a part of data; it moves along with the patch
		i := bytes.Index(data, c)
		h.Write(out[i : i+len(c)])
	}
	sig := must(cms.Sign(context.Background(), s.leader, h.Sum(nil), nil))(t)
	hole := out[old[1]+1 : old[2]-1]
	copy(hole, bytes.Repeat([]byte("0"), len(hole)))
	hex.Encode(hole, sig)
	return out
}

// withCMS lets a test put another CMS into the last signature.
func withCMS(t testing.TB, data []byte, change func(der []byte) []byte) []byte {
	t.Helper()
	_, br := ranges(t, data)
	out := bytes.Clone(data)
	hole := out[br[1]+1 : br[2]-1]
	der := make([]byte, len(hole)/2)
	if _, err := hex.Decode(der, hole); err != nil {
		t.Fatal(err)
	}
	var raw asn1.RawValue
	if _, err := asn1.Unmarshal(der, &raw); err != nil {
		t.Fatal(err)
	}
	copy(hole, bytes.Repeat([]byte("0"), len(hole)))
	hex.Encode(hole, change(raw.FullBytes))
	return out
}

// signers lets a test change the set of signers.
func signers(t testing.TB, der []byte, change func(set []byte) []byte) []byte {
	t.Helper()
	var ci struct {
		Type    asn1.ObjectIdentifier
		Content struct {
			Version                 int
			Digests, Content, Certs asn1.RawValue
			Signers                 asn1.RawValue
		} `asn1:"explicit,tag:0"`
	}
	if _, err := asn1.Unmarshal(der, &ci); err != nil {
		t.Fatal(err)
	}
	ci.Content.Signers = asn1.RawValue{Class: 0, Tag: asn1.TagSet, IsCompound: true, Bytes: change(ci.Content.Signers.Bytes)}
	return must(asn1.Marshal(ci))(t)
}

func replace(t testing.TB, data []byte, old, now string) []byte {
	t.Helper()
	if len(old) != len(now) || !bytes.Contains(data, []byte(old)) {
		t.Fatalf("cannot replace %q", old)
	}
	return bytes.Replace(data, []byte(old), []byte(now), 1)
}

// sigRef is the object of the signature in a field.
func sigRef(t testing.TB, v *pdf.View, field string) pdf.Ref {
	t.Helper()
	_, d, ok := v.Field(field)
	r, isRef := d["V"].(pdf.Ref)
	if !ok || !isRef {
		t.Fatalf("no signature in %q", field)
	}
	return r
}

// byteGames are attacks on the bytes: what is signed, where the signature lies, how it is
// written.
var byteGames = []specimen{
	{name: "one byte changed", verdict: verify.Invalid, reason: verify.DigestMismatch, make: func(t testing.TB, s *stage) []byte {
		return replace(t, s.byLeader(t), "/MediaBox", "/MediaBix")
	}},
	{name: "claimed time changed", verdict: verify.Invalid, reason: verify.DigestMismatch, make: func(t testing.TB, s *stage) []byte {
		return replace(t, s.byLeader(t), "/M (D:20", "/M (D:19")
	}},
	{name: "cut short", verdict: verify.Invalid, reason: verify.ByteRange, make: func(t testing.TB, s *stage) []byte {
		d := s.byLeader(t)
		return d[:len(d)-40]
	}},
	{name: "garbage behind the end", verdict: verify.Invalid, reason: verify.StructureAfter,
		differs: "pdfsig judges the signed bytes only", make: func(t testing.TB, s *stage) []byte {
			return append(s.byLeader(t), "<html>garbage</html>"...)
		}},
	{name: "a second end of file", verdict: verify.Invalid, reason: verify.StructureAfter,
		differs: "pdfsig judges the signed bytes only", make: func(t testing.TB, s *stage) []byte {
			return append(s.byLeader(t), "\n%%EOF\n%%EOF\n"...)
		}},
	{name: "gap larger than the signature", verdict: verify.Invalid, reason: verify.ByteRange,
		differs: "poppler does not hold the gap to /Contents", make: func(t testing.TB, s *stage) []byte {
			d := s.byLeader(t)
			_, br := ranges(t, d)
			b := br[2] + 2
			return s.resign(t, d, fmt.Sprintf("[0 %d %d %d]", br[1], b, len(d)-b), d[:br[1]], d[b:])
		}},
	{name: "range stops before the end", verdict: verify.Invalid, reason: verify.StructureAfter,
		differs: "pdfsig judges the signed bytes only", make: func(t testing.TB, s *stage) []byte {
			d := s.byLeader(t)
			_, br := ranges(t, d)
			return s.resign(t, d, fmt.Sprintf("[0 %d %d %d]", br[1], br[2], br[3]-30), d[:br[1]], d[br[2]:len(d)-30])
		}},
	{name: "range begins late", verdict: verify.Invalid, reason: verify.ByteRange, make: func(t testing.TB, s *stage) []byte {
		d := s.byLeader(t)
		_, br := ranges(t, d)
		return s.resign(t, d, fmt.Sprintf("[9 %d %d %d]", br[1]-9, br[2], br[3]), d[9:br[1]], d[br[2]:])
	}, differs: "poppler reads ranges wherever they begin"},
	{name: "ranges overlap", verdict: verify.Invalid, reason: verify.ByteRange, make: func(t testing.TB, s *stage) []byte {
		d := s.byLeader(t)
		_, br := ranges(t, d)
		return s.resign(t, d, fmt.Sprintf("[0 %d %d %d]", br[1], br[1]-5, br[3]), d[:br[1]], d[br[1]-5:br[1]-5+br[3]])
	}},
	{name: "negative range", verdict: verify.Invalid, reason: verify.ByteRange, make: func(t testing.TB, s *stage) []byte {
		d := s.byLeader(t)
		_, br := ranges(t, d)
		return s.resign(t, d, fmt.Sprintf("[0 %d %d -1]", br[1], br[2]), d[:br[1]], d[br[2]:])
	}},
	{name: "three ranges", verdict: verify.Invalid, reason: verify.ByteRange, make: func(t testing.TB, s *stage) []byte {
		d := s.byLeader(t)
		_, br := ranges(t, d)
		return s.resign(t, d, fmt.Sprintf("[0 %d %d 9 9 9]", br[1], br[2]), d[:br[1]], d[br[2]:])
	}},
	{name: "Contents twice", verdict: verify.Invalid, reason: verify.DuplicateKey, make: func(t testing.TB, s *stage) []byte {
		d := replace(t, s.byLeader(t), "/Filter /Adobe.PPKLite", "/Contents <00>        ")
		_, br := ranges(t, d)
		return s.resign(t, d, fmt.Sprintf("[0 %d %d %d]", br[1], br[2], br[3]), d[:br[1]], d[br[2]:])
	}, differs: "poppler takes the last of two keys"},
	{name: "Contents twice, once in disguise", verdict: verify.Invalid, reason: verify.DuplicateKey, make: func(t testing.TB, s *stage) []byte {
		d := replace(t, s.byLeader(t), "/Filter /Adobe.PPKLite", "/#43ontents <00>      ")
		_, br := ranges(t, d)
		return s.resign(t, d, fmt.Sprintf("[0 %d %d %d]", br[1], br[2], br[3]), d[:br[1]], d[br[2]:])
	}, differs: "poppler takes the last of two keys"},
	{name: "blanks in Contents", verdict: verify.Invalid, reason: verify.Contents, make: func(t testing.TB, s *stage) []byte {
		d := s.byLeader(t)
		_, br := ranges(t, d)
		copy(d[br[2]-5:], "\n  \n")
		return d
	}, differs: "white space in a hexadecimal string is harmless to poppler; nobody signs what stands there"},
	{name: "bytes behind the CMS", verdict: verify.Invalid, reason: verify.Contents, make: func(t testing.TB, s *stage) []byte {
		d := s.byLeader(t)
		_, br := ranges(t, d)
		copy(d[br[2]-5:], "DEAD")
		return d
	}, differs: "NSS ignores what follows the CMS"},
	{name: "signature wrapping", verdict: verify.Invalid, reason: verify.DuplicateKey, make: func(t testing.TB, s *stage) []byte {
		d := s.byLeader(t)
		_, br := ranges(t, d)
		evil := ""
		for range 3 { // the length of the text hangs on itself
			evil = fmt.Sprintf("/ByteRange [0 %d %d %d] /X (%0100d) ", br[1], br[2]+len(evil), br[3], 0)
		}
		return append(append(bytes.Clone(d[:br[2]]), evil...), d[br[2]:]...)
	}, differs: "the wrapped signature as poppler reads it"},
	{name: "no signers", verdict: verify.Invalid, reason: verify.Malformed, make: func(t testing.TB, s *stage) []byte {
		return withCMS(t, s.byLeader(t), func(der []byte) []byte {
			return signers(t, der, func([]byte) []byte { return nil })
		})
	}},
	{name: "two signers", verdict: verify.Invalid, reason: verify.Malformed, make: func(t testing.TB, s *stage) []byte {
		return withCMS(t, s.signedBy(t, reserved(t), s.leader, "leader", nil), func(der []byte) []byte {
			return signers(t, der, func(set []byte) []byte { return append(bytes.Clone(set), set...) })
		})
	}, differs: "poppler looks at the first signer only"},
	{name: "no CMS at all", verdict: verify.Invalid, reason: verify.Contents, make: func(t testing.TB, s *stage) []byte {
		return withCMS(t, s.byLeader(t), func([]byte) []byte { return nil })
	}},
	{name: "signature of another file", verdict: verify.Invalid, reason: verify.DigestMismatch, make: func(t testing.TB, s *stage) []byte {
		var other []byte
		withCMS(t, s.signedBy(t, letter(), s.leader, "", nil), func(der []byte) []byte { other = der; return der })
		return withCMS(t, s.byLeader(t), func([]byte) []byte { return other })
	}},
	{name: "another certificate of the same key", verdict: verify.Invalid, reason: verify.CertMismatch, make: func(t testing.TB, s *stage) []byte {
		mine := s.leader.Chain[0]
		var twin *x509.Certificate // with a name of the same length, so that only bytes are exchanged
		for twin == nil || len(twin.Raw) != len(mine.Raw) {
			twin = s.certify("Huỳnh Tấn Lợc", "Phó Chủ tịch", s.leader.Key).Chain[0]
		}
		return withCMS(t, s.signedBy(t, reserved(t), s.leader, "leader", nil), func(der []byte) []byte {
			der = bytes.Replace(der, mine.Raw, twin.Raw, 1)
			return bytes.Replace(der, mine.SerialNumber.Bytes(), twin.SerialNumber.Bytes(), 1)
		})
	}, differs: "NSS does not compare the ESS attribute"},
	{name: "certificate taken out", verdict: verify.Invalid, reason: verify.CertMissing, make: func(t testing.TB, s *stage) []byte {
		other := cms.Signer{Key: s.leader.Key, Chain: s.leader.Chain}
		d := s.signedBy(t, reserved(t), other, "leader", nil)
		return withCMS(t, d, func(der []byte) []byte {
			return bytes.Replace(der, s.leader.Chain[0].SerialNumber.Bytes(), s.body.Chain[0].SerialNumber.Bytes(), 1)
		})
	}},
	{name: "forgery: dictionary without ByteRange", verdict: verify.Invalid, reason: verify.ByteRange, make: usf(func(d pdf.Dict) { delete(d, "ByteRange") })},
	{name: "forgery: empty ByteRange", verdict: verify.Invalid, reason: verify.ByteRange, make: usf(func(d pdf.Dict) { d["ByteRange"] = pdf.Array{} })},
	{name: "forgery: ByteRange null", verdict: verify.Invalid, reason: verify.ByteRange, make: usf(func(d pdf.Dict) { d["ByteRange"] = nil })},
	{name: "forgery: dictionary without Contents", verdict: verify.Invalid, reason: verify.ByteRange, make: usf(func(d pdf.Dict) { delete(d, "Contents") })},
	{name: "forgery: Contents of zeros", verdict: verify.Invalid, reason: verify.ByteRange, make: usf(func(d pdf.Dict) { d["Contents"] = pdf.String("\x00") })},
	{name: "forgery: the true dictionary copied behind", verdict: verify.Invalid, reason: verify.ByteRange, make: usf(func(d pdf.Dict) {}),
		differs: "poppler hashes the ranges wherever the dictionary stands, and does not judge what was added"},
	{name: "forgery: no dictionary", verdict: verify.Invalid, reason: verify.Malformed, make: func(t testing.TB, s *stage) []byte {
		return update(t, s.byLeader(t), func(u *pdf.Update, v *pdf.View) { u.Put(sigRef(t, v, "leader"), 7) })
	}},
	{name: "the form taken away", verdict: verify.Invalid, reason: verify.ChangedAfter, differs: onlyBytes, make: func(t testing.TB, s *stage) []byte {
		return update(t, s.byLeader(t), func(u *pdf.Update, v *pdf.View) {
			r, d := root(u, v)
			delete(d, "AcroForm")
			u.Put(r, d)
		})
	}},
	{name: "the signature taken out", verdict: verify.Invalid, reason: verify.Removed, make: func(t testing.TB, s *stage) []byte {
		return update(t, s.byLeader(t), func(u *pdf.Update, v *pdf.View) {
			r, d := root(u, v)
			delete(d, "AcroForm")
			u.Put(r, d)
			pr, page, _ := v.Page(1)
			page = maps.Clone(page)
			delete(page, "Annots")
			u.Put(pr, page)
		})
	}},
	{name: "the field emptied", verdict: verify.Invalid, reason: verify.Removed, make: func(t testing.TB, s *stage) []byte {
		return update(t, s.byLeader(t), func(u *pdf.Update, v *pdf.View) {
			r, _, _ := v.Field("leader")
			d, _ := u.Dict(r)
			delete(d, "V")
			u.Put(r, d)
		})
	}},
}

// usf is universal signature forgery: the dictionary of a true signature, changed by an update.
func usf(change func(pdf.Dict)) func(testing.TB, *stage) []byte {
	return func(t testing.TB, s *stage) []byte {
		return update(t, s.byLeader(t), func(u *pdf.Update, v *pdf.View) {
			r := sigRef(t, v, "leader")
			d, _ := u.Dict(r)
			change(d)
			u.Put(r, d)
		})
	}
}
