use contract::events::agents::AgentsEvent;
use event_store::projection_table;
use event_store::projections::EventEnvelope;
use event_store::sql::{Sql, SqlError, Tx};
use uuid::Uuid;

use crate::operators::snapshot::State;
use crate::projection::Part;

/// The noun's part of the projection.
pub const PART: Part = Part {
    tables: || vec![projection_table!("operators", "operator_id": Uuid)],
    apply: |tx, events| Box::pin(apply(tx, events)),
};

static ADD: Sql =
    Sql::new("INSERT INTO operators{shadow} (operator_id, position, state, created_at) VALUES ($1, $2, 'active', $3)");
static SET_STATE: Sql = Sql::new("UPDATE operators{shadow} SET state = $2 WHERE operator_id = $1");

async fn apply(tx: &mut Tx, events: &[EventEnvelope<AgentsEvent>]) -> Result<(), SqlError> {
    for event in events {
        apply_one(tx, event).await?;
    }
    Ok(())
}

async fn apply_one(tx: &mut Tx, followed: &EventEnvelope<AgentsEvent>) -> Result<(), SqlError> {
    match &followed.event {
        AgentsEvent::OperatorCreated(event) => {
            let values = [event.operator_id.into(), followed.position.into(), followed.recorded_at.into()];
            tx.execute(&ADD, &values).await?;
        }
        AgentsEvent::OperatorDisabled(event) => set_state(tx, event.operator_id, State::Disabled).await?,
        AgentsEvent::OperatorEnabled(event) => set_state(tx, event.operator_id, State::Active).await?,
        AgentsEvent::OperatorErased(event) => set_state(tx, event.operator_id, State::Erased).await?,
        _ => {}
    }
    Ok(())
}

async fn set_state(tx: &mut Tx, operator_id: Uuid, state: State) -> Result<(), SqlError> {
    tx.execute(&SET_STATE, &[operator_id.into(), state.as_str().into()]).await.map(drop)
}
