package servicespage

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"datmui/apps/services"
	"datmui/kit/fault"
	"datmui/kit/lang"
	"datmui/kit/sheet"
)

// exportFormats are what a list is written as: for Excel, for everything else that reads CSV, as a workbook.
var exportFormats = []string{"xlsx", "csv", "csv-plain"}

func exportPath(in services.ListIn, format string) string {
	q := encodeFilter(in)
	if q != "" {
		q = "&" + q
	}
	return pathExport + "?format=" + format + q
}

// export writes all that the filter finds, as it comes: nothing of it is kept in memory.
func (p *Pages) export(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	_ = r.FormValue("format")
	in, format := readFilter(r.Form), or(r.FormValue("format"), "csv")
	later := &answering{w: w, name: "ho-so"}
	var out sheet.Writer
	if !slices.Contains(exportFormats, format) {
		return fault.NotFound("page")
	}
	// Nothing is answered before the filter and the rights have been looked at: they may end in a page.
	begin := func() (err error) {
		if format == "xlsx" {
			later.kind, later.ending = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"
			out, err = sheet.XLSX(later, lang.T(ctx, "services.list.title"))
		} else {
			later.kind, later.ending = "text/csv; charset=utf-8", "csv"
			out, err = sheet.CSV(later, format == "csv")
		}
		if err != nil {
			return err
		}
		return out.Row(exportHead(ctx)...)
	}
	_, err := p.services.Export(ctx, in, format, begin, func(l services.ExportLine) error { return out.Row(exportRow(ctx, l)...) })
	if err == nil {
		err = out.Close()
	}
	if err != nil && later.begun {
		panic(http.ErrAbortHandler) // a file that is not whole must not look whole
	}
	return err
}

// answering begins the answer with its first byte, so that what fails before can be a page.
type answering struct {
	w                  http.ResponseWriter
	name, kind, ending string
	begun              bool
}

func (a *answering) Write(b []byte) (int, error) {
	if !a.begun {
		a.begun = true
		a.w.Header().Set("Content-Type", a.kind)
		a.w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s.%s"`, a.name, a.ending))
		a.w.Header().Set("Cache-Control", "no-store")
	}
	return a.w.Write(b)
}

func exportHead(ctx context.Context) []any {
	var out []any
	for _, k := range []string{"code", "procedure", "name", "applicant", "subject", "channel", "receiving", "competent", "filed", "accepted", "handed", "officer",
		"first-due", "due", "finished", "timing", "returned", "number", "state", "signature"} {
		out = append(out, lang.T(ctx, "services.export.column."+k))
	}
	return out
}

func exportRow(ctx context.Context, l services.ExportLine) []any {
	timing, number := "", ""
	if t := l.Timing(); t != "" {
		timing = lang.T(ctx, "services.timing."+t)
	}
	if l.Number != nil {
		number = *l.Number
	}
	return []any{l.Code, l.Procedure, l.NameIn(lang.From(ctx)), l.ApplicantName, l.Subject, lang.T(ctx, l.Channel.Key()), l.Receiving, l.Competent, l.FiledAt, l.AcceptedAt,
		l.HandedAt, l.HolderName, l.FirstDueAt, l.DueAt, l.FinishedAt, timing, l.ReturnedAt, number, lang.T(ctx, l.State.Key()), l.ReceivedBy}
}
