package openid

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"datmui/blocks/identity"
)

var personalID = regexp.MustCompile(`^[0-9]{12}$`)

// read turns the claims of the national sign-on into a proof. Claims are texts; a provider that
// sends numbers is read as well.
// law: public-services.md 13 — sub, LoaiTaiKhoan, SoDinhDanh, HoVaTen, NgayThangNamSinh, TechID, loAs, IAL, MaSoThue/MaSoDoanhNghiep, TenDoanhNghiep
func read(subject, acr string, claims map[string]any) (identity.Proof, error) {
	text := func(name string) string {
		switch v := claims[name].(type) {
		case string:
			return strings.TrimSpace(v)
		case float64:
			return fmt.Sprintf("%.0f", v)
		}
		return ""
	}
	p := identity.Proof{Subject: subject, TechID: text("TechID"), PersonalID: text("SoDinhDanh"), Name: text("HoVaTen")}
	switch {
	case p.Subject == "" || len(p.Subject) > 200 || !plain(p.Subject):
		return identity.Proof{}, errors.New("the subject is unusable")
	case !personalID.MatchString(p.PersonalID):
		return identity.Proof{}, errors.New("SoDinhDanh must have 12 digits")
	case p.Name == "" || utf8.RuneCountInString(p.Name) > 120 || !plain(p.Name):
		return identity.Proof{}, errors.New("HoVaTen is unusable")
	case len(p.TechID) > 200 || !plain(p.TechID):
		return identity.Proof{}, errors.New("TechID is unusable")
	}
	var ok bool
	if p.Birth, ok = birth(text("NgayThangNamSinh")); !ok {
		return identity.Proof{}, errors.New("NgayThangNamSinh is not a date")
	}
	p.Level = level(acr, text("loAs"), text("IAL"))
	if text("LoaiTaiKhoan") != ofOrganisation {
		return p, nil
	}
	p.Subject += "/" + p.PersonalID // another who comes to use it is another account here
	p.TaxCode, p.Organisation = dashed(cmp.Or(text("MaSoThue"), text("MaSoDoanhNghiep"))), text("TenDoanhNghiep")
	switch {
	case !taxCode.MatchString(p.TaxCode):
		return identity.Proof{}, errors.New("MaSoThue must have 10 digits, or 13, or 12")
	case p.Organisation == "" || utf8.RuneCountInString(p.Organisation) > 200 || !plain(p.Organisation):
		return identity.Proof{}, errors.New("TenDoanhNghiep is unusable")
	}
	return p, nil
}

// ofOrganisation is the kind of an account that an organisation has and a person uses.
const ofOrganisation = "2"

// taxCode is not held to its check digit: the provider has it from the register.
var taxCode = regexp.MustCompile(`^([0-9]{10}(-[0-9]{3})?|[0-9]{12})$`)

// dashed writes the number of a branch as it is kept.
func dashed(code string) string {
	if len(code) == 13 {
		return code[:10] + "-" + code[10:]
	}
	return code
}

func plain(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f })
}

// birth reads the three ways in which days are written there.
func birth(s string) (time.Time, bool) {
	for _, layout := range []string{"02/01/2006", "2006-01-02", "20060102"} {
		if t, err := time.Parse(layout, s); err == nil && t.Year() >= 1850 && t.Year() < 2200 {
			return t, true
		}
	}
	return time.Time{}, false
}

// level is the lowest level that any of the given texts claims; whoever says nothing proves
// nothing beyond 1.
func level(said ...string) int {
	out := 0
	for _, s := range said {
		if s == "" {
			continue
		}
		n := 1
		if last := s[len(s)-1]; last >= '2' && last <= '4' {
			n = 2
		}
		if out == 0 || n < out {
			out = n
		}
	}
	return max(out, 1)
}
