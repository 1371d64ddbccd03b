-- Which customer group went from which agent to which, and who moved it. An empty agent is nobody.
SELECT time, actor, customer_group, previous.agent AS from_agent, next.agent AS to_agent
FROM (SELECT *, data->>'group_id' AS group_id FROM events) AS moved
LEFT JOIN groups USING (group_id)
LEFT JOIN agents AS previous ON previous.agent_id = moved.data->>'previous_agent_id'
LEFT JOIN agents AS next ON next.agent_id = moved.data->>'agent_id'
WHERE type IN ('signpost.agents.group_assigned.v1', 'signpost.agents.group_released.v1')
ORDER BY position;
