package verify_test

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"testing"

	"datmui/blocks/sign/pades"
	"datmui/blocks/sign/pdf"
	"datmui/blocks/sign/verify"
)

const onlyBytes = "pdfsig judges the signed bytes, not what an update shows instead"

// after is a change to the leader's signed letter by an update.
func after(change func(t testing.TB, u *pdf.Update, v *pdf.View)) func(testing.TB, *stage) []byte {
	return func(t testing.TB, s *stage) []byte {
		return update(t, s.byLeader(t), func(u *pdf.Update, v *pdf.View) { change(t, u, v) })
	}
}

func onCatalog(change func(u *pdf.Update, d pdf.Dict)) func(testing.TB, *stage) []byte {
	return after(func(t testing.TB, u *pdf.Update, v *pdf.View) {
		r, d := root(u, v)
		change(u, d)
		u.Put(r, d)
	})
}

func onPage(change func(u *pdf.Update, d pdf.Dict)) func(testing.TB, *stage) []byte {
	return after(func(t testing.TB, u *pdf.Update, v *pdf.View) {
		r, _, err := v.Page(1)
		if err != nil {
			t.Fatal(err)
		}
		d, _ := u.Dict(r)
		change(u, d)
		u.Put(r, d)
	})
}

func onField(name string, change func(u *pdf.Update, d pdf.Dict)) func(testing.TB, *stage) []byte {
	return after(func(t testing.TB, u *pdf.Update, v *pdf.View) {
		r, _, ok := v.Field(name)
		if !ok {
			t.Fatalf("no field %q", name)
		}
		d, _ := u.Dict(r)
		change(u, d)
		u.Put(r, d)
	})
}

func onForm(change func(u *pdf.Update, d pdf.Dict)) func(testing.TB, *stage) []byte {
	return onCatalog(func(u *pdf.Update, d pdf.Dict) {
		f, _ := u.Dict(d["AcroForm"])
		change(u, f)
		d["AcroForm"] = f
	})
}

func stream(text string) *pdf.Stream { return pdf.NewStream(nil, []byte(text)) }

func annotation(u *pdf.Update, kind string, more pdf.Dict) pdf.Ref {
	d := pdf.Dict{"Type": pdf.Name("Annot"), "Subtype": pdf.Name(kind), "Rect": pdf.Array{90, 600, 300, 640}, "F": 4,
		"AP": pdf.Dict{"N": u.AddForm(&pdf.Form{W: 210, H: 40, Content: []byte("1 1 1 rg 0 0 210 40 re f"), Resources: pdf.Dict{}})}}
	maps.Copy(d, more)
	return u.Add(d)
}

func withAnnotation(kind string, more pdf.Dict) func(testing.TB, *stage) []byte {
	return onPage(func(u *pdf.Update, d pdf.Dict) {
		a, _ := u.Array(d["Annots"])
		d["Annots"] = append(a, annotation(u, kind, more))
	})
}

// newSignature adds a signature field with a dictionary that looks like one.
func newSignature(name string, rect pdf.Array, more pdf.Dict) func(testing.TB, *stage) []byte {
	return after(func(t testing.TB, u *pdf.Update, v *pdf.View) {
		pr, page, err := v.Page(1)
		if err != nil {
			t.Fatal(err)
		}
		sig := u.Add(pdf.Dict{"Type": pdf.Name("Sig"), "ByteRange": pdf.Array{0, 1, 2, 3}, "Contents": pdf.String("x")})
		w := annotation(u, "Widget", pdf.Dict{"FT": pdf.Name("Sig"), "T": pdf.Text(name), "V": sig, "Rect": rect, "P": pr})
		if more != nil {
			d, _ := u.Dict(w)
			maps.Copy(d, more)
			u.Put(w, d)
		}
		d := maps.Clone(page)
		a, _ := u.Array(d["Annots"])
		d["Annots"] = append(a, w)
		u.Put(pr, d)
		r, cat := root(u, v)
		f, _ := u.Dict(cat["AcroForm"])
		l, _ := u.Array(f["Fields"])
		f["Fields"] = append(l, w)
		cat["AcroForm"] = f
		u.Put(r, cat)
	})
}

// alike is a change that pdfsig refuses too.
func alike(s specimen) specimen {
	s.differs = ""
	return s
}

