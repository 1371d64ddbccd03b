//! The entries that an event makes. Each moves amounts between accounts and sums to zero.

use contract::clock::Moment;
use contract::events::agents::AgentsEvent;
use contract::events::payments::{CommissionMoved, Direction, PaymentCommission, ReversalKind};
pub use contract::ledger::LineKind as Kind;
use contract::money::{Currency, Money};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Where amounts are. What an agent can see are the first three.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Account {
    /// Owed to the agent, held or earned.
    Owed,
    /// Requested or approved, and not paid yet.
    Reserved,
    /// Paid to the agent.
    Paid,
    /// The company's expense.
    Company,
    /// Value-added tax paid to the agent.
    Vat,
}

/// An entry: one amount that moves from one account to another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Entry {
    pub agent_id: Uuid,
    pub currency: Currency,
    pub kind: Kind,
    pub from: Account,
    pub to: Account,
    /// Never negative.
    pub amount: Decimal,
    /// When it counts as earned; at once where there is no such time.
    pub due_at: Option<Moment>,
}

impl Entry {
    /// What the entry changes of an account.
    pub fn change(&self, account: Account) -> Decimal {
        let part = |of: Account| if of == account { self.amount } else { Decimal::ZERO };
        part(self.to) - part(self.from)
    }

    /// What the entry changes of the balance: what is owed to the agent, reserved or not.
    pub fn balance(&self) -> Decimal {
        self.change(Account::Owed) + self.change(Account::Reserved)
    }
}

