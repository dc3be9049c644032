package identitypage_test

import (
	"net/url"
	"testing"

	"github.com/google/uuid"

	"datmui/blocks/directory"
	"datmui/blocks/identity"
	"datmui/kit/actor"
)

// administrator makes one, who can be entered by the demonstration's door.
func (s *site) administrator(account string) {
	s.t.Helper()
	system := actor.With(s.t.Context(), actor.ForSystem("test"))
	person := uuid.Must(uuid.NewV7())
	s.exec(`INSERT INTO directory.person (id, name) VALUES ($1, 'Trần Thị Quản Trị')`, person)
	_, err := s.dir.Appoint(system, directory.AppointIn{Person: person, Agency: "ubnd-tinh", Position: directory.ProvinceAdmin, From: "2020-01-01"})
	s.must(err)
	_, err = s.block.CreateOfficial(system, identity.CreateIn{Person: person, Name: account})
	s.must(err)
}

func TestManagedPage(t *testing.T) {
	t.Parallel()
	s := open(t, true)
	s.link("huylq")
	s.administrator("quantri")
	person := uuid.Must(uuid.NewV7())
	s.exec(`INSERT INTO directory.person (id, name) VALUES ($1, 'Phan Thị Lan')`, person)
	_, err := s.dir.Appoint(actor.With(t.Context(), actor.ForSystem("test")), directory.AppointIn{Person: person, Agency: "ubnd-tinh", Position: directory.Clerk, From: "2020-01-01"})
	s.must(err)

	officer := s.browser()
	res, err := officer.http.PostForm(s.url+"/demo/sign-in", url.Values{"account": {"huylq"}})
	officer.read(res, err)
	officer.get("/accounts").want(403, "/accounts")

	b := s.browser()
	res, err = b.http.PostForm(s.url+"/demo/sign-in", url.Values{"account": {"quantri"}})
	b.read(res, err)
	b.get("/accounts?q=phan").want(200, "/accounts", "Phan Thị Lan", "Mở tài khoản cho Phan Thị Lan")
	b.send("/accounts", "name", "huylq").want(422, "/accounts", "Đã có người dùng")
	b.get("/accounts?q=phan").send("/accounts", "name", "lanpt").want(200, "/accounts", "Đã mở tài khoản")
	b.get("/accounts?q=lanpt").want(200, "/accounts", "chưa đặt mật khẩu")
	b.send("/accounts/link").want(409, "/accounts/link", "chưa gửi được liên kết") // no mail is set up here
	b.get("/accounts?q=lanpt").send("/accounts/close").want(200, "/accounts", "Đã đóng tài khoản")
	b.get("/accounts?q=lanpt").want(200, "/accounts", "đã đóng").send("/accounts/reopen").want(200, "/accounts", "Đã mở lại")
	b.get("/accounts?q=nobody").want(200, "/accounts", "Không thấy ai")
}
