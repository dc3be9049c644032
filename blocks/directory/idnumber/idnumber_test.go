package idnumber

import (
	"slices"
	"testing"
	"time"
)

var now = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)

func TestCheck(t *testing.T) {
	for name, tt := range map[string]struct {
		kind       Kind
		value      string
		hints      Hints
		verdict    Verdict
		normalised string
		reasons    []string
	}{
		"A19 valid":             {Tax, "0100109106", Hints{}, Valid, "0100109106", nil},
		"A19 wrong check digit": {Tax, "0100109107", Hints{}, Invalid, "", []string{"check-digit"}},
		"A19 branch 000":        {Tax, "0100109106-000", Hints{}, Invalid, "", []string{"branch"}},
		"A20":                   {Personal, "096204123456", Hints{Sex: "male", Birth: 2004}, Valid, "096204123456", nil},
		"A20 declared female":   {Personal, "096204123456", Hints{Sex: "female", Birth: 2004}, Warn, "096204123456", []string{"sex-differs"}},
		"A20 eleven digits":     {Personal, "09620412345", Hints{}, Invalid, "", []string{"length"}},
		"A21":                   {Insurance, "TE1960123456789", Hints{}, Valid, "TE1960123456789", nil},
		"A21 lower case":        {Insurance, "te1960123456789", Hints{}, Valid, "TE1960123456789", nil},
		"A21 level 6":           {Insurance, "XX6960123456789", Hints{}, Invalid, "", []string{"benefit-level"}},

		"tax, another":           {Tax, "0301449014", Hints{}, Valid, "0301449014", nil},
		"tax, a third":           {Tax, "0100107518", Hints{}, Valid, "0100107518", nil},
		"tax, a fourth":          {Tax, "0102030405", Hints{}, Valid, "0102030405", nil},
		"tax, formula gives 2":   {Tax, "2000392263", Hints{}, Invalid, "", []string{"check-digit"}},
		"tax, branch":            {Tax, "0100109106-001", Hints{}, Valid, "0100109106-001", nil},
		"tax, branch undashed":   {Tax, "0100109106001", Hints{}, Valid, "0100109106-001", nil},
		"tax, branch undashed 0": {Tax, "0100109106000", Hints{}, Invalid, "", []string{"branch"}},
		"tax, branch of one":     {Tax, "0100109106-1", Hints{}, Invalid, "", []string{"length"}},
		"tax, nothing branched":  {Tax, "0100109106-", Hints{}, Invalid, "", []string{"length"}},
		"tax, remainder 0":       {Tax, "0000000000", Hints{}, Warn, "0000000000", []string{"check-digit-disputed"}},
		"tax, a person's":        {Tax, "096204123456", Hints{}, Valid, "096204123456", nil},
		"tax, nine digits":       {Tax, "010010910", Hints{}, Invalid, "", []string{"length"}},
		"tax, letters":           {Tax, "01001O9106", Hints{}, Invalid, "", []string{"characters"}},

		"personal, spaced":       {Personal, "096 204 123 456", Hints{}, Valid, "096204123456", nil},
		"personal, birth":        {Personal, "096204123456", Hints{Birth: 1904}, Warn, "096204123456", []string{"birth-differs"}},
		"personal, both":         {Personal, "095187000001", Hints{Sex: "male", Birth: 1988}, Warn, "095187000001", []string{"sex-differs", "birth-differs"}},
		"personal, future":       {Personal, "096227123456", Hints{Now: now}, Warn, "096227123456", []string{"birth-in-future"}},
		"personal, this year":    {Personal, "096226123456", Hints{Now: now}, Valid, "096226123456", nil},
		"personal, next century": {Personal, "096404123456", Hints{}, Warn, "096404123456", []string{"birth-in-future"}},
		"personal, province":     {Personal, "003204123456", Hints{}, Warn, "003204123456", []string{"province"}},
		"personal, century 6":    {Personal, "096604123456", Hints{}, Invalid, "", []string{"century"}},
		"personal, arabic":       {Personal, "٠٩٦٢٠٤١٢٣٤٥٦", Hints{}, Invalid, "", []string{"characters"}},
		"personal, empty":        {Personal, " ", Hints{}, Invalid, "", []string{"empty"}},
		"personal, endless":      {Personal, string(make([]byte, 70)), Hints{}, Invalid, "", []string{"length"}},

		"old card":          {OldCard, "381 234 567", Hints{}, Valid, "381234567", nil},
		"old card, 12":      {OldCard, "096204123456", Hints{}, Invalid, "", []string{"length"}},
		"old card, zeros":   {OldCard, "000000000", Hints{}, Invalid, "", []string{"serial"}},
		"old card, letters": {OldCard, "38123456X", Hints{}, Invalid, "", []string{"characters"}},

		"card, spaced":  {Insurance, "DN 4 96 0123456789", Hints{}, Valid, "DN4960123456789", nil},
		"card, short":   {Insurance, "DN496012345678", Hints{}, Invalid, "", []string{"length"}},
		"card, Đ":       {Insurance, "ĐN96012345678x", Hints{}, Invalid, "", []string{"characters"}},
		"card, dotless": {Insurance, "ıı496012345678", Hints{}, Invalid, "", []string{"length"}},

		"mobile":              {Phone, "0912 345 678", Hints{}, Valid, "+84912345678", nil},
		"mobile, +84":         {Phone, "+84 912.345.678", Hints{}, Valid, "+84912345678", nil},
		"mobile, 84":          {Phone, "84912345678", Hints{}, Valid, "+84912345678", nil},
		"mobile, 11 digits":   {Phone, "01683123456", Hints{}, Invalid, "", []string{"prefix"}},
		"mobile, nine":        {Phone, "091234567", Hints{}, Invalid, "", []string{"length"}},
		"mobile, 06":          {Phone, "0612345678", Hints{}, Invalid, "", []string{"prefix"}},
		"land line":           {Phone, "(0290) 3831-234", Hints{}, Valid, "+842903831234", nil},
		"land line, Bạc Liêu": {Phone, "02913821234", Hints{}, Valid, "+842913821234", nil},
		"land line, Hà Nội":   {Phone, "02438254321", Hints{}, Warn, "+842438254321", []string{"landline-elsewhere"}},
		"land line, short":    {Phone, "0290383123", Hints{}, Invalid, "", []string{"length"}},
		"hotline":             {Phone, "0290.1022", Hints{}, Valid, "+842901022", nil},
		"phone, abroad":       {Phone, "+33123456789", Hints{}, Invalid, "", []string{"characters"}},

		"unknown kind": {"passport", "C1234567", Hints{}, Invalid, "", []string{"kind"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := Check(tt.kind, tt.value, tt.hints)
			if got.Verdict != tt.verdict || got.Normalised != tt.normalised || !slices.Equal(got.Reasons, tt.reasons) {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func FuzzCheck(f *testing.F) {
	for _, s := range []string{"096204123456", "0100109106-001", "TE1960123456789", "+84 912 345 678", "ß", "", "-", "\xff"} {
		for i := range Kinds {
			f.Add(i, s)
		}
	}
	f.Fuzz(func(t *testing.T, i int, s string) {
		kind := Kinds[(i%len(Kinds)+len(Kinds))%len(Kinds)]
		r := Check(kind, s, Hints{})
		if (r.Verdict == Invalid) != (r.Normalised == "") || (r.Verdict == Valid) != (len(r.Reasons) == 0) {
			t.Errorf("%s %q: %+v does not hang together", kind, s, r)
		}
		if r.Verdict == Invalid {
			return
		}
		if again := Check(kind, r.Normalised, Hints{}); again.Normalised != r.Normalised || again.Verdict != r.Verdict {
			t.Errorf("%s %q: %+v, and its normal form %+v", kind, s, r, again)
		}
	})
}
