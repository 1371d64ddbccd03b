//! Signups of each day, for the rows of a list.

use std::collections::HashMap;

use event_store::sql::{Database, Kind, Row, Sql, SqlError, Value};
use uuid::Uuid;

use crate::sales::summary::Filter;

static OF_AGENTS: Sql = Sql::rows(
    "SELECT r.agent_id, d.day, CAST(SUM(d.signups) AS BIGINT) AS signups FROM {rows}
         JOIN sales_daily d ON d.agent_id = r.agent_id AND d.day BETWEEN r.since AND r.until
     WHERE d.signups > 0 GROUP BY r.agent_id, d.day",
    &[("agent_id", Kind::Uuid), ("since", Kind::Int), ("until", Kind::Int)],
);
static OF_KEYS: Sql = Sql::rows(
    "SELECT d.key, d.day, d.signups FROM {rows}
         JOIN sales_daily d ON d.key = r.key AND d.day BETWEEN r.since AND r.until WHERE d.signups > 0",
    &[("key", Kind::Text), ("since", Kind::Int), ("until", Kind::Int)],
);

/// Signups by what they are of, each from the first day of the filter to its last.
#[derive(Clone, Debug, Default)]
pub struct ByDay<T> {
    found: HashMap<T, Vec<u64>>,
}

impl<T: std::hash::Hash + Eq> ByDay<T> {
    /// The days of one; empty where nothing was sold.
    pub fn of(&self, id: &T) -> Vec<u64> {
        self.found.get(id).cloned().unwrap_or_default()
    }

    fn read(rows: &[Row], filter: &Filter, id: impl Fn(&Row) -> Result<T, SqlError>) -> Result<Self, SqlError> {
        let (first, last) = (filter.since().number(), filter.until().number());
        let days = usize::try_from(last - first + 1).unwrap_or(0);
        let mut found = HashMap::new();
        for row in rows {
            let of_day = found.entry(id(row)?).or_insert_with(|| vec![0; days]);
            let day = usize::try_from(row.int("day")? - first).unwrap_or(usize::MAX);
            if let Some(count) = of_day.get_mut(day) {
                *count = row.count("signups")?;
            }
        }
        Ok(Self { found })
    }
}

fn rows(filter: &Filter, ids: impl Iterator<Item = Value>) -> Vec<Vec<Value>> {
    ids.map(|id| [vec![id], filter.days()].concat()).collect()
}

/// What these agents sold on each day of the filter.
pub async fn of_agents(database: &Database, filter: &Filter, agents: &[Uuid]) -> Result<ByDay<Uuid>, SqlError> {
    let rows = database.rows_for_many(&OF_AGENTS, rows(filter, agents.iter().map(|id| (*id).into()))).await?;
    ByDay::read(&rows, filter, |row| row.uuid("agent_id"))
}

/// What was sold through these keys on each day of the filter.
pub async fn of_keys(database: &Database, filter: &Filter, keys: &[String]) -> Result<ByDay<String>, SqlError> {
    let rows = database.rows_for_many(&OF_KEYS, rows(filter, keys.iter().map(Value::from))).await?;
    ByDay::read(&rows, filter, |row| row.text("key"))
}
