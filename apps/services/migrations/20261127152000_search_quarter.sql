-- +goose Up
-- Each word that a dossier is found by stands with the body and the quarter of filing in front of it:
-- a search goes back quarter by quarter until it has a page, and reads no more however long an office
-- has been at work. search.go makes its questions in the same form.

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
DROP FUNCTION services.search_words;

-- +goose Down
-- +goose StatementBegin
CREATE FUNCTION services.search_words(receiving text, competent text, words text) RETURNS tsvector
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    plain text := btrim(regexp_replace(public.vn_fold(words), '[^[:alnum:]]+' COLLATE "und-x-icu", ' ', 'g'));
    key   text := left(md5(receiving), 8) || '/';
    found tsvector := (key || replace(plain, ' ', ' ' || key))::tsvector;
BEGIN
    IF competent <> receiving THEN
        key := left(md5(competent), 8) || '/';
        found := found || (key || replace(plain, ' ', ' ' || key))::tsvector;
    END IF;
    RETURN found;
END $$;
-- +goose StatementEnd
ALTER TABLE services.dossier DROP COLUMN search;
ALTER TABLE services.dossier ADD COLUMN search tsvector NOT NULL GENERATED ALWAYS AS (services.search_words(receiving_agency, competent_agency,
    substr(code, strpos(code, '-') + 1) || ' ' || applicant_name || ' ' || owner_name || ' ' || subject || ' ' || applicant_phone || ' ' || procedure)) STORED;
CREATE INDEX dossier_search ON services.dossier USING gin (search);
DROP FUNCTION services.quarter_words;
DROP FUNCTION services.quarter_of;
