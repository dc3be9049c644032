package services

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"datmui/blocks/audit"
	"datmui/blocks/forms"
	"datmui/blocks/represent"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// SetRecord is a set with all that its page shows.
type SetRecord struct {
	LinkedSet
	Answers forms.Answers
	Records []Record // of the parts, in their order
}

// AuditCode is what entries of the log call a set.
func (s SetRecord) AuditCode() string { return s.Code }

// AuditPersons says whose record a set is.
func (s SetRecord) AuditPersons() []uuid.UUID { return []uuid.UUID{s.Applicant} }

// Set opens a set for the citizen who filed it and records that she did. To anybody else it is
// NotFound; officials see on each dossier of theirs which set it belongs to.
func (m *Module) Set(ctx context.Context, id uuid.UUID) (SetRecord, error) {
	return audit.Read(ctx, m.book, "services.set.open", id, func(r pg.Reader) (SetRecord, error) {
		var out SetRecord
		s, err := m.setOf(ctx, r, id, "")
		if err != nil {
			return out, err
		}
		if a := actor.From(ctx); a.Kind != actor.Citizen || a.Party() != s.Applicant { // who acts for her sees it if she sees its parts
			return out, fault.NotFound("services.set")
		}
		out.LinkedSet = s
		if out.Answers, err = pg.Value[forms.Answers](r.Query(ctx, `SELECT answers FROM services.linked_set WHERE id = $1`, id)); err != nil {
			return out, fmt.Errorf("what was declared for %s: %w", s.Code, err)
		}
		for _, p := range s.Parts {
			rec, err := m.record(ctx, r, p.ID)
			if err != nil {
				return out, err
			}
			out.Records = append(out.Records, rec)
		}
		return out, nil
	})
}

// MayOpen says whether an official may open a part of the set.
func (s LinkedSet) MayOpen(a actor.Actor, p SetPart) bool {
	return Dossier{ReceivingAgency: s.ReceivingAgency, CompetentAgency: p.CompetentAgency}.mayBeSeenBy(a)
}

// inSet reads the set that a dossier is part of; nil where it is none.
func (m *Module) inSet(ctx context.Context, r pg.Reader, dossier uuid.UUID) (*LinkedSet, error) {
	id, err := pg.Value[uuid.UUID](r.Query(ctx, `SELECT set_id FROM services.linked_part WHERE dossier_id = $1`, dossier))
	if fault.KindOf(err) == fault.KindNotFound {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	s, err := m.setOf(ctx, r, id, "")
	return &s, err
}

// SetLine is one set in a list.
type SetLine struct {
	ID      uuid.UUID
	Code    string
	Name    string
	NameEN  string
	Subject string
	Parts   int
	Open    int // parts that have neither ended nor a result

	Dossiers []uuid.UUID
}

// mostSets is how many sets a person's list shows: the newest.
const mostSets = 20

// MySets lists the sets that the citizen filed, the newest first.
func (m *Module) MySets(ctx context.Context) ([]SetLine, error) {
	a := actor.From(ctx)
	return pg.All[SetLine](m.db.Query(ctx, `SELECT s.id, s.code, p.name, p.name_en, s.subject, x.parts, x.open, x.dossiers
		FROM (SELECT * FROM services.linked_set own WHERE applicant = @me AND (@all OR EXISTS (
			SELECT FROM services.linked_part l JOIN services.filer f ON f.dossier_id = l.dossier_id WHERE l.set_id = own.id AND f.person = @person))
			ORDER BY filed_at DESC, id DESC LIMIT @most) s
		JOIN services.procedure p ON p.code = s.procedure
		CROSS JOIN LATERAL (SELECT count(*)::int AS parts, (count(*) FILTER (WHERE d.state NOT IN (3, 7, 8, 9, 10)))::int AS open, array_agg(d.id) AS dossiers
			FROM services.linked_part l JOIN services.dossier d ON d.id = l.dossier_id WHERE l.set_id = s.id) x
		ORDER BY s.filed_at DESC, s.id DESC`, pgx.NamedArgs{"me": a.Party(), "person": a.ID, "all": a.MayFor(represent.SeeAll), "most": mostSets}))
}
