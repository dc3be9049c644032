-- +goose Up
-- A citizen complains that her dossier is late: it goes to who supervises, not to who is late.
CREATE TABLE services.complaint (
    id          uuid PRIMARY KEY,
    dossier_id  uuid NOT NULL REFERENCES services.dossier (id),
    person      uuid NOT NULL,
    text        text NOT NULL CHECK (length(text) BETWEEN 1 AND 2000),
    promised    timestamptz NOT NULL,     -- the time that had passed
    at          timestamptz NOT NULL,
    due_at      timestamptz NOT NULL,     -- until when it is answered
    answer      text NOT NULL DEFAULT '' CHECK (length(answer) <= 4000),
    answered_at timestamptz,
    answered_by uuid,
    answerer    text NOT NULL DEFAULT '', -- name and post as of that moment
    CHECK ((answered_at IS NULL) = (answer = ''))
);
CREATE UNIQUE INDEX complaint_open ON services.complaint (dossier_id) WHERE answered_at IS NULL;
CREATE INDEX complaint_dossier ON services.complaint (dossier_id, at);

-- +goose Down
DROP TABLE services.complaint;
