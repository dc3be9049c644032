-- +goose Up
-- What other bodies are asked about a dossier in processing. The dossier's own clock runs on; each
-- question has a clock of its own, and where the law says so silence is consent.
CREATE TABLE services.opinion (
    id            uuid PRIMARY KEY,
    dossier_id    uuid NOT NULL REFERENCES services.dossier (id),
    agency        text NOT NULL CHECK (agency <> ''),              -- the body asked
    question      text NOT NULL CHECK (length(question) BETWEEN 1 AND 4000),
    papers        uuid[] NOT NULL DEFAULT '{}',                    -- files of the dossier that the body may open
    declared      boolean NOT NULL DEFAULT false,                  -- it may read what was declared in the form
    term          text NOT NULL,                                   -- 12cd, 5wd, 16wh
    silence       text NOT NULL CHECK (silence IN ('agreed', 'open')),
    basis         text NOT NULL DEFAULT '',                        -- the law by which silence is consent
    asked_by      uuid NOT NULL,
    asker_name    text NOT NULL,                                   -- as of that moment
    asker_post    text NOT NULL DEFAULT '',
    asked_at      timestamptz NOT NULL,
    due_at        timestamptz NOT NULL,
    state         text NOT NULL DEFAULT 'asked' CHECK (state IN ('asked', 'agree', 'conditions', 'disagree', 'silent', 'dropped')),
    answer        text NOT NULL DEFAULT '' CHECK (length(answer) <= 8000),
    files         uuid[] NOT NULL DEFAULT '{}',                    -- what came with the answer
    answered_by   uuid,
    answerer_name text NOT NULL DEFAULT '',
    answerer_post text NOT NULL DEFAULT '',
    answered_at   timestamptz,
    reminded_at   timestamptz,
    CHECK ((state = 'asked') = (answered_at IS NULL)),
    CHECK (state <> 'silent' OR silence = 'agreed' AND basis <> ''),
    CHECK (state NOT IN ('conditions', 'disagree') OR answer <> '')
);
CREATE INDEX opinion_dossier ON services.opinion (dossier_id, asked_at);
CREATE UNIQUE INDEX opinion_open ON services.opinion (dossier_id, agency) WHERE state = 'asked';
CREATE INDEX opinion_due ON services.opinion (due_at) WHERE state = 'asked';

-- +goose Down
DROP TABLE services.opinion;
