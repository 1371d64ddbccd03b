//! The stream's state: the relay creates it at the first start only, and leaves it alone if it is not a copy of the
//! log.

use async_nats::datetime::DateTime;
use async_nats::jetstream::ErrorCode;
use async_nats::jetstream::context::GetStreamErrorKind;
use async_nats::jetstream::stream::{Config, Info, Stream};
use futures::{StreamExt, TryStreamExt};

use super::config;
use super::error::RelayError;
use super::halt::Halt;
use super::messages::message_at;
use super::published::{mark_published, was_published};
use crate::bus::Bus;
use crate::log::{EventHash, Identity, Log, LogPoint};

/// Most messages in flight.
pub(super) const WINDOW: u64 = 500;

/// Messages read at a time.
const READ_AT_ONCE: usize = 32;

/// A stream as an operator sees it.
#[derive(Clone, Debug)]
pub struct StreamState {
    /// Its name.
    pub name: String,
    /// Messages in it.
    pub messages: u64,
    /// Its last sequence.
    pub last: u64,
    /// Why the relay would halt, as far as the stream's last messages show.
    pub halt: Option<Halt>,
}

/// How far a stream is a copy of the log, and which stream that is.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// The last position that it holds.
    pub(super) position: u64,
    /// The hash of the event there.
    pub(super) hash: EventHash,
    /// When the stream was created: another moment means another stream.
    created: DateTime,
}

/// Prepares the stream and proves that it is this log's copy; returns how far.
pub(super) async fn ready(log: &Log, bus: &Bus, replicas: usize) -> Result<Place, RelayError> {
    let name = log.identity().stream_name();
    let stream = match find(bus, &name).await? {
        Some(stream) => stream,
        None if was_published(log).await? => return Err(Halt::Missing(name).into()),
        None => {
            let stream = create(log, bus, replicas).await?;
            mark_published(log).await?;
            stream
        }
    };
    // A foreign message may have come between the last messages of a relay that ended, so all of a window are
    // checked.
    let hash = check(log, &stream, WINDOW).await?;
    let info = stream.cached_info();
    if info.config.num_replicas != replicas {
        update(bus, Config { num_replicas: replicas, ..info.config.clone() }).await?;
    }
    Ok(Place { position: info.state.last_sequence, hash, created: info.created })
}

/// Checks that the stream is still the one that the relay published to, and the log the one that it was published
/// from.
pub(super) async fn check_unchanged(log: &Log, bus: &Bus, place: &Place) -> Result<(), RelayError> {
    let name = log.identity().stream_name();
    let Some(stream) = find(bus, &name).await? else { return Err(Halt::Missing(name).into()) };
    let info = stream.cached_info();
    check_info(log.identity(), info)?;
    if info.created != place.created {
        return Err(RelayError::Bus("the stream was made anew".into()));
    }
    let last = info.state.last_sequence;
    if last != place.position {
        return Err(RelayError::Bus(format!("the stream ends at {last}, not at {}", place.position).into()));
    }
    if last == 0 {
        return Ok(());
    }
    match log.read_after(last - 1, 1).await?.first() {
        Some(event) if event.position == last && event.hash == place.hash => Ok(()),
        Some(_) => Err(Halt::Diverged(name, last).into()),
        None => Err(Halt::Ahead { stream: name, last, head: log.head().await?.position }.into()),
    }
}

/// Reads the state of a log's stream; `None` when it is missing and the log was never published.
pub async fn inspect(log: &Log, bus: &Bus) -> Result<Option<StreamState>, RelayError> {
    let name = log.identity().stream_name();
    let Some(stream) = find(bus, &name).await? else {
        let halt = was_published(log).await?.then(|| Halt::Missing(name.clone()));
        return Ok(halt.map(|halt| StreamState { name, messages: 0, last: 0, halt: Some(halt) }));
    };
    let halt = match check(log, &stream, 1).await {
        Ok(_) => None,
        Err(RelayError::Halted(halt)) => Some(halt),
        Err(error) => return Err(error),
    };
    let state = &stream.cached_info().state;
    Ok(Some(StreamState { name, messages: state.messages, last: state.last_sequence, halt }))
}

