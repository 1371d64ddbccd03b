-- How many of those who see a signup page sign up, by campaign (utm_campaign).
SELECT coalesce(campaign, '') AS campaign, sum(views)::BIGINT AS views, sum(signups)::BIGINT AS signups, conversion(signups, views) AS conversion
FROM funnel
GROUP BY ALL
ORDER BY signups DESC, campaign;
