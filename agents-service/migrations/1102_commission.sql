-- Commission: what payments, refunds and payouts are decided by. All are folds of the service's own log, kept by its writer. Amounts are
-- in ten-thousandths of the currency's unit.

-- Terms as they were stated, each from its position on. The thing is an agent, a call plan, a grant, a signup key or the company.
CREATE TABLE commission_terms{shadow} (
    thing       TEXT COLLATE "C" NOT NULL,
    position    BIGINT NOT NULL,
    recorded_at TIMESTAMPTZ NOT NULL,
    terms       TEXT NOT NULL,
    PRIMARY KEY (thing, position)
);

CREATE TABLE payments{shadow} (
    payment_id      UUID PRIMARY KEY,
    position        BIGINT NOT NULL,
    reference       TEXT COLLATE "C" NOT NULL,
    -- As it was named; the customer who is meant where somebody earns.
    customer_id     UUID,
    customer_number TEXT COLLATE "C",
    agent_id        UUID,
    currency        TEXT COLLATE "C" NOT NULL,
    amount          BIGINT NOT NULL,
    -- What is left after refunds and chargebacks, and the commission on it.
    amount_left     BIGINT NOT NULL,
    commission      BIGINT NOT NULL,
    received_at     TIMESTAMPTZ NOT NULL
);

-- Refunds and chargebacks that came before their payments, or do not fit them.
CREATE TABLE open_reversals{shadow} (
    payment_id         UUID NOT NULL,
    reversal_reference TEXT COLLATE "C" NOT NULL,
    position           BIGINT NOT NULL,
    reference          TEXT COLLATE "C" NOT NULL,
    kind               TEXT COLLATE "C" NOT NULL,
    -- Why it does not fit; absent while it waits.
    reason             TEXT COLLATE "C",
    PRIMARY KEY (payment_id, reversal_reference)
);

-- In double entry: each moves an amount from one account to another.
CREATE TABLE ledger_entries{shadow} (
    position     BIGINT NOT NULL,
    number       BIGINT NOT NULL,
    agent_id     UUID NOT NULL,
    currency     TEXT COLLATE "C" NOT NULL,
    kind         TEXT COLLATE "C" NOT NULL,
    from_account TEXT COLLATE "C" NOT NULL,
    to_account   TEXT COLLATE "C" NOT NULL,
    amount       BIGINT NOT NULL,
    -- What it changes of what is owed to the agent.
    owed         BIGINT NOT NULL,
    due_at       TIMESTAMPTZ,
    -- The reference of the payment, or the id of the remittance or the correction.
    cause        TEXT COLLATE "C" NOT NULL,
    recorded_at  TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (position, number)
);

CREATE TABLE ledger_balances{shadow} (
    agent_id UUID NOT NULL,
    currency TEXT COLLATE "C" NOT NULL,
    owed     BIGINT NOT NULL,
    reserved BIGINT NOT NULL,
    paid     BIGINT NOT NULL,
    PRIMARY KEY (agent_id, currency)
);

CREATE INDEX payments{shadow}_by_position ON payments{shadow} (position);
CREATE INDEX payments{shadow}_by_customer ON payments{shadow} (customer_id);
CREATE INDEX payments{shadow}_by_agent ON payments{shadow} (agent_id, position);
CREATE INDEX payments{shadow}_unattributed ON payments{shadow} (position) WHERE agent_id IS NULL;
CREATE INDEX ledger_entries{shadow}_by_agent ON ledger_entries{shadow} (agent_id, currency, position);
CREATE INDEX ledger_entries{shadow}_corrections ON ledger_entries{shadow} (position, number) WHERE kind = 'correction';
CREATE INDEX ledger_entries{shadow}_by_due_at ON ledger_entries{shadow} (agent_id, currency, due_at, owed);

-- What the directory shows of terms.
ALTER TABLE agents{shadow} ADD COLUMN commission_terms TEXT NOT NULL DEFAULT '{"per":"payment","base":"net","window":{},"rate_at":"placement"}';
ALTER TABLE agents{shadow} ADD COLUMN hold_days BIGINT;
ALTER TABLE agents{shadow} ADD COLUMN further_thresholds TEXT NOT NULL DEFAULT '[]';
ALTER TABLE call_plans{shadow} ADD COLUMN commission TEXT;
ALTER TABLE grants{shadow} ADD COLUMN commission TEXT;
ALTER TABLE signup_keys{shadow} ADD COLUMN commission TEXT;
ALTER TABLE settings{shadow} ADD COLUMN hold_days BIGINT NOT NULL DEFAULT 0;
ALTER TABLE settings{shadow} ADD COLUMN four_eyes BOOLEAN NOT NULL DEFAULT FALSE;

CREATE TABLE remittances{shadow} (
    remittance_id  UUID PRIMARY KEY,
    position       BIGINT NOT NULL,
    version        BIGINT NOT NULL,
    agent_id       UUID NOT NULL,
    currency       TEXT COLLATE "C" NOT NULL,
    amount         BIGINT NOT NULL,
    -- Paid with it.
    vat            BIGINT,
    state          TEXT COLLATE "C" NOT NULL,
    requested_at   TIMESTAMPTZ NOT NULL,
    changed_at     TIMESTAMPTZ NOT NULL,
    method         TEXT COLLATE "C",
    -- The positions of the events whose notes are the bank's reference, and why it was refused or returned.
    bank_reference_at BIGINT,
    reason_at         BIGINT
);
CREATE INDEX remittances{shadow}_by_position ON remittances{shadow} (position);
CREATE INDEX remittances{shadow}_by_agent ON remittances{shadow} (agent_id, position);
CREATE INDEX remittances{shadow}_by_state ON remittances{shadow} (state, position);
-- One reference of the bank pays one remittance.
CREATE INDEX notes_by_text ON notes (text);

-- How far it was looked for placements whose terms pay for the signup, in each state of the sales. It is no fold: without it all are looked
-- at again.
CREATE TABLE signup_commission_search (
    log_id     UUID NOT NULL,
    generation BIGINT NOT NULL,
    position   BIGINT NOT NULL,
    PRIMARY KEY (log_id, generation)
);

-- What each operator may do, for the decisions about operators and for each request of theirs.
CREATE TABLE operator_roles{shadow} (
    operator_id UUID PRIMARY KEY,
    role        TEXT COLLATE "C" NOT NULL
);
