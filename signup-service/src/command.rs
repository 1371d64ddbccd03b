//! A command is one kind of request to the writer of the log: a type in the folder of its noun. Commands of one batch see each other's
//! decisions through the parts of the batch. Responses come from events, so a repetition gets the first response.

use std::any::Any;
use std::fmt::Debug;
use std::sync::Arc;

use contract::events::Contract;
use contract::events::signups::SignupsEvent;
use event_store::log::{CommandResponse, Decision, ExpectedVersion, NewEvent, Repeated};
use event_store::sql::SqlError;
use web::http::Problem;

use crate::batch::Batch;

/// One kind of request to the writer of the log, in the folder of its noun.
pub trait Command: Send + Sync + 'static {
    /// What the decision leaves for `store`.
    type State: Send + Sync + 'static;

    /// Whether the command may be decided by facts from memory.
    const CAN_BE_GUESSED: bool = false;

    /// Names the facts that the decision needs.
    fn needs(&self, _batch: &mut Batch) {}

    /// Decides, and tells the batch what later commands must know of it.
    fn decide(&self, batch: &mut Batch) -> Result<Decided<Self::State>, Refused>;

    /// The response, now and at every repetition: it comes from the event alone.
    fn respond(&self, outcome: &Outcome<'_>) -> Result<CommandResponse, serde_json::Error>;

    /// Adds to the batch what the service's own tables say from now on.
    fn store(&self, _state: &Self::State, _batch: &mut Batch) {}
}

/// What a command leads to.
#[derive(Debug)]
pub struct Decided<S> {
    /// Streams that must not have moved.
    pub expected_versions: Vec<ExpectedVersion>,
    /// What happens; nothing where things are as asked already.
    pub events: Vec<Happened>,
    /// The version of the last event's stream behind that event, where the response tells it.
    pub version: Option<u64>,
    pub state: S,
}

/// An event and its stream.
#[derive(Debug)]
pub struct Happened {
    stream: String,
    event: SignupsEvent,
    starts_stream: bool,
}

impl Happened {
    /// An event behind those that the stream may hold.
    pub fn within(stream: String, event: impl Into<SignupsEvent>) -> Self {
        Self { stream, event: event.into(), starts_stream: false }
    }

    /// The first event of a stream that nobody else can write: no version needs to be looked up.
    pub fn first_of(stream: String, event: impl Into<SignupsEvent>) -> Self {
        Self { stream, event: event.into(), starts_stream: true }
    }

    fn into_new(self) -> Result<NewEvent, SqlError> {
        let event = NewEvent::of(self.stream, &self.event).map_err(|_| unreadable("data"))?;
        Ok(if self.starts_stream { event.starting_its_stream() } else { event })
    }
}

/// What a command led to, now or when it was first decided.
#[derive(Debug)]
pub struct Outcome<'a> {
    /// The last event; `None` where the command found things as asked.
    pub event: Option<&'a SignupsEvent>,
    /// The version of that event in its stream; without an event, of what the command found. Unknown at a repetition without one.
    pub version: Option<u64>,
}

/// The error of a noun: why a command is not carried out.
pub trait DomainError: Any + Debug + Send + Sync {
    /// The error as API clients read it.
    fn problem(&self) -> Problem;
}

/// A refused command, whatever its noun.
#[derive(Clone, Debug)]
pub struct Refused(Arc<dyn DomainError>);

impl Refused {
    /// The error, if it is one of this noun.
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

/// What any decision leaves for when it is stored.
pub type State = Box<dyn Any + Send + Sync>;

/// A command of any kind, as the writer's queue holds it.
pub trait AnyCommand: Send + Sync {
    /// See [`Command::CAN_BE_GUESSED`].
    fn can_be_guessed(&self) -> bool;

    /// See [`Command::needs`].
    fn needs(&self, batch: &mut Batch);

    /// The decision with its events and response as they are written and sent.
    fn decide(&self, batch: &mut Batch) -> Result<Result<Decision<State>, Refused>, SqlError>;

    /// The response to a repetition.
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
