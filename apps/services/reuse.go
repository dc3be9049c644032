package services

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"datmui/blocks/audit"
	"datmui/blocks/files"
	"datmui/blocks/records"
	"datmui/blocks/represent"
	"datmui/kit/actor"
	"datmui/kit/fault"
	"datmui/kit/pg"
)

// StoredFor are the papers of a person's store that may stand for a paper, those that count no longer
// among them: the page says why they cannot be used. The person looks at her own; that an officer at
// the counter looked at somebody else's, and for which procedure, stands in her log.
// law: public-services.md 11 — reuse of a stored paper within validity replaces asking again.
func (m *Module) StoredFor(ctx context.Context, def Definition, owner uuid.UUID, rules []PaperRule) (map[string][]records.Paper, error) {
	out := map[string][]records.Paper{}
	if !actor.From(ctx).MayFor(represent.SeeAll) || !slices.ContainsFunc(rules, func(r PaperRule) bool { return len(r.Stored) > 0 }) {
		return out, nil
	}
	mine, err := m.records.PapersOf(ctx, owner, counterPurpose(ctx, def.Name))
	if err != nil {
		return nil, err
	}
	for _, r := range rules {
		for _, p := range mine {
			if p.FileID != nil && slices.Contains(r.Stored, p.Type) {
				out[r.Key] = append(out[r.Key], p)
			}
		}
	}
	return out, nil
}

// storedPapers looks up the files of what is to be used again, before the act begins. Only the
// applicant's own papers are known here.
func (m *Module) storedPapers(ctx context.Context, def Definition, applicant uuid.UUID, papers []PaperIn, f fault.Fields) (map[uuid.UUID]files.File, error) {
	out := map[uuid.UUID]files.File{}
	if !slices.ContainsFunc(papers, func(p PaperIn) bool { return p.Stored != uuid.Nil }) {
		return out, nil
	}
	mine, err := m.StoredFor(ctx, def, applicant, def.Papers)
	if err != nil {
		return nil, err
	}
	for _, p := range papers {
		if p.Stored == uuid.Nil {
			continue
		}
		i := slices.IndexFunc(mine[p.Place], func(r records.Paper) bool { return r.ID == p.Stored })
		if i < 0 {
			f.Set("paper."+p.Place, "paper-not-stored")
			continue
		}
		if out[p.Stored], err = m.storedFile(ctx, mine[p.Place][i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// storedFile finds the file of a stored paper in the dossier that it came from.
func (m *Module) storedFile(ctx context.Context, p records.Paper) (files.File, error) {
	source, err := pg.One[Dossier](m.db.Query(ctx, `SELECT `+dossierColumns+` FROM services.dossier WHERE code = $1 AND owner = $2`, p.SourceID, p.Owner))
	if err != nil {
		return files.File{}, err
	}
	if p.Result { // what does not leave the house yet is not filed elsewhere either
		if why, err := m.keptBack(ctx, m.db, &source); err != nil {
			return files.File{}, err
		} else if why != "" {
			return files.File{}, fault.Conflict(why)
		}
	}
	list, err := m.files.List(ctx, m.db, files.Subject{Kind: filesKind, ID: source.ID})
	if err != nil {
		return files.File{}, err
	}
	i := slices.IndexFunc(list, func(f files.File) bool { return f.ID == *p.FileID && !f.Destroyed })
	if i < 0 {
		return files.File{}, fault.NotFound("file")
	}
	return list[i], nil
}

// reusePapers puts papers of the store into the list of a new dossier and logs each use where its
// owner sees it; what is left was brought. The citizen uses her own: her filing is her consent. At
// the counter the officer takes her consent down, for this paper, this use and this day.
// law: public-services.md 18.2 A27 — past its validity it is refused with the reason, SoHoa is not set.
func (m *Module) reusePapers(ctx context.Context, act *audit.Act, d *Dossier, p prepared) (brought []PaperIn, err error) {
	for _, in := range p.in.Papers {
		if in.Stored == uuid.Nil {
			brought = append(brought, in)
			continue
		}
		use := records.ReuseIn{Paper: in.Stored, Purpose: p.def.Name, Agency: d.ReceivingAgency, AboutKind: dossierKind, AboutID: d.Code}
		if act.Actor.Party() != p.applicant.ID {
			if use.Consent, err = m.records.TakeConsent(ctx, act, records.ConsentIn{Person: p.applicant.ID, Purpose: p.def.Name,
				Agency: d.ReceivingAgency, AgencyName: p.receiving.Name, Paper: in.Stored, Days: 1}); err != nil {
				return nil, err
			}
		}
		paper, err := m.records.Reuse(ctx, act, use)
		if err != nil {
			return nil, err
		}
		of := p.again[in.Stored]
		file, err := m.files.Put(ctx, act, files.In{Blob: of.Blob(), Name: of.Name, MIME: of.MIME, Pages: of.Pages,
			Subject: files.Subject{Kind: filesKind, ID: d.ID}, Role: in.Place, Persons: d.AuditPersons()})
		if err != nil {
			return nil, err
		}
		name := paper.Name
		if paper.Number != "" {
			name += " " + paper.Number
		}
		queuePaper(act, d, Paper{Place: in.Place, FileID: &file.ID, Name: name, Copies: 1, Digitised: paper.SoHoa()})
	}
	return brought, nil
}
