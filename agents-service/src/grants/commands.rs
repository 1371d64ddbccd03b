use std::collections::{BTreeMap, BTreeSet};

use contract::clock::Moment;
use contract::commission::CommissionTerms;
use contract::events::agents::AgentsEvent;
use event_store::sql::{SqlError, Tx};
use futures::future::BoxFuture;
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use crate::agents::model::Agent;
use crate::batch::{BatchContext, Decided, Outcome};
use crate::call_plans::model::CallPlan;
use crate::command::{Command, Reply};
use crate::domain_error::DomainError;
use crate::facts::{Fact, Known, Needs};
use crate::grants::model::{GrantCommand, Grants};
use crate::{agents, call_plans, grants};

/// The number of live keys of an agent and a call plan.
struct LiveKeys;

impl Fact for LiveKeys {
    type Key = (Uuid, Uuid);
    type Value = u64;

    fn load(tx: &mut Tx, pairs: BTreeSet<(Uuid, Uuid)>, _: Moment) -> BoxFuture<'_, Result<Known<Self>, SqlError>> {
        Box::pin(async move {
            let mut live = BTreeMap::new();
            for (agent_id, call_plan_id) in pairs {
                live.insert((agent_id, call_plan_id), grants::queries::live_keys(tx, agent_id, call_plan_id).await?);
            }
            Ok(live)
        })
    }
}

/// Whether an agent may sell a call plan now.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "GrantAnswer")]
pub struct GrantChanged {
    agent_id: Uuid,
    call_plan_id: Uuid,
    granted: bool,
    /// Commission terms of this plan for this agent.
    commission: Option<CommissionTerms>,
    /// The live keys that a withdrawal stopped.
    #[serde(skip_serializing_if = "Option::is_none")]
    keys_stopped: Option<u64>,
}

/// Lets an agent sell these call plans: all of them or none.
pub struct GrantCallPlans {
    pub agent_id: Uuid,
    pub call_plan_ids: Vec<Uuid>,
    /// Their commission terms: absent stays, `Some(None)` is none.
    pub commission: Option<Option<CommissionTerms>>,
}

impl Command for GrantCallPlans {
    fn stream(&self) -> String {
        agents::model::stream(self.agent_id)
    }

    fn reads(&self) -> Vec<String> {
        self.call_plan_ids.iter().map(|id| call_plans::model::stream(*id)).collect()
    }

    fn decide(&self, batch: &mut BatchContext) -> Result<Decided, DomainError> {
        let state = |id: &Uuid| batch.state::<CallPlan>(&call_plans::model::stream(*id)).state();
        let call_plans = self.call_plan_ids.iter().map(|id| (*id, state(id))).collect();
        batch.decide::<Grants>(&self.stream(), GrantCommand::Grant { call_plans, commission: self.commission })
    }

    fn respond(&self, batch: &BatchContext, outcome: &Outcome) -> Reply {
        let (agent_id, call_plan_id) = (self.agent_id, self.call_plan_ids.last().copied().unwrap_or_default());
        let agent = batch.state::<Agent>(&outcome.stream);
        let commission = agent.status().and_then(|status| status.grants.get(&call_plan_id).copied().flatten());
        Reply::ok(GrantChanged { agent_id, call_plan_id, granted: true, commission, keys_stopped: None })
    }
}

/// Withdraws these call plans from an agent; the keys that use them stop.
pub struct WithdrawCallPlans {
    pub agent_id: Uuid,
    pub call_plan_ids: Vec<Uuid>,
    pub reason: Option<String>,
}

impl Command for WithdrawCallPlans {
    fn stream(&self) -> String {
        agents::model::stream(self.agent_id)
    }

    fn needs(&self, needs: &mut Needs) {
        for call_plan_id in &self.call_plan_ids {
            needs.fact::<LiveKeys>((self.agent_id, *call_plan_id));
        }
    }

    fn decide(&self, batch: &mut BatchContext) -> Result<Decided, DomainError> {
        let live_keys = |id: &Uuid| batch.fact::<LiveKeys>(&(self.agent_id, *id)).copied().unwrap_or(0);
        let call_plans = self.call_plan_ids.iter().map(|id| (*id, live_keys(id))).collect();
        batch.decide::<Grants>(&self.stream(), GrantCommand::Withdraw { call_plans, reason: self.reason.clone() })
    }

    fn respond(&self, _: &BatchContext, outcome: &Outcome) -> Reply {
        let keys_stopped = match &outcome.last {
            Some(AgentsEvent::CallPlanWithdrawn(event)) => event.keys_stopped,
            _ => 0,
        };
        let (agent_id, call_plan_id) = (self.agent_id, self.call_plan_ids.last().copied().unwrap_or_default());
        Reply::ok(GrantChanged {
            agent_id,
            call_plan_id,
            granted: false,
            commission: None,
            keys_stopped: Some(keys_stopped),
        })
    }
}
