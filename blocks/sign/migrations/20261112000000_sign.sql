-- +goose Up
CREATE SCHEMA sign;

-- One certificate and its key. The key is locked: under the master key of the instance, and a
-- person's under a PIN as well. Keys on the server are demonstration keys without legal value.
CREATE TABLE sign.certificate (
    id           uuid PRIMARY KEY,
    role         text NOT NULL CHECK (role IN ('person', 'seal', 'service')), -- seal: of the body, by its clerk; service: automatic
    person       uuid,
    agency       text NOT NULL,
    name         text NOT NULL,
    title        text NOT NULL DEFAULT '',
    organisation text NOT NULL,
    serial       text NOT NULL UNIQUE,
    der          bytea NOT NULL,
    locked       bytea NOT NULL,
    not_before   timestamptz NOT NULL,
    not_after    timestamptz NOT NULL,
    revoked_at   timestamptz,
    reason       smallint NOT NULL DEFAULT 0,
    CHECK ((role = 'person') = (person IS NOT NULL))
);
CREATE UNIQUE INDEX certificate_person ON sign.certificate (person, agency) WHERE role = 'person' AND revoked_at IS NULL;
CREATE UNIQUE INDEX certificate_body ON sign.certificate (agency, role) WHERE role <> 'person' AND revoked_at IS NULL;

-- Wrong PINs of one key, from one session of its holder: nobody else can use them up.
CREATE TABLE sign.pin (
    certificate uuid PRIMARY KEY REFERENCES sign.certificate (id),
    wrong       smallint NOT NULL DEFAULT 0,
    wait_until  timestamptz
);

CREATE TABLE sign.signature (
    id           uuid PRIMARY KEY,
    certificate  uuid NOT NULL REFERENCES sign.certificate (id),
    subject_kind text NOT NULL,
    subject_id   uuid NOT NULL,
    field        text NOT NULL,
    sha256       bytea NOT NULL CHECK (length(sha256) = 32), -- of the file as it left this signature
    at           timestamptz NOT NULL,
    actor        uuid
);
CREATE INDEX signature_subject ON sign.signature (subject_id);

-- +goose Down
DROP SCHEMA sign CASCADE;
