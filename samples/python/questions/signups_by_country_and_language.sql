-- Where customers live and what they speak, as far as the form asked. Page views tell neither, so the share is of the signups.
SELECT coalesce(country, '') AS country, coalesce(language, '') AS language, count(*) AS signups,
    round(count(*) / sum(count(*)) OVER (), 4) AS share
FROM placements
GROUP BY ALL
ORDER BY signups DESC, country, language;
