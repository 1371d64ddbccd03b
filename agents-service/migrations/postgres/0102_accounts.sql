-- What is personal or secret, and so is never in an event: written in the transaction of the events it belongs to.

CREATE TABLE agent_accounts (
    agent_id      TEXT COLLATE "C" PRIMARY KEY,
    login         TEXT NOT NULL,
    login_folded  TEXT COLLATE "C" NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    contact       TEXT NOT NULL,
    bank_details  TEXT NOT NULL,
    search        TEXT NOT NULL
);

CREATE TABLE operator_accounts (
    operator_id   TEXT COLLATE "C" PRIMARY KEY,
    login         TEXT NOT NULL,
    login_folded  TEXT COLLATE "C" NOT NULL UNIQUE,
    password_hash TEXT NOT NULL
);
