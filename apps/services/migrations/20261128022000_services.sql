-- +goose Up
-- An inter-linked set (liên thông): what was filed once and is worked as several dossiers, each with its own
-- code, body, state, clock, fee and result. The set has no state of its own: it is what its parts are.
-- law: public-services.md 11 — one parent with several child dossiers; order constraints.
CREATE TABLE services.linked_set (
    id               uuid PRIMARY KEY,
    code             text NOT NULL UNIQUE,     -- of the same series as those of dossiers
    procedure        text NOT NULL,
    version          int  NOT NULL,
    receiving_agency text NOT NULL,
    applicant        uuid NOT NULL,
    subject          text NOT NULL DEFAULT '', -- one line that tells this set from others
    answers          jsonb NOT NULL,           -- as declared, once for all parts
    filed_at         timestamptz NOT NULL,
    due_at           timestamptz,              -- latest promise along the chain; null before the first acceptance
    ended_at         timestamptz,              -- when all parts were over; null while one is not
    FOREIGN KEY (procedure, version) REFERENCES services.version (procedure, version)
);
CREATE INDEX linked_set_applicant ON services.linked_set (applicant, filed_at DESC, id DESC);

CREATE TABLE services.linked_part (
    dossier_id uuid PRIMARY KEY REFERENCES services.dossier (id),
    set_id     uuid NOT NULL REFERENCES services.linked_set (id),
    n          int  NOT NULL CHECK (n > 0),      -- its place in the set
    key        text NOT NULL,                    -- which part of the definition it is
    after      int[] NOT NULL,                   -- places of the parts that must be granted before it starts
    started_at timestamptz,                      -- when the last of those was; null while it waits, and for the first
    UNIQUE (set_id, n),
    CHECK (n > ALL (after))                      -- what is before has a smaller place: no circle can be written
);

-- A part of a set that is no procedure by itself is a public service: the set's code with a number.
-- law: public-services.md 7 — public service: procedure code + .nn.
ALTER TABLE services.procedure DROP CONSTRAINT procedure_code_check;
ALTER TABLE services.procedure ADD CONSTRAINT procedure_code_check CHECK (code ~ '^\d\.\d{6}(\.\d{2})?$');
ALTER TABLE services.procedure DROP CONSTRAINT procedure_authority_check;
ALTER TABLE services.procedure ADD CONSTRAINT procedure_authority_check CHECK (authority IN ('province', 'ministry', 'national', 'set'));
ALTER TABLE services.procedure ADD CONSTRAINT procedure_part_of_set CHECK ((authority = 'set') = (length(code) > 8));

-- +goose Down
DROP TABLE services.linked_part, services.linked_set;
DELETE FROM services.version WHERE length(procedure) > 8;
DELETE FROM services.procedure WHERE authority = 'set';
ALTER TABLE services.procedure DROP CONSTRAINT procedure_part_of_set;
ALTER TABLE services.procedure DROP CONSTRAINT procedure_authority_check;
ALTER TABLE services.procedure ADD CONSTRAINT procedure_authority_check CHECK (authority IN ('province', 'ministry', 'national'));
ALTER TABLE services.procedure DROP CONSTRAINT procedure_code_check;
ALTER TABLE services.procedure ADD CONSTRAINT procedure_code_check CHECK (code ~ '^\d\.\d{6}$');
