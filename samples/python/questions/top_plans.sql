-- The call plans that sell best, and by how many agents.
SELECT call_plan, count(*) AS signups, count(DISTINCT agent_id) AS agents
FROM placements JOIN call_plans USING (call_plan_id)
GROUP BY call_plan_id, call_plan
ORDER BY signups DESC, call_plan
LIMIT 10;
