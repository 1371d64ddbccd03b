//! Webhooks: who is told of events by HTTP. The URL and the secrets stand beside the log; an event names the host alone.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::events;
use crate::clock::Moment;
use crate::note::Note;

/// A log whose events are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WebhookLog {
    /// Of the agents service.
    Agents,
    /// Of the signup service.
    Signups,
}

/// Why nothing more is sent to an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WebhookPauseCause {
    /// Somebody asked for it.
    Asked,
    /// Every attempt of the last days failed.
    Failing,
    /// The receiver answered 410: it wants nothing more.
    Gone,
}

events! {
    /// Events are sent to an endpoint from here on.
    WebhookAdded {
        endpoint_id: Uuid,
        /// Of the URL; path and query may hold secrets.
        host: String,
        logs: Vec<WebhookLog>,
        /// The types that are sent; empty for all.
        types: Vec<String>,
    }
    /// An endpoint has another URL, another description, or gets other events; host, logs and types are given whole.
    WebhookChanged {
        endpoint_id: Uuid,
        /// Of the URL; path and query may hold secrets.
        host: String,
        logs: Vec<WebhookLog>,
        /// The types that are sent; empty for all.
        types: Vec<String>,
    }
    /// Nothing more is sent to an endpoint until it is resumed; its place in the logs is kept.
    WebhookPaused { endpoint_id: Uuid, cause: WebhookPauseCause, #[serde(rename = "has_reason")] reason: Note, }
    /// Sending goes on where it stopped.
    WebhookResumed { endpoint_id: Uuid, #[serde(rename = "has_reason")] reason: Note, }
    /// An endpoint is removed for good, with its secrets and its place in the logs.
    WebhookRemoved { endpoint_id: Uuid, #[serde(rename = "has_reason")] reason: Note, }
    /// An endpoint has a new secret; until the old one ends, each attempt is signed with both.
    WebhookSecretRotated {
        endpoint_id: Uuid, old_ends_at: Moment,
        /// Whether a still older secret ended before its time.
        ended_older: bool,
    }
    /// Somebody moved an endpoint's place in a log: back to send events again, or ahead to leave events out.
    WebhookMoved {
        endpoint_id: Uuid, log: WebhookLog,
        /// The last position that was sent, or left out, before.
        from: u64,
        /// Sending goes on behind this position.
        to: u64,
        #[serde(rename = "has_reason")] reason: Note,
    }
}
