-- +goose Up
-- What the second screen at a counter shows the citizen while her dossier is taken in: one row for the
-- session of the officer who opened it. Nothing refers to it, and a day later it is gone.
CREATE TABLE services.screen (
    session   uuid        PRIMARY KEY,
    officer   uuid        NOT NULL REFERENCES directory.person (id),
    opened_at timestamptz NOT NULL,
    shown_at  timestamptz,                    -- null: the welcome
    procedure text        NOT NULL DEFAULT '',
    applicant uuid REFERENCES directory.person (id),
    name      text        NOT NULL DEFAULT '', -- of the applicant
    answers   jsonb       NOT NULL DEFAULT '{}',
    given     jsonb       NOT NULL DEFAULT '[]', -- keys of the papers that were handed over
    channel   int         NOT NULL DEFAULT 1,
    code      text        NOT NULL DEFAULT '', -- of what was taken in; "" while it is being typed
    due_at    timestamptz
);

-- +goose Down
DROP TABLE services.screen;
