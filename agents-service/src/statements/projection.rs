//! The statements by their numbers, which the log's writer keeps: the next number is decided by the last.

use contract::events::agents::AgentsEvent;
use event_store::projection_table;
use event_store::projections::EventEnvelope;
use event_store::sql::{Sql, SqlError, Tx};

use crate::columns::to_json;
use crate::projection::{Apply, Part};

pub const PART: Part = Part {
    tables: || vec![projection_table!("statements", "number": Int)],
    apply: Apply::Each(|tx, event| Box::pin(apply(tx, event))),
};

static ADD: Sql = Sql::new(
    "INSERT INTO statements{shadow} (number, statement_id, position, agent_id, corrects, issued_at, data)
     VALUES ($1, $2, $3, $4, $5, $6, $7)",
);

async fn apply(tx: &mut Tx, followed: &EventEnvelope<AgentsEvent>) -> Result<(), SqlError> {
    let AgentsEvent::StatementIssued(event) = &followed.event else { return Ok(()) };
    let values = [
        event.number.into(),
        event.statement_id.into(),
        followed.position.into(),
        event.agent_id.into(),
        event.corrects.into(),
        followed.recorded_at.into(),
        to_json(event)?.into(),
    ];
    tx.execute(&ADD, &values).await.map(drop)
}
