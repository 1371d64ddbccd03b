//! Requests about signup keys.

use contract::key::Key;
use serde_json::{Value as Json, json};

use super::batch_context::{BatchContext, Decided, Outcome};
use super::{DomainError, agents, call_plans, groups};
use crate::domain::agent::Agent;
use crate::domain::call_plan::CallPlan;
use crate::domain::group::Group;
use crate::domain::signup_key::{Add, Choice, Command, Facts, SignupKey};
use crate::projections;

/// What can be asked about a key. The facts around it are read when it is decided.
#[derive(Clone)]
pub enum Request {
    Add { key: Key, choice: Choice },
    Pause { key: String, reason: Option<String> },
    Resume { key: String, reason: Option<String> },
    Revoke { key: String, reason: Option<String> },
}

/// The stream of a key.
pub fn stream(key: &str) -> String {
    format!("key-{key}")
}

/// The stream of the key that the same text would mean in its other reading, if there is one.
fn other_reading(key: &Key) -> Option<String> {
    let other = contract::key::candidates(key.as_str()).into_iter().find(|candidate| candidate != key);
    other.map(|other| stream(other.as_str()))
}

impl Request {
    fn key(&self) -> &str {
        match self {
            Self::Add { key, .. } => key.as_str(),
            Self::Pause { key, .. } | Self::Resume { key, .. } | Self::Revoke { key, .. } => key,
        }
    }

    pub(super) fn streams(&self) -> Vec<String> {
        let mut streams = vec![stream(self.key())];
        if let Self::Add { key, choice } = self {
            streams.extend(around(choice));
            streams.extend(other_reading(key));
        }
        streams
    }

    pub(super) fn decide(&self, batch: &mut BatchContext) -> Result<Decided, DomainError> {
        let (expected_versions, command) = match self {
            Self::Add { key, choice } => {
                let mut expected_versions: Vec<_> =
                    around(choice).iter().map(|stream| batch.expected_version(stream)).collect();
                expected_versions.extend(other_reading(key).map(|stream| batch.expected_version(&stream)));
                let add = Add { key: key.clone(), choice: choice.clone(), facts: facts(batch, key, choice) };
                (expected_versions, Command::Add(Box::new(add)))
            }
            Self::Pause { reason, .. } => (Vec::new(), Command::Pause { reason: reason.clone() }),
            Self::Resume { reason, .. } => (Vec::new(), Command::Resume { reason: reason.clone() }),
            Self::Revoke { reason, .. } => (Vec::new(), Command::Revoke { reason: reason.clone() }),
        };
        let mut decided = batch.decide::<SignupKey>(&stream(self.key()), None, command)?;
        decided.expected_versions.extend(expected_versions);
        Ok(decided)
    }

    pub(super) fn answer(&self, batch: &BatchContext, outcome: &Outcome) -> (u16, Json) {
        let (key, version) = batch.state::<SignupKey>(&outcome.stream);
        let status = if matches!(self, Self::Add { .. }) { 201 } else { 200 };
        (status, json!(projections::signup_keys::SignupKey::of(&key, version)))
    }
}

/// The streams that a new key is judged by.
fn around(choice: &Choice) -> [String; 3] {
    [agents::stream(choice.agent_id), call_plans::stream(choice.call_plan_id), groups::stream(choice.group_id)]
}

fn facts(batch: &BatchContext, key: &Key, choice: &Choice) -> Facts {
    let [agent, call_plan, group] = around(choice);
    let (agent, _) = batch.state::<Agent>(&agent);
    let (call_plan, _) = batch.state::<CallPlan>(&call_plan);
    let (group, _) = batch.state::<Group>(&group);
    let other = other_reading(key);
    Facts {
        agent: agent.state(),
        call_plan: call_plan.state(),
        granted: agent.may_sell(choice.call_plan_id),
        group: group.owner(),
        other_reading_taken: other.is_some_and(|stream| batch.expected_version(&stream).version > 0),
    }
}
