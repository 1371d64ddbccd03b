-- What new agents get where nothing else is stated, as JSON.
ALTER TABLE settings{shadow} ADD COLUMN new_agents TEXT NOT NULL DEFAULT '{}';