func forbidden(name string, make func(testing.TB, *stage) []byte) specimen {
	return specimen{name: name, make: make, verdict: verify.Invalid, reason: verify.ChangedAfter, differs: onlyBytes}
}

var changeGames = []specimen{
	// incremental saving
	forbidden("text of a page replaced", onPage(func(u *pdf.Update, d pdf.Dict) { d["Contents"] = u.Add(stream("0 0 m")) })),
	forbidden("the stream of a page replaced", after(func(t testing.TB, u *pdf.Update, v *pdf.View) {
		_, p, err := v.Page(1)
		if err != nil {
			t.Fatal(err)
		}
		u.Put(p["Contents"].(pdf.Ref), stream("0 0 m"))
	})),
	forbidden("a page added", after(func(t testing.TB, u *pdf.Update, v *pdf.View) {
		r := v.Catalog()["Pages"].(pdf.Ref)
		d, _ := u.Dict(r)
		k, _ := u.Array(d["Kids"])
		d["Kids"] = append(k, u.Add(pdf.Dict{"Type": pdf.Name("Page"), "Parent": r, "MediaBox": pdf.Array{0, 0, 9, 9}}))
		d["Count"] = len(k) + 1
		u.Put(r, d)
	})),
	forbidden("pages exchanged", after(func(t testing.TB, u *pdf.Update, v *pdf.View) {
		r := v.Catalog()["Pages"].(pdf.Ref)
		d, _ := u.Dict(r)
		k, _ := u.Array(d["Kids"])
		slices.Reverse(k)
		d["Kids"] = k
		u.Put(r, d)
	})),
	forbidden("another root", after(func(t testing.TB, u *pdf.Update, v *pdf.View) {
		r := v.Catalog()["Pages"].(pdf.Ref)
		u.Put(r, pdf.Dict{"Type": pdf.Name("Pages"), "Kids": pdf.Array{}, "Count": 0})
	})),
	forbidden("page cropped", onPage(func(u *pdf.Update, d pdf.Dict) { d["CropBox"] = pdf.Array{0, 0, 100, 100} })),
	forbidden("page turned", onPage(func(u *pdf.Update, d pdf.Dict) { d["Rotate"] = 180 })),
	// shared objects
	forbidden("a shared font replaced", after(func(t testing.TB, u *pdf.Update, v *pdf.View) {
		for n := range v.Nums() {
			if d, ok := v.Dict(pdf.Ref{Num: n}); ok && d["Subtype"] == pdf.Name("Type0") {
				u.Put(pdf.Ref{Num: n}, pdf.Dict{"Type": pdf.Name("Font"), "Subtype": pdf.Name("Type1"), "BaseFont": pdf.Name("Symbol")})
				return
			}
		}
		t.Fatal("no font")
	})),
	forbidden("the map of a font replaced", after(func(t testing.TB, u *pdf.Update, v *pdf.View) {
		for n := range v.Nums() {
			if d, ok := v.Dict(pdf.Ref{Num: n}); ok && d["Subtype"] == pdf.Name("CIDFontType2") {
				c, _ := u.Dict(pdf.Ref{Num: n})
				c["CIDToGIDMap"] = u.Add(stream("\x00\x01\x00\x02"))
				u.Put(pdf.Ref{Num: n}, c)
				return
			}
		}
		t.Fatal("no font")
	})),
	// catalogue
	forbidden("a script on opening", onCatalog(func(u *pdf.Update, d pdf.Dict) {
		d["OpenAction"] = pdf.Dict{"S": pdf.Name("JavaScript"), "JS": pdf.String("app.alert(1)")}
	})),
	forbidden("named scripts", onCatalog(func(u *pdf.Update, d pdf.Dict) {
		d["Names"] = pdf.Dict{"JavaScript": pdf.Dict{"Names": pdf.Array{pdf.Text("a"), pdf.Dict{"S": pdf.Name("JavaScript"), "JS": pdf.String("1")}}}}
	})),
	forbidden("layers", onCatalog(func(u *pdf.Update, d pdf.Dict) { d["OCProperties"] = pdf.Dict{"OCGs": pdf.Array{}} })),
	forbidden("structure", onCatalog(func(u *pdf.Update, d pdf.Dict) {
		d["StructTreeRoot"] = u.Add(pdf.Dict{"Type": pdf.Name("StructTreeRoot")})
	})),
	forbidden("certified afterwards", onCatalog(func(u *pdf.Update, d pdf.Dict) {
		f, _ := u.Dict(d["AcroForm"])
		l, _ := u.Array(f["Fields"])
		w, _ := u.Dict(l[2])
		d["Perms"] = pdf.Dict{"DocMDP": w["V"]}
	})),
	forbidden("viewer preferences", onCatalog(func(u *pdf.Update, d pdf.Dict) { d["ViewerPreferences"] = pdf.Dict{} })),
	forbidden("the form taken away and another put", onCatalog(func(u *pdf.Update, d pdf.Dict) {
		f, _ := u.Dict(d["AcroForm"])
		l, _ := u.Array(f["Fields"])
		d["AcroForm"] = pdf.Dict{"Fields": pdf.Array{l[2], l[3]}}
	})),
	forbidden("an XFA form", onForm(func(u *pdf.Update, f pdf.Dict) { f["XFA"] = u.Add(stream("<xdp/>")) })),
	forbidden("appearances to be made anew", onForm(func(u *pdf.Update, f pdf.Dict) { f["NeedAppearances"] = true })),
	forbidden("the font of fields replaced", onForm(func(u *pdf.Update, f pdf.Dict) {
		f["DR"] = pdf.Dict{"Font": pdf.Dict{"Helv": u.Add(pdf.Dict{"Type": pdf.Name("Font"), "Subtype": pdf.Name("Type1"), "BaseFont": pdf.Name("Symbol")})}}
	})),
	forbidden("the title", after(func(t testing.TB, u *pdf.Update, v *pdf.View) {
		r := v.Trailer()["Info"].(pdf.Ref)
		d, _ := u.Dict(r)
		d["Title"] = pdf.Text("Quyết định")
		u.Put(r, d)
	})),
	// annotations: evil annotation attack
	forbidden("a white box over the text", withAnnotation("Square", nil)),
	forbidden("a note", withAnnotation("FreeText", pdf.Dict{"Contents": pdf.Text("x")})),
	forbidden("a stamp", withAnnotation("Stamp", nil)),
	forbidden("a link", withAnnotation("Link", nil)),
	forbidden("a redaction", withAnnotation("Redact", nil)),
	{name: "a note though the certifier allows notes", verdict: verify.Invalid, reason: verify.ChangedAfter, differs: onlyBytes,
		make: func(t testing.TB, s *stage) []byte {
			d := must(pades.Sign(t.Context(), reserved(t), s.leader, s.tsa, pdf.Signature{Field: "leader", Time: s.now, Certify: 3}))(t)
			return update(t, d, func(u *pdf.Update, v *pdf.View) {
				r, p, _ := v.Page(1)
				p = maps.Clone(p)
				a, _ := u.Array(p["Annots"])
				p["Annots"] = append(a, annotation(u, "FreeText", nil))
				u.Put(r, p)
			})
		}},
	forbidden("annotations taken away", onPage(func(u *pdf.Update, d pdf.Dict) { delete(d, "Annots") })),
	// sneaky signature attack
	alike(forbidden("a visible further signature", newSignature("other", pdf.Array{90, 600, 300, 640}, nil))),
	alike(forbidden("a further signature that acts", newSignature("other", pdf.Array{0, 0, 0, 0}, pdf.Dict{"AA": pdf.Dict{}}))),
	alike(forbidden("a further signature of the same name", newSignature("leader", pdf.Array{0, 0, 0, 0}, nil))),
	{name: "a further signature that is none", verdict: verify.Invalid, reason: verify.ByteRange,
		make: newSignature("other", pdf.Array{0, 0, 0, 0}, nil)},
	{name: "a true visible further signature", verdict: verify.Invalid, reason: verify.ChangedAfter, differs: onlyBytes,
		make: func(t testing.TB, s *stage) []byte {
			d := must(pdf.AddFields(s.byLeader(t), []pdf.Field{{Name: "late", Rect: [4]float64{90, 600, 300, 640}}}))(t)
			return must(pades.Sign(t.Context(), d, s.body, s.tsa, pdf.Signature{Field: "late", Time: s.now,
				Look: must(pades.SignatureLook(210, 40, "x"))(t)}))(t)
		}},
	forbidden("a text field added", func(t testing.TB, s *stage) []byte {
		return must(pdf.AddFields(s.byLeader(t), []pdf.Field{{Name: "more", Text: true, Rect: [4]float64{90, 600, 300, 640}}}))(t)
	}),
	// reserved fields
	forbidden("a reserved field moved", onField("number", func(u *pdf.Update, d pdf.Dict) { d["Rect"] = pdf.Array{90, 90, 300, 300} })),
	forbidden("a reserved field renamed", onField("number", func(u *pdf.Update, d pdf.Dict) { d["T"] = pdf.Text("other") })),
	forbidden("a reserved field given an action", onField("number", func(u *pdf.Update, d pdf.Dict) { d["AA"] = pdf.Dict{} })),
	forbidden("a reserved field made a button", onField("number", func(u *pdf.Update, d pdf.Dict) { d["FT"] = pdf.Name("Btn") })),
	forbidden("a reserved field hidden", onField("number", func(u *pdf.Update, d pdf.Dict) { d["F"] = 2 })),
	forbidden("a reserved place drawn without signing", onField("seal", func(u *pdf.Update, d pdf.Dict) {
		d["AP"] = pdf.Dict{"N": u.AddForm(&pdf.Form{W: 9, H: 9, Content: []byte("0 0 9 9 re f"), Resources: pdf.Dict{}})}
	})),
	forbidden("an old signature put into a reserved place", after(func(t testing.TB, u *pdf.Update, v *pdf.View) {
		sig := sigRef(t, v, "leader")
		r, _, _ := v.Field("seal")
		d, _ := u.Dict(r)
		d["V"] = sig
		u.Put(r, d)
	})),
	forbidden("the picture of a signature replaced", onField("leader", func(u *pdf.Update, d pdf.Dict) {
		d["AP"] = pdf.Dict{"N": u.AddForm(&pdf.Form{W: 9, H: 9, Content: []byte("0 0 9 9 re f"), Resources: pdf.Dict{}})}
	})),
	{name: "a filled field filled again", verdict: verify.Invalid, reason: verify.ChangedAfter, differs: onlyBytes,
		make: func(t testing.TB, s *stage) []byte {
			return update(t, s.whole(t), func(u *pdf.Update, v *pdf.View) {
				r, _, _ := v.Field("number")
				d, _ := u.Dict(r)
				d["V"] = pdf.Text("999")
				u.Put(r, d)
			})
		}},
	{name: "a locked field filled", verdict: verify.Invalid, reason: verify.ChangedAfter, differs: onlyBytes,
		make: func(t testing.TB, s *stage) []byte {
			f := slices.Clone(places)
			f[2].Lock = pdf.Dict{"Type": pdf.Name("SigFieldLock"), "Action": pdf.Name("All")}
			return filled(t, s.signedBy(t, must(pdf.AddFields(letter(), f))(t), s.leader, "leader", s.tsa))
		}},
	{name: "filled though certified as final", verdict: verify.Invalid, reason: verify.ChangedAfter, differs: onlyBytes,
		make: func(t testing.TB, s *stage) []byte {
			return filled(t, must(pades.Sign(t.Context(), reserved(t), s.leader, s.tsa, pdf.Signature{Field: "leader", Time: s.now, Certify: 1}))(t))
		}},
	{name: "signed though certified as final", verdict: verify.Invalid, reason: verify.ChangedAfter, differs: onlyBytes,
		make: func(t testing.TB, s *stage) []byte {
			d := must(pades.Sign(t.Context(), reserved(t), s.leader, s.tsa, pdf.Signature{Field: "leader", Time: s.now, Certify: 1}))(t)
			return s.signedBy(t, d, s.body, "", s.tsa)
		}},
	// shadow attacks: the file is prepared before it is signed
	{name: "shadow hide: a cover that is lifted", verdict: verify.Invalid, reason: verify.ChangedAfter, differs: onlyBytes,
		make: shadow(func(u *pdf.Update, page pdf.Dict) pdf.Ref {
			x := u.AddForm(&pdf.Form{W: 500, H: 100, Content: []byte("1 g 0 0 500 100 re f"), Resources: pdf.Dict{}})
			res, _ := u.Dict(page["Resources"])
			res["XObject"] = pdf.Dict{"Cover": x}
			page["Resources"] = res
			page["Contents"] = pdf.Array{page["Contents"], u.Add(stream("q 1 0 0 1 50 600 cm /Cover Do Q"))}
			return x
		}, func(u *pdf.Update, x pdf.Ref) { u.Put(x, pdf.Dict{}) })},
	{name: "shadow replace: a reference that leads nowhere yet", verdict: verify.Invalid, reason: verify.ChangedAfter, differs: onlyBytes,
		make: shadow(func(u *pdf.Update, page pdf.Dict) pdf.Ref {
			x := u.New()
			page["Contents"] = pdf.Array{page["Contents"], x}
			return x
		}, func(u *pdf.Update, x pdf.Ref) { u.Put(x, stream("0 0 600 800 re f")) })},
	{name: "shadow replace: a field whose text shows other than its value", verdict: verify.Invalid, reason: verify.ChangedAfter, differs: onlyBytes,
		make: func(t testing.TB, s *stage) []byte {
			d := update(t, reserved(t), func(u *pdf.Update, v *pdf.View) {
				r, _, _ := v.Field("number")
				f, _ := u.Dict(r)
				f["AP"] = pdf.Dict{"N": u.AddForm(must(pades.TextLook(50, 16, 13, false, true, "100"))(t))}
				u.Put(r, f)
			})
			return filled(t, s.signedBy(t, d, s.leader, "leader", s.tsa))
		}},
	{name: "shadow replace: a text field filled with a cover", verdict: verify.Invalid, reason: verify.ChangedAfter, differs: onlyBytes,
		make: func(t testing.TB, s *stage) []byte {
			return update(t, s.byLeader(t), func(u *pdf.Update, v *pdf.View) {
				r, _, _ := v.Field("date")
				d, _ := u.Dict(r)
				d["V"] = pdf.Text("2020")
				d["AP"] = pdf.Dict{"N": u.AddForm(&pdf.Form{W: 250, H: 16, Content: []byte("1 g 0 0 250 16 re f"), Resources: pdf.Dict{}})}
				u.Put(r, d)
			})
		}},
	{name: "shadow replace: a signature field as large as the page", verdict: verify.Invalid, reason: verify.ChangedAfter, differs: onlyBytes,
		make: func(t testing.TB, s *stage) []byte {
			f := slices.Clone(places)
			f[3].Rect = [4]float64{0, 0, 595, 842}
			d := s.signedBy(t, must(pdf.AddFields(letter(), f))(t), s.leader, "leader", s.tsa)
			return must(pades.Sign(t.Context(), d, s.body, s.tsa, pdf.Signature{Field: "seal", Time: s.now,
				Look: &pdf.Form{W: 595, H: 842, Content: []byte("1 g 0 0 595 842 re f"), Resources: pdf.Dict{}}}))(t)
		}},
	{name: "shadow hide and replace: old objects brought back by the table alone", verdict: verify.Invalid, reason: verify.StructureAfter, differs: onlyBytes,
		make: func(t testing.TB, s *stage) []byte {
			d := letter()
			f := must(pdf.OpenStrict(d))(t)
			_, page, _ := f.Now().Page(1)
			c := page["Contents"].(pdf.Ref)
			hidden, _ := f.Now().Offset(c.Num) // the true text; what is signed shows another
			d = update(t, d, func(u *pdf.Update, v *pdf.View) { u.Put(c, stream("0 0 m")) })
			d = s.signedBy(t, must(pdf.AddFields(d, places))(t), s.leader, "leader", s.tsa)
			return section(t, d, fmt.Sprintf("%d 1\n%010d 00000 n \n", c.Num, hidden))
		}},
	// tricks with the cross-reference
	{name: "an object freed", verdict: verify.Invalid, reason: verify.ChangedAfter, differs: onlyBytes,
		make: func(t testing.TB, s *stage) []byte {
			d := s.byLeader(t)
			_, page, _ := must(pdf.OpenStrict(d))(t).Now().Page(1)
			return section(t, d, fmt.Sprintf("%d 1\n0000000000 65535 f \n", page["Contents"].(pdf.Ref).Num))
		}},
	{name: "objects behind the end that no table names", verdict: verify.Invalid, reason: verify.StructureAfter, differs: onlyBytes,
		make: func(t testing.TB, s *stage) []byte {
			d := s.byLeader(t)
			_, page, _ := must(pdf.OpenStrict(d))(t).Now().Page(1)
			evil := fmt.Appendf(nil, "%d 0 obj\n<</Length 5>>\nstream\n0 0 m\nendstream\nendobj\n", page["Contents"].(pdf.Ref).Num)
			return section(t, append(d, evil...), "0 0\n")
		}},
	{name: "objects behind the end without any table", verdict: verify.Invalid, reason: verify.StructureAfter, differs: onlyBytes,
		make: func(t testing.TB, s *stage) []byte {
			return append(s.byLeader(t), "3 0 obj\n<</Type/Page>>\nendobj\n%%EOF\n"...)
		}},
	{name: "a table that leaves the signed revision out", verdict: verify.Invalid, reason: verify.StructureAfter,
		differs: onlyBytes, make: func(t testing.TB, s *stage) []byte {
			d := s.byLeader(t)
			v := must(pdf.OpenStrict(d))(t).Now()
			var rows bytes.Buffer
			for _, n := range slices.Sorted(v.Nums()) {
				if off, ok := v.Offset(n); ok {
					fmt.Fprintf(&rows, "%d 1\n%010d 00000 n \n", n, off)
				}
			}
			out := bytes.Clone(d)
			at := len(out)
			out = fmt.Appendf(out, "xref\n%strailer\n<</Size 99/Root %d 0 R>>\nstartxref\n%d\n%%%%EOF\n", rows.String(), v.Trailer()["Root"].(pdf.Ref).Num, at)
			return out
		}},
	{name: "startxref into nowhere", verdict: verify.Invalid, reason: verify.StructureAfter, differs: onlyBytes,
		make: func(t testing.TB, s *stage) []byte {
			return append(s.byLeader(t), "xref\n0 0\ntrailer\n<</Size 1>>\nstartxref\n9\n%%EOF\n"...)
		}},
	{name: "a key twice in what was added", verdict: verify.Invalid, reason: verify.ChangedAfter, differs: onlyBytes,
		make: func(t testing.TB, s *stage) []byte {
			return update(t, s.byLeader(t), func(u *pdf.Update, v *pdf.View) {
				r, _, _ := v.Page(1)
				d, _ := u.Dict(r)
				raw := pdf.Write(nil, d)
				u.Put(r, pdf.Raw(append(raw[:len(raw)-2], "/Contents 1 0 R>>"...)))
			})
		}},
}

