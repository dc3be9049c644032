package services

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/apps/services/national"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// Doubt is a doubtful fact of what is published, and what an official entered instead.
type Doubt struct {
	Kind      national.Kind
	Part      string
	Raw       string // as published; "" where nothing is
	Value     string // what an official entered; "" while nobody has
	SettledAt *time.Time
	SettledBy *uuid.UUID
}

// Key names the doubt in a form.
func (d Doubt) Key() string {
	if d.Part == "" {
		return string(d.Kind)
	}
	return string(d.Kind) + "." + d.Part
}

// Published is what is published about a procedure, with its doubts.
type Published struct {
	Procedure
	Ministry    string
	Applicants  []string
	Decision    string
	Limits      map[string]string
	Fees        map[string]string
	Results     []string
	Basis       []string
	ConfirmedAt *time.Time
	ConfirmedBy *uuid.UUID
	By          string  // the document by which it was confirmed
	Doubts      []Doubt `db:"-"`
}

// Published reads what is published about a procedure; false where the national list has nothing.
func (m *Module) Published(ctx context.Context, code string) (Published, bool, error) {
	return m.published(ctx, m.db, code, "")
}

func (m *Module) published(ctx context.Context, db pg.Reader, code, lock string) (Published, bool, error) {
	p, err := pg.One[Published](db.Query(ctx, `SELECT `+procedureColumns+`, n.ministry, n.applicants, n.decision, n.limits, n.fees, n.results, n.basis,
			p.confirmed_at, p.confirmed_by, p.basis AS by
		FROM services.procedure p JOIN services.published n ON n.procedure = p.code WHERE p.code = @code`+lock, pgx.NamedArgs{"code": code, "day": m.today()}))
	if fault.KindOf(err) == fault.KindNotFound {
		return p, false, nil
	}
	if err != nil {
		return p, false, err
	}
	p.Doubts, err = pg.All[Doubt](db.Query(ctx, `SELECT kind, part, raw, coalesce(value, '') AS value, settled_at, settled_by FROM services.doubt WHERE procedure = $1`, code))
	slices.SortFunc(p.Doubts, func(a, b Doubt) int {
		return cmp.Or(cmp.Compare(slices.Index(national.Kinds, a.Kind), slices.Index(national.Kinds, b.Kind)),
			cmp.Compare(slices.Index(national.Channels, a.Part), slices.Index(national.Channels, b.Part)), cmp.Compare(a.Part, b.Part))
	})
	return p, err == nil, err
}

// Settled says whether no doubt is left.
func (p Published) Settled() bool {
	return !slices.ContainsFunc(p.Doubts, func(d Doubt) bool { return d.Value == "" })
}

// Known is a fact as it can be shown: its value, or what is published and why that is doubtful.
type Known struct {
	Channel string        // "" where it holds for every way
	Value   string        // "" while it is unknown
	Raw     string        // as published, where that is doubtful
	Doubt   national.Kind // why it is unknown; "" where it is known
}

var limitDoubts = []national.Kind{national.LimitUnit, national.LimitNone, national.LimitDiffers}
var feeDoubts = []national.Kind{national.FeeText, national.FeeSmall, national.FeeWritten, national.FeeDiffers, national.FeeNone}

// KnownLimits are the time limits by channel. What is doubtful and not settled has no value.
func (p Published) KnownLimits() []Known { return p.known(p.Limits, limitDoubts) }

// KnownFees are the fees by channel, in đồng or in words.
func (p Published) KnownFees() []Known { return p.known(p.Fees, feeDoubts) }

func (p Published) known(by map[string]string, kinds []national.Kind) []Known {
	of := map[string]Doubt{}
	for _, d := range p.Doubts {
		if had, ok := of[d.Part]; slices.Contains(kinds, d.Kind) && (!ok || had.Value != "") {
			of[d.Part] = d
		}
	}
	if d, ok := of[""]; ok { // about all ways at once
		return []Known{{Value: d.Value, Raw: d.Raw, Doubt: unlessSettled(d)}}
	}
	var out []Known
	for _, c := range national.Channels {
		d, doubtful := of[c]
		switch {
		case doubtful:
			out = append(out, Known{Channel: c, Value: d.Value, Raw: d.Raw, Doubt: unlessSettled(d)})
		case by[c] != "":
			out = append(out, Known{Channel: c, Value: by[c]})
		}
	}
	if len(out) > 1 && !slices.ContainsFunc(out, func(k Known) bool { return k.Doubt != "" || k.Value != out[0].Value }) {
		return []Known{{Value: out[0].Value}}
	}
	return out
}

func unlessSettled(d Doubt) national.Kind {
	if d.Value != "" {
		return ""
	}
	return d.Kind
}

