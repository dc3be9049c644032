package gallery

import (
	"math"

	"datmui/kit/ui"
)

func deskFilters() ui.FilterBar {
	return ui.FilterBar{
		Action: "/desk", Label: "Tìm trong bàn", Hint: "Tìm trong 44 việc", Clear: "/desk",
		Chosen: []ui.Chip{{Text: "Tôi chủ trì hoặc phải ký", Drop: "/desk"}},
		Sections: []ui.FilterSection{
			{Title: "Bộ lọc đã lưu", Links: []ui.FilterLink{
				{Text: "Của tôi hôm nay", Href: "/desk", Icon: "inbox", Count: 44, Current: true},
				{Text: "Cả phòng, quá hạn", Href: "/desk", Icon: "users", Count: 17},
			}},
			{Title: "Loại việc", Ticks: []ui.FilterTick{
				{Name: "kind", Value: "dossier", Text: "Hồ sơ", Icon: "folder", Count: 19, On: true},
				{Name: "kind", Value: "document", Text: "Văn bản đến", Icon: "doc", Count: 11, On: true},
				{Name: "kind", Value: "sign", Text: "Chờ tôi ký", Icon: "pen", Count: 6, On: true},
			}},
			{Title: "Vì sao ở bàn này", Ticks: []ui.FilterTick{
				{Name: "why", Value: "lead", Text: "Chủ trì xử lý", Count: 34, On: true},
				{Name: "why", Value: "stand-in", Text: "Thay chị Ngô Bích Trâm (nghỉ phép)", Count: 5},
			}},
		},
	}
}

func deskGroups() []ui.WorkGroup {
	return []ui.WorkGroup{
		{ID: "g1", Title: "Quá hạn", Tone: ui.Late, Count: 5, Note: "Đã tự báo Chủ tịch UBND xã", Items: []ui.WorkItem{
			{ID: "a1", Title: "Trợ cấp xã hội hằng tháng: bà Thạch Thị Sa Rương", Href: "/dossier", Code: "H12.58-261028-0004", More: "chờ bạn trả lời kết luận mức độ khuyết tật", Icon: "folder", Kind: "Hồ sơ", Who: "Trần Kim Ngân", WhoMore: "chuyển cho bạn 5/11", Due: due(ui.Late, 10, "Quá 6 ngày", "hạn 13/11 09:15"), At: true},
			{ID: "a2", Title: "V/v cung cấp số liệu trẻ em có hoàn cảnh đặc biệt 9 tháng", Href: "/documents", Code: "1482/SYT-BTXH", More: "số đến 2.317 · phải có văn bản trả lời", Icon: "doc", Kind: "Văn bản", Who: "Sở Y tế", WhoMore: "bạn chủ trì", Due: due(ui.Late, 10, "Quá 1 ngày", "hạn 20/11 17:00")},
		}},
		{ID: "g2", Title: "Hạn hôm nay", Tone: ui.Soon, Count: 6, Items: []ui.WorkItem{
			{ID: "a3", Title: "Ký nháy 4 quyết định trợ cấp tháng 12", Href: "/sign", More: "Cùng một mẫu, tổng 17 người · đã qua thẩm định thể thức", Icon: "pen", Kind: "Ký số", Who: "Võ Minh Khang", WhoMore: "Văn phòng HĐND và UBND", Due: due(ui.Soon, 9, "Còn 2 giờ 54", "hôm nay 11:00"), Picked: true},
			{ID: "a4", Title: "Xác nhận tình trạng hôn nhân: Dương Khánh Vy", Href: "/dossier", Code: "H12.58-261118-0003", More: "đủ căn cứ, chỉ còn ký", Icon: "folder", Kind: "Hồ sơ", Who: "Trung tâm PVHCC xã", WhoMore: "trực tuyến", Due: due(ui.Soon, 9, "Còn 5 giờ 09", "hôm nay 13:15"), Picked: true},
		}},
		{ID: "g3", Title: "Chưa đến hạn", Tone: ui.Run, Count: 24, Items: []ui.WorkItem{
			{Title: "Kế hoạch tổ chức Tháng hành động vì bình đẳng giới", Href: "/documents", Code: "96/KH-UBND", More: "bạn chủ trì soạn, đã có 3 góp ý", Icon: "doc", Kind: "Văn bản", Who: "Văn phòng HĐND và UBND", WhoMore: "bạn chủ trì", Due: due(ui.Calm, 4, "Còn 6 ngày", "thứ Tư 2/12 17:00")},
		}},
	}
}

func registerFilters() ui.FilterBar {
	return ui.FilterBar{
		Action: "/documents", Label: "Tìm trong sổ", Hint: "Số, tác giả, trích yếu", Clear: "/documents",
		Chosen: []ui.Chip{{Text: "Năm 2026", Drop: "/documents"}, {Text: "Sổ chung", Drop: "/documents"}},
		Sections: []ui.FilterSection{
			{Title: "Tình trạng", Links: []ui.FilterLink{
				{Text: "Chờ chuyển", Href: "/documents", Count: 7},
				{Text: "Đang xử lý", Href: "/documents", Count: 63, Current: true},
				{Text: "Đã xong", Href: "/documents", Count: 2249},
			}},
			{Title: "Độ khẩn", Ticks: []ui.FilterTick{
				{Name: "urgent", Value: "1", Text: "Hỏa tốc", Count: 1},
				{Name: "urgent", Value: "3", Text: "Khẩn", Count: 6},
			}},
		},
	}
}

