-- First and last name as a search compares them. Personal, and so erased with the rest. Who signed up before this gets it as
-- well as SQL can.
ALTER TABLE customers ADD COLUMN name_folded TEXT COLLATE "C";
UPDATE customers SET name_folded = LOWER(first_name || ' ' || last_name) WHERE erased_at IS NULL;
