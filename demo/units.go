package demo

import (
	"fmt"
	"strconv"
	"time"

	"datmui/blocks/directory"
)

// makeUnits enters the units of 2023, the change of wards of December 2024 and the two levels of
// July 2025, as far as the as-of day knows of them.
func (w *World) makeUnits() error {
	old, err := table("units-2023")
	if err != nil {
		return err
	}
	for _, r := range old {
		u, err := unitOf(r, opening)
		if err != nil {
			return err
		}
		switch {
		case u.Code == "32011": // Phường 2 went on under the code of Phường 4
			went := u
			u.ValidTo = &wardsMerged
			went.Code, went.ValidFrom, went.ValidTo = "32002", wardsMerged, &twoLevels
			w.addUnit(went)
		case u.Code == "32002":
			u.ValidTo = &wardsMerged
		default: // the province goes on too, but larger: a state of its own
			u.ValidTo = &twoLevels
		}
		w.addUnit(u)
	}
	now, err := table("units-2025")
	if err != nil {
		return err
	}
	w.from = map[string]string{}
	for _, r := range now {
		u, err := unitOf(r, twoLevels)
		if err != nil {
			return err
		}
		w.from[u.Code] = r["from_province"]
		w.addUnit(u)
	}
	for _, u := range w.Units {
		if u.Level == "commune" && u.ValidTo == nil {
			w.communes = append(w.communes, u)
		}
	}
	return w.makeUnitChanges()
}

func unitOf(r map[string]string, from time.Time) (directory.Unit, error) {
	u := directory.Unit{Code: r["code"], Name: r["name"], ShortName: r["short_name"], NameEn: r["name_en"], Kind: r["kind"],
		Level: r["level"], Parent: r["parent"], ValidFrom: from}
	for column, to := range map[string]**float64{"lat": &u.Lat, "lon": &u.Lon, "area_km2": &u.AreaKm2} {
		if r[column] == "" {
			continue
		}
		v, err := strconv.ParseFloat(r[column], 64)
		if err != nil {
			return u, fmt.Errorf("unit %s: %w", u.Code, err)
		}
		*to = &v
	}
	return u, nil
}

func (w *World) addUnit(u directory.Unit) {
	end, gone := w.until(u.ValidFrom, u.ValidTo)
	if gone {
		return
	}
	u.ValidTo = end
	w.Units = append(w.Units, u)
}

func (w *World) makeUnitChanges() error {
	if !w.AsOf.Before(wardsMerged) {
		rows, err := table("changes-2024")
		if err != nil {
			return err
		}
		for _, r := range rows {
			change := "merged"
			if r["old_code"] == r["new_code"] && r["note"] == "goes on" {
				change = "unchanged"
			}
			w.UnitChanges = append(w.UnitChanges, directory.UnitChange{OldCode: r["old_code"], OldName: r["old_name"], NewCode: r["new_code"],
				Day: wardsMerged, Scope: r["scope"], Change: change, Resolution: r["resolution"], Note: r["note"]})
		}
	}
	if w.AsOf.Before(twoLevels) {
		return nil
	}
	rows, err := table("merges-2025")
	if err != nil {
		return err
	}
	for _, r := range rows {
		switch r["old_code"] {
		case "32011": // had become 32002 half a year before
			continue
		case "32002":
			r["old_name"] = "Phường 2"
		}
		w.UnitChanges = append(w.UnitChanges, directory.UnitChange{OldCode: r["old_code"], OldName: r["old_name"], NewCode: r["new_code"],
			Day: twoLevels, Scope: r["scope"], Change: r["change"], Resolution: r["resolution"], Note: r["note"]})
	}
	return nil
}
