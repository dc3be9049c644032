-- +goose Up
-- The watchdog: each look over all open dossiers, and what it found against the rule that no dossier
-- is silent. apps/services/silence writes and reads these.
CREATE TABLE services.silence_run (
    id       uuid PRIMARY KEY,
    began_at timestamptz NOT NULL,
    ended_at timestamptz NOT NULL,
    rules    jsonb NOT NULL      -- by rule: {"checked": n, "found": n, "since": time}
);
CREATE INDEX silence_run_ended ON services.silence_run (ended_at DESC, id DESC);

-- What was found, at most a thousand of a rule; the run has the whole number.
CREATE TABLE services.silence (
    id      uuid PRIMARY KEY,
    rule    text NOT NULL,
    subject text NOT NULL,                  -- what breaks the rule: a dossier, a desk, a kind of job
    dossier uuid,                           -- the dossier to open, where it is one
    agency  text NOT NULL,                  -- whose supervisor is told
    what    text NOT NULL,                  -- code of the dossier, name of the desk or job; no personal data
    since   timestamptz NOT NULL,           -- when it was first seen
    over_at timestamptz                     -- when it was seen no longer
);
CREATE UNIQUE INDEX silence_open ON services.silence (rule, subject) WHERE over_at IS NULL;
CREATE INDEX silence_agency ON services.silence (agency, id) WHERE over_at IS NULL;

-- +goose Down
DROP TABLE services.silence, services.silence_run;
