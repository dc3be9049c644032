package directorypage

import (
	"context"
	"encoding/csv"
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"

	"github.com/google/uuid"

	"datmui/blocks/directory"
	"datmui/kit/fault"
	"datmui/kit/lang"
	"datmui/kit/ui"
	"datmui/kit/web"
)

// previewRows is how many rows of a preview are shown; those with a fault come first.
const previewRows = 200

type importView struct {
	view
	Form    ui.Form
	Preview directory.ImportPreview
}

func (p *Pages) importForm(w http.ResponseWriter, r *http.Request) error {
	return p.showImport(w, r, nil)
}

func (p *Pages) showImport(w http.ResponseWriter, r *http.Request, faults fault.Fields) error {
	v, err := p.view(r)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if faults.Any() {
		status, v.Frame.Errors = http.StatusUnprocessableEntity, true
	}
	return web.Render(w, r, status, importPage(importView{view: v, Form: ui.Form{Prefix: "directory.import", Faults: faults}}))
}

// preview reads the file and shows what it would do; nothing is changed.
func (p *Pages) preview(w http.ResponseWriter, r *http.Request) error {
	name, data, err := uploaded(r)
	var preview directory.ImportPreview
	if err == nil {
		preview, err = p.directory.PreviewImport(r.Context(), name, data)
	}
	if faults, ok := errors.AsType[fault.Fields](err); ok {
		if column := faults["column"]; column != "" { // which one is missing stands in the text of "file"
			faults = fault.Fields{"file": faults["file"] + "." + column}
		}
		return p.showImport(w, r, faults)
	} else if err != nil {
		return err
	}
	v, err := p.view(r)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if preview.Faulty > 0 {
		status, v.Frame.Errors = http.StatusUnprocessableEntity, true
	}
	return web.Render(w, r, status, previewPage(importView{view: v, Preview: preview}))
}

func uploaded(r *http.Request) (string, []byte, error) {
	if err := web.Multipart(r); err != nil {
		if large, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return "", nil, large
		}
		return "", nil, fault.Fields{"file": "required"} // no form with a file in it
	}
	f, head, err := r.FormFile("file")
	if errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart) {
		return "", nil, fault.Fields{"file": "required"}
	} else if err != nil {
		return "", nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, directory.MaxSheetBytes+1))
	return head.Filename, data, err
}

// confirm carries the draft out.
func (p *Pages) confirm(w http.ResponseWriter, r *http.Request) error {
	draft, err := uuid.Parse(r.PathValue("draft"))
	if err != nil {
		return fault.NotFound("directory.draft")
	}
	if _, err := p.directory.Import(r.Context(), draft); err != nil {
		return err
	}
	return web.SeeOther(w, r, "/directory", "directory.import.done")
}

// sample is a file with the headings and one line, to begin from. Excel takes it for UTF-8 by its mark.
func (p *Pages) sample(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="can-bo.csv"`)
	if _, err := io.WriteString(w, "\xEF\xBB\xBF"); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.Comma = ';'
	head := make([]string, len(directory.ImportColumns))
	for i, c := range directory.ImportColumns {
		head[i] = c.Vi
	}
	return out.WriteAll([][]string{head, {"Nguyễn Thị Mẫu", "096190000001", "14/3/1990", "Nữ", "0500000001", "mau@camau.example",
		"ubnd-xa-dat-mui-2025", "Văn thư", "Văn thư", "1/12/2026", "12/QĐ-UBND"}})
}

func previewTable(ctx context.Context, v importView) ui.Table {
	t := ui.Table{Label: lang.T(ctx, "directory.import.check"), Columns: []ui.Column{
		{Text: lang.T(ctx, "directory.import.line")},
		{Text: lang.T(ctx, "directory.col.name"), Fold: lang.T(ctx, "directory.col.name")},
		{Text: lang.T(ctx, "directory.col.agency"), Fold: lang.T(ctx, "directory.col.agency")},
		{Text: lang.T(ctx, "directory.col.title"), Fold: lang.T(ctx, "directory.col.title")},
		{Text: lang.T(ctx, "directory.import.result"), Fold: lang.T(ctx, "directory.import.result")},
	}}
	rows := slices.Clone(v.Preview.Rows)
	slices.SortStableFunc(rows, func(a, b directory.ImportRow) int { return min(1, len(b.Faults)) - min(1, len(a.Faults)) })
	for _, row := range rows[:min(len(rows), previewRows)] {
		title := row.Title
		if title == "" {
			title = row.Position
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: strconv.Itoa(row.Line)}, {Text: row.Person.Name}, {Text: row.Agency, Code: true},
			{Text: title, Sub: row.From}, {Body: rowFaults(faultLines(ctx, row.Faults))},
		}})
	}
	return t
}

// faultLines says in words what is wrong with a row, column by column.
func faultLines(ctx context.Context, faults fault.Fields) []string {
	form := ui.Form{Prefix: "directory.enrol", Faults: faults}
	var out []string
	for _, column := range slices.Sorted(maps.Keys(faults)) {
		out = append(out, lang.T(ctx, "directory.enrol."+column)+": "+form.Fault(ctx, column))
	}
	return out
}
