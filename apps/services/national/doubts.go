package national

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Kind is what is doubtful about a fact.
type Kind string

// The kinds, in the order in which an official is shown them.
const (
	LimitUnit     Kind = "limit-unit"     // a number without a unit: "120 ?"
	LimitNone     Kind = "limit-none"     // a channel that has a fee shows no limit, or no channel shows any
	LimitDiffers  Kind = "limit-differs"  // the channels show different limits
	FeeText       Kind = "fee-text"       // a text where an amount is wanted
	FeeSmall      Kind = "fee-small"      // below 1,000 đồng: 700 where the law says 700,000
	FeeWritten    Kind = "fee-written"    // written with zeros before it: "000"
	FeeDiffers    Kind = "fee-differs"    // one channel asks a hundred times what another does
	FeeNone       Kind = "fee-none"       // no channel shows a fee
	LevelUnknown  Kind = "level-unknown"  // "other", or none
	LevelName     Kind = "level-name"     // the name says another level than the list
	LevelDistrict Kind = "level-district" // the name speaks of the district, which is no level any more
	ResultNone    Kind = "result-none"
	ResultCode    Kind = "result-code"    // no code of a result type of a ministry: KQ.H52.000004
	ResultUnknown Kind = "result-unknown" // well formed, but not among the result types
	NameTwice     Kind = "name-twice"     // another procedure has the same name
	NameUntidy    Kind = "name-untidy"    // the name holds its code, or spaces and points astray
	DecisionForm  Kind = "decision-form"  // no number of a decision: "Demo/QĐ-BCA"
	BasisNone     Kind = "basis-none"     // no legal basis is shown
	OtherProvince Kind = "other-province" // published by the committee of another province
)

// Kinds lists them all.
var Kinds = []Kind{LimitUnit, LimitNone, LimitDiffers, FeeText, FeeSmall, FeeWritten, FeeDiffers, FeeNone, LevelUnknown, LevelName, LevelDistrict,
	ResultNone, ResultCode, ResultUnknown, NameTwice, NameUntidy, DecisionForm, BasisNone, OtherProvince}

// Doubt is one doubtful fact of a procedure.
type Doubt struct {
	Kind Kind
	Part string // the channel or the result code it is about; "" the whole row
	Raw  string // as published; "" where nothing is
}

// Doubts are the doubtful facts of every procedure that has any, by code.
var Doubts = sync.OnceValue(func() map[string][]Doubt {
	names := map[string]int{}
	for _, r := range List() {
		names[r.Name]++
	}
	out := map[string][]Doubt{}
	for _, r := range List() {
		if d := doubts(r, names[r.Name] > 1); len(d) > 0 {
			out[r.Code] = d
		}
	}
	return out
})

var (
	decisionNumber = regexp.MustCompile(`^\d+[a-z]?/QĐ-[\p{Lu}]+(-[\p{Lu}\d]+)?$`)
	resultCode     = regexp.MustCompile(`^KQ\.G\d\d\.\d{6}$`)
	localResult    = regexp.MustCompile(`^KQ\.H\d\d\.\d+$`)
	limitShown     = regexp.MustCompile(`^\d+ (wd|cd|h|month|min)$`)
)

// leastFee is below what any fee can be, in đồng: who writes 700 means 700,000.
const leastFee = 1000

func doubts(r Row, twice bool) (out []Doubt) {
	flag := func(is bool, k Kind, part, raw string) {
		if is {
			out = append(out, Doubt{k, part, raw})
		}
	}
	var amounts []int
	shown := map[string]bool{}
	for _, c := range Channels {
		limit, fee := r.Limits[c], r.Fees[c]
		flag(limit != "" && !limitShown.MatchString(limit), LimitUnit, c, limit)
		flag(limit == "" && fee != "", LimitNone, c, "")
		flag(fee == "?", FeeText, c, fee)
		if limit != "" {
			shown[limit] = true
		}
		amount, err := strconv.Atoi(fee)
		if err != nil {
			continue
		}
		amounts = append(amounts, amount)
		flag(amount > 0 && amount < leastFee, FeeSmall, c, fee)
		flag(strconv.Itoa(amount) != fee, FeeWritten, c, fee)
	}
	flag(len(r.Limits) == 0 && len(r.Fees) == 0, LimitNone, "", "")
	flag(len(shown) > 1, LimitDiffers, "", join(r.Limits))
	if least, most := extremes(amounts); least > 0 {
		flag(most/least >= 100, FeeDiffers, "", join(r.Fees))
	}
	flag(len(r.Fees) == 0, FeeNone, "", "")

	name := strings.ToLower(r.Name)
	flag(len(r.Levels) == 0 || slices.Contains(r.Levels, "other"), LevelUnknown, "", strings.Join(r.Levels, "+"))
	for _, l := range [][2]string{{"commune", "(thực hiện tại cấp xã)"}, {"province", "(thực hiện tại cấp tỉnh)"}, {"ministry", "(thực hiện tại cấp trung ương)"},
		{"commune", "(cấp xã)"}, {"province", "(cấp tỉnh)"}, {"ministry", "(cấp trung ương)"}} {
		flag(strings.Contains(name, l[1]) && !slices.Contains(r.Levels, l[0]), LevelName, "", strings.Join(r.Levels, "+"))
	}
	flag(strings.Contains(name, "cấp huyện"), LevelDistrict, "", strings.Join(r.Levels, "+"))

	flag(len(r.Results) == 0, ResultNone, "", "")
	local := strings.Contains(r.Decision, "QĐ-UBND")
	for _, code := range r.Results {
		_, known := ResultName(code)
		flag(!resultCode.MatchString(code), ResultCode, code, code)
		flag(resultCode.MatchString(code) && !known, ResultUnknown, code, code)
		local = local || localResult.MatchString(code)
	}
	flag(twice, NameTwice, "", r.Name)
	flag(strings.Contains(r.Name, r.Code) || strings.HasSuffix(strings.TrimSpace(r.Name), ".") || strings.Join(strings.Fields(r.Name), " ") != r.Name,
		NameUntidy, "", r.Name)
	flag(!decisionNumber.MatchString(r.Decision), DecisionForm, "", r.Decision)
	flag(len(r.Basis) == 0, BasisNone, "", "")
	flag(local, OtherProvince, "", r.Decision)
	return out
}

// extremes are the least and the most of what is asked; 0 where nothing is.
func extremes(amounts []int) (least, most int) {
	for _, a := range amounts {
		if a > 0 && (least == 0 || a < least) {
			least = a
		}
		most = max(most, a)
	}
	return least, most
}

// join is what the channels show, in one line.
func join(by map[string]string) string {
	var out []string
	for _, c := range Channels {
		if v := by[c]; v != "" {
			out = append(out, c+" "+v)
		}
	}
	return strings.Join(out, ", ")
}
