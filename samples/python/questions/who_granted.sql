-- Who let which agent sell which call plan, and who withdrew that. An operator is known by an id, a token by its name too.
SELECT time, actor, token, if(type LIKE '%.call_plan_granted.v1', 'granted', 'withdrawn') AS done, call_plan, agent
FROM (SELECT *, data->>'call_plan_id' AS call_plan_id FROM events)
LEFT JOIN call_plans USING (call_plan_id) LEFT JOIN agents USING (agent_id) LEFT JOIN tokens USING (actor)
WHERE type IN ('signpost.agents.call_plan_granted.v1', 'signpost.agents.call_plan_withdrawn.v1')
ORDER BY position;
