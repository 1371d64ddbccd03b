//! Refunds and chargebacks: what they take of what is left of a payment, and of the commission on it.

use contract::events::agents::AgentsEvent;
use contract::events::payments::{CommissionMoved, NotApplied, PaymentReversed, ReversalKind};
use contract::money::{Money, MoneyError};

use crate::commission::share::Amounts;
use crate::payments::earner::earned;
use crate::payments::received::{PaymentError, Received};

/// A refund or chargeback as it is reported.
#[derive(Clone, Debug, PartialEq)]
pub struct NewReversal {
    /// The payment's.
    pub reference: String,
    pub kind: ReversalKind,
    pub reversal_reference: String,
    /// What is left, where a chargeback does not say.
    pub amount: Option<Money>,
    pub net: Option<Money>,
    pub reason: Option<String>,
}

/// A refund or a chargeback that is known.
#[derive(Clone, Debug, PartialEq)]
pub struct Reversal {
    pub kind: ReversalKind,
    pub state: ReversalState,
}

/// What became of a refund or chargeback.
#[derive(Clone, Debug, PartialEq)]
pub enum ReversalState {
    /// It waits for its payment.
    Held {
        amount: Option<Money>,
        net: Option<Money>,
    },
    NotApplied(NotApplied),
    Applied(Taken),
    Won(Taken),
}

/// What a reversal took back.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Taken {
    pub amount: Money,
    pub net: Money,
    /// Nothing while nobody earns by the payment.
    pub commission: Option<CommissionMoved>,
}

impl Reversal {
    /// As it was reported, while it waits for its payment.
    pub fn waiting(&self, reference: &str, reversal_reference: &str) -> Option<NewReversal> {
        let ReversalState::Held { amount, net } = self.state else { return None };
        let (reference, reversal_reference) = (reference.to_owned(), reversal_reference.to_owned());
        Some(NewReversal { reference, kind: self.kind, reversal_reference, amount, net, reason: None })
    }

    /// Whether it is the same once more. A chargeback takes at most what is left, whatever it says.
    pub fn is(&self, reported: &NewReversal) -> bool {
        let same = match &self.state {
            ReversalState::Held { amount, net } => (reported.amount, reported.net) == (*amount, *net),
            ReversalState::NotApplied(_) => true,
            ReversalState::Applied(taken) | ReversalState::Won(taken) => {
                let capped = |amount: Money| {
                    self.kind == ReversalKind::Chargeback
                        && amount.compare(taken.amount).is_ok_and(std::cmp::Ordering::is_gt)
                };
                reported.amount.is_none_or(|amount| amount == taken.amount || capped(amount))
                    && reported.net.is_none_or(|net| net == taken.net)
            }
        };
        self.kind == reported.kind && same
    }
}

impl Received {
    /// What a reversal takes of what is left.
    pub(super) fn takes(&self, reversal: &NewReversal) -> Result<Taken, PaymentError> {
        let amount = match (reversal.kind, reversal.amount) {
            (_, None) => self.left.gross,
            (ReversalKind::Chargeback, Some(amount)) if amount.compare(self.left.gross)?.is_gt() => self.left.gross,
            (_, Some(amount)) => amount,
        };
        if reversal.net.is_some_and(|net| self.left.net.less(net).is_err()) {
            return Err(PaymentError::NetDiffers);
        }
        let left = self.left.less(amount, reversal.net)?;
        if left.net.compare(left.gross)?.is_gt() {
            return Err(PaymentError::NetDiffers);
        }
        let commission = match (&self.commission, self.earned) {
            (Some(by), Some(had)) => {
                let has = earned(&by.rule, by.no_commission, self.whole(), left)?;
                // What a chargeback gave back may be a minor unit less than what the rest gives.
                let amount = if has.compare(had)?.is_gt() { had.less(had)? } else { had.less(has)? };
                Some(CommissionMoved { agent_id: by.agent_id, amount, due_at: by.due_at })
            }
            _ => None,
        };
        Ok(Taken { amount, net: self.left.net.less(left.net)?, commission })
    }

