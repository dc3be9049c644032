package site_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"datmui/apps/services"
	"datmui/blocks/directory"
	"datmui/blocks/worklist"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/pg"
	"datmui/kit/testkit"
)

var content = services.Levels{Score: 4, Speed: 4, Guidance: 4, Manner: 4}

// refused is a dossier of a citizen that has ended at the counter.
func (p *province) refused(t *testing.T, account string) uuid.UUID {
	t.Helper()
	out := p.submit(t, account)
	must(t, p.Services.Refuse(p.as(t, "canbo.datmui"), services.RefuseIn{Dossier: out.ID, Client: client(), Reason: "Không thuộc thẩm quyền", Basis: "Luật Hộ tịch"}))
	return out.ID
}

// A dossier is rated once, by who filed it, within its days; a low rating is answered by the
// supervisor and by nobody who is rated.
// law: public-services.md 6.2 — 9→10: rating invitation; 18.2 A36 — who is not content is asked why.
func TestRating(t *testing.T) {
	t.Parallel()
	p := open(t)
	ctx := p.as(t, "congdan")
	open := p.submit(t, "congdan").ID
	testkit.WantError(t, p.Services.Rate(ctx, services.RateIn{Dossier: open, Client: client(), Levels: content}), fault.Conflict("services.rate-later"))
	id := p.refused(t, "congdan")
	path, desk := "/dossiers/"+id.String(), "/desk/dossiers/"+id.String()
	in := services.RateIn{Dossier: id, Client: client(), Levels: content}
	in.Manner = 1
	for name, tt := range map[string]struct {
		in   services.RateIn
		want error
	}{
		"a question is left out": {services.RateIn{Dossier: id, Client: client(), Levels: services.Levels{Score: 4, Speed: 3, Guidance: 5}}, fault.Fields{"guidance": "required", "manner": "required"}},
		"no reason":              {in, fault.Fields{"comment": "why"}},
		"too long":               {services.RateIn{Dossier: id, Client: client(), Levels: content, Comment: strings.Repeat("ơ", 2001)}, fault.Fields{"comment": "too-long:2000"}},
	} {
		if err := p.Services.Rate(ctx, tt.in); fmt.Sprint(err) != fmt.Sprint(tt.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	testkit.WantError(t, p.Services.Rate(weakened(ctx), services.RateIn{Dossier: id, Client: client(), Levels: content}), fault.Forbidden("level-2"))
	testkit.WantError(t, p.Services.Rate(p.as(t, "congdan2"), services.RateIn{Dossier: id, Client: client(), Levels: content}), fault.NotFound("services.dossier"))

	citizen := p.browser(t, "congdan")
	said := []string{"client", client(), "score", "2", "speed", "3", "guidance", "4", "manner", "1"}
	if status := citizen.try(path+"/rate", said...); status != 422 {
		t.Errorf("without a reason: %d", status)
	}
	citizen.must("Vì sao bạn chưa hài lòng?")
	citizen.must(`value="4" selected`) // what was chosen is kept
	said = append(said, "comment", "Phải đi lại ba lần vì hướng dẫn không rõ")
	citizen.post(path+"/rate", said...)
	citizen.post(path+"/rate", said...) // the same form again
	citizen.must("Phải đi lại ba lần")
	citizen.must("trả lời bạn chậm nhất")
	if strings.Contains(citizen.body, path+"/rate") {
		t.Error("the page asks a second time")
	}
	testkit.WantError(t, p.Services.Rate(ctx, services.RateIn{Dossier: id, Client: client(), Levels: content}), fault.Conflict("services.rated"))

	page, err := p.Worklist.Desk(p.as(t, "chutich.datmui"), worklist.Filter{Kinds: []string{services.KindRating}}, "")
	must(t, err)
	if len(page.Rows) != 1 || page.Rows[0].Subject != id || page.Rows[0].Who != "" || page.Rows[0].Due.Before(p.clock.Now().Add(4*24*time.Hour)) {
		t.Fatalf("on the supervisor's desk: %+v", page.Rows)
	}
	for _, account := range []string{"canbo.datmui", "thuly.datmui"} { // they are rated: they do not learn it
		rec, err := p.Services.Dossier(p.as(t, account), id)
		if err == nil && rec.Rating != nil {
			t.Errorf("%s reads %+v", account, rec.Rating)
		}
		err = p.Services.AnswerRating(p.as(t, account), services.AnswerRatingIn{Dossier: id, Client: client(), Answer: "Xin lỗi"})
		testkit.WantError(t, err, fault.NotFound("services.dossier"))
		b := p.browser(t, account)
		b.try(desk+"/answer-rating", "client", client(), "answer", "")
		if strings.Contains(b.body, "ba lần") {
			t.Errorf("%s reads the comment", account)
		}
	}
	lead := p.browser(t, "chutich.datmui")
	lead.get(desk)
	lead.must("Phải đi lại ba lần")
	if status := lead.try(desk+"/answer-rating", "client", client(), "answer", " "); status != 422 {
		t.Errorf("an empty answer: %d", status)
	}
	answer := client()
	for range 2 {
		lead.post(desk+"/answer-rating", "client", answer, "answer", "Xin lỗi chị. Bản hướng dẫn đã được viết lại.")
	}
	err = p.Services.AnswerRating(p.as(t, "chutich.datmui"), services.AnswerRatingIn{Dossier: id, Client: client(), Answer: "Xin lỗi"})
	testkit.WantError(t, err, fault.Conflict("services.rating-answered"))
	citizen.get(path)
	citizen.must("đã được viết lại")
	citizen.get("/notices")
	citizen.must("Trả lời đánh giá của bạn")
	if p.deskOf(t, "chutich.datmui", id) != "" {
		t.Error("it still lies on the desk")
	}

	// a rating that is content asks nobody for an answer, and after its days none is taken
	must(t, p.Services.Rate(ctx, services.RateIn{Dossier: p.refused(t, "congdan"), Client: client(), Levels: content}))
	if n, err := pg.Value[int](p.db.Reader.Query(t.Context(), `SELECT count(*)::int FROM services.rating WHERE due_at IS NOT NULL`)); err != nil || n != 1 {
		t.Errorf("%d ratings ask for an answer, %v", n, err)
	}
	last := p.refused(t, "congdan")
	p.clock.Set(p.clock.Now().AddDate(0, 0, services.RateDays).Add(time.Hour))
	testkit.WantError(t, p.Services.Rate(p.as(t, "congdan"), services.RateIn{Dossier: last, Client: client(), Levels: content}), fault.Conflict("services.rate-over"))
	citizen = p.browser(t, "congdan")
	citizen.get("/dossiers/" + last.String())
	if strings.Contains(citizen.body, "/rate") {
		t.Error("the page still asks")
	}
}

// A low rating that waits for its answer is on the desk of the body that goes on.
func TestRatingIsCarriedOn(t *testing.T) {
	t.Parallel()
	p := open(t)
	id := p.refused(t, "congdan")
	low := services.RateIn{Dossier: id, Client: client(), Levels: services.Levels{Score: 1, Speed: 1, Guidance: 1, Manner: 1}, Comment: "Chờ lâu"}
	must(t, p.Services.Rate(p.as(t, "congdan"), low))
	on := p.clock.Now().In(time.FixedZone("", 7*3600)).AddDate(0, 0, 1).Format(time.DateOnly)
	for _, body := range []string{"vp-hdnd-ubnd-xa-", "phong-kinh-te-xa-", "phong-vhxh-xa-", "tt-pvhcc-xa-", "ubnd-xa-"} {
		must(t, p.Directory.Merge(p.as(t, "quantri"), directory.MergeIn{Client: client(), From: []string{body + "dat-mui-2025"}, Into: body + "phan-ngoc-hien-2025", On: on, Basis: "9/NQ"}))
	}
	p.clock.Set(p.clock.Now().Add(24 * time.Hour))
	for range 2 { // by state: the second time there is nothing left
		must(t, p.Services.Carry(p.ctx))
	}
	where, err := pg.Values[string](p.db.Reader.Query(t.Context(), `SELECT agency FROM worklist.item WHERE kind = $1 AND done_at IS NULL
		UNION ALL SELECT agency FROM services.rating UNION ALL SELECT name FROM audit.entry WHERE name = 'services.rating.carry'`, services.KindRating))
	heir := "ubnd-xa-phan-ngoc-hien-2025"
	if err != nil || fmt.Sprint(where) != fmt.Sprint([]string{heir, heir, "services.rating.carry"}) {
		t.Errorf("it lies at %v, %v", where, err)
	}
	head := actor.With(t.Context(), actor.Actor{ID: uuid.New(), Kind: actor.Official, Name: "Chủ tịch", Grants: []actor.Grant{{Right: services.RightSupervise, Agency: heir}}})
	must(t, p.Services.AnswerRating(head, services.AnswerRatingIn{Dossier: id, Client: client(), Answer: "Xin lỗi anh chị"}))
}

// Anybody reads how content people are: of quarters that are over, without people, comments and
// groups so small that somebody could be guessed.
func TestRatedFigures(t *testing.T) {
	t.Parallel()
	p := open(t)
	var ids []uuid.UUID
	for i := range 6 {
		id := p.refused(t, "congdan")
		ids = append(ids, id)
		in := services.RateIn{Dossier: id, Client: client(), Levels: content}
		if i < 3 {
			in.Speed, in.Comment = 1, "Chờ lâu quá"
		}
		must(t, p.Services.Rate(p.as(t, "congdan"), in))
	}
	anybody := p.browser(t, "")
	anybody.get("/satisfaction")
	anybody.must("chưa có đủ đánh giá")
	if status := anybody.get("/satisfaction?quarter=" + fmt.Sprintf("%d-%d", p.clock.Now().Year(), (int(p.clock.Now().Month())+2)/3)); status != 404 {
		t.Errorf("the quarter that runs: %d", status)
	}
	p.clock.Set(p.clock.Now().AddDate(0, 3, 0))
	anybody = p.browser(t, "")
	anybody.get("/satisfaction")
	for _, want := range []string{"6 đánh giá", "100 %", "50 %", "Ủy ban nhân dân xã Đất Mũi"} {
		anybody.must(want)
	}
	for _, never := range []string{"Nguyễn Thị Mai", "Chờ lâu", ids[0].String()} {
		if strings.Contains(anybody.body, never) {
			t.Errorf("the page says %s", never)
		}
	}
	// with one of another body, both groups could be told apart by the sum: neither is shown
	_, err := p.db.Owner.Exec(t.Context(), `UPDATE services.dossier SET competent_agency = 'so-tu-phap' WHERE id = $1`, ids[0])
	must(t, err)
	time.Sleep(6 * time.Second) // what is kept for a moment is asked anew
	got, err := p.Services.Rated(t.Context(), "")
	must(t, err)
	if got.All.N != 6 || len(got.Bodies) != 0 || len(got.Procedures) != 1 || !got.Hidden {
		t.Errorf("%+v", got)
	}
}
