-- +goose Up
-- Who has an open dossier: carry-on asks whether each of them is still there.
CREATE INDEX dossier_holder ON services.dossier (holder, competent_agency) WHERE holder IS NOT NULL AND state IN (2, 4, 5, 6, 8, 9);

-- What waited for a supplement or for money goes back where it came from, and a signed result is not
-- undone by a fee. law: public-services.md 6.2 — 5→1, 5→2: asked before acceptance; 5→4: asked in
-- processing; 6→1, 6→4, 6→9: goes back where it came from; 6→7: no signed result; 6→8: never after it.
-- +goose StatementBegin
CREATE FUNCTION services.back_where_it_came_from() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    origin smallint;
BEGIN
    SELECT from_state INTO origin FROM services.move WHERE dossier_id = NEW.dossier_id AND n = NEW.prev;
    IF NEW.from_state = 5 AND (NEW.to_state IN (1, 2) AND origin <> 1 OR NEW.to_state = 4 AND origin <> 4)
        OR NEW.from_state = 6 AND (NEW.to_state IN (1, 4, 9) AND origin <> NEW.to_state OR NEW.to_state IN (7, 8) AND origin = 9) THEN
        RAISE EXCEPTION 'from % by way of % a dossier does not become %', origin, NEW.from_state, NEW.to_state USING ERRCODE = '23514';
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE CONSTRAINT TRIGGER back_where_it_came_from AFTER INSERT ON services.move FOR EACH ROW
    WHEN (NEW.from_state IN (5, 6)) EXECUTE FUNCTION services.back_where_it_came_from();

-- +goose Down
DROP TRIGGER back_where_it_came_from ON services.move;
DROP FUNCTION services.back_where_it_came_from;
DROP INDEX services.dossier_holder;
