-- +goose Up
-- A view may be of another list than the desk: place names it, "" is the desk.
ALTER TABLE worklist.view ADD COLUMN place text NOT NULL DEFAULT '' CHECK (length(place) <= 40);

-- +goose Down
ALTER TABLE worklist.view DROP COLUMN place;
