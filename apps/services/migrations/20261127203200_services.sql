-- +goose Up
-- What an official does to many dossiers at once: ordered with a preview, done in the background, a
-- result for each. Every row is an act of its own with the rights of who ordered it.
CREATE TABLE services.bulk (
    id       uuid PRIMARY KEY,
    act      text NOT NULL CHECK (act IN ('assign', 'forward', 'ask', 'slips', 'receipts')),
    person   uuid NOT NULL,
    post     uuid NOT NULL,
    input    jsonb NOT NULL DEFAULT '{}',   -- what the act needs besides the dossier
    state    text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'stopping', 'stopped', 'over')),
    total    int NOT NULL,                  -- rows to do, without those left out
    left_out int NOT NULL,
    done     int NOT NULL DEFAULT 0,
    failed   int NOT NULL DEFAULT 0,
    at       timestamptz NOT NULL,
    ended_at timestamptz,
    CHECK ((state IN ('stopped', 'over')) = (ended_at IS NOT NULL)),
    CHECK (done + failed <= total)
);
CREATE INDEX bulk_person ON services.bulk (person, at DESC);

CREATE TABLE services.bulk_row (
    bulk_id    uuid NOT NULL REFERENCES services.bulk (id),
    n          int  NOT NULL,
    dossier_id uuid NOT NULL,
    moves      int  NOT NULL,               -- at which line of its slip it stood when it was picked
    state      text NOT NULL CHECK (state IN ('waiting', 'done', 'failed', 'left')),
    why        text NOT NULL DEFAULT '',    -- text key of the fault, or why it was left out
    PRIMARY KEY (bulk_id, n)
);
CREATE INDEX bulk_row_waiting ON services.bulk_row (bulk_id, n) WHERE state = 'waiting';

-- +goose Down
DROP TABLE services.bulk_row, services.bulk;
