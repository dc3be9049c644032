-- +goose Up
-- Each word that a dossier is found by stands with the body and the month of filing in front of it:
-- a search goes back month by month until it has a page, and reads no more however long an office
-- has been at work. search.go makes its questions in the same form.

-- Months are counted from the year 0, in UTC.
CREATE FUNCTION services.month_of(t timestamptz) RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT (extract(year FROM t AT TIME ZONE 'UTC') * 12 + extract(month FROM t AT TIME ZONE 'UTC') - 1)::int $$;

-- +goose StatementBegin
CREATE FUNCTION services.month_words(receiving text, competent text, filed timestamptz, words text) RETURNS tsvector
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    plain   text := btrim(regexp_replace(public.vn_fold(words), '[^[:alnum:]]+' COLLATE "und-x-icu", ' ', 'g'));
    month   text := '/' || services.month_of(filed);
    key     text := left(md5(receiving || month), 8) || '/';
    found   tsvector := (key || replace(plain, ' ', ' ' || key))::tsvector;
BEGIN
    IF competent <> receiving THEN
        key := left(md5(competent || month), 8) || '/';
        found := found || (key || replace(plain, ' ', ' ' || key))::tsvector;
    END IF;
    RETURN found;
END $$;
-- +goose StatementEnd

ALTER TABLE services.dossier DROP COLUMN search, ADD COLUMN search tsvector NOT NULL GENERATED ALWAYS AS (services.month_words(receiving_agency, competent_agency, filed_at,
    substr(code, strpos(code, '-') + 1) || ' ' || applicant_name || ' ' || owner_name || ' ' || subject || ' ' || applicant_phone || ' ' || procedure)) STORED;
CREATE INDEX dossier_search ON services.dossier USING gin (search);
DROP FUNCTION services.quarter_words;
DROP FUNCTION services.quarter_of;

-- +goose Down
-- Quarters are counted from the year 0, in UTC.
CREATE FUNCTION services.quarter_of(t timestamptz) RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT (extract(year FROM t AT TIME ZONE 'UTC') * 4 + extract(quarter FROM t AT TIME ZONE 'UTC') - 1)::int $$;

-- +goose StatementBegin
CREATE FUNCTION services.quarter_words(receiving text, competent text, filed timestamptz, words text) RETURNS tsvector
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    plain   text := btrim(regexp_replace(public.vn_fold(words), '[^[:alnum:]]+' COLLATE "und-x-icu", ' ', 'g'));
    quarter text := '/' || services.quarter_of(filed);
    key     text := left(md5(receiving || quarter), 8) || '/';
    found   tsvector := (key || replace(plain, ' ', ' ' || key))::tsvector;
BEGIN
    IF competent <> receiving THEN
        key := left(md5(competent || quarter), 8) || '/';
        found := found || (key || replace(plain, ' ', ' ' || key))::tsvector;
    END IF;
    RETURN found;
END $$;
-- +goose StatementEnd

ALTER TABLE services.dossier DROP COLUMN search, ADD COLUMN search tsvector NOT NULL GENERATED ALWAYS AS (services.quarter_words(receiving_agency, competent_agency, filed_at,
    substr(code, strpos(code, '-') + 1) || ' ' || applicant_name || ' ' || owner_name || ' ' || subject || ' ' || applicant_phone || ' ' || procedure)) STORED;
CREATE INDEX dossier_search ON services.dossier USING gin (search);
DROP FUNCTION services.month_words;
DROP FUNCTION services.month_of;
