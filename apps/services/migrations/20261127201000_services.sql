-- +goose Up
-- What ministries published about a procedure on the national portal, as read: never changed by hand.
-- law: public-services.md 2 — what is doubtful is flagged, and an official enters what is right.
CREATE TABLE services.published (
    procedure  text PRIMARY KEY REFERENCES services.procedure (code),
    name       text   NOT NULL,
    ministry   text   NOT NULL,
    levels     text[] NOT NULL,                -- commune, province, ministry, other
    applicants text[] NOT NULL,
    decision   text   NOT NULL,                -- number of the decision that published it
    limits     jsonb  NOT NULL,                -- channel → "3 wd"; "120 ?" without a unit
    fees       jsonb  NOT NULL,                -- channel → đồng; "?" where a text stands
    results    text[] NOT NULL,                -- codes of result types
    basis      text[] NOT NULL                 -- numbers of legal texts
);

-- One doubtful fact of it, and what an official entered instead.
CREATE TABLE services.doubt (
    procedure  text NOT NULL REFERENCES services.published (procedure),
    kind       text NOT NULL,
    part       text NOT NULL,                  -- the channel or result code it is about; '' the whole
    raw        text NOT NULL,                  -- as published
    value      text CHECK (value <> ''),
    settled_at timestamptz,
    settled_by uuid,
    PRIMARY KEY (procedure, kind, part),
    CHECK ((settled_at IS NULL) = (value IS NULL) AND (settled_at IS NULL) = (settled_by IS NULL))
);
CREATE INDEX doubt_open ON services.doubt (kind, procedure) WHERE settled_at IS NULL;

ALTER TABLE services.procedure
    DROP COLUMN search,                        -- procedures are ranked in memory, by apps/services/find
    ADD COLUMN confirmed_at timestamptz,       -- an official found what is published right, or mended it
    ADD COLUMN confirmed_by uuid,
    ADD COLUMN basis        text NOT NULL DEFAULT '', -- the document by which it was confirmed
    ADD CHECK ((confirmed_at IS NULL) = (confirmed_by IS NULL));
CREATE INDEX procedure_browse ON services.procedure (field COLLATE "vi-x-icu", left(name, 200) COLLATE "vi-x-icu", code);

-- +goose Down
DROP INDEX services.procedure_browse;
ALTER TABLE services.procedure DROP COLUMN confirmed_at, DROP COLUMN confirmed_by, DROP COLUMN basis,
    ADD COLUMN search tsvector GENERATED ALWAYS AS (to_tsvector('simple', public.vn_fold(name || ' ' || name_en || ' ' || code || ' ' || words))) STORED;
CREATE INDEX procedure_search ON services.procedure USING gin (search);
DROP TABLE services.doubt, services.published;
