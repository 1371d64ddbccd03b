//! What a batch of requests needs to know, read with a few statements, and kept up to date as the batch is drafted: a
//! request sees what the ones before it in the same batch amount to. Should one of those fail, the versions that its
//! successors rely on do not hold, and they are decided again.

use std::collections::{BTreeSet, HashMap};

use serde::Serialize;
use shared::decider::Decider;
use shared::events::agents::AgentsEvent;
use shared::log::{Answer, Condition, Draft, LogError, NewEvent, histories};
use shared::sql::{SqlError, Tx};
use uuid::Uuid;

use super::{Refusal, Request, agents, operators};
use crate::accounts::{self, Details};
use crate::domain::text::folded;
use crate::views::grants;

pub(super) struct Sheet {
    histories: HashMap<String, Vec<AgentsEvent>>,
    /// Folded logins that are taken, among those that are asked for.
    pub(super) agent_logins: BTreeSet<String>,
    pub(super) operator_logins: BTreeSet<String>,
    /// The details of those agents whose details change.
    pub(super) details: HashMap<Uuid, Details>,
    /// Live keys of those agents and call plans that are parted.
    pub(super) live_keys: HashMap<(Uuid, Uuid), u64>,
}

impl Sheet {
    pub(super) async fn load(tx: &mut Tx, requests: &[&Request]) -> Result<Self, SqlError> {
        let streams: BTreeSet<String> = requests.iter().flat_map(|request| request.streams()).collect();
        let (mut agent_logins, mut operator_logins) = (BTreeSet::new(), BTreeSet::new());
        let (mut details, mut live_keys) = (HashMap::new(), HashMap::new());
        for request in requests {
            match request {
                Request::Agent(request) => match &**request {
                    agents::Request::Create { details, .. } => {
                        agent_logins.insert(folded(&details.login));
                    }
                    agents::Request::Change { agent_id, .. } => {
                        details.insert(*agent_id, accounts::details_in(tx, *agent_id).await?.unwrap_or_default());
                    }
                    agents::Request::Withdraw { agent_id, call_plan_id } => {
                        let live = grants::live_keys(tx, *agent_id, *call_plan_id).await?;
                        live_keys.insert((*agent_id, *call_plan_id), live);
                    }
                    _ => {}
                },
                Request::Operator(operators::Request::Create { login, .. }) => {
                    operator_logins.insert(folded(login));
                }
                _ => {}
            }
        }
        Ok(Self {
            histories: histories(tx, streams).await.map_err(unreadable)?,
            agent_logins: accounts::agent_logins(tx, agent_logins).await?,
            operator_logins: accounts::operator_logins(tx, operator_logins).await?,
            details,
            live_keys,
        })
    }

    /// The state of a stream and its version, as far as the batch has come.
    pub(super) fn state<D: Decider<State = D, Event = AgentsEvent>>(&self, stream: &str) -> (D, u64) {
        let history = self.histories.get(stream).map(Vec::as_slice).unwrap_or_default();
        (D::fold(history), u64::try_from(history.len()).unwrap_or(u64::MAX))
    }

    /// That a stream is at the version that the batch sees.
    pub(super) fn condition(&self, stream: &str) -> Condition {
        let version = self.histories.get(stream).map_or(0, Vec::len);
        Condition { stream: stream.to_owned(), version: u64::try_from(version).unwrap_or(u64::MAX) }
    }

    /// Decides a command on a stream and draws up the answer from the state behind it.
    pub(super) fn decide<D, A>(
        &mut self,
        stream: &str,
        expected: Option<u64>,
        command: D::Command,
        answer: impl FnOnce(D, u64) -> (u16, A),
    ) -> Result<Draft, Refusal>
    where
        D: Decider<State = D, Event = AgentsEvent>,
        D::Refusal: Into<Refusal>,
        A: Serialize,
    {
        let (state, version) = self.state::<D>(stream);
        let decided = D::decide(&state, command);
        if expected.is_some_and(|expected| expected != version) {
            // What does not exist has no version: then the domain's own word counts.
            return Err(decided.err().filter(|_| version == 0).map_or(Refusal::VersionMismatch, Into::into));
        }
        let events = decided.map_err(Into::into)?;
        let state = events.iter().fold(state, D::evolve);
        let conditions = vec![self.condition(stream)];
        let new = events.iter().map(|event| NewEvent::of(stream, event)).collect::<Result<_, _>>();
        let version = version + u64::try_from(events.len()).unwrap_or(0);
        let (status, body) = answer(state, version);
        let answer = Answer::new(status, &body).map_err(|_| Refusal::Unwritable)?;
        let draft = Draft { conditions, events: new.map_err(|_| Refusal::Unwritable)?, answer, kept: () };
        self.histories.entry(stream.to_owned()).or_default().extend(events);
        Ok(draft)
    }
}

/// An event that this program cannot read was written by a newer one, which then should answer instead.
fn unreadable(error: LogError) -> SqlError {
    if let LogError::Sql(error) = error { error } else { SqlError::Column { column: "data".to_owned() } }
}
