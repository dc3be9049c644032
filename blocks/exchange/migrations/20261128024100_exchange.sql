-- +goose Up
-- Whose dossier a copy is, where the other system gave a number and a name that one person here bears.
ALTER TABLE exchange.copy ADD COLUMN person uuid;
CREATE INDEX copy_person ON exchange.copy (person, updated_at DESC, code DESC) WHERE person IS NOT NULL;
DROP INDEX exchange.copy_agency;
CREATE INDEX copy_agency ON exchange.copy (agency, updated_at DESC, code DESC);

-- +goose Down
DROP INDEX exchange.copy_agency;
CREATE INDEX copy_agency ON exchange.copy (agency, updated_at DESC, code);
ALTER TABLE exchange.copy DROP COLUMN person;
