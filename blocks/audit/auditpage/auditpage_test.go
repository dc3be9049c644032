package auditpage_test

import (
	"context"
	"encoding/csv"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/uuid"
	"golang.org/x/mod/sumdb/note"

	"datmui/blocks/audit"
	"datmui/blocks/audit/auditpage"
	"datmui/kit/actor"
	"datmui/kit/pg"
	"datmui/kit/testkit"
	"datmui/kit/web"
)

var (
	inspector = actor.Actor{ID: uuid.New(), Kind: actor.Official, Name: "Huỳnh Văn Minh", Agency: "Thanh tra tỉnh", Grants: []actor.Grant{{Right: audit.InspectRight, Agency: "*"}}}
	officer   = actor.Actor{ID: uuid.New(), Kind: actor.Official, Name: "Nguyễn Thị Lan", Post: "Công chức Tư pháp", Agency: "UBND xã Đất Mũi"}
	mai       = actor.Actor{ID: uuid.New(), Kind: actor.Citizen, Name: "Nguyễn Thị Mai", Level: 2}
)

type bench struct {
	*testing.T
	db   *pg.DB
	book *audit.Book
	h    http.Handler
	who  actor.Actor
}

// dossier is what a read of the test hands out.
type dossier struct{}

func (dossier) AuditPersons() []uuid.UUID { return []uuid.UUID{mai.ID} }
func (dossier) AuditCode() string         { return "H12.41.01-261123-0001" }

func setup(t *testing.T) *bench {
	db, clock := testkit.DB(t), testkit.Clock(t, "2026-11-23T08:00")
	key, public, err := note.GenerateKey(nil, "datmui")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(key)
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{T: t, db: db, book: audit.New(audit.Config{App: db.App, Reader: db.Reader, Clock: clock, Signer: signer, Key: public})}
	s := web.NewServer(web.Config{Log: testkit.Log(t), Session: func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(w, r.WithContext(actor.With(r.Context(), b.who)))
		})
	}})
	s.Add(auditpage.New(b.book, func(_ context.Context, name string) ([]uuid.UUID, error) {
		if name == "lan" {
			return []uuid.UUID{officer.ID}, nil
		}
		return nil, nil
	}, func(ctx context.Context) (uuid.UUID, error) { return actor.From(ctx).ID, nil }).Routes()...)
	b.h = s.Handler()
	return b
}

func (b *bench) get(by actor.Actor, path string, status int) string {
	b.Helper()
	b.who = by
	w := httptest.NewRecorder()
	b.h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	if w.Code != status {
		b.Fatalf("GET %s: status %d, want %d\n%s", path, w.Code, status, w.Body)
	}
	return w.Body.String()
}

// read has somebody open Mai's dossier.
func (b *bench) read(by actor.Actor, why string) {
	b.Helper()
	ctx := actor.With(b.Context(), by)
	if why != "" {
		ctx = audit.WithPurpose(ctx, why)
	}
	if _, err := audit.Read(ctx, b.book, "services.dossier.open", uuid.New(), func(pg.Reader) (dossier, error) { return dossier{}, nil }); err != nil {
		b.Fatal(err)
	}
}

func (b *bench) entries(name string) int {
	b.Helper()
	var n int
	if err := b.db.Reader.QueryRow(b.Context(), `SELECT count(*) FROM audit.entry WHERE name = $1`, name).Scan(&n); err != nil {
		b.Fatal(err)
	}
	return n
}

// The person sees who, from which office and post, on which record and why.
func TestReads(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.read(officer, "Xác minh theo đơn của bà Mai")
	b.read(actor.Actor{}, "")
	b.read(mai, "")
	all := testkit.HTML(t, []byte(b.get(mai, "/reads", 200))).Text()
	for _, want := range []string{"Nguyễn Thị Lan, UBND xã Đất Mũi", "Công chức Tư pháp", "Xác minh theo đơn của bà Mai (H12.41.01-261123-0001)",
		"Người không đăng nhập", "Chính bạn"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not on the page:\n%s", want, all)
		}
	}
	if others := b.get(mai, "/reads?others=1", 200); strings.Contains(others, "Chính bạn") || !strings.Contains(others, "Nguyễn Thị Lan") {
		t.Error("the list of others shows the person herself, or not the others")
	}
	if strangers := b.get(officer, "/reads", 200); strings.Contains(strangers, "H12.41") {
		t.Error("somebody else sees who opened Mai's record")
	}
}

