-- What agents see of who their customers are. The default is what the events from before amount to.
ALTER TABLE settings ADD COLUMN customer_mask TEXT NOT NULL DEFAULT '"initials"';

ALTER TABLE settings_rebuild ADD COLUMN customer_mask TEXT NOT NULL DEFAULT '"initials"';
