-- When a thing was created and when it last changed; absent only in rows from before these columns, which are made anew from the log.
ALTER TABLE agents{shadow} ADD COLUMN created_at TIMESTAMPTZ;
ALTER TABLE agents{shadow} ADD COLUMN updated_at TIMESTAMPTZ;
ALTER TABLE call_plans{shadow} ADD COLUMN created_at TIMESTAMPTZ;
ALTER TABLE call_plans{shadow} ADD COLUMN updated_at TIMESTAMPTZ;
ALTER TABLE customer_groups{shadow} ADD COLUMN created_at TIMESTAMPTZ;
ALTER TABLE customer_groups{shadow} ADD COLUMN updated_at TIMESTAMPTZ;
ALTER TABLE signup_keys{shadow} ADD COLUMN created_at TIMESTAMPTZ;
ALTER TABLE signup_keys{shadow} ADD COLUMN updated_at TIMESTAMPTZ;

-- Sorts as people sort names.
ALTER TABLE call_plans{shadow} ADD COLUMN name_sorted TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE customer_groups{shadow} ADD COLUMN name_sorted TEXT COLLATE "C" NOT NULL DEFAULT '';
CREATE INDEX call_plans{shadow}_by_name_sorted ON call_plans{shadow} (name_sorted, call_plan_id);
CREATE INDEX customer_groups{shadow}_by_name_sorted ON customer_groups{shadow} (name_sorted, group_id);
CREATE INDEX customer_groups{shadow}_by_agent_name ON customer_groups{shadow} (agent_id, name_sorted, group_id);
