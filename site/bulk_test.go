package site_test

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/xuri/excelize/v2"

	"datmui/apps/services"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/pg"
	"datmui/kit/testkit"
)

// filed is a dossier that the counter has accepted and nobody has taken.
func (p *province) filed(t *testing.T) uuid.UUID {
	t.Helper()
	out := p.submit(t, "congdan")
	must(t, p.Services.Accept(p.as(t, "canbo.datmui"), services.AcceptIn{Dossier: out.ID, Client: client()}))
	return out.ID
}

// over waits for the end of an order and gives it.
func (p *province) over(t *testing.T, account string, id uuid.UUID) services.Bulk {
	t.Helper()
	var b services.Bulk
	eventually(t, "the order", func() bool {
		var err error
		b, err = p.Services.BulkOf(p.as(t, account), id)
		must(t, err)
		return b.Over()
	})
	return b
}

// becameOf is what became of each dossier of an order: its state and why.
func (p *province) becameOf(t *testing.T, account string, id uuid.UUID) map[uuid.UUID]string {
	t.Helper()
	rows, next, err := p.Services.BulkRows(p.as(t, account), id, "", 0)
	if err != nil || next != 0 {
		t.Fatalf("next %d, %v", next, err)
	}
	out := map[uuid.UUID]string{}
	for _, r := range rows {
		out[r.DossierID] = strings.TrimSpace(r.State + " " + r.Why)
	}
	return out
}

func TestManyAreAssignedAtOnce(t *testing.T) {
	t.Parallel()
	p := open(t)
	leader, officer := p.as(t, "chutich.datmui"), p.personOf(t, "hold")
	var fresh []uuid.UUID
	for range 5 {
		fresh = append(fresh, p.filed(t))
	}
	taken, waiting := p.accepted(t), p.submit(t, "congdan").ID
	in := services.BulkIn{Client: client(), Act: services.BulkAssign, All: true}
	in.To = officer

	preview, err := p.Services.Preview(leader, in)
	must(t, err)
	if len(preview.Take) != 5 || len(preview.Left) != 2 || preview.Reasons["services.bulk.left.taken"] != 2 {
		t.Errorf("%d taken, %d left out: %v", len(preview.Take), len(preview.Left), preview.Reasons)
	}
	if clerk, err := p.Services.Preview(p.as(t, "vanthu.datmui"), in); err != nil || len(clerk.Take) != 0 || clerk.Reasons["services.bulk.left.rights"] != 5 {
		t.Errorf("the clerk: %+v, %v", clerk.Reasons, err)
	}
	nobody := in
	nobody.To, nobody.Client = uuid.Nil, client()
	_, err = p.Services.OrderBulk(leader, nobody)
	testkit.WantError(t, err, fault.Fields{"to": "required"})
	nobody.To = p.personOf(t, "clerk")
	_, err = p.Services.OrderBulk(leader, nobody)
	testkit.WantError(t, err, fault.Fields{"to": "cannot-handle"})

	id, err := p.Services.OrderBulk(leader, in)
	must(t, err)
	if again, err := p.Services.OrderBulk(leader, in); err != nil || again != id { // sent twice, ordered once
		t.Errorf("sent again: %s, %v", again, err)
	}
	b := p.over(t, "chutich.datmui", id)
	if b.State != "over" || b.Done != 5 || b.Failed != 0 || b.Total != 5 || b.LeftOut != 2 {
		t.Errorf("%+v", b)
	}
	became := p.becameOf(t, "chutich.datmui", id)
	for _, dossier := range fresh {
		d := p.state(t, dossier)
		if became[dossier] != "done" || d.State != services.Processing || d.Holder == nil || *d.Holder != officer || d.Moves != 3 {
			t.Errorf("%s: %q, state %d, holder %v, %d lines on the slip", d.Code, became[dossier], d.State, d.Holder, d.Moves)
		}
	}
	for _, dossier := range []uuid.UUID{taken, waiting} {
		if became[dossier] != "left services.bulk.left.taken" {
			t.Errorf("left out: %q", became[dossier])
		}
	}
	_, err = p.Services.BulkOf(p.as(t, "phochutich.datmui"), id)
	testkit.WantError(t, err, fault.NotFound("services.bulk"))
	entries, err := pg.Value[int](p.db.Reader.Query(t.Context(), `SELECT count(*)::int FROM audit.entry WHERE name = 'services.dossier.assign' AND actor_id = $1`, p.personOf(t, "lead")))
	if err != nil || entries != 5 {
		t.Errorf("%d entries of the leader, %v", entries, err)
	}
	page := p.browser(t, "chutich.datmui")
	page.get("/desk/bulks/" + id.String())
	for _, text := range []string{"Đã xong", "Không đưa vào", "Đã có người xử lý"} {
		page.must(text)
	}
	page.get("/notices")
	page.must("Việc hàng loạt đã xong: 5 trên 5 hồ sơ")
}