// After the time for personal details the page says that the name is no longer kept, and the rest stays.
func TestReadsAfterBlanking(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.read(officer, "Xác minh theo đơn của bà Mai")
	later := audit.New(audit.Config{App: b.db.App, Reader: b.db.Reader, Clock: testkit.Clock(t, "2029-11-24T08:00"), PersonalYears: 3})
	if err := later.Expire(t.Context()); err != nil {
		t.Fatal(err)
	}
	page := testkit.HTML(t, []byte(b.get(mai, "/reads", 200))).Text()
	if strings.Contains(page, "Nguyễn Thị Lan") || strings.Contains(page, "Công chức Tư pháp") || strings.Contains(page, "bà Mai") {
		t.Errorf("blanked details are on the page:\n%s", page)
	}
	for _, want := range []string{"Tên đã được xóa theo thời hạn lưu", "H12.41.01-261123-0001"} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is not on the page:\n%s", want, page)
		}
	}
}

// Whoever examines the log is in it, before the answer.
func TestInspect(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.read(officer, "Xác minh")
	b.read(mai, "")
	for _, by := range []actor.Actor{officer, mai} {
		b.get(by, auditpage.PathInspect, http.StatusForbidden)
		b.get(by, "/audit/export.csv", http.StatusForbidden)
	}
	if n := b.entries("audit.inspect"); n != 0 {
		t.Fatalf("%d searches noted of people who may not search", n)
	}
	if all := b.get(inspector, auditpage.PathInspect, 200); !strings.Contains(all, "Nguyễn Thị Lan") || !strings.Contains(all, "Nguyễn Thị Mai") {
		t.Error("a search without conditions does not find both reads")
	}
	if n := b.entries("audit.inspect"); n != 1 {
		t.Errorf("%d entries of one search", n)
	}
	for query, want := range map[string][2]bool{ // whether Lan's and Mai's reads are found
		"?who=lan":                       {true, false},
		"?who=nobody":                    {false, false},
		"?subject=H12.41.01-261123-0001": {true, true},
		"?subject=H12":                   {false, false},
		"?name=services.dossier.open":    {true, true},
		"?kind=act":                      {false, false},
		"?from=2026-11-23&to=2026-11-23": {true, true},
		"?from=2026-11-20&to=2026-11-22": {false, false},
		"?before=1":                      {false, false},
	} {
		page := b.get(inspector, auditpage.PathInspect+query, 200)
		if got := [2]bool{strings.Contains(page, "Nguyễn Thị Lan"), strings.Contains(page, "Nguyễn Thị Mai")}; got != want {
			t.Errorf("%s finds %v, want %v", query, got, want)
		}
	}
	for _, bad := range []string{"?from=2026-11-23&to=2026-11-01", "?from=2020-01-01", "?from=x", "?to=9999-99-99"} {
		b.get(inspector, auditpage.PathInspect+bad, http.StatusUnprocessableEntity)
	}
	table, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(b.get(inspector, "/audit/export.csv?who=lan", 200), "\ufeff"))).ReadAll()
	if err != nil || len(table) != 2 || table[1][2] != "Nguyễn Thị Lan" || table[1][8] != "Xác minh" {
		t.Errorf("exported %q, %v", table, err)
	}
	if n := b.entries("audit.inspect.export"); n != 1 {
		t.Errorf("%d entries of one export", n)
	}
	// without the entry nothing is shown
	if _, err := b.db.Owner.Exec(t.Context(), `REVOKE INSERT ON audit.entry FROM datmui_app`); err != nil {
		t.Fatal(err)
	}
	if page := b.get(inspector, auditpage.PathInspect, 500); strings.Contains(page, "Nguyễn Thị Lan") {
		t.Error("rows are shown though the search could not be noted")
	}
}

// A stranger gets the newest signed head and the key to judge it.
func TestHead(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if page := b.get(actor.Actor{}, "/receipts", 200); !strings.Contains(page, "Chưa niêm phong mục nào") {
		t.Error("an empty log shows a head")
	}
	b.read(officer, "")
	for n := int64(0); n == 0; {
		var err error
		if n, err = b.book.Seal(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	b.get(actor.Actor{}, "/receipts", 200)
	h, err := b.book.NewestHead(t.Context())
	if err != nil || h.Size != 1 {
		t.Fatalf("%+v, %v", h, err)
	}
	verifier, err := note.NewVerifier(h.Key)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := note.Open([]byte(h.Checkpoint), note.VerifierList(verifier)); err != nil {
		t.Errorf("the shown key does not verify the shown head: %v", err)
	}
}
