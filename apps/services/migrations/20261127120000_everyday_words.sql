-- +goose Up
-- Everyday words by which people look for a procedure, beside its name.
ALTER TABLE services.procedure DROP COLUMN search;
ALTER TABLE services.procedure ADD COLUMN words text NOT NULL DEFAULT '';
ALTER TABLE services.procedure ADD COLUMN search tsvector GENERATED ALWAYS AS
    (to_tsvector('simple', public.vn_fold(name || ' ' || name_en || ' ' || code || ' ' || words))) STORED;
CREATE INDEX procedure_search ON services.procedure USING gin (search);

-- +goose Down
ALTER TABLE services.procedure DROP COLUMN search;
ALTER TABLE services.procedure ADD COLUMN search tsvector GENERATED ALWAYS AS
    (to_tsvector('simple', public.vn_fold(name || ' ' || name_en || ' ' || code))) STORED;
ALTER TABLE services.procedure DROP COLUMN words;
CREATE INDEX procedure_search ON services.procedure USING gin (search);
