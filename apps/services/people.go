package services

import (
	"context"

	"github.com/google/uuid"

	"datmui/blocks/directory"
	"datmui/kit/actor"
	"datmui/kit/pg"
)

// person is the applicant, the owner or an officer, for use inside an act or a page that has
// recorded its own access.
func (m *Module) person(ctx context.Context, id uuid.UUID) (directory.Person, error) {
	return directory.PersonIn(ctx, m.db, id)
}

// mayOpenFile lets those open a dossier's files who may see the dossier.
func (m *Module) mayOpenFile(ctx context.Context, r pg.Reader, a actor.Actor, dossier uuid.UUID) (bool, error) {
	d, err := pg.One[Dossier](r.Query(ctx, `SELECT `+dossierColumns+` FROM services.dossier WHERE id = $1`, dossier))
	if err != nil {
		return false, err
	}
	return d.mayBeSeenBy(a), nil
}
