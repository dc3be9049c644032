package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"datmui/blocks/calendar"
	"datmui/blocks/directory/idnumber"
	"datmui/blocks/pay"
	"datmui/kit/clock"
	"datmui/kit/fault"
)

// calcStatus ends the help of every calculation.
const calcStatus = "Needs no database, no data folder and no server. Exit status: 0 answered, 2 wrong input: one sentence on standard error. -- ends the options."

// CalcCmd works out what the rules say, without a database: on the shipped calendar and fees.
type CalcCmd struct {
	Deadline CalcDeadline `cmd:"" help:"Until when an answer is due."`
	Lunar    CalcLunar    `cmd:"" help:"Tết, Hùng Kings' day and the leap month of a year."`
	Fee      CalcFee      `cmd:"" help:"What a procedure costs."`
	Vietqr   CalcVietQR   `cmd:"" help:"Write or read a bank transfer code."`
	ID       CalcID       `cmd:"" help:"Judge the form of a number: cccd, cmnd, mst, bhyt or phone."`
}

// badInput says what is wrong and ends with status 2.
func badInput(k *kong.Kong, err error) error {
	fmt.Fprintln(k.Stderr, "datmui:", brief(err.Error()))
	return exit(2)
}

// printJSON writes v on one line, with the letters as they are.
func printJSON(out io.Writer, v any) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return err
	}
	_, err := out.Write(b.Bytes())
	return err
}

// pairs reads name=value, each name once.
func pairs(set []string) (map[string]string, error) {
	out := map[string]string{}
	for _, s := range set {
		name, value, ok := strings.Cut(s, "=")
		if !ok || name == "" {
			return nil, fmt.Errorf("--set %s: write name=value", s)
		}
		if _, twice := out[name]; twice {
			return nil, fmt.Errorf("--set %s is given twice", name)
		}
		out[name] = value
	}
	return out, nil
}

// CalcLunar prints the days of a lunar year.
type CalcLunar struct {
	Year string `placeholder:"YEAR" help:"1900 to 2199."`
	Zone string `default:"7" placeholder:"HOURS" help:"Hours east of Greenwich: 7 in Vietnam, 8 in China (7)."`
	JSON bool   `name:"json" help:"Print JSON: {\"tet\",\"hung_kings\",\"leap_month\"}; leap_month is null in a year without one."`
}

// Help tells the contract.
func (c *CalcLunar) Help() string { return calcStatus }

// Run prints the answer.
func (c *CalcLunar) Run(out io.Writer, k *kong.Kong) error {
	year, err := strconv.Atoi(c.Year)
	if err != nil || strconv.Itoa(year) != c.Year || year < calendar.FirstLunarYear || year > calendar.LastLunarYear {
		return badInput(k, fmt.Errorf("--year must be a year from %d to %d, not %q", calendar.FirstLunarYear, calendar.LastLunarYear, c.Year))
	}
	if c.Zone != "7" && c.Zone != "8" {
		return badInput(k, fmt.Errorf("--zone must be 7 or 8, not %q", c.Zone))
	}
	z := calendar.Zone(c.Zone[0] - '0')
	answer := struct {
		Tet       string `json:"tet"`
		HungKings string `json:"hung_kings"`
		LeapMonth *int   `json:"leap_month"`
	}{Tet: z.Tet(year).String(), HungKings: z.HungKings(year).String()}
	if m := z.LeapMonth(year); m != 0 {
		answer.LeapMonth = &m
	}
	if c.JSON {
		return printJSON(out, answer)
	}
	fmt.Fprintf(out, "Tết %s\nHùng Kings %s\n", answer.Tet, answer.HungKings)
	if answer.LeapMonth != nil {
		fmt.Fprintf(out, "leap month %d\n", *answer.LeapMonth)
	}
	return nil
}

