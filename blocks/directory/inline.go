package directory

import (
	"strings"
	"unicode"
)

// unitKinds are the words before the name of a unit.
var unitKinds = []string{"Tỉnh ", "Thành phố ", "Thị xã ", "Huyện ", "Quận ", "Xã ", "Phường ", "Thị trấn ", "Đặc khu "}

// InLine is the name of a unit as it stands inside a sentence or an address: the kind in small
// letters, "ấp Mũi, xã Đất Mũi", but for a unit named by a number, "Phường 9".
// law: documents.md 3.4 — Annex II sets the capitals of places.
func InLine(name string) string {
	for _, k := range unitKinds {
		rest, ok := strings.CutPrefix(name, k)
		if !ok || rest == "" {
			continue
		}
		if unicode.IsDigit([]rune(rest)[0]) || name == "Thành phố Hồ Chí Minh" {
			return name
		}
		return strings.ToLower(k) + rest
	}
	return name
}
