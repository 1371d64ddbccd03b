-- Of the customers of each month, how many were still customers so many months later. Erased ones count as gone.
WITH cohorts AS (
    SELECT customer_id, date_trunc('month', timezone(zone(), placements.time)) AS cohort,
        datediff('month', cohort, timezone(zone(), departures.time)) AS left_after
    FROM placements LEFT JOIN departures USING (customer_id)
), ages AS (
    SELECT cohort, unnest(range(datediff('month', cohort, timezone(zone(), now())) + 1)) AS months FROM cohorts GROUP BY cohort
)
SELECT cohort::DATE AS cohort, months, count(*) AS placed, count(*) FILTER (left_after IS NULL OR left_after > months) AS remaining
FROM ages JOIN cohorts USING (cohort)
GROUP BY ALL
ORDER BY ALL;
