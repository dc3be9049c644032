-- +goose Up
CREATE SCHEMA notify;

CREATE TABLE notify.setting (
    person uuid PRIMARY KEY,
    lang   text NOT NULL DEFAULT 'vi' CHECK (lang IN ('vi', 'en')),
    mail   text NOT NULL DEFAULT 'on' CHECK (mail IN ('on', 'off', 'digest'))
);

CREATE TABLE notify.preference (
    person uuid NOT NULL,
    kind   text NOT NULL,
    mail   text NOT NULL CHECK (mail IN ('on', 'off', 'digest')),
    PRIMARY KEY (person, kind)
);

CREATE TABLE notify.notice (
    id         uuid PRIMARY KEY,
    person     uuid NOT NULL,
    kind       text NOT NULL CHECK (kind ~ '^[a-z]+\.[a-z-]+$'),
    args       jsonb NOT NULL,
    href       text NOT NULL DEFAULT '' CHECK (href = '' OR href LIKE '/%' AND href NOT LIKE '//%'),
    at         timestamptz NOT NULL,
    read_at    timestamptz,
    mail       text NOT NULL CHECK (mail IN ('none', 'waiting', 'digest', 'sent', 'failed')),
    attempts   smallint NOT NULL DEFAULT 0,
    next_at    timestamptz NOT NULL,       -- when the e-mail is tried next; moved on while one is being sent
    mailed_at  timestamptz,
    mail_error text NOT NULL DEFAULT ''
) WITH (fillfactor = 85);
CREATE INDEX notice_person ON notify.notice (person, id DESC);
CREATE INDEX notice_unread ON notify.notice (person) WHERE read_at IS NULL;
CREATE INDEX notice_waiting ON notify.notice (next_at) WHERE mail = 'waiting';
CREATE INDEX notice_digest ON notify.notice (person, at) WHERE mail = 'digest';

-- wish is what a person wants by e-mail for a kind of notice.
CREATE FUNCTION notify.wish(who uuid, what text) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT mail FROM notify.preference WHERE person = who AND kind = what),
                    (SELECT mail FROM notify.setting WHERE person = who), 'on')
$$;

-- +goose Down
DROP SCHEMA notify CASCADE;
