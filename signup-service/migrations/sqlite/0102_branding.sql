-- How the operator's public pages look, and who may show the signup form in a frame. The defaults are what the events from before
-- amount to.
ALTER TABLE signup_settings ADD COLUMN branding_name TEXT NOT NULL DEFAULT '';
ALTER TABLE signup_settings ADD COLUMN branding_colour TEXT NOT NULL DEFAULT '';
ALTER TABLE signup_settings ADD COLUMN branding_logo TEXT NOT NULL DEFAULT '';
ALTER TABLE signup_settings ADD COLUMN frame_origins TEXT NOT NULL DEFAULT '[]';

ALTER TABLE signup_settings_rebuild ADD COLUMN branding_name TEXT NOT NULL DEFAULT '';
ALTER TABLE signup_settings_rebuild ADD COLUMN branding_colour TEXT NOT NULL DEFAULT '';
ALTER TABLE signup_settings_rebuild ADD COLUMN branding_logo TEXT NOT NULL DEFAULT '';
ALTER TABLE signup_settings_rebuild ADD COLUMN frame_origins TEXT NOT NULL DEFAULT '[]';
