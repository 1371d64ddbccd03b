//! A service's part in a batch: its requests, decisions and responses. It does not know how batches are committed.

use std::future::Future;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::event::{NewEvent, RecordedEvent};
use crate::sql::{SqlError, Tx};
use contract::clock::Moment;
use contract::ids::digest;

/// The identity of a command: its caller, and how a repetition is recognised.
#[derive(Clone, Debug)]
pub struct CommandMeta {
    /// Unique for this request; a repetition carries the same. Only a keyed digest of it is stored.
    pub id: String,
    /// The request, or a digest of it; the same id with another fingerprint is refused. Only a keyed digest of it is
    /// stored.
    pub fingerprint: String,
    /// `operator:<id>`, `token:<id>`, `visitor`, `system`.
    pub actor: String,
    /// W3C `traceparent`.
    pub cause: Option<String>,
}

impl CommandMeta {
    /// A command of the program itself; `what` is unique for it.
    pub fn of_system(what: &str, fingerprint: impl Into<String>) -> Self {
        let (id, actor) = (format!("system:{what}"), "system".to_owned());
        Self { id, fingerprint: fingerprint.into(), actor, cause: None }
    }

    /// Limits the command's id to a scope. Scopes begin after a blank, which no id contains.
    #[must_use]
    pub fn within(mut self, scope: &str) -> Self {
        self.id = format!("{} {scope}", self.id);
        self
    }

    /// Adds to the fingerprint. The addition must not be guessable: no secret in clear text.
    #[must_use]
    pub fn asking(mut self, more: &str) -> Self {
        self.fingerprint = digest(&format!("{}\n{more}", self.fingerprint));
        self
    }
}

/// The version that a stream must have for the request to be accepted. Also for streams that were only read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectedVersion {
    /// The stream.
    pub stream: String,
    /// Its version; 0 when it must not exist.
    pub version: u64,
}

/// The response, now and at every repetition. It must not hold personal data or secrets. It is not stored: a
/// repetition makes it again from the command's event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandResponse {
    /// HTTP status.
    pub status: u16,
    /// JSON body, as it is stored and sent.
    body: Arc<str>,
    /// The id of the thing that the command changed, where the service states it.
    id: Arc<str>,
    /// The version of that thing after the command.
    version: u64,
}

impl CommandResponse {
    /// A response with this body.
    pub fn new(status: u16, body: &impl Serialize) -> Result<Self, serde_json::Error> {
        Ok(Self { status, body: serde_json::to_string(body)?.into(), id: "".into(), version: 0 })
    }

    /// Names the thing that the command changed, and its version after the command.
    #[must_use]
    pub fn about(self, id: &str, version: u64) -> Self {
        Self { id: id.into(), version, ..self }
    }

    /// The id of the thing that the command changed; empty where the service does not state it.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The version of that thing after the command.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The body as text.
    pub fn text(&self) -> &str {
        &self.body
    }

    /// The deserialised body.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_str(&self.body)
    }
}

/// The decision on an accepted request. `K` is the state that the service keeps until `store`.
#[derive(Clone, Debug)]
pub struct Decision<K = ()> {
    /// Versions that streams must have.
    pub expected_versions: Vec<ExpectedVersion>,
    /// The events; empty where nothing changes.
    pub events: Vec<NewEvent>,
    /// The response.
    pub answer: CommandResponse,
    /// For the service's `store`.
    pub state: K,
}

/// The result of a committed request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppendResult {
    /// The position of its last event, or the end of the log where it had none.
    pub position: u64,
    /// The response.
    pub answer: CommandResponse,
    /// Whether the same command was committed before.
    pub replayed: bool,
}

/// A request that was not committed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SubmitError<R> {
    /// The service's own rules refuse it.
    #[error("refused")]
    Refused(R),
    /// A stream has changed since it was read: read and decide again.
    #[error("stream {0} has changed")]
    Conflict(String),
    /// The command id belongs to another request.
    #[error("the command id was used for another request")]
    CommandReused,
    /// An event is larger than a message may be, or there are too many.
    #[error("the request makes events that are too large")]
    TooLarge,
    /// The queue is full.
    #[error("the writer's queue is full")]
    Full,
    /// The log is halted until an operator acts: the database may have lost committed events.
    #[error("the log takes no writes until an operator has repaired it")]
    Halted,
    /// The database does not respond. The request may or may not be committed: repeat it with the same id.
    #[error("the log cannot be written now")]
    Unavailable,
    /// The database refused the data, or its schema does not match this program.
    #[error("the log refused the request")]
    Broken,
}

/// A service's part in a batch. Its reads of the log, and of tables that only the log's writers change, stay valid
/// until the commit: the batch is refused if another process has appended meanwhile. `store` must check every other
/// fact.
pub trait CommandHandler: Send + Sync + 'static {
    /// A request of the service.
    type Request: Send + Sync + 'static;
    /// Why a request is refused.
    type Error: Send + Sync + Clone + std::fmt::Debug + 'static;
    /// State that a decision hands to `store`.
    type HandlerState: Send + Sync + 'static;

    /// The queries queued by `queue_queries`.
    type Queries: Send;

    /// Queues the queries of the handler, so that they share one round trip with those of the log. `requests` include
    /// repetitions.
    fn queue_queries(&self, tx: &mut Tx, requests: &[&Self::Request]) -> Self::Queries;

    /// Decides each request, in order; what they write is recorded as of `now`.
    fn decide(
        &self,
        tx: &mut Tx,
        queries: Self::Queries,
        requests: &[&Self::Request],
        now: Moment,
    ) -> impl Future<Output = Result<Decisions<Self>, SqlError>> + Send;

    /// Decides from cached facts, with one query where its duration would otherwise reveal a fact; `None` when a
    /// request cannot be decided so. `store` must check every fact that may be wrong.
    fn guess(
        &self,
        _tx: &mut Tx,
        _requests: &[&Self::Request],
        _now: Moment,
    ) -> impl Future<Output = Result<Option<Vec<Decision<Self::HandlerState>>>, SqlError>> + Send {
        async { Ok(None) }
    }

    /// The response to a repeated request, from the event of the first one.
    fn repeat(
        &self,
        tx: &mut Tx,
        request: &Self::Request,
        repeated: &Repeated,
    ) -> impl Future<Output = Result<CommandResponse, SqlError>> + Send;

    /// Writes the service's own tables for the accepted requests, and applies the batch's events to the projections that the
    /// writer keeps. For guessed decisions, [`Tx::unless`] adds the checks of cached facts.
    fn store(
        &self,
        tx: &mut Tx,
        accepted: &[(&Self::Request, &Decision<Self::HandlerState>)],
        events: &[RecordedEvent],
        is_guessed: bool,
    ) -> impl Future<Output = Result<(), SqlError>> + Send;
}

/// A command that was committed before.
#[derive(Clone, Debug)]
pub struct Repeated {
    /// The position in its response.
    pub position: u64,
    /// The last event of the command; `None` where the command changed nothing.
    pub event: Option<RecordedEvent>,
}

/// The decision, or the refusal, of each request in a batch, in order.
pub type Decisions<D> = Vec<Result<Decision<<D as CommandHandler>::HandlerState>, <D as CommandHandler>::Error>>;

pub(super) type Outcome<D> = Result<AppendResult, SubmitError<<D as CommandHandler>::Error>>;
