//! What each request amounts to, one file for each noun: the history is read, the domain decides, the answer is drawn up.
//! Runs inside the log's own transaction. Knows nothing of HTTP beyond the status of an answer.

pub mod agents;
pub mod api_tokens;
mod batch_context;
pub mod call_plans;
pub mod groups;
pub mod messages;
pub mod operators;
pub mod settings;
pub mod signup_keys;

use contract::events::Contract;
use contract::events::agents::AgentsEvent;
use event_store::log::{CommandHandler, CommandResponse, Decision, Decisions, RecordedEvent, Repeated};
use event_store::sql::{SqlError, Tx};
use web::http::IfMatch;

use crate::domain::{agent, api_token, call_plan, group, message, operator, signup_key};
use crate::passwords::PasswordHash;
use batch_context::{BatchContext, Decided, Outcome};

/// Everything that can be asked of this service.
#[derive(Clone)]
pub enum Request {
    Agent(Box<agents::Request>),
    CallPlan(call_plans::Request),
    Group(groups::Request),
    SignupKey(signup_keys::Request),
    Settings(settings::Request),
    Message(messages::Request),
    Operator(operators::Request),
    ApiToken(api_tokens::Request),
    /// One of these that holds only while what it is about is at one of these versions.
    Expecting(Vec<u64>, Box<Self>),
}

