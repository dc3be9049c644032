package services

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/blocks/directory"
	"datmui/blocks/pay"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/lang"
	"datmui/kit/pg"
)

// RightDefine is the right to prepare and publish what a procedure asks for and gives.
const RightDefine = "services.define"

func mayDefine(a actor.Actor) bool { return a.Holds(RightDefine) }

// Edition is the next version of a procedure while officers prepare it. Nobody files under it.
type Edition struct {
	Procedure  string
	Base       int // the version it began from
	Rev        int // how often it was saved; 0: nobody has begun, this is the latest version
	Definition Definition
	BegunAt    time.Time
	SavedAt    time.Time
	SavedBy    uuid.UUID
	SavedName  string
}

const editionColumns = `procedure, base, rev, definition, begun_at, saved_at, saved_by, saved_name`

// Edition is what an editor sees of a procedure: the version that is being prepared, else the latest.
func (m *Module) Edition(ctx context.Context, code string) (Edition, error) {
	if !mayDefine(actor.From(ctx)) {
		return Edition{}, fault.Forbidden("services.define")
	}
	return editionOf(ctx, m.db, code)
}

func editionOf(ctx context.Context, r pg.Reader, code string) (Edition, error) {
	e, err := pg.One[Edition](r.Query(ctx, `SELECT `+editionColumns+` FROM services.edition WHERE procedure = $1`, code))
	if fault.KindOf(err) != fault.KindNotFound {
		e.Definition.Version = e.Base + 1
		return e, err
	}
	v, err := latest(ctx, r, code)
	return Edition{Procedure: code, Base: v.Version, Definition: v.Definition}, err
}

// Version is one version of a procedure with who published it.
type Version struct {
	Version       int
	ValidFrom     time.Time
	Complete      bool
	PublishedAt   *time.Time // nil: it came with the program
	PublishedName string
	Reason        string
	Definition    Definition
}

const versionColumns = `version, valid_from, complete, published_at, published_name, reason, definition`

func latest(ctx context.Context, r pg.Reader, code string) (Version, error) {
	v, err := pg.One[Version](r.Query(ctx, `SELECT `+versionColumns+` FROM services.version WHERE procedure = $1 ORDER BY version DESC LIMIT 1`, code))
	if fault.KindOf(err) == fault.KindNotFound {
		return v, fault.NotFound("services.procedure")
	}
	v.Definition.Version = v.Version
	return v, err
}

// versionsPage is how many versions one page of their list holds.
const versionsPage = 20

// Versions lists the versions of a procedure, the newest first, those before a version where one is given;
// more says that the list goes on.
func (m *Module) Versions(ctx context.Context, code string, before int) (list []Version, more bool, err error) {
	if !mayDefine(actor.From(ctx)) {
		return nil, false, fault.Forbidden("services.define")
	}
	list, err = pg.All[Version](m.db.Query(ctx, `SELECT `+versionColumns+` FROM services.version WHERE procedure = $1 AND ($2 = 0 OR version < $2)
		ORDER BY version DESC LIMIT $3`, code, before, versionsPage+1))
	if len(list) > versionsPage {
		return list[:versionsPage], true, err
	}
	return list, false, err
}

// Compared is a version of a procedure beside another, usually the one before it.
type Compared struct {
	Was, Version Version // Was is zero where there is none before
	Changes      []Change
}

// Compare says in what a version differs from another; from the one before it where with is 0.
func (m *Module) Compare(ctx context.Context, code string, version, with int) (Compared, error) {
	if !mayDefine(actor.From(ctx)) {
		return Compared{}, fault.Forbidden("services.define")
	}
	both, err := pg.All[Version](m.db.Query(ctx, `SELECT `+versionColumns+` FROM services.version WHERE procedure = @code AND (version = @version
			OR version = CASE WHEN @with::int > 0 THEN @with ELSE (SELECT max(version) FROM services.version WHERE procedure = @code AND version < @version) END)`,
		pgx.NamedArgs{"code": code, "version": version, "with": with}))
	out := Compared{}
	for _, v := range both {
		v.Definition.Version = v.Version
		if v.Version == version {
			out.Version = v
		} else {
			out.Was = v
		}
	}
	if err == nil && (out.Version.Version == 0 || with > 0 && with != version && out.Was.Version == 0) {
		err = fault.NotFound("services.procedure-version")
	}
	if err != nil || out.Was.Version == 0 {
		return out, err
	}
	out.Changes, err = m.Changes(ctx, out.Was.Definition, out.Version.Definition)
	return out, err
}

