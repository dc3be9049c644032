-- +goose Up
CREATE SCHEMA numbering;

-- One counter. The row is rewritten for every number: the free space keeps those rewrites on one page.
CREATE TABLE numbering.series (
    agency text NOT NULL CHECK (agency <> ''),
    name   text NOT NULL CHECK (name <> ''),
    period text NOT NULL,              -- '2026', '2026-11-23', '2025-2030', or '' for a series without end
    last   bigint NOT NULL CHECK (last > 0),
    PRIMARY KEY (agency, name, period)
) WITH (fillfactor = 50);

-- Numbers first … last of a series stand for nothing, and why.
CREATE TABLE numbering.gap (
    agency  text NOT NULL,
    name    text NOT NULL,
    period  text NOT NULL,
    first   bigint NOT NULL CHECK (first > 0),
    last    bigint NOT NULL CHECK (last >= first),
    reason  text NOT NULL CHECK (btrim(reason) <> ''),
    by      uuid,
    at      timestamptz NOT NULL,
    PRIMARY KEY (agency, name, period, first),
    FOREIGN KEY (agency, name, period) REFERENCES numbering.series (agency, name, period)
);

-- take gives n numbers at once and returns the last of them. Whoever comes second waits for the
-- first to commit or to roll back.
CREATE FUNCTION numbering.take(agency text, series text, period text, n bigint) RETURNS bigint
LANGUAGE sql VOLATILE AS $$
    INSERT INTO numbering.series AS s (agency, name, period, last) VALUES ($1, $2, $3, $4)
    ON CONFLICT (agency, name, period) DO UPDATE SET last = s.last + $4
    RETURNING last
$$;

CREATE FUNCTION numbering.next(agency text, series text, period text) RETURNS bigint
LANGUAGE sql VOLATILE AS $$ SELECT numbering.take($1, $2, $3, 1) $$;

-- daily_code gives the next code of the day, H12.05-261123-0001. The day is that of Vietnam.
-- law: public-services.md 7 — the counter resets daily per unit and widens beyond 9999, never wraps.
CREATE FUNCTION numbering.daily_code(prefix text, series text, at timestamptz) RETURNS text
LANGUAGE sql VOLATILE AS $$
    SELECT $1 || to_char($3 AT TIME ZONE 'Asia/Ho_Chi_Minh', '-YYMMDD-') || lpad(n::text, greatest(4, length(n::text)), '0')
    FROM numbering.next($1, $2, to_char($3 AT TIME ZONE 'Asia/Ho_Chi_Minh', 'YYYY-MM-DD')) AS n
$$;

-- +goose Down
DROP SCHEMA numbering CASCADE;
