-- +goose Up
-- Who filed in the name of somebody else: the applicant is the child, the ward or the business.
CREATE TABLE services.filer (
    dossier_id uuid PRIMARY KEY REFERENCES services.dossier (id) DEFERRABLE INITIALLY DEFERRED,
    party      uuid NOT NULL,          -- the applicant
    person     uuid NOT NULL,          -- who filed
    name       text NOT NULL,          -- as of that moment
    mandate    uuid NOT NULL,          -- by what
    filed_at   timestamptz NOT NULL
);
CREATE INDEX filer_own ON services.filer (party, person, filed_at DESC, dossier_id DESC);

-- +goose Down
DROP TABLE services.filer;
