-- +goose Up
CREATE SCHEMA calendar;

-- Opening hours of a body (agency '' is everybody without hours of their own), for counting terms
-- or for receiving people, from a day on. Rows are never changed: new hours are a new row.
CREATE TABLE calendar.hours (
    agency     text        NOT NULL DEFAULT '',
    use        text        NOT NULL CHECK (use IN ('counting', 'reception')),
    valid_from date        NOT NULL,
    week       text[]      NOT NULL CHECK (cardinality(week) = 7), -- Sunday first, "07:00-11:00,13:00-17:00"
    basis      text        NOT NULL,
    set_by     uuid,
    set_at     timestamptz NOT NULL,
    PRIMARY KEY (agency, use, valid_from)
);

-- A version of a year's days. A published version is never changed: the next one replaces it.
CREATE TABLE calendar.year (
    id           uuid PRIMARY KEY,
    year         integer     NOT NULL CHECK (year BETWEEN 2000 AND 2059),
    version      integer     NOT NULL CHECK (version > 0),
    state        text        NOT NULL CHECK (state IN ('draft', 'published', 'replaced')),
    basis        text        NOT NULL DEFAULT '',
    drafted_by   uuid,
    drafted_at   timestamptz NOT NULL,
    published_by uuid,
    published_at timestamptz,
    UNIQUE (year, version),
    CHECK ((state = 'draft') = (published_at IS NULL)),
    CHECK (state = 'draft' OR basis <> '')
);
CREATE UNIQUE INDEX year_draft ON calendar.year (year) WHERE state = 'draft';
CREATE UNIQUE INDEX year_published ON calendar.year (year) WHERE state = 'published';

CREATE TABLE calendar.day (
    year_id    uuid NOT NULL REFERENCES calendar.year ON DELETE CASCADE,
    date       date NOT NULL,
    holiday    text NOT NULL,
    kind       text NOT NULL CHECK (kind IN ('statutory', 'compensatory', 'swap_off', 'swap_work')),
    stands_for date,
    status     text NOT NULL CHECK (status IN ('announced', 'computed')),
    basis      text NOT NULL DEFAULT '',
    note       text NOT NULL DEFAULT '',
    PRIMARY KEY (year_id, date),
    CHECK (kind = 'statutory' OR stands_for IS NOT NULL)
);

-- Counts the changes, so that every node sees when its calendars are old.
CREATE TABLE calendar.revision (
    one_row boolean PRIMARY KEY DEFAULT true CHECK (one_row),
    n       bigint NOT NULL
);
INSERT INTO calendar.revision (n) VALUES (0);
