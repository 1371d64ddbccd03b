-- Why visitors were refused, and where they were: looking at the page, or sending the form. An event may tell of many.
SELECT reason, stage, sum(refusals)::BIGINT AS refusals, count(DISTINCT key) AS keys
FROM refusals
GROUP BY ALL
ORDER BY refusals DESC, reason, stage;
