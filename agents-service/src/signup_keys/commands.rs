//! Commands about signup keys. The facts around a new key are read when the command is decided.

use contract::events::signup_keys::SignupKeyAdded;
use contract::key::candidates;

use crate::agents::model::Agent;
use crate::batch::{BatchContext, Decided, Outcome};
use crate::call_plans::model::CallPlan;
use crate::command::{Command, Reply, SimpleCommand};
use crate::domain_error::DomainError;
use crate::groups::model::Group;
use crate::signup_keys::model::{Add, Change, Facts, SignupKey, SignupKeyCommand, stream};
use crate::signup_keys::snapshot::SignupKeySnapshot;
use crate::{agents, call_plans, groups};

pub struct AddSignupKey(pub SignupKeyAdded);

impl AddSignupKey {
    /// The stream of the key that the same text would mean in its other reading, if there is one.
    fn other_reading(&self) -> Option<String> {
        let other = candidates(&self.0.key).into_iter().find(|candidate| candidate.as_str() != self.0.key);
        other.map(|other| stream(other.as_str()))
    }

    fn facts(&self, batch: &BatchContext) -> Facts {
        let agent = batch.state::<Agent>(&agents::model::stream(self.0.agent_id));
        let call_plan = batch.state::<CallPlan>(&call_plans::model::stream(self.0.call_plan_id));
        let group = batch.state::<Group>(&groups::model::stream(self.0.group_id));
        Facts {
            agent: agent.state(),
            call_plan: call_plan.state(),
            granted: agent.may_sell(self.0.call_plan_id),
            group: group.owner(),
            other_reading_taken: self.other_reading().is_some_and(|stream| batch.version(&stream) > 0),
        }
    }
}

impl Command for AddSignupKey {
    fn stream(&self) -> String {
        stream(&self.0.key)
    }

    fn reads(&self) -> Vec<String> {
        let SignupKeyAdded { agent_id, call_plan_id, group_id, .. } = self.0;
        let around =
            [agents::model::stream(agent_id), call_plans::model::stream(call_plan_id), groups::model::stream(group_id)];
        around.into_iter().chain(self.other_reading()).collect()
    }

    fn decide(&self, batch: &mut BatchContext) -> Result<Decided, DomainError> {
        let add = Add { added: self.0.clone(), facts: self.facts(batch) };
        batch.decide::<SignupKey>(&self.stream(), SignupKeyCommand::Add(Box::new(add)))
    }

    fn respond(&self, batch: &BatchContext, outcome: &Outcome) -> Reply {
        Reply::created(batch.snapshot(outcome, SignupKeySnapshot::of))
    }
}

pub fn pause(key: &str, reason: Option<String>) -> SimpleCommand<SignupKey> {
    on(key, SignupKeyCommand::Pause { reason })
}

pub fn resume(key: &str, reason: Option<String>) -> SimpleCommand<SignupKey> {
    on(key, SignupKeyCommand::Resume { reason })
}

pub fn revoke(key: &str, reason: Option<String>) -> SimpleCommand<SignupKey> {
    on(key, SignupKeyCommand::Revoke { reason })
}

/// Changes what a key is, within its agent, call plan and group.
pub fn change(key: &str, change: Change) -> SimpleCommand<SignupKey> {
    on(key, SignupKeyCommand::Change(change))
}

fn on(key: &str, command: SignupKeyCommand) -> SimpleCommand<SignupKey> {
    let changed = |batch: &BatchContext, outcome: &Outcome| Reply::ok(batch.snapshot(outcome, SignupKeySnapshot::of));
    SimpleCommand::new(stream(key), command, changed)
}
