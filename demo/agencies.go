package demo

import (
	"maps"
	"slices"
	"strings"
	"time"

	"datmui/blocks/directory"
)

// Phường 4 ended on 1 December 2024; its bodies went into those of Phường 2.
const endedWard, takingWard = "-phuong-4", "-phuong-2"

// makeAgencies enters the bodies of 2023 and of July 2025. A body that keeps its id goes on; its
// row of 2025 is a new state of the same agency.
func (w *World) makeAgencies() error {
	old, err := table("agencies")
	if err != nil {
		return err
	}
	for _, r := range old {
		a := agencyOf(r, opening)
		a.ValidTo = &twoLevels
		switch {
		case a.UnitCode == "32002":
			a.ValidTo = &wardsMerged
			w.succeed(a.ID, strings.TrimSuffix(a.ID, endedWard)+takingWard, wardsMerged, "1252/NQ-UBTVQH15")
		case a.UnitCode == "32011":
			after := a
			a.ValidTo = &wardsMerged
			after.UnitCode, after.ValidFrom = "32002", wardsMerged
			w.addAgency(after)
		}
		w.addAgency(a)
	}
	now, err := table("agencies-2025")
	if err != nil {
		return err
	}
	for _, r := range now {
		w.addAgency(agencyOf(r, twoLevels))
		for _, before := range predecessors(r) {
			if before != r["id"] && !strings.HasSuffix(before, endedWard) {
				w.succeed(before, r["id"], twoLevels, "1655/NQ-UBTVQH15")
			}
		}
	}
	return nil
}

func predecessors(r map[string]string) []string {
	return slices.DeleteFunc(strings.Split(r["predecessors"], "+"), func(s string) bool { return s == "" })
}

func agencyOf(r map[string]string, from time.Time) directory.Agency {
	return directory.Agency{ID: r["id"], Name: r["name_vi"], NameEn: r["name_en"], Branch: directory.Branch(r["branch"]), Level: r["level"],
		Kind: r["kind"], Parent: r["parent"], UnitCode: r["unit_code"], Identifier: r["identifier"], Basis: r["basis"], Note: r["note"], ValidFrom: from}
}

func (w *World) addAgency(a directory.Agency) {
	end, gone := w.until(a.ValidFrom, a.ValidTo)
	if gone {
		return
	}
	a.ValidTo = end
	w.Agencies = append(w.Agencies, a)
}

func (w *World) succeed(before, after string, on time.Time, basis string) {
	if !on.After(w.AsOf) {
		w.Successions = append(w.Successions, directory.Succession{OldID: before, NewID: after, Day: on, Basis: basis})
	}
}

// sorted lists the keys of a map in order: a map's own order differs from run to run.
func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
