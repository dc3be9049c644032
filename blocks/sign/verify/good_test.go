package verify_test

import (
	"slices"
	"testing"

	"datmui/blocks/sign/pades"
	"datmui/blocks/sign/pdf"
	"datmui/blocks/sign/verify"
)

// specimen is a file with what is expected of it. pdfsig is what the other judge says of the
// integrity of its signatures where that differs from us, with the reason.
type specimen struct {
	name    string
	make    func(t testing.TB, s *stage) []byte
	verdict verify.Verdict
	reason  verify.Code // one that must be among those of the worst signature; "" for none
	differs string      // why pdfsig finds the bytes right where we refuse, or the other way round
}

var good = []specimen{
	{name: "leader, B-B", make: func(t testing.TB, s *stage) []byte {
		return s.signedBy(t, reserved(t), s.leader, "leader", nil)
	}},
	{name: "leader, B-T", make: func(t testing.TB, s *stage) []byte { return s.byLeader(t) }},
	{name: "ECDSA, invisible", make: func(t testing.TB, s *stage) []byte { return s.signedBy(t, letter(), s.body, "", s.tsa) }},
	{name: "number and date filled", make: func(t testing.TB, s *stage) []byte { return filled(t, s.byLeader(t)) }},
	{name: "leader, number, date, seal", make: func(t testing.TB, s *stage) []byte { return s.whole(t) }},
	{name: "a further invisible signature", make: func(t testing.TB, s *stage) []byte {
		return s.signedBy(t, s.whole(t), s.clerk, "", s.tsa)
	}},
	{name: "the same signer twice", make: func(t testing.TB, s *stage) []byte {
		return s.signedBy(t, s.whole(t), s.leader, "", s.tsa)
	}},
	{name: "document security store", make: func(t testing.TB, s *stage) []byte {
		return must(pdf.AddDSS(s.whole(t), [][]byte{s.ca.Root.Raw}, [][]byte{s.crl}, nil))(t)
	}},
	{name: "document time-stamp", differs: "this poppler does not judge document time-stamps", make: func(t testing.TB, s *stage) []byte {
		return must(pades.Stamp(t.Context(), s.whole(t), s.tsa))(t)
	}},
	{name: "certified, filling allowed", make: func(t testing.TB, s *stage) []byte {
		d := must(pades.Sign(t.Context(), reserved(t), s.leader, s.tsa, pdf.Signature{Field: "leader", Time: s.now, Certify: 2}))(t)
		return s.signedBy(t, filled(t, d), s.body, "seal", s.tsa)
	}},
	{name: "certified as final, then a time-stamp", differs: "this poppler does not judge document time-stamps", make: func(t testing.TB, s *stage) []byte {
		d := must(pades.Sign(t.Context(), reserved(t), s.leader, s.tsa, pdf.Signature{Field: "leader", Time: s.now, Certify: 1}))(t)
		return must(pades.Stamp(t.Context(), must(pdf.AddDSS(d, nil, [][]byte{s.crl}, nil))(t), s.tsa))(t)
	}},
	{name: "another field locked", make: func(t testing.TB, s *stage) []byte {
		f := slices.Clone(places)
		f[2].Lock = pdf.Dict{"Type": pdf.Name("SigFieldLock"), "Action": pdf.Name("Include"), "Fields": pdf.Array{pdf.Text("date")}}
		d := s.signedBy(t, must(pdf.AddFields(letter(), f))(t), s.leader, "leader", s.tsa)
		n := must(pades.TextLook(50, 16, 13, false, true, "187"))(t)
		return must(pdf.FillFields(d, []pdf.Fill{{Name: "number", Value: "187", Look: n}}))(t)
	}},
	{name: "a field filled with words that look like operators", make: func(t testing.TB, s *stage) []byte {
		return update(t, s.byLeader(t), func(u *pdf.Update, v *pdf.View) {
			r, _, _ := v.Field("number")
			d, _ := u.Dict(r)
			d["V"] = pdf.Text("( S f B )")
			d["AP"] = pdf.Dict{"N": u.AddForm(&pdf.Form{W: 50, H: 16, Content: []byte(`/Tx BMC q BT /Helv 12 Tf (\( S f B \)) Tj ET Q EMC`), Resources: pdf.Dict{}})}
			u.Put(r, d)
		})
	}},
	{name: "cross-reference stream", make: func(t testing.TB, s *stage) []byte {
		d := must(pdf.AddFields(packedLetter(), places))(t)
		d = s.signedBy(t, d, s.leader, "leader", s.tsa)
		return s.signedBy(t, filled(t, d), s.body, "seal", s.tsa)
	}},
	{name: "line end behind the file", make: func(t testing.TB, s *stage) []byte { return append(s.whole(t), "\r\n"...) }},
	{name: "the writer's name renewed", make: func(t testing.TB, s *stage) []byte {
		return update(t, s.byLeader(t), func(u *pdf.Update, v *pdf.View) {
			r := v.Trailer()["Info"].(pdf.Ref)
			d, _ := u.Dict(r)
			d["Producer"], d["ModDate"] = pdf.Text("another"), pdf.String("D:20260101000000Z")
			u.Put(r, d)
		})
	}},
}

func TestGood(t *testing.T) {
	s := theStage()
	for _, tt := range good {
		t.Run(tt.name, func(t *testing.T) {
			data := tt.make(t, s)
			rep := verify.Bytes(t.Context(), data, verify.Options{Trust: s.trust(), Now: s.now})
			if rep.Verdict != verify.Valid {
				t.Errorf("verdict %s: %+v", rep.Verdict, rep.Signatures)
			}
			for i, sig := range rep.Signatures {
				if (sig.ChangesAfter == verify.None) != (sig.Covers == verify.Whole) || sig.ChangesAfter == verify.Forbidden {
					t.Errorf("signature %d: covers %s, changes %s", i, sig.Covers, sig.ChangesAfter)
				}
			}
		})
	}
}
