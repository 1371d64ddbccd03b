-- What agents and the operator write to each other. It may be personal, and so is never in an event: written in the transaction
-- of the event that says that there is a message. The ids are in the order of time.

CREATE TABLE messages (
    message_id TEXT PRIMARY KEY,
    agent_id   TEXT NOT NULL,
    -- agent:<id>, operator:<id>, or token:<id> for a program of the operator's.
    author     TEXT NOT NULL,
    text       TEXT NOT NULL,
    written_at BIGINT NOT NULL
);

CREATE INDEX messages_by_agent_id ON messages (agent_id, message_id);
