-- +goose Up
-- Who keeps the content of the procedures: the procedure control officers of the province and its administrators.
INSERT INTO directory.right_kind (key, governs, name_vi, name_en) VALUES
	('services.define', true, 'Soạn, công bố nội dung thủ tục', 'Prepare and publish procedures');

INSERT INTO directory.position (key, rank, name_vi, name_en) VALUES
	('procedure-control', 40, 'Công chức kiểm soát thủ tục hành chính', 'Procedure control officer');

INSERT INTO directory.position_right (position, right_key, reach, valid_from) VALUES
	('procedure-control', 'services.define', 'all', '2000-01-01'),
	('province-admin',    'services.define', 'all', '2000-01-01');

-- +goose Down
DELETE FROM directory.position_right WHERE right_key = 'services.define';
DELETE FROM directory.position WHERE key = 'procedure-control';
DELETE FROM directory.right_kind WHERE key = 'services.define';
