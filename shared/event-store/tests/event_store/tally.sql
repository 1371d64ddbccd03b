CREATE TABLE tally{shadow} (stream TEXT PRIMARY KEY, events BIGINT NOT NULL);
