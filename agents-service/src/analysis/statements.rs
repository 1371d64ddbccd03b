//! The statements over the sums, each over many ranges of quarter hours, days or spans at once. Of each pair, the first reads all
//! agents' rows, the second by the index of one agent.

use event_store::sql::{Kind, Sql};

macro_rules! sales {
    () => {
        "CAST(SUM(t.views) AS BIGINT) AS views, CAST(SUM(t.automated) AS BIGINT) AS automated,
         CAST(SUM(t.signups) AS BIGINT) AS signups, CAST(SUM(t.page_signups) AS BIGINT) AS page_signups"
    };
}
macro_rules! money {
    () => {
        "t.currency, CAST(SUM(t.customers) AS BIGINT) AS customers, CAST(SUM(t.payments) AS BIGINT) AS payments,
         CAST(SUM(t.received) AS BIGINT) AS received, CAST(SUM(t.refunded) AS BIGINT) AS refunded,
         CAST(SUM(t.commission) AS BIGINT) AS commission"
    };
}
macro_rules! refusals {
    () => {
        "t.reason, CAST(SUM(t.refusals) AS BIGINT) AS refusals"
    };
}

/// `$2` call plan, `$3` group, `$4` key, `$5` the agent who owns the group now, `$6` agent.
macro_rules! filter {
    () => {
        "($2 IS NULL OR t.call_plan_id = $2) AND ($3 IS NULL OR t.group_id = $3) AND ($4 IS NULL OR t.key = $4)
         AND ($5 IS NULL OR EXISTS (SELECT 1 FROM customer_groups g WHERE g.group_id = t.group_id AND g.agent_id = $5))
         AND ($6 IS NULL OR t.agent_id = $6)"
    };
}
/// `$8` campaign, `$9` country, of the sums that have them.
macro_rules! filter_of_all {
    () => {
        concat!(filter!(), " AND ($8 IS NULL OR t.campaign = $8) AND ($9 IS NULL OR t.country = $9)")
    };
}
macro_rules! filter_of_campaigns {
    () => {
        "($2 IS NULL OR t.campaign = $2) AND ($3 IS NULL OR t.country = $3)"
    };
}
/// Refusals are of keys, and what a key stands for is in the directory.
macro_rules! filter_of_refusals {
    () => {
        "($2 IS NULL OR k.call_plan_id = $2) AND ($3 IS NULL OR k.group_id = $3) AND ($4 IS NULL OR t.key = $4)
         AND ($5 IS NULL OR EXISTS (SELECT 1 FROM customer_groups g WHERE g.group_id = k.group_id AND g.agent_id = $5))
         AND ($6 IS NULL OR t.agent_id = $6)"
    };
}

/// The ranges come first, for which SQLite needs CROSS: else it may read a whole index in the order of the groups.
/// A range is packed into one number, which `$7` (`$4`, `$2`) divides into its first part and their count.
macro_rules! statement {
    ($id:literal, $what:ident, $from:literal, $agent:literal, $filter:ident, $by:literal) => {
        Sql::rows(
            concat!(
                "SELECT ",
                $id,
                " AS id, ",
                $what!(),
                " FROM {rows} CROSS JOIN ",
                $from,
                " AND ",
                $agent,
                $filter!(),
                " GROUP BY ",
                $by
            ),
            &[("part", Kind::Int)],
        )
    };
}
macro_rules! pair {
    ($id:literal, $what:ident, $from:literal, $filter:ident, $by:literal) => {
        [
            statement!($id, $what, $from, "", $filter, $by),
            statement!($id, $what, $from, "t.agent_id = $6 AND ", $filter, $by),
        ]
    };
}
/// By agent, call plan, group and key.
macro_rules! by_keys {
    ($what:ident, $from:literal, $filter:ident, [$agent:literal, $plan:literal, $group:literal, $key:literal]) => {
        [
            pair!("CASE WHEN t.agent_id IS NULL THEN '' ELSE {text_of t.agent_id} END", $what, $from, $filter, $agent),
            pair!(
                "CASE WHEN t.call_plan_id IS NULL THEN '' ELSE {text_of t.call_plan_id} END",
                $what,
                $from,
                $filter,
                $plan
            ),
            pair!("CASE WHEN t.group_id IS NULL THEN '' ELSE {text_of t.group_id} END", $what, $from, $filter, $group),
            pair!("t.key", $what, $from, $filter, $key),
        ]
    };
}

