use contract::events::agents::AgentsEvent;
use contract::events::webhooks::WebhookPauseCause;
use event_store::projection_table;
use event_store::projections::EventEnvelope;
use event_store::sql::{Sql, SqlError, Tx, Value};
use uuid::Uuid;

use crate::columns::{to_json, word};
use crate::projection::{Apply, Part};
use crate::webhooks::snapshot::State;

pub const PART: Part = Part {
    tables: || vec![projection_table!("webhooks", "endpoint_id": Uuid)],
    apply: Apply::Each(|tx, event| Box::pin(apply(tx, event))),
};

static ADD: Sql = Sql::new(
    "INSERT INTO webhooks{shadow} (endpoint_id, version, changed_at, host, logs, types, position, added_at, state)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $3, 'active')",
);
static CHANGE: Sql = Sql::new(
    "UPDATE webhooks{shadow} SET version = $2, changed_at = $3, host = $4, logs = $5, types = $6 WHERE endpoint_id = $1",
);
static STATE: Sql = Sql::new(
    "UPDATE webhooks{shadow} SET version = $2, changed_at = $3, state = $4, cause = $5 WHERE endpoint_id = $1",
);
static VERSION: Sql = Sql::new("UPDATE webhooks{shadow} SET version = $2, changed_at = $3 WHERE endpoint_id = $1");
static REMOVE: Sql = Sql::new("DELETE FROM webhooks{shadow} WHERE endpoint_id = $1");

fn state(state: State, cause: Option<WebhookPauseCause>) -> [Value; 2] {
    [state.as_str().into(), cause.map(|cause| word(&cause)).into()]
}

async fn apply(tx: &mut Tx, followed: &EventEnvelope<AgentsEvent>) -> Result<(), SqlError> {
    let at = |endpoint_id: Uuid| -> [Value; 3] {
        [endpoint_id.into(), followed.version.into(), followed.recorded_at.into()]
    };
    let (sql, values) = match &followed.event {
        AgentsEvent::WebhookAdded(event) => {
            let target = [Value::from(&event.host), to_json(&event.logs)?.into(), to_json(&event.types)?.into()];
            (&ADD, [at(event.endpoint_id).as_slice(), &target, &[followed.position.into()]].concat())
        }
        AgentsEvent::WebhookChanged(event) => {
            let target = [Value::from(&event.host), to_json(&event.logs)?.into(), to_json(&event.types)?.into()];
            (&CHANGE, [at(event.endpoint_id), target].concat())
        }
        AgentsEvent::WebhookPaused(event) => {
            (&STATE, [at(event.endpoint_id).as_slice(), &state(State::Paused, Some(event.cause))].concat())
        }
        AgentsEvent::WebhookResumed(event) => {
            (&STATE, [at(event.endpoint_id).as_slice(), &state(State::Active, None)].concat())
        }
        AgentsEvent::WebhookSecretRotated(event) => (&VERSION, at(event.endpoint_id).to_vec()),
        AgentsEvent::WebhookMoved(event) => (&VERSION, at(event.endpoint_id).to_vec()),
        AgentsEvent::WebhookRemoved(event) => (&REMOVE, vec![event.endpoint_id.into()]),
        _ => return Ok(()),
    };
    tx.execute(sql, &values).await.map(drop)
}