// What moved between the order and its turn is not touched and says why; what was stopped stays as
// it is; a job that is run again does nothing twice.
func TestManyEachWithItsResult(t *testing.T) {
	t.Parallel()
	p := open(t)
	good, moved, stopped := p.filed(t), p.filed(t), p.filed(t)
	order := func(state string, moves int, dossiers ...uuid.UUID) uuid.UUID {
		t.Helper()
		id := uuid.New()
		who := p.role(t, "lead")
		_, err := p.db.Owner.Exec(t.Context(), `INSERT INTO services.bulk (id, act, person, post, input, state, total, left_out, at)
			VALUES ($1, 'assign', $2, $7, jsonb_build_object('to', $3::text, 'note', '', 'basis', ''), $4, $5, 0, $6)`,
			id, p.personOf(t, "lead"), p.personOf(t, "hold").String(), state, len(dossiers), p.clock.Now(), actor.From(who).PostID)
		must(t, err)
		for i, d := range dossiers {
			_, err := p.db.Owner.Exec(t.Context(), `INSERT INTO services.bulk_row (bulk_id, n, dossier_id, moves, state) VALUES ($1, $2, $3, $4, 'waiting')`, id, i+1, d, moves)
			must(t, err)
		}
		for range 2 {
			_, err := p.Jobs.Insert(who, services.RunBulk{Bulk: id}, nil)
			must(t, err)
		}
		return id
	}
	must(t, p.Services.Take(p.as(t, "kinhte.datmui"), services.TakeIn{Dossier: moved, Client: client()}))
	first := order("running", 2, good, moved)
	b := p.over(t, "chutich.datmui", first)
	became := p.becameOf(t, "chutich.datmui", first)
	if b.Done != 1 || b.Failed != 1 || became[good] != "done" || became[moved] != "failed conflict.services.changed" {
		t.Errorf("%+v, %v", b, became)
	}
	if d := p.state(t, moved); *d.Holder != p.personOf(t, "coll") {
		t.Error("what moved meanwhile was given to another")
	}
	second := order("stopping", 2, stopped)
	if b := p.over(t, "chutich.datmui", second); b.State != "stopped" || b.Done != 0 {
		t.Errorf("%+v", b)
	}
	if d := p.state(t, stopped); d.State != services.Accepted {
		t.Errorf("stopped, and done: %d", d.State)
	}
	if got := p.becameOf(t, "chutich.datmui", second)[stopped]; got != "left services.bulk.left.stopped" {
		t.Errorf("stopped: %q", got)
	}
}

func TestManyArePrinted(t *testing.T) {
	t.Parallel()
	p := open(t)
	a, b := p.accepted(t), p.accepted(t)
	eventually(t, "the receipts", func() bool {
		for _, id := range []uuid.UUID{a, b} {
			rec, err := p.Services.Dossier(p.as(t, "thuly.datmui"), id)
			must(t, err)
			if !slices.ContainsFunc(rec.Outgoing, func(o services.Outgoing) bool { return o.Kind == services.OutgoingForm01 && o.FileID != nil }) {
				return false
			}
		}
		return true
	})
	officer := p.as(t, "thuly.datmui")
	made := func(act string) []byte {
		t.Helper()
		id, err := p.Services.OrderBulk(officer, services.BulkIn{Client: client(), Act: act, Dossiers: []uuid.UUID{a, b}})
		must(t, err)
		if b := p.over(t, "thuly.datmui", id); b.Done != 2 {
			t.Fatalf("%s: %+v, %v", act, b, p.becameOf(t, "thuly.datmui", id))
		}
		list, err := p.Services.Printed(officer, id)
		if err != nil || len(list) != 1 {
			t.Fatalf("%s made %d files, %v", act, len(list), err)
		}
		other := p.browser(t, "kinhte.datmui")
		if got := other.get("/files/" + list[0].ID.String()); got != http.StatusNotFound {
			t.Errorf("a colleague opens it: %d", got)
		}
		open, err := p.Files.Open(officer, list[0].ID)
		must(t, err)
		defer open.Close()
		data, err := io.ReadAll(open)
		must(t, err)
		return data
	}
	if n, err := api.PageCount(bytes.NewReader(made(services.BulkSlips)), model.NewDefaultConfiguration()); err != nil || n != 2 {
		t.Errorf("%d pages of control slips, %v", n, err)
	}
	data := made(services.BulkReceipts)
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil || len(z.File) != 2 || !strings.HasSuffix(z.File[0].Name, ".pdf") {
		t.Errorf("the receipts: %+v, %v", z, err)
	}
}

