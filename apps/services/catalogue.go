package services

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"regexp"
	"sync"
	"time"

	"datmui/blocks/calendar"
	"datmui/blocks/forms"
	"datmui/blocks/pay"
	"datmui/kit/clock"
	"datmui/kit/fault"
	"datmui/kit/lang"
	"datmui/kit/pg"
)

//go:embed definitions
var definitions embed.FS

// FormDefinitions are the forms that the procedures here ask for.
func FormDefinitions() fs.FS {
	sub, err := fs.Sub(definitions, "definitions/forms")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return sub
}

// Definition is what one version of a procedure asks for and gives.
type Definition struct {
	Code        string            `json:"code"`
	Version     int               `json:"version"`
	Name        string            `json:"name"`
	NameEN      string            `json:"name_en"`
	Field       string            `json:"field"`
	Level       string            `json:"level"` // commune or province
	ValidFrom   string            `json:"valid_from"`
	Who         string            `json:"who"`
	WhoEN       string            `json:"who_en"`
	Limit       string            `json:"limit"`                   // 3wd, 15cd, same-day …
	Limits      []LimitCase       `json:"limits"`                  // the first whose condition holds wins over Limit
	AfterPause  string            `json:"after_pause"`             // resume (default) or restart
	FeeMode     string            `json:"fee_mode"`                // prepaid, on-return, none
	AtIntake    bool              `json:"fee_at_intake,omitempty"` // who accepts a dossier says the amount where no rule knows it
	Fees        *pay.Procedures   `json:"fees,omitempty"`          // rules that an officer entered with this version; nil: the schedule's
	FeeFacts    map[string]string `json:"fee_facts"`               // fact of the fee rules → answer that gives it
	FeeDays     map[string]string `json:"fee_days"`                // likewise, for the days since the date answered
	Form        string            `json:"form"`
	FormVersion int               `json:"form_version,omitempty"` // the version that an officer made of it for this procedure; 0: the one that came with the program
	Asks        *forms.Definition `json:"asks,omitempty"`         // its questions while an officer prepares them; nil: as that version has them
	Competent   string            `json:"competent"`              // commune, or agency:<id>
	Competents  []CompetentCase   `json:"competents,omitempty"`   // the first whose condition holds wins over Competent
	Subject     string            `json:"subject"`                // the answer that tells this dossier from others
	Owner       OwnerRule         `json:"owner"`                  // whose matter it is when somebody files for another
	Late        *LateRule         `json:"late"`                   // after how many days it counts as registered late; nil: never
	Words       string            `json:"words"`                  // everyday words by which people look for it
	Papers      []PaperRule       `json:"papers"`
	Result      ResultRule        `json:"result"`
	AtReturn    bool              `json:"originals_at_return"` // originals are handed in when the result is collected
	SupplyDays  int               `json:"supply_days"`         // working days to supply what is missing; 0 means 30
	PayDays     int               `json:"pay_days,omitempty"`  // working days to pay what stops the clock; 0 means 10
	Opinions    *OpinionRule      `json:"opinions,omitempty"`  // how long other bodies have, where silence is consent; nil: the officer says, and waits
	Steps       []StepRule        `json:"steps,omitempty"`     // what happens to a dossier, in words; empty: what happens to all
	Notes       []SourceNote      `json:"notes,omitempty"`     // what an officer has still to confirm

	Linked      []LinkedPart `json:"linked,omitempty"`       // the parts of an inter-linked set, in order; nil: one dossier
	LinkedExtra string       `json:"linked_extra,omitempty"` // what Limit grows by when another body asks for completion
}

// LinkedPart is one part of an inter-linked set: a dossier of its own.
type LinkedPart struct {
	Key       string            `json:"key"`
	Procedure string            `json:"procedure"`       // the procedure or public service by which it is worked
	After     []string          `json:"after,omitempty"` // parts that must be granted before it starts
	Takes     map[string]string `json:"takes,omitempty"` // place in its list of papers → part whose result comes there
}

// CompetentCase is another body that decides under a condition on the answers.
type CompetentCase struct {
	When      string `json:"when"`
	Competent string `json:"competent"`
}

// StepRule is one step of the work on a dossier. Its limit is a plan of the office, not a promise.
// law: public-services.md 8.4 — internal step limits are a management tool, not the legal limit.
type StepRule struct {
	Name   string `json:"name"`
	NameEN string `json:"name_en"`
	Limit  string `json:"limit,omitempty"` // 2wd, 4wh …; "" where none is planned
}

