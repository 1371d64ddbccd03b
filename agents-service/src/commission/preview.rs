//! What payments and signups would have earned by other terms. Nothing is written: the terms that were stated take the place of those of one
//! source, for the whole time.

use std::collections::BTreeMap;

use contract::clock::Moment;
use contract::commission::{CommissionRule, CommissionTerms, RateAt};
use contract::money::{Money, MoneyError, Percent};
use contract::zone::Zone;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::commission::change::AgentCommissionChange;
use crate::commission::rule::Sources;
use crate::commission::share::{Amounts, Customer, on_what_is_left, reason_for_none};

/// Whose terms are others, and which. Without terms of its own a call plan, a grant or a key leaves the rate to the next source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    Agent { agent_id: Uuid, percent: Option<Percent>, terms: AgentCommissionChange },
    CallPlan { call_plan_id: Uuid, terms: Option<CommissionTerms> },
    Grant { agent_id: Uuid, call_plan_id: Uuid, terms: Option<CommissionTerms> },
    SignupKey { key: String, terms: Option<CommissionTerms> },
}

impl Change {
    /// Which terms count after the change, those of the placement or of the payment.
    pub fn rate_at(&self, now: RateAt) -> RateAt {
        match self {
            Self::Agent { terms, .. } => terms.rate_at.unwrap_or(now),
            _ => now,
        }
    }

    /// The terms after the change.
    pub fn over(&self, sources: Sources) -> Sources {
        match self {
            Self::Agent { percent, terms, .. } => {
                let (stated, commission) = sources.agent;
                Sources { agent: (percent.unwrap_or(stated), terms.over(commission)), ..sources }
            }
            Self::CallPlan { terms, .. } => Sources { call_plan: *terms, ..sources },
            Self::Grant { terms, .. } => Sources { grant: *terms, ..sources },
            Self::SignupKey { terms, .. } => Sources { signup_key: *terms, ..sources },
        }
    }
}

/// A payment that somebody earns by, with the rules that count now and after the change.
#[derive(Clone, Debug)]
pub struct Case {
    pub agent_id: Uuid,
    pub whole: Amounts,
    pub left: Amounts,
    pub received_at: Moment,
    pub customer: Customer,
    /// The commission on what is left, as the ledger has it.
    pub earned: Money,
    pub now: CommissionRule,
    pub then: CommissionRule,
}

impl Case {
    /// The commission on what is left, by the rule after the change. Where that is the same rule, the line in the ledger stays what it
    /// is, whatever has been stated since it was written.
    pub fn would_earn(&self, zone: &Zone) -> Result<Money, MoneyError> {
        let is_same = CommissionRule { source: self.now.source, rate_at: self.now.rate_at, ..self.then } == self.now;
        if is_same {
            return Ok(self.earned);
        }
        let currency = self.whole.currency();
        match reason_for_none(&self.then, currency, self.customer, self.received_at, zone) {
            Some(_) => Money::new(Decimal::ZERO, currency),
            None => on_what_is_left(&self.then, self.whole, self.left),
        }
    }
}

/// What an agent earns and would earn in a currency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    pub now: Decimal,
    pub then: Decimal,
    pub payments: u64,
    pub signups: u64,
}

/// The differences by agent and currency code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Differences(pub BTreeMap<(Uuid, String), Difference>);

impl Differences {
    /// Adds a payment.
    pub fn add(&mut self, case: &Case, zone: &Zone) -> Result<(), MoneyError> {
        let then = case.would_earn(zone)?;
        let key = (case.agent_id, case.whole.currency().as_str().to_owned());
        let sum = self.0.entry(key).or_default();
        sum.now += case.earned.amount();
        sum.then += then.amount();
        sum.payments += 1;
        Ok(())
    }

    /// Adds a signup with what it earned and would earn; one that earns nothing either way is left out.
    pub fn add_signup(&mut self, agent_id: Uuid, now: Option<Money>, then: Option<Money>) {
        if let Some(money) = now {
            self.sum_in(agent_id, money).now += money.amount();
        }
        if let Some(money) = then {
            self.sum_in(agent_id, money).then += money.amount();
        }
        if let Some(money) = then.or(now) {
            self.sum_in(agent_id, money).signups += 1;
        }
    }

    fn sum_in(&mut self, agent_id: Uuid, money: Money) -> &mut Difference {
        self.0.entry((agent_id, money.currency().as_str().to_owned())).or_default()
    }

    /// The number of payments.
    pub fn payments(&self) -> u64 {
        self.0.values().map(|difference| difference.payments).sum()
    }
}

#[cfg(test)]
mod tests {
    use contract::commission::{AgentCommission, Rate, Window};
    use contract::money::Currency;

    use super::*;
    use crate::commission::rule;

    fn money(amount: &str, currency: &str) -> Money {
        Money::new(amount.parse().unwrap(), Currency::known(currency).unwrap()).unwrap()
    }

