//! What agents, call plans and groups are called, whichever of them are asked for.

use std::collections::HashMap;

use event_store::sql::{Database, Kind, Sql, SqlError};
use uuid::Uuid;

static NAMES: Sql = Sql::rows(
    "SELECT t.agent_id AS id, t.name FROM {rows} JOIN agents t ON t.agent_id = r.id
     UNION SELECT t.call_plan_id, t.name FROM {rows} JOIN call_plans t ON t.call_plan_id = r.id
     UNION SELECT t.group_id, t.name FROM {rows} JOIN customer_groups t
         ON t.group_id = r.id AND (r.agent_id IS NULL OR t.agent_id = r.agent_id)",
    &[("id", Kind::Uuid), ("agent_id", Kind::Uuid)],
);

/// The names of what has these ids. For one agent, groups that belong to others by now have none.
pub async fn get(
    database: &Database,
    agent_id: Option<Uuid>,
    ids: impl IntoIterator<Item = Uuid>,
) -> Result<HashMap<Uuid, String>, SqlError> {
    let asked: Vec<_> = ids.into_iter().map(|id| vec![id.into(), agent_id.into()]).collect();
    if asked.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = database.rows_for_many(&NAMES, asked).await?;
    rows.iter().map(|row| Ok((row.uuid("id")?, row.text("name")?))).collect()
}
