-- +goose Up
-- What people sent after their sessions had ended: each waits for its sender to sign in again.
CREATE UNLOGGED TABLE identity.kept (
	id         uuid PRIMARY KEY,
	account_id uuid NOT NULL, -- whose session it was
	browser    uuid NOT NULL, -- the mark of the browser that sent it
	action     text NOT NULL, -- where it was sent
	back       text NOT NULL, -- the page it stands on
	type       text NOT NULL, -- of its body
	files      boolean NOT NULL,
	whole      boolean NOT NULL DEFAULT false, -- all of it has arrived
	sent       boolean NOT NULL DEFAULT false, -- it went through; a second click may still come
	at         timestamptz NOT NULL,
	expires_at timestamptz NOT NULL
);
CREATE INDEX kept_account ON identity.kept (account_id);
CREATE INDEX kept_expires ON identity.kept (expires_at);

CREATE UNLOGGED TABLE identity.kept_part (
	kept  uuid NOT NULL REFERENCES identity.kept ON DELETE CASCADE,
	n     integer NOT NULL,
	bytes bytea NOT NULL,
	PRIMARY KEY (kept, n)
);

-- +goose Down
DROP TABLE identity.kept_part, identity.kept;
