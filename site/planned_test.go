package site_test

import "testing"

// Before one files one reads which way a dossier goes, who works it and how long each step is planned.
// law: public-services.md 8.4 — internal step limits are a management tool, not the legal limit.
func TestPlannedSteps(t *testing.T) {
	t.Parallel()
	p := open(t)
	for code, says := range map[string][]string{
		"1.004873": {"Hồ sơ đi qua những bước nào", "Chuyên viên thụ lý của Ủy ban nhân dân xã, phường", "Trả kết quả"},
		"1.013225": {"Kiểm tra thực địa, xem xét hồ sơ", "dự kiến 7 ngày làm việc", "là kế hoạch của cơ quan"},
		"1.003650": {"Chuyên viên thụ lý của Sở Nông nghiệp và Môi trường"},
	} {
		b := p.browser(t, "")
		b.get("/services/" + code)
		for _, text := range says {
			b.must(text)
		}
	}
	b := p.browser(t, "")
	b.get("/services/1.013225?lang=en")
	b.must("Field check and review")
	b.must("planned: 7 working days")
}
