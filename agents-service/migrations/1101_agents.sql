-- The directory (a projection of the service's own log), the sales (a projection of the signups' log), and what is personal.

CREATE TABLE agents{shadow} (
    agent_id           UUID PRIMARY KEY,
    position           BIGINT NOT NULL,
    version            BIGINT NOT NULL,
    state              TEXT NOT NULL,
    name               TEXT NOT NULL,
    -- Sorts as people sort names.
    name_sorted        TEXT COLLATE "C" NOT NULL,
    permissions        TEXT NOT NULL,
    threshold_amount   TEXT NOT NULL,
    threshold_currency TEXT NOT NULL,
    commission         BIGINT NOT NULL,
    currency           TEXT NOT NULL,
    language           TEXT NOT NULL,
    vat                BIGINT NOT NULL,
    erased             BOOLEAN NOT NULL DEFAULT FALSE
);

CREATE TABLE grants{shadow} (
    agent_id     UUID NOT NULL,
    call_plan_id UUID NOT NULL,
    position     BIGINT NOT NULL,
    PRIMARY KEY (agent_id, call_plan_id)
);

CREATE TABLE call_plans{shadow} (
    call_plan_id UUID PRIMARY KEY,
    position     BIGINT NOT NULL,
    version      BIGINT NOT NULL,
    state        TEXT NOT NULL,
    name         TEXT NOT NULL,
    description  TEXT NOT NULL,
    price_text   TEXT NOT NULL
);

CREATE TABLE customer_groups{shadow} (
    group_id    UUID PRIMARY KEY,
    position    BIGINT NOT NULL,
    version     BIGINT NOT NULL,
    name        TEXT NOT NULL,
    description TEXT NOT NULL,
    agent_id    UUID,
    ui_elements TEXT NOT NULL
);

CREATE TABLE signup_keys{shadow} (
    key          TEXT COLLATE "C" PRIMARY KEY,
    position     BIGINT NOT NULL,
    version      BIGINT NOT NULL,
    state        TEXT NOT NULL,
    agent_id     UUID NOT NULL,
    call_plan_id UUID NOT NULL,
    group_id     UUID NOT NULL,
    label        TEXT NOT NULL,
    -- The position of the event whose note it is.
    note_at      BIGINT,
    starts_at    TIMESTAMPTZ,
    ends_at      TIMESTAMPTZ,
    cap          BIGINT
);

CREATE TABLE settings{shadow} (
    id                     BIGINT PRIMARY KEY,
    version                BIGINT NOT NULL,
    customer_interface_url TEXT NOT NULL,
    signup_fields          TEXT NOT NULL,
    terms_version          TEXT NOT NULL,
    terms_text             TEXT NOT NULL,
    branding_name          TEXT NOT NULL,
    branding_colour        TEXT NOT NULL,
    branding_logo          TEXT NOT NULL,
    frame_origins          TEXT NOT NULL,
    customer_mask          TEXT NOT NULL,
    time_zone              TEXT NOT NULL
);

CREATE TABLE operators{shadow} (
    operator_id UUID PRIMARY KEY,
    position    BIGINT NOT NULL,
    state       TEXT NOT NULL,
    created_at  TIMESTAMPTZ NOT NULL
);

CREATE TABLE api_tokens{shadow} (
    token_id  UUID PRIMARY KEY,
    position  BIGINT NOT NULL,
    state     TEXT NOT NULL,
    name      TEXT NOT NULL,
    scopes    TEXT NOT NULL,
    digest    BYTEA NOT NULL,
    issued_at TIMESTAMPTZ NOT NULL
);

-- The words that a search finds rows by.
CREATE TABLE agent_words{shadow} (
    agent_id UUID NOT NULL,
    word     TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (agent_id, word)
);

CREATE TABLE call_plan_words{shadow} (
    call_plan_id UUID NOT NULL,
    word         TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (call_plan_id, word)
);

