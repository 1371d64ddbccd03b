//! Commands about remittances. Balances, thresholds and bank references are read when the command is decided, in the transaction that
//! writes.

use contract::events::agents::AgentTerms;
use contract::events::remittances::PaymentMethod;
use contract::money::{Currency, Money};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::agents;
use crate::agents::commands::KnownDetails;
use crate::agents::model::{Agent, AgentState};
use crate::agents::snapshot::{thresholds, vat_terms};
use crate::batch::{BatchContext, Decided, Outcome};
use crate::command::{Command, Reply};
use crate::domain_error::DomainError;
use crate::facts::Needs;
use crate::ledger::balances::{self, Balances, Sums};
use crate::remittances::facts::{BankReferences, Persons};
use crate::remittances::model::{Payout, Remittance, RemittanceCommand, stream, vat_on};
use crate::remittances::snapshot::RemittanceSnapshot;
use crate::settings;
use crate::settings::model::Settings;

fn decide(batch: &mut BatchContext, stream: &str, command: RemittanceCommand) -> Result<Decided, DomainError> {
    let decided = batch.decide::<Remittance>(stream, command)?;
    balances::note(batch, &decided.happened);
    Ok(decided)
}

fn balance_key(agent_id: Uuid, currency: Currency) -> (Uuid, String) {
    (agent_id, currency.as_str().to_owned())
}

fn sums(batch: &BatchContext, agent_id: Uuid, currency: Currency) -> Sums {
    batch.fact::<Balances>(&balance_key(agent_id, currency)).copied().unwrap_or_default()
}

fn changed(batch: &BatchContext, outcome: &Outcome) -> Reply {
    Reply::ok(batch.snapshot(outcome, RemittanceSnapshot::of))
}

/// Asks for a payout.
pub struct RequestRemittance {
    pub remittance_id: Uuid,
    pub agent_id: Uuid,
    pub amount: Money,
    /// Operators may ask for agents who are suspended or closed.
    pub by_agent: bool,
}

impl RequestRemittance {
    /// The threshold of the amount's currency; `None` where there is none. Nothing can be earned any more by an agent who is closed, so
    /// what is left is paid out whatever it is.
    fn threshold(&self, agent: &Agent) -> Option<Money> {
        let AgentTerms { remittance_threshold, remittance_thresholds, .. } = agent.status()?.terms.clone();
        if agent.state() == AgentState::Closed {
            return Money::new(Decimal::ZERO, self.amount.currency()).ok();
        }
        let all = thresholds(remittance_threshold, remittance_thresholds);
        all.into_iter().find(|threshold| threshold.currency() == self.amount.currency())
    }
}

impl Command for RequestRemittance {
    fn stream(&self) -> String {
        stream(self.remittance_id)
    }

    fn reads(&self) -> Vec<String> {
        vec![agents::model::stream(self.agent_id)]
    }

    fn needs(&self, needs: &mut Needs) {
        needs.fact::<Balances>(balance_key(self.agent_id, self.amount.currency()));
    }

    fn decide(&self, batch: &mut BatchContext) -> Result<Decided, DomainError> {
        let agent = batch.state::<Agent>(&agents::model::stream(self.agent_id));
        match agent.state() {
            AgentState::Absent => {
                return Err(DomainError::invalid_field("agent_id", "agent_unknown", "there is no such agent"));
            }
            AgentState::Suspended | AgentState::Closed if self.by_agent => {
                return Err(DomainError::conflict("agent_not_active", "the agent is not active"));
            }
            _ => {}
        }
        let Self { remittance_id, agent_id, amount, .. } = *self;
        let balance = sums(batch, agent_id, amount.currency()).balance(amount.currency());
        let threshold = self.threshold(&agent);
        let request = RemittanceCommand::Request { remittance_id, agent_id, amount, balance, threshold };
        decide(batch, &self.stream(), request)
    }

    fn respond(&self, batch: &BatchContext, outcome: &Outcome) -> Reply {
        Reply::created(batch.snapshot(outcome, RemittanceSnapshot::of))
    }
}

/// A remittance with what never changes of it.
#[derive(Clone, Copy, Debug)]
pub struct Subject {
    pub remittance_id: Uuid,
    pub agent_id: Uuid,
    pub currency: Currency,
}

