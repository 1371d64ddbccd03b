//! The stream as it is found: made when it is missing, made anew when parts of it are gone, left alone when it holds
//! what the log does not.

use async_nats::jetstream::context::GetStreamErrorKind;
use async_nats::jetstream::stream::{Config, DiscardPolicy, RetentionPolicy, StorageType};
use async_nats::jetstream::{ErrorCode, stream};

use super::RelayError;
use crate::bus::Bus;
use crate::log::Log;

/// The key of a stream's metadata that says which log it is a copy of.
const LOG_ID: &str = "signpost-log-id";

/// Why a relay stops until an operator decides.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Halt {
    /// The database was replaced, or two installations share a bus.
    #[error("stream {0} is a copy of another log")]
    OtherLog(String),
    /// The database was restored from a backup, say.
    #[error("stream {stream} holds {last} messages, the log only {head} events")]
    Ahead {
        /// The stream's name.
        stream: String,
        /// Its last sequence.
        last: u64,
        /// The log's last position.
        head: u64,
    },
    /// Somebody else published to the stream, or the log was changed.
    #[error("message {1} of stream {0} is not event {1} of the log")]
    Foreign(String, u64),
    /// The server lacks what the relay relies on.
    #[error("nats-server {found} is too old: {needed} or newer is needed")]
    OldServer {
        /// The server's version.
        found: String,
        /// The oldest that will do.
        needed: String,
    },
}

/// What an operator sees of a stream.
#[derive(Clone, Debug)]
pub struct StreamState {
    /// Its name.
    pub name: String,
    /// Messages in it.
    pub messages: u64,
    /// Its last sequence.
    pub last: u64,
    /// Why the relay would stop at it.
    pub halt: Option<Halt>,
}

/// Makes the stream ready; answers the position that it holds.
pub(super) async fn ready(log: &Log, bus: &Bus, replicas: usize) -> Result<u64, RelayError> {
    let name = log.identity().stream_name();
    let Some(stream) = find(bus, &name).await? else {
        create(log, bus, replicas).await?;
        return Ok(0);
    };
    let info = stream.cached_info();
    check(log, &stream).await?;
    // Nothing ever takes messages out: where some are gone, the copy is made anew, with the same numbers.
    if info.state.last_sequence > 0 && info.state.messages < info.state.last_sequence {
        tracing::warn!(stream = name, "messages are gone from the stream; publishing it anew");
        remove(bus, &name).await?;
        create(log, bus, replicas).await?;
        return Ok(0);
    }
    if info.config.num_replicas != replicas {
        let wanted = Config { num_replicas: replicas, ..info.config.clone() };
        bus.jetstream.update_stream(wanted).await.map_err(|error| RelayError::Bus(error.into()))?;
    }
    Ok(info.state.last_sequence)
}

/// Looks at a log's stream without touching it; `None` when it is missing.
pub async fn inspect(log: &Log, bus: &Bus) -> Result<Option<StreamState>, RelayError> {
    let name = log.identity().stream_name();
    let Some(stream) = find(bus, &name).await? else { return Ok(None) };
    let halt = match check(log, &stream).await {
        Ok(()) => None,
        Err(RelayError::Halted(halt)) => Some(halt),
        Err(error) => return Err(error),
    };
    let state = &stream.cached_info().state;
    Ok(Some(StreamState { name, messages: state.messages, last: state.last_sequence, halt }))
}

/// Deletes a stream; the relay makes it anew from the log.
pub async fn remove(bus: &Bus, name: &str) -> Result<(), RelayError> {
    bus.jetstream.delete_stream(name).await.map_err(|error| RelayError::Bus(error.into()))?;
    Ok(())
}

async fn find(bus: &Bus, name: &str) -> Result<Option<stream::Stream>, RelayError> {
    match bus.jetstream.get_stream(name).await {
        Ok(stream) => Ok(Some(stream)),
        Err(error) => match error.kind() {
            GetStreamErrorKind::JetStream(reason) if reason.error_code() == ErrorCode::STREAM_NOT_FOUND => Ok(None),
            _ => Err(RelayError::Bus(error.into())),
        },
    }
}

async fn create(log: &Log, bus: &Bus, replicas: usize) -> Result<(), RelayError> {
    let identity = log.identity();
    let config = Config {
        name: identity.stream_name(),
        description: Some(format!("A copy of the log of {}: message n is event n", identity.source())),
        subjects: vec![format!("{}.v1.>", identity.service)],
        retention: RetentionPolicy::Limits,
        discard: DiscardPolicy::New,
        storage: StorageType::File,
        num_replicas: replicas,
        deny_delete: true,
        deny_purge: true,
        allow_direct: true,
        metadata: [(LOG_ID.to_owned(), identity.log_id.to_string())].into(),
        ..Config::default()
    };
    bus.jetstream.create_stream(config).await.map_err(|error| RelayError::Bus(error.into()))?;
    Ok(())
}

/// Whether the stream is a copy of this log, as far as its end shows.
async fn check(log: &Log, stream: &stream::Stream) -> Result<(), RelayError> {
    let info = stream.cached_info();
    let (name, last) = (info.config.name.clone(), info.state.last_sequence);
    let log_id = log.identity().log_id.to_string();
    if info.config.metadata.get(LOG_ID).is_some_and(|known| *known != log_id) {
        return Err(Halt::OtherLog(name).into());
    }
    // The log is read after the stream: it may only have grown since.
    let head = log.head().await?.position;
    if last > head {
        return Err(Halt::Ahead { stream: name, last, head }.into());
    }
    if last == 0 || info.state.messages == 0 {
        return Ok(());
    }
    let Ok(message) = stream.get_raw_message(last).await else { return Ok(()) };
    let event = log.read_after(last - 1, 1).await?.into_iter().next();
    let published = message.headers.get("ce-id").map(async_nats::HeaderValue::as_str);
    if event.is_some_and(|event| Some(event.event_id.to_string().as_str()) == published) {
        Ok(())
    } else {
        Err(Halt::Foreign(name, last).into())
    }
}