    fn percent(text: &str) -> Percent {
        Percent::parse(text).unwrap()
    }

    fn own(text: &str) -> CommissionTerms {
        CommissionTerms { rate: Rate::Percent(percent(text)), per: None, base: None, window: None }
    }

    /// An agent at 10 %.
    fn sources() -> Sources {
        let agent = (percent("10"), AgentCommission::default());
        Sources { signup_key: None, grant: None, call_plan: None, agent }
    }

    fn agent_at(text: &str) -> Change {
        Change::Agent {
            agent_id: Uuid::from_u128(1),
            percent: Some(percent(text)),
            terms: AgentCommissionChange::default(),
        }
    }

    /// A payment of which a part is left, and what it earns now.
    fn case(sources: Sources, change: &Change, left: &str, earned: &str) -> Case {
        let amounts = |text| Amounts { gross: money(text, "EUR"), net: money(text, "EUR") };
        let placed_at = Moment::parse("2026-03-01T00:00:00Z").unwrap();
        Case {
            agent_id: Uuid::from_u128(1),
            whole: amounts("100.00"),
            left: amounts(left),
            received_at: Moment::parse("2026-03-15T00:00:00Z").unwrap(),
            customer: Customer { placed_at, payments_before: 2 },
            earned: money(earned, "EUR"),
            now: rule::of(&sources),
            then: rule::of(&change.over(sources)),
        }
    }

    fn would_earn(sources: Sources, change: &Change, left: &str) -> String {
        case(sources, change, left, "6.00").would_earn(&Zone::default()).unwrap().amount().to_string()
    }

    #[test]
    fn a_changed_rate_counts_for_what_is_left_of_a_payment() {
        assert_eq!(would_earn(sources(), &agent_at("12.5"), "60.00"), "7.50");
        assert_eq!(would_earn(sources(), &agent_at("0"), "60.00"), "0.00");
    }

    #[test]
    fn the_ledger_stays_where_another_source_has_the_rate() {
        let with_key = Sources { signup_key: Some(own("20")), ..sources() };
        assert_eq!(would_earn(with_key, &agent_at("12.5"), "60.00"), "6.00");
        let plan = Change::CallPlan { call_plan_id: Uuid::from_u128(2), terms: Some(own("15")) };
        assert_eq!(would_earn(with_key, &plan, "60.00"), "6.00");
        assert_eq!(would_earn(sources(), &plan, "60.00"), "9.00");
    }

    #[test]
    fn a_source_without_terms_leaves_the_rate_to_the_next() {
        let with_both = Sources { grant: Some(own("30")), signup_key: Some(own("20")), ..sources() };
        let none = Change::SignupKey { key: "harbour".to_owned(), terms: None };
        assert_eq!(would_earn(with_both, &none, "60.00"), "18.00");
    }

    #[test]
    fn a_window_and_a_flat_amount_count_as_in_the_ledger() {
        let change = |change| Change::Agent { agent_id: Uuid::from_u128(1), percent: None, terms: change };
        let window = Some(Window { payments: Some(2), months: None });
        let two_payments = change(AgentCommissionChange { window, ..AgentCommissionChange::default() });
        assert_eq!(would_earn(sources(), &two_payments, "60.00"), "0.00");
        let flat = |currency| {
            change(AgentCommissionChange { flat: Some(Some(money("5", currency))), ..AgentCommissionChange::default() })
        };
        assert_eq!(would_earn(sources(), &flat("EUR"), "60.00"), "3.00");
        assert_eq!(would_earn(sources(), &flat("JPY"), "60.00"), "0.00");
    }

    #[test]
    fn differences_are_by_agent_and_currency() {
        let mut differences = Differences::default();
        for (agent, currency) in [(1, "EUR"), (1, "EUR"), (2, "EUR"), (1, "JPY")] {
            let amounts = Amounts { gross: money("100", currency), net: money("100", currency) };
            let case = Case {
                agent_id: Uuid::from_u128(agent),
                whole: amounts,
                left: amounts,
                earned: money("10", currency),
                ..case(sources(), &agent_at("20"), "100.00", "10.00")
            };
            differences.add(&case, &Zone::default()).unwrap();
        }
        let found = differences.0.iter().map(|((agent_id, currency), difference)| {
            (agent_id.as_u128(), currency.as_str(), difference.now.to_string(), difference.then.to_string())
        });
        let row = |agent, currency, now: &str, then: &str| (agent, currency, now.to_owned(), then.to_owned());
        assert_eq!(
            found.collect::<Vec<_>>(),
            [row(1, "EUR", "20.00", "40.00"), row(1, "JPY", "10", "20"), row(2, "EUR", "10.00", "20.00")]
        );
        assert_eq!(differences.payments(), 4);
    }
}
