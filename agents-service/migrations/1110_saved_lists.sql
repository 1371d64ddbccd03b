-- Lists that an account has saved by a name: the filters, order and columns as the query of the list's address. Typed by a person, and
-- so never in an event.
CREATE TABLE saved_lists (
    account_id UUID NOT NULL,
    -- The path of the list.
    place      TEXT NOT NULL,
    name       TEXT COLLATE "C" NOT NULL,
    query      TEXT NOT NULL,
    PRIMARY KEY (account_id, place, name)
);

-- The colours that an account has chosen; empty for what the system has.
ALTER TABLE operator_accounts ADD COLUMN theme TEXT NOT NULL DEFAULT '';
ALTER TABLE agent_accounts ADD COLUMN theme TEXT NOT NULL DEFAULT '';
