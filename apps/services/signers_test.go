package services

import (
	"strings"
	"testing"

	"datmui/blocks/directory"
)

// law: documents.md 2.3 — the line printed before the title.
func TestHeadingOfSignatures(t *testing.T) {
	for name, tt := range map[string]struct {
		position, title, form, giver string
		committee                    bool
		want                         string
	}{
		"head":                    {directory.Leader, "Giám đốc", "", "", false, "Giám đốc"},
		"head of a committee":     {directory.Leader, "Chủ tịch Ủy ban nhân dân xã", "", "", true, "TM. Ủy ban nhân dân / Chủ tịch"},
		"deputy":                  {directory.Deputy, "Phó Giám đốc", "", "", false, "KT. Giám đốc / Phó Giám đốc"},
		"deputy of a committee":   {directory.Deputy, "Phó Chủ tịch Ủy ban nhân dân xã", "", "", true, "TM. Ủy ban nhân dân / KT. Chủ tịch / Phó Chủ tịch"},
		"acting head":             {directory.Deputy, "Phó Giám đốc", directory.Q, "Giám đốc", false, "Q. Giám đốc"},
		"acting chairman":         {directory.Leader, "Phó Chủ tịch", directory.Q, "Chủ tịch Ủy ban nhân dân xã", true, "TM. Ủy ban nhân dân / Q. Chủ tịch"},
		"by order":                {directory.Leader, "Chánh Văn phòng", directory.TL, "Chủ tịch Ủy ban nhân dân xã", true, "TL. Chủ tịch / Chánh Văn phòng"},
		"by special delegation":   {directory.Leader, "Công chức tư pháp - hộ tịch", directory.TUQ, "Chủ tịch Ủy ban nhân dân xã", true, "TUQ. Chủ tịch / Công chức tư pháp - hộ tịch"},
		"delegated in a division": {directory.Leader, "Chuyên viên", directory.TUQ, "Giám đốc", false, "TUQ. Giám đốc / Chuyên viên"},
	} {
		head := "Giám đốc"
		if tt.committee {
			head = "Chủ tịch Ủy ban nhân dân xã"
		}
		s := Signatory{Post: directory.Post{Name: "A", Position: tt.position, Title: tt.title}, Form: tt.form, Giver: tt.giver}.block(tt.committee, head)
		if got := strings.Join(append(s.Authority, s.Position), " / "); got != tt.want || s.Name != "A" {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
}
