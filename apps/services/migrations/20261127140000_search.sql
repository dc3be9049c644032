-- +goose Up
-- A dossier is looked for by the officials of the bodies that receive and decide it: each word it is
-- found by stands with the body in front of it. So a search reads what its own office has of a word
-- and nothing of what the province has. search.go makes its questions in the same form.

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

-- What an office has, newest first, whatever its state.
CREATE INDEX dossier_office_filed ON services.dossier (competent_agency, filed_at DESC, id DESC);
CREATE INDEX dossier_received_filed ON services.dossier (receiving_agency, filed_at DESC, id DESC);
DROP INDEX services.dossier_open; -- what lies on desks is asked of worklist.item

-- +goose Down
DROP INDEX services.dossier_office_filed, services.dossier_received_filed;
ALTER TABLE services.dossier DROP COLUMN search;
ALTER TABLE services.dossier ADD COLUMN search tsvector NOT NULL GENERATED ALWAYS AS (to_tsvector('simple',
    public.vn_fold(code || ' ' || applicant_name || ' ' || owner_name || ' ' || subject || ' ' || applicant_phone || ' ' || procedure))) STORED;
CREATE INDEX dossier_search ON services.dossier USING gin (search);
CREATE INDEX dossier_open ON services.dossier (holder_agency, due_at, id) WHERE state IN (1, 2, 4, 5, 6, 9);
DROP FUNCTION services.search_words;
