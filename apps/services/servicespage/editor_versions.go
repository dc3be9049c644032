package servicespage

import (
	"context"
	"net/http"
	"strconv"

	"datmui/apps/services"
	"datmui/apps/services/cataloguepage"
	"datmui/kit/fault"
	"datmui/kit/lang"
	"datmui/kit/ui"
	"datmui/kit/web"
)

// versionsView is a page of the versions of a procedure.
type versionsView struct {
	code string
	def  services.Definition // the newest
	list []services.Version
	more bool
}

func (p *Pages) versions(w http.ResponseWriter, r *http.Request) error {
	before, _ := strconv.Atoi(r.FormValue("before"))
	v := versionsView{code: r.PathValue("code")}
	e, err := p.services.Edition(r.Context(), v.code)
	if err != nil {
		return err
	}
	v.def = e.Definition
	if v.list, v.more, err = p.services.Versions(r.Context(), v.code, before); err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, versionsPage(p.official(r), v))
}

func (p *Pages) compare(w http.ResponseWriter, r *http.Request) error {
	ctx, code := r.Context(), r.PathValue("code")
	version, _ := strconv.Atoi(r.PathValue("version"))
	with, _ := strconv.Atoi(r.FormValue("with"))
	field := ui.Field{Name: "with", Label: lang.T(ctx, "services.editor.version"), Value: r.FormValue("with"), Mode: "numeric", Width: "w4"}
	status, fr := http.StatusOK, p.official(r)
	c, err := p.services.Compare(ctx, code, version, with)
	if with != 0 && fault.KindOf(err) == fault.KindNotFound { // perhaps only the other one is not there
		if c, err = p.services.Compare(ctx, code, version, 0); err == nil {
			status, fr.Errors, field.Fault = http.StatusUnprocessableEntity, true, lang.T(ctx, "services.editor.compare.none", "n", with)
		}
	}
	if err != nil {
		return err
	}
	if field.Value == "" && c.Was.Version > 0 {
		field.Value = strconv.Itoa(c.Was.Version)
	}
	return web.Render(w, r, status, comparePage(fr, c, field))
}

// pathVersions is the list of the versions of a procedure, those before one where one is given.
func pathVersions(code string, before int) string {
	if before == 0 {
		return PathProcedure(code) + "/versions"
	}
	return PathProcedure(code) + "/versions?before=" + strconv.Itoa(before)
}

// pathVersion is a version beside the one before it.
func pathVersion(code string, version int) string {
	return PathProcedure(code) + "/versions/" + strconv.Itoa(version)
}

// versionRows are the versions with who published them, from when and why.
func versionRows(ctx context.Context, code string, list []services.Version) ui.Table {
	t := ui.Table{Label: lang.T(ctx, "services.editor.versions"), Columns: []ui.Column{{Text: lang.T(ctx, "services.editor.version")},
		{Text: lang.T(ctx, "services.editor.from"), Fold: lang.T(ctx, "services.editor.from")},
		{Text: lang.T(ctx, "services.editor.limit"), Fold: lang.T(ctx, "services.editor.limit")},
		{Text: lang.T(ctx, "services.editor.by"), Fold: lang.T(ctx, "services.editor.by")}}}
	for _, x := range list {
		by := lang.T(ctx, "services.editor.shipped")
		if x.PublishedAt != nil {
			by = x.PublishedName + ", " + lang.DateTime(ctx, *x.PublishedAt) + ". " + x.Reason
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: lang.T(ctx, "services.editor.version.n", "n", x.Version), Href: pathVersion(code, x.Version)}, {Text: lang.Date(ctx, x.ValidFrom)}, {Text: cataloguepage.LimitWords(ctx, x.Definition.Limit)}, {Text: by}}})
	}
	return t
}

// comparedVersions are the versions that are compared, the newer first.
func comparedVersions(c services.Compared) []services.Version {
	if c.Was.Version == 0 {
		return []services.Version{c.Version}
	}
	return []services.Version{c.Version, c.Was}
}
