-- +goose Up
-- What the counter found when it compared an original with the copy that was filed. A later look at
-- the same paper is another row: the last one counts.
CREATE TABLE services.original (
    id         uuid PRIMARY KEY,
    dossier_id uuid NOT NULL REFERENCES services.dossier (id),
    place      text NOT NULL,             -- key of the paper in the procedure
    agrees     boolean NOT NULL,
    reason     text NOT NULL DEFAULT '' CHECK (length(reason) <= 2000), -- in what it differs
    at         timestamptz NOT NULL,
    seen_by    uuid NOT NULL,
    seen_name  text NOT NULL,             -- as of that moment
    CHECK (agrees = (reason = ''))
);
CREATE INDEX original_dossier ON services.original (dossier_id, at);

-- A result on its way by public post: sent, then delivered or come back. A second sending is another row.
CREATE TABLE services.parcel (
    id         uuid PRIMARY KEY,
    dossier_id uuid NOT NULL REFERENCES services.dossier (id),
    carrier    text NOT NULL CHECK (length(carrier) BETWEEN 1 AND 200),
    number     text NOT NULL CHECK (number ~ '^[0-9A-Z]{5,30}$'), -- by which the carrier follows it
    receiver   text NOT NULL CHECK (length(receiver) BETWEEN 1 AND 200),
    address    text NOT NULL CHECK (length(address) BETWEEN 1 AND 500),
    sent_at    timestamptz NOT NULL,
    sent_by    uuid NOT NULL,
    sent_name  text NOT NULL,             -- as of that moment
    ended_at   timestamptz,               -- when the end was written down
    ended_on   date,                      -- the day on which it was delivered or came back
    taken_by   text NOT NULL DEFAULT '',  -- who received it; '' unless it was delivered
    proof      uuid,                      -- the carrier's proof of delivery
    back_why   text NOT NULL DEFAULT '',  -- why it came back; '' unless it did
    CHECK ((ended_at IS NULL) = (ended_on IS NULL)),
    CHECK (CASE WHEN ended_at IS NULL THEN taken_by = '' AND back_why = '' AND proof IS NULL
        ELSE (taken_by <> '' AND proof IS NOT NULL) <> (back_why <> '') END)
);
CREATE UNIQUE INDEX parcel_open ON services.parcel (dossier_id) WHERE ended_at IS NULL;
CREATE INDEX parcel_dossier ON services.parcel (dossier_id, sent_at);

-- +goose Down
DROP TABLE services.parcel;
DROP TABLE services.original;