CREATE TABLE group_words{shadow} (
    group_id UUID NOT NULL,
    word     TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (group_id, word)
);

CREATE TABLE signup_key_words{shadow} (
    key  TEXT COLLATE "C" NOT NULL,
    word TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (key, word)
);

CREATE INDEX agent_words{shadow}_by_word ON agent_words{shadow} (word, agent_id);
CREATE INDEX call_plan_words{shadow}_by_word ON call_plan_words{shadow} (word, call_plan_id);
CREATE INDEX group_words{shadow}_by_word ON group_words{shadow} (word, group_id);
CREATE INDEX signup_key_words{shadow}_by_word ON signup_key_words{shadow} (word, key);
CREATE INDEX agents{shadow}_by_position ON agents{shadow} (position);
CREATE INDEX agents{shadow}_by_name_sorted ON agents{shadow} (name_sorted, agent_id);
CREATE INDEX grants{shadow}_by_call_plan_id ON grants{shadow} (call_plan_id);
CREATE INDEX call_plans{shadow}_by_position ON call_plans{shadow} (position);
CREATE INDEX customer_groups{shadow}_by_agent_id ON customer_groups{shadow} (agent_id, position);
CREATE INDEX customer_groups{shadow}_by_position ON customer_groups{shadow} (position);
CREATE INDEX signup_keys{shadow}_by_agent_id ON signup_keys{shadow} (agent_id, position);
CREATE INDEX signup_keys{shadow}_by_call_plan_id ON signup_keys{shadow} (call_plan_id);
CREATE INDEX signup_keys{shadow}_by_position ON signup_keys{shadow} (position);
CREATE INDEX signup_keys{shadow}_by_state ON signup_keys{shadow} (state, position);
CREATE INDEX operators{shadow}_by_position ON operators{shadow} (position);
CREATE INDEX api_tokens{shadow}_by_digest ON api_tokens{shadow} (digest);
CREATE INDEX api_tokens{shadow}_by_position ON api_tokens{shadow} (position);

-- Which logins are taken, by keyed digests of them; those of agents and of operators do not collide.
CREATE TABLE logins{shadow} (
    digest     BYTEA PRIMARY KEY,
    account_id UUID NOT NULL
);

-- The operators who are not disabled.
CREATE TABLE active_operators{shadow} (
    operator_id UUID PRIMARY KEY
);

-- Each placement with everything as it was when the customer was placed.
CREATE TABLE sales_placements{shadow} (
    position        BIGINT PRIMARY KEY,
    customer_id     UUID NOT NULL UNIQUE,
    customer_number TEXT COLLATE "C" NOT NULL,
    key             TEXT COLLATE "C" NOT NULL,
    agent_id        UUID NOT NULL,
    agent_name      TEXT NOT NULL,
    call_plan_id    UUID NOT NULL,
    call_plan_name  TEXT NOT NULL,
    group_id        UUID NOT NULL,
    group_name      TEXT NOT NULL,
    commission      BIGINT NOT NULL,
    utm_campaign    TEXT NOT NULL,
    campaign        TEXT NOT NULL,
    -- By which way they signed up; unknown of placements from before that was told.
    channel         TEXT COLLATE "C",
    terms_version   TEXT NOT NULL,
    agents_position BIGINT NOT NULL,
    placed_at       TIMESTAMPTZ NOT NULL,
    erased          BOOLEAN NOT NULL
);

-- Days are counted from 1970-01-01, UTC.
CREATE TABLE sales_daily{shadow} (
    key          TEXT COLLATE "C" NOT NULL,
    day          BIGINT NOT NULL,
    agent_id     UUID NOT NULL,
    call_plan_id UUID NOT NULL,
    group_id     UUID NOT NULL,
    views        BIGINT NOT NULL,
    signups      BIGINT NOT NULL,
    -- Those of the signups that came from a page, in a frame or not.
    page_signups BIGINT NOT NULL,
    -- How often the page was fetched by what nobody looks at.
    automated    BIGINT NOT NULL,
    PRIMARY KEY (key, day)
);

