//! The messages of a stream, compared with the events of the log.

use std::time::Duration;

use async_nats::jetstream::consumer::DeliverPolicy;
use async_nats::jetstream::consumer::pull::{Ordered, OrderedConfig};
use async_nats::jetstream::stream::{LastRawMessageErrorKind, Stream};
use async_nats::{HeaderMap, Message};
use futures::StreamExt;
use uuid::Uuid;

use super::error::RelayError;
use super::halt::Halt;
use crate::bus::{self, Bus};
use crate::log::{EventHash, Identity, RecordedEvent};

/// Longest wait for the next message of a stream that is known to have one.
const NEXT_TIMEOUT: Duration = Duration::from_secs(10);

/// A message and its sequence number.
#[derive(Debug)]
pub struct Stored {
    /// Its sequence number.
    pub sequence: u64,
    /// The message itself.
    pub message: Message,
}

impl Stored {
    /// The event that the message carries, with the id of its log, if its position is the message's sequence.
    pub fn event(&self) -> Option<(RecordedEvent, Uuid)> {
        let (event, log_id) = bus::event(&self.message).ok()?;
        let is_in_place = event.position == self.sequence && event.subject == self.message.subject.as_str();
        is_in_place.then_some((event, log_id))
    }

    /// Why this message is not that event of the log; `None` when it is.
    pub fn differs_from(&self, event: Option<&RecordedEvent>, identity: &Identity) -> Option<Halt> {
        let stream = identity.stream_name();
        let Some((found, log_id)) = self.event() else { return Some(Halt::Foreign(stream, self.sequence)) };
        if log_id != identity.log_id {
            return Some(Halt::OtherLog(stream));
        }
        (Some(&found) != event).then_some(Halt::Diverged(stream, self.sequence))
    }

    /// Why this message does not continue the log after the event with this hash; `None` when it does.
    pub fn breaks_chain_behind(&self, hash: &EventHash, identity: &Identity) -> Option<Halt> {
        let found = self.event().map(|(event, _)| event);
        let differs = self.differs_from(found.as_ref(), identity);
        let continues = found.is_some_and(|event| event.chain(hash, identity) == event.hash);
        differs.or_else(|| (!continues).then(|| Halt::Diverged(identity.stream_name(), self.sequence)))
    }
}

/// The message with this sequence, read from the stream's leader; `None` when it is gone.
pub(super) async fn message_at(stream: &Stream, sequence: u64) -> Result<Option<Stored>, RelayError> {
    match stream.get_raw_message(sequence).await {
        Ok(found) => {
            let headers: Option<HeaderMap> = (!found.headers.is_empty()).then_some(found.headers);
            let length = found.payload.len();
            let (subject, payload) = (found.subject, found.payload);
            let message = Message { subject, reply: None, payload, headers, status: None, description: None, length };
            Ok(Some(Stored { sequence: found.sequence, message }))
        }
        Err(error) if error.kind() == LastRawMessageErrorKind::NoMessageFound => Ok(None),
        Err(error) => Err(RelayError::Bus(error.into())),
    }
}

/// Reads a stream from a sequence on.
pub struct Messages {
    ordered: Ordered,
}

impl std::fmt::Debug for Messages {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Messages").finish_non_exhaustive()
    }
}

impl Messages {
    /// Starts after `position`.
    pub async fn after(bus: &Bus, stream: &str, position: u64) -> Result<Self, RelayError> {
        let stream = bus.jetstream.get_stream(stream).await.map_err(|error| RelayError::Bus(error.into()))?;
        let deliver_policy = DeliverPolicy::ByStartSequence { start_sequence: position + 1 };
        let config = OrderedConfig { deliver_policy, ..OrderedConfig::default() };
        let consumer = stream.create_consumer(config).await.map_err(|error| RelayError::Bus(error.into()))?;
        let ordered = consumer.messages().await.map_err(|error| RelayError::Bus(error.into()))?;
        Ok(Self { ordered })
    }

    /// The next message, with a time limit.
    pub async fn next(&mut self) -> Result<Stored, RelayError> {
        let next = tokio::time::timeout(NEXT_TIMEOUT, self.ordered.next()).await;
        let next = next.map_err(|_| RelayError::Bus("no message came in time".into()))?;
        let next = next.ok_or_else(|| RelayError::Bus("the consumer has ended".into()))?;
        let message = next.map_err(|error| RelayError::Bus(error.into()))?;
        let sequence = message.info().map_err(RelayError::Bus)?.stream_sequence;
        Ok(Stored { sequence, message: message.message })
    }
}
