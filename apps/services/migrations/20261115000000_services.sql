-- +goose Up
CREATE SCHEMA services;

CREATE TABLE services.procedure (
    code      text PRIMARY KEY CHECK (code ~ '^\d\.\d{6}$'),
    name      text NOT NULL,
    name_en   text NOT NULL,
    level     text NOT NULL,                      -- commune, province
    field     text NOT NULL,
    authority text NOT NULL DEFAULT 'province' CHECK (authority IN ('province', 'ministry', 'national')),
    open      boolean NOT NULL DEFAULT false,     -- can be filed here
    search    tsvector GENERATED ALWAYS AS (to_tsvector('simple', public.vn_fold(name || ' ' || name_en || ' ' || code))) STORED
);
CREATE INDEX procedure_search ON services.procedure USING gin (search);

-- What a procedure asks for and gives, from a day on; a dossier keeps the version it was filed under.
CREATE TABLE services.version (
    procedure  text NOT NULL REFERENCES services.procedure (code),
    version    int  NOT NULL CHECK (version > 0),
    valid_from date NOT NULL,
    valid_to   date,
    definition jsonb NOT NULL,
    PRIMARY KEY (procedure, version),
    CHECK (valid_to IS NULL OR valid_to > valid_from)
);

-- law: public-services.md 6.2. The same table as transitions in state.go.
CREATE FUNCTION services.legal(before smallint, after smallint) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE before
        WHEN 1 THEN after IN (2, 3, 5, 6, 7, 8)
        WHEN 2 THEN after IN (4, 7, 8)
        WHEN 4 THEN after IN (4, 5, 6, 7, 8, 9)
        WHEN 5 THEN after IN (1, 2, 4, 7, 8)
        WHEN 6 THEN after IN (1, 4, 7, 8, 9)
        WHEN 8 THEN after = 4
        WHEN 9 THEN after IN (4, 6, 10)
        WHEN 3 THEN false WHEN 7 THEN false WHEN 10 THEN false
        ELSE after IN (1, 2) END $$;