/// Approves a request.
pub struct ApproveRemittance {
    pub subject: Subject,
    /// The log's actor.
    pub actor: String,
}

impl Command for ApproveRemittance {
    fn stream(&self) -> String {
        stream(self.subject.remittance_id)
    }

    fn needs(&self, needs: &mut Needs) {
        needs.fact::<Balances>(balance_key(self.subject.agent_id, self.subject.currency));
        needs.fact::<Persons>(self.actor.clone());
    }

    fn decide(&self, batch: &mut BatchContext) -> Result<Decided, DomainError> {
        let Subject { agent_id, currency, .. } = self.subject;
        let balance = sums(batch, agent_id, currency).balance(currency);
        let approver = person(batch, &self.actor);
        decide(batch, &self.stream(), RemittanceCommand::Approve { approver, balance })
    }

    fn respond(&self, batch: &BatchContext, outcome: &Outcome) -> Reply {
        changed(batch, outcome)
    }
}

fn person(batch: &BatchContext, actor: &str) -> String {
    batch.fact::<Persons>(&actor.to_owned()).cloned().unwrap_or_else(|| actor.to_owned())
}

/// Refuses, cancels or returns a remittance.
pub struct EndRemittance {
    pub remittance_id: Uuid,
    pub command: RemittanceCommand,
}

impl Command for EndRemittance {
    fn stream(&self) -> String {
        stream(self.remittance_id)
    }

    fn decide(&self, batch: &mut BatchContext) -> Result<Decided, DomainError> {
        decide(batch, &self.stream(), self.command.clone())
    }

    fn respond(&self, batch: &BatchContext, outcome: &Outcome) -> Reply {
        changed(batch, outcome)
    }
}

/// Records that an approved remittance was paid.
pub struct PayRemittance {
    pub subject: Subject,
    pub method: PaymentMethod,
    pub bank_reference: String,
    /// The log's actor.
    pub actor: String,
}

impl Command for PayRemittance {
    fn stream(&self) -> String {
        stream(self.subject.remittance_id)
    }

    fn reads(&self) -> Vec<String> {
        vec![agents::model::stream(self.subject.agent_id), settings::model::STREAM.to_owned()]
    }

    fn needs(&self, needs: &mut Needs) {
        needs.fact::<BankReferences>(self.bank_reference.clone());
        needs.fact::<KnownDetails>(self.subject.agent_id);
        needs.fact::<Persons>(self.actor.clone());
        needs.fact::<Balances>(balance_key(self.subject.agent_id, self.subject.currency));
    }

    fn decide(&self, batch: &mut BatchContext) -> Result<Decided, DomainError> {
        let Subject { agent_id, .. } = self.subject;
        let paid = batch.fact::<BankReferences>(&self.bank_reference).cloned();
        let request = batch.state::<Remittance>(&self.stream()).request;
        let amount = request
            .map(|request| request.amount)
            .ok_or_else(|| DomainError::not_found("there is no such remittance"))?;
        let agent = batch.state::<Agent>(&agents::model::stream(agent_id));
        let vat_terms = agent.status().map(|status| vat_terms(&status.terms)).unwrap_or_default();
        let vat = vat_on(amount, vat_terms)
            .map_err(|_| DomainError::conflict("too_large", "the amount with its tax is too large"))?;
        let payer = person(batch, &self.actor);
        let Settings { four_eyes, payout_block_days, .. } = batch.state::<Settings>(settings::model::STREAM);
        let details = batch.fact::<KnownDetails>(&agent_id);
        let blocked_until = details.and_then(|details| details.payouts_blocked_until(payout_block_days, batch.now()));
        let (method, bank_reference) = (self.method, self.bank_reference.clone());
        if paid.is_some_and(|paid| paid != self.stream()) {
            return Err(DomainError::conflict("bank_reference_used", "this bank reference paid another remittance"));
        }
        let own = bank_reference.clone();
        let payout = Payout { method, bank_reference: own, vat, vat_terms, payer, four_eyes, blocked_until };
        let decided = decide(batch, &self.stream(), RemittanceCommand::Pay(payout))?;
        batch.set_fact::<BankReferences>(bank_reference, self.stream());
        Ok(decided)
    }

    fn respond(&self, batch: &BatchContext, outcome: &Outcome) -> Reply {
        changed(batch, outcome)
    }
}
