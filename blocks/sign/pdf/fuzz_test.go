package pdf

import (
	"bytes"
	"strings"
	"testing"

	"datmui/blocks/letters/ink"
)

func sampleFile() []byte {
	d := ink.New()
	d.Page()
	d.Text(30, 30, ink.Regular, 13, "Đất Mũi", 0)
	return d.Bytes()
}

var broken = []string{
	"%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Kids[2 0 R]/Count 1>>\nendobj\ntrailer\n<</Root 1 0 R>>\nstartxref\n0\n%%EOF",
	"%PDF-1.7\nxref\n0 1\n0000000000 65535 f \ntrailer\n<</Root 1 0 R/Prev 9>>\nstartxref\n9\n%%EOF",
	"%PDF-1.5\n1 0 obj\n<</Type/XRef/W[1 8 8]/Size 2/Index[0 2]/Length 34/Root 1 0 R>>\nstream\n\x01\xff\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00\x00\x00\x00\x00\nendstream\nendobj\nstartxref\n9\n%%EOF",
	"%PDF-1.5\n1 0 obj\n<</Type/ObjStm/N 1/First 4/Length 2 0 R>>\nstream\n2 0 5\nendstream\nendobj\n2 0 obj\n5\nendobj\n",
}

// FuzzOpen reads anything: it must end, and what it opens can be walked and added to.
func FuzzOpen(f *testing.F) {
	f.Add(sampleFile())
	for _, s := range broken {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := Open(data)
		if err != nil {
			return
		}
		v := file.Now()
		for n := range v.Nums() {
			o, err := v.Get(Ref{Num: n})
			if s, ok := o.(*Stream); ok && err == nil {
				_, _ = v.Data(s)
			}
		}
		for range v.Pages() {
		}
		u, err := file.Update()
		if err != nil {
			return
		}
		r := u.Add(Dict{"A": 1})
		out, _ := u.Bytes()
		if !bytes.HasPrefix(out, data) {
			t.Fatal("the earlier bytes are not a prefix")
		}
		again, err := OpenStrict(out)
		if err != nil {
			t.Fatalf("what was added to cannot be read again: %v", err)
		}
		if d, ok := again.Now().Dict(r); !ok || d["A"] != 1 {
			t.Fatalf("what was added is %v", d)
		}
	})
}

// FuzzObject reads one value and writes it back: reading that again gives the same.
func FuzzObject(f *testing.F) {
	for _, s := range []string{"<</A[1 2.5 -.5 true null]/B(a\\(\\051\\n)/C<0aF>/D 3 0 R/#45 /F#20>>", "[[[[", "(((", "<<>>", "-", "-.00001", "1 0", "%x\n7"} {
		f.Add([]byte(s))
	}
	f.Add([]byte("/" + strings.Repeat("\x80", maxName+1)))
	f.Fuzz(func(t *testing.T, data []byte) {
		budget := 100_000
		o, err := (&parser{data: data, budget: &budget}).object(0)
		if err != nil {
			return
		}
		once := Write(nil, o)
		budget = 100_000
		again, err := (&parser{data: once, budget: &budget}).object(0)
		if err != nil {
			t.Fatalf("%q cannot be read: %v", once, err)
		}
		if twice := Write(nil, again); !bytes.Equal(once, twice) {
			t.Fatalf("%q became %q", once, twice)
		}
	})
}
