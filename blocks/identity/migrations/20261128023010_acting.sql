-- +goose Up
-- In whose name a citizen acts in this session; null: her own.
ALTER TABLE identity.session ADD COLUMN party uuid;

-- +goose Down
ALTER TABLE identity.session DROP COLUMN party;
