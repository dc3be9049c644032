-- +goose Up
-- The walks over the tree of bodies stand on the way of every request. In plpgsql their plans are
-- kept for the session; as SQL functions they would be planned at each call.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION directory.below(top text, day date) RETURNS text[]
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
	RETURN (
		WITH RECURSIVE tree AS (
			SELECT v.agency_id, v.unit_code FROM directory.agency_version v
			WHERE v.agency_id = top AND v.valid_from <= day AND (v.valid_to IS NULL OR v.valid_to > day)
			UNION
			SELECT c.agency_id, c.unit_code FROM tree t
			JOIN directory.agency_version c ON c.parent = t.agency_id AND c.unit_code = t.unit_code
			WHERE c.valid_from <= day AND (c.valid_to IS NULL OR c.valid_to > day)
		)
		SELECT coalesce(array_agg(agency_id ORDER BY agency_id), ARRAY[top]) FROM tree);
END
$$;
-- +goose StatementEnd
-- above is the way from a body up to the top of its unit, itself first.
-- +goose StatementBegin
CREATE FUNCTION directory.above(agency text, day date) RETURNS text[]
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
	way  text[] := ARRAY[agency];
	here directory.agency_version;
	up   directory.agency_version;
BEGIN
	SELECT * INTO here FROM directory.agency_version v
	WHERE v.agency_id = agency AND v.valid_from <= day AND (v.valid_to IS NULL OR v.valid_to > day);
	WHILE here.parent IS NOT NULL LOOP
		SELECT * INTO up FROM directory.agency_version v
		WHERE v.agency_id = here.parent AND v.unit_code = here.unit_code
		AND v.valid_from <= day AND (v.valid_to IS NULL OR v.valid_to > day);
		EXIT WHEN up.agency_id IS NULL OR up.agency_id = ANY(way);
		way := way || up.agency_id;
		here := up;
	END LOOP;
	RETURN way;
END
$$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION directory.house(agency text, day date) RETURNS text[]
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
	way text[];
BEGIN
	IF NOT EXISTS (SELECT FROM directory.agency_version v WHERE v.agency_id = agency AND v.level = 'commune'
		AND v.valid_from <= day AND (v.valid_to IS NULL OR v.valid_to > day)) THEN
		RETURN ARRAY[agency];
	END IF;
	way := directory.above(agency, day);
	RETURN directory.below(way[array_length(way, 1)], day);
END
$$;
-- +goose StatementEnd

-- +goose Down
DROP FUNCTION directory.above(text, date);