// An export is what the filter finds and nothing else, with nothing that runs; the log says who took
// how many rows away.
func TestExports(t *testing.T) {
	t.Parallel()
	p := open(t)
	p.accepted(t)
	open := p.filed(t)
	if _, err := p.db.Owner.Exec(t.Context(), `UPDATE services.dossier SET applicant_name = '=HYPERLINK("http://x")' WHERE id = $1`, open); err != nil {
		t.Fatal(err)
	}
	code := p.state(t, open).Code
	page := p.browser(t, "chutich.datmui")
	if got := page.get("/desk/dossiers/export?format=csv&state=2"); got != http.StatusOK || !strings.HasPrefix(page.body, "\ufeff") {
		t.Fatalf("%d: %s", got, page.body)
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(page.body, "\ufeff"))).ReadAll()
	if err != nil || len(rows) != 2 || rows[1][0] != code || rows[1][3] != `'=HYPERLINK("http://x")` {
		t.Errorf("%q, %v", rows, err)
	}
	page.get("/desk/dossiers/export?format=csv-plain")
	if strings.HasPrefix(page.body, "\ufeff") || strings.Count(page.body, "\r\n") != 3 {
		t.Errorf("without the mark: %q", page.body)
	}
	page.get("/desk/dossiers/export?format=xlsx&state=2")
	book, err := excelize.OpenReader(strings.NewReader(page.body))
	must(t, err)
	sheet, err := book.GetRows(book.GetSheetName(0))
	if err != nil || len(sheet) != 2 || sheet[1][0] != code || fmt.Sprint(sheet[0]) != fmt.Sprint(rows[0]) {
		t.Errorf("%q, %v", sheet, err)
	}
	if got := page.get("/desk/dossiers/export?format=csv&from=2026-02-31"); got == http.StatusOK {
		t.Error("a day that is none")
	}
	noted, err := pg.Values[string](p.db.Reader.Query(t.Context(), `SELECT body FROM audit.entry WHERE name = 'services.export.end' AND actor_id = $1 ORDER BY id`, p.personOf(t, "lead")))
	if err != nil || len(noted) != 3 || !strings.Contains(noted[0], `"rows":1`) || !strings.Contains(noted[1], `"rows":2`) {
		t.Errorf("noted %q, %v", noted, err)
	}
}

// A filter that is kept leads back to the list, for oneself or for the office, and stays beside the
// record that is opened from it.
func TestListKeepsItsFilter(t *testing.T) {
	t.Parallel()
	p := open(t)
	first, second := p.filed(t), p.filed(t)
	p.accepted(t)
	leader, deputy := p.browser(t, "chutich.datmui"), p.browser(t, "phochutich.datmui")
	leader.post("/desk/dossiers/views", "client", client(), "name", "Chờ giao việc", "query", "state=2", "shared", "1")
	deputy.get("/desk/dossiers")
	deputy.must("Chờ giao việc")
	deputy.get("/desk")
	if strings.Contains(deputy.body, "Chờ giao việc") {
		t.Error("a view of the list stands on the desk")
	}
	deputy.get("/desk/dossiers?state=2")
	deputy.must("/desk/dossiers/" + second.String() + "?in=%40state%3D2")
	deputy.get("/desk/dossiers/" + second.String() + "?in=%40state%3D2")
	deputy.must("Về danh sách")
	deputy.must("/desk/dossiers/" + first.String() + "?in=%40state%3D2")
	if strings.Contains(deputy.body, "/desk/dossiers?state=4") {
		t.Error("the filter is another one")
	}
	deputy.post("/desk/dossiers/"+second.String()+"/assign", "client", client(), "to", p.personOf(t, "hold").String(), "in", "@state=2")
	if deputy.path != "/desk/dossiers/"+second.String() || !strings.Contains(deputy.body, "Về danh sách") {
		t.Errorf("after the act: %s", deputy.path)
	}
}