/// The entries of an event.
pub fn entries(event: &AgentsEvent) -> Vec<Entry> {
    use Account::{Company, Owed, Paid, Reserved, Vat};
    let moved = |agent_id, kind, amount: Money, (from, to), due_at| Entry {
        agent_id,
        currency: amount.currency(),
        kind,
        from,
        to,
        amount: amount.amount(),
        due_at,
    };
    let earned = |commission: &PaymentCommission| {
        let due_at = Some(commission.due_at);
        moved(commission.agent_id, Kind::Commission, commission.amount, (Company, Owed), due_at)
    };
    let changed = |commission: &CommissionMoved, kind, between| {
        moved(commission.agent_id, kind, commission.amount, between, Some(commission.due_at))
    };
    match event {
        AgentsEvent::PaymentReceived(event) => event.commission.iter().map(earned).collect(),
        AgentsEvent::PaymentAttributed(event) => vec![earned(&event.commission)],
        AgentsEvent::PaymentReversed(event) => {
            let kind = match event.kind {
                ReversalKind::Refund => Kind::Refund,
                ReversalKind::Chargeback => Kind::Chargeback,
            };
            event.commission.iter().map(|commission| changed(commission, kind, (Owed, Company))).collect()
        }
        AgentsEvent::ChargebackWon(event) => {
            let back = |commission| changed(commission, Kind::ChargebackWon, (Company, Owed));
            event.commission.iter().map(back).collect()
        }
        AgentsEvent::SignupCommissionEarned(event) => {
            let due_at = Some(event.due_at);
            vec![moved(event.agent_id, Kind::SignupCommission, event.amount, (Company, Owed), due_at)]
        }
        AgentsEvent::BalanceCorrected(event) => {
            let between = match event.direction {
                Direction::Credit => (Company, Owed),
                Direction::Debit => (Owed, Company),
            };
            vec![moved(event.agent_id, Kind::Correction, event.amount, between, None)]
        }
        AgentsEvent::RemittanceRequested(event) => {
            vec![moved(event.agent_id, Kind::Requested, event.amount, (Owed, Reserved), None)]
        }
        AgentsEvent::RemittanceRefused(event) => {
            vec![moved(event.agent_id, Kind::Released, event.amount, (Reserved, Owed), None)]
        }
        AgentsEvent::RemittanceCancelled(event) => {
            vec![moved(event.agent_id, Kind::Released, event.amount, (Reserved, Owed), None)]
        }
        AgentsEvent::RemittancePaid(event) => vec![
            moved(event.agent_id, Kind::Paid, event.amount, (Reserved, Paid), None),
            moved(event.agent_id, Kind::Vat, event.vat, (Company, Vat), None),
        ],
        AgentsEvent::RemittanceReturned(event) => {
            let (from, kind) = if event.was_paid { (Paid, Kind::Returned) } else { (Reserved, Kind::Released) };
            let amount = moved(event.agent_id, kind, event.amount, (from, Owed), None);
            let vat = event.vat.map(|vat| moved(event.agent_id, Kind::Vat, vat, (Vat, Company), None));
            [amount].into_iter().chain(vat).collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use contract::decider::Decider;
    use contract::events::remittances::{Balance, PaymentMethod};
    use contract::tax::VatTerms;

    use super::*;
    use crate::payments::model::tests::{earner, euro, payment};
    use crate::payments::model::{Payment, PaymentCommand};
    use crate::payments::reversal::NewReversal;
    use crate::remittances::model::{Payout, Remittance, RemittanceCommand};

    fn happened<D: Decider<State = D, Event = AgentsEvent> + Default + Clone>(
        commands: impl IntoIterator<Item = D::Command>,
    ) -> Vec<AgentsEvent>
    where
        D::Error: std::fmt::Debug,
    {
        let mut state = D::default();
        let mut all = Vec::new();
        for command in commands {
            let events = D::decide(&state, command).unwrap();
            state = events.iter().fold(state, D::evolve);
            all.extend(events);
        }
        all
    }

    fn balance(events: &[AgentsEvent]) -> Balance {
        let sum = |account| events.iter().flat_map(entries).map(|entry| entry.change(account)).sum::<Decimal>();
        let (owed, reserved, paid) = (sum(Account::Owed), sum(Account::Reserved), sum(Account::Paid));
        Balance { earned: owed + reserved + paid, reserved, paid }
    }

    fn refund(amount: &str) -> PaymentCommand {
        let (reference, reversal_reference) = ("pay-1".to_owned(), format!("r-{amount}"));
        let (kind, amount) = (ReversalKind::Refund, Some(euro(amount)));
        PaymentCommand::Reverse(NewReversal { reference, kind, reversal_reference, amount, net: None, reason: None })
    }

    fn receive(amount: &str) -> PaymentCommand {
        PaymentCommand::Receive { payment: payment(amount), earner: Some(earner("25")) }
    }

    fn request(amount: &str, balance: Balance) -> RemittanceCommand {
        let (remittance_id, agent_id) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let (amount, threshold) = (euro(amount), Some(euro("20.00")));
        RemittanceCommand::Request { remittance_id, agent_id, amount, balance, threshold }
    }

    fn pay(vat: &str) -> RemittanceCommand {
        let (method, bank_reference, payer) = (PaymentMethod::BankTransfer, "00".to_owned(), "op".to_owned());
        RemittanceCommand::Pay(Payout {
            method,
            bank_reference,
            vat: euro(vat),
            vat_terms: VatTerms::default(),
            payer,
            four_eyes: false,
            blocked_until: None,
        })
    }

    fn send_back() -> RemittanceCommand {
        RemittanceCommand::Return { reason: "account closed".to_owned() }
    }

    #[test]
    fn a_refund_after_the_payout_leaves_a_negative_balance_that_is_carried() {
        let mut log = happened::<Payment>([receive("80.00")]);
        let before = balance(&log);
        let approve = RemittanceCommand::Approve {
            approver: "op".to_owned(),
            balance: Balance { reserved: "20.00".parse().unwrap(), ..before },
        };
        log.extend(happened::<Remittance>([request("20.00", before), approve, pay("0.00")]));
        log.extend(happened::<Payment>([receive("80.00"), refund("30.00")]).split_off(1));
        assert_eq!(balance(&log).available(), "-7.50".parse().unwrap());
        log.extend(happened::<Payment>([receive("20.00")]));
        assert_eq!(balance(&log).available(), "-2.50".parse().unwrap());
    }

    #[test]
    fn what_is_returned_is_free_again_and_the_tax_with_it() {
        let mut log = happened::<Payment>([receive("80.00")]);
        let before = balance(&log);
        let reserved = Balance { reserved: "20.00".parse().unwrap(), ..before };
        let approve = || RemittanceCommand::Approve { approver: "op".to_owned(), balance: reserved };
        log.extend(happened::<Remittance>([request("20.00", before), approve(), pay("3.80"), send_back()]));
        assert_eq!(balance(&log), before);
        let vat: Decimal = log.iter().flat_map(entries).map(|entry| entry.change(Account::Vat)).sum();
        assert_eq!(vat, Decimal::ZERO);
        log.extend(happened::<Remittance>([request("20.00", before), approve(), send_back()]));
        assert_eq!(balance(&log), before);
    }

    #[test]
    fn every_entry_sums_to_zero() {
        let all = [Account::Owed, Account::Reserved, Account::Paid, Account::Company, Account::Vat];
        let log = happened::<Payment>([receive("80.00"), refund("30.00"), refund("50.00")]);
        for entry in log.iter().flat_map(entries) {
            assert_eq!(all.map(|account| entry.change(account)).iter().sum::<Decimal>(), Decimal::ZERO);
        }
        assert_eq!(balance(&log), Balance { earned: "0.00".parse().unwrap(), ..Balance::default() });
    }
}
