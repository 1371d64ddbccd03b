-- Bank accounts and the files that pay them.

-- The account as JSON, and when it or the text beside it was changed last: payouts stop for some time then.
ALTER TABLE agent_accounts ADD COLUMN bank_account TEXT;
ALTER TABLE agent_accounts ADD COLUMN bank_changed_at TIMESTAMPTZ;

ALTER TABLE settings{shadow} ADD COLUMN payout_account TEXT;
ALTER TABLE settings{shadow} ADD COLUMN unknown_bic TEXT NOT NULL DEFAULT '"left_out"';
ALTER TABLE settings{shadow} ADD COLUMN payout_block_days BIGINT NOT NULL DEFAULT 7;

-- Which payout files were made, when and by whom. Beside the log: a file is made of remittances, and changes none.
CREATE TABLE payout_files (
    file_id   UUID PRIMARY KEY,
    -- The same for the same remittances.
    message_id TEXT COLLATE "C" NOT NULL,
    format    TEXT COLLATE "C" NOT NULL,
    -- operator:<id>, or token:<id> for an operator's program.
    made_by   TEXT COLLATE "C" NOT NULL,
    made_at   TIMESTAMPTZ NOT NULL,
    payouts   BIGINT NOT NULL
);
CREATE INDEX payout_files_by_made_at ON payout_files (made_at);
