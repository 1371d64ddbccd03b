-- When a signup needs a solved challenge: never, bursts or always.
ALTER TABLE settings{shadow} ADD COLUMN signup_challenge TEXT NOT NULL DEFAULT 'never';
