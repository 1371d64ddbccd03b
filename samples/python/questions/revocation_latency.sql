-- From the revocation of a key in the agents' log to the last placement by it in the signups log. A placement may be
-- recorded a moment after the revocation if it was decided before; one that was decided behind it is too late.
SELECT key, revoked.time AS revoked_at, max(placements.time) AS last_placement,
    max(epoch_ms(placements.time) - epoch_ms(revoked.time)) AS latency_ms, count(placements.position) AS signups,
    count(*) FILTER (agents_position >= revoked.position) AS too_late
FROM (SELECT data->>'key' AS key, time, position FROM events WHERE type = 'signpost.agents.signup_key_revoked.v1') revoked
LEFT JOIN placements USING (key)
GROUP BY ALL
ORDER BY revoked_at;
