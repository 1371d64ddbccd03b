-- Who is told of events by HTTP.
CREATE TABLE webhooks{shadow} (
    endpoint_id UUID PRIMARY KEY,
    position    BIGINT NOT NULL,
    version     BIGINT NOT NULL,
    state       TEXT NOT NULL,
    -- Why it is paused.
    cause       TEXT,
    host        TEXT NOT NULL,
    -- Lists as JSON.
    logs        TEXT NOT NULL,
    types       TEXT NOT NULL,
    added_at    TIMESTAMPTZ NOT NULL,
    changed_at  TIMESTAMPTZ NOT NULL
);
CREATE INDEX webhooks{shadow}_by_position ON webhooks{shadow} (position);

-- The URL, whose path and query may hold secrets, and the description, which a person typed: in no event.
CREATE TABLE webhook_endpoints (
    endpoint_id UUID PRIMARY KEY,
    url         TEXT NOT NULL,
    description TEXT NOT NULL
);

-- The secrets that attempts are signed with; the current one has no end.
CREATE TABLE webhook_secrets (
    secret_id   UUID PRIMARY KEY,
    endpoint_id UUID NOT NULL,
    secret      BYTEA NOT NULL,
    made_at     TIMESTAMPTZ NOT NULL,
    ends_at     TIMESTAMPTZ
);
CREATE INDEX webhook_secrets_by_endpoint_id ON webhook_secrets (endpoint_id, made_at);

-- How far an endpoint is in each of its logs.
CREATE TABLE webhook_cursors (
    endpoint_id     UUID NOT NULL,
    log             TEXT COLLATE "C" NOT NULL,
    -- The last event that was delivered, or that the endpoint does not get, and its hash.
    position        BIGINT NOT NULL,
    hash            BYTEA NOT NULL,
    -- Failed attempts at the next event.
    attempts        BIGINT NOT NULL DEFAULT 0,
    failing_since   TIMESTAMPTZ,
    attempted_at    TIMESTAMPTZ,
    next_attempt_at TIMESTAMPTZ,
    -- Why nothing can be sent: the log is not the one that was sent before.
    fault           TEXT,
    PRIMARY KEY (endpoint_id, log)
);

-- The last attempts of each endpoint; the ids are in the order of time. Of an answer only the status is kept.
CREATE TABLE webhook_attempts (
    endpoint_id UUID NOT NULL,
    attempt_id  UUID NOT NULL,
    -- Absent for a test event, which is in no log.
    log         TEXT COLLATE "C",
    position    BIGINT,
    event_id    UUID NOT NULL,
    number      BIGINT NOT NULL,
    started_at  TIMESTAMPTZ NOT NULL,
    took_ms     BIGINT NOT NULL,
    outcome     TEXT NOT NULL,
    status      BIGINT,
    PRIMARY KEY (endpoint_id, attempt_id)
);
