-- The tables of a service with one transaction for each signup: the product's data under the same keys, without
-- hash chain, stored responses and counts for each key.

CREATE TABLE keys (
    key            TEXT PRIMARY KEY,
    agent_id       TEXT NOT NULL,
    agent_name     TEXT NOT NULL,
    call_plan_id   TEXT NOT NULL,
    call_plan_name TEXT NOT NULL,
    group_id       TEXT NOT NULL,
    group_name     TEXT NOT NULL,
    state          TEXT NOT NULL
);

CREATE TABLE customers (
    id              TEXT PRIMARY KEY,
    customer_number TEXT NOT NULL UNIQUE,
    key             TEXT NOT NULL,
    agent_id        TEXT NOT NULL,
    call_plan_id    TEXT NOT NULL,
    group_id        TEXT NOT NULL,
    terms_version   TEXT NOT NULL,
    placed_at       BIGINT NOT NULL,
    email           TEXT,
    email_key       TEXT UNIQUE,
    first_name      TEXT,
    last_name       TEXT,
    phone           TEXT,
    address         TEXT,
    city            TEXT
);

CREATE TABLE events (
    position    BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id    TEXT   NOT NULL,
    stream      TEXT   NOT NULL,
    type        TEXT   NOT NULL,
    subject     TEXT   NOT NULL,
    data        TEXT   NOT NULL,
    recorded_at BIGINT NOT NULL,
    actor       TEXT   NOT NULL
);

INSERT INTO keys
SELECT 'K' || lpad(number::text, 11, '0'), gen_random_uuid()::text, 'Harbour Telecom ' || number % 10,
    gen_random_uuid()::text, 'City flat ' || number % 10, gen_random_uuid()::text, 'Harbour VoIP ' || number % 10, 'active'
FROM generate_series(1, {keys}) AS number;
