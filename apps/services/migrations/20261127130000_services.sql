-- +goose Up
-- A supplement request of a case officer waits for the head's yes before the citizen hears of it.
ALTER TABLE services.request ADD COLUMN state text NOT NULL DEFAULT 'asked' CHECK (state IN ('proposed', 'asked', 'dropped'));

-- What officials write down about a dossier for each other; the citizen does not read it.
CREATE TABLE services.note (
    id          uuid PRIMARY KEY,
    dossier_id  uuid NOT NULL REFERENCES services.dossier (id),
    at          timestamptz NOT NULL,
    author      uuid NOT NULL,
    author_name text NOT NULL,              -- as of that moment
    author_post text NOT NULL DEFAULT '',
    text        text NOT NULL CHECK (length(text) BETWEEN 1 AND 4000)
);
CREATE INDEX note_dossier ON services.note (dossier_id, at);

-- +goose Down
DROP TABLE services.note;
ALTER TABLE services.request DROP COLUMN state;
