// Package calendarpage shows everybody when offices work, and lets an administrator of the
// province publish a year.
package calendarpage

import (
	"embed"
	"fmt"
	"net/http"
	"strconv"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/blocks/calendar"
	"datmui/kit/actor"
	"datmui/kit/clock"
	"datmui/kit/fault"
	"datmui/kit/lang"
	"datmui/kit/web"
)

//go:embed text.vi.toml text.en.toml
var texts embed.FS

func init() { lang.Register(texts) }

// Pages are the pages of the calendar.
type Pages struct {
	calendar *calendar.Block
	clock    clock.Clock
	bodies   Bodies
}

// New returns the pages; without a clock the machine's is used.
func New(b *calendar.Block, c clock.Clock, bodies Bodies) *Pages {
	if c == nil {
		c = clock.System{}
	}
	return &Pages{b, c, bodies}
}

// Routes lists every address here.
func (p *Pages) Routes() []web.Route {
	may := web.Right(calendar.PublishRight)
	return []web.Route{
		{Pattern: "GET /calendar", Who: web.Public, Handle: p.now},
		{Pattern: "GET " + PathHours, Who: web.Public, Handle: p.hours},
		{Pattern: "POST " + PathHours, Who: may, Handle: p.setHours},
		{Pattern: "GET /calendar/{year}", Who: web.Public, Handle: p.year},
		{Pattern: "POST /calendar/{year}/draft", Who: may, Handle: p.begin},
		{Pattern: "GET /calendar/{year}/draft", Who: may, Handle: p.draft},
		{Pattern: "POST /calendar/{year}/days", Who: may, Handle: p.save},
		{Pattern: "POST /calendar/{year}/publish", Who: may, Handle: p.publish},
	}
}

// PathYear is the address of a year.
func PathYear(year int) string { return fmt.Sprintf("/calendar/%d", year) }

func pathDraft(year int) string { return PathYear(year) + "/draft" }

// yearOf reads the year of the address.
func yearOf(r *http.Request) (int, error) {
	y, err := strconv.Atoi(r.PathValue("year"))
	if err != nil || y < firstYear || y > lastYear || strconv.Itoa(y) != r.PathValue("year") {
		return 0, fault.NotFound("calendar.year")
	}
	return y, nil
}

const firstYear, lastYear = 2000, 2059

func (p *Pages) now(w http.ResponseWriter, r *http.Request) error {
	return web.SeeOther(w, r, PathYear(calendar.DateOf(p.clock.Now()).Year()), "")
}

func (p *Pages) year(w http.ResponseWriter, r *http.Request) error {
	year, err := yearOf(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	v := yearView{Frame: web.Frame(r), Year: year, Today: calendar.DateOf(p.clock.Now())}
	v.MayPublish = actor.From(ctx).May(calendar.PublishRight, "*")
	if v.Counting, err = p.calendar.For(ctx, "", calendar.Counting); err != nil {
		return err
	}
	if v.Reception, err = p.calendar.For(ctx, "", calendar.Reception); err != nil {
		return err
	}
	if v.Versions, err = p.calendar.Years(ctx, year); err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, yearPage(v))
}

func (p *Pages) begin(w http.ResponseWriter, r *http.Request) error {
	year, err := yearOf(r)
	if err != nil {
		return err
	}
	list, err := p.calendar.Years(r.Context(), year)
	if err != nil {
		return err
	}
	if len(list) == 0 || list[0].State != "draft" { // what somebody has begun is not overwritten
		if _, err := p.calendar.Draft(r.Context(), calendar.DraftIn{Year: year}); err != nil {
			return err
		}
	}
	return web.SeeOther(w, r, pathDraft(year), "")
}

// open finds the draft of the address.
func (p *Pages) open(r *http.Request) (draftView, error) {
	year, err := yearOf(r)
	if err != nil {
		return draftView{}, err
	}
	list, err := p.calendar.Years(r.Context(), year)
	if err != nil {
		return draftView{}, err
	}
	if len(list) == 0 || list[0].State != "draft" {
		return draftView{}, fault.NotFound("calendar.draft")
	}
	v := draftView{Frame: web.Frame(r), Draft: list[0], In: calendar.PublishIn{Draft: list[0].ID, Recompute: true}}
	for _, d := range list[0].Days {
		v.Rows = append(v.Rows, rowOf(d))
	}
	return v, nil
}

func (p *Pages) draft(w http.ResponseWriter, r *http.Request) error {
	v, err := p.open(r)
	if err != nil {
		return err
	}
	return p.show(w, r, http.StatusOK, v)
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request, status int, v draftView) (err error) {
	if v.Moved, err = p.calendar.Preview(r.Context(), v.Draft.ID); err != nil {
		return err
	}
	v.In.Client = audit.NewClient()
	v.Frame.Errors = v.Faults.Any()
	return web.Render(w, r, status, draftPage(v))
}

func (p *Pages) save(w http.ResponseWriter, r *http.Request) error {
	v, err := p.open(r)
	if err != nil {
		return err
	}
	var days []calendar.Day
	v.Rows = readRows(r)
	days, v.Faults = daysOf(v.Rows)
	if !v.Faults.Any() {
		_, err := p.calendar.Draft(r.Context(), calendar.DraftIn{Year: v.Draft.Year, Days: days})
		if f, ok := asFields(err); ok {
			v.Faults = f
		} else if err != nil {
			return err
		}
	}
	if v.Faults.Any() {
		return p.show(w, r, http.StatusUnprocessableEntity, v)
	}
	return web.SeeOther(w, r, pathDraft(v.Draft.Year), "calendar.saved")
}

func (p *Pages) publish(w http.ResponseWriter, r *http.Request) error {
	in := web.Form[publishForm](r)
	id, err := uuid.Parse(in.Draft)
	if err != nil {
		return fault.NotFound("calendar.draft")
	}
	_, err = p.calendar.Publish(r.Context(), calendar.PublishIn{Draft: id, Basis: in.Basis, Recompute: in.Recompute, Client: in.Client})
	if f, ok := asFields(err); ok {
		v, err := p.open(r)
		if err != nil {
			return err
		}
		v.Faults, v.In.Basis, v.In.Recompute = f, in.Basis, in.Recompute
		return p.show(w, r, http.StatusUnprocessableEntity, v)
	} else if err != nil {
		return err
	}
	year, err := yearOf(r)
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, PathYear(year), "calendar.published-now")
}

// publishForm is what the form sends.
type publishForm struct {
	Draft     string `form:"draft"`
	Basis     string `form:"basis"`
	Recompute bool   `form:"recompute"`
	Client    string `form:"client"`
}
