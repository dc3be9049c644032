-- +goose Up
-- A person is told before a result runs out, with the renewal prepared. Each paper once.
-- law: public-services.md 3 — Decree 224/2026, Art. 16: proactive service, grades 1 and 2.
CREATE TABLE services.reminder (
    paper     uuid PRIMARY KEY,       -- in records.paper
    owner     uuid NOT NULL,          -- whose paper it is
    name      text NOT NULL,
    number    text NOT NULL,
    until     date NOT NULL,          -- last day of validity
    procedure text NOT NULL,          -- by which it is renewed
    draft     uuid,                   -- the prepared dossier; null where it cannot be filed here
    at        timestamptz NOT NULL
);
CREATE INDEX reminder_owner ON services.reminder (owner, at DESC, paper DESC);

-- Who does not want to be reminded.
CREATE TABLE services.reminder_off (
    person uuid PRIMARY KEY,
    at     timestamptz NOT NULL
);

-- +goose Down
DROP TABLE services.reminder_off, services.reminder;