func register() ui.Table {
	row := func(no, day, from, code, title, to string, d ui.Deadline, open bool) ui.Row {
		return ui.Row{Open: open, Cells: []ui.Cell{{Text: no, Sub: day}, {Text: from, Sub: code, SubCode: true}, {Text: title, Href: "/documents"}, {Text: to}, {Body: ui.Due(d)}}}
	}
	return ui.Table{
		Label: "Sổ văn bản đến, bảng cuộn được",
		Columns: []ui.Column{
			{Text: "Số, ngày đến", Fold: "Số đến", Sort: "/documents?sort=no", Way: "descending"}, {Text: "Tác giả, ký hiệu", Fold: "Tác giả"},
			{Text: "Tên loại và trích yếu"}, {Text: "Nhận", Fold: "Nhận"}, {Text: "Hạn, tiến độ"},
		},
		Rows: []ui.Row{
			row("2.335", "23/11", "UBND tỉnh", "CĐ 09/CĐ-UBND", "Công điện về chủ động ứng phó triều cường, gió mạnh trên biển từ ngày 26 đến 29 tháng 11", "Chủ tịch", due(ui.Soon, 9, "Hôm nay", "trước 11:00"), false),
			row("2.331", "20/11", "UBND tỉnh", "KH 118/KH-UBND", "Kế hoạch triển khai 69 ngày đêm nâng cao hiệu quả sử dụng dịch vụ công trực tuyến", "4 đơn vị", due(ui.Soon, 6, "Còn 3 ngày", "27/11"), true),
			row("2.317", "18/11", "Sở Y tế", "1482/SYT-BTXH", "Công văn cung cấp số liệu trẻ em có hoàn cảnh đặc biệt 9 tháng năm 2026", "Phòng VH-XH", due(ui.Late, 10, "Quá 1 ngày", "hạn 20/11"), false),
			row("2.309", "17/11", "Sở Tư pháp", "945/STP-HCTP", "Công văn cập nhật mẫu giấy khai sinh điện tử, áp dụng từ ngày 1 tháng 12 năm 2026", "Tư pháp, hộ tịch", due(ui.Pause, 5, "Tạm dừng", "chờ Sở Tư pháp"), false),
		},
	}
}

func fees() ui.Table {
	return ui.Table{
		Label: "Ví dụ bảng",
		Columns: []ui.Column{
			{Text: "Mã hồ sơ"}, {Text: "Thủ tục"}, {Text: "Người nộp"}, {Text: "Lệ phí, đồng", Num: true, Fold: "Lệ phí"}, {Text: "Hạn"},
		},
		Rows: []ui.Row{
			{Cells: []ui.Cell{{Text: "H12.58-261118-0003", Code: true}, {Text: "Xác nhận tình trạng hôn nhân"}, {Text: "Dương Khánh Vy"}, {Text: "15.000"}, {Body: ui.Due(due(ui.Soon, 9, "Còn 5 giờ", "hôm nay 13:15"))}}},
			{Cells: []ui.Cell{{Text: "H12.58-261105-0002", Code: true}, {Text: "Đăng ký phương tiện thủy nội địa lần đầu"}, {Text: "Công ty TNHH Hải sản Bảy Háp"}, {Text: "70.000"}, {Body: ui.Due(due(ui.Late, 10, "Quá 2 ngày", "19/11"))}}},
		},
	}
}

func route() []ui.Node {
	done := ui.Tag(ui.Done, "Xong")
	return []ui.Node{
		{Person: "Ngô Bích Trâm", Title: "Văn thư vào sổ", More: "Ngô Bích Trâm · 20/11 07:35", End: done},
		{Person: "Đinh Công Thành", Title: "Trình Chánh Văn phòng", More: "Đinh Công Thành · 20/11 08:10", End: done},
		{Person: "Đỗ Thanh Tùng", Title: "Chủ tịch ghi ý kiến", More: "Đỗ Thanh Tùng · 20/11 09:47", End: done,
			Quote: "“Phòng VH-XH chủ trì. Mỗi ấp một buổi hướng dẫn, báo cáo tôi thứ Sáu hằng tuần.”",
			To: []ui.Node{
				{Person: "Lâm Quốc Huy", Title: "Phòng Văn hóa – Xã hội", More: "chủ trì · Lâm Quốc Huy · hạn 27/11", Lead: true, End: ui.TagIcon(ui.Soon, "", "Còn 3 ngày"),
					To: []ui.Node{{Person: "Trần Kim Ngân", Title: "Trần Kim Ngân", More: "soạn kế hoạch xã · hạn 25/11", End: ui.TagIcon(ui.Run, "", "Đang làm")}}},
				{Person: "Lê Hữu Nhân", Title: "Phòng Kinh tế", More: "phối hợp · Lê Hữu Nhân · hạn 25/11", End: ui.TagIcon(ui.Calm, "", "Chưa đọc")},
				{Icon: "eye", Title: "Xã đoàn, tổ công nghệ số", More: "để biết, không đếm việc", Info: true, End: ui.TagIcon(ui.Calm, "", "Đọc 5/8")},
			}},
	}
}

