package demo

import (
	"fmt"
	"iter"
	"math"
	"time"

	"datmui/blocks/directory"
)

// hamlets name where people live; ấp in communes, khóm in wards and towns.
var hamlets = []string{"Mũi", "Rạch Tàu", "Kênh Một", "Cái Mòi", "Tân Tiến", "Vàm Ông Định", "Xóm Rẫy", "Kinh Ba", "Hòa Trung", "Cây Khô"}

// Citizens yields the citizens at large one by one; nothing is kept in memory.
func (w *World) Citizens() iter.Seq2[directory.Person, time.Time] {
	return func(yield func(directory.Person, time.Time) bool) {
		shares := w.shares()
		used := &numbers{used: map[string]int{}}
		for head, n := range w.numbers.used { // a second walk gives the same numbers again
			used.used[head] = n
		}
		for n := range uint64(w.citizens()) {
			p, known := w.citizen(n, shares, used)
			if !yield(p, known) {
				return
			}
		}
	}
}

// citizens is how many there are beside those with a demonstration account.
func (w *World) citizens() int { return CitizensAtScale1*w.scale - len(w.neighbour) }

// shares gives each commune of the as-of day a population: some are three times as large as others.
func (w *World) shares() wheel {
	var out wheel
	r := w.draws(ofCitizen, 1<<40)
	for _, c := range w.communes {
		out.add(c.Code, 1+2*r.Float64())
	}
	return out
}

func (w *World) citizen(n uint64, shares wheel, used *numbers) (directory.Person, time.Time) {
	r := w.draws(ofCitizen, n)
	commune := w.communes[shares.pick(r)]
	p := directory.Person{ID: w.id(ofCitizen, n), Citizen: true, Sex: "male", ResidenceUnit: commune.Code}
	if r.Float64() < 0.495 {
		p.Sex = "female"
	}
	// More young than old: the root of an even draw leans to the recent end.
	age := 92 * (1 - math.Sqrt(r.Float64()))
	born := w.AsOf.AddDate(0, 0, -int(age*365.25))
	p.BirthDate = &born
	p.Name = w.names.draw(r, p.Sex)
	province := "096"
	if w.cameFrom(commune.Code) == "95" {
		province = "095"
	}
	if r.Float64() < 0.02 {
		province = []string{"094", "091", "079", "089"}[r.IntN(4)] // born elsewhere
	}
	// law: public-services.md 13 — foreigners and old people may lack a number.
	if age < 75 || r.Float64() > 0.08 {
		p.PersonalID = used.next(province, p.Sex, born)
	}
	if age >= 15 && r.Float64() < 0.9 {
		p.Phone = phone(5_000_000 + n)
		if r.Float64() < 0.2 {
			p.Email = mail(p.Name, n, "congdan.example")
		}
	}
	hamlet := "Ấp"
	if commune.Kind != "xã" {
		hamlet = "Khóm"
	}
	p.Residence = fmt.Sprintf("%s %s", hamlet, hamlets[r.IntN(len(hamlets))])
	known := born
	if since := day("2021-07-01"); known.Before(since) { // when numbers of the population database became usable
		known = since
	}
	return p, known
}