pub static SALES_QUARTERS: [[Sql; 2]; 4] = by_keys!(
    sales,
    "sales_quarters t WHERE t.quarter BETWEEN r.part / $7 AND r.part / $7 + r.part % $7 - 1",
    filter_of_all,
    ["t.agent_id", "t.call_plan_id", "t.group_id", "t.key"]
);
pub static SALES_SPANS: [[Sql; 2]; 4] = by_keys!(
    sales,
    "sales_spans t WHERE t.span BETWEEN r.part / $7 AND r.part / $7 + r.part % $7 - 1",
    filter,
    ["t.agent_id", "t.call_plan_id", "t.group_id", "t.key"]
);
pub static MONEY_QUARTERS: [[Sql; 2]; 4] = by_keys!(
    money,
    "money_quarters t WHERE t.quarter BETWEEN r.part / $7 AND r.part / $7 + r.part % $7 - 1",
    filter_of_all,
    ["t.agent_id, t.currency", "t.call_plan_id, t.currency", "t.group_id, t.currency", "t.key, t.currency"]
);
pub static MONEY_SPANS: [[Sql; 2]; 4] = by_keys!(
    money,
    "money_spans t WHERE t.span BETWEEN r.part / $7 AND r.part / $7 + r.part % $7 - 1",
    filter,
    ["t.agent_id, t.currency", "t.call_plan_id, t.currency", "t.group_id, t.currency", "t.key, t.currency"]
);
// By campaign and country.
macro_rules! by_visitors {
    ($what:ident, $from:literal, [$campaign:literal, $country:literal]) => {
        [
            pair!("t.campaign", $what, $from, filter_of_all, $campaign),
            pair!("t.country", $what, $from, filter_of_all, $country),
        ]
    };
}
pub static SALES_VISITORS: [[Sql; 2]; 2] = by_visitors!(
    sales,
    "sales_quarters t WHERE t.quarter BETWEEN r.part / $7 AND r.part / $7 + r.part % $7 - 1",
    ["t.campaign", "t.country"]
);
pub static MONEY_VISITORS: [[Sql; 2]; 2] = by_visitors!(
    money,
    "money_quarters t WHERE t.quarter BETWEEN r.part / $7 AND r.part / $7 + r.part % $7 - 1",
    ["t.campaign, t.currency", "t.country, t.currency"]
);
macro_rules! campaign_days {
    ($id:literal, $what:ident, $from:literal, $by:literal) => {
        statement!($id, $what, $from, "", filter_of_campaigns, $by)
    };
}
pub static SALES_CAMPAIGN_DAYS: [Sql; 2] = [
    campaign_days!(
        "t.campaign",
        sales,
        "sales_campaign_days t WHERE t.day BETWEEN r.part / $4 AND r.part / $4 + r.part % $4 - 1",
        "t.campaign"
    ),
    campaign_days!(
        "t.country",
        sales,
        "sales_campaign_days t WHERE t.day BETWEEN r.part / $4 AND r.part / $4 + r.part % $4 - 1",
        "t.country"
    ),
];
pub static MONEY_CAMPAIGN_DAYS: [Sql; 2] = [
    campaign_days!(
        "t.campaign",
        money,
        "money_campaign_days t WHERE t.day BETWEEN r.part / $4 AND r.part / $4 + r.part % $4 - 1",
        "t.campaign, t.currency"
    ),
    campaign_days!(
        "t.country",
        money,
        "money_campaign_days t WHERE t.day BETWEEN r.part / $4 AND r.part / $4 + r.part % $4 - 1",
        "t.country, t.currency"
    ),
];

macro_rules! refused {
    ($id:literal, $by:literal) => {
        pair!(
            $id,
            refusals,
            "sales_refusal_quarters t LEFT JOIN signup_keys k ON k.key = t.key
             WHERE t.quarter BETWEEN r.part / $7 AND r.part / $7 + r.part % $7 - 1",
            filter_of_refusals,
            $by
        )
    };
}
pub static REFUSALS: [[Sql; 2]; 4] = [
    refused!("CASE WHEN t.agent_id IS NULL THEN '' ELSE {text_of t.agent_id} END", "t.agent_id, t.reason"),
    refused!("CASE WHEN k.call_plan_id IS NULL THEN '' ELSE {text_of k.call_plan_id} END", "k.call_plan_id, t.reason"),
    refused!("CASE WHEN k.group_id IS NULL THEN '' ELSE {text_of k.group_id} END", "k.group_id, t.reason"),
    refused!("t.key", "t.key, t.reason"),
];

// By part of time: the id is the packed range.
pub static SALES_PARTS: [Sql; 2] = pair!(
    "r.part",
    sales,
    "sales_quarters t WHERE t.quarter BETWEEN r.part / $7 AND r.part / $7 + r.part % $7 - 1",
    filter_of_all,
    "r.part"
);
pub static MONEY_PARTS: [Sql; 2] = pair!(
    "r.part",
    money,
    "money_quarters t WHERE t.quarter BETWEEN r.part / $7 AND r.part / $7 + r.part % $7 - 1",
    filter_of_all,
    "r.part, t.currency"
);
pub static REFUSAL_PARTS: [Sql; 2] = refused!("r.part", "r.part, t.reason");
macro_rules! nothing {
    () => {
        "TRUE"
    };
}
pub static SALES_TOTALS: Sql = statement!(
    "r.part",
    sales,
    "sales_totals t WHERE t.quarter BETWEEN r.part / $2 AND r.part / $2 + r.part % $2 - 1",
    "",
    nothing,
    "r.part"
);
pub static MONEY_TOTALS: Sql = statement!(
    "r.part",
    money,
    "money_totals t WHERE t.quarter BETWEEN r.part / $2 AND r.part / $2 + r.part % $2 - 1",
    "",
    nothing,
    "r.part, t.currency"
);