// SourceNote says what a part of the definition rests on, until somebody confirms it.
type SourceNote struct {
	Field string `json:"field"` // limit, fee, papers, result.type …
	Mark  string `json:"mark"`  // how sure the source is
	Note  string `json:"note"`
}

// LimitCase is a limit that holds under a condition on the answers.
type LimitCase struct {
	When  string `json:"when"`
	Limit string `json:"limit"`
}

// OwnerRule names the answers that say whose matter it is (chủ hồ sơ).
// law: public-services.md 4 — the applicant is not always the owner of the dossier.
type OwnerRule struct {
	Name string `json:"name"` // answer with the full name; "" = always the applicant's own
	ID   string `json:"id"`   // answer with the personal number; "" where none is asked
}

// LateRule says from which day on something counts as registered late (quá hạn).
type LateRule struct {
	Since string `json:"since"` // answer with the day of the event
	Days  int    `json:"days"`  // in time up to and with this day
}

// PaperRule is one line of the list of papers (thành phần hồ sơ).
type PaperRule struct {
	Use       string   `json:"use,omitempty"` // in shipped files: the common paper that stands here
	Key       string   `json:"key"`
	Name      string   `json:"name"`
	NameEN    string   `json:"name_en"`
	Originals int      `json:"originals"`
	Copies    int      `json:"copies"`
	Shown     bool     `json:"shown"`            // only shown at the counter (xuất trình)
	EForm     bool     `json:"eform"`            // the electronic form stands for it
	When      string   `json:"when"`             // condition on the answers; "" means always
	Stored    []string `json:"stored,omitempty"` // document types of which one in her store of papers stands for it
	Certified string   `json:"certified"`        // condition under which it must be certified; "" means never
	Why       string   `json:"why"`
	WhyEN     string   `json:"why_en"`
	Data      string   `json:"data"` // not needed when a database has it, in words
	DataEN    string   `json:"data_en"`
}

// ResultRule is what is issued: title and the lines that are filled from the answers.
type ResultRule struct {
	Type   string              `json:"type"` // KQ.Gnn.nnnnnn
	Title  string              `json:"title"`
	Name   string              `json:"name"`
	NameEN string              `json:"name_en"`
	Symbol string              `json:"symbol"`
	Fill   map[string]string   `json:"fill"`  // gap of the template → answer, where their names differ
	Lists  map[string][]string `json:"lists"` // list of the template → answers of one entry

	Template string   `json:"template,omitempty"` // a general template, or the code of a procedure whose template serves; "": the own one
	Months   int      `json:"months,omitempty"`   // how long the result is valid; 0: no end
	Renew    string   `json:"renew,omitempty"`    // the procedure by which it is renewed; "": the same
	Facts    []string `json:"facts,omitempty"`    // answers that a general template lists with their questions
}

// procedureCode is a procedure, or with two digits more a public service that is only part of a set.
var procedureCode = regexp.MustCompile(`^\d\.\d{6}(\.\d{2})?$`)

// LimitFor is the time limit that holds for these answers.
func (d Definition) LimitFor(answers forms.Answers) string {
	for _, l := range d.Limits {
		if holds(l.When, answers) {
			return l.Limit
		}
	}
	return d.Limit
}

// CompetentFor is the body that decides with these answers: commune, or agency:<id>.
// law: public-services.md 12 — levels X,T and X/T: two bodies, told apart by a rule.
func (d Definition) CompetentFor(answers forms.Answers) string {
	for _, c := range d.Competents {
		if holds(c.When, answers) {
			return c.Competent
		}
	}
	return d.Competent
}

// certifiedAnswer is the question whether the authorisation is certified.
const certifiedAnswer = "authorisation_certified"

// Faults are what the procedure refuses though the form allows it: an authorisation that must be
// certified and is not.
// law: public-services.md 4 — certified, except between close family in civil-status procedures; 18.2 A24.
func (d Definition) Faults(answers forms.Answers) fault.Fields {
	f := fault.Fields{}
	for _, p := range d.PapersFor(answers) {
		if p.Certified != "" && holds(p.Certified, answers) && answers.Text(certifiedAnswer) != "yes" {
			f.Set(certifiedAnswer, "certified-needed")
		}
	}
	return f
}

