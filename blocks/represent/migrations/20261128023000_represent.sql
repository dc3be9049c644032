-- +goose Up
CREATE SCHEMA represent;

CREATE TABLE represent.business (
    id        uuid PRIMARY KEY REFERENCES directory.person (id),
    tax_code  text NOT NULL CHECK (tax_code ~ '^[0-9]{10}(-[0-9]{3})?$'),
    confirmed boolean NOT NULL DEFAULT false,   -- an officer has seen its registration
    at        timestamptz NOT NULL
);
CREATE UNIQUE INDEX business_tax_code ON represent.business (tax_code) WHERE confirmed;

CREATE TABLE represent.mandate (
    id          uuid PRIMARY KEY,
    party       uuid NOT NULL REFERENCES directory.person (id),   -- who is acted for
    party_name  text NOT NULL,
    person      uuid NOT NULL REFERENCES directory.person (id),   -- who acts
    person_name text NOT NULL,
    role        text NOT NULL CHECK (role IN ('parent', 'guardian', 'head', 'staff')),
    rights      text[] NOT NULL,
    valid_from  date NOT NULL,
    valid_to    date,                       -- the first day on which it holds no longer; null = no end
    state       text NOT NULL CHECK (state IN ('declared', 'invited', 'held', 'refused', 'ended')),
    proof       text NOT NULL CHECK (proof IN ('register', 'paper', 'given')),
    proof_ref   text NOT NULL DEFAULT '',   -- the record that the state has
    said_by     uuid NOT NULL,
    said_at     timestamptz NOT NULL,
    settled_by  text NOT NULL DEFAULT '',   -- name and post of that moment
    settled_at  timestamptz,
    why         text NOT NULL DEFAULT '' CHECK (length(why) <= 2000),
    CHECK (valid_to IS NULL OR valid_to > valid_from)
);
CREATE UNIQUE INDEX mandate_open ON represent.mandate (person, party) WHERE state IN ('declared', 'invited', 'held');
CREATE INDEX mandate_party ON represent.mandate (party, said_at DESC, id DESC);

-- +goose Down
DROP SCHEMA represent CASCADE;
