package site_test

import (
	"encoding/json"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"datmui/apps/services"
	"datmui/apps/services/cataloguepage"
	"datmui/apps/services/find"
	"datmui/apps/services/national"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/pg"
	"datmui/kit/testkit"
)

// The page, the JSON answer and the command line rank by one function over the same catalogue: for
// every judged search the three give the same codes in the same order.
func TestSearchIsTheSameEverywhere(t *testing.T) {
	t.Parallel()
	p := open(t)
	entries, err := services.ShippedProcedures()
	must(t, err)
	shipped, err := find.New(entries)
	must(t, err)
	raw, err := os.ReadFile("../apps/services/find/testdata/queries.tsv")
	must(t, err)
	b := p.browser(t, "")
	link := regexp.MustCompile(`<p class="go__t"><a href="/services/(\d\.\d{6})"`)
	n := 0
	for line := range strings.Lines(string(raw)) {
		query, _, ok := strings.Cut(line, "\t")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		want := shipped.Search(query, 20)
		got, err := p.Services.FindProcedures(t.Context(), query, 20)
		must(t, err)
		if !slices.EqualFunc(got, want, func(a, b find.Entry) bool { return a.Code == b.Code && a.Title == b.Title && a.Open == b.Open }) {
			t.Fatalf("%q: the province finds %v, the command %v", query, got, want)
		}
		if n++; n%25 != 1 {
			continue
		}
		b.get("/services.json?q=" + strings.ReplaceAll(query, " ", "+"))
		var answer []find.Entry
		must(t, json.Unmarshal([]byte(b.body), &answer))
		b.get("/services?q=" + strings.ReplaceAll(query, " ", "+"))
		links := link.FindAllStringSubmatch(b.body, -1)
		for i, e := range want {
			if i >= len(answer) || answer[i].Code != e.Code || answer[i].Title != e.Title || answer[i].Open != e.Open {
				t.Fatalf("%q: the answer in JSON is %s", query, b.body)
			}
			if i >= len(links) || links[i][1] != e.Code {
				t.Fatalf("%q: row %d of the page is %v, not %s", query, i, links, e.Code)
			}
		}
	}
	if n < 200 {
		t.Errorf("only %d searches", n)
	}
	if b.get("/services.json?q=khai+sinh&most=3"); strings.Count(b.body, `"code"`) != 3 {
		t.Errorf("three were asked for: %s", b.body)
	}
	if status := b.get("/services.json?q=khai+sinh&most=0"); status != http.StatusUnprocessableEntity {
		t.Errorf("most=0: %d", status)
	}
	if b.get("/services.json?q=xyzzy"); strings.TrimSpace(b.body) != "[]" {
		t.Errorf("nothing fits: %s", b.body)
	}
}

// What a search finds follows the catalogue: a procedure that opens or is called otherwise is found so.
func TestSearchFollowsTheCatalogue(t *testing.T) {
	t.Parallel()
	p := open(t)
	list, err := p.Services.FindProcedures(t.Context(), "khai sinh", 1)
	must(t, err)
	if len(list) != 1 || list[0].Code != "1.001193" || !list[0].Open {
		t.Fatalf("%v", list)
	}
	p.owner(t, `UPDATE services.version SET complete = false WHERE procedure = '1.001193'`)
	p.owner(t, `UPDATE services.procedure SET name = 'Ghi tên trẻ mới sinh' WHERE code = '1.001193'`)
	eventually(t, "the search to follow", func() bool {
		list, err := p.Services.FindProcedures(t.Context(), "ghi tên trẻ mới sinh", 1)
		must(t, err)
		return len(list) == 1 && list[0].Code == "1.001193" && !list[0].Open
	})
}

