//! What a batch of requests needs to know, read with a few statements, and kept up to date as the batch is decided: a
//! request sees what the ones before it in the same batch amount to. Should one of those fail, the versions that its
//! successors rely on do not hold, and they are decided again.

use std::collections::{BTreeSet, HashMap};

use contract::decider::Decider;
use contract::events::agents::AgentsEvent;
use event_store::log::{ExpectedVersion, LogError, NewEvent, histories};
use event_store::sql::{SqlError, Tx};
use uuid::Uuid;

use super::{DomainError, Request, agents, operators};
use crate::accounts::{self, Details};
use crate::logins::{self, LoginDigest};
use crate::projections::grants;

#[derive(Default)]
pub(super) struct BatchContext {
    histories: HashMap<String, Vec<AgentsEvent>>,
    /// Logins that are taken, among those that are asked for.
    pub(super) logins: BTreeSet<LoginDigest>,
    /// The operators who can sign in, where one of them may be disabled.
    pub(super) able_operators: BTreeSet<Uuid>,
    /// The details of those agents whose details change.
    pub(super) details: HashMap<Uuid, Details>,
    /// Live keys of those agents and call plans that are parted.
    pub(super) live_keys: HashMap<(Uuid, Uuid), u64>,
    /// One of these must be the version of what the request is about, which it decides on first.
    pub(super) expected: Option<Vec<u64>>,
}

impl BatchContext {
    pub(super) async fn load(tx: &mut Tx, requests: &[&Request]) -> Result<Self, SqlError> {
        let streams: BTreeSet<String> = requests.iter().flat_map(|request| request.streams()).collect();
        let mut logins = BTreeSet::new();
        let (mut details, mut live_keys) = (HashMap::new(), HashMap::new());
        let mut able_operators = BTreeSet::new();
        for request in requests {
            match request.bare() {
                Request::Agent(request) => match &**request {
                    agents::Request::Create { login_digest, .. } => {
                        logins.insert(*login_digest);
                    }
                    agents::Request::Change { agent_id, .. } => {
                        details.insert(*agent_id, accounts::details_in(tx, *agent_id).await?.unwrap_or_default());
                    }
                    agents::Request::Withdraw { agent_id, call_plan_ids, .. } => {
                        for call_plan_id in call_plan_ids {
                            let live = grants::live_keys(tx, *agent_id, *call_plan_id).await?;
                            live_keys.insert((*agent_id, *call_plan_id), live);
                        }
                    }
                    _ => {}
                },
                Request::Operator(operators::Request::Create { login_digest, .. }) => {
                    logins.insert(*login_digest);
                }
                Request::Operator(operators::Request::Disable { .. }) => {
                    able_operators = accounts::able_operators(tx).await?;
                }
                _ => {}
            }
        }
        Ok(Self {
            histories: histories(tx, streams, u64::MAX).await.map_err(unreadable)?,
            logins: logins::taken(tx, logins).await?,
            able_operators,
            details,
            live_keys,
            expected: None,
        })
    }

    /// One stream as it was at a position.
    pub(super) async fn at(tx: &mut Tx, stream: &str, position: u64) -> Result<Self, SqlError> {
        let histories = histories(tx, [stream.to_owned()], position).await.map_err(unreadable)?;
        Ok(Self { histories, ..Self::default() })
    }

    /// The state of a stream and its version, as far as the batch has come.
    pub(super) fn state<D: Decider<State = D, Event = AgentsEvent>>(&self, stream: &str) -> (D, u64) {
        let history = self.histories.get(stream).map(Vec::as_slice).unwrap_or_default();
        (D::fold(history), u64::try_from(history.len()).unwrap_or(u64::MAX))
    }

    /// That a stream is at the version that the batch sees.
    pub(super) fn expected_version(&self, stream: &str) -> ExpectedVersion {
        let version = self.histories.get(stream).map_or(0, Vec::len);
        ExpectedVersion { stream: stream.to_owned(), version: u64::try_from(version).unwrap_or(u64::MAX) }
    }

    /// Decides a command on a stream.
    pub(super) fn decide<D>(
        &mut self,
        stream: &str,
        expected: Option<u64>,
        command: D::Command,
    ) -> Result<Decided, DomainError>
    where
        D: Decider<State = D, Event = AgentsEvent>,
        D::Error: Into<DomainError>,
    {
        let (state, version) = self.state::<D>(stream);
        let decided = D::decide(&state, command);
        let expected = expected.map(|expected| vec![expected]).or_else(|| self.expected.take());
        if expected.is_some_and(|expected| !expected.contains(&version)) {
            // What does not exist has no version: then the domain's own word counts.
            return Err(decided.err().filter(|_| version == 0).map_or(DomainError::VersionMismatch, Into::into));
        }
        let events = decided.map_err(Into::into)?;
        let expected_versions = vec![self.expected_version(stream)];
        let new = events.iter().map(|event| NewEvent::of(stream, event)).collect::<Result<_, _>>();
        let outcome = Outcome { stream: stream.to_owned(), last: events.last().cloned() };
        self.histories.entry(stream.to_owned()).or_default().extend(events);
        Ok(Decided { expected_versions, events: new.map_err(|_| DomainError::Unwritable)?, outcome })
    }
}

/// What a request amounts to, but for the answer.
pub(super) struct Decided {
    pub(super) expected_versions: Vec<ExpectedVersion>,
    pub(super) events: Vec<NewEvent>,
    pub(super) outcome: Outcome,
}

/// What the answer to a request is made from, beside the state of the stream.
pub(super) struct Outcome {
    /// The stream that the request was decided on.
    pub(super) stream: String,
    /// The last event that it led to.
    pub(super) last: Option<AgentsEvent>,
}

impl Outcome {
    /// The id in the stream's name.
    pub(super) fn id(&self) -> &str {
        self.stream.split_once('-').map_or("", |(_, id)| id)
    }
}

/// An event that this program cannot read was written by a newer one, which then should answer instead.
fn unreadable(error: LogError) -> SqlError {
    if let LogError::Sql(error) = error { error } else { SqlError::Column { column: "data".to_owned() } }
}
