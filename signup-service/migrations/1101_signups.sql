-- The key lookup table, folded from the agents' events, and the customers.

CREATE TABLE agents{shadow} (
    id         UUID PRIMARY KEY,
    name       TEXT,
    commission BIGINT,
    state      TEXT
);

CREATE TABLE call_plans{shadow} (
    id          UUID PRIMARY KEY,
    name        TEXT,
    description TEXT,
    price_text  TEXT,
    retired     BOOLEAN
);

CREATE TABLE customer_groups{shadow} (
    id          UUID PRIMARY KEY,
    name        TEXT,
    ui_elements TEXT,
    -- The nil UUID where the group belongs to no agent.
    owner       UUID
);

CREATE TABLE grants{shadow} (
    agent_id     UUID NOT NULL,
    call_plan_id UUID NOT NULL,
    granted      BOOLEAN NOT NULL,
    PRIMARY KEY (agent_id, call_plan_id)
);

CREATE TABLE api_tokens{shadow} (
    id      UUID PRIMARY KEY,
    digest  BYTEA,
    scopes  TEXT,
    revoked BOOLEAN
);
CREATE INDEX api_tokens{shadow}_by_digest ON api_tokens{shadow} (digest);

CREATE TABLE signup_settings{shadow} (
    id              BIGINT PRIMARY KEY CHECK (id = 1),
    signup_fields   TEXT NOT NULL,
    terms_version   TEXT NOT NULL,
    terms_text      TEXT NOT NULL,
    branding_name   TEXT NOT NULL,
    branding_colour TEXT NOT NULL,
    branding_logo   TEXT NOT NULL,
    frame_origins   TEXT NOT NULL
);

-- One row for each key with all that decides whether the key may be used.
CREATE TABLE signup_keys{shadow} (
    key               TEXT COLLATE "C" PRIMARY KEY,
    agent_id          UUID,
    call_plan_id      UUID,
    group_id          UUID,
    state             TEXT,
    starts_at         TIMESTAMPTZ,
    ends_at           TIMESTAMPTZ,
    cap               BIGINT,
    -- From here on: derived from the tables above.
    agent_name        TEXT,
    agent_state       TEXT,
    commission        BIGINT,
    call_plan_name    TEXT,
    call_plan_retired BOOLEAN,
    granted           BOOLEAN NOT NULL DEFAULT FALSE,
    group_name        TEXT,
    group_owner       UUID,
    ui_elements       TEXT,
    -- Whether a fact above is missing, since the event that tells it is parked.
    incomplete        BOOLEAN NOT NULL DEFAULT TRUE,
    changed_position  BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX signup_keys{shadow}_by_agent ON signup_keys{shadow} (agent_id);
CREATE INDEX signup_keys{shadow}_by_call_plan ON signup_keys{shadow} (call_plan_id);
CREATE INDEX signup_keys{shadow}_by_group ON signup_keys{shadow} (group_id);
CREATE INDEX signup_keys{shadow}_by_change ON signup_keys{shadow} (changed_position);

-- Personal data, but for the words below, are here alone: erasing sets every personal column to NULL.
CREATE TABLE customers (
    id              UUID PRIMARY KEY,
    customer_number TEXT COLLATE "C" NOT NULL UNIQUE,
    key             TEXT COLLATE "C" NOT NULL,
    agent_id        UUID NOT NULL,
    call_plan_id    UUID NOT NULL,
    group_id        UUID NOT NULL,
    terms_version   TEXT NOT NULL,
    placed_at       TIMESTAMPTZ NOT NULL,
    erased_at       TIMESTAMPTZ,
    -- When the personal data were found to be lost, by a restore from a copy without them.
    lost_at         TIMESTAMPTZ,
    -- A keyed digest, so that no constraint holds an e-mail address.
    email_digest    BYTEA UNIQUE,
    email           TEXT,
    first_name      TEXT,
    last_name       TEXT,
    phone           TEXT,
    -- In E.164, where that is certain.
    phone_e164      TEXT,
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

-- The words that a search finds customers by; erased with the customer.
CREATE TABLE customer_words{shadow} (
    customer_id UUID NOT NULL,
    word        TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (customer_id, word)
);
CREATE INDEX customer_words{shadow}_by_word ON customer_words{shadow} (word, customer_id);

-- Signups that came without an Idempotency-Key in the last hour, by a keyed digest of what was sent and by whom.
CREATE TABLE unkeyed_signups (
    digest   BYTEA PRIMARY KEY,
    id       UUID NOT NULL,
    noted_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX unkeyed_signups_by_moment ON unkeyed_signups (noted_at);

-- How many places each key has given away, and the cap by which the last of them was decided.
CREATE TABLE key_usage{shadow} (
    key    TEXT COLLATE "C" PRIMARY KEY,
    placed BIGINT NOT NULL,
    cap    BIGINT
);

-- When the lookup table was last known to hold all there was, for the replicas that do not follow themselves.
CREATE TABLE keys_freshness (
    id           BIGINT PRIMARY KEY CHECK (id = 1),
    caught_up_at TIMESTAMPTZ NOT NULL
);
