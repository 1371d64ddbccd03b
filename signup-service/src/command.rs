//! A command is one kind of request to the log's writer: a type in the folder of its noun. Commands of one batch see
//! each other's decisions through the parts of the batch. Responses come from events, so a repeated command gets the
//! first response.

use std::any::Any;
use std::fmt::Debug;
use std::sync::Arc;

use contract::events::Contract;
use contract::events::signups::SignupsEvent;
use event_store::log::{CommandResponse, Decision, ExpectedVersion, NewEvent, Repeated};
use event_store::sql::SqlError;
use web::http::Problem;

use crate::batch::Batch;

pub trait Command: Send + Sync + 'static {
    /// What `decide` hands to `store`.
    type State: Send + Sync + 'static;

    /// Whether the command may be decided from cached facts.
    const CAN_BE_GUESSED: bool = false;

    /// Names the facts that the decision needs.
    fn needs(&self, _batch: &mut Batch) {}

    /// Decides, and records in the batch what later commands must know of the decision.
    fn decide(&self, batch: &mut Batch) -> Result<Decided<Self::State>, Refused>;

    /// The response, now and at every repetition: it depends on the event alone.
    fn respond(&self, outcome: &Outcome<'_>) -> Result<CommandResponse, serde_json::Error>;

    /// Adds the rows of the service's own tables to the batch.
    fn store(&self, _state: &Self::State, _batch: &mut Batch) {}
}

#[derive(Debug)]
pub struct Decided<S> {
    /// Streams that must still be at these versions.
    pub expected_versions: Vec<ExpectedVersion>,
    /// The events; empty where nothing changes.
    pub events: Vec<Happened>,
    /// The stream's version after the last event, where the response states it.
    pub version: Option<u64>,
    pub state: S,
}

#[derive(Debug)]
pub struct Happened {
    stream: String,
    event: SignupsEvent,
    starts_stream: bool,
}

impl Happened {
    /// An event that may follow others in its stream.
    pub fn within(stream: String, event: impl Into<SignupsEvent>) -> Self {
        Self { stream, event: event.into(), starts_stream: false }
    }

    /// The first event of a stream that no other command writes, so no version has to be checked.
    pub fn first_of(stream: String, event: impl Into<SignupsEvent>) -> Self {
        Self { stream, event: event.into(), starts_stream: true }
    }

    fn into_new(self) -> Result<NewEvent, SqlError> {
        let event = NewEvent::of(self.stream, &self.event).map_err(|_| unreadable("data"))?;
        Ok(if self.starts_stream { event.starting_its_stream() } else { event })
    }
}

/// The outcome of a command, now or when it was first decided.
#[derive(Debug)]
pub struct Outcome<'a> {
    /// The last event; `None` where the command changed nothing.
    pub event: Option<&'a SignupsEvent>,
    /// The stream's version after the event, or the version that was found where there is no event. Unknown when a
    /// command without an event is repeated.
    pub version: Option<u64>,
}

/// Why a command is refused; each noun has its own type.
pub trait DomainError: Any + Debug + Send + Sync {
    /// The error for API clients.
    fn problem(&self) -> Problem;
}

/// A refused command of any noun.
#[derive(Clone, Debug)]
pub struct Refused(Arc<dyn DomainError>);

impl Refused {
    /// The error, if it is of type `E`.
    pub fn error<E: DomainError>(&self) -> Option<&E> {
        let error: &dyn Any = &*self.0;
        error.downcast_ref()
    }
}

impl<E: DomainError> From<E> for Refused {
    fn from(error: E) -> Self {
        Self(Arc::new(error))
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        refused.0.problem()
    }
}

pub type State = Box<dyn Any + Send + Sync>;

/// A command of any type, as the writer's queue holds it.
pub trait AnyCommand: Send + Sync {
    /// See [`Command::CAN_BE_GUESSED`].
    fn can_be_guessed(&self) -> bool;

    /// See [`Command::needs`].
    fn needs(&self, batch: &mut Batch);

    /// Decides and serialises the events and the response.
    fn decide(&self, batch: &mut Batch) -> Result<Result<Decision<State>, Refused>, SqlError>;

    fn repeat(&self, repeated: &Repeated) -> Result<CommandResponse, SqlError>;

    /// See [`Command::store`]; the state is that of this command's decision.
    fn store(&self, state: &State, batch: &mut Batch);
}

impl<C: Command> AnyCommand for C {
    fn can_be_guessed(&self) -> bool {
        C::CAN_BE_GUESSED
    }

    fn needs(&self, batch: &mut Batch) {
        Command::needs(self, batch);
    }

    fn decide(&self, batch: &mut Batch) -> Result<Result<Decision<State>, Refused>, SqlError> {
        let Decided { expected_versions, events, version, state } = match Command::decide(self, batch) {
            Ok(decided) => decided,
            Err(refused) => return Ok(Err(refused)),
        };
        let outcome = Outcome { event: events.last().map(|last| &last.event), version };
        let answer = self.respond(&outcome).map_err(|_| unreadable("answer"))?;
        let events = events.into_iter().map(Happened::into_new).collect::<Result<_, _>>()?;
        Ok(Ok(Decision { expected_versions, events, answer, state: Box::new(state) }))
    }

    fn repeat(&self, repeated: &Repeated) -> Result<CommandResponse, SqlError> {
        let recorded = repeated.event.as_ref();
        let event = recorded.map(|event| SignupsEvent::read(&event.type_name, &event.data)).transpose();
        let event = event.map_err(|_| unreadable("data"))?.flatten();
        let outcome = Outcome { event: event.as_ref(), version: recorded.map(|event| event.version) };
        self.respond(&outcome).map_err(|_| unreadable("answer"))
    }

    fn store(&self, state: &State, batch: &mut Batch) {
        if let Some(state) = state.downcast_ref() {
            Command::store(self, state, batch);
        }
    }
}

fn unreadable(column: &str) -> SqlError {
    SqlError::Column { column: column.to_owned() }
}
