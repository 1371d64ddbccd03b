-- When a signup needs a solved challenge, as JSON: never, bursts or always.
ALTER TABLE signup_settings{shadow} ADD COLUMN signup_challenge TEXT NOT NULL DEFAULT '"never"';