// The catalogue is turned page by page, each procedure once, in one order; and narrowed.
func TestCatalogueIsTurnedByKey(t *testing.T) {
	t.Parallel()
	p := open(t)
	all, err := pg.Values[string](p.db.Reader.Query(t.Context(), `SELECT code FROM services.procedure WHERE authority <> 'set' ORDER BY field COLLATE "vi-x-icu", left(name, 200) COLLATE "vi-x-icu", code`))
	must(t, err)
	if len(all) < 2642 {
		t.Fatalf("only %d procedures", len(all))
	}
	turn := func(in services.BrowseIn) (codes []string) {
		for {
			page, err := p.Services.Browse(t.Context(), in)
			must(t, err)
			for _, x := range page.List {
				codes = append(codes, x.Code)
			}
			if page.Next == "" || len(codes) > len(all) {
				return codes
			}
			in.After = page.Next
		}
	}
	if got := turn(services.BrowseIn{}); !slices.Equal(got, all) {
		t.Errorf("%d of %d are shown, or in another order", len(got), len(all))
	}
	for name, in := range map[string]services.BrowseIn{
		"field":    {Field: "Hộ tịch"},
		"level":    {Level: "commune"},
		"ministry": {Standing: services.StandsMinistry},
		"words":    {Words: "đăng ký", Level: "commune"},
	} {
		got := turn(in)
		seen := map[string]bool{}
		for _, c := range got {
			pr, err := p.Services.Procedure(t.Context(), c)
			must(t, err)
			if seen[c] || in.Field != "" && pr.Field != in.Field || in.Level != "" && !slices.Contains(pr.Levels(), in.Level) || in.Standing != "" && pr.Standing != in.Standing {
				t.Errorf("%s: %+v", name, pr)
			}
			seen[c] = true
		}
		if len(got) < 10 {
			t.Errorf("%s: only %d", name, len(got))
		}
	}
	b := p.browser(t, "")
	b.get("/services")
	b.must("Đăng ký khai sinh")
	b.get("/services?standing=all")
	b.must("Chưa xác nhận")
	first := b.body
	next := regexp.MustCompile(`href="(/services\?after=[^"]+)" rel="next"`).FindStringSubmatch(strings.ReplaceAll(first, "&amp;", "&"))
	if next == nil {
		t.Fatalf("no next page: %s", b.says())
	}
	b.get(next[1])
	b.must("rel=\"next\"")
	if b.body == first {
		t.Error("the next page is the same")
	}
	if status := b.get("/services?standing=nothing"); status != http.StatusNotFound {
		t.Errorf("a standing that is none: %d", status)
	}
	b.get("/services?q=xyzzy")
	b.must("Không tìm thấy dịch vụ nào")
}

// law: public-services.md 2, 12 — what a ministry's system handles has its page and the way there, and
// is not taken in, at home or at the counter; what nobody has confirmed says so.
func TestProceduresThatAreNotTakenInHere(t *testing.T) {
	t.Parallel()
	p := open(t)
	stranger, citizen, counter := p.browser(t, ""), p.browser(t, "congdan"), p.browser(t, "canbo.datmui")
	for code, says := range map[string][]string{
		"1.004222": {"Đăng ký thường trú", "Hệ thống của Bộ", "Theo dõi hồ sơ", "7 ngày làm việc", "20.000", "Bộ Công an"},
		"3.000348": {"Hệ thống của Bộ", "3.000348"},
		"1.000005": {"Chưa xác nhận", "Công bố ghi “120” mà không ghi đơn vị", "Bộ Tài chính", "2628/QĐ-BTC"},
		"1.012786": nil, // whatever its standing is, the page is there
	} {
		if status := stranger.get("/services/" + code); status != http.StatusOK {
			t.Fatalf("%s: %d", code, status)
		}
		for _, text := range says {
			stranger.must(text)
		}
		if says != nil && (!strings.Contains(stranger.body, national.Address(code)) || strings.Contains(stranger.body, "/begin")) {
			t.Errorf("%s: no way to the national portal, or a start button", code)
		}
	}
	// what the province defines and cannot take in yet says what is missing, and no fee of the national list
	waiting, err := pg.Values[string](p.db.Reader.Query(t.Context(), `SELECT v.procedure FROM services.version v JOIN services.procedure p ON p.code = v.procedure WHERE NOT v.complete AND p.authority = 'province' ORDER BY 1`))
	must(t, err)
	if len(waiting) == 0 {
		t.Error("nothing waits for an official to enter a value")
	}
	for _, code := range waiting {
		if status := stranger.get("/services/" + code); status != http.StatusOK || strings.Contains(stranger.body, "/begin") || strings.Contains(stranger.body, "services.ministry") {
			t.Errorf("%s: %d, %s", code, status, stranger.says())
		}
		stranger.must("Chưa rõ: cán bộ chưa nhập")
		stranger.must("Giấy tờ cần có")
	}
	if status := stranger.get("/services/9.999999"); status != http.StatusNotFound {
		t.Errorf("a procedure that is none: %d", status)
	}
	stranger.get("/services/1.004222?lang=en")
	for _, code := range []string{"1.004222", "1.000005"} {
		_, err := p.Services.Current(t.Context(), code, at)
		testkit.WantError(t, err, fault.NotFound("services.procedure"))
		citizen.post("/services/" + code + "/begin")
		if citizen.path != "/services/"+code {
			t.Errorf("beginning %s leads to %s", code, citizen.path)
		}
		_, err = p.Services.Submit(p.as(t, "congdan"), services.SubmitIn{Client: client(), Procedure: code, ReturnWay: "online"})
		testkit.WantError(t, err, fault.NotFound("services.procedure"))
	}
	// a version of it would change nothing: the ministry's system takes it in
	p.owner(t, `INSERT INTO services.version (procedure, version, valid_from, definition) SELECT '1.010038', 1, '2025-01-01', definition FROM services.version WHERE procedure = '1.004873'`)
	p.owner(t, `UPDATE services.procedure SET open = true WHERE code = '1.010038'`)
	_, err = p.Services.Current(t.Context(), "1.010038", at)
	testkit.WantError(t, err, fault.NotFound("services.procedure"))
	owner := p.as(t, "congdan")
	for code, says := range map[string]string{"1.004222": "tỉnh không tiếp nhận", "1.000005": "chưa mở tiếp nhận tại đây", "9.999999": "Chọn thủ tục"} {
		if status := counter.get("/desk/intake?applicant=" + actor.From(owner).ID.String() + "&procedure=" + code); status != http.StatusUnprocessableEntity {
			t.Errorf("the counter asks for %s: %d", code, status)
		}
		counter.must(says)
		if status := counter.multi("/desk/intake", "client", client(), "procedure", code, "applicant", actor.From(owner).ID.String()); status != http.StatusUnprocessableEntity {
			t.Errorf("the counter sends %s: %d", code, status)
		}
		counter.must(says)
	}
}

