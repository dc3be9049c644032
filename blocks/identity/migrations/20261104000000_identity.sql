-- +goose Up
CREATE SCHEMA identity;

-- How a person signs in. Officials have a name and a password; citizens come from the national
-- identity and have its subject. A demonstration's accounts have neither and enter by /demo.
CREATE TABLE identity.account (
	id            uuid PRIMARY KEY,
	person_id     uuid NOT NULL REFERENCES directory.person,
	kind          text NOT NULL CHECK (kind IN ('official', 'citizen')),
	name          text NOT NULL UNIQUE CHECK (name ~ '^[a-z0-9][a-z0-9._@:-]{1,119}$'),
	state         text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'closed')),
	password_hash text,                              -- argon2id; null: no way in by password
	must_change   boolean NOT NULL DEFAULT false,    -- the password was not chosen by the person
	totp_secret   bytea,                             -- sealed by the master key
	totp_step     bigint NOT NULL DEFAULT 0,         -- the last time step used: no code works twice
	subject       text UNIQUE,                       -- lasting id at the national identity
	tech_id       text,
	level         smallint NOT NULL DEFAULT 0 CHECK (level BETWEEN 0 AND 2), -- of the last proof
	proven_at     timestamptz,                       -- when the national identity last vouched at that level
	about         text NOT NULL DEFAULT '',          -- what a demonstration account is good for; listed when set
	about_en      text NOT NULL DEFAULT '',          -- the same in English
	created_at    timestamptz NOT NULL
);
CREATE INDEX account_person ON identity.account (person_id);
CREATE INDEX account_tech_id ON identity.account (tech_id) WHERE tech_id IS NOT NULL;
CREATE INDEX account_about ON identity.account (kind, name) WHERE about <> '';

CREATE TABLE identity.passkey (
	id         bytea PRIMARY KEY,
	account_id uuid NOT NULL REFERENCES identity.account,
	record     jsonb NOT NULL,
	label      text NOT NULL,
	created_at timestamptz NOT NULL,
	used_at    timestamptz
);
CREATE INDEX passkey_account ON identity.passkey (account_id);

-- Codes for the day the phone is lost; used ones stay so that the page can count them.
CREATE TABLE identity.recovery (
	account_id uuid NOT NULL REFERENCES identity.account,
	hash       bytea NOT NULL,
	created_at timestamptz NOT NULL,
	used_at    timestamptz,
	PRIMARY KEY (account_id, hash)
);

-- One-time links by which a person sets a new password.
CREATE TABLE identity.link (
	hash       bytea PRIMARY KEY,
	account_id uuid NOT NULL REFERENCES identity.account,
	second     boolean NOT NULL, -- also forgets the second factor
	made_by    uuid,
	made_at    timestamptz NOT NULL,
	expires_at timestamptz NOT NULL,
	used_at    timestamptz
);
CREATE INDEX link_account ON identity.link (account_id);

-- What may be lost in a crash stands in unlogged tables: everybody signs in again.
CREATE UNLOGGED TABLE identity.session (
	hash       bytea PRIMARY KEY, -- SHA-256 of the token, which is nowhere but in the cookie
	id         uuid NOT NULL UNIQUE,
	account_id uuid NOT NULL,
	post_id    uuid,
	method     text NOT NULL CHECK (method IN ('password', 'passkey', 'vneid', 'demo')),
	level      smallint NOT NULL,
	idle       interval NOT NULL,
	created_at timestamptz NOT NULL,
	seen_at    timestamptz NOT NULL,
	ends_at    timestamptz NOT NULL, -- whatever happens
	proven_at  timestamptz NOT NULL, -- when the person last proved to be there
	network    text NOT NULL,
	agent      text NOT NULL
);
CREATE INDEX session_account ON identity.session (account_id);
CREATE INDEX session_seen ON identity.session (seen_at);

-- Sign-ins and registrations on their way.
CREATE UNLOGGED TABLE identity.ceremony (
	hash       bytea PRIMARY KEY,
	kind       text NOT NULL,
	account_id uuid,
	data       jsonb NOT NULL,
	tries      integer NOT NULL DEFAULT 0,
	expires_at timestamptz NOT NULL
);
CREATE INDEX ceremony_expires ON identity.ceremony (expires_at);

-- Leaky buckets of failures, and the devices an account has signed in from before.
CREATE UNLOGGED TABLE identity.attempt (
	key   text PRIMARY KEY,
	level double precision NOT NULL,
	at    timestamptz NOT NULL
);
CREATE INDEX attempt_at ON identity.attempt (at);

CREATE UNLOGGED TABLE identity.known (
	account_id uuid NOT NULL,
	what       text NOT NULL, -- "device …" or "network …"
	seen_at    timestamptz NOT NULL,
	PRIMARY KEY (account_id, what)
);
CREATE INDEX known_seen ON identity.known (seen_at);

-- +goose Down
DROP SCHEMA identity CASCADE;