func dossierHead() ui.RecordHead {
	d := due(ui.Soon, 9, "Còn 5 giờ 10", "hạn 13:16 hôm nay, 3 ngày làm việc")
	return ui.RecordHead{
		Code: "H12.10.04-261118-0012", Title: "Đăng ký tàu cá lần đầu: CM-91842-TS",
		Who: "Nguyễn Thị Mỹ Duyên", WhoMore: ", xã Đất Mũi", Due: &d, State: ui.Tag(ui.Run, "Đang xử lý"), Lock: "Chị Bích Trâm đang mở xem",
		Prev: "/dossier", Next: "/dossier", Why: "Một chỗ chưa khớp: chiều dài lớn nhất", WhyMore: "Tờ khai ghi 17,85 m, giấy xuất xưởng ghi 17,58 m. Chưa trình ký được.",
		TabsLabel: "Phần của hồ sơ", Tabs: []ui.Tab{{Text: "Đối chiếu", Href: "/dossier", Current: true}, {Text: "Giấy tờ", Href: "/dossier", Count: 5}, {Text: "Trao đổi", Href: "/dossier", Count: 2}, {Text: "Ai đã xem", Href: "/dossier"}},
	}
}

func figures() []ui.Fig {
	return []ui.Fig{
		{Label: "Xong đúng hạn", N: "97,4", Unit: "%", More: "tháng 10: 96,1 % · 13.745 trên 14.112", Go: "Mở 367 hồ sơ trễ", Href: "/leader"},
		{Label: "Hồ sơ đang quá hạn", N: "37", Unit: "hồ sơ", More: "hôm qua 41 · cũ nhất quá 12 ngày", Go: "Mở 37 hồ sơ", Href: "/leader", Late: true},
		{Label: "Dân tự nộp trên mạng", N: "61,3", Unit: "%", More: "thêm 21,3 % do cán bộ nộp hộ, đếm riêng", Go: "Mở theo xã, phường", Href: "/leader"},
	}
}

func weeks() ui.Chart {
	c := ui.Chart{
		ID: "weeks", Title: "Hồ sơ nhận và xong mỗi tuần", Desc: "Mười tuần, từ 14 tháng 9 đến 22 tháng 11 năm 2026. Ba tuần cuối xong nhiều hơn nhận.",
		Series: []ui.Series{{Name: "Nhận", Look: "pale"}, {Name: "Xong", Look: "act"}},
	}
	in := []float64{4310, 4403, 4187, 4476, 4629, 4713, 4655, 4540, 4492, 4403}
	out := []float64{4121, 4392, 4239, 4310, 4403, 4587, math.NaN(), 4688, 4710, 4714}
	for i, label := range []string{"14/9", "21/9", "28/9", "5/10", "12/10", "19/10", "26/10", "2/11", "9/11", "16/11"} {
		g := ui.Group{Label: label, Values: []float64{in[i], out[i]}}
		if i > 6 {
			g.Mark = 2
		}
		c.Groups = append(c.Groups, g)
	}
	return c
}

func lateByOffice() []ui.Bar {
	return []ui.Bar{
		{Name: "Văn phòng Đăng ký đất đai tỉnh", N: "11", Length: 100, Look: "late", Why: "7 chờ cơ quan thuế", Href: "/leader"},
		{Name: "Sở Nông nghiệp và Môi trường", N: "6", Length: 54.5, Look: "late", Why: "tàu cá, chờ đăng kiểm", Href: "/leader"},
		{Name: "UBND phường An Xuyên", N: "5", Length: 45.5, Look: "late", Why: "thiếu 1 công chức hộ tịch", Href: "/leader"},
	}
}

func tiles() []ui.Tile {
	t := func(col, row, n, shade int, name string) ui.Tile {
		return ui.Tile{Col: col, Row: row, N: n, Shade: shade, Name: name, Href: "/map", Label: "phản ánh đang mở"}
	}
	out := []ui.Tile{
		t(1, 0, 0, 0, "Vĩnh Lộc"), t(2, 0, 3, 1, "Hồng Dân"), t(3, 0, 1, 1, "Ninh Quới"),
		t(0, 1, 5, 2, "Khánh Lâm"), t(1, 1, 9, 3, "An Xuyên"), t(2, 1, 14, 4, "Tân Thành"), t(3, 1, 2, 1, "Gành Hào"),
		t(0, 2, 4, 2, "Năm Căn"), t(1, 2, 6, 2, "Đất Mũi"),
	}
	out[6].Late, out[6].At = true, true
	return out
}
