-- What the signup service knows of the agents' service, folded from its events, and what it keeps itself.
-- Each table of the view `keys` has a twin with the ending _rebuild, which a rebuild fills beside the live one; a twin has only
-- the indexes that rebuilding needs.

CREATE TABLE agents (
    id         TEXT PRIMARY KEY,
    name       TEXT,
    commission BIGINT,
    state      TEXT
);

CREATE TABLE agents_rebuild (
    id         TEXT PRIMARY KEY,
    name       TEXT,
    commission BIGINT,
    state      TEXT
);

CREATE TABLE call_plans (
    id      TEXT PRIMARY KEY,
    name    TEXT,
    retired BIGINT
);

CREATE TABLE call_plans_rebuild (
    id      TEXT PRIMARY KEY,
    name    TEXT,
    retired BIGINT
);

CREATE TABLE customer_groups (
    id          TEXT PRIMARY KEY,
    name        TEXT,
    ui_elements TEXT,
    -- Empty when the group belongs to nobody.
    owner       TEXT
);

CREATE TABLE customer_groups_rebuild (
    id          TEXT PRIMARY KEY,
    name        TEXT,
    ui_elements TEXT,
    -- Empty when the group belongs to nobody.
    owner       TEXT
);

CREATE TABLE grants (
    agent_id     TEXT NOT NULL,
    call_plan_id TEXT NOT NULL,
    granted      BIGINT NOT NULL,
    PRIMARY KEY (agent_id, call_plan_id)
);

CREATE TABLE grants_rebuild (
    agent_id     TEXT NOT NULL,
    call_plan_id TEXT NOT NULL,
    granted      BIGINT NOT NULL,
    PRIMARY KEY (agent_id, call_plan_id)
);

CREATE TABLE api_tokens (
    id      TEXT PRIMARY KEY,
    digest  TEXT,
    scopes  TEXT,
    revoked BIGINT
);
CREATE INDEX api_tokens_by_digest ON api_tokens (digest);

CREATE TABLE api_tokens_rebuild (
    id      TEXT PRIMARY KEY,
    digest  TEXT,
    scopes  TEXT,
    revoked BIGINT
);

CREATE TABLE signup_settings (
    id            BIGINT PRIMARY KEY CHECK (id = 1),
    signup_fields TEXT NOT NULL,
    terms_version TEXT NOT NULL,
    terms_text    TEXT NOT NULL
);

CREATE TABLE signup_settings_rebuild (
    id            BIGINT PRIMARY KEY CHECK (id = 1),
    signup_fields TEXT NOT NULL,
    terms_version TEXT NOT NULL,
    terms_text    TEXT NOT NULL
);

-- The lookup table: one row for each key with all that decides whether it may be used.
CREATE TABLE signup_keys (
    key              TEXT PRIMARY KEY,
    agent_id         TEXT,
    call_plan_id     TEXT,
    group_id         TEXT,
    state            TEXT,
    starts_at        BIGINT,
    ends_at          BIGINT,
    cap              BIGINT,
    -- From here on: derived from the tables above.
    agent_name       TEXT,
    agent_state      TEXT,
    commission       BIGINT,
    call_plan_name   TEXT,
    call_plan_retired BIGINT,
    granted          BIGINT NOT NULL DEFAULT 0,
    group_name       TEXT,
    group_owner      TEXT,
    ui_elements      TEXT,
    -- Whether a fact above is missing, since the event that tells it is parked.
    incomplete       BIGINT NOT NULL DEFAULT 1,
    changed_position BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX signup_keys_by_agent ON signup_keys (agent_id);
CREATE INDEX signup_keys_by_call_plan ON signup_keys (call_plan_id);
CREATE INDEX signup_keys_by_group ON signup_keys (group_id);
CREATE INDEX signup_keys_by_change ON signup_keys (changed_position);

-- The lookup table: one row for each key with all that decides whether it may be used.
CREATE TABLE signup_keys_rebuild (
    key              TEXT PRIMARY KEY,
    agent_id         TEXT,
    call_plan_id     TEXT,
    group_id         TEXT,
    state            TEXT,
    starts_at        BIGINT,
    ends_at          BIGINT,
    cap              BIGINT,
    -- From here on: derived from the tables above.
    agent_name       TEXT,
    agent_state      TEXT,
    commission       BIGINT,
    call_plan_name   TEXT,
    call_plan_retired BIGINT,
    granted          BIGINT NOT NULL DEFAULT 0,
    group_name       TEXT,
    group_owner      TEXT,
    ui_elements      TEXT,
    -- Whether a fact above is missing, since the event that tells it is parked.
    incomplete       BIGINT NOT NULL DEFAULT 1,
    changed_position BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX signup_keys_rebuild_by_agent ON signup_keys_rebuild (agent_id);
CREATE INDEX signup_keys_rebuild_by_call_plan ON signup_keys_rebuild (call_plan_id);
CREATE INDEX signup_keys_rebuild_by_group ON signup_keys_rebuild (group_id);

-- Customers. The only table with personal data: erasing sets every personal column to NULL.
CREATE TABLE customers (
    id              TEXT PRIMARY KEY,
    customer_number TEXT NOT NULL UNIQUE,
    key             TEXT NOT NULL,
    agent_id        TEXT NOT NULL,
    call_plan_id    TEXT NOT NULL,
    group_id        TEXT NOT NULL,
    terms_version   TEXT NOT NULL,
    placed_at       BIGINT NOT NULL,
    erased_at       BIGINT,
    email           TEXT,
    email_key       TEXT UNIQUE,
    first_name      TEXT,
    last_name       TEXT,
    phone           TEXT,
    company         TEXT,
    address         TEXT,
    city            TEXT,
    state           TEXT,
    country         TEXT,
    postal_code     TEXT,
    language        TEXT,
    time_zone       TEXT,
    currency        TEXT,
    vat_number      TEXT
);

-- How many customers each key with a cap has placed, counted in the transaction that places them.
CREATE TABLE key_usage (
    key    TEXT PRIMARY KEY,
    placed BIGINT NOT NULL,
    cap    BIGINT NOT NULL CHECK (placed <= cap)
);

-- When the view `keys` was last known to hold all there was, for the replicas that do not follow themselves.
CREATE TABLE keys_freshness (
    id           BIGINT PRIMARY KEY CHECK (id = 1),
    caught_up_at BIGINT NOT NULL
);
