//! How an event looks as a message of NATS: CloudEvents 1.0, binary mode.

use async_nats::{HeaderMap, HeaderName, Message};
use uuid::Uuid;

use crate::log::{Envelope, Malformed, Recorded};

/// The headers of an event's message.
pub fn headers(envelope: &Envelope<'_>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in envelope.attributes() {
        headers.insert(HeaderName::from_static(name), &*value);
    }
    headers.insert("content-type", "application/json");
    if let Some(cause) = &envelope.event.cause {
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
