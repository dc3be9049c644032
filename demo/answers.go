package demo

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"datmui/blocks/directory"
	"datmui/blocks/forms"
)

// asker writes what an applicant answers on the form of a procedure.
type asker struct {
	w     *World
	r     *rand.Rand
	p     directory.Person // who files
	unit  directory.Unit   // where she lives
	filed time.Time
	way   string // how the result is returned
}

func (a *asker) one(words ...string) string { return words[a.r.IntN(len(words))] }

func (a *asker) number(from, to int) string { return strconv.Itoa(from + a.r.IntN(to-from+1)) }

func (a *asker) ago(from, to int) string {
	return a.filed.AddDate(0, 0, -from-a.r.IntN(to-from+1)).Format(time.DateOnly)
}

func (a *asker) home() string { return a.p.Residence + ", " + a.commune() + ", tỉnh Cà Mau" }

func (a *asker) commune() string { return directory.InLine(a.unit.Name) }

// common is what every form asks about the applicant.
func (a *asker) common() forms.Answers {
	out := forms.Answers{"requester_name": a.p.Name, "requester_id": a.p.PersonalID, "requester_birth_date": a.p.BirthDate.Format(time.DateOnly),
		"requester_sex": a.p.Sex, "requester_phone": a.p.Phone, "requester_in_province": "yes", "requester_unit": a.p.ResidenceUnit,
		"requester_residence": a.p.Residence, "relationship": "self", "return_way": a.way, "pledge": "yes"}
	if a.p.Email != "" {
		out["requester_email"] = a.p.Email
	}
	if a.way == "post" {
		out["return_address"] = a.home()
	}
	return out
}

// answers fills the form of a procedure.
func (a *asker) answers(form string) forms.Answers {
	out := a.common()
	for name, v := range a.own(form) {
		out[name] = v
	}
	return out
}

func (a *asker) own(form string) forms.Answers {
	switch form {
	case "fs-1-birth":
		return a.birth()
	case "fs-2-death":
		return a.death()
	case "fs-4-marital":
		return a.marital()
	case "fs-4-extract":
		return forms.Answers{"event": a.one("birth", "birth", "marriage", "death"), "subject_name": a.p.Name,
			"subject_birth_date": a.p.BirthDate.Format(time.DateOnly), "subject_id": a.p.PersonalID, "register_agency": "UBND " + a.commune(),
			"purpose": a.one("Nhập học", "Bổ sung hồ sơ cá nhân", "Làm căn cước"), "copies": a.number(1, 4)}
	case "fs-5-copy":
		return forms.Answers{"document_kind": a.one("Căn cước", "Bằng tốt nghiệp", "Giấy khai sinh", "Giấy chứng nhận quyền sử dụng đất", "Học bạ"),
			"language": "Tiếng Việt", "pages": a.number(1, 6), "copies": a.number(1, 5)}
	case "fs-5-signature":
		return forms.Answers{"document_kind": a.one("Giấy ủy quyền", "Sơ yếu lý lịch", "Giấy cam kết"), "language": "Tiếng Việt", "cases": "1",
			"copies": a.number(1, 3), "signers": []forms.Answers{a.signer()}}
	case "fs-7-household":
		return a.household()
	case "fs-8-construction":
		return a.construction()
	case "fs-9-vessel", "fs-9-licence":
		return a.vessel(form)
	case "fs-10-parcel":
		return a.parcel()
	case "fs-11-farm":
		return a.farm()
	}
	return nil
}

func (a *asker) signer() forms.Answers {
	return forms.Answers{"signer_name": a.p.Name, "signer_id": a.p.PersonalID}
}

func (a *asker) birth() forms.Answers {
	sex := a.one("male", "female")
	family, _, _ := strings.Cut(a.p.Name, " ")
	words := strings.Fields(a.w.names.draw(a.r, sex))
	middle, given := words[1], words[len(words)-1]
	mother, father := a.p.Name, a.w.names.draw(a.r, "male")
	year := strconv.Itoa(a.p.BirthDate.Year())
	if a.p.Sex == "male" {
		mother, father = a.w.names.draw(a.r, "female"), a.p.Name
	}
	out := forms.Answers{"abandoned": "no", "surrogacy": "no", "child_surname": family, "child_middle": middle, "child_given": given,
		"child_name": family + " " + middle + " " + given, "child_sex": sex, "child_birth_date": a.ago(5, 50),
		"child_birth_place": a.one("Bệnh viện Sản - Nhi Cà Mau", "Trung tâm Y tế "+a.commune(), "Bệnh viện Đa khoa Cà Mau"),
		"child_hometown":    a.unit.Name + ", tỉnh Cà Mau", "child_ethnicity": a.one("Kinh", "Kinh", "Kinh", "Khmer", "Hoa"), "child_nationality": "Việt Nam",
		"mother_name": mother, "mother_birth_year": year, "mother_ethnicity": "Kinh", "mother_nationality": "Việt Nam", "mother_residence": a.home(),
		"father_declared": "yes", "father_name": father, "father_birth_year": year, "father_ethnicity": "Kinh", "father_nationality": "Việt Nam",
		"father_residence": a.home(), "birth_proof_kind": a.one("paper", "data", "data"), "birth_proof_number": a.number(100, 9999),
		"birth_proof_issuer": "Bệnh viện Sản - Nhi Cà Mau", "copies": a.number(0, 3)}
	if a.p.Sex == "male" {
		out["father_id"] = a.p.PersonalID
	} else {
		out["mother_id"] = a.p.PersonalID
	}
	return out
}

