package pay

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"datmui/kit/fault"
)

const (
	v1 = "00020101021238540010A00000072701240006970418011012345678900208QRIBFTTA5303704540480005802VN62220818H12.05-261123-000163046D33"
	v2 = "00020101021238570010A00000072701270006970436011300110012345670208QRIBFTTA53037045405500005802VN62200816H1205261123 000763049E2D"
)

func TestA16(t *testing.T) {
	for want, q := range map[string]QR{
		v1: {BIN: "970418", Account: "1234567890", Amount: 8000, Purpose: "H12.05-261123-0001"},
		v2: {BIN: "970436", Account: "0011001234567", Amount: 50000, Purpose: "H1205261123 0007"},
	} {
		got, err := BuildQR(q)
		if err != nil || got != want {
			t.Errorf("built %s (%v)\nwant  %s", got, err, want)
		}
		if r := ReadQR(want); r.Verdict != Valid || len(r.Reasons) > 0 || r.Fields.Account != q.Account || r.Fields.Amount != q.Amount || r.Fields.Purpose != q.Purpose {
			t.Errorf("read %+v %+v", r, r.Fields)
		}
		for i := range want { // no single digit can be changed unnoticed
			if want[i] < '0' || want[i] > '9' {
				continue
			}
			s := want[:i] + string('0'+(want[i]-'0'+1)%10) + want[i+1:]
			if r := ReadQR(s); r.Verdict != Invalid {
				t.Errorf("with another digit at %d it is %s", i, r.Verdict)
			}
		}
	}
	if c := crc("123456789"); c != 0x29B1 {
		t.Errorf("CRC of 123456789 is %04X", c)
	}
}

