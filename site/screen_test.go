package site_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"datmui/apps/services"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// The second screen says nothing until the officer opens it, then what is being typed, what is given and
// what is missing, what it costs and when the result comes, then the code; after a while the welcome.
// It needs no script. Another session has a screen of its own, and nobody is looked up through it.
func TestSecondScreen(t *testing.T) {
	t.Parallel()
	p := open(t)
	counter, other := p.browser(t, "canbo.datmui"), p.browser(t, "canbo.datmui")
	const at = "/desk/counter/screen"
	counter.get(at)
	counter.must("Màn hình này chưa bật")
	counter.post(at)
	counter.must("Xin chào")
	name, err := pg.Value[string](p.db.Reader.Query(p.ctx, `SELECT p.name FROM directory.person p JOIN identity.account a ON a.person_id = p.id WHERE a.name = 'congdan'`))
	must(t, err)
	nothing := func(b *browser, when string) {
		t.Helper()
		b.get(at)
		if strings.Contains(b.body, name) {
			t.Errorf("%s the screen names her: %s", when, b.says())
		}
	}
	nothing(counter, "before anybody stands there")

	counter.post("/desk/intake/find", "number", p.personal(t, "congdan"), "procedure", "1.004873")
	counter.must("Màn hình thứ hai đang mở")
	form := counter.body
	counter.get(at)
	for _, text := range []string{"Bạn kiểm tra giúp", name, "Cấp giấy xác nhận tình trạng hôn nhân", "Hẹn trả kết quả"} {
		counter.must(text)
	}
	nothing(other, "in another session")
	other.post(at)
	nothing(other, "in another session that has one")
	counter.body = form
	answers := map[string]string{"relationship": "self", "reissue": "yes", "marital_state": "never", "channel": "1", "unit": "32248", "return_way": "counter", "subject_ethnicity": "Khmer"}
	typed := append(counter.fill(answers), "given.old-certificate", "1")
	if status := counter.try(at+"/typed", typed...); status != http.StatusNoContent {
		t.Fatalf("what is typed: %d, %s", status, counter.says())
	}
	counter.get(at)
	for _, text := range []string{"Khmer", "Giấy tờ đã nhận"} {
		counter.must(text)
	}
	officer := p.as(t, "canbo.datmui")
	without := actor.From(officer)
	without.Session = uuid.Nil
	nowhere := actor.With(officer, without)
	stranger := services.ShowIn{Procedure: "1.004873", Applicant: p.personOf(t, "other"), Name: ""}
	must(t, p.Services.Show(nowhere, stranger)) // no session: there is no screen to put it on
	if err := p.Services.OpenScreen(nowhere); fault.KindOf(err) != fault.KindForbidden {
		t.Errorf("a screen without a session: %v", err)
	}
	for i := range typed {
		if i%2 == 0 && typed[i] == "applicant" {
			typed[i+1] = p.personOf(t, "other").String()
		}
	}
	if status := counter.try(at+"/typed", typed...); status != http.StatusNoContent {
		t.Errorf("somebody else by her id: %d", status)
	}
	counter.get(at)
	counter.must(name)

	counter.body = form
	counter.send("/desk/intake", counter.fill(map[string]string{"relationship": "self", "reissue": "no", "marital_state": "never", "channel": "1", "unit": "32248", "return_way": "counter"}), nil)
	rec, err := p.Services.Dossier(officer, uuid.MustParse(strings.Split(counter.path, "/")[3]))
	must(t, err)
	nothing(counter, "after the intake")
	for _, text := range []string{"Đã nhận hồ sơ của bạn", rec.Code, "<svg", "/lookup?code=" + rec.Code, "Quét mã này"} {
		counter.must(text)
	}
	p.clock.Set(p.clock.Now().Add(3 * time.Minute))
	counter.get(at)
	counter.must("Xin chào")
	if strings.Contains(counter.body, rec.Code) {
		t.Error("the next citizen reads the code of the one before")
	}
}
