-- +goose Up
CREATE SCHEMA records;

CREATE TABLE records.paper (
    id            uuid PRIMARY KEY,
    owner         uuid NOT NULL,
    type          text NOT NULL CHECK (type <> ''),   -- document-type code: KQ.G15.000038
    name          text NOT NULL CHECK (name <> ''),   -- as people call it
    number        text NOT NULL DEFAULT '',           -- number and symbol
    issuer        text NOT NULL,
    issuer_agency text NOT NULL DEFAULT '',
    issued_on     date NOT NULL,
    valid_until   date,                               -- last day; null = no end
    result        boolean NOT NULL,                   -- issued here as a result; false: digitised from what was brought
    source_kind   text NOT NULL DEFAULT '',
    source_id     text NOT NULL DEFAULT '',
    file_id       uuid,                               -- null: on paper only
    signature     text NOT NULL DEFAULT 'none' CHECK (signature IN ('none', 'signed', 'copy')),
    visibility    text NOT NULL DEFAULT 'offices' CHECK (visibility IN ('owner', 'offices')),
    revoked_at    timestamptz,
    revoked_why   text NOT NULL DEFAULT '',
    replaced_by   uuid REFERENCES records.paper (id) DEFERRABLE INITIALLY DEFERRED,
    kept_at       timestamptz NOT NULL,
    CHECK (valid_until IS NULL OR valid_until >= issued_on),
    CHECK (revoked_at IS NULL OR revoked_why <> '')
);
CREATE INDEX paper_owner ON records.paper (owner, issued_on DESC, id DESC);
CREATE UNIQUE INDEX paper_source ON records.paper (source_id, source_kind, type, number) WHERE source_id <> '';

-- law: public-services.md 11, Law 91/2025 — per purpose, provable, as easy to withdraw as to give.
CREATE TABLE records.consent (
    id           uuid PRIMARY KEY,
    person       uuid NOT NULL,
    purpose      text NOT NULL CHECK (purpose <> ''),
    agency       text NOT NULL CHECK (agency <> ''),  -- who may use the papers
    agency_name  text NOT NULL DEFAULT '',            -- as of that moment
    paper        uuid REFERENCES records.paper (id),  -- null: any of her papers
    given_at     timestamptz NOT NULL,
    until        timestamptz NOT NULL,
    given_to     uuid,                                -- the officer who took it down at the counter
    withdrawn_at timestamptz,
    CHECK (until > given_at)
);
CREATE INDEX consent_person ON records.consent (person, given_at DESC);

CREATE TABLE records.reuse (
    id          uuid PRIMARY KEY,
    paper       uuid NOT NULL REFERENCES records.paper (id),
    owner       uuid NOT NULL,
    by          uuid,
    by_name     text NOT NULL DEFAULT '',
    agency      text NOT NULL DEFAULT '',
    agency_name text NOT NULL DEFAULT '',
    purpose     text NOT NULL CHECK (purpose <> ''),
    about_kind  text NOT NULL DEFAULT '',
    about_id    text NOT NULL DEFAULT '',
    consent     uuid REFERENCES records.consent (id),  -- null: the owner herself
    at          timestamptz NOT NULL
);
CREATE INDEX reuse_owner ON records.reuse (owner, id DESC);
CREATE INDEX reuse_paper ON records.reuse (paper);

-- +goose StatementBegin
CREATE FUNCTION records.reuse_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the log of reuse is append-only' USING ERRCODE = '42501';
END $$;
-- +goose StatementEnd
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON records.reuse FOR EACH ROW EXECUTE FUNCTION records.reuse_stays();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON records.reuse EXECUTE FUNCTION records.reuse_stays();

-- +goose Down
DROP SCHEMA records CASCADE;
