-- +goose Up
-- Whether a version lacks nothing that filing needs. A procedure is open while the version in force is complete.
ALTER TABLE services.version ADD COLUMN complete boolean NOT NULL DEFAULT true;
ALTER TABLE services.version ADD COLUMN published_at timestamptz; -- null: came with the program
ALTER TABLE services.version ADD COLUMN published_by uuid;
ALTER TABLE services.version ADD COLUMN published_name text NOT NULL DEFAULT '';
ALTER TABLE services.version ADD COLUMN reason text NOT NULL DEFAULT '';

-- What an officer is preparing: the next version of a procedure, not yet in force. One for each
-- procedure; rev counts the savings, so that two editors lose nothing of each other.
CREATE TABLE services.edition (
    procedure  text PRIMARY KEY REFERENCES services.procedure (code),
    base       int NOT NULL,               -- the version it began from
    rev        int NOT NULL CHECK (rev > 0),
    definition jsonb NOT NULL,
    begun_at   timestamptz NOT NULL,
    saved_at   timestamptz NOT NULL,
    saved_by   uuid NOT NULL,
    saved_name text NOT NULL               -- as of that moment
);

-- +goose Down
DROP TABLE services.edition;
ALTER TABLE services.version DROP COLUMN reason;
ALTER TABLE services.version DROP COLUMN published_name;
ALTER TABLE services.version DROP COLUMN published_by;
ALTER TABLE services.version DROP COLUMN published_at;
ALTER TABLE services.version DROP COLUMN complete;
