use contract::events::agents::AgentsEvent;
use event_store::projection_table;
use event_store::projections::EventEnvelope;
use event_store::sql::{Sql, SqlError, Tx};

use crate::operators::snapshot::State;
use crate::projection::{Apply, Part};

pub const PART: Part = Part {
    tables: || vec![projection_table!("operators", "operator_id": Uuid)],
    apply: Apply::Each(|tx, event| Box::pin(apply(tx, event))),
};

static ADD: Sql =
    Sql::new("INSERT INTO operators{shadow} (operator_id, position, state, created_at) VALUES ($1, $2, 'active', $3)");
static SET_STATE: Sql = Sql::new("UPDATE operators{shadow} SET state = $2 WHERE operator_id = $1");

async fn apply(tx: &mut Tx, followed: &EventEnvelope<AgentsEvent>) -> Result<(), SqlError> {
    let (operator_id, state) = match &followed.event {
        AgentsEvent::OperatorCreated(event) => {
            let values = [event.operator_id.into(), followed.position.into(), followed.recorded_at.into()];
            return tx.execute(&ADD, &values).await.map(drop);
        }
        AgentsEvent::OperatorDisabled(event) => (event.operator_id, State::Disabled),
        AgentsEvent::OperatorEnabled(event) => (event.operator_id, State::Active),
        AgentsEvent::OperatorErased(event) => (event.operator_id, State::Erased),
        _ => return Ok(()),
    };
    tx.execute(&SET_STATE, &[operator_id.into(), state.as_str().into()]).await.map(drop)
}
