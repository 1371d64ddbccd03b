-- The log of one service, and what its followers remember.

CREATE TABLE log_head (
    id       BIGINT PRIMARY KEY CHECK (id = 1),
    position BIGINT NOT NULL,
    log_id   TEXT   NOT NULL,
    hash     TEXT   NOT NULL,
    -- 1 once the log was published: a stream that is missing after that is not made anew without being asked.
    published BIGINT NOT NULL DEFAULT 0,
    -- Whoever moves the head from a place where it no longer is gives it a position that cannot be.
    CONSTRAINT overtaken CHECK (position >= 0)
);

-- Takes nothing. What a batch relies on, and does not hold any more, is put here by its statement, which fails by that.
CREATE TABLE overtaken (
    what TEXT NOT NULL,
    CONSTRAINT overtaken CHECK (what IS NULL)
);

CREATE TABLE events (
    position    BIGINT PRIMARY KEY,
    event_id    TEXT   NOT NULL,
    stream      TEXT   NOT NULL,
    version     BIGINT NOT NULL,
    type        TEXT   NOT NULL,
    subject     TEXT   NOT NULL,
    data        TEXT   NOT NULL,
    recorded_at BIGINT NOT NULL,
    actor       TEXT   NOT NULL,
    cause       TEXT,
    hash        TEXT   NOT NULL,
    UNIQUE (stream, version)
);

-- A stream's head is its last event, so it cannot say anything else.
CREATE VIEW stream_heads AS SELECT stream, MAX(version) AS version FROM events GROUP BY stream;

CREATE TABLE commands (
    id          TEXT PRIMARY KEY,
    fingerprint TEXT   NOT NULL,
    status      BIGINT NOT NULL,
    answer      TEXT   NOT NULL,
    position    BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL
);

CREATE TABLE checkpoints (
    view       TEXT PRIMARY KEY,
    position   BIGINT NOT NULL,
    generation BIGINT NOT NULL
);

CREATE TABLE parked_events (
    view      TEXT   NOT NULL,
    position  BIGINT NOT NULL,
    stream    TEXT   NOT NULL,
    event     TEXT   NOT NULL,
    error     TEXT   NOT NULL,
    parked_at BIGINT NOT NULL,
    PRIMARY KEY (view, position)
);
CREATE INDEX parked_events_by_stream ON parked_events (view, stream);

CREATE TABLE leases (
    name       TEXT PRIMARY KEY,
    holder     TEXT   NOT NULL,
    expires_at BIGINT NOT NULL
);