CREATE TABLE services.dossier (
    id               uuid PRIMARY KEY,
    code             text NOT NULL,
    procedure        text NOT NULL,
    version          int  NOT NULL,
    state            smallint NOT NULL CHECK (state BETWEEN 1 AND 10),
    moves            int  NOT NULL CHECK (moves > 0),  -- number of the move that gave the state
    step             text NOT NULL DEFAULT '',         -- sub-state: intake, handle, sign, number, return …
    channel          smallint NOT NULL CHECK (channel BETWEEN 1 AND 3),
    on_behalf        boolean NOT NULL DEFAULT false,   -- filed online by an officer for the citizen
    support_agency   text,                             -- who helped to file; any counter may receive for any body
    receiving_agency text NOT NULL,
    competent_agency text NOT NULL,
    holder_agency    text NOT NULL,                    -- whose desk; the applicant's while she must act is told by state
    holder           uuid,                             -- named person; null = whoever has the right there
    applicant        uuid NOT NULL,
    owner            uuid NOT NULL,
    applicant_name   text NOT NULL,
    applicant_phone  text NOT NULL DEFAULT '',
    owner_name       text NOT NULL,
    subject          text NOT NULL DEFAULT '',         -- one line that tells this dossier from others
    answers          jsonb NOT NULL,
    filed_at         timestamptz NOT NULL,
    answer_due       timestamptz,                      -- the eight-hour answer to an online filing
    accepted_at      timestamptz,
    due_at           timestamptz,                      -- promised on Form 01; null before acceptance
    due_eod          timestamptz,                      -- legal maximum
    first_due_at     timestamptz,                      -- the promise before an extension
    extensions       smallint NOT NULL DEFAULT 0 CHECK (extensions BETWEEN 0 AND 1),
    extended_days    smallint NOT NULL DEFAULT 0 CHECK (extended_days BETWEEN 0 AND 60), -- working days
    pauses           jsonb NOT NULL DEFAULT '[]',      -- [{from, to}] of the running term
    paused_at        timestamptz,
    stage_requests   smallint NOT NULL DEFAULT 0,      -- supplement requests in this stage
    proposed         text CHECK (proposed IN ('granted', 'refused')),
    outcome          text CHECK (outcome IN ('granted', 'refused')),
    basis            text NOT NULL DEFAULT '',
    decided_by       uuid,
    decided_at       timestamptz,
    number           text,
    finished_at      timestamptz,
    returned_at      timestamptz,
    return_way       text NOT NULL DEFAULT 'online' CHECK (return_way IN ('online', 'counter', 'post')),
    fee              bigint CHECK (fee >= 0),          -- đồng; null = not known yet
    fee_state        text NOT NULL DEFAULT 'none' CHECK (fee_state IN ('none', 'unknown', 'due', 'paid', 'waived')),
    files            boolean NOT NULL DEFAULT true,    -- false: older than the system, paper only
    updated_at       timestamptz NOT NULL,
    search           tsvector NOT NULL,
    FOREIGN KEY (procedure, version) REFERENCES services.version (procedure, version),
    CHECK (state <> 9 OR outcome IS NOT NULL AND finished_at IS NOT NULL AND number IS NOT NULL),
    CHECK (state <> 10 OR returned_at IS NOT NULL AND finished_at IS NOT NULL),
    CHECK (state NOT IN (2, 4) OR accepted_at IS NOT NULL AND due_at IS NOT NULL)
);
CREATE UNIQUE INDEX dossier_code ON services.dossier (code text_pattern_ops);
CREATE INDEX dossier_open ON services.dossier (holder_agency, due_at, id) WHERE state IN (1, 2, 4, 5, 6, 9);
CREATE INDEX dossier_office ON services.dossier (competent_agency, state, filed_at DESC, id DESC);
CREATE INDEX dossier_received ON services.dossier (receiving_agency, state, filed_at DESC, id DESC);
CREATE INDEX dossier_applicant ON services.dossier (applicant, filed_at DESC, id DESC);
CREATE INDEX dossier_owner ON services.dossier (owner) WHERE owner <> applicant;
CREATE INDEX dossier_search ON services.dossier USING gin (search);
CREATE INDEX dossier_filed ON services.dossier (filed_at DESC, id DESC);

-- The control slip, Form 06. Each line is a legal move by CHECK and hangs on the line before it by
-- foreign key; the dossier's state hangs on its last line. So no history can exist that 6.2 forbids.
CREATE TABLE services.move (
    dossier_id uuid NOT NULL,
    n          int  NOT NULL CHECK (n > 0),
    prev       int,
    from_state smallint,
    to_state   smallint NOT NULL,
    act        text NOT NULL,
    at         timestamptz NOT NULL,
    actor      uuid,
    actor_name text NOT NULL DEFAULT '',   -- as of that moment
    actor_post text NOT NULL DEFAULT '',
    agency     text NOT NULL DEFAULT '',   -- from whose desk
    to_agency  text NOT NULL DEFAULT '',   -- to whose desk
    to_person  uuid,
    to_name    text NOT NULL DEFAULT '',
    note       text NOT NULL DEFAULT '',
    basis      text NOT NULL DEFAULT '',
    due_at     timestamptz,
    timing     text NOT NULL DEFAULT '' CHECK (timing IN ('', 'early', 'on-time', 'late')),
    PRIMARY KEY (dossier_id, n),
    UNIQUE (dossier_id, n, to_state),
    CHECK (prev IS NOT DISTINCT FROM nullif(n - 1, 0)),
    CHECK ((n = 1) = (from_state IS NULL)),
    CHECK (services.legal(from_state, to_state)),
    FOREIGN KEY (dossier_id, prev, from_state) REFERENCES services.move (dossier_id, n, to_state)
);
ALTER TABLE services.dossier ADD CONSTRAINT dossier_state_is_last_move
    FOREIGN KEY (id, moves, state) REFERENCES services.move (dossier_id, n, to_state) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE services.move ADD CONSTRAINT move_dossier
    FOREIGN KEY (dossier_id) REFERENCES services.dossier (id) DEFERRABLE INITIALLY DEFERRED;