// LateDays is how many days after the event something is filed on a day, and whether that is late.
// law: public-services.md 12 — birth within 60 days, death within 15; 18.2 A23.
func (d Definition) LateDays(answers forms.Answers, at time.Time) (days int, late bool) {
	if d.Late == nil {
		return 0, false
	}
	from, ok := answers.Date(d.Late.Since)
	if !ok {
		return 0, false
	}
	days = int(calendar.DateOf(at) - calendar.DateOf(from))
	return days, days > d.Late.Days
}

// PapersFor are the papers needed with these answers.
func (d Definition) PapersFor(answers forms.Answers) []PaperRule {
	var out []PaperRule
	for _, p := range d.Papers {
		if p.When == "" || holds(p.When, answers) {
			out = append(out, p)
		}
	}
	return out
}

func holds(expr string, answers forms.Answers) bool {
	e, err := forms.ParseExpr(expr)
	return err == nil && e.Holds(answers)
}

// catalogue keeps definitions read once: a version never changes after it is published.
type catalogue struct {
	mu      sync.RWMutex
	byID    map[string]Definition // code/version
	current lately[edition, int]  // → version
}

// edition is a procedure on a day.
type edition struct{ code, day string }

// Definition returns one version of a procedure.
func (m *Module) Definition(ctx context.Context, code string, version int) (Definition, error) {
	key := fmt.Sprintf("%s/%d", code, version)
	m.cat.mu.RLock()
	d, ok := m.cat.byID[key]
	m.cat.mu.RUnlock()
	if ok {
		return d, nil
	}
	d, err := pg.Value[Definition](m.db.Query(ctx, `SELECT definition FROM services.version WHERE procedure = $1 AND version = $2`, code, version))
	if err != nil {
		return Definition{}, err
	}
	d.Version = version
	m.cat.mu.Lock()
	m.cat.byID[key] = d
	m.cat.mu.Unlock()
	return d, nil
}

// Current returns the version in force on a day. A procedure that is not handled here, or that a
// ministry's system takes in, is NotFound.
func (m *Module) Current(ctx context.Context, code string, at time.Time) (Definition, error) {
	day := at.In(clock.Vietnam).Format(time.DateOnly)
	v, err := m.cat.current.get(edition{code, day}, func() (int, error) {
		return pg.Value[int](m.db.Query(ctx, `SELECT v.version FROM services.version v JOIN services.procedure p ON p.code = v.procedure
			WHERE v.procedure = $1 AND p.open AND p.authority = 'province' AND v.valid_from <= $2 AND (v.valid_to IS NULL OR v.valid_to > $2)
			ORDER BY v.version DESC LIMIT 1`, code, day))
	})
	if fault.KindOf(err) == fault.KindNotFound {
		return Definition{}, fault.NotFound("services.procedure")
	}
	if err != nil {
		return Definition{}, err
	}
	d, err := m.Definition(ctx, code, v)
	if err == nil && len(m.Missing(d)) > 0 {
		return Definition{}, fault.NotFound("services.procedure")
	}
	return d, err
}

func in(t lang.Tag, vi, en string) string {
	if t == lang.English && en != "" {
		return en
	}
	return vi
}

// NameIn is the procedure's name in a language.
func (d Definition) NameIn(t lang.Tag) string { return in(t, d.Name, d.NameEN) }

// WhoIn says who may file.
func (d Definition) WhoIn(t lang.Tag) string { return in(t, d.Who, d.WhoEN) }

// ResultName is what is issued.
func (d Definition) ResultName(t lang.Tag) string { return in(t, d.Result.Name, d.Result.NameEN) }

// ResultSeries is the name of the series in which a body numbers the results of a procedure.
func (d Definition) ResultSeries() string { return "result." + d.Result.Symbol }

// NameIn is the name of the procedure in a language.
func (l Line) NameIn(t lang.Tag) string { return in(t, l.Name, l.NameEN) }

// NameIn is the paper's name in a language.
func (r PaperRule) NameIn(t lang.Tag) string { return in(t, r.Name, r.NameEN) }

// WhyIn says why the paper is needed; "" where nothing is said.
func (r PaperRule) WhyIn(t lang.Tag) string { return in(t, r.Why, r.WhyEN) }

// DataIn says when a database spares the paper; "" where none does.
func (r PaperRule) DataIn(t lang.Tag) string { return in(t, r.Data, r.DataEN) }
