-- +goose Up
CREATE SCHEMA partners;

-- Another system that may speak to the public API, and what the province lets it ask for.
CREATE TABLE partners.partner (
    id          uuid PRIMARY KEY,
    name        text NOT NULL CHECK (btrim(name) <> ''),
    contact     text NOT NULL,                      -- e-mail of who looks after it
    back        text NOT NULL DEFAULT '',           -- address that a citizen is led back to; "" none
    scopes      text[] NOT NULL CHECK (cardinality(scopes) > 0),
    per_minute  int NOT NULL CHECK (per_minute BETWEEN 1 AND 6000),
    enrolled_at timestamptz NOT NULL,
    enrolled_by uuid NOT NULL,
    closed_at   timestamptz
);
CREATE INDEX partner_name ON partners.partner (name, id);

-- The key itself is shown once; only its hash stays.
CREATE TABLE partners.key (
    id         uuid PRIMARY KEY,
    partner    uuid NOT NULL REFERENCES partners.partner (id),
    name       text NOT NULL,
    hash       bytea NOT NULL UNIQUE CHECK (octet_length(hash) = 32),
    tail       text NOT NULL,                       -- its last four letters, to tell keys apart
    made_at    timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    used_on    date
);
CREATE INDEX key_partner ON partners.key (partner, made_at DESC);

-- What a person lets a partner do for her.
CREATE TABLE partners.authorisation (
    id           uuid PRIMARY KEY,
    partner      uuid NOT NULL REFERENCES partners.partner (id),
    person       uuid NOT NULL,
    scopes       text[] NOT NULL CHECK (cardinality(scopes) > 0),
    hash         bytea NOT NULL UNIQUE,             -- of the code that she gives the partner
    given_at     timestamptz NOT NULL,
    until        timestamptz NOT NULL CHECK (until > given_at),
    withdrawn_at timestamptz
);
CREATE INDEX authorisation_person ON partners.authorisation (person, given_at DESC);

-- What a partner has begun for somebody, and how much of it the partner was told.
CREATE TABLE partners.matter (
    kind          text NOT NULL,
    subject       uuid NOT NULL,
    code          text NOT NULL,
    partner       uuid NOT NULL REFERENCES partners.partner (id),
    authorisation uuid NOT NULL REFERENCES partners.authorisation (id),
    begun_at      timestamptz NOT NULL,
    told          int NOT NULL DEFAULT 0,           -- number of the last move that was passed on
    over          boolean NOT NULL DEFAULT false,   -- nothing more will move
    PRIMARY KEY (kind, subject)
);
CREATE UNIQUE INDEX matter_code ON partners.matter (partner, kind, code);
CREATE INDEX matter_begun ON partners.matter (partner, kind, begun_at DESC, subject DESC);
CREATE INDEX matter_open ON partners.matter (kind, subject) WHERE NOT over;

CREATE TABLE partners.hook (
    id         uuid PRIMARY KEY,
    partner    uuid NOT NULL REFERENCES partners.partner (id),
    url        text NOT NULL,
    secret     bytea NOT NULL,                      -- sealed with the master key
    made_at    timestamptz NOT NULL,
    dropped_at timestamptz
);
CREATE INDEX hook_partner ON partners.hook (partner) WHERE dropped_at IS NULL;

CREATE TABLE partners.delivery (
    id           uuid PRIMARY KEY,
    hook         uuid NOT NULL REFERENCES partners.hook (id),
    event        text NOT NULL,
    body         text NOT NULL,
    at           timestamptz NOT NULL,
    tries        int NOT NULL DEFAULT 0,
    last_status  int NOT NULL DEFAULT 0,            -- of HTTP; 0 when nobody answered
    last_error   text NOT NULL DEFAULT '',
    delivered_at timestamptz
);
CREATE INDEX delivery_hook ON partners.delivery (hook, at DESC, id DESC);

-- +goose Down
DROP SCHEMA partners CASCADE;
