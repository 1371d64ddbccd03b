-- When what happened to a customer's service.
ALTER TABLE customers ADD COLUMN provisioned_at TIMESTAMPTZ;
-- The last failure since.
ALTER TABLE customers ADD COLUMN failed_at TIMESTAMPTZ;
ALTER TABLE customers ADD COLUMN suspended_at TIMESTAMPTZ;
ALTER TABLE customers ADD COLUMN closed_at TIMESTAMPTZ;
-- Whom no system serves yet. Ids are in the order of the signups.
CREATE INDEX customers_waiting ON customers (id)
    WHERE provisioned_at IS NULL AND suspended_at IS NULL AND closed_at IS NULL AND erased_at IS NULL AND lost_at IS NULL;

-- The accounts of customers at the operator's systems; erased with the customer.
CREATE TABLE customer_accounts (
    customer_id UUID NOT NULL,
    system      TEXT COLLATE "C" NOT NULL,
    account     TEXT NOT NULL,
    -- Texts by texts, as JSON.
    details     TEXT NOT NULL,
    noted_at    TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (customer_id, system)
);