-- +goose StatementBegin
CREATE FUNCTION services.slip_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the control slip is append-only' USING ERRCODE = '42501';
END $$;
-- +goose StatementEnd
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON services.move FOR EACH ROW EXECUTE FUNCTION services.slip_is_append_only();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON services.move EXECUTE FUNCTION services.slip_is_append_only();
-- +goose StatementBegin
CREATE FUNCTION services.state_goes_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.moves < OLD.moves OR NEW.state <> OLD.state AND NEW.moves <> OLD.moves + 1 THEN
        RAISE EXCEPTION 'a new state is the next move' USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER state_goes_on BEFORE UPDATE OF state, moves ON services.dossier FOR EACH ROW EXECUTE FUNCTION services.state_goes_on();

-- The papers filed: place = key of the paper in the definition. file is null for what was only
-- shown at the counter or taken on paper.
CREATE TABLE services.paper (
    dossier_id uuid NOT NULL REFERENCES services.dossier (id) DEFERRABLE INITIALLY DEFERRED,
    place      text NOT NULL,
    n          int  NOT NULL,
    file_id    uuid,
    name       text NOT NULL DEFAULT '',
    originals  int NOT NULL DEFAULT 0,
    copies     int NOT NULL DEFAULT 0,
    digitised  smallint NOT NULL DEFAULT 0 CHECK (digitised BETWEEN 0 AND 3), -- SoHoa
    added_at   timestamptz NOT NULL,
    added_by   uuid,
    PRIMARY KEY (dossier_id, place, n)
);

-- One supplement request holds all that is missing.
CREATE TABLE services.request (
    id          uuid PRIMARY KEY,
    dossier_id  uuid NOT NULL REFERENCES services.dossier (id),
    stage       text NOT NULL CHECK (stage IN ('intake', 'processing')),
    items       jsonb NOT NULL,     -- [{key, what, how, basis, answered}]
    basis       text NOT NULL,
    override    text NOT NULL DEFAULT '',   -- why a second request in one stage
    approved_by uuid,
    asked_by    uuid NOT NULL,
    asked_at    timestamptz NOT NULL,
    supply_by   timestamptz NOT NULL,
    answered_at timestamptz
);
CREATE INDEX request_dossier ON services.request (dossier_id, asked_at DESC);
CREATE INDEX request_open ON services.request (supply_by) WHERE answered_at IS NULL;

-- Forms 01–05, receipts and results. file is null until its job has made it.
CREATE TABLE services.outgoing (
    id         uuid PRIMARY KEY,
    dossier_id uuid NOT NULL REFERENCES services.dossier (id),
    kind       text NOT NULL,          -- form-01 … form-05, receipt, result
    number     text NOT NULL DEFAULT '',
    data       jsonb NOT NULL DEFAULT '{}',
    file_id    uuid,
    verify     text NOT NULL UNIQUE,   -- code printed on it, for the verification page
    state      text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'draft', 'signed', 'issued', 'replaced')),
    at         timestamptz NOT NULL
);
CREATE INDEX outgoing_dossier ON services.outgoing (dossier_id, at);

CREATE TABLE services.rating (
    dossier_id uuid PRIMARY KEY REFERENCES services.dossier (id),
    person     uuid NOT NULL,
    score      smallint NOT NULL CHECK (score BETWEEN 1 AND 4),
    comment    text NOT NULL DEFAULT '' CHECK (length(comment) <= 2000),
    at         timestamptz NOT NULL
);

-- +goose Down
DROP SCHEMA services CASCADE;