func (a *asker) death() forms.Answers {
	died := a.ago(1, 12)
	return forms.Answers{"deceased_name": a.w.names.draw(a.r, a.p.Sex), "deceased_birth_date": fmt.Sprintf("19%02d-0%d-1%d", 30+a.r.IntN(30), 1+a.r.IntN(9), a.r.IntN(9)),
		"deceased_sex": a.p.Sex, "deceased_ethnicity": "Kinh", "deceased_nationality": "Việt Nam", "deceased_last_residence": a.home(), "death_date": died,
		"death_place": a.home(), "death_cause": a.one("Tuổi già", "Bệnh"), "long_ago": "no", "death_notice_number": a.number(1, 400),
		"death_notice_issuer": "Trạm Y tế " + a.commune(), "death_notice_date": died, "relationship": "child", "authorised": "no"}
}

func (a *asker) marital() forms.Answers {
	out := forms.Answers{"subject_name": a.p.Name, "subject_birth_date": a.p.BirthDate.Format(time.DateOnly), "subject_id": a.p.PersonalID,
		"subject_sex": a.p.Sex, "subject_ethnicity": "Kinh", "subject_nationality": "Việt Nam", "subject_residence": a.home(), "marital_state": "never", "purpose": a.one("mua-ban", "vay-von", "mua-ban", "ket-hon"), "reissue": "no", "copies": a.number(1, 3)}
	if a.r.IntN(6) == 0 {
		out["marital_state"], out["register_number"], out["register_date"] = "divorced", a.number(1, 300)+"/2019/QĐST", a.ago(1000, 2500)
		out["register_agency"] = "Tòa án nhân dân khu vực"
	}
	if out.Text("purpose") == "ket-hon" {
		other := "male"
		if a.p.Sex == "male" {
			other = "female"
		}
		out["spouse_name"], out["spouse_birth_date"] = a.w.names.draw(a.r, other), fmt.Sprintf("199%d-0%d-2%d", a.r.IntN(10), 1+a.r.IntN(9), a.r.IntN(9))
		out["spouse_nationality"], out["marriage_place"] = "Việt Nam", "UBND "+a.commune()
	}
	return out
}

func (a *asker) household() forms.Answers {
	_, rest, _ := strings.Cut(a.p.Name, " ")
	trade := a.one("4711 Bán lẻ tạp hóa", "5610 Nhà hàng, quán ăn", "0321 Nuôi trồng thủy sản biển", "4723 Bán lẻ đồ uống", "9631 Cắt tóc, làm đầu")
	_, what, _ := strings.Cut(trade, " ")
	return forms.Answers{"business_name": "Hộ kinh doanh " + rest + " - " + what, "business_unit": a.p.ResidenceUnit, "business_address": a.p.Residence,
		"business_phone": a.p.Phone, "sector_main": trade, "capital": a.number(20, 300) + "000000", "headcount": a.number(1, 5),
		"start_date": a.filed.AddDate(0, 0, 14).Format(time.DateOnly), "tax_method": "declaration", "owner_name": a.p.Name, "owner_id": a.p.PersonalID,
		"owner_birth_date": a.p.BirthDate.Format(time.DateOnly), "owner_sex": a.p.Sex, "owner_residence": a.home(), "family_household": "no",
		"beneficial_is_owner": "yes"}
}

