-- The log of one service, and what its projections remember.

CREATE TABLE log_head (
    id        BIGINT PRIMARY KEY CHECK (id = 1),
    position  BIGINT NOT NULL,
    log_id    UUID NOT NULL,
    hash      BYTEA NOT NULL,
    -- The key of the digests by which repeated commands and taken e-mail addresses are known.
    secret    BYTEA NOT NULL,
    -- Whether the log's stream was ever made: a stream that is missing later was lost.
    published BOOLEAN NOT NULL DEFAULT FALSE,
    -- Why nothing may be appended until an operator has decided.
    halted    TEXT
);

CREATE TABLE events (
    position       BIGINT PRIMARY KEY,
    event_id       UUID NOT NULL,
    stream         TEXT COLLATE "C" NOT NULL,
    version        BIGINT NOT NULL,
    type           TEXT NOT NULL,
    subject        TEXT NOT NULL,
    data           TEXT NOT NULL,
    recorded_at    TIMESTAMPTZ NOT NULL,
    actor          TEXT NOT NULL,
    cause          TEXT,
    -- The command that this is the last event of, and a digest of what it asked.
    command_id     BYTEA,
    command_digest BYTEA,
    hash           BYTEA NOT NULL,
    UNIQUE (stream, version)
);
CREATE UNIQUE INDEX events_by_command ON events (command_id) WHERE command_id IS NOT NULL;

-- Free texts that were given with events: reasons, bank references. They may be personal, so they stand beside the log and can be erased.
CREATE TABLE notes (
    position BIGINT PRIMARY KEY,
    -- The id of what it is about, such as the agent.
    about    UUID NOT NULL,
    text     TEXT COLLATE "C" NOT NULL
);
CREATE INDEX notes_by_about ON notes (about);

-- Commands that found things as they asked. They have no event, so the log does not tell of them: after a restore such a
-- command may be decided once more. So may one that is older than SIGNPOST_IDEMPOTENCY_DAYS: it is removed.
CREATE TABLE commands_without_events (
    id          BYTEA PRIMARY KEY,
    digest      BYTEA NOT NULL,
    position    BIGINT NOT NULL,
    recorded_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX commands_without_events_by_age ON commands_without_events (recorded_at);

CREATE TABLE checkpoints (
    projection TEXT COLLATE "C" PRIMARY KEY,
    -- The log that is followed; none before its first event.
    log_id     UUID,
    position   BIGINT NOT NULL,
    hash       BYTEA NOT NULL,
    -- How often the projection changed otherwise than by the next events.
    generation BIGINT NOT NULL,
    -- Why the projection cannot be relied on: its log does not contain this position with this hash.
    halted     TEXT
);

-- Shadow tables serve one rebuild or comparison at a time: the one that took the lock last.
CREATE TABLE rebuild_locks (
    projection TEXT COLLATE "C" PRIMARY KEY,
    number     BIGINT NOT NULL,
    position   BIGINT NOT NULL
);

CREATE TABLE parked_events (
    projection TEXT COLLATE "C" NOT NULL,
    position   BIGINT NOT NULL,
    stream     TEXT COLLATE "C" NOT NULL,
    event      TEXT NOT NULL,
    error      TEXT NOT NULL,
    parked_at  TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (projection, position)
);
CREATE INDEX parked_events_by_stream ON parked_events (projection, stream);

CREATE TABLE leases (
    name       TEXT COLLATE "C" PRIMARY KEY,
    holder     UUID NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);

-- One row, written every few seconds: it shows a full disk and a database that is read-only.
CREATE TABLE health_check (id BIGINT PRIMARY KEY CHECK (id = 1), writes BIGINT NOT NULL);
INSERT INTO health_check (id, writes) VALUES (1, 0);

-- One row as large as a batch, written after a write that failed: where it finds room, a batch does too.
CREATE TABLE health_ballast (id BIGINT PRIMARY KEY CHECK (id = 1), content BYTEA NOT NULL);
