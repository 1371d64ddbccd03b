-- The events of both logs as they were published, and views that give their parts names.

CREATE TABLE IF NOT EXISTS events (
    log TEXT,               -- AGENTS or SIGNUPS
    position BIGINT,
    log_id TEXT NOT NULL,
    type TEXT NOT NULL,
    time TIMESTAMPTZ NOT NULL,
    stream TEXT NOT NULL,
    actor TEXT NOT NULL,
    agent_id TEXT,
    hash TEXT NOT NULL,
    data JSON NOT NULL,
    PRIMARY KEY (log, position)
);

CREATE OR REPLACE VIEW placements AS
SELECT position, time, agent_id, data->>'customer_id' AS customer_id, data->>'customer_number' AS customer_number,
    data->>'key' AS key, data->>'call_plan_id' AS call_plan_id, data->>'commission' AS commission,
    (data->>'agents_position')::BIGINT AS agents_position, data->>'$.campaign.utm_campaign' AS campaign,
    data->>'country' AS country, data->>'language' AS language
FROM events WHERE type = 'signpost.signups.customer_placed.v1';

-- People only: robots and previews of links are counted apart, in `automated`.
CREATE OR REPLACE VIEW page_views AS
SELECT position, time, agent_id, data->>'key' AS key, data->>'$.campaign.utm_campaign' AS campaign,
    (data->>'views')::BIGINT AS views
FROM events WHERE type = 'signpost.signups.signup_page_viewed.v1';

-- Who saw a signup page and who signed up, in one table.
CREATE OR REPLACE VIEW funnel AS
SELECT time, agent_id, key, campaign, views, 0 AS signups FROM page_views
UNION ALL SELECT time, agent_id, key, campaign, 0, 1 FROM placements;

CREATE OR REPLACE MACRO conversion(signups, views) AS round(sum(signups) / nullif(sum(views), 0), 4);

CREATE OR REPLACE VIEW refusals AS
SELECT position, time, agent_id, data->>'key' AS key, data->>'reason' AS reason, data->>'stage' AS stage,
    coalesce((data->>'count')::BIGINT, 1) AS refusals
FROM events WHERE type = 'signpost.signups.signup_refused.v1';

-- Customers who are customers no more: closed, or erased on their demand.
CREATE OR REPLACE VIEW departures AS
SELECT data->>'customer_id' AS customer_id, min(time) AS time
FROM events WHERE type IN ('signpost.signups.customer_closed.v1', 'signpost.signups.customer_erased.v1')
GROUP BY ALL;

-- Names as they are now.
CREATE OR REPLACE VIEW agents AS
SELECT agent_id, arg_max(data->>'$.terms.name', position) AS agent
FROM events WHERE type IN ('signpost.agents.agent_created.v1', 'signpost.agents.agent_changed.v1')
GROUP BY ALL;

CREATE OR REPLACE VIEW call_plans AS
SELECT data->>'call_plan_id' AS call_plan_id, arg_max(data->>'name', position) AS call_plan
FROM events WHERE type IN ('signpost.agents.call_plan_created.v1', 'signpost.agents.call_plan_changed.v1')
GROUP BY ALL;

CREATE OR REPLACE VIEW groups AS
SELECT data->>'group_id' AS group_id, arg_max(data->>'name', position) AS customer_group
FROM events WHERE type IN ('signpost.agents.group_created.v1', 'signpost.agents.group_changed.v1')
GROUP BY ALL;

-- The company's zone for questions about days and hours; a question can be asked with another one.
CREATE OR REPLACE MACRO zone() AS coalesce(getvariable('zone'), 'Europe/Berlin');

-- What calls the API: the names of tokens by the actor of their events.
CREATE OR REPLACE VIEW tokens AS
SELECT 'token:' || (data->>'token_id') AS actor, data->>'name' AS token
FROM events WHERE type = 'signpost.agents.api_token_issued.v1';
