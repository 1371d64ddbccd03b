use std::collections::{BTreeMap, BTreeSet};

use contract::clock::Moment;
use contract::events::agents::{AgentCreated, AgentTerms};
use event_store::sql::{SqlError, Tx};
use futures::future::BoxFuture;
use uuid::Uuid;

use crate::agents;
use crate::agents::accounts::{Details, DetailsChange};
use crate::agents::model::{Agent, AgentCommand, Change, stream};
use crate::agents::snapshot::AgentSnapshot;
use crate::agents::terms_change::TermsChange;
use crate::auth::logins::{self, LoginDigest, TakenLogins, login_taken};
use crate::auth::passwords::PasswordHash;
use crate::batch::{BatchContext, Decided, Outcome};
use crate::call_plans;
use crate::call_plans::model::{CallPlan, CallPlanState};
use crate::command::{Command, Reply, SimpleCommand};
use crate::domain_error::DomainError;
use crate::facts::{Fact, Known, Needs};

/// The personal details of agents, by their ids.
pub struct KnownDetails;

impl Fact for KnownDetails {
    type Key = Uuid;
    type Value = Details;

    fn load(tx: &mut Tx, agent_ids: BTreeSet<Uuid>, _: Moment) -> BoxFuture<'_, Result<Known<Self>, SqlError>> {
        Box::pin(async move {
            let mut known = BTreeMap::new();
            for agent_id in agent_ids {
                known.insert(agent_id, agents::accounts::details_in(tx, agent_id).await?.unwrap_or_default());
            }
            Ok(known)
        })
    }
}

/// The response with the agent after the command.
pub fn changed(batch: &BatchContext, outcome: &Outcome) -> Reply {
    Reply::ok(batch.snapshot(outcome, AgentSnapshot::of))
}

pub struct CreateAgent {
    pub agent_id: Uuid,
    pub terms: AgentTerms,
    pub details: Details,
    pub login_digest: LoginDigest,
    pub password: PasswordHash,
    pub call_plans: FirstCallPlans,
}

/// The call plans that a new agent may sell from the start.
#[derive(Clone, Debug)]
pub enum FirstCallPlans {
    /// Those of the settings; one that is not on offer is left out.
    Default(Vec<Uuid>),
    /// Those of the request; each must be on offer.
    Given(Vec<Uuid>),
}

impl FirstCallPlans {
    fn ids(&self) -> &[Uuid] {
        match self {
            Self::Default(ids) | Self::Given(ids) => ids,
        }
    }

    /// Those that can be granted now.
    fn offered(&self, batch: &BatchContext) -> Result<Vec<Uuid>, DomainError> {
        let is_offered =
            |id: &Uuid| batch.state::<CallPlan>(&call_plans::model::stream(*id)).state() == CallPlanState::Offered;
        let offered: Vec<Uuid> = self.ids().iter().copied().filter(is_offered).collect();
        match self {
            Self::Given(ids) if offered.len() < ids.len() => {
                Err(DomainError::invalid_field("call_plan_ids", "not_offered", "must be call plans on offer"))
            }
            _ => Ok(offered),
        }
    }
}

impl Command for CreateAgent {
    fn stream(&self) -> String {
        stream(self.agent_id)
    }

    fn reads(&self) -> Vec<String> {
        self.call_plans.ids().iter().map(|id| call_plans::model::stream(*id)).collect()
    }

    fn needs(&self, needs: &mut Needs) {
        needs.fact::<TakenLogins>(self.login_digest);
    }

    fn decide(&self, batch: &mut BatchContext) -> Result<Decided, DomainError> {
        if batch.fact::<TakenLogins>(&self.login_digest).is_some() {
            return Err(login_taken());
        }
        let (terms, login_digest) = (self.terms.clone(), logins::to_text(self.login_digest));
        let call_plan_ids = self.call_plans.offered(batch)?;
        let created = AgentCreated { agent_id: self.agent_id, terms, login_digest };
        let create = AgentCommand::Create { created, call_plan_ids };
        let decided = batch.decide::<Agent>(&self.stream(), create)?;
        batch.set_fact::<TakenLogins>(self.login_digest, ());
        Ok(decided)
    }

    fn respond(&self, batch: &BatchContext, outcome: &Outcome) -> Reply {
        Reply::created(batch.snapshot(outcome, AgentSnapshot::of))
    }

    fn store<'a>(&'a self, tx: &'a mut Tx) -> BoxFuture<'a, Result<(), SqlError>> {
        let added = agents::accounts::add_agent(tx, self.agent_id, &self.details, &self.password);
        Box::pin(async { added })
    }

    fn password(&self) -> Option<&PasswordHash> {
        Some(&self.password)
    }
}

/// Changes an agent's terms, details or password; what is absent stays.
pub struct ChangeAgent {
    pub agent_id: Uuid,
    pub terms: TermsChange,
    pub details: DetailsChange,
    pub password: Option<PasswordHash>,
}

impl Command for ChangeAgent {
    fn stream(&self) -> String {
        stream(self.agent_id)
    }

    fn needs(&self, needs: &mut Needs) {
        needs.fact::<KnownDetails>(self.agent_id);
    }

    fn decide(&self, batch: &mut BatchContext) -> Result<Decided, DomainError> {
        let mut known = batch.fact::<KnownDetails>(&self.agent_id).cloned().unwrap_or_default();
        let contact_fields = known.change(&self.details);
        let change = Change { terms: self.terms.clone(), contact_fields, password: self.password.is_some() };
        let decided = batch.decide::<Agent>(&self.stream(), AgentCommand::Change(change))?;
        // Set last: later commands of the batch must not see a refused change.
        batch.set_fact::<KnownDetails>(self.agent_id, known);
        Ok(decided)
    }

    fn respond(&self, batch: &BatchContext, outcome: &Outcome) -> Reply {
        changed(batch, outcome)
    }

    fn store<'a>(&'a self, tx: &'a mut Tx) -> BoxFuture<'a, Result<(), SqlError>> {
        Box::pin(agents::accounts::change_agent(tx, self.agent_id, &self.details, self.password.as_ref()))
    }

    fn password(&self) -> Option<&PasswordHash> {
        self.password.as_ref()
    }
}

/// Suspends an agent; their sessions end.
pub fn suspend(agent_id: Uuid, reason: Option<String>) -> SimpleCommand<Agent> {
    ending_sessions(agent_id, AgentCommand::Suspend { reason })
}

/// Ends a suspension. Sessions end here too: one may have begun before the projection showed the suspension.
pub fn reinstate(agent_id: Uuid, reason: Option<String>) -> SimpleCommand<Agent> {
    ending_sessions(agent_id, AgentCommand::Reinstate { reason })
}

pub fn close(agent_id: Uuid, reason: Option<String>) -> SimpleCommand<Agent> {
    ending_sessions(agent_id, AgentCommand::Close { reason })
}

fn ending_sessions(agent_id: Uuid, command: AgentCommand) -> SimpleCommand<Agent> {
    let command = SimpleCommand::new(stream(agent_id), command, changed);
    command.storing(agent_id, |tx, id| Box::pin(agents::accounts::end_sessions_of_agent(tx, id)))
}
