package pay

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"datmui/kit/fault"
)

// QR is what a VietQR code (mã VietQR) says. It is a claim: nothing is paid until the money has
// been matched.
type QR struct {
	BIN     string // 6 digits of the bank
	Account string // of the payee; a card number when Card
	Card    bool
	Amount  int64  // đồng; 0 leaves it to the payer and makes the code static
	Purpose string // at most 25 printable ASCII characters; see Purpose
}

// maxAmount is the widest amount the field holds.
const maxAmount = 9_999_999_999_999

const napas = "A000000727"

// BuildQR writes the code. What is wrong comes back as fault.Fields.
// law: public-services.md 14 — VietQR (NAPAS, EMVCo TLV).
func BuildQR(q QR) (string, error) {
	bad := fault.Fields{}
	if len(q.BIN) != 6 || !digits(q.BIN) {
		bad.Set("bin", "six-digits")
	}
	switch {
	case q.Card && (len(q.Account) < 12 || len(q.Account) > 19 || !digits(q.Account)):
		bad.Set("account", "card-number")
	case q.Account == "" || len(q.Account) > 19 || strings.ContainsFunc(q.Account, notAccount):
		bad.Set("account", "account-number")
	}
	if q.Amount < 0 || q.Amount > maxAmount {
		bad.Set("amount", "out-of-range")
	}
	if len(q.Purpose) > 25 {
		bad.Set("purpose", "too-long")
	} else if strings.ContainsFunc(q.Purpose, notPrintable) || strings.TrimSpace(q.Purpose) != q.Purpose {
		bad.Set("purpose", "not-ascii")
	}
	if bad.Any() {
		return "", bad
	}
	initiation, service := "12", "QRIBFTTA"
	if q.Amount == 0 {
		initiation = "11"
	}
	if q.Card {
		service = "QRIBFTTC"
	}
	s := tlv("00", "01") + tlv("01", initiation) +
		tlv("38", tlv("00", napas)+tlv("01", tlv("00", q.BIN)+tlv("01", q.Account))+tlv("02", service)) +
		tlv("53", "704")
	if q.Amount != 0 {
		s += tlv("54", strconv.FormatInt(q.Amount, 10))
	}
	s += tlv("58", "VN")
	if q.Purpose != "" {
		s += tlv("62", tlv("08", q.Purpose))
	}
	s += "6304"
	return s + fmt.Sprintf("%04X", crc(s)), nil
}

func tlv(id, value string) string { return fmt.Sprintf("%s%02d%s", id, len(value), value) }

// crc is CRC-16/CCITT-FALSE: polynomial 0x1021, first 0xFFFF.
func crc(s string) uint16 {
	c := uint16(0xFFFF)
	for i := range len(s) {
		c ^= uint16(s[i]) << 8
		for range 8 {
			if c&0x8000 != 0 {
				c = c<<1 ^ 0x1021
			} else {
				c <<= 1
			}
		}
	}
	return c
}

// Purpose makes any text fit for a transfer: without diacritics, printable ASCII, at most 25
// characters.
func Purpose(text string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(text) {
		switch {
		case r == 'đ':
			r = 'd'
		case r == 'Đ':
			r = 'D'
		case unicode.Is(unicode.Mn, r):
			continue
		}
		if notPrintable(r) {
			r = ' '
		}
		b.WriteRune(r)
	}
	s := strings.Join(strings.Fields(b.String()), " ")
	return strings.TrimSpace(s[:min(len(s), 25)])
}

func notPrintable(r rune) bool { return r < ' ' || r > '~' }

func notAccount(r rune) bool {
	return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
}

func digits(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
}