// section appends a cross-reference section alone.
func section(t testing.TB, d []byte, rows string) []byte {
	v := must(pdf.Open(d))(t).Now()
	prev := bytes.LastIndex(d, []byte("\nxref\n")) + 1
	d = bytes.Clone(d)
	at := len(d)
	return fmt.Appendf(d, "xref\n%strailer\n<</Size 99/Root %d 0 R/Prev %d%s>>\nstartxref\n%d\n%%%%EOF\n", rows,
		v.Trailer()["Root"].(pdf.Ref).Num, prev, extra(v), at)
}

func extra(v *pdf.View) string {
	out := ""
	for _, k := range []pdf.Name{"Info", "ID"} {
		if o := v.Trailer()[k]; o != nil {
			out += "/" + string(k) + " " + string(pdf.Write(nil, o))
		}
	}
	return out
}

// shadow prepares page 1 before the leader signs and springs the trap afterwards.
func shadow(set func(u *pdf.Update, page pdf.Dict) pdf.Ref, spring func(u *pdf.Update, x pdf.Ref)) func(testing.TB, *stage) []byte {
	return func(t testing.TB, s *stage) []byte {
		var x pdf.Ref
		d := update(t, reserved(t), func(u *pdf.Update, v *pdf.View) {
			r, _, err := v.Page(1)
			if err != nil {
				t.Fatal(err)
			}
			p, _ := u.Dict(r)
			x = set(u, p)
			u.Put(r, p)
		})
		d = s.signedBy(t, d, s.leader, "leader", s.tsa)
		return update(t, d, func(u *pdf.Update, v *pdf.View) { spring(u, x) })
	}
}
