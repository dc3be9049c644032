-- +goose Up
CREATE SCHEMA forms;

-- A version never changes after it is there; the next one begins on a later day.
CREATE TABLE forms.version (
    form       text NOT NULL CHECK (form ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    version    int  NOT NULL CHECK (version > 0),
    valid_from date NOT NULL,
    definition jsonb NOT NULL,
    by         uuid,
    at         timestamptz NOT NULL,
    PRIMARY KEY (form, version)
);

CREATE TABLE forms.draft (
    id         uuid PRIMARY KEY,
    owner      uuid NOT NULL,
    form       text NOT NULL,
    version    int  NOT NULL,
    about      text NOT NULL DEFAULT '',  -- what it is for, in the words of the module: a procedure's code
    answers    jsonb NOT NULL,
    page       text NOT NULL DEFAULT '',  -- where the person is
    rev        int  NOT NULL DEFAULT 1,
    client     text NOT NULL DEFAULT '',  -- the window that saved last
    begun_at   timestamptz NOT NULL,
    saved_at   timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    FOREIGN KEY (form, version) REFERENCES forms.version (form, version)
);
CREATE UNIQUE INDEX draft_owner ON forms.draft (owner, form, about);
CREATE INDEX draft_expires ON forms.draft (expires_at);

-- +goose Down
DROP SCHEMA forms CASCADE;
