package services

import (
	"cmp"
	"slices"

	"datmui/apps/services/find"
	"datmui/apps/services/national"
	"datmui/blocks/pay"
)

// ShippedProcedures is the catalogue that comes with the program, as it is looked through: the
// procedures with a definition of ours beside the national list.
func ShippedProcedures() ([]find.Entry, error) {
	defs, err := Shipped()
	if err != nil {
		return nil, err
	}
	fees := pay.Shipped()
	by := map[string]find.Entry{}
	for _, r := range national.List() {
		en, _ := national.Ministry(r.Code)
		by[r.Code] = find.Entry{Code: r.Code, Title: r.Name, TitleEN: en}
	}
	for _, d := range defs {
		if isPart(d.Code) { // found as its set
			continue
		}
		_, elsewhere := national.Ministry(d.Code)
		by[d.Code] = find.Entry{Code: d.Code, Title: d.Name, TitleEN: d.NameEN, Words: d.Words, Open: !elsewhere && len(d.Missing(fees)) == 0}
	}
	list := make([]find.Entry, 0, len(by))
	for _, e := range by {
		list = append(list, e)
	}
	slices.SortFunc(list, func(a, b find.Entry) int { return cmp.Compare(a.Code, b.Code) })
	return list, nil
}
