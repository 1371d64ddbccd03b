//! A test event: signed and sent like others, at once and only once. It is in no log.

use contract::clock::Moment;
use event_store::sql::SqlError;
use serde_json::json;
use uuid::{Builder, Uuid};

use crate::state::AppState;
use crate::webhooks::attempts::{self, Subject};
use crate::webhooks::delivery::{Attempted, attempt};
use crate::webhooks::endpoints;
use crate::webhooks::queries::WebhookItem;

/// The type of test events.
pub const TYPE_NAME: &str = "signpost.agents.webhook_test.v1";

/// An attempt to send a test event, and the id that it had.
pub struct Tested {
    pub event_id: Uuid,
    pub attempted: Attempted,
}

/// Sends a test event. A repetition of the command sends the same event again, with the same id.
pub async fn send(app: &AppState, endpoint: &WebhookItem, command_id: &str) -> Result<Tested, SqlError> {
    let digest = app.log.secret().digest("webhook-test", &format!("{}\n{command_id}", endpoint.id));
    let event_id = Builder::from_random_bytes(digest).into_uuid();
    let now = app.clock.now();
    let secrets = endpoints::live_secrets(app.database(), endpoint.id, now).await?;
    let body = body(event_id, endpoint.id, now);
    let attempted = attempt(&app.outbound, &app.clock, &endpoint.url, &secrets, event_id, body).await;
    let subject = Subject { endpoint_id: endpoint.id, event: None, event_id, number: 1 };
    let mut tx = app.database().begin().await?;
    attempts::add(&mut tx, subject, &attempted).await?;
    tx.commit().await?;
    Ok(Tested { event_id, attempted })
}

fn body(event_id: Uuid, endpoint_id: Uuid, now: Moment) -> String {
    json!({
        "specversion": "1.0",
        "id": event_id,
        "source": "urn:signpost:agents",
        "type": TYPE_NAME,
        "time": now,
        "datacontenttype": "application/json",
        "data": { "endpoint_id": endpoint_id },
    })
    .to_string()
}
