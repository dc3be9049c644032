-- +goose Up
-- A dossier that is worked in another system: what that system says of it, and nothing more.
CREATE TABLE exchange.copy (
    peer       text NOT NULL,
    code       text NOT NULL,              -- as the other system gave it
    procedure  text NOT NULL,
    name       text NOT NULL,              -- of the procedure
    owner      text NOT NULL,
    agency     text NOT NULL DEFAULT '',   -- our body that it came in at; '' where it is none of ours
    state      int  NOT NULL,
    seq        bigint NOT NULL,            -- of the last message that counts
    filed_at   timestamptz NOT NULL,
    due_at     timestamptz,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (peer, code)
);
CREATE INDEX copy_agency ON exchange.copy (agency, updated_at DESC, code);

-- +goose Down
DROP TABLE exchange.copy;
