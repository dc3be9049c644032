package cataloguepage

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"datmui/apps/services"
	"datmui/apps/services/find"
	"datmui/kit/fault"
	"datmui/kit/lang"
	"datmui/kit/ui"
	"datmui/kit/web"
)

// everything is the value of the standing that narrows nothing: without one the page shows what can
// be filed here.
const everything = "all"

// view is what the page of the catalogue shows.
type view struct {
	in     services.BrowseIn
	all    bool // every standing
	page   services.ProcedurePage
	fields []services.FieldCount
	counts []services.StandingCount
}

// front says whether the page is the short one: what can be filed here, by field.
func (v view) front() bool { return v.in == services.BrowseIn{} && !v.all }

func (p *Pages) catalogue(w http.ResponseWriter, r *http.Request) error {
	v := view{in: web.Form[services.BrowseIn](r)}
	v.in.Words = strings.TrimSpace(v.in.Words)
	if v.all = v.in.Standing == everything; v.all {
		v.in.Standing = ""
	}
	if v.in.Standing != "" && !slices.Contains(services.Standings, v.in.Standing) {
		return fault.NotFound("services.procedure")
	}
	var err error
	if v.front() {
		v.page.List, err = p.services.OpenProcedures(r.Context())
	} else {
		v.page, err = p.services.Browse(r.Context(), v.in)
	}
	if err != nil {
		return err
	}
	if v.fields, err = p.services.ProcedureFields(r.Context()); err != nil {
		return err
	}
	if v.counts, err = p.services.ProcedureStandings(r.Context()); err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, cataloguePage(web.Frame(r), v))
}

// found answers a search in JSON, in the order of the page and of the command line.
func (p *Pages) found(w http.ResponseWriter, r *http.Request) error {
	most := 20
	if text := r.FormValue("most"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > 100 {
			return fault.Fields{"most": "number"}
		}
		most = n
	}
	list, err := p.services.FindProcedures(r.Context(), r.FormValue("q"), most)
	if err != nil {
		return err
	}
	if list == nil {
		list = []find.Entry{}
	}
	return web.JSON(w, r, http.StatusOK, list)
}

// href is the page with something changed.
func (v view) href(change func(*services.BrowseIn, *bool)) string {
	in, all := v.in, v.all
	in.After = ""
	change(&in, &all)
	q := url.Values{}
	standing := string(in.Standing)
	if all {
		standing = everything
	}
	for k, s := range map[string]string{"q": in.Words, "field": in.Field, "level": in.Level, "standing": standing, "after": in.After} {
		if s != "" {
			q.Set(k, s)
		}
	}
	if len(q) == 0 {
		return Path
	}
	return Path + "?" + q.Encode()
}

// tabs are the standings with their numbers.
func (v view) tabs(ctx context.Context) []ui.Tab {
	n, all := map[services.Standing]int{}, 0
	for _, c := range v.counts {
		n[c.Standing] = c.N
		all += c.N
	}
	// without words the first tab is the short page; a search goes over all
	whole := v.all || !v.front() && v.in.Standing == ""
	out := []ui.Tab{}
	for _, s := range services.Standings {
		if n[s] == 0 && v.in.Standing != s {
			continue
		}
		t := ui.Tab{Text: lang.T(ctx, "services.standing."+string(s)), Count: n[s], Current: v.in.Standing == s || s == services.StandsOpen && v.front(),
			Href: v.href(func(in *services.BrowseIn, a *bool) { in.Standing, *a = s, false })}
		if s == services.StandsOpen && v.in.Words == "" && v.in.Field == "" && v.in.Level == "" {
			t.Href = Path
		}
		if v.in.Words != "" {
			t.Count = 0 // the numbers are of the whole catalogue
		}
		out = append(out, t)
	}
	t := ui.Tab{Text: lang.T(ctx, "services.standing.all"), Count: all, Current: whole, Href: v.href(func(in *services.BrowseIn, a *bool) { in.Standing, *a = "", true })}
	if v.in.Words != "" {
		t.Count = 0
		return append([]ui.Tab{t}, out...)
	}
	return append(out, t)
}

