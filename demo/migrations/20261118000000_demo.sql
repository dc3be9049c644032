-- +goose Up
CREATE SCHEMA demo;

-- How far the demonstration province has been loaded. A step is written in the transaction that
-- loads its rows, so a load that was killed goes on where it was.
CREATE TABLE demo.step (
    name text PRIMARY KEY,
    note text NOT NULL DEFAULT '',
    rows bigint NOT NULL,
    at   timestamptz NOT NULL
);

-- +goose Down
DROP SCHEMA demo CASCADE;
