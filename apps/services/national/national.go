// Package national is the list of procedures that ministries published on the National Public Service
// Portal, exactly as read, and what about it is doubtful. It guesses nothing: what is missing or looks
// wrong is flagged for an official, who enters what is right.
//
// law: public-services.md 2 — the catalogue of the portal is dirty: an import must flag, an officer must confirm.
//
//	national  the rows, the result types, and which procedures a ministry's system takes in
//	doubts    what about a row is doubtful, by kind
package national

import (
	"embed"
	"encoding/csv"
	"slices"
	"strings"
	"sync"
)

//go:embed data/*.csv
var data embed.FS

// Row is one procedure as published.
type Row struct {
	Code       string
	Name       string
	Ministry   string   // who published it, such as bo-tu-phap
	Levels     []string // commune, province, ministry, other
	Field      string
	Applicants []string
	Decision   string            // number of the decision that published it
	Limits     map[string]string // by channel, such as "3 wd"; "120 ?" without a unit; a channel that shows none is absent
	Fees       map[string]string // by channel, in đồng; "?" where a text stands; a channel that shows none is absent
	Results    []string          // codes of result types
	Basis      []string          // numbers of legal texts
}

// Channels are the ways to file, in the order of the list.
var Channels = []string{"online", "counter", "post"}

// taken is a procedure of the province's catalogue that a ministry's system takes in.
type taken struct{ Code, NameEN string }

// Rows is how many procedures the list has; whoever has them all need not read it.
const Rows = 2642

var lists = sync.OnceValue(func() (l struct {
	rows    []Row
	results map[string]string
}) {
	for _, r := range read("procedures-national.csv") {
		row := Row{Code: r[0], Name: r[1], Ministry: r[2], Levels: split(r[3], "+"), Field: r[4], Applicants: applicants(r[5]), Decision: r[6],
			Limits: map[string]string{}, Fees: map[string]string{}, Results: split(r[13], "+"), Basis: split(r[14], "+")}
		for i, c := range Channels {
			if v := r[7+i]; v != "" {
				row.Limits[c] = v
			}
			if v := r[10+i]; v != "" {
				row.Fees[c] = v
			}
		}
		l.rows = append(l.rows, row)
	}
	l.results = map[string]string{}
	for _, r := range read("result-types.csv") {
		l.results[r[0]] = r[1]
	}
	return l
})

var ministry = sync.OnceValue(func() (out []taken) {
	for _, r := range read("ministry.csv") {
		out = append(out, taken{r[0], r[3]})
	}
	return out
})

// read is a shipped file without its header.
func read(name string) [][]string {
	f, err := data.Open("data/" + name)
	if err != nil {
		panic(err) // the folder is embedded
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		panic("national: " + name + ": " + err.Error())
	}
	return rows[1:]
}

func split(text, by string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, by)
}

// applicants takes the list apart; two of its items hold commas themselves.
func applicants(text string) []string {
	const organisation, officials = "Tổ chức (không bao gồm doanh nghiệp, HTX)", "Cán bộ, công chức, viên chức"
	var out []string
	for _, whole := range []string{organisation, officials} {
		if rest := strings.Replace(text, whole, "", 1); rest != text {
			out, text = append(out, whole), rest
		}
	}
	for s := range strings.SplitSeq(text, ",") {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, s)
		}
	}
	slices.Sort(out)
	return out
}

// List is the whole list, by code. It must not be changed.
func List() []Row { return lists().rows }

// ResultName is what a result type is called; false where the code is not in the list.
func ResultName(code string) (string, bool) {
	name, ok := lists().results[code]
	return name, ok
}

// Ministry says whether a ministry's system takes a procedure in, and its English name.
// law: public-services.md 2 — a procedure handled on a ministry's central system is not processed in the province's.
func Ministry(code string) (nameEN string, ok bool) {
	i := slices.IndexFunc(ministry(), func(t taken) bool { return t.Code == code })
	if i < 0 {
		return "", false
	}
	return ministry()[i].NameEN, true
}

// Address is where a procedure is found on the National Public Service Portal.
func Address(code string) string {
	return "https://dichvucong.gov.vn/tim-kiem-thu-tuc-hanh-chinh?keyword=" + code
}
