-- +goose Up
-- What somebody has sent of late is bounded.
CREATE INDEX upload_sent ON files.upload (owner_id, expires_at) INCLUDE (size, done);
DROP INDEX files.upload_owner;

-- +goose Down
CREATE INDEX upload_owner ON files.upload (owner_id) WHERE NOT done;
DROP INDEX files.upload_sent;