-- The key is empty and the agent absent where the key was unknown, so that guessing makes no rows.
CREATE TABLE sales_refusals{shadow} (
    key      TEXT COLLATE "C" NOT NULL,
    day      BIGINT NOT NULL,
    reason   TEXT COLLATE "C" NOT NULL,
    agent_id UUID,
    refusals BIGINT NOT NULL,
    -- Those that looked like placements, and so took a place of the key's cap.
    shown    BIGINT NOT NULL,
    PRIMARY KEY (key, day, reason)
);

-- What was typed where a key belongs, by day, with the known key that is most like it. The key is empty where those of several
-- texts are counted together.
CREATE TABLE unknown_keys{shadow} (
    day         BIGINT NOT NULL,
    key         TEXT COLLATE "C" NOT NULL,
    nearest_key TEXT COLLATE "C",
    refusals    BIGINT NOT NULL,
    PRIMARY KEY (day, key)
);

-- None for groups: indexes are most of what a placement costs here, and a group's placements are found by its agent.
CREATE INDEX sales_placements{shadow}_by_agent ON sales_placements{shadow} (agent_id, position);
CREATE INDEX sales_placements{shadow}_by_number ON sales_placements{shadow} (customer_number);
CREATE INDEX sales_placements{shadow}_by_key ON sales_placements{shadow} (key, position);
CREATE INDEX sales_daily{shadow}_by_agent ON sales_daily{shadow} (agent_id, day);
CREATE INDEX sales_daily{shadow}_by_day ON sales_daily{shadow} (day);
CREATE INDEX sales_refusals{shadow}_by_agent ON sales_refusals{shadow} (agent_id, day);

-- What is personal or secret, and so is never in an event: written in the transaction of the events that it belongs to.

CREATE TABLE agent_accounts (
    agent_id      UUID PRIMARY KEY,
    login         TEXT NOT NULL,
    login_sorted  TEXT COLLATE "C" NOT NULL,
    password_hash TEXT NOT NULL,
    contact       TEXT NOT NULL,
    bank_details  TEXT NOT NULL,
    -- Sessions of an earlier epoch have ended.
    session_epoch BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX agent_accounts_by_login ON agent_accounts (login_sorted, agent_id);

-- Personal like the account that they are of.
CREATE TABLE agent_account_words (
    agent_id UUID NOT NULL,
    word     TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (agent_id, word)
);
CREATE INDEX agent_account_words_by_word ON agent_account_words (word, agent_id);

CREATE TABLE operator_accounts (
    operator_id     UUID PRIMARY KEY,
    login           TEXT NOT NULL,
    password_hash   TEXT NOT NULL,
    session_epoch   BIGINT NOT NULL DEFAULT 0,
    last_sign_in_at TIMESTAMPTZ
);

-- What agents and operators write to each other. The ids are in the order of time.
CREATE TABLE messages (
    message_id UUID PRIMARY KEY,
    agent_id   UUID NOT NULL,
    -- agent:<id>, operator:<id>, or token:<id> for an operator's program.
    author     TEXT NOT NULL,
    text       TEXT NOT NULL,
    written_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX messages_by_agent_id ON messages (agent_id, message_id);

-- Who is signed in with a browser. Only the digest of a session's secret is here.
CREATE TABLE sessions (
    digest        BYTEA PRIMARY KEY,
    account       TEXT NOT NULL,
    account_id    UUID NOT NULL,
    -- The account's when the password was checked.
    session_epoch BIGINT NOT NULL,
    started_at    TIMESTAMPTZ NOT NULL,
    seen_at       TIMESTAMPTZ NOT NULL
);
CREATE INDEX sessions_by_seen_at ON sessions (seen_at);
