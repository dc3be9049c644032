-- +goose Up
-- How far each witness outside has confirmed the checkpoints, in order. Rows are only added.
CREATE TABLE audit.witnessed (
    witness    text        NOT NULL, -- its address
    checkpoint bigint      NOT NULL, -- audit.checkpoint.id of the newest one it has
    at         timestamptz NOT NULL,
    PRIMARY KEY (witness, checkpoint)
);
-- Up to which time personal details were blanked, and whether the run looked at all that is older
-- or only at what came due since the last one. Rows are only added.
CREATE TABLE audit.blanked (
    before  timestamptz NOT NULL,
    whole   boolean     NOT NULL,
    entries bigint      NOT NULL,
    at      timestamptz NOT NULL PRIMARY KEY
);
CREATE TRIGGER no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.witnessed EXECUTE FUNCTION audit.append_only();
CREATE TRIGGER no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.blanked EXECUTE FUNCTION audit.append_only();
GRANT SELECT, INSERT ON audit.witnessed, audit.blanked TO datmui_app;
GRANT SELECT ON audit.witnessed, audit.blanked TO datmui_reader;

-- +goose Down
DROP TABLE audit.witnessed, audit.blanked;
