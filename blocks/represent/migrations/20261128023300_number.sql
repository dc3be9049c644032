-- +goose Up
-- What was typed as the number of a child or a ward: it is the person's only once an officer has seen it.
ALTER TABLE represent.mandate ADD COLUMN number text NOT NULL DEFAULT '' CHECK (number = '' OR number ~ '^[0-9]{12}$');

-- +goose Down
ALTER TABLE represent.mandate DROP COLUMN number;
