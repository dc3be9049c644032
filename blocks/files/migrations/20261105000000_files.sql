-- +goose Up
CREATE SCHEMA files;

-- One file as somebody named it and one place where it belongs. The bytes are kept once per sha256.
CREATE TABLE files.file (
    id           uuid PRIMARY KEY,
    sha256       bytea       NOT NULL CHECK (length(sha256) = 32),
    size         bigint      NOT NULL CHECK (size >= 0),
    mime         text        NOT NULL,
    name         text        NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    subject_kind text        NOT NULL DEFAULT '',  -- '' while only its sender holds it
    subject_id   uuid,
    role         text        NOT NULL DEFAULT '',  -- what it is to its subject, in the subject's own words
    scan_state   text        NOT NULL CHECK (scan_state IN ('waiting', 'unscanned', 'clean', 'infected')),
    pages        int         NOT NULL DEFAULT 0,   -- 0 = not counted
    persons      uuid[]      NOT NULL DEFAULT '{}', -- whose record it touches
    created_by   uuid,                             -- null = made by the system
    created_at   timestamptz NOT NULL,
    held_until   timestamptz,                      -- when it goes if nothing takes it up; null once attached
    retain_until date,                             -- null = kept for ever
    destroyed_at timestamptz,                      -- the row outlives its bytes
    CHECK ((subject_kind = '') = (subject_id IS NULL)),
    CHECK ((subject_kind = '') = (held_until IS NOT NULL) OR destroyed_at IS NOT NULL)
);
CREATE INDEX file_subject ON files.file (subject_kind, subject_id, created_at, id) WHERE subject_id IS NOT NULL;
CREATE INDEX file_sha256 ON files.file USING hash (sha256) WHERE destroyed_at IS NULL;
CREATE INDEX file_held ON files.file (held_until) WHERE held_until IS NOT NULL;
CREATE INDEX file_retain ON files.file (retain_until) WHERE retain_until IS NOT NULL AND destroyed_at IS NULL;
CREATE INDEX file_waiting ON files.file (created_at) WHERE scan_state = 'waiting';

-- A file on its way in. Its bytes lie in the folder for uploads under this id.
CREATE TABLE files.upload (
    id         uuid PRIMARY KEY,
    owner_id   uuid        NOT NULL,
    name       text        NOT NULL,
    size       bigint      NOT NULL CHECK (size > 0),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    done       boolean     NOT NULL DEFAULT false  -- files.file has a row of the same id
);
CREATE INDEX upload_owner ON files.upload (owner_id) WHERE NOT done;
CREATE INDEX upload_expires ON files.upload (expires_at);