    /// The event of a reversal.
    pub(super) fn reversed(&self, reversal: &NewReversal, taken: Taken) -> AgentsEvent {
        let NewReversal { reference, kind, reversal_reference, reason, .. } = reversal.clone();
        let Taken { amount, net, commission } = taken;
        let (payment_id, reason) = (self.event.payment_id, reason.into());
        PaymentReversed { payment_id, reference, kind, reversal_reference, amount, net, commission, reason }.into()
    }

    /// The payment after a reversal.
    pub(super) fn after(self, taken: Taken) -> Self {
        self.moved(taken, Money::less)
    }

    /// The payment after a chargeback was won: what it took is given back, exactly.
    pub(super) fn with_again(self, taken: Taken) -> Self {
        self.moved(taken, Money::checked_add)
    }

    /// Never fails: what happened, happened.
    fn moved(mut self, taken: Taken, by: impl Fn(Money, Money) -> Result<Money, MoneyError>) -> Self {
        let moved = |money: Money, by_money: Money| by(money, by_money).unwrap_or(money);
        self.left = Amounts { gross: moved(self.left.gross, taken.amount), net: moved(self.left.net, taken.net) };
        self.earned =
            self.earned.map(|earned| taken.commission.map_or(earned, |commission| moved(earned, commission.amount)));
        self
    }
}

#[cfg(test)]
mod tests {
    use contract::decider::Decider;
    use contract::events::payments::ReversalKind::{Chargeback, Refund};
    use proptest::prelude::*;
    use rust_decimal::Decimal;

    use super::*;
    use crate::payments::model::tests::{earner, euro, payment};
    use crate::payments::model::{Payment, PaymentCommand};

    fn reversal(kind: ReversalKind, reference: &str, amount: Option<&str>) -> PaymentCommand {
        let (payment, reversal_reference) = ("pay-1".to_owned(), reference.to_owned());
        let amount = amount.map(euro);
        PaymentCommand::Reverse(NewReversal {
            reference: payment,
            kind,
            reversal_reference,
            amount,
            net: None,
            reason: None,
        })
    }

    fn receive(amount: &str, percent: &str) -> PaymentCommand {
        PaymentCommand::Receive { payment: payment(amount), earner: Some(earner(percent)) }
    }

    fn win(reference: &str) -> PaymentCommand {
        PaymentCommand::Win { reversal_reference: reference.to_owned() }
    }

    /// What each command changes of the commission, or why it is refused; and what the agent has in the end.
    fn lines(commands: impl IntoIterator<Item = PaymentCommand>) -> (Vec<Result<Decimal, PaymentError>>, Decimal) {
        let mut state = Payment::default();
        let has = |state: &Payment| {
            state.received.as_ref().and_then(|received| received.earned).map_or(Decimal::ZERO, |earned| earned.amount())
        };
        let mut each = Vec::new();
        for command in commands {
            let had = has(&state);
            each.push(Payment::decide(&state, command).map(|events| {
                state = events.iter().fold(state.clone(), Payment::evolve);
                has(&state) - had
            }));
        }
        let has = has(&state);
        (each, has)
    }

    #[expect(clippy::unnecessary_wraps, reason = "a line stands among refusals")]
    fn line(text: &str) -> Result<Decimal, PaymentError> {
        Ok(text.parse().unwrap())
    }

    #[test]
    fn refunds_reverse_the_payments_own_commission_and_no_more_than_was_paid() {
        let refund = |reference: &str, amount| reversal(Refund, reference, Some(amount));
        let (lines, has) = lines([
            receive("80.00", "25"),
            refund("r1", "30.00"),
            refund("r2", "50.01"),
            refund("r2", "50.00"),
            refund("r3", "0.01"),
        ]);
        let refused = Err(PaymentError::TooMuch);
        assert_eq!(lines, [line("20"), line("-7.50"), refused, line("-12.50"), refused]);
        assert_eq!(has, Decimal::ZERO);
    }

