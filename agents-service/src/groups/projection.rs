use contract::events::agents::AgentsEvent;
use event_store::projection_table;
use event_store::projections::EventEnvelope;
use event_store::sql::{Sql, SqlError, Tx, Value};
use uuid::Uuid;

use crate::columns::to_json;
use crate::projection::Part;

/// The noun's part of the projection.
pub const PART: Part = Part {
    tables: || vec![projection_table!("customer_groups", "group_id": Uuid)],
    apply: |tx, events| Box::pin(apply(tx, events)),
};

static ADD: Sql = Sql::new(
    "INSERT INTO customer_groups{shadow} (group_id, position, version, name, description, agent_id, ui_elements)
     VALUES ($1, $2, $3, $4, $5, NULL, $6)",
);
static CHANGE: Sql = Sql::new(
    "UPDATE customer_groups{shadow} SET version = $2, name = $3, description = $4, ui_elements = $5 WHERE group_id = $1",
);
static ASSIGN: Sql = Sql::new("UPDATE customer_groups{shadow} SET version = $2, agent_id = $3 WHERE group_id = $1");

async fn apply(tx: &mut Tx, events: &[EventEnvelope<AgentsEvent>]) -> Result<(), SqlError> {
    for event in events {
        apply_one(tx, event).await?;
    }
    Ok(())
}

async fn apply_one(tx: &mut Tx, followed: &EventEnvelope<AgentsEvent>) -> Result<(), SqlError> {
    let version = Value::from(followed.version);
    match &followed.event {
        AgentsEvent::GroupCreated(event) => {
            let values = [
                event.group_id.into(),
                followed.position.into(),
                version,
                Value::from(&event.name),
                Value::from(&event.description),
                to_json(&event.ui_elements)?.into(),
            ];
            tx.execute(&ADD, &values).await?;
        }
        AgentsEvent::GroupChanged(event) => {
            let values = [
                event.group_id.into(),
                version,
                Value::from(&event.name),
                Value::from(&event.description),
                to_json(&event.ui_elements)?.into(),
            ];
            tx.execute(&CHANGE, &values).await?;
        }
        AgentsEvent::GroupAssigned(event) => {
            tx.execute(&ASSIGN, &[event.group_id.into(), version, event.agent_id.into()]).await?;
        }
        AgentsEvent::GroupReleased(event) => {
            tx.execute(&ASSIGN, &[event.group_id.into(), version, None::<Uuid>.into()]).await?;
        }
        _ => {}
    }
    Ok(())
}
