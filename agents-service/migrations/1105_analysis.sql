-- Sums by quarter hour, from which the days of every time zone are added up, and roll-ups of them. Quarter hours and days are counted from
-- 1970-01-01, UTC. Amounts are in ten-thousandths of the currency's unit.

-- Where the customer said they live, for the commission on their payments to be told apart by.
ALTER TABLE sales_placements{shadow} ADD COLUMN country TEXT COLLATE "C";

-- From the signups' log. The country is known of signups only.
CREATE TABLE sales_quarters{shadow} (
    quarter      BIGINT NOT NULL,
    key          TEXT COLLATE "C" NOT NULL,
    campaign     TEXT COLLATE "C" NOT NULL,
    country      TEXT COLLATE "C" NOT NULL,
    agent_id     UUID NOT NULL,
    call_plan_id UUID NOT NULL,
    group_id     UUID NOT NULL,
    views        BIGINT NOT NULL,
    signups      BIGINT NOT NULL,
    page_signups BIGINT NOT NULL,
    automated    BIGINT NOT NULL,
    PRIMARY KEY (quarter, key, campaign, country)
);
CREATE INDEX sales_quarters{shadow}_by_agent ON sales_quarters{shadow} (agent_id, quarter);

-- By spans of 1, 4, 16 and 64 days: a long period is a few long spans and some short ones.
CREATE TABLE sales_spans{shadow} (
    span         BIGINT NOT NULL,
    key          TEXT COLLATE "C" NOT NULL,
    agent_id     UUID NOT NULL,
    call_plan_id UUID NOT NULL,
    group_id     UUID NOT NULL,
    views        BIGINT NOT NULL,
    signups      BIGINT NOT NULL,
    page_signups BIGINT NOT NULL,
    automated    BIGINT NOT NULL,
    PRIMARY KEY (span, key)
);

CREATE TABLE sales_totals{shadow} (
    quarter      BIGINT PRIMARY KEY,
    views        BIGINT NOT NULL,
    signups      BIGINT NOT NULL,
    page_signups BIGINT NOT NULL,
    automated    BIGINT NOT NULL
);

CREATE TABLE sales_campaign_days{shadow} (
    day          BIGINT NOT NULL,
    campaign     TEXT COLLATE "C" NOT NULL,
    country      TEXT COLLATE "C" NOT NULL,
    views        BIGINT NOT NULL,
    signups      BIGINT NOT NULL,
    page_signups BIGINT NOT NULL,
    automated    BIGINT NOT NULL,
    PRIMARY KEY (day, campaign, country)
);

-- The key is empty and the agent absent where the key was unknown.
CREATE TABLE sales_refusal_quarters{shadow} (
    quarter  BIGINT NOT NULL,
    key      TEXT COLLATE "C" NOT NULL,
    reason   TEXT COLLATE "C" NOT NULL,
    agent_id UUID,
    refusals BIGINT NOT NULL,
    PRIMARY KEY (quarter, key, reason)
);
CREATE INDEX sales_refusal_quarters{shadow}_by_agent ON sales_refusal_quarters{shadow} (agent_id, quarter);

-- From the service's own log. Payments that nobody earns by have an empty key and no agent.

-- What each payment is counted under, for the events that follow it.
CREATE TABLE money_payments{shadow} (
    payment_id   UUID PRIMARY KEY,
    quarter      BIGINT NOT NULL,
    currency     TEXT COLLATE "C" NOT NULL,
    amount       BIGINT NOT NULL,
    key          TEXT COLLATE "C" NOT NULL,
    agent_id     UUID,
    call_plan_id UUID,
    group_id     UUID,
    campaign     TEXT COLLATE "C" NOT NULL,
    country      TEXT COLLATE "C" NOT NULL,
    -- When the customer was placed, as precisely as months of every time zone need it.
    placed       BIGINT
);

-- What was refunded of payments that nobody earns by yet: it is counted anew once somebody does.
CREATE TABLE money_refunds{shadow} (
    payment_id UUID NOT NULL,
    quarter    BIGINT NOT NULL,
    refunded   BIGINT NOT NULL,
    PRIMARY KEY (payment_id, quarter)
);

CREATE TABLE money_quarters{shadow} (
    quarter      BIGINT NOT NULL,
    key          TEXT COLLATE "C" NOT NULL,
    campaign     TEXT COLLATE "C" NOT NULL,
    country      TEXT COLLATE "C" NOT NULL,
    currency     TEXT COLLATE "C" NOT NULL,
    agent_id     UUID,
    call_plan_id UUID,
    group_id     UUID,
    -- Those whose first payment it was.
    customers    BIGINT NOT NULL,
    payments     BIGINT NOT NULL,
    received     BIGINT NOT NULL,
    refunded     BIGINT NOT NULL,
    commission   BIGINT NOT NULL,
    PRIMARY KEY (quarter, key, campaign, country, currency)
);
CREATE INDEX money_quarters{shadow}_by_agent ON money_quarters{shadow} (agent_id, quarter);

CREATE TABLE money_totals{shadow} (
    quarter    BIGINT NOT NULL,
    currency   TEXT COLLATE "C" NOT NULL,
    customers  BIGINT NOT NULL,
    payments   BIGINT NOT NULL,
    received   BIGINT NOT NULL,
    refunded   BIGINT NOT NULL,
    commission BIGINT NOT NULL,
    PRIMARY KEY (quarter, currency)
);

-- By spans of 1, 4, 16 and 64 days: a long period is a few long spans and some short ones.
CREATE TABLE money_spans{shadow} (
    span         BIGINT NOT NULL,
    key          TEXT COLLATE "C" NOT NULL,
    currency     TEXT COLLATE "C" NOT NULL,
    agent_id     UUID,
    call_plan_id UUID,
    group_id     UUID,
    customers    BIGINT NOT NULL,
    payments     BIGINT NOT NULL,
    received     BIGINT NOT NULL,
    refunded     BIGINT NOT NULL,
    commission   BIGINT NOT NULL,
    PRIMARY KEY (span, key, currency)
);

CREATE TABLE money_campaign_days{shadow} (
    day        BIGINT NOT NULL,
    campaign   TEXT COLLATE "C" NOT NULL,
    country    TEXT COLLATE "C" NOT NULL,
    currency   TEXT COLLATE "C" NOT NULL,
    customers  BIGINT NOT NULL,
    payments   BIGINT NOT NULL,
    received   BIGINT NOT NULL,
    refunded   BIGINT NOT NULL,
    commission BIGINT NOT NULL,
    PRIMARY KEY (day, campaign, country, currency)
);

-- What customers paid, by when they were placed and when they paid, both as precisely as months of every time zone need it. The agent
-- whose id is all zeros stands for all.
CREATE TABLE money_cohorts{shadow} (
    agent_id  UUID NOT NULL,
    placed    BIGINT NOT NULL,
    paid      BIGINT NOT NULL,
    currency  TEXT COLLATE "C" NOT NULL,
    customers BIGINT NOT NULL,
    payments  BIGINT NOT NULL,
    received  BIGINT NOT NULL,
    refunded  BIGINT NOT NULL,
    PRIMARY KEY (agent_id, placed, paid, currency)
);
