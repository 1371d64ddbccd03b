//! Requests about agents and their grants.

use contract::events::agents::{AgentTerms, AgentsEvent};
use event_store::sql::{SqlError, Tx};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::batch_context::{BatchContext, Decided, Outcome};
use super::{DomainError, call_plans};
use crate::accounts::{self, Details, DetailsChange};
use crate::domain::agent::{Agent, Change, Command, TermsChange};
use crate::domain::call_plan::CallPlan;
use crate::logins::{self, LoginDigest};
use crate::passwords::PasswordHash;
use crate::{messages, projections};

/// What can be asked about an agent.
#[derive(Clone)]
pub enum Request {
    Create {
        agent_id: Uuid,
        terms: AgentTerms,
        details: Details,
        login_digest: LoginDigest,
        password: PasswordHash,
    },
    Change {
        agent_id: Uuid,
        version: Option<u64>,
        terms: TermsChange,
        details: DetailsChange,
        password: Option<PasswordHash>,
    },
    Suspend {
        agent_id: Uuid,
        reason: Option<String>,
    },
    Reinstate {
        agent_id: Uuid,
        reason: Option<String>,
    },
    Close {
        agent_id: Uuid,
        reason: Option<String>,
    },
    Erase {
        agent_id: Uuid,
        reason: Option<String>,
    },
    Grant {
        agent_id: Uuid,
        call_plan_ids: Vec<Uuid>,
    },
    Withdraw {
        agent_id: Uuid,
        call_plan_ids: Vec<Uuid>,
        reason: Option<String>,
    },
}

/// The stream of an agent.
pub fn stream(agent_id: Uuid) -> String {
    format!("agent-{agent_id}")
}

impl Request {
    fn agent_id(&self) -> Uuid {
        match self {
            Self::Create { agent_id, .. }
            | Self::Change { agent_id, .. }
            | Self::Suspend { agent_id, .. }
            | Self::Reinstate { agent_id, .. }
            | Self::Close { agent_id, .. }
            | Self::Erase { agent_id, .. }
            | Self::Grant { agent_id, .. }
            | Self::Withdraw { agent_id, .. } => *agent_id,
        }
    }

    pub(super) fn password(&self) -> Option<&PasswordHash> {
        match self {
            Self::Create { password, .. } => Some(password),
            Self::Change { password, .. } => password.as_ref(),
            _ => None,
        }
    }

    pub(super) fn streams(&self) -> Vec<String> {
        let mut streams = vec![stream(self.agent_id())];
        if let Self::Grant { call_plan_ids, .. } = self {
            streams.extend(call_plan_ids.iter().map(|id| call_plans::stream(*id)));
        }
        streams
    }

    pub(super) fn decide(&self, batch: &mut BatchContext) -> Result<Decided, DomainError> {
        let agent_id = self.agent_id();
        match self {
            Self::Create { terms, login_digest, .. } => {
                if batch.logins.contains(login_digest) {
                    return Err(DomainError::LoginTaken);
                }
                let (terms, login) = (terms.clone(), logins::to_text(*login_digest));
                let created = Command::Create { agent_id, terms, login_digest: login };
                let decided = batch.decide::<Agent>(&stream(agent_id), None, created)?;
                batch.logins.insert(*login_digest);
                Ok(decided)
            }
            Self::Change { version, terms, details, password, .. } => {
                let mut known = batch.details.get(&agent_id).cloned().unwrap_or_default();
                let contact_fields = known.change(details);
                let change = Change { terms: terms.clone(), contact_fields, password: password.is_some() };
                let decided = self.on_agent(batch, *version, Command::Change(change))?;
                // Only now: a refused change must not look like one that was made to those behind it in the batch.
                batch.details.insert(agent_id, known);
                Ok(decided)
            }
            Self::Suspend { reason, .. } => self.on_agent(batch, None, Command::Suspend { reason: reason.clone() }),
            Self::Reinstate { reason, .. } => self.on_agent(batch, None, Command::Reinstate { reason: reason.clone() }),
            Self::Close { reason, .. } => self.on_agent(batch, None, Command::Close { reason: reason.clone() }),
            Self::Erase { reason, .. } => self.on_agent(batch, None, Command::Erase { reason: reason.clone() }),
            Self::Grant { call_plan_ids, .. } => self.grant(batch, call_plan_ids),
            Self::Withdraw { call_plan_ids, reason, .. } => self.withdraw(batch, call_plan_ids, reason.clone()),
        }
    }

