package demo

import (
	"cmp"
	"slices"
	"strings"

	"datmui/blocks/directory"
)

// secondOrder carries everybody over 1 July 2025: bodies with predecessors take their people,
// the people of the districts go to the communes and the province, what is then still empty is
// filled anew; the communes of the former Bạc Liêu bring officials of their own.
func (c *careers) secondOrder(old []directory.Agency, members []member) error {
	now, err := agenciesOf("agencies-2025", twoLevels)
	if err != nil {
		return err
	}
	to, err := c.destinations(now)
	if err != nil {
		return err
	}
	pools := map[string][]member{}
	for i, m := range members {
		key := to.of(m.slot.agency, i)
		pools[key] = append(pools[key], m)
	}
	houses := map[string][]directory.Agency{}
	var order []string
	for _, a := range now {
		key := house(a)
		if houses[key] == nil {
			order = append(order, key)
		}
		houses[key] = append(houses[key], a)
	}
	for _, key := range order {
		c.settle(houses[key], pools[key])
	}
	return nil
}

// house groups the bodies of 2025 within which people are placed: the committee of a commune with
// its offices, its Party committee with its commissions; every other body stands alone.
func house(a directory.Agency) string {
	if a.Level != "commune" {
		return a.ID
	}
	switch {
	case a.Branch == directory.Party:
		return a.UnitCode + " party"
	case a.Branch == directory.Government && a.Kind != "people's council" && a.Kind != "commune police":
		return a.UnitCode + " committee"
	}
	return a.ID
}

// destinations knows where the people of a body of 2023 go.
type destinations struct {
	successor map[string]string             // old agency → house of the new one
	communes  map[string][]string           // old district → codes of the communes made of it
	kinds     map[string]map[string]string  // commune → prefix of the id → house
	province  map[directory.Branch][]string // bodies that take people of the districts
}

func (c *careers) destinations(now []directory.Agency) (destinations, error) {
	d := destinations{map[string]string{}, map[string][]string{}, map[string]map[string]string{}, map[directory.Branch][]string{}}
	rows, err := table("agencies-2025")
	if err != nil {
		return d, err
	}
	for i, a := range now {
		for _, before := range predecessors(rows[i]) {
			d.successor[before] = house(a)
		}
		if a.Level == "commune" {
			if d.kinds[a.UnitCode] == nil {
				d.kinds[a.UnitCode] = map[string]string{}
			}
			for _, prefix := range []string{"cong-doan-", "hlhpn-", "doan-tn-", "hnd-", "hccb-", "mttq-"} {
				if strings.HasPrefix(a.ID, prefix) {
					d.kinds[a.UnitCode][prefix] = house(a)
				}
			}
		} else if a.Branch == directory.Party || a.Kind == "specialised agency" || a.Kind == "sub-department" || a.ID == "van-phong-dang-ky-dat-dai" {
			d.province[a.Branch] = append(d.province[a.Branch], house(a))
		}
	}
	d.successor["cuc-quan-ly-thi-truong"] = "so-cong-thuong" // no successor in the data; its people go on in the department
	merges, err := table("merges-2025")
	if err != nil {
		return d, err
	}
	for _, r := range merges {
		if district := r["old_district_code"]; r["old_province_code"] == "96" && r["scope"] != "part" && !slices.Contains(d.communes[district], r["new_code"]) {
			d.communes[district] = append(d.communes[district], r["new_code"])
		}
	}
	return d, nil
}

// of is the house for the i-th person, who worked in the body.
func (d destinations) of(a directory.Agency, i int) string {
	if key, ok := d.successor[a.ID]; ok {
		return key
	}
	// A district body: one in four goes to the province, the rest to the district's communes.
	if bodies := d.province[a.Branch]; i%4 == 0 && len(bodies) > 0 {
		return bodies[i/4%len(bodies)]
	}
	communes := d.communes[a.UnitCode]
	commune := communes[i%len(communes)]
	switch a.Branch {
	case directory.Party:
		return commune + " party"
	case directory.Government:
		return commune + " committee"
	case directory.Front:
		return d.kinds[commune]["mttq-"]
	}
	prefix := a.ID[:strings.Index(a.ID, "-")+1]
	switch prefix {
	case "ldld-":
		prefix = "cong-doan-"
	case "doan-":
		prefix = "doan-tn-"
	}
	return d.kinds[commune][prefix]
}

// settle places people into the bodies of one house: the highest first into the leading places,
// the others where they did the same work, the rest where there is room.
func (c *careers) settle(bodies []directory.Agency, people []member) {
	var slots []slot
	for _, a := range bodies {
		slots = append(slots, required(a)...)
	}
	slices.SortStableFunc(slots, func(a, b slot) int { return cmp.Compare(a.rank, b.rank) })
	slices.SortStableFunc(people, func(a, b member) int {
		return cmp.Or(cmp.Compare(a.slot.rank, b.slot.rank), cmp.Compare(a.person, b.person))
	})
	leading := func(s slot) bool { return s.rank <= ranks[directory.Deputy] }
	filled := make([]uint64, len(slots))
	place1 := func(fits func(slot, member) bool) {
		for i, s := range slots {
			if filled[i] != 0 {
				continue
			}
			if k := slices.IndexFunc(people, func(m member) bool { return fits(s, m) }); k >= 0 {
				filled[i] = people[k].person
				people = slices.Delete(people, k, k+1)
			}
		}
	}
	place1(func(s slot, m member) bool { return leading(s) && m.slot.rank <= ranks[directory.CaseOfficer] })
	place1(func(s slot, m member) bool { return s.position == m.slot.position })
	place1(func(slot, member) bool { return true })
	for i, s := range slots {
		basis, province := "1655/NQ-UBTVQH15", "096"
		if filled[i] == 0 {
			basis, province = "tuyển dụng, điều động", "096"
			switch {
			case c.w.cameFrom(s.agency.UnitCode) == "95":
				basis, province = "chuyển tiếp từ tỉnh Bạc Liêu", "095"
			case s.agency.Kind == "commune police":
				basis = "điều động từ Công an cấp huyện"
			}
			filled[i] = c.w.hire(twoLevels, twoLevels, province).n
		}
		c.chain(s, filled[i], twoLevels, horizon, basis, province)
	}
	for k, m := range people { // beyond the needs, spread over the house
		s := place(bodies[k%len(bodies)], extra(bodies[k%len(bodies)]), k/len(bodies), false)
		c.chain(s, m.person, twoLevels, horizon, "1655/NQ-UBTVQH15", "096")
	}
}

// cameFrom is the province of before 2025 that a unit of today belonged to.
func (w *World) cameFrom(unit string) string { return w.from[unit] }
