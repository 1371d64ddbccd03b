//! Flat commission for a signup: one line for a customer, by the terms that counted when they were placed. No payment is needed for
//! it, and no refund takes it back.

use contract::decider::Decider;
use contract::events::agents::AgentsEvent;
use contract::events::payments::{PaymentCustomer, SignupCommissionEarned};
use contract::money::Money;
use uuid::Uuid;

use crate::batch::{BatchContext, Decided, Outcome};
use crate::command::{Command, Reply};
use crate::domain_error::DomainError;
use crate::facts::Needs;
use crate::ledger::balances;
use crate::payments::customers::{Customers, KnownCustomer};

/// The stream of a customer's signup commission. Its name keeps it at one.
pub fn stream(customer_id: Uuid) -> String {
    format!("signup-commission-{customer_id}")
}

/// Writes the commission for the signup of a customer.
pub struct EarnSignupCommission(pub Uuid);

/// The commission for a signup, once it is written.
#[derive(Clone, Debug, Default)]
struct SignupCommission(Option<SignupCommissionEarned>);

impl Decider for SignupCommission {
    type State = Self;
    type Command = SignupCommissionEarned;
    type Event = AgentsEvent;
    type Error = DomainError;

    fn decide(state: &Self, earned: SignupCommissionEarned) -> Result<Vec<AgentsEvent>, DomainError> {
        match state.0 {
            Some(_) => Err(DomainError::conflict("signup_commission_exists", "this signup has earned already")),
            None => Ok(vec![earned.into()]),
        }
    }

    fn evolve(state: Self, event: &AgentsEvent) -> Self {
        match event {
            AgentsEvent::SignupCommissionEarned(event) => Self(Some(event.clone())),
            _ => state,
        }
    }
}

/// What the signup of a customer earned, by the streams of a batch.
pub fn earned(batch: &BatchContext, customer_id: Uuid) -> Option<Money> {
    batch.state::<SignupCommission>(&stream(customer_id)).0.map(|earned| earned.amount)
}

impl Command for EarnSignupCommission {
    fn stream(&self) -> String {
        stream(self.0)
    }

    fn needs(&self, needs: &mut Needs) {
        needs.fact::<Customers>(PaymentCustomer::CustomerId(self.0));
    }

    fn decide(&self, batch: &mut BatchContext) -> Result<Decided, DomainError> {
        let known = batch.fact::<Customers>(&PaymentCustomer::CustomerId(self.0));
        let none = || DomainError::conflict("no_signup_commission", "the terms of this customer pay for no signup");
        let earned = known.and_then(KnownCustomer::signup_commission).ok_or_else(none)?;
        let decided = batch.decide::<SignupCommission>(&self.stream(), earned)?;
        balances::note(batch, &decided.happened);
        Ok(decided)
    }

    fn respond(&self, batch: &BatchContext, outcome: &Outcome) -> Reply {
        Reply::created(batch.state::<SignupCommission>(&outcome.stream).0)
    }
}

#[cfg(test)]
mod tests {
    use contract::clock::Moment;
    use contract::commission::{Base, CommissionRule, Per, Rate, RateAt, RateSource, Window};
    use contract::money::Currency;

    use super::*;

    #[test]
    fn a_signup_earns_once() {
        let amount = Money::new("5.00".parse().unwrap(), Currency::known("EUR").unwrap()).unwrap();
        let (source, rate, per) = (RateSource::Agent, Rate::Flat(amount), Per::Signup);
        let (base, window, rate_at) = (Base::Net, Window::default(), RateAt::Placement);
        let earned = SignupCommissionEarned {
            customer_id: Uuid::from_u128(1),
            agent_id: Uuid::from_u128(2),
            call_plan_id: Uuid::from_u128(3),
            group_id: Uuid::from_u128(4),
            key: "harbour".to_owned(),
            origin: None,
            rule: CommissionRule { source, rate, per, base, window, rate_at },
            amount,
            due_at: Moment::default(),
        };
        let events = SignupCommission::decide(&SignupCommission::default(), earned.clone()).unwrap();
        assert_eq!(events, [AgentsEvent::from(earned.clone())]);
        let state = SignupCommission::fold(&events);
        assert!(SignupCommission::decide(&state, earned).is_err());
    }
}