// An official who may edit the catalogue enters what holds, by the document, and confirms; twice is
// once, what another entered meanwhile is not overwritten, and who may not is refused.
// law: public-services.md 2 — an import must flag, an officer must confirm.
func TestConfirmingWhatIsDoubtful(t *testing.T) {
	t.Parallel()
	p := open(t)
	admin, second, counter := p.browser(t, "quantri"), p.browser(t, "quantri"), p.browser(t, "canbo.datmui")
	if status := counter.get(cataloguepage.PathConfirm); status != http.StatusForbidden {
		t.Errorf("the counter sees the list: %d", status)
	}
	testkit.WantError(t, p.Services.Confirm(p.as(t, "canbo.datmui"), services.ConfirmIn{Client: client(), Code: "2.001827", By: "x"}), fault.Forbidden("services.catalogue"))
	_, err := p.Services.Awaiting(p.as(t, "canbo.datmui"), services.AwaitingIn{})
	testkit.WantError(t, err, fault.Forbidden("services.catalogue"))

	admin.get(cataloguepage.PathConfirm)
	admin.must("Thời hạn không có đơn vị")
	admin.must("358")
	admin.get(cataloguepage.PathConfirm + "?kind=fee-small")
	admin.must("Phí dưới 1.000 đồng")
	before, err := p.Services.Awaiting(p.as(t, "quantri"), services.AwaitingIn{Kind: national.FeeWritten})
	must(t, err)
	if len(before.List) != 4 || before.Next != "" {
		t.Fatalf("%d fees with zeros before them", len(before.List))
	}
	const code = "1.000005" // a limit without a unit, and a fee of 000
	path := cataloguepage.PathOne(code)
	field := func(b *browser, name string) string {
		m := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(b.body)
		if m == nil {
			t.Fatalf("no field %s: %s", name, b.says())
		}
		return m[1]
	}
	for _, tt := range []struct {
		fields []string
		says   string
	}{
		{nil, "Nhập văn bản mà bạn đối chiếu"},
		{[]string{"by", "QĐ 1", "v.limit-unit.online", "vài ngày"}, "Nhập thời hạn như"},
		{[]string{"by", "QĐ 1", "v.fee-written.online", "700"}, "từ 1.000 đồng trở lên"},
		{[]string{"by", "QĐ 1", "authority", "province"}, "Nhập ít nhất một điều"},
		{[]string{"by", "QĐ 1", "authority", "king"}, "chọn ai giải quyết thủ tục này"},
		{[]string{"by", "QĐ 1", "v.name-twice", "x"}, "không có điều nghi ngờ đó"},
	} {
		admin.get(path)
		if status := admin.try(path, append([]string{"client", field(admin, "client"), "seen", field(admin, "seen")}, tt.fields...)...); status != http.StatusUnprocessableEntity {
			t.Errorf("%v: %d", tt.fields, status)
		}
		if !strings.Contains(admin.body, tt.says) && tt.says != "không có điều nghi ngờ đó" {
			t.Errorf("%v does not say %q: %s", tt.fields, tt.says, admin.says())
		}
	}
	second.get(path)
	admin.get(path)
	form := []string{"client", field(admin, "client"), "seen", field(admin, "seen"), "by", "Quyết định 2628/QĐ-BTC", "v.limit-unit.online", "8 giờ làm việc"}
	admin.post(path, form...)
	admin.must("Đã lưu.")
	admin.must("8 giờ làm việc")
	admin.post(path, form...) // sent twice, entered once
	if status := second.try(path, "client", field(second, "client"), "seen", field(second, "seen"), "by", "khác", "v.limit-unit.online", "9 ngày"); status != http.StatusConflict {
		t.Errorf("what another entered is overwritten: %d", status)
	}
	second.must("Người khác vừa nhập")
	p.browser(t, "").get("/services/" + code)
	pub, _, err := p.Services.Published(t.Context(), code)
	must(t, err)
	if l := pub.KnownLimits(); pub.Standing != services.StandsUnconfirmed || len(l) != 1 || l[0].Value != "8wh" || pub.Settled() {
		t.Errorf("%+v", pub)
	}
	admin.get(path)
	admin.post(path, "client", field(admin, "client"), "seen", field(admin, "seen"), "by", "Quyết định 2628/QĐ-BTC", "v.fee-written.online", "20.000", "authority", "national")
	admin.must("Đã xác nhận lúc")
	stranger := p.browser(t, "")
	stranger.get("/services/" + code)
	stranger.must("Cán bộ của tỉnh đã đối chiếu")
	stranger.must("20.000")
	if n, err := pg.Value[int](p.db.Reader.Query(t.Context(), `SELECT count(*)::int FROM audit.entry WHERE name = 'services.procedure.confirm'`)); err != nil || n != 2 {
		t.Errorf("%d entries in the log, %v", n, err)
	}
	after, err := p.Services.Awaiting(p.as(t, "quantri"), services.AwaitingIn{Kind: national.FeeWritten})
	must(t, err)
	if len(after.List) != 3 || after.All != before.All-1 {
		t.Errorf("%d are left of %d, %d of %d in all", len(after.List), len(before.List), after.All, before.All)
	}
}

