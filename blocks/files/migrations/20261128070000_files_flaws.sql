-- +goose Up
-- What may make a scan hard to read, page by page.
ALTER TABLE files.file ADD COLUMN flaws jsonb NOT NULL DEFAULT '[]';

-- +goose Down
ALTER TABLE files.file DROP COLUMN flaws;
