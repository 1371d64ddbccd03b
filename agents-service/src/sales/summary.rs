//! Sums of views, signups and refusals, grouped as requested. With an agent in the filter, every statement reads only
//! their rows.

use std::collections::HashMap;

use contract::clock::Day;
use contract::events::signups::RefusalReason;
use event_store::sql::{Database, Kind, Row, Sql, SqlError, Value};
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use crate::columns::read_word;
use crate::quarters;

pub const MAX_TOTALS: usize = 1_000;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only this agent's.
    pub agent_id: Option<Uuid>,
    pub since_day: Option<Day>,
    /// The last day.
    pub until_day: Option<Day>,
    /// For the agent's own view: without refusals of known addresses. Otherwise an agent could try an address, and
    /// the count would tell whether a customer has it.
    pub for_agent: bool,
}

/// How sums are grouped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupBy {
    Agent,
    CallPlan,
    Group,
    Key,
    Day,
    /// By `utm_campaign`; counts signups only.
    Campaign,
}

/// The figures of one agent, call plan, group, key, day or campaign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "SalesTotal")]
pub struct Total {
    /// An id, a key, a day such as 2026-01-31, or the name of a campaign, which is empty where a link named none.
    pub id: String,
    /// How often the signup page was shown; always 0 for campaigns, which only signups tell of.
    pub views: u64,
    pub signups: u64,
    /// Those of the signups that came from a signup page, in a frame or not.
    pub page_signups: u64,
    /// How often the page was fetched by what nobody looks at: previews of links, prefetching browsers, robots.
    pub automated: u64,
}

/// How often signups were refused for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "SalesRefusals")]
pub struct Refusals {
    pub reason: RefusalReason,
    pub count: u64,
}

/// The figures of one key, or of all that is added up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "SalesFigures")]
pub struct Figures {
    pub views: u64,
    pub signups: u64,
    /// Those of the signups that came from a signup page, in a frame or not.
    pub page_signups: u64,
    /// How often the page was fetched by what nobody looks at: previews of links, prefetching browsers, robots.
    pub automated: u64,
    pub refusals: u64,
}

impl Figures {
    pub fn conversion(&self) -> Option<u64> {
        conversion(self.views, self.page_signups)
    }
}

impl Total {
    pub fn conversion(&self) -> Option<u64> {
        conversion(self.views, self.page_signups)
    }
}

/// Signups per thousand views. `None` where the number means nothing: without views, or with more signups than
/// recorded views, since a killed process loses views that are not recorded yet.
pub fn conversion(views: u64, signups: u64) -> Option<u64> {
    (views > 0 && signups <= views).then(|| (signups * 1_000 + views / 2) / views)
}

/// The sums of counts.
macro_rules! counts {
    () => {
        "CAST(SUM(views) AS BIGINT) AS views, CAST(SUM(signups) AS BIGINT) AS signups,
         CAST(SUM(page_signups) AS BIGINT) AS page_signups, CAST(SUM(automated) AS BIGINT) AS automated"
    };
}
/// Totals by a column in an order, with the condition on the agent.
macro_rules! totals {
    ($id:literal, $group:literal) => {
        totals!($id, $group, "signups DESC, views DESC, id")
    };
    ($id:literal, $group:literal, $order:literal) => {
        [totals!("", $id, $group, $order), totals!("agent_id = $4 AND ", $id, $group, $order)]
    };
    ($agent:literal, $id:literal, $group:literal, $order:literal) => {
        Sql::new(concat!(
            "SELECT ",
            $id,
            " AS id, ",
            counts!(),
            " FROM sales_daily WHERE ",
            $agent,
            "day BETWEEN $1 AND $2 GROUP BY ",
            $group,
            " ORDER BY ",
            $order,
            " LIMIT $3"
        ))
    };
}
macro_rules! campaigns {
    ($agent:literal) => {
        Sql::new(concat!(
            "SELECT utm_campaign AS id, CAST(0 AS BIGINT) AS views, COUNT(*) AS signups,
             CAST(SUM(CASE WHEN channel = 'api' THEN 0 ELSE 1 END) AS BIGINT) AS page_signups, CAST(0 AS BIGINT) AS automated FROM sales_placements WHERE ",
            $agent,
            "placed_at >= $1 AND placed_at < $2 GROUP BY utm_campaign ORDER BY signups DESC, id LIMIT $3"
        ))
    };
}
macro_rules! sums {
    ($agent:literal) => {
        Sql::new(concat!(
            "SELECT CAST(COALESCE(SUM(views), 0) AS BIGINT) AS views,
                 CAST(COALESCE(SUM(signups), 0) AS BIGINT) AS signups,
                 CAST(COALESCE(SUM(page_signups), 0) AS BIGINT) AS page_signups,
                 CAST(COALESCE(SUM(automated), 0) AS BIGINT) AS automated FROM sales_daily WHERE ",
            $agent,
            "day BETWEEN $1 AND $2"
        ))
    };
}
macro_rules! reasons {
    ($agent:literal) => {
        Sql::new(concat!(
            "SELECT reason, CAST(SUM(refusals) AS BIGINT) AS n FROM sales_refusals WHERE ",
            $agent,
            "day BETWEEN $1 AND $2 GROUP BY reason ORDER BY n DESC, reason"
        ))
    };
}

