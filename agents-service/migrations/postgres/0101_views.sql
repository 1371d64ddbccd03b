-- The directory: the agents service's view of its own log. Each table has a twin for rebuilding it beside the live one; a twin
-- has only the indexes that rebuilding needs.

CREATE TABLE agents (
    agent_id TEXT COLLATE "C" PRIMARY KEY,
    position BIGINT NOT NULL,
    version BIGINT NOT NULL,
    state TEXT NOT NULL,
    name TEXT NOT NULL,
    name_folded TEXT COLLATE "C" NOT NULL,
    permissions TEXT NOT NULL,
    threshold_amount TEXT NOT NULL,
    threshold_currency TEXT NOT NULL,
    commission BIGINT NOT NULL,
    currency TEXT NOT NULL,
    language TEXT NOT NULL,
    vat BIGINT NOT NULL
);

CREATE TABLE grants (
    agent_id TEXT COLLATE "C" NOT NULL,
    call_plan_id TEXT COLLATE "C" NOT NULL,
    position BIGINT NOT NULL,
    PRIMARY KEY (agent_id, call_plan_id)
);

CREATE TABLE call_plans (
    call_plan_id TEXT COLLATE "C" PRIMARY KEY,
    position BIGINT NOT NULL,
    version BIGINT NOT NULL,
    state TEXT NOT NULL,
    name TEXT NOT NULL,
    name_folded TEXT NOT NULL,
    description TEXT NOT NULL,
    price_text TEXT NOT NULL
);

CREATE TABLE customer_groups (
    group_id TEXT COLLATE "C" PRIMARY KEY,
    position BIGINT NOT NULL,
    version BIGINT NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    agent_id TEXT COLLATE "C",
    ui_elements TEXT NOT NULL
);

CREATE TABLE signup_keys (
    key TEXT COLLATE "C" PRIMARY KEY,
    position BIGINT NOT NULL,
    version BIGINT NOT NULL,
    state TEXT NOT NULL,
    agent_id TEXT COLLATE "C" NOT NULL,
    call_plan_id TEXT COLLATE "C" NOT NULL,
    group_id TEXT COLLATE "C" NOT NULL,
    label TEXT NOT NULL,
    note TEXT NOT NULL,
    starts_at BIGINT,
    ends_at BIGINT,
    cap BIGINT
);

CREATE TABLE settings (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL,
    customer_interface_url TEXT NOT NULL,
    signup_fields TEXT NOT NULL,
    terms_version TEXT NOT NULL,
    terms_text TEXT NOT NULL
);

CREATE TABLE operators (
    operator_id TEXT COLLATE "C" PRIMARY KEY,
    position BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE api_tokens (
    token_id TEXT COLLATE "C" PRIMARY KEY,
    position BIGINT NOT NULL,
    state TEXT NOT NULL,
    name TEXT NOT NULL,
    scopes TEXT NOT NULL,
    digest TEXT COLLATE "C" NOT NULL,
    issued_at BIGINT NOT NULL
);

CREATE INDEX agents_by_position ON agents (position);
CREATE INDEX agents_by_name_folded ON agents (name_folded, agent_id);
CREATE INDEX grants_by_call_plan_id ON grants (call_plan_id);
CREATE INDEX call_plans_by_position ON call_plans (position);
CREATE INDEX customer_groups_by_agent_id ON customer_groups (agent_id, position);
CREATE INDEX customer_groups_by_position ON customer_groups (position);
CREATE INDEX signup_keys_by_agent_id ON signup_keys (agent_id, position);
CREATE INDEX signup_keys_by_position ON signup_keys (position);
CREATE INDEX operators_by_position ON operators (position);
CREATE INDEX api_tokens_by_digest ON api_tokens (digest);
CREATE INDEX api_tokens_by_position ON api_tokens (position);

CREATE TABLE agents_rebuild (LIKE agents, PRIMARY KEY (agent_id));
CREATE TABLE grants_rebuild (LIKE grants, PRIMARY KEY (agent_id, call_plan_id));
CREATE TABLE call_plans_rebuild (LIKE call_plans, PRIMARY KEY (call_plan_id));
CREATE TABLE customer_groups_rebuild (LIKE customer_groups, PRIMARY KEY (group_id));
CREATE TABLE signup_keys_rebuild (LIKE signup_keys, PRIMARY KEY (key));
CREATE TABLE settings_rebuild (LIKE settings, PRIMARY KEY (id));
CREATE TABLE operators_rebuild (LIKE operators, PRIMARY KEY (operator_id));
CREATE TABLE api_tokens_rebuild (LIKE api_tokens, PRIMARY KEY (token_id));
