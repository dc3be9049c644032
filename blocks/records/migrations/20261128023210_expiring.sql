-- +goose Up
-- Results that still count and have an end, by that end.
CREATE INDEX paper_expiring ON records.paper (valid_until, id) WHERE result AND valid_until IS NOT NULL AND revoked_at IS NULL AND replaced_by IS NULL;

-- +goose Down
DROP INDEX records.paper_expiring;
