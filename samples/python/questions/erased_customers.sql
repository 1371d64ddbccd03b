-- Customers whose personal data were erased. The sale stays, and nothing here says who they were.
SELECT customer_number, agent, placements.time AS placed_at, erased.time AS erased_at, (erased.data->>'has_reason')::BOOLEAN AS has_reason
FROM events AS erased
JOIN placements ON customer_id = erased.data->>'customer_id'
LEFT JOIN agents ON agents.agent_id = placements.agent_id
WHERE erased.type = 'signpost.signups.customer_erased.v1'
ORDER BY erased_at;
