-- The commission rate that each agent had when their customers were placed, whatever it is now.
SELECT agent, commission::DECIMAL(5, 2) AS commission_percent, count(*) AS signups, min(time) AS first, max(time) AS last
FROM placements LEFT JOIN agents USING (agent_id)
GROUP BY ALL
ORDER BY agent, first;
