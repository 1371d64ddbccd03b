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

/// The names of the agents, call plans and groups with these ids. With an agent, groups of other agents are left out.
pub async fn get(
    database: &Database,
    agent_id: Option<Uuid>,
    ids: impl IntoIterator<Item = Uuid>,
) -> Result<HashMap<Uuid, String>, SqlError> {
    let rows_of_ids: Vec<_> = ids.into_iter().map(|id| vec![id.into(), agent_id.into()]).collect();
    if rows_of_ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = database.rows_for_many(&NAMES, rows_of_ids).await?;
    rows.iter().map(|row| Ok((row.uuid("id")?, row.text("name")?))).collect()
}
