package directory_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"datmui/blocks/directory"
	"datmui/kit/testkit"
)

// TestHeirs: the work of a body that is over goes on where its successor, or that one's, stands.
func TestHeirs(t *testing.T) {
	w := setup(t)
	ctx := w.as(w.admin)
	w.official("Giám đốc cũ", "tt-xa", directory.Leader)
	testkit.WantError(t, w.Merge(ctx, directory.MergeIn{From: []string{"tt-xa"}, Into: "vp-xa", On: "2026-12-01", Basis: "9/QĐ"}), nil)
	testkit.WantError(t, w.Merge(ctx, directory.MergeIn{From: []string{"vp-xa"}, Into: "ubnd-xa", On: "2026-12-10", Basis: "12/QĐ"}), nil)
	for day, want := range map[string]map[string]string{
		"2026-11-30T23:59": {},
		"2026-12-01T00:00": {"tt-xa": "vp-xa"},
		"2026-12-09T23:59": {"tt-xa": "vp-xa"},
		"2026-12-10T00:00": {"tt-xa": "ubnd-xa", "vp-xa": "ubnd-xa"},
	} {
		got := must(w.Heirs(ctx, w.db.Reader, testkit.Clock(t, day).Now()))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", day, diff)
		}
	}
	// Two take a body over: the one of its kind goes on with the work.
	w.exec(`INSERT INTO directory.agency VALUES ('tt-cu')`)
	w.exec(`INSERT INTO directory.agency_version (agency_id, valid_from, valid_to, name, branch, level, kind, parent, unit_code)
		VALUES ('tt-cu', '2000-01-01', '2025-07-01', 'tt-cu', 'government', 'commune', 'people''s committee', 'ubnd-tinh', '32248')`)
	w.exec(`INSERT INTO directory.agency_successor VALUES ('tt-cu', 'so-y-te', '2025-07-01', 'x'), ('tt-cu', 'ubnd-xa', '2025-07-01', 'x')`)
	if got := must(w.Heirs(ctx, w.db.Reader, w.clock.Now())); got["tt-cu"] != "ubnd-xa" {
		t.Errorf("split: %v", got)
	}
}

// TestVacant: whose seat is empty on a day: who left or was moved, and whose substitution is over;
// not who is there by a post of the house or by a lent one.
func TestVacant(t *testing.T) {
	w := setup(t)
	ctx := w.as(w.admin)
	chair := w.official("Chủ tịch", "ubnd-xa", directory.Leader)
	stays, leaves, moves := w.official("Ở lại", "vp-xa", directory.CaseOfficer), w.official("Nghỉ hưu", "vp-xa", directory.CaseOfficer), w.official("Chuyển đi", "vp-xa", directory.CaseOfficer)
	stand := w.official("Người thay", "so-y-te", directory.Staff)
	testkit.WantError(t, w.Leave(ctx, directory.LeaveIn{Person: leaves, On: "2026-11-30", Reason: "nghỉ hưu"}), nil)
	_, err := w.Transfer(ctx, directory.TransferIn{Post: w.postOf(moves).ID, Agency: "so-y-te", Position: directory.CaseOfficer, On: "2026-11-30", Basis: "x"})
	testkit.WantError(t, err, nil)
	_, err = w.Delegate(w.as(stays), directory.DelegateIn{Form: directory.Substitution, Post: w.postOf(stays).ID, Taker: stand, From: "2026-11-20", Until: "2026-11-25", Document: "1"})
	testkit.WantError(t, err, nil)
	var seats []directory.Seat
	names := map[directory.Seat]string{}
	for name, s := range map[string]directory.Seat{"stays": {Person: stays, Agency: "ubnd-xa"}, "leaves": {Person: leaves, Agency: "ubnd-xa"},
		"moves": {Person: moves, Agency: "ubnd-xa"}, "moved": {Person: moves, Agency: "so-y-te"}, "substitute": {Person: stand, Agency: "ubnd-xa"}, "chair": {Person: chair, Agency: "ubnd-xa"}} {
		seats, names[s] = append(seats, s), name
	}
	for day, want := range map[string][]string{
		"2026-11-25T23:59": {"chair", "moved"}, // a chair decides, she does not handle; who is moved is not there yet
		"2026-11-26T00:00": {"chair", "moved", "substitute"},
		"2026-11-30T00:00": {"chair", "leaves", "moves", "substitute"},
	} {
		got := []string{}
		for _, s := range must(w.Vacant(ctx, w.db.Reader, "services.handle", seats, testkit.Clock(t, day).Now())) {
			got = append(got, names[s])
		}
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", day, diff)
		}
	}
}
