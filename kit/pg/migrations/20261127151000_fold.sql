-- +goose Up
-- A few letters with a mark fold as those without it, a few capitals as their small letters; older
-- rules of unaccent do not know them.
CREATE OR REPLACE FUNCTION public.vn_fold(text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$ SELECT lower(public.unaccent('public.unaccent'::regdictionary, translate(normalize($1, nfc), 'ǢǣǼǽǾǿǮǯẛƦǶȠꞬꞭꞮꞲꟅꟆ', 'ÆæÆæØøƷʒsʀƕƞɡɬɪʝʂᶎ'))) $$;

-- +goose Down
CREATE OR REPLACE FUNCTION public.vn_fold(text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$ SELECT lower(public.unaccent('public.unaccent'::regdictionary, normalize($1, nfc))) $$;
