-- Statements: what was stated, a fold of the log that its writer keeps, and the names and addresses beside it.

CREATE TABLE statements{shadow} (
    number       BIGINT PRIMARY KEY,
    statement_id UUID NOT NULL,
    position     BIGINT NOT NULL,
    agent_id     UUID NOT NULL,
    -- The number of the statement that it replaces.
    corrects     BIGINT,
    issued_at    TIMESTAMPTZ NOT NULL,
    -- The event's data.
    data         TEXT NOT NULL
);
CREATE INDEX statements{shadow}_by_agent ON statements{shadow} (agent_id, number);
CREATE INDEX statements{shadow}_by_corrects ON statements{shadow} (corrects) WHERE corrects IS NOT NULL;

-- Personal: as the parties were when the statement was issued, as JSON. Written in the transaction of the event, and emptied when the time
-- to keep them is over.
CREATE TABLE statement_names (
    statement_id UUID PRIMARY KEY,
    company      TEXT NOT NULL,
    agent        TEXT NOT NULL,
    issued_at    TIMESTAMPTZ NOT NULL,
    blanked_at   TIMESTAMPTZ
);
CREATE INDEX statement_names_by_issued_at ON statement_names (issued_at) WHERE blanked_at IS NULL;

ALTER TABLE agents{shadow} ADD COLUMN vat_kind TEXT NOT NULL DEFAULT 'rate';
-- The terms that the tax was paid on, as JSON.
ALTER TABLE remittances{shadow} ADD COLUMN vat_terms TEXT;
ALTER TABLE settings{shadow} ADD COLUMN statements TEXT NOT NULL DEFAULT '{}';
