-- +goose Up
-- Until when what was asked for in state 6 is to be paid; a dossier has a row for each time it was asked.
CREATE TABLE services.payment_term (
    dossier_id  uuid        NOT NULL REFERENCES services.dossier (id),
    n           int         NOT NULL,   -- the line of the control slip that asked
    asked_at    timestamptz NOT NULL,
    pay_by      timestamptz NOT NULL,
    reminded_at timestamptz,            -- the payer was told that the day is near
    lapsed_at   timestamptz,            -- the day passed: an officer decides
    ended_at    timestamptz,            -- paid, stopped or taken back
    PRIMARY KEY (dossier_id, n)
);
CREATE INDEX payment_term_open ON services.payment_term (pay_by) WHERE ended_at IS NULL;

-- What waits for money already has two weeks from now on: nobody was told of a day before.
INSERT INTO services.payment_term (dossier_id, n, asked_at, pay_by)
SELECT id, moves, updated_at, now() + interval '14 days' FROM services.dossier WHERE state = 6;

-- +goose Down
DROP TABLE services.payment_term;
