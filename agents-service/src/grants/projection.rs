use contract::events::agents::AgentsEvent;
use event_store::projection_table;
use event_store::projections::EventEnvelope;
use event_store::sql::{Sql, SqlError, Tx};

use crate::columns::opt_to_json;
use crate::projection::{Apply, Part};

pub const PART: Part = Part {
    tables: || vec![projection_table!("grants", "agent_id": Uuid)],
    apply: Apply::Each(|tx, event| Box::pin(apply(tx, event))),
};

static ADD: Sql = Sql::new("INSERT INTO grants{shadow} (agent_id, call_plan_id, position) VALUES ($1, $2, $3)");
static SET_COMMISSION: Sql =
    Sql::new("UPDATE grants{shadow} SET commission = $3 WHERE agent_id = $1 AND call_plan_id = $2");
static REMOVE: Sql = Sql::new("DELETE FROM grants{shadow} WHERE agent_id = $1 AND call_plan_id = $2");

async fn apply(tx: &mut Tx, followed: &EventEnvelope<AgentsEvent>) -> Result<(), SqlError> {
    match &followed.event {
        AgentsEvent::CallPlanGranted(event) => {
            let values = [event.agent_id.into(), event.call_plan_id.into(), followed.position.into()];
            tx.execute(&ADD, &values).await?;
        }
        AgentsEvent::GrantCommissionChanged(event) => {
            let commission = opt_to_json(event.commission.as_ref())?.into();
            tx.execute(&SET_COMMISSION, &[event.agent_id.into(), event.call_plan_id.into(), commission]).await?;
        }
        AgentsEvent::CallPlanWithdrawn(event) => {
            tx.execute(&REMOVE, &[event.agent_id.into(), event.call_plan_id.into()]).await?;
        }
        _ => {}
    }
    Ok(())
}
