use contract::clock::Moment;
use contract::events::webhooks::{WebhookLog, WebhookPauseCause};
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use crate::columns::states;
use crate::life::Life;
use crate::webhooks::model::Webhook;

states! {
    /// An endpoint's state.
    #[schemars(rename = "WebhookState")]
    State { Active = "active", Paused = "paused", }
}

/// An endpoint after a command, without its URL.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "WebhookChanged")]
pub struct WebhookSnapshot {
    pub id: Uuid,
    pub version: u64,
    pub state: State,
    /// Absent while events are sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paused_because: Option<WebhookPauseCause>,
    pub host: String,
    pub logs: Vec<WebhookLog>,
    /// Empty for all.
    pub types: Vec<String>,
    /// A new secret. Shown this once; a repetition of the request leaves it out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
}

impl WebhookSnapshot {
    /// The endpoint's state; `None` before its first event and after its last.
    pub fn of(webhook: &Webhook, life: Life) -> Option<Self> {
        let Webhook::Live(endpoint) = webhook else { return None };
        let target = endpoint.target.clone();
        Some(Self {
            id: endpoint.id,
            version: life.version,
            state: if endpoint.paused.is_some() { State::Paused } else { State::Active },
            paused_because: endpoint.paused,
            host: target.host,
            logs: target.logs,
            types: target.types,
            secret: None,
        })
    }
}

/// A new secret, and until when the old one signs too.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "WebhookSecretRotated")]
pub struct RotatedSnapshot {
    pub id: Uuid,
    pub version: u64,
    pub old_secret_ends_at: Moment,
    /// Whether a still older secret ended before its time: two are kept at most.
    pub older_secret_ended: bool,
    /// Shown this once; a repetition of the request leaves it out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
}

/// An endpoint that was removed.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "WebhookRemoved")]
pub struct RemovedSnapshot {
    pub id: Uuid,
    pub removed: bool,
}
