package site_test

import (
	"testing"

	"github.com/google/uuid"

	"datmui/apps/services"
)

// Orders on many dossiers are listed by key, each once and only to who gave them.
func TestOrdersPageByKey(t *testing.T) {
	t.Parallel()
	p := open(t)
	worker, dossier := p.as(t, "thuly.datmui"), p.accepted(t)
	given := map[uuid.UUID]bool{}
	for range 35 {
		id, err := p.Services.OrderBulk(worker, services.BulkIn{Client: client(), Act: services.BulkSlips, Dossiers: []uuid.UUID{dossier}})
		must(t, err)
		given[id] = true
	}
	var pages []int
	for after := uuid.Nil; ; {
		list, next, err := p.Services.Bulks(worker, after)
		must(t, err)
		pages = append(pages, len(list))
		for _, b := range list {
			if !given[b.ID] {
				t.Fatalf("%s is listed twice or is not hers", b.ID)
			}
			delete(given, b.ID)
		}
		if after = next; next == uuid.Nil {
			break
		}
		if other, _, err := p.Services.Bulks(p.as(t, "chutich.datmui"), next); err != nil || len(other) != 0 {
			t.Errorf("another one sees %d of them: %v", len(other), err)
		}
	}
	if len(pages) != 2 || pages[0] != 30 || len(given) != 0 {
		t.Errorf("pages of %v, %d left out", pages, len(given))
	}
	b := p.browser(t, "thuly.datmui")
	b.get("/desk/bulks")
	b.must("/desk/bulks?after=")
	b.get("/desk/bulks?after=not-a-key") // the first page
	b.must("/desk/bulks?after=")
}