// Defined is one line of the list of procedures that have a definition here.
type Defined struct {
	Code      string
	Name      string
	NameEN    string
	Version   int
	ValidFrom time.Time
	Complete  bool
	Doubts    int        // notes of its source that nobody has confirmed
	SavedAt   *time.Time // of the version that is being prepared; nil: none is
	SavedName string
}

// NameIn is the procedure's name in a language.
func (d Defined) NameIn(t lang.Tag) string { return in(t, d.Name, d.NameEN) }

// DefinedIn narrows the list.
type DefinedIn struct {
	Words string `form:"q"`
	Only  string `form:"only"`  // missing, draft or doubt; "" is all
	After string `form:"after"` // code after which the list goes on
}

// definedPage is how many procedures one page of the editor's list holds.
const definedPage = 50

// DefinedProcedures lists the procedures that have a definition, by code; more says that the list goes on.
func (m *Module) DefinedProcedures(ctx context.Context, in DefinedIn) (list []Defined, more bool, err error) {
	if !mayDefine(actor.From(ctx)) {
		return nil, false, fault.Forbidden("services.define")
	}
	list, err = pg.All[Defined](m.db.Query(ctx, `SELECT p.code, p.name, p.name_en, v.version, v.valid_from, v.complete,
			CASE WHEN jsonb_typeof(v.definition->'notes') = 'array' THEN jsonb_array_length(v.definition->'notes') ELSE 0 END AS doubts,
			e.saved_at, coalesce(e.saved_name, '') AS saved_name
		FROM services.procedure p
		CROSS JOIN LATERAL (SELECT version, valid_from, complete, definition FROM services.version WHERE procedure = p.code ORDER BY version DESC LIMIT 1) v
		LEFT JOIN services.edition e ON e.procedure = p.code
		WHERE p.code > @after
			AND (@words = '' OR public.vn_fold(p.name || ' ' || p.name_en || ' ' || p.code) LIKE '%' || replace(replace(public.vn_fold(@words), '%', ''), '_', '') || '%')
			AND CASE @only WHEN 'missing' THEN NOT v.complete WHEN 'draft' THEN e.procedure IS NOT NULL
				WHEN 'doubt' THEN jsonb_typeof(v.definition->'notes') = 'array' ELSE true END
		ORDER BY p.code LIMIT @most`,
		pgx.NamedArgs{"after": in.After, "words": in.Words, "only": in.Only, "most": definedPage + 1}))
	if err != nil {
		return nil, false, fmt.Errorf("listing definitions: %w", err)
	}
	if len(list) > definedPage {
		return list[:definedPage], true, nil
	}
	return list, false, nil
}

// Schedule is the fee rules that hold where a procedure has none of its own.
func (m *Module) Schedule() *pay.Schedule { return m.pay.Schedule() }

// CheckDefinition is all that is wrong with a definition, by the field of the editor.
func (m *Module) CheckDefinition(ctx context.Context, d Definition) fault.Fields {
	if d.Asks != nil {
		if wrong := d.Asks.Faults(); wrong.Any() {
			return wrong
		}
	}
	form, err := m.FormOf(ctx, d)
	if err != nil {
		return fault.Fields{"form": "required"}
	}
	return d.faults(form, m.pay.Schedule())
}

// FormIDs lists the forms that a procedure can ask.
func (m *Module) FormIDs() []string { return m.forms.IDs() }

// DecidedBy is the name of the body that always decides a procedure; "" where the commune of the
// matter does, or the case says who.
func (m *Module) DecidedBy(ctx context.Context, def Definition) (string, error) {
	id, one := strings.CutPrefix(def.Competent, AgencyBody)
	if !one || len(def.Competents) > 0 {
		return "", nil
	}
	name, err := m.bodyName(ctx, id, m.clock.Now())
	if fault.KindOf(err) == fault.KindNotFound {
		return "", nil // the body is over: the editor says so where it is mended
	}
	return name, err
}

// CompetentBodies are the bodies of the province that a procedure can name as the one that decides.
func (m *Module) CompetentBodies(ctx context.Context) ([]directory.Agency, error) {
	all, err := m.directory.Agencies(ctx, directory.AgencyFilter{Branch: directory.Government, Level: "province"}, m.clock.Now())
	return slices.DeleteFunc(all, func(a directory.Agency) bool { return a.Kind == counterKind || a.Identifier == "" }), err
}
