-- The company's name in law and its address, for confirmations; empty where the operator has not stated them.
ALTER TABLE signup_settings{shadow} ADD COLUMN company_name TEXT NOT NULL DEFAULT '';
ALTER TABLE signup_settings{shadow} ADD COLUMN company_address TEXT NOT NULL DEFAULT '';
