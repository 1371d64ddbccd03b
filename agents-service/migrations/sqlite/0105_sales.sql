-- Sales: the agents service's view of the signups' log. Nothing personal: a customer is an id and a number. Each table has a
-- twin for rebuilding it beside the live one; a twin has only the indexes that rebuilding needs.

-- Each placement with everything as it was when the customer was placed.
CREATE TABLE sales_placements (
    position BIGINT PRIMARY KEY,
    customer_id TEXT NOT NULL UNIQUE,
    customer_number TEXT NOT NULL,
    key TEXT NOT NULL,
    agent_id TEXT NOT NULL,
    agent_name TEXT NOT NULL,
    call_plan_id TEXT NOT NULL,
    call_plan_name TEXT NOT NULL,
    group_id TEXT NOT NULL,
    group_name TEXT NOT NULL,
    commission BIGINT NOT NULL,
    utm_campaign TEXT NOT NULL,
    campaign TEXT NOT NULL,
    terms_version TEXT NOT NULL,
    agents_position BIGINT NOT NULL,
    placed_at BIGINT NOT NULL,
    erased BIGINT NOT NULL
);

-- Each placement with everything as it was when the customer was placed.
CREATE TABLE sales_placements_rebuild (
    position BIGINT PRIMARY KEY,
    customer_id TEXT NOT NULL UNIQUE,
    customer_number TEXT NOT NULL,
    key TEXT NOT NULL,
    agent_id TEXT NOT NULL,
    agent_name TEXT NOT NULL,
    call_plan_id TEXT NOT NULL,
    call_plan_name TEXT NOT NULL,
    group_id TEXT NOT NULL,
    group_name TEXT NOT NULL,
    commission BIGINT NOT NULL,
    utm_campaign TEXT NOT NULL,
    campaign TEXT NOT NULL,
    terms_version TEXT NOT NULL,
    agents_position BIGINT NOT NULL,
    placed_at BIGINT NOT NULL,
    erased BIGINT NOT NULL
);

-- Days are counted from 1970-01-01, UTC.
CREATE TABLE sales_daily (
    key TEXT NOT NULL,
    day BIGINT NOT NULL,
    agent_id TEXT NOT NULL,
    call_plan_id TEXT NOT NULL,
    group_id TEXT NOT NULL,
    views BIGINT NOT NULL,
    signups BIGINT NOT NULL,
    PRIMARY KEY (key, day)
);

-- Days are counted from 1970-01-01, UTC.
CREATE TABLE sales_daily_rebuild (
    key TEXT NOT NULL,
    day BIGINT NOT NULL,
    agent_id TEXT NOT NULL,
    call_plan_id TEXT NOT NULL,
    group_id TEXT NOT NULL,
    views BIGINT NOT NULL,
    signups BIGINT NOT NULL,
    PRIMARY KEY (key, day)
);

-- Key and agent are empty where the key was unknown, so that guessing makes no rows.
CREATE TABLE sales_refusals (
    key TEXT NOT NULL,
    day BIGINT NOT NULL,
    reason TEXT NOT NULL,
    agent_id TEXT NOT NULL,
    refusals BIGINT NOT NULL,
    PRIMARY KEY (key, day, reason)
);

-- Key and agent are empty where the key was unknown, so that guessing makes no rows.
CREATE TABLE sales_refusals_rebuild (
    key TEXT NOT NULL,
    day BIGINT NOT NULL,
    reason TEXT NOT NULL,
    agent_id TEXT NOT NULL,
    refusals BIGINT NOT NULL,
    PRIMARY KEY (key, day, reason)
);

-- None for groups and customer numbers: the other service finds a number by an index that it needs anyway, and indexes
-- are most of what a placement costs here.
CREATE INDEX sales_placements_by_agent ON sales_placements (agent_id, position);
CREATE INDEX sales_placements_by_key ON sales_placements (key, position);
CREATE INDEX sales_daily_by_agent ON sales_daily (agent_id, day);
CREATE INDEX sales_daily_by_day ON sales_daily (day);
CREATE INDEX sales_refusals_by_agent ON sales_refusals (agent_id, day);
