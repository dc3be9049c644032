package demo

import (
	"fmt"
	"slices"
	"strings"

	"datmui/blocks/directory"
)

// wanted is an account and the post its person is looked up by.
type wanted struct {
	account          string
	agency, position string
	title            string // part of the title; "" for any
	what, whatEn     string
}

// accountPolice is the commune police at which a visitor can sign in.
const accountPolice = "cong-an-xa-dat-mui-2025"

// today's accounts, in the two-level province.
var twoLevelAccounts = []wanted{
	{"canbo.datmui", "tt-pvhcc-xa-dat-mui-2025", directory.ReceivingOfficer, "", "Tiếp nhận và trả kết quả, xã Đất Mũi", "Receiving officer, Đất Mũi commune"},
	{"thuly.datmui", "vp-hdnd-ubnd-xa-dat-mui-2025", directory.CaseOfficer, "Tư pháp", "Thụ lý hồ sơ tư pháp - hộ tịch, xã Đất Mũi", "Case officer for civil status, Đất Mũi commune"},
	{"kinhte.datmui", "phong-kinh-te-xa-dat-mui-2025", directory.CaseOfficer, "", "Thụ lý hồ sơ kinh tế, đất đai, xã Đất Mũi", "Case officer for economy and land, Đất Mũi commune"},
	{"chutich.datmui", "ubnd-xa-dat-mui-2025", directory.Leader, "", "Chủ tịch UBND xã Đất Mũi, ký kết quả", "Chair of Đất Mũi commune, signs results"},
	{"phochutich.datmui", "ubnd-xa-dat-mui-2025", directory.Deputy, "", "Phó Chủ tịch UBND xã Đất Mũi, ký thay", "Deputy chair of Đất Mũi commune, signs for the chair"},
	{"vanthu.datmui", "ubnd-xa-dat-mui-2025", directory.Clerk, "", "Văn thư UBND xã Đất Mũi, cấp số và đóng dấu", "Clerk of Đất Mũi commune, numbers and seals"},
	{"thuquy.datmui", "tt-pvhcc-xa-dat-mui-2025", directory.Cashier, "", "Thủ quỹ, xã Đất Mũi", "Cashier, Đất Mũi commune"},
	{"giamdoc.datmui", "tt-pvhcc-xa-dat-mui-2025", directory.Leader, "", "Giám đốc Trung tâm Phục vụ hành chính công xã Đất Mũi", "Head of the service centre, Đất Mũi commune"},
	{"quantri.datmui", "ubnd-xa-dat-mui-2025", directory.AgencyAdmin, "", "Quản trị đơn vị, xã Đất Mũi", "Administrator of Đất Mũi commune"},
	{"canbo.tinh", "tt-pvhcc-tinh", directory.ReceivingOfficer, "", "Tiếp nhận tại Trung tâm Phục vụ hành chính công tỉnh", "Receiving officer, provincial service centre"},
	{"thuquy.tinh", "tt-pvhcc-tinh", directory.Cashier, "", "Thủ quỹ, Trung tâm Phục vụ hành chính công tỉnh", "Cashier, provincial service centre"},
	{"so.nongnghiep", "so-nong-nghiep-va-moi-truong", directory.CaseOfficer, "", "Thụ lý tại Sở Nông nghiệp và Môi trường", "Case officer, Department of Agriculture and Environment"},
	{"giamdoc.nongnghiep", "so-nong-nghiep-va-moi-truong", directory.Leader, "", "Giám đốc Sở Nông nghiệp và Môi trường", "Director, Department of Agriculture and Environment"},
	{"vanthu.nongnghiep", "so-nong-nghiep-va-moi-truong", directory.Clerk, "", "Văn thư Sở Nông nghiệp và Môi trường", "Clerk, Department of Agriculture and Environment"},
	{"thuysan", "chi-cuc-thuy-san", directory.CaseOfficer, "", "Thụ lý tại Chi cục Thủy sản", "Case officer, Fisheries Sub-department"},
	{"so.tuphap", "so-tu-phap", directory.CaseOfficer, "", "Thụ lý tại Sở Tư pháp", "Case officer, Department of Justice"},
	{"giamdoc.tuphap", "so-tu-phap", directory.Leader, "", "Giám đốc Sở Tư pháp", "Director, Department of Justice"},
	{"vanthu.tuphap", "so-tu-phap", directory.Clerk, "", "Văn thư Sở Tư pháp", "Clerk, Department of Justice"},
	{"so.xaydung", "so-xay-dung", directory.CaseOfficer, "", "Thụ lý tại Sở Xây dựng", "Case officer, Department of Construction"},
	{"giamdoc.xaydung", "so-xay-dung", directory.Leader, "", "Giám đốc Sở Xây dựng", "Director, Department of Construction"},
	{"vanthu.xaydung", "so-xay-dung", directory.Clerk, "", "Văn thư Sở Xây dựng", "Clerk, Department of Construction"},
	{"congan.datmui", accountPolice, directory.CaseOfficer, "", "Thụ lý đăng ký cư trú, Công an xã Đất Mũi", "Case officer for residence, Đất Mũi commune police"},
	{"truongcongan.datmui", accountPolice, directory.Leader, "", "Trưởng Công an xã Đất Mũi", "Head of Đất Mũi commune police"},
	{"vanthu.congan", accountPolice, directory.Clerk, "", "Văn thư Công an xã Đất Mũi", "Clerk of Đất Mũi commune police"},
	{"bhxh", "bao-hiem-xa-hoi-tinh", directory.CaseOfficer, "", "Thụ lý tại Bảo hiểm xã hội tỉnh", "Case officer, Social Insurance"},
	{"giamdoc.bhxh", "bao-hiem-xa-hoi-tinh", directory.Leader, "", "Giám đốc Bảo hiểm xã hội tỉnh", "Director, Social Insurance"},
	{"vanthu.bhxh", "bao-hiem-xa-hoi-tinh", directory.Clerk, "", "Văn thư Bảo hiểm xã hội tỉnh", "Clerk, Social Insurance"},
	{"chutich.tinh", "ubnd-tinh", directory.Leader, "", "Chủ tịch UBND tỉnh", "Chair of the province"},
	{"quantri", "tt-chuyen-doi-so", directory.ProvinceAdmin, "", "Quản trị toàn tỉnh", "Administrator of the province"},
	{"thanhtra", "thanh-tra-tinh", directory.Inspector, "", "Thanh tra viên, xem nhật ký", "Inspector, reads the audit log"},
}

