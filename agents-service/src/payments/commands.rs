//! Commands about payments. Whom a payment is of, and by which terms they earn, is read when the command is decided.

use contract::events::agents::AgentsEvent;
use contract::events::payments::PaymentCustomer;

use crate::batch::{BatchContext, Decided, Outcome};
use crate::command::{Command, Reply};
use crate::domain_error::DomainError;
use crate::facts::Needs;
use crate::ledger::balances;
use crate::payments::customers::{Customers, count_payment};
use crate::payments::model::{Payment, PaymentCommand, id, stream};
use crate::payments::received::{NewPayment, PaymentError};
use crate::payments::reversal::NewReversal;
use crate::payments::snapshot::{PaymentSnapshot, ReversalSnapshot};

fn decide(batch: &mut BatchContext, stream: &str, command: PaymentCommand) -> Result<Decided, DomainError> {
    let decided = batch.decide::<Payment>(stream, command)?;
    balances::note(batch, &decided.happened);
    Ok(decided)
}

/// Records a payment.
pub struct ReceivePayment(pub NewPayment);

impl Command for ReceivePayment {
    fn stream(&self) -> String {
        stream(id(&self.0.reference))
    }

    fn needs(&self, needs: &mut Needs) {
        needs.fact::<Customers>(self.0.customer.clone());
    }

    fn decide(&self, batch: &mut BatchContext) -> Result<Decided, DomainError> {
        let payment = self.0.clone();
        let known = batch.fact::<Customers>(&payment.customer).cloned();
        let is_new = batch.state::<Payment>(&self.stream()).received.is_none();
        if is_new && known.as_ref().is_some_and(|known| !known.has_room(payment.amount.currency())) {
            return Err(PaymentError::TooLarge.into());
        }
        let earner = known.as_ref().and_then(|known| known.earner(payment.amount.currency(), payment.received_at));
        let decided = decide(batch, &self.stream(), PaymentCommand::Receive { payment, earner })?;
        if let Some(known) = known.filter(|_| !decided.happened.is_empty()) {
            count_payment(batch, &known.placed);
        }
        Ok(decided)
    }

    fn respond(&self, batch: &BatchContext, outcome: &Outcome) -> Reply {
        let shown = batch.snapshot(outcome, PaymentSnapshot::of);
        if outcome.last.is_some() { Reply::created(shown) } else { Reply::ok(shown) }
    }
}

/// Records a refund or a chargeback.
pub struct ReversePayment(pub NewReversal);

impl Command for ReversePayment {
    fn stream(&self) -> String {
        stream(id(&self.0.reference))
    }

    fn decide(&self, batch: &mut BatchContext) -> Result<Decided, DomainError> {
        decide(batch, &self.stream(), PaymentCommand::Reverse(self.0.clone()))
    }

    fn respond(&self, batch: &BatchContext, outcome: &Outcome) -> Reply {
        let payment = batch.state::<Payment>(&outcome.stream);
        let shown = ReversalSnapshot::of(&payment, &self.0.reference, &self.0.reversal_reference);
        match &outcome.last {
            Some(AgentsEvent::ReversalHeld(_)) => Reply::accepted(shown),
            Some(_) => Reply::created(shown),
            None => Reply::ok(shown),
        }
    }
}

/// Records that a chargeback was decided for the company.
pub struct WinChargeback {
    /// The payment's.
    pub reference: String,
    pub reversal_reference: String,
}

impl Command for WinChargeback {
    fn stream(&self) -> String {
        stream(id(&self.reference))
    }

    fn decide(&self, batch: &mut BatchContext) -> Result<Decided, DomainError> {
        let reversal_reference = self.reversal_reference.clone();
        decide(batch, &self.stream(), PaymentCommand::Win { reversal_reference })
    }

    fn respond(&self, batch: &BatchContext, outcome: &Outcome) -> Reply {
        let payment = batch.state::<Payment>(&outcome.stream);
        Reply::ok(ReversalSnapshot::of(&payment, &self.reference, &self.reversal_reference))
    }
}

/// Says whose a payment of an unknown customer is. Without a reason the service found it out by itself.
pub struct AttributePayment {
    pub reference: String,
    pub customer: PaymentCustomer,
    pub reason: Option<String>,
}

impl Command for AttributePayment {
    fn stream(&self) -> String {
        stream(id(&self.reference))
    }

    fn needs(&self, needs: &mut Needs) {
        needs.fact::<Customers>(self.customer.clone());
    }

    fn decide(&self, batch: &mut BatchContext) -> Result<Decided, DomainError> {
        let unknown = || DomainError::conflict("customer_unknown", "no customer of this id or number is placed");
        let payment = batch.state::<Payment>(&self.stream());
        let Some(received) = payment.received else { return Err(DomainError::not_found("there is no such payment")) };
        let known = batch.fact::<Customers>(&self.customer).cloned().ok_or_else(unknown)?;
        let (currency, received_at) = (received.event.amount.currency(), received.event.received_at);
        if !known.has_room(currency) {
            return Err(PaymentError::TooLarge.into());
        }
        let earner = known.earner(currency, received_at).ok_or_else(unknown)?;
        let reason = self.reason.clone();
        let decided = decide(batch, &self.stream(), PaymentCommand::Attribute { earner, reason })?;
        if !decided.happened.is_empty() {
            count_payment(batch, &known.placed);
        }
        Ok(decided)
    }

    fn respond(&self, batch: &BatchContext, outcome: &Outcome) -> Reply {
        Reply::ok(batch.snapshot(outcome, PaymentSnapshot::of))
    }
}
