-- How many of those who see a signup page sign up, by day in the company's zone.
SELECT timezone(zone(), time)::DATE AS day, sum(views)::BIGINT AS views, sum(signups)::BIGINT AS signups, conversion(signups, views) AS conversion
FROM funnel
GROUP BY ALL
ORDER BY day;
