//! What each request amounts to, one file for each noun: the history is read, the domain decides, the answer is drawn up.
//! Runs inside the log's own transaction. Knows nothing of HTTP beyond the status of an answer.

pub mod agents;
pub mod api_tokens;
pub mod call_plans;
pub mod groups;
pub mod messages;
pub mod operators;
pub mod settings;
mod sheet;
pub mod signup_keys;

use shared::log::{Desk, Draft, Drafts};
use shared::sql::{SqlError, Tx};

use crate::domain::{agent, api_token, call_plan, group, message, operator, signup_key};
use sheet::Sheet;

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
}

/// Why a request is refused.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Refusal {
    #[error("it is at another version")]
    VersionMismatch,
    #[error("this login is taken")]
    LoginTaken,
    #[error("an event cannot be written")]
    Unwritable,
    #[error(transparent)]
    Agent(#[from] agent::Refusal),
    #[error(transparent)]
    CallPlan(#[from] call_plan::Refusal),
    #[error(transparent)]
    Group(#[from] group::Refusal),
    #[error(transparent)]
    SignupKey(#[from] signup_key::Refusal),
    #[error(transparent)]
    Message(#[from] message::Refusal),
    #[error(transparent)]
    Operator(#[from] operator::Refusal),
    #[error(transparent)]
    ApiToken(#[from] api_token::Refusal),
}

impl Refusal {
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

impl From<crate::domain::settings::Refusal> for Refusal {
    fn from(never: crate::domain::settings::Refusal) -> Self {
        match never {}
    }
}

impl Request {
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
        }
    }

    fn draft(&self, sheet: &mut Sheet) -> Result<Draft, Refusal> {
        match self {
            Self::Agent(request) => request.draft(sheet),
            Self::CallPlan(request) => request.draft(sheet),
            Self::Group(request) => request.draft(sheet),
            Self::SignupKey(request) => request.draft(sheet),
            Self::Settings(request) => request.draft(sheet),
            Self::Message(request) => request.draft(sheet),
            Self::Operator(request) => request.draft(sheet),
            Self::ApiToken(request) => request.draft(sheet),
        }
    }
}

/// The agents service's part in a batch.
#[derive(Clone, Copy, Debug, Default)]
pub struct AgentsDesk;

impl Desk for AgentsDesk {
    type Request = Request;
    type Refusal = Refusal;
    type Kept = ();
    type Asked = ();

    fn ask(&self, _: &mut Tx, _: &[&Request]) {}

    async fn draft(&self, tx: &mut Tx, (): (), requests: &[&Request]) -> Result<Drafts<Self>, SqlError> {
        let mut sheet = Sheet::load(tx, requests).await?;
        Ok(requests.iter().map(|request| request.draft(&mut sheet)).collect())
    }

    async fn store(&self, tx: &mut Tx, accepted: &[(&Request, &Draft)]) -> Result<(), SqlError> {
        for (request, _) in accepted.iter().filter(|(_, draft)| !draft.events.is_empty()) {
            match request {
                Request::Agent(request) => request.store(tx).await?,
                Request::Message(request) => request.store(tx),
                Request::Operator(request) => request.store(tx).await?,
                _ => {}
            }
        }
        Ok(())
    }
}
