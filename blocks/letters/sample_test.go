package letters

import (
	"strings"
	"time"

	"datmui/kit/clock"
)

// at is a moment in Vietnam.
func at(year int, month time.Month, day, hour, minute int) time.Time {
	return time.Date(year, month, day, hour, minute, 0, 0, clock.Vietnam)
}

var sampleHead = Head{
	Superior: "Ủy ban nhân dân phường An Xuyên", Issuer: "Trung tâm Phục vụ hành chính công phường An Xuyên",
	Number: "05", Symbol: "TNHS", Place: "An Xuyên", Date: at(2026, 1, 5, 9, 15),
	Code: "H12.32002-260105-0001", Procedure: "Cấp Giấy xác nhận tình trạng hôn nhân (1.004873)",
	Owner: "Nguyễn Thị Thanh Tuyền", Applicant: "Trần Văn Ẩn",
	Address: "Số 123/45, đường Nguyễn Tất Thành, khóm 5, phường An Xuyên, tỉnh Cà Mau", Phone: "0912 345 678", Email: "tuyen@example.vn",
	VerifyURL: "http://localhost:8080/verify/9f8e7d6c5b4a", Demo: true, Made: at(2026, 1, 5, 9, 15),
}

// samples is one of every form.
func samples() map[string]Paper {
	h := sampleHead
	return map[string]Paper{
		"form01": ReceiptSlip{Head: h, Limit: "03 ngày làm việc", ReceivedAt: at(2026, 1, 5, 9, 15), DueAt: at(2026, 1, 8, 9, 15),
			Papers: []Handed{{Name: "Tờ khai cấp Giấy xác nhận tình trạng hôn nhân", Electronic: 1}, {Name: "Giấy xác nhận tình trạng hôn nhân đã được cấp trước đó", Originals: 1, Note: "Cấp lại"}},
			Return: "Bản điện tử trên hệ thống và bản giấy tại Trung tâm", Fee: "15.000 đồng, đã nộp", Receiver: "Lê Thị Mỹ Duyên"}.Paper(),
		"form02": Supplement{Head: h, Deadline: at(2026, 1, 20, 17, 0), Contact: "bà Lê Thị Mỹ Duyên, điện thoại 0290 3831 234",
			Missing: []Missing{{"Văn bản ủy quyền", "Người nộp không phải là người thân theo quy định; văn bản chưa chứng thực", "Nộp văn bản ủy quyền đã chứng thực, bản chụp màu"},
				{"Mục đích sử dụng", "Tờ khai chưa ghi mục đích", "Ghi rõ mục đích vào mục 7 của tờ khai"}}}.Paper(),
		"form03": Refusal{Head: h, Reasons: []Reason{{"Hồ sơ không thuộc thẩm quyền giải quyết của phường", "quy định về thẩm quyền đăng ký hộ tịch"}, {"Giấy tờ nộp kèm không đọc được", ""}},
			Guide: "nộp hồ sơ tại Ủy ban nhân dân xã nơi thường trú.", Contact: "bộ phận Một cửa, điện thoại 0290 3831 234"}.Paper(),
		"form04": Apology{Head: h, Due: at(2026, 1, 8, 9, 15), NewDue: at(2026, 1, 12, 9, 15), Reason: "chờ kết quả xác minh của nơi cư trú trước đây", Extension: 1}.Paper(),
		"form05": Stop{Head: h, AskedBy: "người nộp hồ sơ", Reason: "rút hồ sơ để nộp lại", Basis: "đơn đề nghị ngày 06/01/2026", Money: "Hoàn trả 15.000 đồng"}.Paper(),
		"form06": ControlSlip{Head: h, ReceivedAt: at(2026, 1, 5, 9, 15), DueAt: at(2026, 1, 8, 9, 15), Steps: []Step{
			{"Lê Thị Mỹ Duyên, Bộ phận Một cửa", "Phạm Minh Hải, Công chức Tư pháp – Hộ tịch", at(2026, 1, 5, 9, 40), "Trước hạn", ""},
			{"Phạm Minh Hải", "Nguyễn Hoàng Út, Phó Chủ tịch", at(2026, 1, 7, 15, 5), "Đúng hạn", "Trình ký"}}}.Paper(),
		"payment": Receipt{Head: h, Template: "01BLP", Series: "CM-26", Serial: 7, Payer: "Nguyễn Thị Mai", Amount: 24000, Way: "Tiền mặt", Collector: "Trần Văn Thu",
			Lines: []PaidLine{{"Chứng thực bản sao từ bản chính", 24000}}, PaidAt: at(2026, 1, 5, 9, 20)}.Paper(),
		"notice": Notice{Head: h, SentAt: at(2026, 1, 5, 20, 0), AnswerBy: at(2026, 1, 6, 17, 0),
			Files: []Sent{{"Tờ khai (đã ký).pdf", strings.Repeat("9f8e7d6c", 8), 345678}}}.Paper(),
	}
}

// sampleResult fills a template with its own labels, so that every gap shows.
func sampleResult(t Template) Paper {
	values, lists := map[string]string{}, map[string][][]string{}
	for _, f := range t.Fields {
		values[f.Key] = "«" + f.Label + "»"
	}
	for _, l := range t.Lists {
		lists[l.Key] = [][]string{{"1", "2", "3", "4", "5", "6"}, {"Ẵ", "Ể", "Ợ", "Ự", "Ỹ", "Đ"}}
	}
	p, err := t.Fill(values, lists)
	if err != nil {
		panic(err)
	}
	p.Superior, p.Issuer, p.Place = "Ủy ban nhân dân tỉnh Cà Mau", "Ủy ban nhân dân phường An Xuyên", "An Xuyên"
	if p.Recipients == nil {
		p.Recipients = []string{"Ông/bà có tên trên", "Lưu: VT, HS"}
	}
	p.Signer = Signer{Authority: []string{"TM. Ủy ban nhân dân", "KT. Chủ tịch"}, Position: "Phó Chủ tịch", Name: "Nguyễn Hoàng Út"}
	p.Code, p.VerifyURL, p.Demo = sampleHead.Code, sampleHead.VerifyURL, true
	return p
}
