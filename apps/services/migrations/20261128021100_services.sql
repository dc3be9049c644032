-- +goose Up
-- By what right somebody acts for another in a dossier. What is recorded again is another row: the last counts.
CREATE TABLE services.authority (
    id         uuid PRIMARY KEY,
    dossier_id uuid NOT NULL REFERENCES services.dossier (id),
    kind       text NOT NULL CHECK (kind IN ('family', 'certified')),
    relation   text NOT NULL,                  -- as it was declared: sibling, other …
    certifier  text NOT NULL DEFAULT '' CHECK (length(certifier) <= 200),
    number     text NOT NULL DEFAULT '' CHECK (length(number) <= 100),
    given_on   date,
    until      date,                           -- last day on which it holds; NULL where it names none
    scope      text NOT NULL CHECK (length(scope) BETWEEN 1 AND 1000),
    file       uuid,                           -- its scan
    at         timestamptz NOT NULL,
    seen_by    uuid NOT NULL,                  -- the officer who looked at it
    seen_name  text NOT NULL,                  -- as of that moment
    CHECK (kind = 'family' OR certifier <> '' AND number <> '' AND given_on IS NOT NULL AND file IS NOT NULL),
    CHECK (until >= given_on)
);
CREATE INDEX authority_dossier ON services.authority (dossier_id, at);

-- +goose Down
DROP TABLE services.authority;
