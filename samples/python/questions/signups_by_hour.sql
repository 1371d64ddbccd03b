-- At which hour of the day people sign up, in the company's zone.
SELECT hour(timezone(zone(), time)) AS hour, count(*) AS signups
FROM placements
GROUP BY ALL
ORDER BY hour;
