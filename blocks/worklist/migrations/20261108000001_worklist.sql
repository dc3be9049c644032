-- +goose Up
CREATE SCHEMA worklist;

CREATE TABLE worklist.item (
    id         uuid PRIMARY KEY,
    kind       text NOT NULL CHECK (kind ~ '^[a-z]+\.[a-z-]+$'),  -- module and noun: services.dossier
    subject    uuid NOT NULL,
    slot       text NOT NULL DEFAULT '',   -- tells several desks of one subject apart: lead, with-2 …
    agency     text NOT NULL CHECK (agency <> ''),
    person     uuid,                       -- null: whoever holds right_key in the agency
    right_key  text NOT NULL DEFAULT '',
    what       text NOT NULL CHECK (what <> ''),
    who        text NOT NULL DEFAULT '',   -- whom it is for: the applicant
    sender     text NOT NULL DEFAULT '',   -- from whose hands it came
    code       text NOT NULL DEFAULT '',
    why        text NOT NULL CHECK (why <> ''),  -- key of the text that says why it is here
    step       text NOT NULL DEFAULT '',
    priority   smallint NOT NULL DEFAULT 0 CHECK (priority BETWEEN 0 AND 3),
    href       text NOT NULL CHECK (href LIKE '/%' AND href NOT LIKE '//%'),
    started_at timestamptz NOT NULL,
    due_at     timestamptz NOT NULL,       -- nothing lies on a desk without an end
    done_at    timestamptz,
    done_by    uuid,
    desk       text NOT NULL GENERATED ALWAYS AS (CASE WHEN person IS NULL THEN 'o:' || agency || ':' || right_key
                                                       ELSE 'p:' || person::text END) STORED,
    fold       text NOT NULL GENERATED ALWAYS AS (public.vn_fold(code || ' ' || what || ' ' || who)) STORED,
    CHECK (person IS NOT NULL OR right_key <> '')
) WITH (fillfactor = 80);
-- All that is asked of a desk is asked of its open items: done ones may grow for ever.
CREATE INDEX item_desk ON worklist.item (desk, due_at, id) INCLUDE (kind, why) WHERE done_at IS NULL;
CREATE INDEX item_agency ON worklist.item (agency, due_at, id) INCLUDE (kind, why) WHERE done_at IS NULL;
CREATE UNIQUE INDEX item_open ON worklist.item (subject, kind, slot) WHERE done_at IS NULL;

CREATE TABLE worklist.view (
    id     uuid PRIMARY KEY,
    person uuid NOT NULL,
    agency text NOT NULL DEFAULT '',   -- '' : her own; else shared with the officials of this agency
    name   text NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
    query  text NOT NULL CHECK (length(query) <= 1000),
    at     timestamptz NOT NULL
);
CREATE INDEX view_person ON worklist.view (person);
CREATE INDEX view_agency ON worklist.view (agency) WHERE agency <> '';

-- +goose Down
DROP SCHEMA worklist CASCADE;
