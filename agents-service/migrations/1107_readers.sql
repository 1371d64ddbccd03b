-- How an account wants times and numbers. Empty is the company's zone, and the way of the browser's language.
ALTER TABLE operator_accounts ADD COLUMN time_zone TEXT NOT NULL DEFAULT '';
ALTER TABLE operator_accounts ADD COLUMN numbers TEXT NOT NULL DEFAULT '';
ALTER TABLE agent_accounts ADD COLUMN time_zone TEXT NOT NULL DEFAULT '';
ALTER TABLE agent_accounts ADD COLUMN numbers TEXT NOT NULL DEFAULT '';
