-- +goose Up
CREATE SCHEMA exchange;

-- How far the log of the house has been read for a peer.
CREATE TABLE exchange.cursor (
    peer     text PRIMARY KEY,
    seq      bigint NOT NULL,         -- place in the audit tree
    began_at timestamptz NOT NULL     -- what happened before is not told
);

-- A record that a peer is told of. What is still to be told is asked of the record itself: its own
-- slip is the queue, so nothing is queued beside the act that could be lost or come twice.
CREATE TABLE exchange.record (
    peer       text NOT NULL,
    code       text NOT NULL,              -- MaHoSo
    agency     text NOT NULL DEFAULT '',   -- whose matter it is; '' until first asked
    href       text NOT NULL DEFAULT '',
    told       int  NOT NULL DEFAULT 0,    -- sequence of the last message that the peer confirmed
    again      int  NOT NULL DEFAULT 0,    -- how often its state was ordered to be told again
    changed_at timestamptz,                -- since when something is to be told; null: all is told
    tries      int  NOT NULL DEFAULT 0,    -- failures in a row
    next_at    timestamptz NOT NULL,       -- not to be tried before
    dead       boolean NOT NULL DEFAULT false, -- given up until somebody orders it or the record changes
    failed_at  timestamptz,
    error      text NOT NULL DEFAULT '',   -- what the last failure was; no personal data
    synced_at  timestamptz,                -- when the peer last had all
    PRIMARY KEY (peer, code)
);
CREATE INDEX record_due ON exchange.record (next_at) WHERE changed_at IS NOT NULL AND NOT dead;
CREATE INDEX record_waiting ON exchange.record (peer, changed_at, code) WHERE changed_at IS NOT NULL;

-- What was sent, message by message.
CREATE TABLE exchange.sent (
    id   uuid PRIMARY KEY,
    peer text NOT NULL,
    code text NOT NULL,
    seq  int  NOT NULL,
    op   text NOT NULL,                 -- NoiHoSo, CapNhatTienTrinh, CapNhatTrangThai
    ok   boolean NOT NULL,
    note text NOT NULL DEFAULT '',      -- the answer's status, or what went wrong
    at   timestamptz NOT NULL
);
CREATE INDEX sent_record ON exchange.sent (peer, code, id);
CREATE INDEX sent_at ON exchange.sent (at);

-- What a peer told us, by its own order.
CREATE TABLE exchange.heard (
    peer  text NOT NULL,
    code  text NOT NULL,
    seq   bigint NOT NULL,
    state int  NOT NULL,
    at    timestamptz NOT NULL,         -- as the peer says
    note  text NOT NULL DEFAULT '',
    heard_at timestamptz NOT NULL,
    PRIMARY KEY (peer, code, seq)
);

-- Two systems say different things of one record. Nothing is changed until somebody has decided.
CREATE TABLE exchange.conflict (
    id         uuid PRIMARY KEY,
    peer       text NOT NULL,
    code       text NOT NULL,
    agency     text NOT NULL,
    href       text NOT NULL,
    ours       int  NOT NULL,
    theirs     int  NOT NULL,
    theirs_at  timestamptz NOT NULL,
    theirs_note text NOT NULL DEFAULT '',
    seq        bigint NOT NULL,          -- of the peer's message
    found_at   timestamptz NOT NULL,
    due_at     timestamptz NOT NULL,
    decision   text CHECK (decision IN ('ours', 'theirs', 'agreed')),
    reason     text NOT NULL DEFAULT '',
    decided_by uuid,
    decided_at timestamptz,
    CHECK ((decision IS NULL) = (decided_at IS NULL))
);
CREATE UNIQUE INDEX conflict_open ON exchange.conflict (peer, code) WHERE decision IS NULL;
CREATE INDEX conflict_agency ON exchange.conflict (agency, id);

-- +goose Down
DROP SCHEMA exchange CASCADE;
