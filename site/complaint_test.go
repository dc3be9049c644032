package site_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"datmui/apps/services"
	"datmui/blocks/directory"
	"datmui/blocks/worklist"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// A dossier is late: its applicant complains, the supervisor of the body that is late has it on her
// desk with a time of its own, and answers; the citizen reads the answer.
// law: public-services.md 17 — stuck for days: alarm; 8.4 — late.
func TestComplaintOfLateness(t *testing.T) {
	t.Parallel()
	p := open(t)
	id := p.accepted(t)
	in := services.ComplainIn{Dossier: id, Client: client(), Text: "Đã quá hẹn mà chưa có kết quả"}
	citizen := p.browser(t, "congdan")
	if err := p.Services.Complain(p.as(t, "congdan"), in); fault.KindOf(err) != fault.KindConflict {
		t.Errorf("before it is late: %v", err)
	}
	citizen.get("/dossiers/" + id.String())
	if strings.Contains(citizen.body, "/complain") {
		t.Error("the page offers a complaint before the dossier is late")
	}
	p.clock.Set(p.state(t, id).DueAt.Add(time.Minute))
	lead := p.browser(t, "chutich.datmui")
	citizen = p.browser(t, "congdan") // sessions ended meanwhile
	for account, want := range map[string]fault.Kind{"congdan2": fault.KindNotFound, "chutich.datmui": fault.KindNotFound} {
		in.Client = client()
		if err := p.Services.Complain(p.as(t, account), in); fault.KindOf(err) != want {
			t.Errorf("%s complains: %v", account, err)
		}
	}
	in.Client = client()
	if err := p.Services.Complain(weakened(p.as(t, "congdan")), in); fault.KindOf(err) != fault.KindForbidden {
		t.Errorf("at level 1: %v", err)
	}
	citizen.get("/dossiers/" + id.String())
	citizen.must("Hồ sơ quá hạn")
	if status := citizen.try("/dossiers/"+id.String()+"/complain", "client", client(), "text", " "); status != 422 {
		t.Errorf("without words: %d", status)
	}
	citizen.must("Viết nội dung phản ánh")
	citizen.post("/dossiers/"+id.String()+"/complain", "client", in.Client, "text", in.Text)
	citizen.post("/dossiers/"+id.String()+"/complain", "client", in.Client, "text", in.Text) // the same form again
	citizen.must("Chờ trả lời")
	in.Client = client()
	if err := p.Services.Complain(p.as(t, "congdan"), in); fault.KindOf(err) != fault.KindConflict {
		t.Errorf("a second one while the first waits: %v", err)
	}

	page, err := p.Worklist.Desk(p.as(t, "chutich.datmui"), worklist.Filter{Kinds: []string{services.KindComplaint}}, "")
	must(t, err)
	if len(page.Rows) != 1 || page.Rows[0].Due.Before(p.clock.Now().Add(24*time.Hour)) {
		t.Fatalf("on the supervisor's desk: %+v", page.Rows)
	}
	complaint := page.Rows[0].Subject
	officer, err := p.Worklist.Desk(p.as(t, "kinhte.datmui"), worklist.Filter{Kinds: []string{services.KindComplaint}}, "")
	must(t, err)
	if len(officer.Rows) != 0 {
		t.Error("a case officer has it on her desk")
	}
	answer := services.AnswerComplaintIn{Dossier: id, Complaint: complaint, Client: client(), Answer: "Xin lỗi anh chị. Ngày mai có kết quả."}
	for _, account := range []string{"thuly.datmui", "canbo.datmui", "so.xaydung", "congdan"} {
		answer.Client = client()
		if err := p.Services.AnswerComplaint(p.as(t, account), answer); fault.KindOf(err) != fault.KindNotFound {
			t.Errorf("%s answers: %v", account, err)
		}
	}
	lead.get("/desk/dossiers/" + id.String())
	lead.must(in.Text)
	if status := lead.try("/desk/dossiers/"+id.String()+"/answer-complaint", "client", client(), "complaint", complaint.String(), "answer", ""); status != 422 {
		t.Errorf("an empty answer: %d", status)
	}
	other := answer
	other.Client, other.Complaint = client(), uuid.New()
	if err := p.Services.AnswerComplaint(p.as(t, "chutich.datmui"), other); fault.KindOf(err) != fault.KindNotFound {
		t.Errorf("a complaint that is not there: %v", err)
	}
	for range 2 {
		lead.post("/desk/dossiers/"+id.String()+"/answer-complaint", "client", answer.Client, "complaint", complaint.String(), "answer", answer.Answer)
	}
	answer.Client = client()
	if err := p.Services.AnswerComplaint(p.as(t, "chutich.datmui"), answer); fault.KindOf(err) != fault.KindConflict {
		t.Errorf("answered twice: %v", err)
	}
	citizen.get("/dossiers/" + id.String())
	citizen.must("Ngày mai có kết quả.")
	citizen.get("/notices")
	citizen.must("Trả lời phản ánh về hồ sơ")
	if p.deskOf(t, "chutich.datmui", complaint) != "" {
		t.Error("it still lies on the desk")
	}
}

// What waits for an answer goes on with the dossier when its body is over.
func TestComplaintIsCarriedOn(t *testing.T) {
	t.Parallel()
	p := open(t)
	id := p.accepted(t)
	p.clock.Set(p.state(t, id).DueAt.Add(time.Minute))
	must(t, p.Services.Complain(p.as(t, "congdan"), services.ComplainIn{Dossier: id, Client: client(), Text: "Chậm"}))
	on := p.clock.Now().In(time.FixedZone("", 7*3600)).AddDate(0, 0, 1).Format(time.DateOnly)
	for _, body := range []string{"vp-hdnd-ubnd-xa-", "phong-kinh-te-xa-", "phong-vhxh-xa-", "tt-pvhcc-xa-", "ubnd-xa-"} {
		must(t, p.Directory.Merge(p.as(t, "quantri"), directory.MergeIn{Client: client(), From: []string{body + "dat-mui-2025"}, Into: body + "phan-ngoc-hien-2025", On: on, Basis: "9/NQ"}))
	}
	p.clock.Set(p.clock.Now().Add(24 * time.Hour))
	must(t, p.Services.Carry(p.ctx))
	where, err := pg.Values[string](p.db.Reader.Query(t.Context(), `SELECT agency FROM worklist.item WHERE kind = $1 AND done_at IS NULL`, services.KindComplaint))
	if err != nil || len(where) != 1 || where[0] != "ubnd-xa-phan-ngoc-hien-2025" {
		t.Errorf("it lies at %v, %v", where, err)
	}
}
