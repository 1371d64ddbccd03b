-- The events of a log as they are kept, in the order in which they came.
SELECT concat_ws(' ', position, type, actor, hash, data::TEXT) FROM events WHERE log = getvariable('log') ORDER BY rowid;