    pub(super) fn answer(&self, batch: &BatchContext, outcome: &Outcome) -> (u16, Json) {
        match self {
            Self::Grant { agent_id, call_plan_ids } => {
                (200, json!({ "agent_id": agent_id, "call_plan_id": call_plan_ids.last(), "granted": true }))
            }
            Self::Withdraw { agent_id, call_plan_ids, .. } => {
                let keys_stopped = if let Some(AgentsEvent::CallPlanWithdrawn(event)) = &outcome.last {
                    event.keys_stopped
                } else {
                    0
                };
                let call_plan_id = call_plan_ids.last();
                let answer = json!({
                    "agent_id": agent_id, "call_plan_id": call_plan_id, "granted": false, "keys_stopped": keys_stopped,
                });
                (200, answer)
            }
            _ => {
                let (agent, version) = batch.state::<Agent>(&outcome.stream);
                let status = if matches!(self, Self::Create { .. }) { 201 } else { 200 };
                (status, json!(projections::agents::Agent::of(&agent, version)))
            }
        }
    }

    /// Writes the account that belongs to the events.
    pub(super) async fn store(&self, tx: &mut Tx) -> Result<(), SqlError> {
        match self {
            Self::Create { agent_id, details, password, login_digest, .. } => {
                logins::take(tx, *login_digest, *agent_id);
                accounts::add_agent(tx, *agent_id, details, password)
            }
            Self::Change { agent_id, details, password, .. } => {
                accounts::change_agent(tx, *agent_id, details, password.as_ref()).await
            }
            // Also at the end of a suspension: who signs in must be seen as suspended first, which takes a moment.
            Self::Suspend { agent_id, .. } | Self::Reinstate { agent_id, .. } | Self::Close { agent_id, .. } => {
                accounts::end_sessions_of_agent(tx, *agent_id).await
            }
            Self::Erase { agent_id, .. } => {
                accounts::erase_agent(tx, *agent_id).await?;
                messages::erase_all(tx, *agent_id).await
            }
            Self::Grant { .. } | Self::Withdraw { .. } => Ok(()),
        }
    }

    fn on_agent(
        &self,
        batch: &mut BatchContext,
        expected: Option<u64>,
        command: Command,
    ) -> Result<Decided, DomainError> {
        batch.decide::<Agent>(&stream(self.agent_id()), expected, command)
    }

    fn grant(&self, batch: &mut BatchContext, call_plan_ids: &[Uuid]) -> Result<Decided, DomainError> {
        let streams = call_plan_ids.iter().map(|id| call_plans::stream(*id));
        let plans_as_seen: Vec<_> = streams.clone().map(|stream| batch.expected_version(&stream)).collect();
        let states = streams.map(|stream| batch.state::<CallPlan>(&stream).0.state());
        let call_plans = call_plan_ids.iter().copied().zip(states).collect();
        let mut decided = self.on_agent(batch, None, Command::Grant { call_plans })?;
        decided.expected_versions.extend(plans_as_seen);
        Ok(decided)
    }

    fn withdraw(
        &self,
        batch: &mut BatchContext,
        call_plan_ids: &[Uuid],
        reason: Option<String>,
    ) -> Result<Decided, DomainError> {
        let live_keys = |id: &Uuid| batch.live_keys.get(&(self.agent_id(), *id)).copied().unwrap_or(0);
        let call_plans = call_plan_ids.iter().map(|id| (*id, live_keys(id))).collect();
        self.on_agent(batch, None, Command::Withdraw { call_plans, reason })
    }
}
