//! Corrections: an operator gives an agent an amount or takes it, and says why. An opening balance is one.

use contract::events::agents::AgentsEvent;
use contract::events::payments::{BalanceCorrected, Direction};
use contract::ids::new_id;
use contract::money::Money;
use contract::text::Rule;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use web::http::{FieldErrors, Problem};

use crate::agents;
use crate::agents::model::{Agent, AgentState};
use crate::batch::{BatchContext, Decided, Outcome};
use crate::command::{Command, Reply};
use crate::domain_error::DomainError;
use crate::facts::Needs;
use crate::fields::{Amount, Fields, SHORT};
use crate::ledger::amount::in_column;
use crate::ledger::balances::{self, Balances};

/// A correction as a client describes it.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "CorrectionGiven")]
pub struct CorrectionRequest {
    /// Negative takes from the agent.
    #[schemars(required)]
    amount: Option<Amount>,
    /// Why. It is kept beside the log.
    #[schemars(required)]
    reason: Option<String>,
}

/// A correction.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Correction")]
pub struct CorrectionSnapshot {
    id: Uuid,
    agent_id: Uuid,
    /// Negative where it took from the agent.
    #[schemars(with = "String")]
    amount: Decimal,
    currency: String,
    /// Null where it was erased.
    reason: Option<String>,
}

impl CorrectionRequest {
    pub fn correcting(self, errors: FieldErrors, agent_id: Uuid) -> Result<CorrectBalance, Problem> {
        let mut fields = Fields::new(errors);
        fields.required("amount", self.amount.as_ref());
        let amount = self.amount.and_then(|amount| fields.signed_amount("amount", amount));
        if amount.is_some_and(|(amount, _)| amount.amount().is_zero()) {
            fields.error("amount.amount", "too_small", "must not be 0");
        }
        let reason = fields.required_trimmed("reason", self.reason, Rule::line(1, SHORT.max));
        fields.finish()?;
        let (amount, is_negative) = amount.ok_or_else(Problem::internal)?;
        let direction = if is_negative { Direction::Debit } else { Direction::Credit };
        Ok(CorrectBalance(BalanceCorrected {
            correction_id: new_id(),
            agent_id,
            direction,
            amount,
            reason: reason.into(),
        }))
    }
}

/// Corrects a balance.
pub struct CorrectBalance(pub BalanceCorrected);

/// A correction is a stream of its own, with one event.
#[derive(Clone, Debug, Default)]
struct Correction(Option<BalanceCorrected>);

impl contract::decider::Decider for Correction {
    type State = Self;
    type Command = BalanceCorrected;
    type Event = AgentsEvent;
    type Error = DomainError;

    fn decide(state: &Self, corrected: BalanceCorrected) -> Result<Vec<AgentsEvent>, DomainError> {
        match state.0 {
            Some(_) => Err(DomainError::conflict("correction_exists", "there is a correction with this id already")),
            None => Ok(vec![corrected.into()]),
        }
    }

    fn evolve(state: Self, event: &AgentsEvent) -> Self {
        match event {
            AgentsEvent::BalanceCorrected(event) => Self(Some(event.clone())),
            _ => state,
        }
    }
}

impl CorrectBalance {
    fn balance_key(&self) -> (Uuid, String) {
        (self.0.agent_id, currency(self.0.amount))
    }
}

impl Command for CorrectBalance {
    fn stream(&self) -> String {
        format!("correction-{}", self.0.correction_id)
    }

    fn reads(&self) -> Vec<String> {
        vec![agents::model::stream(self.0.agent_id)]
    }

    fn needs(&self, needs: &mut Needs) {
        needs.fact::<Balances>(self.balance_key());
    }

    fn decide(&self, batch: &mut BatchContext) -> Result<Decided, DomainError> {
        if batch.state::<Agent>(&agents::model::stream(self.0.agent_id)).state() == AgentState::Absent {
            return Err(DomainError::not_found("there is no such agent"));
        }
        let amount = in_column(self.0.amount.amount());
        let change = if self.0.direction == Direction::Credit { amount } else { -amount };
        if !batch.fact::<Balances>(&self.balance_key()).copied().unwrap_or_default().hold(change) {
            return Err(DomainError::invalid_field("amount", "too_large", "makes the balance too large"));
        }
        let decided = batch.decide::<Correction>(&self.stream(), self.0.clone())?;
        balances::note(batch, &decided.happened);
        Ok(decided)
    }

    fn respond(&self, batch: &BatchContext, outcome: &Outcome) -> Reply {
        let corrected: Option<BalanceCorrected> = batch.state::<Correction>(&outcome.stream).0;
        Reply::created(corrected.map(|corrected| CorrectionSnapshot {
            id: corrected.correction_id,
            agent_id: corrected.agent_id,
            amount: match corrected.direction {
                Direction::Credit => corrected.amount.amount(),
                Direction::Debit => -corrected.amount.amount(),
            },
            currency: currency(corrected.amount),
            reason: corrected.reason.text().map(str::to_owned),
        }))
    }
}

fn currency(money: Money) -> String {
    money.currency().as_str().to_owned()
}