/// Why a request is refused.
#[derive(Clone, Debug, thiserror::Error)]
pub enum DomainError {
    #[error("it is at another version")]
    VersionMismatch,
    #[error("this login is taken")]
    LoginTaken,
    #[error("an event cannot be written")]
    Unwritable,
    #[error(transparent)]
    Agent(#[from] agent::DomainError),
    #[error(transparent)]
    CallPlan(#[from] call_plan::DomainError),
    #[error(transparent)]
    Group(#[from] group::DomainError),
    #[error(transparent)]
    SignupKey(#[from] signup_key::DomainError),
    #[error(transparent)]
    Message(#[from] message::DomainError),
    #[error(transparent)]
    Operator(#[from] operator::DomainError),
    #[error(transparent)]
    ApiToken(#[from] api_token::DomainError),
}

impl DomainError {
    /// The stable name of the reason.
    pub fn code(&self) -> &'static str {
        match self {
            Self::VersionMismatch => "version_mismatch",
            Self::LoginTaken => "login_taken",
            Self::Unwritable => "unwritable",
            Self::Agent(refusal) => refusal.code(),
            Self::CallPlan(refusal) => refusal.code(),
            Self::Group(refusal) => refusal.code(),
            Self::SignupKey(refusal) => refusal.code(),
            Self::Message(refusal) => refusal.code(),
            Self::Operator(refusal) => refusal.code(),
            Self::ApiToken(refusal) => refusal.code(),
        }
    }
}

impl From<crate::domain::settings::DomainError> for DomainError {
    fn from(never: crate::domain::settings::DomainError) -> Self {
        match never {}
    }
}

impl Request {
    /// The request, as far as `If-Match` lets it.
    #[must_use]
    pub fn expecting(self, if_match: IfMatch) -> Self {
        match if_match {
            IfMatch::OneOf(versions) => Self::Expecting(versions, Box::new(self)),
            IfMatch::Absent | IfMatch::Any => self,
        }
    }

    /// The password that it sets.
    pub fn password(&self) -> Option<&PasswordHash> {
        match self.bare() {
            Self::Agent(request) => request.password(),
            Self::Operator(request) => request.password(),
            _ => None,
        }
    }

    /// The request without what it expects.
    fn bare(&self) -> &Self {
        match self {
            Self::Expecting(_, request) => request.bare(),
            request => request,
        }
    }

    /// The streams that the request reads or writes.
    fn streams(&self) -> Vec<String> {
        match self {
            Self::Agent(request) => request.streams(),
            Self::CallPlan(request) => request.streams(),
            Self::Group(request) => request.streams(),
            Self::SignupKey(request) => request.streams(),
            Self::Settings(_) => vec![settings::STREAM.to_owned()],
            Self::Message(request) => request.streams(),
            Self::Operator(request) => request.streams(),
            Self::ApiToken(request) => request.streams(),
            Self::Expecting(_, request) => request.streams(),
        }
    }

    /// What the request amounts to.
    fn decide(&self, batch: &mut BatchContext) -> Result<Decision, DomainError> {
        let Decided { expected_versions, events, outcome } = match self {
            Self::Agent(request) => request.decide(batch),
            Self::CallPlan(request) => request.decide(batch),
            Self::Group(request) => request.decide(batch),
            Self::SignupKey(request) => request.decide(batch),
            Self::Settings(request) => request.decide(batch),
            Self::Message(request) => request.decide(batch),
            Self::Operator(request) => request.decide(batch),
            Self::ApiToken(request) => request.decide(batch),
            Self::Expecting(versions, request) => {
                batch.expected = Some(versions.clone());
                let decision = request.decide(batch);
                batch.expected = None;
                return decision;
            }
        }?;
        let answer = self.answer(batch, &outcome)?;
        Ok(Decision { expected_versions, events, answer, state: () })
    }

    /// What is answered, at first and to each repetition: by the state behind the command, and by what the command led to.
    fn answer(&self, batch: &BatchContext, outcome: &Outcome) -> Result<CommandResponse, DomainError> {
        let (status, body) = match self {
            Self::Agent(request) => request.answer(batch, outcome),
            Self::CallPlan(request) => request.answer(batch, outcome),
            Self::Group(request) => request.answer(batch, outcome),
            Self::SignupKey(request) => request.answer(batch, outcome),
            Self::Settings(_) => settings::answer(batch),
            Self::Message(request) => request.answer(outcome),
            Self::Operator(request) => request.answer(outcome),
            Self::ApiToken(request) => request.answer(outcome),
            Self::Expecting(_, request) => return request.answer(batch, outcome),
        };
        CommandResponse::new(status, &body).map_err(|_| DomainError::Unwritable)
    }
}

/// The agents service's part in a batch.
#[derive(Clone, Copy, Debug, Default)]
pub struct AgentsCommandHandler;

impl CommandHandler for AgentsCommandHandler {
    type Request = Request;
    type Error = DomainError;
    type HandlerState = ();
    type Queries = ();

    fn ask(&self, _: &mut Tx, _: &[&Request]) {}

    async fn decide(&self, tx: &mut Tx, (): (), requests: &[&Request]) -> Result<Decisions<Self>, SqlError> {
        let mut batch = BatchContext::load(tx, requests).await?;
        Ok(requests.iter().map(|request| request.decide(&mut batch)).collect())
    }

    async fn repeat(&self, tx: &mut Tx, request: &Request, repeated: &Repeated) -> Result<CommandResponse, SqlError> {
        let unreadable = || SqlError::Column { column: "data".to_owned() };
        let read = |event: &RecordedEvent| AgentsEvent::read(&event.type_name, &event.data).map_err(|_| unreadable());
        let last = repeated.event.as_ref().map(read).transpose()?.flatten();
        let own = || request.streams().into_iter().next().unwrap_or_default();
        let stream = repeated.event.as_ref().map_or_else(own, |event| event.stream.clone());
        let batch = BatchContext::at(tx, &stream, repeated.position).await?;
        request.answer(&batch, &Outcome { stream, last }).map_err(|_| unreadable())
    }

    async fn store(&self, tx: &mut Tx, accepted: &[(&Request, &Decision)], _: bool) -> Result<(), SqlError> {
        for (request, _) in accepted.iter().filter(|(_, decision)| !decision.events.is_empty()) {
            match request.bare() {
                Request::Agent(request) => request.store(tx).await?,
                Request::Message(request) => request.store(tx).await?,
                Request::Operator(request) => request.store(tx).await?,
                _ => {}
            }
        }
        Ok(())
    }
}
