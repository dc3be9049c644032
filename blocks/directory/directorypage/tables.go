package directorypage

import (
	"context"
	"slices"
	"time"

	"datmui/blocks/directory"
	"datmui/kit/lang"
	"datmui/kit/ui"
)

func agencyRows(ctx context.Context, v view, list []directory.Agency) []ui.GoItem {
	out := make([]ui.GoItem, len(list))
	for i, a := range list {
		out[i] = ui.GoItem{Text: agencyName(ctx, a), Href: v.to(pathAgency(a.ID)), More: kindName(ctx, a)}
		if a.Identifier != "" {
			out[i].End = ui.Code(a.Identifier)
		}
	}
	return out
}

// changesTable tells what became of the unit's territory.
func changesTable(ctx context.Context, b browseView) ui.Table {
	t := ui.Table{Label: lang.T(ctx, "directory.changes"), Columns: []ui.Column{
		{Text: lang.T(ctx, "directory.change.old")}, {Text: lang.T(ctx, "directory.change.new"), Fold: lang.T(ctx, "directory.change.new")},
		{Text: lang.T(ctx, "directory.change.day"), Fold: lang.T(ctx, "directory.change.day")},
		{Text: lang.T(ctx, "directory.change.by"), Fold: lang.T(ctx, "directory.change.by")},
	}}
	for _, c := range b.Changes {
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: c.OldName, Sub: c.OldCode, SubCode: true},
			{Text: c.NewName, Sub: lang.T(ctx, "directory.scope."+c.Scope)},
			{Text: lang.Numeric(c.Day)},
			{Text: c.Resolution},
		}})
	}
	return t
}

func agencyFacts(ctx context.Context, a agencyView) []ui.Fact {
	facts := []ui.Fact{
		{Name: lang.T(ctx, "directory.fact.unit"), Body: linkTo(a.to("/directory", "unit", a.UnitCode), unitName(ctx, a.Unit))},
		{Name: lang.T(ctx, "directory.fact.valid"), Text: spanText(ctx, a.ValidFrom, a.ValidTo)},
	}
	if a.Parent.ID != "" {
		facts = append(facts, ui.Fact{Name: lang.T(ctx, "directory.fact.parent"), Body: linkTo(a.to(pathAgency(a.Parent.ID)), agencyName(ctx, a.Parent))})
	}
	identifier := ui.Fact{Name: lang.T(ctx, "directory.fact.identifier"), Text: lang.T(ctx, "directory.fact.identifier.none")}
	if a.Identifier != "" {
		identifier.Text, identifier.Body = "", ui.Code(a.Identifier)
	}
	return append(facts, identifier)
}

func postsTable(ctx context.Context, a agencyView) ui.Table {
	t := ui.Table{Label: lang.T(ctx, "directory.people.of", "count", len(a.Posts)), Columns: []ui.Column{
		{Text: lang.T(ctx, "directory.col.name")}, {Text: lang.T(ctx, "directory.col.title"), Fold: lang.T(ctx, "directory.col.title")},
		{Text: lang.T(ctx, "directory.col.since"), Fold: lang.T(ctx, "directory.col.since")},
	}}
	for _, p := range a.Posts {
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: p.Name, Href: a.to(pathPerson(p.Person))},
			{Text: p.Title},
			{Text: spanText(ctx, p.ValidFrom, p.ValidTo)},
		}})
	}
	return t
}

func peopleTable(ctx context.Context, s peopleView) ui.Table {
	t := ui.Table{Label: lang.T(ctx, "directory.people.title"), Columns: []ui.Column{
		{Text: lang.T(ctx, "directory.col.name")}, {Text: lang.T(ctx, "directory.col.title"), Fold: lang.T(ctx, "directory.col.title")},
		{Text: lang.T(ctx, "directory.col.agency"), Fold: lang.T(ctx, "directory.col.agency")},
	}}
	for _, c := range s.Page.Rows {
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: c.Name, Href: s.to(pathPerson(c.ID))}, {Text: c.Title}, {Text: c.Body, Href: s.to(pathAgency(c.Agency))},
		}})
	}
	return t
}

// history joins what the body took over, what took it over, and its own changes, newest first.
func history(ctx context.Context, a agencyView) []ui.Event {
	type dated struct {
		day time.Time
		ui.Event
	}
	var all []dated
	for _, s := range a.Lineage {
		key, id, name := "directory.took-over", s.OldID, s.OldName
		if s.OldID == a.ID {
			key, id, name = "directory.went-into", s.NewID, s.NewName
		}
		// The other body is shown as of a day on which it is there.
		at := s.Day
		if id == s.OldID {
			at = s.Day.AddDate(0, 0, -1)
		}
		v := a.view
		v.At, v.Today = at, false
		all = append(all, dated{s.Day, ui.Event{Title: lang.T(ctx, key), Who: joined(lang.Date(ctx, s.Day), s.Basis), Mark: "note", Body: linkTo(v.to(pathAgency(id)), name)}})
	}
	for _, s := range a.Versions[1:] {
		all = append(all, dated{s.ValidFrom, ui.Event{Title: lang.T(ctx, "directory.new-state", "name", agencyName(ctx, s)),
			Who: joined(lang.Date(ctx, s.ValidFrom), lang.T(ctx, "directory.code", "code", s.UnitCode)), Mark: "done"}})
	}
	slices.SortStableFunc(all, func(x, y dated) int { return y.day.Compare(x.day) })
	out := make([]ui.Event, len(all))
	for i, e := range all {
		out[i] = e.Event
	}
	return out
}

func joined(a, b string) string {
	if b == "" {
		return a
	}
	return a + " · " + b
}

func positionOptions(ctx context.Context, list []directory.Position) []ui.Option {
	out := []ui.Option{{Value: "", Label: lang.T(ctx, "directory.choose")}}
	for _, p := range list {
		label := p.NameVi
		if lang.From(ctx) == lang.English {
			label = p.NameEn
		}
		out = append(out, ui.Option{Value: p.Key, Label: label})
	}
	return out
}

func lendings(ctx context.Context, s personView) []lending {
	out := make([]lending, len(s.Delegations))
	for i, d := range s.Delegations {
		out[i] = lending{Delegation: d, Text: lang.T(ctx, "directory.lent", "giver", d.Giver, "taker", d.TakerName, "title", d.Title, "body", d.Body),
			More: joined(lang.T(ctx, "directory.form."+d.Form), spanText(ctx, d.ValidFrom, &d.ValidTo)),
			End:  s.Self && d.Taker != s.ID || s.Actor.May(directory.Manage, d.Agency) && d.Taker != s.Actor.ID}
	}
	return out
}

type lending struct {
	directory.Delegation
	Text, More string
	End        bool // the reader may take it back
}