func (v view) paging() ui.Paging {
	var pg ui.Paging
	if v.in.After != "" {
		pg.First = v.href(func(*services.BrowseIn, *bool) {})
	}
	if v.page.Next != "" {
		pg.Next = v.href(func(in *services.BrowseIn, _ *bool) { in.After = v.page.Next })
	}
	return pg
}

func (v view) fieldOptions(ctx context.Context) []ui.Option {
	out := []ui.Option{{Label: lang.T(ctx, "services.catalogue.field.all")}}
	for _, f := range v.fields {
		out = append(out, ui.Option{Value: f.Field, Label: FieldName(ctx, f.Field) + " (" + lang.Number(ctx, f.N) + ")"})
	}
	return out
}

func levelOptions(ctx context.Context) []ui.Option {
	out := []ui.Option{{Label: lang.T(ctx, "services.catalogue.level.all")}}
	for _, l := range []string{"commune", "province", "ministry", "other"} {
		out = append(out, ui.Option{Value: l, Label: lang.T(ctx, "services.level."+l)})
	}
	return out
}

// Fields groups a catalogue by field of law, in its order.
func Fields(list []services.Procedure) (names []string, by map[string][]services.Procedure) {
	by = map[string][]services.Procedure{}
	for _, pr := range list {
		if _, ok := by[pr.Field]; !ok {
			names = append(names, pr.Field)
		}
		by[pr.Field] = append(by[pr.Field], pr)
	}
	return names, by
}

// FieldPlace is the place of the n-th field on the short page.
func FieldPlace(n int) string { return "field-" + strconv.Itoa(n) }

// FieldName is a field of law in the reader's language, where it is known in English.
func FieldName(ctx context.Context, name string) string {
	if en := fieldEN[name]; en != "" && lang.From(ctx) == lang.English {
		return en
	}
	return name
}

// fieldEN are the fields of law in English, of what is filed here.
var fieldEN = map[string]string{"Hộ tịch": "Civil status", "Chứng thực": "Certification", "Đất đai": "Land", "Thủy sản": "Fisheries",
	"Hoạt động xây dựng": "Construction", "Thành lập và hoạt động của hộ kinh doanh": "Business households",
	"Thành lập và hoạt động của hợp tác xã": "Cooperatives", "Đường bộ": "Roads", "Kinh doanh khí": "Gas trade", "Du lịch": "Tourism",
	"Thủy lợi": "Irrigation", "Thú y": "Animal health", "Hàng hải và đường thủy nội địa": "Sea and inland waterways", "Nuôi con nuôi": "Adoption",
	"An toàn thực phẩm": "Food safety", "Tài nguyên nước": "Water resources", "Môi trường": "Environment", "Chăn nuôi": "Livestock",
	"Lý lịch tư pháp": "Criminal records", "Cư trú": "Residence", "Phòng, chống thiên tai": "Disaster prevention", "Bảo trợ xã hội": "Social protection"}

// Rows are procedures as rows that open their page, by name alone: what can be filed here.
func Rows(ctx context.Context, list []services.Procedure) []ui.GoItem {
	out := make([]ui.GoItem, len(list))
	for i, pr := range list {
		out[i] = ui.GoItem{Text: pr.NameIn(lang.From(ctx)), Href: PathStart(pr.Code)}
	}
	return out
}

// rows are procedures of any standing.
func rows(ctx context.Context, list []services.Procedure) []ui.GoItem {
	out := Rows(ctx, list)
	for i, pr := range list {
		out[i].More = strings.Join([]string{pr.Code, FieldName(ctx, pr.Field), levels(ctx, pr.Levels())}, " · ")
		out[i].End = ui.Tag(tone(pr.Standing), lang.T(ctx, "services.standing.tag."+string(pr.Standing)))
	}
	return out
}

func levels(ctx context.Context, list []string) string {
	out := make([]string, 0, len(list))
	for _, l := range list {
		out = append(out, lang.T(ctx, "services.level."+l))
	}
	return strings.Join(out, ", ")
}

func tone(s services.Standing) ui.Tone {
	switch s {
	case services.StandsOpen:
		return ui.Done
	case services.StandsUnconfirmed:
		return ui.Soon
	}
	return ui.Calm
}
