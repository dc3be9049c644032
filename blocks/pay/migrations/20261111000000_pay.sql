-- +goose Up
CREATE SCHEMA pay;

-- Where money for an agency is sent ('' is everybody without an account of their own), dated.
CREATE TABLE pay.account (
    agency     text NOT NULL DEFAULT '',
    valid_from date NOT NULL,
    bin        text NOT NULL CHECK (bin ~ '^\d{6}$'),
    account    text NOT NULL CHECK (account ~ '^[0-9A-Za-z]{1,19}$'),
    holder     text NOT NULL CHECK (holder <> ''),
    PRIMARY KEY (agency, valid_from)
);

-- What is owed for one subject. The amount never changes: a wrong bill is voided and made anew.
CREATE TABLE pay.bill (
    id           uuid PRIMARY KEY,
    subject_kind text        NOT NULL CHECK (subject_kind <> ''),
    subject_id   uuid        NOT NULL,
    agency       text        NOT NULL CHECK (agency <> ''),
    procedure    text        NOT NULL DEFAULT '',
    reference    text        NOT NULL CHECK (reference ~ '^[ -~]{1,25}$'), -- what a transfer must say
    -- banks change case and drop signs: bills are found by the letters and digits alone
    reference_key text       NOT NULL GENERATED ALWAYS AS (regexp_replace(upper(reference), '[^A-Z0-9]', '', 'g')) STORED CHECK (reference_key <> ''),
    payer_id     uuid,
    payer        text        NOT NULL CHECK (payer <> ''),
    mode         text        NOT NULL CHECK (mode IN ('prepaid', 'on-return')),
    lines        jsonb       NOT NULL,
    amount       bigint      NOT NULL CHECK (amount > 0),
    due_at       timestamptz,
    state        text        NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'flagged', 'paid', 'refunded', 'void')),
    refundable   boolean     NOT NULL DEFAULT true,
    asked_at     timestamptz NOT NULL,
    settled_at   timestamptz,
    note         text        NOT NULL DEFAULT '',
    CHECK ((state IN ('paid', 'refunded', 'void')) = (settled_at IS NOT NULL))
);
CREATE UNIQUE INDEX bill_reference ON pay.bill (reference_key) WHERE state <> 'void';
CREATE INDEX bill_subject ON pay.bill (subject_id);
CREATE INDEX bill_open ON pay.bill (agency, asked_at, id) WHERE state IN ('pending', 'flagged');

-- One payment by its reference: a notice that comes again finds the first one.
CREATE TABLE pay.payment (
    id          uuid PRIMARY KEY,
    bill_id     uuid REFERENCES pay.bill,      -- NULL while nobody knows what it is for
    way         text        NOT NULL CHECK (way IN ('cash', 'transfer', 'platform')),
    reference   text        NOT NULL CHECK (reference <> ''),
    amount      bigint      NOT NULL CHECK (amount > 0),
    paid_at     timestamptz NOT NULL,
    said        text        NOT NULL DEFAULT '', -- the words of the transfer
    state       text        NOT NULL CHECK (state IN ('matched', 'flagged', 'returned')),
    reason      text        NOT NULL DEFAULT '', -- why it is flagged: amount, double, unknown, void
    recorded_by uuid,
    recorded_at timestamptz NOT NULL,
    UNIQUE (way, reference),
    CHECK (state <> 'matched' OR bill_id IS NOT NULL)
);
CREATE INDEX payment_bill ON pay.payment (bill_id);
CREATE INDEX payment_flagged ON pay.payment (recorded_at, id) WHERE state = 'flagged';

-- Receipts (biên lai): numbers from 1 without a hole in each series of an agency and year.
CREATE TABLE pay.receipt (
    id         uuid PRIMARY KEY,
    bill_id    uuid        NOT NULL REFERENCES pay.bill,
    payment_id uuid        NOT NULL REFERENCES pay.payment,
    agency     text        NOT NULL,
    template   text        NOT NULL,
    series     text        NOT NULL,
    number     integer     NOT NULL CHECK (number > 0),
    payer      text        NOT NULL,
    lines      jsonb       NOT NULL,
    amount     bigint      NOT NULL CHECK (amount > 0),
    way        text        NOT NULL,
    collector  text        NOT NULL,
    issued_at  timestamptz NOT NULL,
    UNIQUE (agency, series, number)
);
CREATE INDEX receipt_bill ON pay.receipt (bill_id);
CREATE INDEX receipt_payment ON pay.receipt (payment_id);

-- A receipt is never deleted: this record voids it.
CREATE TABLE pay.receipt_void (
    receipt_id uuid PRIMARY KEY REFERENCES pay.receipt,
    reason     text        NOT NULL CHECK (btrim(reason) <> ''),
    voided_by  uuid,
    voided_at  timestamptz NOT NULL
);

CREATE TABLE pay.refund (
    id          uuid PRIMARY KEY,
    payment_id  uuid        NOT NULL REFERENCES pay.payment,
    amount      bigint      NOT NULL CHECK (amount > 0),
    reason      text        NOT NULL CHECK (reason IN ('over-payment', 'double-payment', 'withdrawn', 'unknown')),
    explained   text        NOT NULL CHECK (btrim(explained) <> ''),
    account     text        NOT NULL CHECK (account <> ''), -- where the money goes back to
    approved_by uuid,
    approved_at timestamptz NOT NULL
);
CREATE INDEX refund_payment ON pay.refund (payment_id);

-- +goose Down
DROP SCHEMA pay CASCADE;
