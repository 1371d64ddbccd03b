-- First and last name as a search compares them. Personal, and so erased with the rest. Who signed up before this gets it as
-- well as SQL can: names of other letters than a to z are found as they were typed.
ALTER TABLE customers ADD COLUMN name_folded TEXT;
UPDATE customers SET name_folded = LOWER(first_name || ' ' || last_name) WHERE erased_at IS NULL;
