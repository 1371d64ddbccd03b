-- What visitors are shown after a signup on a page, for some days. The address of each is kept as a digest only; a form that is sent
-- again gets another address of the same confirmation.
CREATE TABLE confirmations (
    digest          BYTEA PRIMARY KEY,
    -- The customer, or the refusal behind the number that a stranger with a known address is shown.
    customer_id     UUID NOT NULL,
    customer_number TEXT COLLATE "C" NOT NULL,
    -- The offer as it was at the signup.
    agent_name      TEXT NOT NULL,
    plan_name       TEXT NOT NULL,
    price_text      TEXT NOT NULL,
    description     TEXT NOT NULL,
    ui_elements     TEXT NOT NULL,
    terms_version   TEXT NOT NULL,
    expires_at      TIMESTAMPTZ NOT NULL
);
CREATE INDEX confirmations_by_customer ON confirmations (customer_id);
CREATE INDEX confirmations_by_end ON confirmations (expires_at);
