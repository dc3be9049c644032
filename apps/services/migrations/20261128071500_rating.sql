-- +goose Up
-- A rating is said once, question by question; one that is low is answered by who supervises.
ALTER TABLE services.rating
    ADD COLUMN speed       smallint CHECK (speed BETWEEN 1 AND 4),    -- null: rated before it was asked
    ADD COLUMN guidance    smallint CHECK (guidance BETWEEN 1 AND 4),
    ADD COLUMN manner      smallint CHECK (manner BETWEEN 1 AND 4),
    ADD COLUMN agency      text NOT NULL DEFAULT '',                   -- who owes the answer
    ADD COLUMN due_at      timestamptz,                                -- until when; null: nothing to answer
    ADD COLUMN answer      text NOT NULL DEFAULT '' CHECK (length(answer) <= 4000),
    ADD COLUMN answered_at timestamptz,
    ADD COLUMN answered_by uuid,
    ADD COLUMN answerer    text NOT NULL DEFAULT '',                   -- name and post as of that moment
    ADD CONSTRAINT rating_answer CHECK ((answered_at IS NULL) = (answer = '') AND (answer = '' OR due_at IS NOT NULL));
CREATE INDEX rating_at ON services.rating (at);
CREATE INDEX rating_owed ON services.rating (agency) WHERE due_at IS NOT NULL AND answered_at IS NULL;

-- +goose Down
DROP INDEX services.rating_owed, services.rating_at;
ALTER TABLE services.rating DROP CONSTRAINT rating_answer, DROP COLUMN speed, DROP COLUMN guidance, DROP COLUMN manner, DROP COLUMN agency,
    DROP COLUMN due_at, DROP COLUMN answer, DROP COLUMN answered_at, DROP COLUMN answered_by, DROP COLUMN answerer;
