-- Who is signed in with a browser. Only the digest of a session's secret is here.

CREATE TABLE sessions (
    digest     TEXT COLLATE "C" PRIMARY KEY,
    account    TEXT COLLATE "C" NOT NULL,
    started_at BIGINT NOT NULL,
    seen_at    BIGINT NOT NULL
);

CREATE INDEX sessions_by_account ON sessions (account);
CREATE INDEX sessions_by_seen_at ON sessions (seen_at);
