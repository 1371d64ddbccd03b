-- The language of the terms' wording, empty where it is not stated, and the wording in other languages as JSON.
ALTER TABLE signup_settings{shadow} ADD COLUMN terms_language TEXT NOT NULL DEFAULT '';
ALTER TABLE signup_settings{shadow} ADD COLUMN terms_translations TEXT NOT NULL DEFAULT '{}';