func TestBuildQRRefuses(t *testing.T) {
	good := QR{BIN: "970418", Account: "1234567890", Amount: 8000, Purpose: "x"}
	for name, tt := range map[string]struct {
		change func(*QR)
		field  string
	}{
		"short BIN":       {func(q *QR) { q.BIN = "97041" }, "bin"},
		"BIN of letters":  {func(q *QR) { q.BIN = "97041x" }, "bin"},
		"no account":      {func(q *QR) { q.Account = "" }, "account"},
		"long account":    {func(q *QR) { q.Account = strings.Repeat("1", 20) }, "account"},
		"spaced account":  {func(q *QR) { q.Account = "12 34" }, "account"},
		"card, too short": {func(q *QR) { q.Card = true }, "account"},
		"negative":        {func(q *QR) { q.Amount = -1 }, "amount"},
		"too much":        {func(q *QR) { q.Amount = maxAmount + 1 }, "amount"},
		"long purpose":    {func(q *QR) { q.Purpose = strings.Repeat("a", 26) }, "purpose"},
		"Vietnamese":      {func(q *QR) { q.Purpose = "Lệ phí" }, "purpose"},
		"line break":      {func(q *QR) { q.Purpose = "a\nb" }, "purpose"},
		"spaces around":   {func(q *QR) { q.Purpose = " a" }, "purpose"},
	} {
		q := good
		tt.change(&q)
		_, err := BuildQR(q)
		if f, ok := errors.AsType[fault.Fields](err); !ok || len(f) != 1 || f[tt.field] == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestReadQR(t *testing.T) {
	build := func(q QR) string {
		s, err := BuildQR(q)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	sealed := func(s string) string { return s + "6304" + strings.ToUpper(hex4(crc(s+"6304"))) }
	for name, tt := range map[string]struct {
		s       string
		verdict Verdict
		reasons []string
	}{
		"static":            {build(QR{BIN: "970418", Account: "1", Purpose: "x"}), Valid, nil},
		"card":              {build(QR{BIN: "970418", Account: "9704180012345678", Card: true, Amount: 1}), Valid, nil},
		"bank not known":    {build(QR{BIN: "123456", Account: "1", Amount: 1}), Warn, []string{"bank-unknown"}},
		"small letters":     {v1[:len(v1)-4] + "6d33", Warn, []string{"crc-lower-case"}},
		"empty":             {"", Invalid, []string{"empty"}},
		"a web address":     {"https://example.com", Invalid, []string{"structure"}},
		"endless":           {strings.Repeat("0", 600), Invalid, []string{"too-long"}},
		"cut off":           {v1[:len(v1)-1], Invalid, []string{"structure"}},
		"without checksum":  {v1[:len(v1)-8], Invalid, []string{"crc-missing"}},
		"after checksum":    {v1 + "0102xx", Invalid, []string{"structure"}},
		"a field twice":     {sealed(strings.Replace(v1[:len(v1)-8], "5802VN", "5802VN5802VN", 1)), Invalid, []string{"structure"}},
		"dollars":           {sealed(strings.Replace(v1[:len(v1)-8], "5303704", "5303840", 1)), Invalid, []string{"currency"}},
		"another network":   {sealed(strings.Replace(v1[:len(v1)-8], napas, "A000000999", 1)), Invalid, []string{"network"}},
		"amount with dot":   {sealed(strings.Replace(v1[:len(v1)-8], "54048000", "54048.00", 1)), Invalid, []string{"amount"}},
		"amount of zero":    {sealed(strings.Replace(v1[:len(v1)-8], "54048000", "54040000", 1)), Invalid, []string{"amount"}},
		"amount and static": {sealed(strings.Replace(v1[:len(v1)-8], "010212", "010211", 1)), Warn, []string{"amount-in-static"}},
		"no amount":         {sealed(strings.Replace(v1[:len(v1)-8], "54048000", "", 1)), Warn, []string{"amount-missing"}},
	} {
		if r := ReadQR(tt.s); r.Verdict != tt.verdict || !slices.Equal(r.Reasons, tt.reasons) {
			t.Errorf("%s: %s %v", name, r.Verdict, r.Reasons)
		}
	}
}

func hex4(n uint16) string {
	const d = "0123456789abcdef"
	return string([]byte{d[n>>12], d[n>>8&15], d[n>>4&15], d[n&15]})
}

func TestPurpose(t *testing.T) {
	for in, want := range map[string]string{
		"H12.05-261123-0001":                  "H12.05-261123-0001",
		"Lệ phí đăng ký":                      "Le phi dang ky",
		"Đặng  Thị\tƯớc":                      "Dang Thi Uoc",
		"  rất dài, dài hơn hai mươi lăm":     "rat dai, dai hon hai muoi",
		"dừng đúng ở dấu cách  x y z t u v w": "dung dung o dau cach x y",
		"✓ 日本":                                "",
	} {
		if got := Purpose(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}

func TestBanks(t *testing.T) {
	seen := map[string]bool{}
	for _, b := range Banks() {
		if len(b.BIN) != 6 || !digits(b.BIN) || seen[b.BIN] || b.ShortName == "" || b.Name == "" {
			t.Errorf("bank %+v", b)
		}
		seen[b.BIN] = true
	}
	if b, ok := BankOf("970436"); !ok || b.ShortName != "Vietcombank" || len(seen) != 57 {
		t.Errorf("%+v of %d", b, len(seen))
	}
}

func FuzzReadQR(f *testing.F) {
	for _, s := range []string{v1, v2, "", "6304", "0002", "00020101021138000006304", strings.Repeat("9", 200)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r := ReadQR(s)
		if r.Verdict == Invalid {
			if len(r.Reasons) == 0 {
				t.Error("refused without a reason")
			}
			return
		}
		q := QR{BIN: r.Fields.BIN, Account: r.Fields.Account, Card: r.Fields.Card, Amount: r.Fields.Amount}
		if q.Card && len(q.Account) < 12 {
			return // readable, but we would not write it
		}
		if _, err := BuildQR(q); err != nil {
			t.Errorf("%q reads as %+v, which cannot be built: %v", s, q, err)
		}
	})
}

func FuzzPurpose(f *testing.F) {
	f.Add("Lệ phí đăng ký khai sinh cho trẻ")
	f.Add("\xff\x00  ")
	f.Fuzz(func(t *testing.T, s string) {
		p := Purpose(s)
		if _, err := BuildQR(QR{BIN: "970418", Account: "1", Amount: 1, Purpose: p}); err != nil {
			t.Errorf("%q becomes %q: %v", s, p, err)
		}
		if Purpose(p) != p {
			t.Errorf("%q becomes %q, and that %q", s, p, Purpose(p))
		}
	})
}
