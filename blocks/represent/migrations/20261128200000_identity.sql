-- +goose Up
-- A head may rest on the organisation's account at the national identity; a household's tax code is its owner's
-- personal number.
ALTER TABLE represent.mandate DROP CONSTRAINT mandate_proof_check,
    ADD CONSTRAINT mandate_proof_check CHECK (proof IN ('register', 'paper', 'given', 'identity'));
ALTER TABLE represent.business DROP CONSTRAINT business_tax_code_check,
    ADD CONSTRAINT business_tax_code_check CHECK (tax_code ~ '^([0-9]{10}(-[0-9]{3})?|[0-9]{12})$');

-- +goose Down
ALTER TABLE represent.business DROP CONSTRAINT business_tax_code_check,
    ADD CONSTRAINT business_tax_code_check CHECK (tax_code ~ '^[0-9]{10}(-[0-9]{3})?$');
ALTER TABLE represent.mandate DROP CONSTRAINT mandate_proof_check,
    ADD CONSTRAINT mandate_proof_check CHECK (proof IN ('register', 'paper', 'given'));
