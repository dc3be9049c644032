-- +goose Up
-- Looking people up is a right of its own: who works at a counter, on a dossier or with the
-- people of an agency needs it; others do not.
INSERT INTO directory.right_kind (key, governs, name_vi, name_en) VALUES
	('directory.find', false, 'Tra cứu người dân', 'Look people up');
INSERT INTO directory.position_right (position, right_key, reach, valid_from)
SELECT p, 'directory.find', 'own', '2000-01-01'
FROM unnest(ARRAY['division-head', 'case-officer', 'receiving-officer', 'clerk', 'cashier', 'agency-admin', 'province-admin']) p;

-- +goose Down
DELETE FROM directory.position_right WHERE right_key = 'directory.find';
DELETE FROM directory.right_kind WHERE key = 'directory.find';