// The list of what is to be confirmed is turned by key: each procedure once, of each kind as many as counted.
func TestAwaitingIsTurnedByKey(t *testing.T) {
	t.Parallel()
	p := open(t)
	ctx := p.as(t, "quantri")
	first, err := p.Services.Awaiting(ctx, services.AwaitingIn{})
	must(t, err)
	if first.All != 2642 && first.All < 2500 {
		t.Errorf("%d await", first.All)
	}
	for _, c := range first.Counts {
		in, n, last := services.AwaitingIn{Kind: c.Kind}, 0, ""
		for {
			page, err := p.Services.Awaiting(ctx, in)
			must(t, err)
			for _, a := range page.List {
				if a.Code <= last || c.Kind != services.Clean && !slices.Contains(a.Kinds, c.Kind) || c.Kind == services.Clean && len(a.Kinds) > 0 {
					t.Fatalf("%s: %+v after %s", c.Kind, a, last)
				}
				last = a.Code
				n++
			}
			if page.Next == "" {
				break
			}
			in.After = page.Next
		}
		if n != c.N {
			t.Errorf("%s: %d are listed, %d are counted", c.Kind, n, c.N)
		}
	}
}

// Starting again changes nothing; a definition that comes later opens what was only listed, and what
// an official entered stays.
func TestSeedingAgain(t *testing.T) {
	t.Parallel()
	p := open(t)
	sum := func() string {
		s, err := pg.Value[string](p.db.Reader.Query(t.Context(), `SELECT md5(string_agg(p::text, ',' ORDER BY code)) || (SELECT md5(string_agg(d::text, ',' ORDER BY procedure, kind, part)) FROM services.doubt d)
			|| (SELECT count(*) FROM services.published) FROM services.procedure p`))
		must(t, err)
		return s
	}
	before := sum()
	start := time.Now()
	must(t, p.Services.Seed(p.ctx))
	t.Logf("seeding again takes %v", time.Since(start))
	if sum() != before {
		t.Error("seeding again changes the catalogue")
	}
	p.owner(t, `DELETE FROM services.version WHERE procedure = '1.014801'`)
	p.owner(t, `UPDATE services.procedure SET open = false, authority = 'national', name = 'như công bố', words = '' WHERE code = '1.014801'`)
	must(t, p.Services.Seed(p.ctx))
	if pr, err := p.Services.Procedure(t.Context(), "1.014801"); err != nil || pr.Standing != services.StandsOpen || pr.Name == "như công bố" {
		t.Errorf("%+v, %v", pr, err)
	}
}
