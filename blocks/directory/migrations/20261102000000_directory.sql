-- +goose Up
CREATE SCHEMA directory;

-- All dated rows hold from valid_from (first day) to valid_to (first day on which they hold no
-- longer; null while nothing has ended them).

-- name_key puts names in the order people expect in a list: by tên, its tone, then họ and đệm.
-- Letters become one byte each in the order of the Vietnamese alphabet, so C order is right and
-- an index does not depend on the version of ICU.
-- +goose StatementBegin
CREATE FUNCTION directory.name_letters(name text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
	SELECT translate(name,
		'aAàÀảẢãÃáÁạẠăĂằẰẳẲẵẴắẮặẶâÂầẦẩẨẫẪấẤậẬbBcCdDđĐeEèÈẻẺẽẼéÉẹẸêÊềỀểỂễỄếẾệỆfFgGhHiIìÌỉỈĩĨíÍịỊjJkKlLmMnNoOòÒỏỎõÕóÓọỌôÔồỒổỔỗỖốỐộỘơƠờỜởỞỡỠớỚợỢpPqQrRsStTuUùÙủỦũŨúÚụỤưƯừỪửỬữỮứỨựỰvVwWxXyYỳỲỷỶỹỸýÝỵỴzZ',
		'0000000000001111111111112222222222223344556677777777777788888888888899::;;<<<<<<<<<<<<==>>??@@AABBBBBBBBBBBBCCCCCCCCCCCCDDDDDDDDDDDDEEFFGGHHIIJJJJJJJJJJJJKKKKKKKKKKKKLLMMNNOOOOOOOOOOOOPP')
$$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION directory.name_tones(name text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
	SELECT translate(name,
		'àÀảẢãÃáÁạẠằẰẳẲẵẴắẮặẶầẦẩẨẫẪấẤậẬèÈẻẺẽẼéÉẹẸềỀểỂễỄếẾệỆìÌỉỈĩĨíÍịỊòÒỏỎõÕóÓọỌồỒổỔỗỖốỐộỘờỜởỞỡỠớỚợỢùÙủỦũŨúÚụỤừỪửỬữỮứỨựỰỳỲỷỶỹỸýÝỵỴaAăĂâÂbBcCdDđĐeEêÊfFgGhHiIjJkKlLmMnNoOôÔơƠpPqQrRsStTuUưƯvVwWxXyYzZ',
		'112233445511223344551122334455112233445511223344551122334455112233445511223344551122334455112233445511223344551122334455')
$$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION directory.name_key(name text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
	SELECT directory.name_letters(split_part(name, ' ', -1)) || ' '
		|| directory.name_tones(split_part(name, ' ', -1)) || ' '
		|| directory.name_letters(name)
$$;
-- +goose StatementEnd

CREATE TABLE directory.unit (
	code       text NOT NULL CHECK (code ~ '^[0-9]{2,5}$'),
	valid_from date NOT NULL,
	valid_to   date CHECK (valid_to > valid_from),
	name       text NOT NULL,
	short_name text NOT NULL,
	name_en    text NOT NULL DEFAULT '',
	name_fold  text NOT NULL GENERATED ALWAYS AS (public.vn_fold(name)) STORED,
	kind       text NOT NULL CHECK (kind IN ('tỉnh', 'thành phố', 'quận', 'huyện', 'thị xã', 'phường', 'xã', 'thị trấn', 'đặc khu')),
	level      text NOT NULL CHECK (level IN ('province', 'district', 'commune')),
	parent     text,
	lat        double precision,
	lon        double precision,
	area_km2   double precision,
	PRIMARY KEY (code, valid_from)
);
CREATE UNIQUE INDEX unit_open ON directory.unit (code) WHERE valid_to IS NULL;
CREATE INDEX unit_parent ON directory.unit (parent);

-- What became of a unit on a day. The old side has no foreign key: the communes of the former
-- Bạc Liêu are known by code and name only.
CREATE TABLE directory.unit_successor (
	old_code   text NOT NULL,
	old_name   text NOT NULL,
	new_code   text NOT NULL,
	day        date NOT NULL,
	scope      text NOT NULL CHECK (scope IN ('whole', 'part', 'remainder')),
	change     text NOT NULL CHECK (change IN ('merged', 'unchanged')),
	resolution text NOT NULL,
	note       text NOT NULL DEFAULT '',
	PRIMARY KEY (old_code, new_code, day)
);
CREATE INDEX unit_successor_new ON directory.unit_successor (new_code, day);

-- The lasting identity of an agency; what changes about it is in agency_version.
CREATE TABLE directory.agency (
	id text PRIMARY KEY CHECK (id ~ '^[a-z0-9]+(-[a-z0-9]+)*$')
);

CREATE TABLE directory.agency_version (
	agency_id  text NOT NULL REFERENCES directory.agency,
	valid_from date NOT NULL,
	valid_to   date CHECK (valid_to > valid_from),
	name       text NOT NULL,
	name_en    text NOT NULL DEFAULT '',
	name_fold  text NOT NULL GENERATED ALWAYS AS (public.vn_fold(name)) STORED,
	branch     text NOT NULL CHECK (branch IN ('party', 'government', 'front', 'mass')),
	level      text NOT NULL CHECK (level IN ('province', 'district', 'commune')),
	kind       text NOT NULL,
	parent     text REFERENCES directory.agency,
	unit_code  text NOT NULL,
	identifier text CHECK (identifier ~ '^[A-Z][0-9]{2}(\.[0-9]{2,3})*$'),
	basis      text NOT NULL DEFAULT '',
	note       text NOT NULL DEFAULT '',
	PRIMARY KEY (agency_id, valid_from)
);
CREATE UNIQUE INDEX agency_open ON directory.agency_version (agency_id) WHERE valid_to IS NULL;
CREATE UNIQUE INDEX agency_identifier ON directory.agency_version (identifier) WHERE valid_to IS NULL AND identifier IS NOT NULL;
CREATE INDEX agency_parent ON directory.agency_version (parent);
CREATE INDEX agency_unit ON directory.agency_version (unit_code);

CREATE TABLE directory.agency_successor (
	old_id text NOT NULL REFERENCES directory.agency,
	new_id text NOT NULL REFERENCES directory.agency,
	day    date NOT NULL,
	basis  text NOT NULL DEFAULT '',
	PRIMARY KEY (old_id, new_id, day)
);
CREATE INDEX agency_successor_new ON directory.agency_successor (new_id, day);

-- A natural person, official or citizen or both.
-- law: public-services.md 13 — a personal number may be cancelled and re-established, and some
-- people lack one: it is neither the key nor unique.
CREATE TABLE directory.person (
	id             uuid PRIMARY KEY,
	personal_id    text CHECK (personal_id ~ '^[0-9]{12}$'),
	name           text NOT NULL CHECK (name <> '' AND name IS NFC NORMALIZED),
	name_fold      text NOT NULL GENERATED ALWAYS AS (public.vn_fold(name)) STORED,
	birth_date     date,
	sex            text CHECK (sex IN ('male', 'female')),
	phone          text CHECK (phone ~ '^[+]?[0-9]{6,15}$'),
	email          text,
	residence_unit text,
	residence      text NOT NULL DEFAULT '',
	official       boolean NOT NULL DEFAULT false,
	citizen        boolean NOT NULL DEFAULT true,
	version        integer NOT NULL DEFAULT 1,
	created_at     timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX person_personal_id ON directory.person (personal_id) WHERE personal_id IS NOT NULL;
CREATE INDEX person_phone ON directory.person (phone) WHERE phone IS NOT NULL;
CREATE INDEX person_name ON directory.person (name_fold text_pattern_ops, id);
CREATE INDEX person_residence ON directory.person (residence_unit, id);
CREATE INDEX official_key ON directory.person (directory.name_key(name), id) WHERE official;
CREATE INDEX official_words ON directory.person USING gin (to_tsvector('simple', name_fold)) WHERE official;

-- A right is a string whose meaning belongs to the module that checks it. One that governs
-- (gives power over others) may be granted only by who holds it for the same agency.
CREATE TABLE directory.right_kind (
	key     text PRIMARY KEY,
	governs boolean NOT NULL,
	signs   boolean NOT NULL DEFAULT false, -- a substitute works the desk but never signs
	name_vi text NOT NULL,
	name_en text NOT NULL
);

CREATE TABLE directory.position (
	key     text PRIMARY KEY,
	rank    integer NOT NULL, -- 1 is the highest; lists are sorted by it
	name_vi text NOT NULL,
	name_en text NOT NULL
);

-- below lists an agency and the bodies under it that belong to the same unit.
-- +goose StatementBegin
CREATE FUNCTION directory.below(top text, day date) RETURNS text[]
LANGUAGE sql STABLE PARALLEL SAFE AS $$
	WITH RECURSIVE tree AS (
		SELECT v.agency_id, v.unit_code FROM directory.agency_version v
		WHERE v.agency_id = top AND v.valid_from <= day AND (v.valid_to IS NULL OR v.valid_to > day)
		UNION
		SELECT c.agency_id, c.unit_code FROM tree t
		JOIN directory.agency_version c ON c.parent = t.agency_id AND c.unit_code = t.unit_code
		WHERE c.valid_from <= day AND (c.valid_to IS NULL OR c.valid_to > day)
	)
	SELECT coalesce(array_agg(agency_id ORDER BY agency_id), ARRAY[top]) FROM tree
$$;
-- +goose StatementEnd
-- house lists the bodies that act as one authority with an agency: in a commune the whole
-- people's committee with its offices; elsewhere the agency alone.
-- +goose StatementBegin
CREATE FUNCTION directory.house(agency text, day date) RETURNS text[]
LANGUAGE sql STABLE PARALLEL SAFE AS $$
	WITH RECURSIVE up AS (
		SELECT v.agency_id, v.parent, v.unit_code, 0 AS height FROM directory.agency_version v
		WHERE v.agency_id = agency AND v.level = 'commune'
		AND v.valid_from <= day AND (v.valid_to IS NULL OR v.valid_to > day)
		UNION
		SELECT p.agency_id, p.parent, p.unit_code, u.height + 1 FROM up u
		JOIN directory.agency_version p ON p.agency_id = u.parent AND p.unit_code = u.unit_code
		WHERE u.height < 8 AND p.valid_from <= day AND (p.valid_to IS NULL OR p.valid_to > day)
	)
	SELECT coalesce((SELECT directory.below(agency_id, day) FROM up ORDER BY height DESC LIMIT 1), ARRAY[agency])
$$;
-- +goose StatementEnd

-- What a position allows, and where seen from its agency:
-- own = there; below = there and in the bodies under it of the same unit;
-- house = in a commune, the people's committee and its bodies as one authority, else own; all = everywhere.
CREATE TABLE directory.position_right (
	position   text NOT NULL REFERENCES directory.position,
	right_key  text NOT NULL REFERENCES directory.right_kind,
	reach      text NOT NULL CHECK (reach IN ('own', 'below', 'house', 'all')),
	valid_from date NOT NULL,
	valid_to   date CHECK (valid_to > valid_from),
	PRIMARY KEY (position, right_key, valid_from)
);

CREATE TABLE directory.post (
	id         uuid PRIMARY KEY,
	person_id  uuid NOT NULL REFERENCES directory.person,
	agency_id  text NOT NULL REFERENCES directory.agency,
	position   text NOT NULL REFERENCES directory.position,
	title      text NOT NULL,
	rank       integer NOT NULL,
	valid_from date NOT NULL,
	valid_to   date CHECK (valid_to > valid_from),
	basis      text NOT NULL DEFAULT '', -- number and date of the decision
	reason     text NOT NULL DEFAULT ''  -- why it ended: transfer, retirement, merger …
);
CREATE INDEX post_person ON directory.post (person_id, valid_from);
CREATE INDEX post_agency ON directory.post (agency_id, rank, id);
CREATE UNIQUE INDEX post_open ON directory.post (person_id, agency_id, position) WHERE valid_to IS NULL;

-- One person acts from another's post for some days.
-- law: documents.md 2.3 — a delegation record: giver, taker, form, scope, from–to, legal document.
CREATE TABLE directory.delegation (
	id         uuid PRIMARY KEY,
	form       text NOT NULL CHECK (form IN ('substitution', 'TUQ', 'TL', 'KT', 'Q')),
	giver_post uuid NOT NULL REFERENCES directory.post,
	taker      uuid NOT NULL REFERENCES directory.person,
	rights     text[] NOT NULL DEFAULT '{}', -- empty: every right of the post
	valid_from date NOT NULL,
	valid_to   date NOT NULL CHECK (valid_to > valid_from),
	document   text NOT NULL CHECK (document <> ''),
	note       text NOT NULL DEFAULT '',
	made_by    uuid,
	made_at    timestamptz NOT NULL,
	ended_at   timestamptz
);
CREATE INDEX delegation_taker ON directory.delegation (taker, valid_to) WHERE ended_at IS NULL;
CREATE INDEX delegation_giver ON directory.delegation (giver_post);

-- A file of people waiting for its import to be confirmed; gone when it was, or after a day.
CREATE TABLE directory.import_draft (
	id      uuid PRIMARY KEY,
	by      uuid NOT NULL,
	at      timestamptz NOT NULL,
	file    text NOT NULL,
	sha256  bytea NOT NULL,
	rows    jsonb NOT NULL
);

INSERT INTO directory.right_kind (key, governs, name_vi, name_en) VALUES
	('services.receive',   false, 'Tiếp nhận hồ sơ', 'Receive dossiers'),
	('services.handle',    false, 'Thụ lý hồ sơ', 'Handle dossiers'),
	('services.decide',    false, 'Ký giải quyết', 'Decide and sign'),
	('services.number',    false, 'Cấp số, đóng dấu', 'Number and seal'),
	('services.return',    false, 'Trả kết quả', 'Return results'),
	('services.cash',      false, 'Thu phí, lệ phí', 'Take fees'),
	('services.supervise', false, 'Theo dõi, đôn đốc', 'Supervise'),
	('directory.manage',   true,  'Quản lý tổ chức, nhân sự', 'Manage bodies and people'),
	('calendar.publish',   true,  'Công bố lịch làm việc', 'Publish the calendar'),
	('admin.instance',     true,  'Quản trị hệ thống', 'Administer the system'),
	('audit.inspect',      true,  'Kiểm tra nhật ký', 'Inspect the audit log');

UPDATE directory.right_kind SET signs = true WHERE key = 'services.decide';

INSERT INTO directory.position (key, rank, name_vi, name_en) VALUES
	('leader',            10, 'Người đứng đầu', 'Head'),
	('deputy',            20, 'Cấp phó', 'Deputy head'),
	('division-head',     30, 'Trưởng bộ phận', 'Head of division'),
	('case-officer',      50, 'Công chức thụ lý', 'Case officer'),
	('receiving-officer', 50, 'Công chức tiếp nhận và trả kết quả', 'Receiving officer'),
	('clerk',             60, 'Văn thư', 'Document clerk'),
	('cashier',           60, 'Thủ quỹ', 'Cashier'),
	('inspector',         40, 'Thanh tra viên', 'Inspector'),
	('staff',             70, 'Cán bộ, chuyên viên', 'Staff'),
	('agency-admin',      80, 'Quản trị đơn vị', 'Administrator of an agency'),
	('province-admin',    80, 'Quản trị toàn tỉnh', 'Administrator of the province');

INSERT INTO directory.position_right (position, right_key, reach, valid_from) VALUES
	('leader',            'services.decide',    'below', '2000-01-01'),
	('leader',            'services.supervise', 'below', '2000-01-01'),
	('deputy',            'services.decide',    'below', '2000-01-01'),
	('deputy',            'services.supervise', 'below', '2000-01-01'),
	('division-head',     'services.handle',    'house', '2000-01-01'),
	('division-head',     'services.supervise', 'own',   '2000-01-01'),
	('case-officer',      'services.handle',    'house', '2000-01-01'),
	('receiving-officer', 'services.receive',   'house', '2000-01-01'),
	('receiving-officer', 'services.return',    'house', '2000-01-01'),
	('clerk',             'services.number',    'house', '2000-01-01'),
	('cashier',           'services.cash',      'house', '2000-01-01'),
	('agency-admin',      'directory.manage',   'below', '2000-01-01'),
	('province-admin',    'directory.manage',   'all',   '2000-01-01'),
	('province-admin',    'calendar.publish',   'all',   '2000-01-01'),
	('province-admin',    'admin.instance',     'all',   '2000-01-01'),
	('inspector',         'audit.inspect',      'all',   '2000-01-01');

-- +goose Down
DROP SCHEMA directory CASCADE;