// Of each pair, the first is for all agents, the second for one.
static BY_AGENT: [Sql; 2] = totals!("{text_of agent_id}", "agent_id");
static BY_CALL_PLAN: [Sql; 2] = totals!("{text_of call_plan_id}", "call_plan_id");
static BY_GROUP: [Sql; 2] = totals!("{text_of group_id}", "group_id");
static BY_KEY: [Sql; 2] = totals!("key", "key");
static BY_DAY: [Sql; 2] = totals!("CAST(day AS TEXT)", "day", "day DESC");
static BY_CAMPAIGN: [Sql; 2] = [campaigns!(""), campaigns!("agent_id = $4 AND ")];
static SUMS: [Sql; 2] = [sums!(""), sums!("agent_id = $3 AND ")];
static REASONS: [Sql; 2] = [reasons!(""), reasons!("agent_id = $3 AND ")];
static OF_KEYS: Sql = Sql::rows(
    concat!(
        "SELECT t.key, ",
        counts!(),
        " FROM {rows} JOIN sales_daily t ON t.key = r.key AND (r.agent_id IS NULL OR t.agent_id = r.agent_id) GROUP BY t.key"
    ),
    &[("key", Kind::Text), ("agent_id", Kind::Uuid)],
);
static REFUSALS_OF_KEYS: Sql = Sql::rows(
    "SELECT t.key, CAST(SUM(t.refusals) AS BIGINT) AS n
     FROM {rows} JOIN sales_refusals t ON t.key = r.key
         AND (r.agent_id IS NULL OR (t.agent_id = r.agent_id AND t.reason <> 'email_known')) GROUP BY t.key",
    &[("key", Kind::Text), ("agent_id", Kind::Uuid)],
);

impl GroupBy {
    fn sql(self) -> &'static [Sql; 2] {
        match self {
            Self::Agent => &BY_AGENT,
            Self::CallPlan => &BY_CALL_PLAN,
            Self::Group => &BY_GROUP,
            Self::Key => &BY_KEY,
            Self::Day => &BY_DAY,
            Self::Campaign => &BY_CAMPAIGN,
        }
    }
}

impl Filter {
    /// The first day.
    pub fn since(&self) -> Day {
        self.since_day.unwrap_or(Day::from_number(i64::MIN))
    }

    /// The last day.
    pub fn until(&self) -> Day {
        self.until_day.unwrap_or(Day::from_number(i64::MAX))
    }

    pub fn days(&self) -> Vec<Value> {
        vec![self.since().number().into(), self.until().number().into()]
    }

    /// The first and the last quarter hour of the days.
    pub fn quarters(&self) -> [i64; 2] {
        let first = |day: Day| day.number().saturating_mul(quarters::OF_DAY);
        [first(self.since()), first(self.until()).saturating_add(quarters::OF_DAY - 1)]
    }

    /// The statement for these agents, and its values.
    fn statement<'a>(&self, [of_all, of_one]: &'a [Sql; 2], mut values: Vec<Value>) -> (&'a Sql, Vec<Value>) {
        let Some(agent_id) = self.agent_id else { return (of_all, values) };
        values.push(agent_id.into());
        (of_one, values)
    }
}