func (a *asker) construction() forms.Answers {
	area, floors := 60+a.r.IntN(120), 1+a.r.IntN(3)
	return forms.Answers{"investor_name": a.p.Name, "investor_id": a.p.PersonalID, "investor_residence": a.home(), "works_unit": a.p.ResidenceUnit,
		"works_address": a.p.Residence, "parcel": a.number(1, 900), "map_sheet": a.number(1, 60), "land_area": strconv.Itoa(area + 40),
		"works_kind": a.one("house", "house", "house", "civil"), "works_class": "iv", "floors": strconv.Itoa(floors), "built_area": strconv.Itoa(area),
		"floor_area": strconv.Itoa(area * floors), "height": strconv.Itoa(4 * floors), "setback": "Lùi trước 3 m, sau 2 m",
		"density": strconv.Itoa(100 * area / (area + 40)), "designer_name": "Công ty TNHH Thiết kế xây dựng Phương Nam", "duration_months": a.number(4, 12)}
}

func (a *asker) vessel(form string) forms.Answers {
	length := 8 + a.r.IntN(14)
	zone := "coast"
	switch {
	case length >= 15:
		zone = "offshore"
	case length >= 12:
		zone = "inshore"
	}
	out := forms.Answers{"vessel_owner": a.p.Name, "vessel_name": a.one("Hải Âu", "Đất Mũi", "Sóng Biển", "Thuận Phong", "Ngọc Hiển") + " " + a.number(1, 99),
		"length_overall": strconv.Itoa(length), "engine_power": a.number(40, 700), "home_port": a.one("Sông Đốc", "Rạch Gốc", "Gành Hào", "Cái Đôi Vàm"),
		"gear_main": a.one("Lưới kéo", "Lưới rê", "Câu", "Lồng bẫy"), "fishing_zone": zone, "crew": a.number(2, 12)}
	if length >= 15 {
		out["vms_serial"] = "VMS" + a.number(100000, 999999)
	}
	if form == "fs-9-licence" {
		out["licence_kind"], out["vessel_number"] = a.one("new", "new", "reissue"), "CM-9"+a.number(1000, 9999)+"-TS"
		if out.Text("licence_kind") == "reissue" {
			out["old_licence"], out["reissue_reason"] = a.number(1000, 9999)+"/GPKTTS", "Giấy phép hết hạn"
		}
		return out
	}
	out["vessel_owner_id"], out["vessel_owner_residence"] = a.p.PersonalID, a.home()
	out["breadth"], out["draught"] = strconv.Itoa(2+length/5), strconv.Itoa(1+length/10)
	out["hull_material"], out["build_place"], out["build_year"] = a.one("wood", "wood", "composite", "steel"), "Cơ sở đóng tàu Sông Đốc", a.number(2008, 2025)
	out["engine_make"], out["engine_number"] = a.one("Yanmar", "Cummins", "Mitsubishi"), "M"+a.number(10000, 99999)
	return out
}

func (a *asker) parcel() forms.Answers {
	n, area := 1+a.r.IntN(900), 200+a.r.IntN(5000)
	return forms.Answers{"land_user": a.p.Name, "land_user_id": a.p.PersonalID, "land_user_residence": a.home(), "parcel": strconv.Itoa(n),
		"map_sheet": a.number(1, 60), "parcel_unit": a.p.ResidenceUnit, "parcel_address": a.p.Residence, "area": strconv.Itoa(area),
		"use_purpose": a.one("Đất ở tại nông thôn", "Đất nuôi trồng thủy sản", "Đất trồng cây lâu năm"), "use_term": "Lâu dài",
		"use_origin": "Nhà nước giao đất", "title_number": "CS" + a.number(10000, 99999), "title_serial": "DK " + a.number(100000, 999999),
		"change_kind": "split", "change_content": fmt.Sprintf("Tách thửa %d thành hai thửa: %d m² và %d m²", n, area/2, area-area/2),
		"mortgage": "no", "authority_document": "no", "special_case": a.one("no", "no", "no", "yes"), "tax_declared": a.one("none", "with")}
}

func (a *asker) farm() forms.Answers {
	return forms.Answers{"facility_name": "Cơ sở nuôi " + a.p.Name, "owner_name": a.p.Name, "owner_id": a.p.PersonalID, "facility_unit": a.p.ResidenceUnit,
		"facility_address": a.p.Residence, "farm_kind": a.one("shrimp", "shrimp", "cage"), "species": a.one("Tôm thẻ chân trắng", "Tôm sú", "Cá bớp"),
		"area": a.number(2000, 40000), "density": a.number(20, 120) + " con/m²", "season": "Tháng 2 đến tháng 9", "capacity": a.number(1, 40),
		"water_source": "Sông, kênh cấp 2", "water_discharge": "Qua ao lắng trước khi xả", "self_assessment": "Đủ điều kiện về địa điểm, cơ sở hạ tầng và nguồn nước",
		"reissue": "no"}
}
