package pay

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Verdict judges a code that somebody shows.
type Verdict string

// The verdicts: a warning means that the code works, and something about it is unusual.
const (
	Valid   Verdict = "valid"
	Warn    Verdict = "warn"
	Invalid Verdict = "invalid"
)

// Reading is what a VietQR code says and how far it can be believed. Reasons are stable codes.
type Reading struct {
	Verdict Verdict   `json:"verdict"`
	Reasons []string  `json:"reasons"`
	Fields  *QRFields `json:"fields"` // nil when the code could not be taken apart
	unusual []string
}

// QRFields are the fields of a code.
type QRFields struct {
	BIN     string `json:"bin"`
	Bank    string `json:"bank,omitempty"` // "" when the BIN is not in the table
	Account string `json:"account"`
	Card    bool   `json:"card"`
	Static  bool   `json:"static"`
	Amount  int64  `json:"amount,omitempty"`
	Purpose string `json:"purpose,omitempty"`
	Payee   string `json:"payee,omitempty"`
	CRC     string `json:"crc"`
}

// ReadQR takes a code apart and judges it.
func ReadQR(s string) Reading {
	r := Reading{Fields: &QRFields{}}
	switch {
	case len(s) == 0:
		return r.broken("empty")
	case len(s) > 512:
		return r.broken("too-long")
	case strings.ContainsFunc(s, notPrintable):
		return r.broken("not-ascii")
	}
	top, err := parseTLV(s)
	if err != nil {
		return r.broken("structure")
	}
	r.checksum(s, top)
	r.frame(top)
	r.payee(top.value("38"))
	r.amount(top)
	r.purpose(top)
	r.Fields.Payee = top.value("59")
	switch {
	case len(r.Reasons) > 0:
		r.Verdict = Invalid
	case len(r.unusual) > 0:
		r.Verdict = Warn
	default:
		r.Verdict = Valid
	}
	r.Reasons = append(append([]string{}, r.Reasons...), r.unusual...)
	return r
}

func (r *Reading) broken(reason string) Reading {
	return Reading{Verdict: Invalid, Reasons: []string{reason}}
}

func (r *Reading) wrong(ok bool, reason string) {
	if !ok {
		r.Reasons = append(r.Reasons, reason)
	}
}

func (r *Reading) odd(ok bool, reason string) {
	if !ok {
		r.unusual = append(r.unusual, reason)
	}
}

func (r *Reading) checksum(s string, top fields) {
	got := top.value("63")
	r.Fields.CRC = got
	if len(top) == 0 || top[len(top)-1].id != "63" || len(got) != 4 {
		r.wrong(false, "crc-missing")
		return
	}
	want := fmt.Sprintf("%04X", crc(s[:len(s)-4]))
	r.wrong(strings.ToUpper(got) == want, "crc")
	r.odd(got == strings.ToUpper(got), "crc-lower-case")
}

func (r *Reading) frame(top fields) {
	r.wrong(top.value("00") == "01" && top[0].id == "00", "format-indicator")
	mode := top.value("01")
	r.wrong(mode == "11" || mode == "12", "initiation")
	r.Fields.Static = mode == "11"
	r.wrong(top.value("53") == "704", "currency")
	r.wrong(top.value("58") == "VN", "country")
}

func (r *Reading) payee(account string) {
	outer, err := parseTLV(account)
	r.wrong(err == nil && outer.value("00") == napas, "network")
	inner, err2 := parseTLV(outer.value("01"))
	r.wrong(err2 == nil, "structure")
	f := r.Fields
	f.BIN, f.Account = inner.value("00"), inner.value("01")
	r.wrong(len(f.BIN) == 6 && digits(f.BIN), "bin")
	if b, ok := BankOf(f.BIN); ok {
		f.Bank = b.ShortName
	} else {
		r.odd(false, "bank-unknown")
	}
	r.wrong(f.Account != "" && len(f.Account) <= 19 && !strings.ContainsFunc(f.Account, notAccount), "account")
	service := outer.value("02")
	r.wrong(service == "QRIBFTTA" || service == "QRIBFTTC", "service")
	f.Card = service == "QRIBFTTC"
}

func (r *Reading) amount(top fields) {
	v, given := top.get("54")
	if !given {
		r.odd(r.Fields.Static, "amount-missing")
		return
	}
	n, err := strconv.ParseInt(v, 10, 64)
	r.wrong(err == nil && digits(v) && n > 0 && n <= maxAmount && v[0] != '0', "amount")
	r.odd(!r.Fields.Static, "amount-in-static")
	if err == nil {
		r.Fields.Amount = n
	}
}

func (r *Reading) purpose(top fields) {
	v, given := top.get("62")
	if !given {
		return
	}
	extra, err := parseTLV(v)
	r.wrong(err == nil, "structure")
	r.Fields.Purpose = extra.value("08")
	r.odd(len(r.Fields.Purpose) <= 25, "purpose-long")
}

// fields are id, length and value, one after the other; no id comes twice.
type fields []struct{ id, value string }

func (f fields) get(id string) (string, bool) {
	i := slices.IndexFunc(f, func(x struct{ id, value string }) bool { return x.id == id })
	if i < 0 {
		return "", false
	}
	return f[i].value, true
}

func (f fields) value(id string) string { v, _ := f.get(id); return v }

func parseTLV(s string) (out fields, err error) {
	for s != "" {
		if len(s) < 4 || !digits(s[:4]) {
			return out, fmt.Errorf("no id and length in %q", s)
		}
		n := 4 + int(s[2]-'0')*10 + int(s[3]-'0')
		if n > len(s) {
			return out, fmt.Errorf("field %s is cut off", s[:2])
		}
		if _, twice := out.get(s[:2]); twice {
			return out, fmt.Errorf("field %s comes twice", s[:2])
		}
		out = append(out, struct{ id, value string }{s[:2], s[4:n]})
		s = s[n:]
	}
	return out, nil
}