    #[test]
    fn the_same_refund_again_changes_nothing_and_another_under_its_reference_is_refused() {
        let refund = |amount| reversal(Refund, "r1", Some(amount));
        let (lines, _) = lines([
            receive("80.00", "25"),
            refund("30.00"),
            refund("30.00"),
            refund("31.00"),
            reversal(Chargeback, "r1", Some("30.00")),
        ]);
        let differs = Err(PaymentError::ReversalDiffers);
        assert_eq!(lines, [line("20"), line("-7.50"), line("0"), differs, differs]);
    }

    #[test]
    fn a_refund_that_comes_first_waits_for_its_payment() {
        let (lines, has) = lines([
            reversal(Refund, "r1", Some("30.00")),
            reversal(Refund, "r1", Some("30.00")),
            reversal(Refund, "r2", Some("60.00")),
            receive("80.00", "25"),
        ]);
        assert_eq!(lines, [line("0"), line("0"), line("0"), line("12.50")]);
        // The second is more than what is left, and does not block the payment.
        assert_eq!(has, Decimal::new(1250, 2));
    }

    #[test]
    fn a_chargeback_takes_at_most_what_is_left_and_is_given_back_once() {
        let (lines, has) = lines([
            receive("100.00", "25"),
            reversal(Refund, "r1", Some("40.00")),
            reversal(Chargeback, "c1", Some("100.00")),
            reversal(Chargeback, "c1", Some("100.00")),
            win("c1"),
            win("c1"),
            win("r1"),
            reversal(Chargeback, "c2", None),
        ]);
        let unknown = Err(PaymentError::ChargebackUnknown);
        assert_eq!(
            lines,
            [line("25"), line("-10"), line("-15"), line("0"), line("15"), line("0"), unknown, line("-15")]
        );
        assert_eq!(has, Decimal::ZERO);
    }

    #[test]
    fn a_net_amount_must_fit_what_is_left() {
        let payment = payment("119.00").with_net("100.00");
        let reversal = |amount, net| {
            let (reference, reversal_reference) = ("pay-1".to_owned(), "r1".to_owned());
            let (amount, net) = (Some(euro(amount)), Some(euro(net)));
            PaymentCommand::Reverse(NewReversal {
                reference,
                kind: Refund,
                reversal_reference,
                amount,
                net,
                reason: None,
            })
        };
        let receive = PaymentCommand::Receive { payment, earner: Some(earner("10")) };
        let (lines, has) =
            lines([receive, reversal("119.00", "100.01"), reversal("20.00", "0.00"), reversal("19.00", "0.00")]);
        let differs = Err(PaymentError::NetDiffers);
        assert_eq!((lines, has), (vec![line("10"), differs, differs, line("0")], Decimal::from(10)));
    }

    proptest! {
        /// Refunds, chargebacks and won disputes in any order: never below nothing, never more than the whole payment gave, and
        /// exactly nothing once all is taken back.
        #[test]
        fn any_reversals_end_at_exactly_zero(
            steps in prop::collection::vec((0_u8..3, 1_i64..4_000), 0..24),
            points in 0_i64..=10_000,
        ) {
            let percent = Decimal::new(points, 2).to_string();
            let mut state = Payment::default();
            let mut apply = |command| {
                let events = Payment::decide(&state, command)?;
                state = events.iter().fold(state.clone(), Payment::evolve);
                Ok::<_, PaymentError>(state.received.as_ref().and_then(|received| received.earned))
            };
            let whole = apply(receive("100.00", &percent)).unwrap().unwrap();
            for (number, (kind, minor)) in steps.into_iter().enumerate() {
                let amount = Decimal::new(minor, 2).to_string();
                let command = match kind {
                    0 => reversal(Refund, &format!("r{number}"), Some(&amount)),
                    1 => reversal(Chargeback, &format!("c{number}"), Some(&amount)),
                    _ => win(&format!("c{}", number.saturating_sub(1))),
                };
                if let Ok(Some(earned)) = apply(command) {
                    prop_assert!(earned.amount() <= whole.amount());
                }
            }
            // A chargeback of nothing is none.
            let _ = apply(reversal(Chargeback, "last", None));
            let received = state.received.unwrap();
            prop_assert_eq!(received.left.gross.amount(), Decimal::ZERO);
            prop_assert_eq!(received.earned.unwrap().amount(), Decimal::ZERO);
        }
    }
}
