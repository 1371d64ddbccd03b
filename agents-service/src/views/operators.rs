//! Operators as they are listed.

use schemars::JsonSchema;
use serde::Serialize;
use shared::clock::Moment;
use shared::events::agents::AgentsEvent;
use shared::follow::Followed;
use shared::sql::{Database, Sql, SqlError, Tx};
use uuid::Uuid;

use super::{Page, one_more};

/// An operator.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Operator")]
pub struct Operator {
    pub id: Uuid,
    pub login: String,
    pub created_at: Moment,
}

static ADD: Sql = Sql::new("INSERT INTO operators{shadow} (operator_id, position, created_at) VALUES ($1, $2, $3)");
static LIST: Sql = Sql::new(
    "SELECT o.operator_id, o.position, o.created_at, a.login FROM operators o
     JOIN operator_accounts a ON a.operator_id = o.operator_id
     WHERE o.position > $1 ORDER BY o.position LIMIT $2",
);

/// A page of operators, oldest first.
pub async fn list(database: &Database, after: Option<u64>, limit: usize) -> Result<Page<Operator>, SqlError> {
    let rows = database.rows(&LIST, &[after.unwrap_or(0).into(), one_more(limit).into()]).await?;
    let items = rows.iter().map(|row| {
        let operator =
            Operator { id: row.uuid("operator_id")?, login: row.text("login")?, created_at: row.moment("created_at")? };
        Ok((operator, row.int("position")?.to_string()))
    });
    Ok(Page::of(items.collect::<Result<_, SqlError>>()?, limit))
}

pub(super) async fn apply(tx: &mut Tx, followed: &Followed<AgentsEvent>) -> Result<(), SqlError> {
    if let AgentsEvent::OperatorCreated(event) = &followed.event {
        let values = [event.operator_id.into(), followed.position.into(), followed.recorded_at.into()];
        tx.execute(&ADD, &values).await?;
    }
    Ok(())
}