/// Up to `limit` totals, [`MAX_TOTALS`] at most: those with the most signups first. Days are the latest, in their own
/// order.
pub async fn totals(database: &Database, filter: &Filter, by: GroupBy, limit: usize) -> Result<Vec<Total>, SqlError> {
    let mut values = match by {
        GroupBy::Campaign => vec![filter.since().begins().into(), filter.until().plus(1).begins().into()],
        _ => filter.days(),
    };
    values.push(u64::try_from(limit.min(MAX_TOTALS)).unwrap_or(u64::MAX).into());
    let (sql, values) = filter.statement(by.sql(), values);
    let rows = database.rows(sql, &values).await?;
    let mut totals = rows.iter().map(|row| total(row, by)).collect::<Result<Vec<_>, _>>()?;
    if by == GroupBy::Day {
        totals.reverse();
    }
    Ok(totals)
}

fn total(row: &Row, by: GroupBy) -> Result<Total, SqlError> {
    let id = if by == GroupBy::Day { Day::from_number(row.parsed("id")?).to_string() } else { row.text("id")? };
    Ok(Total {
        id,
        views: row.count("views")?,
        signups: row.count("signups")?,
        page_signups: row.count("page_signups")?,
        automated: row.count("automated")?,
    })
}

/// The sum of all.
pub async fn sum(database: &Database, filter: &Filter) -> Result<Figures, SqlError> {
    let (sql, values) = filter.statement(&SUMS, filter.days());
    let row = database.row(sql, &values).await?.ok_or(SqlError::Column { column: "views".to_owned() })?;
    let refusals = refusals(database, filter).await?.iter().map(|refusals| refusals.count).sum();
    counted(&row, refusals)
}

fn counted(row: &Row, refusals: u64) -> Result<Figures, SqlError> {
    Ok(Figures {
        views: row.count("views")?,
        signups: row.count("signups")?,
        page_signups: row.count("page_signups")?,
        automated: row.count("automated")?,
        refusals,
    })
}

/// Refusals by reason, the most frequent first. Refusals at unknown keys belong to no agent, and those of known
/// addresses are hidden from agents.
pub async fn refusals(database: &Database, filter: &Filter) -> Result<Vec<Refusals>, SqlError> {
    let (sql, values) = filter.statement(&REASONS, filter.days());
    let rows = database.rows(sql, &values).await?;
    let refusals = rows
        .iter()
        .map(|row| Ok(Refusals { reason: read_word(row.text("reason")?, "reason")?, count: row.count("n")? }));
    let mut refusals = refusals.collect::<Result<Vec<_>, SqlError>>()?;
    refusals.retain(|refusals| !filter.for_agent || refusals.reason != RefusalReason::EmailKnown);
    Ok(refusals)
}

/// The sums of these keys, of one agent or of all; keys without any are left out.
pub async fn of_keys(
    database: &Database,
    agent_id: Option<Uuid>,
    keys: &[String],
) -> Result<HashMap<String, Figures>, SqlError> {
    let key_rows = || keys.iter().map(|key| vec![key.into(), Value::from(agent_id)]).collect::<Vec<_>>();
    let mut figures = HashMap::<String, Figures>::new();
    for row in database.rows_for_many(&OF_KEYS, key_rows()).await? {
        figures.insert(row.text("key")?, counted(&row, 0)?);
    }
    for row in database.rows_for_many(&REFUSALS_OF_KEYS, key_rows()).await? {
        figures.entry(row.text("key")?).or_default().refusals = row.count("n")?;
    }
    Ok(figures)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::word;

    #[test]
    fn a_conversion_is_shown_only_where_it_is_meaningful() {
        assert_eq!(conversion(1_000, 34), Some(34));
        assert_eq!(conversion(3, 2), Some(667));
        assert_eq!(conversion(0, 0), None);
        assert_eq!(conversion(1, 2), None);
    }

    #[test]
    fn a_reason_is_stored_as_the_contract_names_it() {
        assert_eq!(word(&RefusalReason::GroupNotAgents), "group_not_agents");
    }
}