// CalcFee prints what a procedure costs.
type CalcFee struct {
	Procedure string   `placeholder:"CODE" help:"Code of the procedure, such as 2.000815."`
	Set       []string `sep:"none" placeholder:"NAME=VALUE" help:"A fact the fee depends on, repeatable: channel (online, counter, post), pages, copies, events, cases, deals, tonnes (up to three decimals), kind (new, reissue, list, single, urban, rural … as the procedure has it), subject (none, merit, poor, near-poor, disabled, child, elderly), date (2026-11-23; today), days_after_birth, days_after_death."`
	JSON      bool     `name:"json" help:"Print JSON: {\"amount\",\"lines\",\"basis\"}; amount is null where nobody has entered it or a fact is missing (\"needs\"), never 0 for unknown."`
}

// why is what a code of fault.Fields means on the command line.
var why = map[string]string{
	"unknown-name":          "no such name; there are " + strings.Join(pay.FactNames, ", "),
	"unknown-value":         "not known here",
	"channel unknown-value": "must be online, counter or post",
	"tonnes not-a-number":   "must be a number without sign or separators, with up to three decimals",
	"not-a-number":          "must be a whole number without sign or separators",
	"not-a-date":            "must be a date like 2026-11-23, from 2000 to 2059",
	"out-of-range":          "outside of what can be",
	"six-digits":            "must be six digits",
	"card-number":           "must be a card number of 12 to 19 digits",
	"account-number":        "must be 1 to 19 letters and digits",
	"too-long":              "must have at most 25 characters",
	"not-ascii":             "must be printable ASCII without spaces around it",
}

// spoken puts the fields at fault into words; prefix stands before each name.
func spoken(err error, prefix string) error {
	f, ok := errors.AsType[fault.Fields](err)
	if !ok {
		return err
	}
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(f)) {
		parts = append(parts, prefix+name+": "+cmp.Or(why[name+" "+f[name]], why[f[name]], f[name]))
	}
	return errors.New(strings.Join(parts, "; "))
}

// Help tells the contract.
func (c *CalcFee) Help() string { return calcStatus }

// Run prints the answer.
func (c *CalcFee) Run(out io.Writer, k *kong.Kong) error {
	set, err := pairs(c.Set)
	if err != nil {
		return badInput(k, err)
	}
	facts, err := pay.ParseFacts(set, calendar.DateOf(time.Now()))
	if err != nil {
		return badInput(k, spoken(err, "--set "))
	}
	fee, err := pay.Shipped().Fee(c.Procedure, facts)
	if f, ok := errors.AsType[fault.Fields](err); ok && f["procedure"] != "" {
		return badInput(k, fmt.Errorf("--procedure: %q is no procedure of the fee schedule", c.Procedure))
	} else if ok && f["subject"] == "unknown-value" {
		return badInput(k, fmt.Errorf("--set subject must be one of %s, not %q", strings.Join(pay.Shipped().Subjects, ", "), facts.Subject))
	} else if ok && f["kind"] == "unknown-value" {
		return badInput(k, fmt.Errorf("--set kind must be one of %s, not %q", strings.Join(pay.Shipped().Kinds(c.Procedure), ", "), facts.Kind))
	} else if err != nil {
		return badInput(k, spoken(err, "--set "))
	}
	if c.JSON {
		return printJSON(out, fee)
	}
	if fee.Known {
		fmt.Fprintf(out, "%d đồng\n", fee.Amount)
	}
	_, err = fmt.Fprintln(out, fee.Basis.Vi)
	return err
}

// CalcVietQR writes or reads a transfer code.
type CalcVietQR struct {
	Bin     string  `placeholder:"BIN" help:"Six digits of the payee's bank."`
	Account string  `placeholder:"NUMBER" help:"The payee's account, or card with --card."`
	Amount  string  `placeholder:"DONG" help:"Whole đồng; left out, the payer chooses."`
	Purpose string  `placeholder:"TEXT" help:"Up to 25 ASCII characters."`
	Card    bool    `help:"The account is a card number."`
	Read    *string `placeholder:"CODE" help:"Judge this code instead: {\"verdict\",\"reasons\",\"fields\"}, status 0 whatever the verdict."`
	JSON    bool    `name:"json" help:"Print JSON: {\"vietqr\"}, or the judgement of --read."`
}

// Help tells the contract.
func (c *CalcVietQR) Help() string { return calcStatus }

