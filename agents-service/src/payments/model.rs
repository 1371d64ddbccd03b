//! A payment: received once, refunded and charged back at most to nothing, with the commission on what is left of it.

use std::collections::BTreeMap;

use contract::decider::Decider;
use contract::events::agents::AgentsEvent;
use contract::events::payments::{
    ChargebackWon, NotApplied, PaymentAttributed, PaymentReceived, ReversalHeld, ReversalKind, ReversalNotApplied,
};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::payments::earner::Earner;
use crate::payments::received::{NewPayment, PaymentError, Received};
use crate::payments::reversal::{NewReversal, Reversal, ReversalState, Taken};

/// The id of the payment with this reference: made from its SHA-256, so that no table says which payment a reference names.
pub fn id(reference: &str) -> Uuid {
    let digest = Sha256::digest(reference.as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// The stream of a payment.
pub fn stream(payment_id: Uuid) -> String {
    format!("payment-{payment_id}")
}

/// What is known of a payment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Payment {
    pub received: Option<Received>,
    /// Refunds and chargebacks by their references.
    pub reversals: BTreeMap<String, Reversal>,
}

/// What can be asked of a payment.
#[derive(Clone, Debug)]
pub enum PaymentCommand {
    Receive { payment: NewPayment, earner: Option<Earner> },
    Reverse(NewReversal),
    Win { reversal_reference: String },
    Attribute { earner: Earner, reason: Option<String> },
}

impl Payment {
    fn received(&self) -> Result<&Received, PaymentError> {
        self.received.as_ref().ok_or(PaymentError::Unknown)
    }

    fn with_received(mut self, change: impl FnOnce(Received) -> Received) -> Self {
        self.received = self.received.map(change);
        self
    }

    fn with_reversal(mut self, reference: &str, kind: ReversalKind, state: ReversalState) -> Self {
        self.reversals.insert(reference.to_owned(), Reversal { kind, state });
        self
    }
}

impl Decider for Payment {
    type State = Self;
    type Command = PaymentCommand;
    type Event = AgentsEvent;
    type Error = PaymentError;

    fn decide(state: &Self, command: PaymentCommand) -> Result<Vec<AgentsEvent>, PaymentError> {
        match command {
            PaymentCommand::Receive { payment, earner } => receive(state, payment, earner),
            PaymentCommand::Reverse(reversal) => reverse(state, reversal),
            PaymentCommand::Win { reversal_reference } => win(state, &reversal_reference),
            PaymentCommand::Attribute { earner, reason } => attribute(state, earner, reason),
        }
    }

    fn evolve(state: Self, event: &AgentsEvent) -> Self {
        match event {
            AgentsEvent::PaymentReceived(event) => Self { received: Some(Received::of(event)), ..state },
            AgentsEvent::PaymentAttributed(event) => state.with_received(|received| {
                let earned = Some(event.commission.amount);
                Received { commission: Some(event.commission.clone()), earned, ..received }
            }),
            AgentsEvent::PaymentReversed(event) => {
                let taken = Taken { amount: event.amount, net: event.net, commission: event.commission };
                state
                    .with_reversal(&event.reversal_reference, event.kind, ReversalState::Applied(taken))
                    .with_received(|received| received.after(taken))
            }
            AgentsEvent::ReversalHeld(event) => {
                let held = ReversalState::Held { amount: event.amount, net: event.net };
                state.with_reversal(&event.reversal_reference, event.kind, held)
            }
            AgentsEvent::ReversalNotApplied(event) => {
                state.with_reversal(&event.reversal_reference, event.kind, ReversalState::NotApplied(event.reason))
            }
            AgentsEvent::ChargebackWon(event) => {
                let taken = Taken { amount: event.amount, net: event.net, commission: event.commission };
                state
                    .with_reversal(&event.reversal_reference, ReversalKind::Chargeback, ReversalState::Won(taken))
                    .with_received(|received| received.with_again(taken))
            }
            _ => state,
        }
    }
}

/// Records a payment, and applies the reversals that came before it.
fn receive(state: &Payment, payment: NewPayment, earner: Option<Earner>) -> Result<Vec<AgentsEvent>, PaymentError> {
    if let Some(received) = &state.received {
        return if received.is(&payment, earner.as_ref()) { Ok(Vec::new()) } else { Err(PaymentError::Differs) };
    }
    let whole = payment.amounts();
    let commission = earner.map(|earner| earner.earns(whole, whole)).transpose()?;
    let NewPayment { reference, customer, amount, net, vat_percent, received_at } = payment;
    let payment_id = id(&reference);
    let event = PaymentReceived { payment_id, reference, amount, net, vat_percent, received_at, customer, commission };
    let mut events: Vec<AgentsEvent> = vec![event.clone().into()];
    let mut received = Received::of(&event);
    for (reversal_reference, reversal) in &state.reversals {
        let Some(waiting) = reversal.waiting(&event.reference, reversal_reference) else { continue };
        match received.takes(&waiting) {
            Ok(taken) => {
                events.push(received.reversed(&waiting, taken));
                received = received.after(taken);
            }
            Err(error) => events.push(not_applied(&waiting, payment_id, error)),
        }
    }
    Ok(events)
}

fn not_applied(reversal: &NewReversal, payment_id: Uuid, error: PaymentError) -> AgentsEvent {
    let reason = if error == PaymentError::OtherCurrency { NotApplied::OtherCurrency } else { NotApplied::TooMuch };
    let NewReversal { reference, kind, reversal_reference, .. } = reversal.clone();
    ReversalNotApplied { payment_id, reference, kind, reversal_reference, reason }.into()
}

fn reverse(state: &Payment, reversal: NewReversal) -> Result<Vec<AgentsEvent>, PaymentError> {
    if let Some(known) = state.reversals.get(&reversal.reversal_reference) {
        return if known.is(&reversal) { Ok(Vec::new()) } else { Err(PaymentError::ReversalDiffers) };
    }
    let Some(received) = &state.received else {
        let NewReversal { reference, kind, reversal_reference, amount, net, reason } = reversal;
        let (payment_id, reason) = (id(&reference), reason.into());
        return Ok(vec![ReversalHeld { payment_id, reference, kind, reversal_reference, amount, net, reason }.into()]);
    };
    let taken = received.takes(&reversal)?;
    Ok(vec![received.reversed(&reversal, taken)])
}

fn win(state: &Payment, reversal_reference: &str) -> Result<Vec<AgentsEvent>, PaymentError> {
    let received = state.received()?;
    let chargeback =
        state.reversals.get(reversal_reference).filter(|reversal| reversal.kind == ReversalKind::Chargeback);
    match chargeback.map(|chargeback| &chargeback.state) {
        Some(ReversalState::Applied(taken)) => {
            let PaymentReceived { payment_id, reference, .. } = received.event.clone();
            let Taken { amount, net, commission } = *taken;
            let reversal_reference = reversal_reference.to_owned();
            Ok(vec![ChargebackWon { payment_id, reference, reversal_reference, amount, net, commission }.into()])
        }
        Some(ReversalState::Won(_)) => Ok(Vec::new()),
        _ => Err(PaymentError::ChargebackUnknown),
    }
}

/// The commission on what is left now: reversals from before took nothing from the agent.
fn attribute(state: &Payment, earner: Earner, reason: Option<String>) -> Result<Vec<AgentsEvent>, PaymentError> {
    let received = state.received()?;
    match &received.commission {
        Some(commission) if commission.customer_id == earner.customer_id => Ok(Vec::new()),
        Some(_) => Err(PaymentError::Attributed),
        None => {
            let commission = earner.earns(received.whole(), received.left)?;
            let PaymentReceived { payment_id, reference, .. } = received.event.clone();
            Ok(vec![PaymentAttributed { payment_id, reference, commission, reason: reason.into() }.into()])
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use contract::clock::Moment;
    use contract::commission::{Base, CommissionRule, NoCommission, Per, Rate, RateAt, RateSource, Window};
    use contract::events::payments::PaymentCustomer;
    use contract::money::{Currency, Money, Percent};

    use super::*;

    pub fn euro(amount: &str) -> Money {
        Money::new(amount.parse().unwrap(), Currency::known("EUR").unwrap()).unwrap()
    }

    pub fn payment(amount: &str) -> NewPayment {
        let received_at = Moment::parse("2026-03-15T09:00:00Z").unwrap();
        let (reference, customer) = ("pay-1".to_owned(), PaymentCustomer::CustomerId(Uuid::from_u128(1)));
        NewPayment { reference, customer, amount: euro(amount), net: None, vat_percent: None, received_at }
    }

    impl NewPayment {
        #[must_use]
        pub fn with_net(self, net: &str) -> Self {
            Self { net: Some(euro(net)), ..self }
        }
    }

    pub fn earner(percent: &str) -> Earner {
        let rate = Rate::Percent(Percent::parse(percent).unwrap());
        let (source, per, base, window) = (RateSource::Agent, Per::Payment, Base::Net, Window::default());
        Earner {
            customer_id: Uuid::from_u128(1),
            agent_id: Uuid::from_u128(2),
            call_plan_id: Uuid::from_u128(3),
            group_id: Uuid::from_u128(4),
            key: "harbour".to_owned(),
            origin: None,
            rule: CommissionRule { source, rate, per, base, window, rate_at: RateAt::Placement },
            payments_before: 0,
            no_commission: None,
            due_at: Moment::parse("2026-04-14T09:00:00Z").unwrap(),
        }
    }

    fn after(commands: impl IntoIterator<Item = PaymentCommand>) -> Payment {
        commands.into_iter().fold(Payment::default(), |state, command| {
            let events = Payment::decide(&state, command).unwrap();
            events.iter().fold(state, Payment::evolve)
        })
    }

    fn attribution(earner: Earner) -> PaymentCommand {
        PaymentCommand::Attribute { earner, reason: None }
    }

    fn receive(payment: NewPayment) -> PaymentCommand {
        PaymentCommand::Receive { payment, earner: Some(earner("10")) }
    }

    #[test]
    fn a_payment_is_recorded_once_whatever_time_is_given_the_second_time() {
        let state = after([receive(payment("10.00"))]);
        let later = NewPayment { received_at: Moment::parse("2026-03-16T09:00:00Z").unwrap(), ..payment("10.00") };
        assert_eq!(Payment::decide(&state, receive(later)), Ok(Vec::new()));
        assert_eq!(Payment::decide(&state, receive(payment("10.01"))), Err(PaymentError::Differs));
        assert_eq!(Payment::decide(&state, receive(payment("10.00").with_net("9.00"))), Err(PaymentError::Differs));
    }

    #[test]
    fn a_commission_of_nothing_is_recorded_with_its_reason() {
        let none = Earner { no_commission: Some(NoCommission::PerSignup), ..earner("10") };
        for (earner, reason) in [(earner("0"), None), (none, Some(NoCommission::PerSignup))] {
            let state = after([PaymentCommand::Receive { payment: payment("10.00"), earner: Some(earner) }]);
            let commission = state.received.unwrap().commission.unwrap();
            assert_eq!((commission.amount, commission.no_commission), (euro("0.00"), reason));
        }
    }

    #[test]
    fn a_payment_of_an_unknown_customer_is_attributed_later_once() {
        let unknown = PaymentCommand::Receive { payment: payment("100.00"), earner: None };
        let refund = NewReversal {
            reference: "pay-1".to_owned(),
            kind: ReversalKind::Refund,
            reversal_reference: "r1".to_owned(),
            amount: Some(euro("40.00")),
            net: None,
            reason: None,
        };
        let state = after([unknown, PaymentCommand::Reverse(refund), attribution(earner("10"))]);
        let received = state.received.clone().unwrap();
        assert_eq!(received.earned, Some(euro("6.00")));
        assert_eq!(Payment::decide(&state, attribution(earner("10"))), Ok(Vec::new()));
        let other = Earner { customer_id: Uuid::from_u128(9), ..earner("10") };
        assert_eq!(Payment::decide(&state, attribution(other)), Err(PaymentError::Attributed));
        assert_eq!(Payment::decide(&Payment::default(), attribution(earner("10"))), Err(PaymentError::Unknown));
    }
}
