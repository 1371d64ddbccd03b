//! An event as a NATS message: CloudEvents 1.0, binary mode. Every attribute is a header with the prefix `ce-`.

use std::borrow::Cow;

use async_nats::{HeaderMap, HeaderName, Message};
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use uuid::Uuid;

use crate::log::{Envelope, Malformed, RecordedEvent};

/// Characters that the binding percent-encodes in a header, besides all non-ASCII ones.
const ENCODED: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'%');

/// The headers of an event's message.
pub fn headers(envelope: &Envelope<'_>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in envelope.attributes() {
        headers.insert(HeaderName::from_static(name), &*encoded(&value));
    }
    headers.insert("content-type", "application/json");
    headers
}

/// The event that a message carries, and the id of its log.
pub fn event(message: &Message) -> Result<(RecordedEvent, Uuid), Malformed> {
    let headers = message.headers.as_ref().ok_or(Malformed("headers"))?;
    // An attribute that is not UTF-8 after decoding counts as missing.
    let attribute = |name: &str| decoded(headers.get(name)?.as_str());
    let data = String::from_utf8(message.payload.to_vec()).map_err(|_| Malformed("data"))?;
    RecordedEvent::from_attributes(attribute, data)
}

fn encoded(value: &str) -> Cow<'_, str> {
    utf8_percent_encode(value, ENCODED).into()
}

fn decoded(value: &str) -> Option<String> {
    percent_decode_str(value).decode_utf8().ok().map(Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::sample_event;

    #[test]
    fn every_attribute_is_a_header_with_its_prefix_and_nothing_else_is() {
        let (mut event, identity) = sample_event();
        event.cause = Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_owned());
        let headers = headers(&event.envelope(&identity));
        let json: serde_json::Value = serde_json::from_str(&event.to_json(&identity).unwrap()).unwrap();
        let attributes = json.as_object().unwrap().keys().filter(|name| *name != "data");
        let mut expected: Vec<String> = attributes.map(|name| format!("ce-{name}")).collect();
        expected.push("content-type".to_owned());
        let mut named: Vec<String> = headers.iter().map(|(name, _)| name.to_string()).collect();
        expected.sort_unstable();
        named.sort_unstable();
        assert_eq!(named, expected);
        assert_eq!(headers.get("ce-datacontenttype").unwrap().as_str(), "application/json");
        assert_eq!(headers.get("ce-traceparent").unwrap().as_str(), event.cause.unwrap());
    }

    #[test]
    fn values_are_encoded_by_the_binding_and_come_back() {
        for (value, header) in [
            ("Euro \u{20AC} \u{1F600}", "Euro%20%E2%82%AC%20%F0%9F%98%80"),
            ("50 % of \"x\"", "50%20%25%20of%20%22x%22"),
            ("agents.v1.agent.created.1", "agents.v1.agent.created.1"),
        ] {
            assert_eq!(encoded(value), header);
            assert_eq!(decoded(header).as_deref(), Some(value));
        }
        assert_eq!(decoded("%FF"), None);
    }
}