// Run prints the answer.
func (c *CalcVietQR) Run(out io.Writer, k *kong.Kong) error {
	if c.Read != nil {
		if c.Bin+c.Account+c.Amount+c.Purpose != "" || c.Card {
			return badInput(k, errors.New("--read takes nothing but --json"))
		}
		return c.read(out, *c.Read)
	}
	q := pay.QR{BIN: c.Bin, Account: c.Account, Purpose: c.Purpose, Card: c.Card}
	if c.Amount != "" {
		n, err := strconv.ParseInt(c.Amount, 10, 64)
		if err != nil || n <= 0 || strconv.FormatInt(n, 10) != c.Amount {
			return badInput(k, fmt.Errorf("--amount: %q is no sum in whole đồng", c.Amount))
		}
		q.Amount = n
	}
	code, err := pay.BuildQR(q)
	if f, ok := errors.AsType[fault.Fields](err); ok {
		if f["purpose"] == "not-ascii" {
			err = fmt.Errorf("--purpose: %s; it could be %q", why["not-ascii"], pay.Purpose(c.Purpose))
		} else {
			err = spoken(err, "--")
		}
		return badInput(k, err)
	} else if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(out, map[string]string{"vietqr": code})
	}
	_, err = fmt.Fprintln(out, code)
	return err
}

func (c *CalcVietQR) read(out io.Writer, code string) error {
	r := pay.ReadQR(code)
	if c.JSON {
		return printJSON(out, r)
	}
	fmt.Fprintln(out, strings.Join(append([]string{string(r.Verdict)}, r.Reasons...), " "))
	if f := r.Fields; f != nil {
		fmt.Fprintf(out, "%s %s %s %d đồng %s\n", f.BIN, f.Bank, f.Account, f.Amount, f.Purpose)
	}
	return nil
}

// CalcID judges a number.
type CalcID struct {
	Kind  string   `placeholder:"KIND" help:"cccd, cmnd, mst, bhyt or phone."`
	Set   []string `sep:"none" placeholder:"NAME=VALUE" help:"What the person declares, repeatable: sex (male, female), birth (2004 or 2004-05-31)."`
	JSON  bool     `name:"json" help:"Print JSON: {\"verdict\":\"valid|warn|invalid\",\"normalised\",\"reasons\"}, status 0 whatever the verdict."`
	Value string   `arg:"" help:"The number. A value that begins with - stands after --."`
}

// Help tells the contract.
func (c *CalcID) Help() string { return calcStatus }

// Run prints the answer.
func (c *CalcID) Run(out io.Writer, k *kong.Kong) error {
	if !slices.Contains(idnumber.Kinds, idnumber.Kind(c.Kind)) {
		return badInput(k, fmt.Errorf("--kind must be cccd, cmnd, mst, bhyt or phone, not %q", c.Kind))
	}
	set, err := pairs(c.Set)
	if err != nil {
		return badInput(k, err)
	}
	h := idnumber.Hints{Now: time.Now().In(clock.Vietnam)}
	for name, v := range set {
		switch {
		case name == "sex" && (v == "male" || v == "female"):
			h.Sex = v
		case name == "birth":
			if h.Birth, err = birthYear(v); err != nil {
				return badInput(k, err)
			}
		case name == "sex":
			return badInput(k, fmt.Errorf("--set sex must be male or female, not %q", v))
		default:
			return badInput(k, fmt.Errorf("--set %s: there are sex and birth", name))
		}
	}
	r := idnumber.Check(idnumber.Kind(c.Kind), c.Value, h)
	if c.JSON {
		return printJSON(out, r)
	}
	_, err = fmt.Fprintln(out, strings.Join(append([]string{string(r.Verdict), r.Normalised}, r.Reasons...), " "))
	return err
}

func birthYear(v string) (int, error) {
	if d, err := calendar.ParseDate(v); err == nil {
		return d.Year(), nil
	}
	y, err := strconv.Atoi(v)
	if err != nil || len(v) != 4 || y < 1800 {
		return 0, fmt.Errorf("--set birth must be a year or a date, not %q", v)
	}
	return y, nil
}
