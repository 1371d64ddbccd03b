-- What new agents get where nothing else is stated, as JSON.
ALTER TABLE settings{shadow} ADD COLUMN new_agents TEXT NOT NULL DEFAULT '{}';
-- Texts that operators answer agents with, as JSON.
ALTER TABLE settings{shadow} ADD COLUMN canned_answers TEXT NOT NULL DEFAULT '[]';

-- The signup keys of a call plan and of a group, in their order.
CREATE INDEX signup_keys{shadow}_by_plan ON signup_keys{shadow} (call_plan_id, position);
CREATE INDEX signup_keys{shadow}_by_group ON signup_keys{shadow} (group_id, position);
-- The members of a group, in the order of their placements.
CREATE INDEX sales_placements{shadow}_by_group ON sales_placements{shadow} (group_id, position);
