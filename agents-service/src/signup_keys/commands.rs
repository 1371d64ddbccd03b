//! Commands about signup keys. The facts around a new key are read when the command is decided.

use contract::key::{Key, candidates};

use crate::agents::model::Agent;
use crate::batch::{BatchContext, Decided, Outcome};
use crate::call_plans::model::CallPlan;
use crate::command::{Command, Reply};
use crate::domain_error::DomainError;
use crate::groups::model::Group;
use crate::signup_keys::model::{Add, Choice, Facts, SignupKey, SignupKeyCommand, stream};
use crate::signup_keys::snapshot::SignupKeySnapshot;
use crate::{agents, call_plans, groups};

/// The key after the command.
fn snapshot(batch: &BatchContext, outcome: &Outcome) -> Option<SignupKeySnapshot> {
    SignupKeySnapshot::of(&batch.state::<SignupKey>(&outcome.stream), batch.version(&outcome.stream))
}

pub struct AddSignupKey {
    pub key: Key,
    pub choice: Choice,
}

impl AddSignupKey {
    /// The stream of the key that the same text would mean in its other reading, if there is one.
    fn other_reading(&self) -> Option<String> {
        let other = candidates(self.key.as_str()).into_iter().find(|candidate| *candidate != self.key);
        other.map(|other| stream(other.as_str()))
    }

    fn facts(&self, batch: &BatchContext) -> Facts {
        let agent = batch.state::<Agent>(&agents::model::stream(self.choice.agent_id));
        let call_plan = batch.state::<CallPlan>(&call_plans::model::stream(self.choice.call_plan_id));
        let group = batch.state::<Group>(&groups::model::stream(self.choice.group_id));
        Facts {
            agent: agent.state(),
            call_plan: call_plan.state(),
            granted: agent.may_sell(self.choice.call_plan_id),
            group: group.owner(),
            other_reading_taken: self.other_reading().is_some_and(|stream| batch.version(&stream) > 0),
        }
    }
}

impl Command for AddSignupKey {
    fn stream(&self) -> String {
        stream(self.key.as_str())
    }

    fn reads(&self) -> Vec<String> {
        let Choice { agent_id, call_plan_id, group_id, .. } = self.choice;
        let around =
            [agents::model::stream(agent_id), call_plans::model::stream(call_plan_id), groups::model::stream(group_id)];
        around.into_iter().chain(self.other_reading()).collect()
    }

    fn decide(&self, batch: &mut BatchContext) -> Result<Decided, DomainError> {
        let add = Add { key: self.key.clone(), choice: self.choice.clone(), facts: self.facts(batch) };
        batch.decide::<SignupKey>(&self.stream(), SignupKeyCommand::Add(Box::new(add)))
    }

    fn respond(&self, batch: &BatchContext, outcome: &Outcome) -> Reply {
        Reply::created(snapshot(batch, outcome))
    }
}

pub struct PauseSignupKey {
    pub key: String,
    pub reason: Option<String>,
}

impl Command for PauseSignupKey {
    fn stream(&self) -> String {
        stream(&self.key)
    }

    fn decide(&self, batch: &mut BatchContext) -> Result<Decided, DomainError> {
        batch.decide::<SignupKey>(&self.stream(), SignupKeyCommand::Pause { reason: self.reason.clone() })
    }

    fn respond(&self, batch: &BatchContext, outcome: &Outcome) -> Reply {
        Reply::ok(snapshot(batch, outcome))
    }
}

pub struct ResumeSignupKey {
    pub key: String,
    pub reason: Option<String>,
}

impl Command for ResumeSignupKey {
    fn stream(&self) -> String {
        stream(&self.key)
    }

    fn decide(&self, batch: &mut BatchContext) -> Result<Decided, DomainError> {
        batch.decide::<SignupKey>(&self.stream(), SignupKeyCommand::Resume { reason: self.reason.clone() })
    }

    fn respond(&self, batch: &BatchContext, outcome: &Outcome) -> Reply {
        Reply::ok(snapshot(batch, outcome))
    }
}

pub struct RevokeSignupKey {
    pub key: String,
    pub reason: Option<String>,
}

impl Command for RevokeSignupKey {
    fn stream(&self) -> String {
        stream(&self.key)
    }

    fn decide(&self, batch: &mut BatchContext) -> Result<Decided, DomainError> {
        batch.decide::<SignupKey>(&self.stream(), SignupKeyCommand::Revoke { reason: self.reason.clone() })
    }

    fn respond(&self, batch: &BatchContext, outcome: &Outcome) -> Reply {
        Reply::ok(snapshot(batch, outcome))
    }
}
