-- +goose Up
CREATE EXTENSION IF NOT EXISTS unaccent SCHEMA public;
CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA public;
CREATE EXTENSION IF NOT EXISTS pgcrypto SCHEMA public;

-- Folds a text for search: composed, without diacritics, lower case. pg.Fold does the same in Go.
-- unaccent(text) is only STABLE, the form with a named dictionary may stand in an index.
CREATE FUNCTION public.vn_fold(text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$ SELECT lower(public.unaccent('public.unaccent'::regdictionary, normalize($1, nfc))) $$;

-- One row: what this database is. The mark is set when it is made and never changes.
CREATE TABLE public.instance (
    single  boolean PRIMARY KEY DEFAULT true CHECK (single),
    id      uuid NOT NULL DEFAULT gen_random_uuid(),
    demo    boolean NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now()
);