// before gives the same accounts the bodies they had until June 2025.
var before = strings.NewReplacer("tt-pvhcc-xa-dat-mui-2025", "ubnd-xa-dat-mui", "vp-hdnd-ubnd-xa-dat-mui-2025", "ubnd-xa-dat-mui",
	"phong-kinh-te-xa-dat-mui-2025", "ubnd-xa-dat-mui", "ubnd-xa-dat-mui-2025", "ubnd-xa-dat-mui", "tt-pvhcc-tinh", "tt-giai-quyet-tthc",
	"so-nong-nghiep-va-moi-truong", "so-nong-nghiep-va-ptnt", "chi-cuc-thuy-san", "so-nong-nghiep-va-ptnt", "tt-chuyen-doi-so", "tt-cntt-truyen-thong")

// makeAccounts finds the holder of each wanted post on the as-of day, and makes the citizens who
// can sign in. Nobody is listed twice.
func (w *World) makeAccounts() error {
	taken := map[string]bool{}
	for _, want := range twoLevelAccounts {
		if w.AsOf.Before(twoLevels) {
			want.agency = before.Replace(want.agency)
		}
		i := slices.IndexFunc(w.Posts, func(p directory.Post) bool {
			return p.ValidTo == nil && p.Agency == want.agency && p.Position == want.position &&
				strings.Contains(p.Title, want.title) && !taken[p.Person.String()]
		})
		if i < 0 {
			if w.AsOf.Before(twoLevels) { // some work did not have a place of its own then
				continue
			}
			return fmt.Errorf("nobody holds the post of the account %s", want.account)
		}
		p := w.Posts[i]
		taken[p.Person.String()] = true
		w.Accounts = append(w.Accounts, Account{want.account, p.Person, p.ID, p.Position, p.Agency, want.what, want.whatEn})
	}
	unit := "32248" // xã Đất Mũi, the code before and after 2025
	for i, c := range []struct{ account, name, sex, born, what, whatEn string }{
		{"congdan", "Nguyễn Thị Mai", "female", "1996-03-14", "Người dân xã Đất Mũi; làm thay cho con nhỏ và một công ty", "A citizen of Đất Mũi; acts for her child and a business"},
		{"congdan2", "Trần Văn Hải", "male", "1984-11-02", "Người dân xã Đất Mũi, chủ tàu cá; đứng đầu một công ty có nhân viên", "A citizen of Đất Mũi with a fishing vessel; heads a business with staff"},
		{"congdan3", "Lâm Thị Sương", "female", "1958-07-21", "Người cao tuổi, xã Đất Mũi", "An elderly citizen of Đất Mũi"},
	} {
		n := uint64(1)<<32 + uint64(i)
		born := day(c.born)
		p := directory.Person{ID: w.id(ofCitizen, n), Name: c.name, Sex: c.sex, BirthDate: &born, PersonalID: w.numbers.next("096", c.sex, born),
			Phone: phone(9_999_000 + uint64(i)), Email: c.account + "@congdan.example", ResidenceUnit: unit, Residence: "Ấp Mũi", Citizen: true}
		w.neighbour = append(w.neighbour, p)
		w.Accounts = append(w.Accounts, Account{Account: c.account, PersonID: p.ID, What: c.what, WhatEn: c.whatEn})
	}
	return nil
}

// Neighbours are the citizens with a demonstration account, in the order of their accounts.
func (w *World) Neighbours() []directory.Person { return w.neighbour }

// Named lists the accounts that a visitor of today's province should try, in the order of the work.
func Named() []Account {
	out := []Account{{Account: "congdan", What: "Người dân xã Đất Mũi; làm thay cho con nhỏ và một công ty", WhatEn: "A citizen of Đất Mũi; acts for her child and a business"},
		{Account: "congdan2", What: "Đứng đầu một công ty có nhân viên", WhatEn: "Heads a business with staff"}}
	for _, w := range twoLevelAccounts {
		out = append(out, Account{Account: w.account, Position: w.position, Agency: w.agency, What: w.what, WhatEn: w.whatEn})
	}
	return out
}
