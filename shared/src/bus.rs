//! The connection to NATS, and how an event looks as one of its messages.
//! Nothing here waits for NATS to be there: the log is the truth, the stream follows when it can.

use std::time::Duration;

use async_nats::jetstream;
use async_nats::{HeaderMap, HeaderName, Message};
use uuid::Uuid;

use crate::log::{Identity, Malformed, Recorded};

/// Oldest server that keeps the promises the relay relies on.
pub const OLDEST_SERVER: (i64, i64, i64) = (2, 10, 0);
/// Longest wait for an answer of the server.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);

/// A connection to NATS JetStream that mends itself.
#[derive(Clone, Debug)]
pub struct Bus {
    /// The plain connection.
    pub client: async_nats::Client,
    /// JetStream on it.
    pub jetstream: jetstream::Context,
}

/// A URL that is no NATS server's.
#[derive(Debug, thiserror::Error)]
#[error("cannot use the NATS URL")]
pub struct BusError(#[source] async_nats::ConnectError);

impl Bus {
    /// Sets out to connect; returns at once, whether or not the server is there.
    pub async fn connect(url: &str, name: &str) -> Result<Self, BusError> {
        let options = async_nats::ConnectOptions::new()
            .name(format!("signpost {name}"))
            .retry_on_initial_connect()
            .request_timeout(Some(REQUEST_TIMEOUT))
            .reconnect_delay_callback(|attempts| {
                Duration::from_millis(u64::try_from(attempts * 50).unwrap_or(50).min(1_000))
            })
            .event_callback(|event| async move { tracing::info!(%event, "nats") });
        let client = options.connect(url).await.map_err(BusError)?;
        // Acknowledgements that never come must not hold up the relay for long: it asks the stream where it stands.
        let builder = jetstream::context::ContextBuilder::new().timeout(REQUEST_TIMEOUT).ack_timeout(REQUEST_TIMEOUT);
        Ok(Self { jetstream: builder.build(client.clone()), client })
    }

    /// Whether the connection stands.
    pub fn is_connected(&self) -> bool {
        self.client.connection_state() == async_nats::connection::State::Connected
    }

    /// Whether the server is new enough; true while there is none to ask.
    pub fn is_new_enough(&self) -> bool {
        let (major, minor, patch) = OLDEST_SERVER;
        !self.is_connected() || self.client.is_server_compatible(major, minor, patch)
    }
}

/// The headers of an event's message: CloudEvents 1.0, binary mode.
pub fn headers(event: &Recorded, identity: &Identity) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in event.attributes(identity) {
        headers.insert(HeaderName::from_static(name), &*value);
    }
    headers.insert("content-type", "application/json");
    if let Some(cause) = &event.cause {
        headers.insert("traceparent", cause.as_str());
    }
    headers
}

/// The event that a message carries, and the id of its log.
pub fn event(message: &Message) -> Result<(Recorded, Uuid), Malformed> {
    let headers = message.headers.as_ref().ok_or(Malformed("headers"))?;
    let attribute = |name: &str| headers.get(name).map(|value| value.as_str().to_owned());
    let data = String::from_utf8(message.payload.to_vec()).map_err(|_| Malformed("data"))?;
    Recorded::from_attributes(attribute, data)
}
