package demo

import (
	"strings"

	"datmui/blocks/directory"
)

// slot is one place in a body that somebody fills.
type slot struct {
	agency   directory.Agency
	position string
	title    string
	rank     int
	must     bool // always filled again; other places may fall empty
}

// ranks repeats those of the positions that come with the directory.
var ranks = map[string]int{
	directory.Leader: 10, directory.Deputy: 20, directory.DivisionHead: 30, directory.Inspector: 40, directory.CaseOfficer: 50,
	directory.ReceivingOfficer: 50, directory.Clerk: 60, directory.Cashier: 60, directory.Staff: 70,
	directory.AgencyAdmin: 80, directory.ProvinceAdmin: 80,
}

// need is how many places of a position a body has at least.
type need struct {
	position string
	n        int
}

// needs says who every body of a kind must have: a head, a deputy and a clerk everywhere; a counter
// and a cashier where dossiers are received; case officers where they are handled.
func needs(a directory.Agency) []need {
	out := []need{{directory.Leader, 1}, {directory.Deputy, 1}, {directory.Clerk, 1}}
	more := func(position string, n int) { out = append(out, need{position, n}) }
	switch {
	case a.Kind == "people's committee":
		out[1].n = 2
		more(directory.Cashier, 1)
		more(directory.AgencyAdmin, 1)
		more(directory.CaseOfficer, 5)
		if a.ValidFrom.Before(twoLevels) {
			more(directory.ReceivingOfficer, 2)
		}
	case isCounter(a):
		more(directory.ReceivingOfficer, 3)
		more(directory.Cashier, 1)
	case a.Level == "province" && a.Branch == directory.Government && a.Kind != "people's council":
		out[1].n = 2
		more(directory.DivisionHead, 3)
		more(directory.CaseOfficer, 4)
		more(directory.ReceivingOfficer, 1)
		more(directory.Cashier, 1)
		more(directory.AgencyAdmin, 1)
	case a.Branch == directory.Government && (a.Kind == "specialised agency" || a.Kind == "office"):
		more(directory.CaseOfficer, 3)
	case a.Kind == "party committee":
		out[1].n = 2
		more(directory.Staff, 2)
	case a.Kind == "commune police": // residence is registered there
		more(directory.CaseOfficer, 2)
	case a.Branch == directory.Party:
		more(directory.Staff, 2)
	}
	switch a.ID {
	case "tt-cntt-truyen-thong", "tt-chuyen-doi-so":
		more(directory.ProvinceAdmin, 2)
	case "thanh-tra-tinh":
		more(directory.Inspector, 4)
	}
	return out
}

func isCounter(a directory.Agency) bool {
	return a.Kind == "public-service centre" || a.ID == "tt-giai-quyet-tthc"
}

// weight is a body's share in the officials beyond its needs: the departments of the province are
// large, a mass organisation of a commune is a few people.
func weight(a directory.Agency) float64 {
	switch {
	case a.Level == "province" && a.Branch == directory.Government && a.Kind != "people's council":
		return 42
	case a.Level == "province" && a.Branch == directory.Party:
		return 16
	case a.Level == "province":
		return 9
	case a.Level == "district" && a.Kind == "people's committee":
		return 14
	case a.Level == "district":
		return 6
	case a.Kind == "people's committee":
		return 15
	case a.Kind == "party committee":
		return 4
	default:
		return 1
	}
}

// extra is the position of those beyond the needs.
func extra(a directory.Agency) string {
	switch {
	case isCounter(a):
		return directory.ReceivingOfficer
	case a.Branch == directory.Government && a.Kind != "people's council" && a.Kind != "commune police":
		return directory.CaseOfficer
	default:
		return directory.Staff
	}
}

// place makes the n-th slot of a position in a body.
func place(a directory.Agency, position string, n int, must bool) slot {
	return slot{agency: a, position: position, title: title(a, position, n), rank: ranks[position], must: must}
}

// required lists the slots that a body must have.
func required(a directory.Agency) []slot {
	var out []slot
	for _, n := range needs(a) {
		for i := range n.n {
			out = append(out, place(a, n.position, i, true))
		}
	}
	return out
}

// heads are the titles of the heads of bodies, looked up by id and then by kind; a deputy's is
// "Phó " before it.
var heads = []struct{ id, kind, title string }{
	{"van-phong-dang-ky", "", "Giám đốc"}, {"van-phong", "", "Chánh Văn phòng"}, {"vp-", "", "Chánh Văn phòng"}, {"phong-vp-", "", "Chánh Văn phòng"},
	{"thanh-tra", "", "Chánh Thanh tra"}, {"ban-quan-ly", "", "Trưởng ban"}, {"ban-", "", "Trưởng ban"},
	{"uy-ban-kiem-tra", "", "Chủ nhiệm"}, {"ubkt-", "", "Chủ nhiệm"}, {"truong-chinh-tri", "", "Hiệu trưởng"},
	{"bao-hiem", "", "Giám đốc"}, {"bao-", "", "Tổng Biên tập"}, {"bo-chi-huy", "", "Chỉ huy trưởng"},
	{"cong-an-tinh", "", "Giám đốc"}, {"cuc-", "", "Cục trưởng"}, {"chi-cuc", "", "Chi cục trưởng"},
	{"kho-bac", "", "Giám đốc"}, {"ngan-hang", "", "Giám đốc"}, {"doan-tn", "", "Bí thư"}, {"phong-", "", "Trưởng phòng"},
	{"", "people's committee", "Chủ tịch"}, {"", "people's council", "Chủ tịch"}, {"", "party committee", "Bí thư"},
	{"", "front committee", "Chủ tịch"}, {"", "socio-political organisation", "Chủ tịch"}, {"", "specialised agency", "Giám đốc"},
	{"", "public-service unit", "Giám đốc"}, {"", "public-service centre", "Giám đốc"}, {"", "court", "Chánh án"},
	{"", "procuracy", "Viện trưởng"}, {"", "commune police", "Trưởng Công an"},
}

// desks are what the case officers of a commune work on.
var desks = []string{"Tư pháp - Hộ tịch", "Địa chính - Xây dựng", "Văn phòng - Thống kê", "Tài chính - Kế toán", "Văn hóa - Xã hội"}

func title(a directory.Agency, position string, n int) string {
	switch position {
	case directory.Leader:
		return head(a)
	case directory.Deputy:
		return "Phó " + head(a)
	case directory.DivisionHead:
		return "Trưởng phòng"
	case directory.CaseOfficer:
		if a.Kind == "commune police" {
			return "Cán bộ Công an"
		}
		if a.Level == "commune" && (a.Kind == "people's committee" || a.Kind == "office") {
			return "Công chức " + desks[n%len(desks)]
		}
		return "Chuyên viên"
	case directory.ReceivingOfficer:
		return "Công chức tiếp nhận và trả kết quả"
	case directory.Clerk:
		return "Văn thư"
	case directory.Cashier:
		return "Thủ quỹ"
	case directory.Inspector:
		return "Thanh tra viên"
	case directory.AgencyAdmin, directory.ProvinceAdmin:
		return "Quản trị hệ thống"
	}
	if a.Kind == "commune police" {
		return "Cán bộ Công an"
	}
	return "Cán bộ"
}

func head(a directory.Agency) string {
	for _, h := range heads {
		if h.id != "" && strings.HasPrefix(a.ID, h.id) || h.kind != "" && h.kind == a.Kind {
			return h.title
		}
	}
	return "Thủ trưởng"
}
