package identity

import (
	"bytes"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/pquerna/otp/hotp"
)

func TestAgentClass(t *testing.T) {
	for header, want := range map[string]string{
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0": "Edge · Windows",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1":   "Safari · iPhone",
		"Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Mobile Safari/537.36":              "Chrome · Android",
		"Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 SamsungBrowser/28.0 Chrome/130.0 Mobile Safari/537.36":              "Samsung Internet · Android",
		"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0":                                                "Firefox · Linux",
		"Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 coc_coc_browser/130 Chrome/124.0 Safari/537.36":                       "Cốc Cốc · Windows",
		"curl/8.0": "",
	} {
		if got := AgentClass(header); got != want {
			t.Errorf("%s: %q, want %q", header, got, want)
		}
	}
}

func TestSeal(t *testing.T) {
	k, err := newKeys(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	other, err := newKeys(bytes.Repeat([]byte{8}, 32))
	if err != nil {
		t.Fatal(err)
	}
	sealed := k.close([]byte("JBSWY3DPEHPK3PXP"), []byte("account"))
	if bytes.Contains(sealed, []byte("JBSW")) || bytes.Equal(sealed, k.close([]byte("JBSWY3DPEHPK3PXP"), []byte("account"))) {
		t.Error("the seal shows something")
	}
	if out, err := k.open(sealed, []byte("account")); err != nil || string(out) != "JBSWY3DPEHPK3PXP" {
		t.Errorf("%q %v", out, err)
	}
	if _, err := k.open(sealed, []byte("another account")); err == nil {
		t.Error("the secret opens for another account")
	}
	if _, err := other.open(sealed, []byte("account")); err == nil {
		t.Error("the secret opens with another key")
	}
	sealed[len(sealed)-1] ^= 1
	if _, err := k.open(sealed, []byte("account")); err == nil {
		t.Error("a changed secret opens")
	}
}

// RFC 6238, appendix B, the SHA-1 column cut to six digits.
func TestTotpVectors(t *testing.T) {
	const secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" // 12345678901234567890
	for at, code := range map[int64]string{59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130"} {
		step, ok := totpStep(secret, code, time.Unix(at, 0))
		if !ok || step != at/30 {
			t.Errorf("%d: step %d %v", at, step, ok)
		}
		if _, ok := totpStep(secret, code, time.Unix(at+61, 0)); ok {
			t.Errorf("%d: the code lives too long", at)
		}
	}
}

func FuzzHashOf(f *testing.F) {
	token, _ := newToken()
	for _, s := range []string{token, "", token[:42], token + "A", strings.Repeat("/", 43), strings.Repeat("é", 43)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		h, err := hashOf(s)
		if err == nil && (len(h) != 32 || len(s) != 43) {
			t.Errorf("%q gave %d bytes", s, len(h))
		}
	})
}

func FuzzRecovery(f *testing.F) {
	for _, s := range []string{"abcde-fghjk", "ABCDE FGHJK", "", "０１２", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c := cleanRecovery(s)
		if c != cleanRecovery(c) || strings.Trim(c, codeLetters) != "" {
			t.Errorf("%q became %q", s, c)
		}
		if d := onlyDigits(s); len(d) == totpDigits && strings.Trim(d, "0123456789x") != "" {
			t.Errorf("%q became %q", s, d)
		}
	})
}

func FuzzNewPassword(f *testing.F) {
	for _, s := range []string{"một mật khẩu đủ dài", "short", "matkhau123456", "\xff\xfe", strings.Repeat("a", 300)} {
		f.Add(s, "huylq@camau.gov.vn")
	}
	f.Fuzz(func(t *testing.T, password, name string) {
		bad := checkNew("p", password, name).Any()
		if !bad && (utf8.RuneCountInString(normal(password)) < 12 || len(password) > longest) {
			t.Errorf("%q was let through", password)
		}
	})
}

func FuzzAgentClass(f *testing.F) {
	f.Add("Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0")
	f.Fuzz(func(t *testing.T, s string) {
		if got := AgentClass(s); len(got) > 40 {
			t.Errorf("%q gave %q", s, got)
		}
	})
}

// Only the six digits of a code open the door, however they are spaced.
func FuzzCode(f *testing.F) {
	const secret = "JBSWY3DPEHPK3PXP"
	at := time.Unix(1764000000, 0)
	right, err := hotp.GenerateCode(secret, uint64(at.Unix()/totpPeriod))
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range []string{right, right[:3] + " " + right[3:], "000000", "", "１２３４５６", right + "0", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		step, ok := totpStep(secret, onlyDigits(s), at)
		if !ok {
			return
		}
		want, err := hotp.GenerateCode(secret, uint64(step))
		if typed := strings.NewReplacer(" ", "", "\u00a0", "").Replace(s); err != nil || typed != want {
			t.Errorf("%q opens at step %d, whose code is %s", s, step, want)
		}
	})
}
