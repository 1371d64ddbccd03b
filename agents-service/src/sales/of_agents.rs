//! What agents have, sold and earned, for a list of them.

use std::collections::HashMap;

use contract::clock::Moment;
use contract::money::Currency;
use event_store::sql::{Database, Kind, Sql, SqlError};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::ledger::amount::from_column;
use crate::sales::summary::Filter;

static OF_AGENTS: Sql = Sql::rows(
    "SELECT r.agent_id, (SELECT COUNT(*) FROM grants g WHERE g.agent_id = r.agent_id) AS call_plans,
         (SELECT COUNT(*) FROM signup_keys k WHERE k.agent_id = r.agent_id AND k.state <> 'revoked') AS keys,
         (SELECT CAST(COALESCE(SUM(d.signups), 0) AS BIGINT) FROM sales_daily d
             WHERE d.agent_id = r.agent_id AND d.day BETWEEN r.since AND r.until) AS signups,
         (SELECT p.placed_at FROM sales_placements p WHERE p.agent_id = r.agent_id ORDER BY p.position DESC LIMIT 1) AS last_sale_at
     FROM {rows}",
    &[("agent_id", Kind::Uuid), ("since", Kind::Int), ("until", Kind::Int)],
);
static EARNED: Sql = Sql::rows(
    "SELECT m.agent_id, m.currency, CAST(SUM(m.commission) AS BIGINT) AS commission
     FROM {rows} JOIN money_quarters m ON m.agent_id = r.agent_id AND m.quarter BETWEEN r.since AND r.until
     GROUP BY m.agent_id, m.currency ORDER BY m.currency",
    &[("agent_id", Kind::Uuid), ("since", Kind::Int), ("until", Kind::Int)],
);

/// What an agent has and sold.
#[derive(Clone, Copy, Debug, Default)]
pub struct OfAgent {
    /// Call plans that they may sell.
    pub call_plans: u64,
    /// Signup URLs that are not revoked.
    pub keys: u64,
    /// Signups in the days of the filter.
    pub signups: u64,
    pub last_sale_at: Option<Moment>,
}

/// What these agents have, and sold in the days of the filter.
pub async fn of_agents(
    database: &Database,
    filter: &Filter,
    agents: impl Iterator<Item = Uuid>,
) -> Result<HashMap<Uuid, OfAgent>, SqlError> {
    let rows = agents.map(|agent_id| [vec![agent_id.into()], filter.days()].concat()).collect();
    let found = database.rows_for_many(&OF_AGENTS, rows).await?;
    let read = found.iter().map(|row| {
        let of_agent = OfAgent {
            call_plans: row.count("call_plans")?,
            keys: row.count("keys")?,
            signups: row.count("signups")?,
            last_sale_at: row.opt_moment("last_sale_at")?,
        };
        Ok((row.uuid("agent_id")?, of_agent))
    });
    read.collect()
}

/// The commission that these agents earned in the days of the filter, after reversals, by currency.
pub async fn earned_by(
    database: &Database,
    filter: &Filter,
    agents: impl Iterator<Item = Uuid>,
) -> Result<HashMap<Uuid, Vec<(Currency, Decimal)>>, SqlError> {
    let quarters = filter.quarters();
    let rows = agents.map(|agent_id| vec![agent_id.into(), quarters[0].into(), quarters[1].into()]).collect();
    let mut earned = HashMap::<Uuid, Vec<(Currency, Decimal)>>::new();
    for row in database.rows_for_many(&EARNED, rows).await? {
        let code = row.text("currency")?;
        let currency = Currency::parse(&code).map_err(|_| SqlError::Column { column: "currency".to_owned() })?;
        let commission = from_column(row.int("commission")?, currency);
        if !commission.is_zero() {
            earned.entry(row.uuid("agent_id")?).or_default().push((currency, commission));
        }
    }
    Ok(earned)
}
