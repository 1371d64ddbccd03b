//! One sample of each type of event about webhooks.

use contract::clock::Moment;
use contract::events::agents::AgentsEvent;
use contract::events::webhooks::{
    WebhookAdded, WebhookChanged, WebhookLog, WebhookMoved, WebhookPauseCause, WebhookPaused, WebhookRemoved,
    WebhookResumed, WebhookSecretRotated,
};
use contract::note::Note;
use uuid::Uuid;

const ENDPOINT_ID: Uuid = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0003);

pub fn all() -> Vec<AgentsEvent> {
    let endpoint_id = ENDPOINT_ID;
    let host = || "hooks.example.com".to_owned();
    let reason = || Note::from("their server moves".to_owned());
    vec![
        WebhookAdded {
            endpoint_id,
            host: host(),
            logs: vec![WebhookLog::Agents, WebhookLog::Signups],
            types: vec!["signpost.signups.customer_placed.v1".to_owned()],
        }
        .into(),
        WebhookChanged { endpoint_id, host: host(), logs: vec![WebhookLog::Signups], types: Vec::new() }.into(),
        WebhookPaused { endpoint_id, cause: WebhookPauseCause::Failing, reason: Note::Absent }.into(),
        WebhookResumed { endpoint_id, reason: reason() }.into(),
        WebhookRemoved { endpoint_id, reason: reason() }.into(),
        WebhookSecretRotated {
            endpoint_id,
            old_ends_at: Moment::from_micros(1_767_225_600_000_000),
            ended_older: true,
        }
        .into(),
        WebhookMoved { endpoint_id, log: WebhookLog::Agents, from: 41, to: 42, reason: reason() }.into(),
    ]
}
