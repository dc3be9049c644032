package calendarpage

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"datmui/blocks/calendar"
	"datmui/kit/fault"
	"datmui/kit/lang"
	"datmui/kit/ui"
)

// draftView is what the page of a draft shows.
type draftView struct {
	Frame  ui.Frame
	Draft  calendar.Year
	Rows   []row
	Moved  []calendar.Moved
	In     calendar.PublishIn
	Faults fault.Fields
}

// row is a day as it was typed. A row without a date is left out: so days are removed.
type row struct{ Date, Holiday, Kind, For, Status, Note string }

// empty rows stand at the end for days to add.
const empty = 3

func rowOf(d calendar.Day) row {
	r := row{Date: d.Date.String(), Holiday: d.Holiday, Kind: string(d.Kind), Status: d.Status, Note: d.Note}
	if d.For != 0 {
		r.For = d.For.String()
	}
	return r
}

// most is more days than any year has exceptions.
const most = 120

func readRows(r *http.Request) (rows []row) {
	_ = r.ParseForm() // a broken body leaves no rows, and the act says so
	for i := range most {
		name := func(field string) string { return fmt.Sprintf("days.%d.%s", i, field) }
		if !r.Form.Has(name("date")) {
			break
		}
		get := func(field string) string { return strings.TrimSpace(r.Form.Get(name(field))) }
		x := row{get("date"), get("holiday"), get("kind"), get("for"), get("status"), get("note")}
		if x.Date != "" {
			rows = append(rows, x)
		}
	}
	return rows
}

// daysOf reads the rows; days that are entered or changed by hand count as announced.
func daysOf(rows []row) ([]calendar.Day, fault.Fields) {
	f := fault.Fields{}
	days := []calendar.Day{}
	for i, x := range rows {
		d := calendar.Day{Holiday: x.Holiday, Kind: calendar.Kind(x.Kind), Status: x.Status, Note: x.Note}
		var err error
		if d.Date, err = calendar.ParseDate(x.Date); err != nil {
			f.Set(fmt.Sprintf("days.%d.date", i), "invalid")
		}
		if x.For != "" {
			if d.For, err = calendar.ParseDate(x.For); err != nil {
				f.Set(fmt.Sprintf("days.%d.for", i), "invalid")
			}
		}
		if d.Kind == calendar.Statutory {
			d.For = 0
		}
		if d.Status == "" {
			d.Status = "announced"
		}
		days = append(days, d)
	}
	return days, f
}

func asFields(err error) (fault.Fields, bool) { return errors.AsType[fault.Fields](err) }

// lines of the error summary, in the order of the page.
func (v draftView) lines(ctx context.Context) (out []ui.ErrorLine) {
	for _, name := range slices.Sorted(maps.Keys(v.Faults)) {
		out = append(out, ui.ErrorLine{Field: name, Text: v.fault(ctx, name)})
	}
	return out
}

func (v draftView) fault(ctx context.Context, name string) string {
	code, ok := v.Faults[name]
	if !ok {
		return ""
	}
	code, n, _ := strings.Cut(code, ":")
	if !strings.HasPrefix(name, "days.") {
		return ui.Form{Prefix: "calendar.publish", Faults: v.Faults}.Fault(ctx, name)
	}
	var i int
	_, _ = fmt.Sscanf(name, "days.%d.", &i)
	key := "calendar.draft.fault." + code
	if !lang.Has(ctx, key) {
		key = "calendar.draft.fault.invalid"
	}
	return lang.T(ctx, key, "row", i+1, "n", n, "year", strconv.Itoa(v.Draft.Year))
}

// field is a control in a row of the table: its name is said, not shown.
func (v draftView) field(ctx context.Context, i int, part, value string) cellField {
	name := fmt.Sprintf("days.%d.%s", i, part)
	return cellField{Name: name, Value: value, Fault: v.fault(ctx, name),
		Label: lang.T(ctx, "calendar.draft."+part) + ", " + lang.T(ctx, "calendar.draft.row", "row", i+1)}
}

type cellField struct{ Name, Label, Value, Fault string }

func (f cellField) id() string { return ui.FieldID(f.Name) }

func (v draftView) allRows() []row { return append(slices.Clone(v.Rows), make([]row, empty)...) }

// holidays are the names a day can have.
var holidays = []string{"new-year", "tet", "hung-kings", "reunification", "labour", "national", "culture", "other"}

func holidayOptions(ctx context.Context) (out []ui.Option) {
	for _, h := range holidays {
		out = append(out, ui.Option{Value: h, Label: lang.T(ctx, "calendar.holiday."+h)})
	}
	return out
}

func kindOptions(ctx context.Context) (out []ui.Option) {
	for _, k := range calendar.Kinds {
		out = append(out, ui.Option{Value: string(k), Label: lang.T(ctx, "calendar.kind."+string(k))})
	}
	return out
}

func movedTable(ctx context.Context, moved []calendar.Moved) ui.Table {
	t := ui.Table{Label: lang.T(ctx, "calendar.moved"), Columns: []ui.Column{
		{Text: lang.T(ctx, "calendar.moved.code")},
		{Text: lang.T(ctx, "calendar.moved.old"), Fold: lang.T(ctx, "calendar.moved.old")},
		{Text: lang.T(ctx, "calendar.moved.new"), Fold: lang.T(ctx, "calendar.moved.new")},
	}}
	for _, m := range moved[:min(len(moved), 200)] {
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: m.Code, Code: true}, {Text: lang.DateTime(ctx, m.Due)}, {Text: lang.DateTime(ctx, m.New.Carry)}}})
	}
	return t
}
