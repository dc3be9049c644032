-- +goose Up
-- Entries come in order of time: a summary of each stretch is enough to find a day, and costs a
-- writer next to nothing.
CREATE INDEX entry_at ON audit.entry USING brin (at) WITH (pages_per_range = 32, autosummarize = on);

-- +goose Down
DROP INDEX audit.entry_at;
