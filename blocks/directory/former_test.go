package directory_test

import (
	"slices"
	"testing"

	"datmui/blocks/directory"
)

// law: public-services.md 18.2 A22 — nothing is guessed: a name of today without a district is today's.
func TestFormerNames(t *testing.T) {
	former := []directory.FormerUnit{
		{Name: "Xã Tân Thuận", District: "Huyện Đầm Dơi"}, {Name: "Xã Tân Đức", District: "Huyện Đầm Dơi"},
		{Name: "Xã Tân Ân", District: "Huyện Ngọc Hiển"}, {Name: "Xã Tân Ân Tây", District: "Huyện Ngọc Hiển"},
		{Name: "Phường 9", District: "Thành phố Cà Mau"}, {Name: "Xã Long Điền"},
	}
	current := []string{"Xã Tân Thuận", "Xã Đất Mũi", "Phường An Xuyên"}
	for text, want := range map[string][]string{
		"xã Tân Thuận, huyện Đầm Dơi, Cà Mau":  {"Xã Tân Thuận"},
		"XA TAN THUAN - HUYEN DAM DOI":         {"Xã Tân Thuận"},
		"Ấp 2, xã Tân Thuận, tỉnh Cà Mau":      nil,
		"Ấp 2, xã Tân Đức, tỉnh Cà Mau":        {"Xã Tân Đức"},
		"ấp 4, xã Tân Ân Tây, huyện Ngọc Hiển": {"Xã Tân Ân Tây"},
		"ấp 4, xã Tân Ân":                      {"Xã Tân Ân"},
		"xã Tân Thuận, huyện Bến Cầu":          nil,
		"xã Long Điền, huyện Đông Hải":         {"Xã Long Điền"},
		"12 Lý Bôn, phường 9, TP. Cà Mau":      {"Phường 9"},
		"12 Lý Bôn, phường 95":                 nil,
		"Ấp Mũi, xã Đất Mũi, tỉnh Cà Mau":      nil,
		"Bệnh viện Sản - Nhi Cà Mau":           nil,
		"":                                     nil,
	} {
		var got []string
		for _, f := range directory.NewFormerNames(former, current).In(text) {
			got = append(got, f.Name)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q means %v, want %v", text, got, want)
		}
	}
}

func TestInLine(t *testing.T) {
	for name, want := range map[string]string{"Xã Đất Mũi": "xã Đất Mũi", "Phường An Xuyên": "phường An Xuyên", "Phường 9": "Phường 9", "Thành phố Cà Mau": "thành phố Cà Mau",
		"Thị trấn Rạch Gốc": "thị trấn Rạch Gốc", "Thành phố Hồ Chí Minh": "Thành phố Hồ Chí Minh", "Cà Mau": "Cà Mau", "Xã ": "Xã ", "": ""} {
		if got := directory.InLine(name); got != want {
			t.Errorf("%q in a line is %q, want %q", name, got, want)
		}
	}
}