// KnownResults are what is issued: names of result types, and codes that no list has.
func (p Published) KnownResults() []Known {
	of := map[string]Doubt{}
	for _, d := range p.Doubts {
		if d.Kind == national.ResultCode || d.Kind == national.ResultUnknown || d.Kind == national.ResultNone {
			of[d.Part] = d
		}
	}
	var out []Known
	if d, ok := of[""]; ok {
		return append(out, Known{Value: resultName(d.Value), Doubt: unlessSettled(d)})
	}
	for _, code := range p.Results {
		if d, ok := of[code]; ok {
			out = append(out, Known{Value: resultName(d.Value), Raw: code, Doubt: unlessSettled(d)})
			continue
		}
		out = append(out, Known{Value: resultName(code)})
	}
	return out
}

// resultName puts the code of a result type into words; other words stay.
func resultName(code string) string {
	if name, ok := national.ResultName(code); ok {
		return name
	}
	return code
}

// Settlement is what was entered for a doubt about the whole row, such as its legal basis.
func (p Published) Settlement(k national.Kind) (value string, doubtful bool) {
	i := slices.IndexFunc(p.Doubts, func(d Doubt) bool { return d.Kind == k })
	if i < 0 {
		return "", false
	}
	return p.Doubts[i].Value, true
}

// KindCount is a kind of doubt with the number of procedures that have it open.
type KindCount struct {
	Kind national.Kind
	N    int
}

// AwaitingIn narrows the list of what is to be confirmed.
type AwaitingIn struct {
	Kind  national.Kind `form:"kind"`  // "": all; "clean": those without an open doubt
	After string        `form:"after"` // code of the last row of the page before
}

// Clean is the list of procedures of which nothing is doubtful, and which nobody has confirmed yet.
const Clean national.Kind = "clean"

// Awaited is a procedure that nobody has confirmed yet.
type Awaited struct {
	Code  string
	Name  string
	Field string
	Kinds []national.Kind // what of it is still doubtful
}

// Awaiting is what is to be confirmed: how many procedures have each kind of doubt open, and a page.
type Awaiting struct {
	Counts []KindCount // in the order of national.Kinds, then Clean; those with none left out
	All    int
	List   []Awaited
	Next   string
}

// Awaiting lists the procedures that are to be confirmed, by code.
func (m *Module) Awaiting(ctx context.Context, in AwaitingIn) (Awaiting, error) {
	if !actor.From(ctx).Holds(RightCatalogue) {
		return Awaiting{}, fault.Forbidden("services.catalogue")
	}
	var out Awaiting
	counts, err := pg.All[KindCount](m.db.Query(ctx, `SELECT kind, count(DISTINCT procedure)::int AS n FROM services.doubt WHERE settled_at IS NULL GROUP BY kind
		UNION ALL SELECT 'clean', count(*)::int FROM services.procedure p JOIN services.published n ON n.procedure = p.code
			WHERE p.confirmed_at IS NULL AND NOT EXISTS (SELECT FROM services.doubt d WHERE d.procedure = p.code AND d.settled_at IS NULL)
		UNION ALL SELECT '', count(*)::int FROM services.procedure p JOIN services.published n ON n.procedure = p.code WHERE p.confirmed_at IS NULL`))
	if err != nil {
		return out, err
	}
	for _, k := range append(slices.Clone(national.Kinds), Clean, "") {
		for _, c := range counts {
			switch {
			case c.Kind != k:
			case k == "":
				out.All = c.N
			case c.N > 0:
				out.Counts = append(out.Counts, c)
			}
		}
	}
	const page = 30
	open := `EXISTS (SELECT FROM services.doubt d WHERE d.procedure = p.code AND d.settled_at IS NULL`
	where := `p.confirmed_at IS NULL`
	switch in.Kind {
	case "":
	case Clean:
		where += ` AND NOT ` + open + `)`
	default:
		where = open + ` AND d.kind = @kind)`
	}
	out.List, err = pg.All[Awaited](m.db.Query(ctx, `SELECT p.code, p.name, p.field, ARRAY(SELECT DISTINCT kind FROM services.doubt d
			WHERE d.procedure = p.code AND d.settled_at IS NULL ORDER BY kind) AS kinds
		FROM services.procedure p JOIN services.published n ON n.procedure = p.code
		WHERE `+where+` AND p.code > @after ORDER BY p.code LIMIT @most`, pgx.NamedArgs{"kind": in.Kind, "after": in.After, "most": page + 1}))
	if err == nil && len(out.List) > page {
		out.List = out.List[:page]
		out.Next = out.List[page-1].Code
	}
	return out, err
}
