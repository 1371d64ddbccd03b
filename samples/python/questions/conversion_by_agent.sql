-- How many of those who see a signup page sign up, by agent.
SELECT agent, sum(views)::BIGINT AS views, sum(signups)::BIGINT AS signups, conversion(signups, views) AS conversion
FROM funnel LEFT JOIN agents USING (agent_id)
GROUP BY ALL
ORDER BY signups DESC, agent;