/// Deletes a stream, with its consumers.
pub async fn remove(bus: &Bus, name: &str) -> Result<(), RelayError> {
    bus.jetstream.delete_stream(name).await.map_err(|error| RelayError::Bus(error.into()))?;
    Ok(())
}

/// Creates the stream of a log, empty.
pub async fn create(log: &Log, bus: &Bus, replicas: usize) -> Result<Stream, RelayError> {
    let made = bus.jetstream.create_stream(config::wanted(log.identity(), replicas)).await;
    made.map_err(|error| RelayError::Bus(error.into()))
}

/// Gives a stream the configuration that the relay wants; a server may refuse that.
pub async fn reconfigure(log: &Log, bus: &Bus, replicas: usize) -> Result<(), RelayError> {
    let Some(stream) = find(bus, &log.identity().stream_name()).await? else { return Ok(()) };
    update(bus, config::mended(&stream.cached_info().config, log.identity(), replicas)).await
}

/// Seals a stream for good; returns its last sequence.
pub async fn seal(bus: &Bus, name: &str) -> Result<u64, RelayError> {
    let Some(stream) = find(bus, name).await? else { return Ok(0) };
    if !stream.cached_info().config.sealed {
        update(bus, Config { sealed: true, ..stream.cached_info().config.clone() }).await?;
    }
    let sealed = find(bus, name).await?;
    Ok(sealed.map_or(0, |stream| stream.cached_info().state.last_sequence))
}

async fn update(bus: &Bus, config: Config) -> Result<(), RelayError> {
    bus.jetstream.update_stream(config).await.map_err(|error| RelayError::Bus(error.into()))?;
    Ok(())
}

pub(super) async fn find(bus: &Bus, name: &str) -> Result<Option<Stream>, RelayError> {
    match bus.jetstream.get_stream(name).await {
        Ok(stream) => Ok(Some(stream)),
        Err(error) => match error.kind() {
            GetStreamErrorKind::JetStream(reason) if reason.error_code() == ErrorCode::STREAM_NOT_FOUND => Ok(None),
            _ => Err(RelayError::Bus(error.into())),
        },
    }
}

/// Checks the stream's own description.
pub(super) fn check_info(identity: &Identity, info: &Info) -> Result<(), Halt> {
    let (stream, state) = (info.config.name.clone(), &info.state);
    if config::log_id(&info.config).is_some_and(|log_id| log_id != identity.log_id) {
        return Err(Halt::OtherLog(stream));
    }
    // The sequence of a purged stream goes on, so fewer messages than that mean a gap or a lost beginning.
    if state.messages < state.last_sequence {
        return Err(Halt::MessagesGone { stream, messages: state.messages, last: state.last_sequence });
    }
    let faults = config::faults(&info.config, identity);
    if faults.is_empty() { Ok(()) } else { Err(Halt::Misconfigured { stream, faults }) }
}

/// Checks that the stream's last messages are events of this log; returns the hash of the last.
async fn check(log: &Log, stream: &Stream, messages: u64) -> Result<EventHash, RelayError> {
    let (info, identity) = (stream.cached_info(), log.identity());
    check_info(identity, info)?;
    let (name, last) = (identity.stream_name(), info.state.last_sequence);
    // The log is read after the stream: it may only have grown since.
    let head = log.head().await?;
    if last > head.position {
        let next = message_at(stream, head.position + 1).await?;
        let broken = next.and_then(|message| message.breaks_chain_behind(&head.hash, identity));
        return Err(broken.unwrap_or(Halt::Ahead { stream: name, last, head: head.position }).into());
    }
    let first = last.saturating_sub(messages) + 1;
    let events = log.read_after(first - 1, usize::try_from(last + 1 - first).unwrap_or(usize::MAX)).await?;
    let reads = futures::stream::iter(first..=last).map(|sequence| message_at(stream, sequence));
    let found: Vec<_> = reads.buffered(READ_AT_ONCE).try_collect().await?;
    for (index, message) in found.into_iter().enumerate() {
        let Some(message) = message else {
            return Err(Halt::MessagesGone { stream: name, messages: info.state.messages, last }.into());
        };
        if let Some(halt) = message.differs_from(events.get(index), identity) {
            return Err(halt.into());
        }
    }
    Ok(events.last().map_or_else(|| LogPoint::START.hash, |event| event.hash))
}
