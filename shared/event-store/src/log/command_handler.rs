//! A service's part in a batch: what can be asked, what a request amounts to, what is answered. Knows nothing of how batches
//! are made.

use std::future::Future;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::event::{NewEvent, RecordedEvent};
use crate::sql::{SqlError, Tx};
use contract::ids::digest;

/// Who asks for something, and how a repetition of the same request is known.
#[derive(Clone, Debug)]
pub struct CommandMeta {
    /// Unique for this request; a repetition carries the same. Only a keyed digest of it is stored.
    pub id: String,
    /// What is asked, or a digest of it; the same id with another one is refused. Only a keyed digest of it is stored.
    pub fingerprint: String,
    /// `operator:<id>`, `token:<id>`, `visitor`, `system`.
    pub actor: String,
    /// W3C `traceparent`.
    pub cause: Option<String>,
}

impl CommandMeta {
    /// The same command, known again among those of the same scope only. Scopes begin behind a blank, which no id has.
    #[must_use]
    pub fn within(mut self, scope: &str) -> Self {
        self.id = format!("{} {scope}", self.id);
        self
    }

    /// The same command, which asks for this too. Only what cannot be guessed quickly may be given: no secret in clear.
    #[must_use]
    pub fn asking(mut self, more: &str) -> Self {
        self.fingerprint = digest(&format!("{}\n{more}", self.fingerprint));
        self
    }
}

/// A stream that must be at a version for the request to hold. Also for streams that were only read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectedVersion {
    /// The stream.
    pub stream: String,
    /// Its version; 0 when it must not exist.
    pub version: u64,
}

/// What is answered, now and at every repetition: no personal data and no secret may be in it. It is not stored: what is answered
/// to a repetition is made again from the command's event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandResponse {
    /// HTTP status.
    pub status: u16,
    /// JSON body, as it is stored and sent.
    body: Arc<str>,
    /// The id of the thing that the command was about, where the service says so.
    id: Arc<str>,
    /// The version of that thing behind the command.
    version: u64,
}

impl CommandResponse {
    /// An answer with this body.
    pub fn new(status: u16, body: &impl Serialize) -> Result<Self, serde_json::Error> {
        Ok(Self { status, body: serde_json::to_string(body)?.into(), id: "".into(), version: 0 })
    }

    /// The same answer, about the thing with this id, which is at this version behind the command.
    #[must_use]
    pub fn about(self, id: &str, version: u64) -> Self {
        Self { id: id.into(), version, ..self }
    }

    /// The id of the thing that the command was about; empty where the service does not say so.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The version of that thing behind the command.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The body as text.
    pub fn text(&self) -> &str {
        &self.body
    }

    /// The body read back.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_str(&self.body)
    }
}

/// What a request amounts to. `K` is what the service keeps in mind until it stores.
#[derive(Clone, Debug)]
pub struct Decision<K = ()> {
    /// What must hold.
    pub expected_versions: Vec<ExpectedVersion>,
    /// What happens; nothing when things are as asked already.
    pub events: Vec<NewEvent>,
    /// What is answered.
    pub answer: CommandResponse,
    /// For the service's own part.
    pub state: K,
}

/// A request that is in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppendResult {
    /// The position of its last event, or the log's end where it had none.
    pub position: u64,
    /// What is answered.
    pub answer: CommandResponse,
    /// Whether the same command had been answered before.
    pub replayed: bool,
}

/// A request that is not in the log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SubmitError<R> {
    /// The service's own rules say no.
    #[error("refused")]
    Refused(R),
    /// A stream moved on since it was read: read again and decide again.
    #[error("stream {0} has moved on")]
    Conflict(String),
    /// The same command id came with another request.
    #[error("the command id was used for another request")]
    CommandReused,
    /// An event is larger than a message may be, or there are too many.
    #[error("the request makes events that are too large")]
    TooLarge,
    /// Too many requests wait already.
    #[error("the writer's queue is full")]
    Full,
    /// Nothing is appended until an operator has decided: the database may have lost what was acknowledged.
    #[error("the log takes no writes until an operator has repaired it")]
    Halted,
    /// The database does not answer. The request may or may not be in the log: repeat it with the same id.
    #[error("the log cannot be written now")]
    Unavailable,
    /// The database refused the data, or does not fit this program.
    #[error("the log refused the request")]
    Broken,
}

/// A service's part in a batch. What its methods read of the log, and of what only the log's writers change, holds until the
/// commit: the batch is not kept if another process has appended meanwhile. What else it relies on, `store` makes sure of.
pub trait CommandHandler: Send + Sync + 'static {
    /// What can be asked.
    type Request: Send + Sync + 'static;
    /// Why it is refused.
    type Error: Send + Sync + Clone + std::fmt::Debug + 'static;
    /// What is known of a request when it is decided, and needed when it is stored.
    type HandlerState: Send + Sync + 'static;

    /// The queries that were sent beforehand.
    type Queries: Send;

    /// Asks for what will be needed, so that it comes in one round trip with what the log needs. Repetitions are among the
    /// requests.
    fn ask(&self, tx: &mut Tx, requests: &[&Self::Request]) -> Self::Queries;

    /// Says what each request amounts to, in order.
    fn decide(
        &self,
        tx: &mut Tx,
        asked: Self::Queries,
        requests: &[&Self::Request],
    ) -> impl Future<Output = Result<Decisions<Self>, SqlError>> + Send;

    /// What the requests amount to as far as that can be told from memory, and with one question where nobody may learn by the
    /// time that it takes what the answer was; `None` when it cannot. Where the guess may be wrong, `store` says what must not be.
    fn guess(
        &self,
        _tx: &mut Tx,
        _requests: &[&Self::Request],
    ) -> impl Future<Output = Result<Option<Vec<Decision<Self::HandlerState>>>, SqlError>> + Send {
        async { Ok(None) }
    }

    /// What is answered to a repetition of a request that was decided before, from the event that it led to.
    fn repeat(
        &self,
        tx: &mut Tx,
        request: &Self::Request,
        repeated: &Repeated,
    ) -> impl Future<Output = Result<CommandResponse, SqlError>> + Send;

    /// Writes the service's own tables for the requests that are in. Where they were guessed, [`Tx::unless`] says what must not
    /// be: it is checked when they are written.
    fn store(
        &self,
        tx: &mut Tx,
        accepted: &[(&Self::Request, &Decision<Self::HandlerState>)],
        is_guessed: bool,
    ) -> impl Future<Output = Result<(), SqlError>> + Send;
}

/// A command that was decided before.
#[derive(Clone, Debug)]
pub struct Repeated {
    /// The position that was answered.
    pub position: u64,
    /// The last event of the command; `None` where the command found things as it asked.
    pub event: Option<RecordedEvent>,
}

/// What each request of a batch amounts to, or why it is refused, in order.
pub type Decisions<D> = Vec<Result<Decision<<D as CommandHandler>::HandlerState>, <D as CommandHandler>::Error>>;

pub(super) type Outcome<D> = Result<AppendResult, SubmitError<<D as CommandHandler>::Error>>;
