package site_test

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"datmui/apps/services"
)

// formPDF waits for a form of a dossier and downloads it as its applicant.
func (p *province) formPDF(t *testing.T, id uuid.UUID, kind string) []byte {
	t.Helper()
	var file uuid.UUID
	eventually(t, kind, func() bool {
		rec, err := p.Services.Dossier(p.as(t, "congdan"), id)
		must(t, err)
		for _, o := range rec.Outgoing {
			if o.Kind == kind && o.State == "issued" && o.FileID != nil {
				file = *o.FileID
			}
		}
		return file != uuid.Nil
	})
	citizen := p.browser(t, "congdan")
	citizen.get("/files/" + file.String())
	return []byte(citizen.body)
}

// form is the words of a form of a dossier, whose one signature, the service seal, is judged.
func (p *province) form(t *testing.T, id uuid.UUID, kind string) string {
	t.Helper()
	pdf := p.formPDF(t, id, kind)
	judge(t, p, pdf, 1)
	return strings.Join(strings.Fields(pdfText(t, pdf)), " ")
}

// law: public-services.md 5 — forms 01, 02, 03 and 05: what each must hold; 3 — an answer within 8
// working hours. Each bears the service seal and a QR code that leads to the page which vouches for it.
func TestFormsHoldWhatTheyMust(t *testing.T) {
	t.Parallel()
	p := open(t)
	citizen, counter, leader := p.as(t, "congdan"), p.as(t, "canbo.datmui"), p.as(t, "chutich.datmui")
	says := func(id uuid.UUID, kind string, want ...string) {
		t.Helper()
		text := p.form(t, id, kind)
		for _, w := range want {
			if !strings.Contains(strings.ToLower(text), strings.ToLower(w)) {
				t.Errorf("%s does not say %q:\n%s", kind, w, text)
			}
		}
	}

	answers := marital()
	answers["reissue"] = "yes"
	file := p.paper(t, citizen)
	out, err := p.Services.Submit(citizen, services.SubmitIn{Client: client(), Procedure: "1.004873", Agency: "tt-pvhcc-xa-dat-mui-2025", ReturnWay: "post", Answers: answers,
		Papers: []services.PaperIn{{Place: "old-certificate", File: file}}})
	must(t, err)
	rec, err := p.Services.Dossier(citizen, out.ID)
	must(t, err)
	sum := rec.Contents[file].SHA256
	if raw, err := hex.DecodeString(sum); err != nil || len(raw) != sha256.Size {
		t.Fatalf("checksum %q", sum)
	}
	// filed at 08:06 on Monday 23 November, the 24th is off: eight working hours end on the 25th
	says(out.ID, services.OutgoingReceipt, out.Code, "1.004873", rec.OwnerName, "08 giờ 06 phút, ngày 23 tháng 11 năm 2026", "08 giờ 06 phút, ngày 25 tháng 11 năm 2026", "uy-quyen.png", sum[:12])
	must(t, p.Services.Accept(counter, services.AcceptIn{Dossier: out.ID, Client: client()}))
	says(out.ID, services.OutgoingForm01, "Mẫu 01", out.Code, "Cấp Giấy xác nhận tình trạng hôn nhân", rec.OwnerName, "Giấy xác nhận tình trạng hôn nhân đã cấp", "– – 01",
		"3 ngày làm việc", "08 giờ 06 phút, ngày 23 tháng 11 năm 2026", "08 giờ 06 phút, ngày 27 tháng 11 năm 2026", "bưu chính công ích", "Hội đồng nhân dân tỉnh quy định", rec.Slip[0].ActorName)

	asked := p.submit(t, "congdan").ID
	must(t, p.Services.Ask(counter, services.AskIn{Dossier: asked, Client: client(), Basis: "Điều 22 Nghị định 123", Items: []services.Item{
		{Key: "a", What: "Trích lục ly hôn", How: "Nộp bản sao"}, {Key: "b", What: "Ảnh chân dung", How: "Chụp lại rõ nét", Basis: "Điều 5 Thông tư 4"}}}))
	says(asked, services.OutgoingForm02, "Mẫu 02", "Trích lục ly hôn", "Nộp bản sao", "Điều 22", "Ảnh chân dung", "Chụp lại", "Điều 5", "17 giờ 00 phút, ngày 06 tháng 01 năm 2027") // thirty working days

	refused := p.submit(t, "congdan").ID
	must(t, p.Services.Refuse(counter, services.RefuseIn{Dossier: refused, Client: client(), Reason: "Nơi cư trú không thuộc xã", Basis: "Điều 21 Nghị định 123"}))
	says(refused, services.OutgoingForm03, "Mẫu 03", "từ chối tiếp nhận", "Nơi cư trú không thuộc xã", "Căn cứ: Điều 21 Nghị định 123")

	// Stopped by the chairman, the fee paid; and by a day that has passed.
	paid, err := p.Services.Submit(citizen, services.SubmitIn{Client: client(), Procedure: "2.000815", Agency: "tt-pvhcc-xa-dat-mui-2025", ReturnWay: "counter", Answers: copies()})
	must(t, err)
	must(t, p.Services.Cash(p.as(t, "thuquy.datmui"), services.CashIn{Dossier: paid.ID, Client: client(), Method: "cash"}))
	must(t, p.Services.Accept(counter, services.AcceptIn{Dossier: paid.ID, Client: client()}))
	must(t, p.Services.Take(p.as(t, "thuly.datmui"), services.TakeIn{Dossier: paid.ID, Client: client()}))
	must(t, p.Services.Stop(leader, services.StopIn{Dossier: paid.ID, Client: client(), Reason: "Bản chính bị tẩy xóa", Basis: "Điều 22 Nghị định 23"}))
	chairman := p.whole(t, paid.ID).Slip[len(p.whole(t, paid.ID).Slip)-1].ActorName
	says(paid.ID, services.OutgoingForm05, "Mẫu 05", paid.Code, "Theo đề nghị của", "Ủy ban nhân dân xã Đất Mũi", "Người quyết định", chairman, "Bản chính bị tẩy xóa", "Điều 22 Nghị định 23", "24.000 đồng", "đã nộp")
	p.clock.Set(time.Date(2027, 1, 6, 11, 0, 0, 0, time.UTC))
	must(t, p.Services.Expire(p.ctx))
	if text := p.form(t, asked, services.OutgoingForm05); !strings.Contains(text, "Quá thời hạn bổ sung") || !strings.Contains(text, "Trích lục ly hôn") || strings.Contains(text, "Người quyết định") {
		t.Errorf("Form 05 of a day that passed:\n%s", text)
	}

	// The QR code of a form leads a stranger to what vouches for it.
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "form.pdf"), p.formPDF(t, out.ID, services.OutgoingForm01), 0o600))
	must(t, exec.Command("pdftoppm", "-r", "200", "-png", "-singlefile", "-f", "1", "-l", "1", filepath.Join(dir, "form.pdf"), filepath.Join(dir, "form")).Run())
	link, err := exec.Command("zbarimg", "--raw", "-q", filepath.Join(dir, "form.png")).Output()
	must(t, err)
	stranger := p.browser(t, "")
	stranger.get(strings.TrimPrefix(strings.TrimSpace(string(link)), p.url))
	stranger.must("Văn bản này thật và chưa bị sửa")
	stranger.must("Mẫu 01")
}
