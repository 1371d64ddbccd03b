//! A payment that was received, and why a report of one is refused.

use contract::clock::Moment;
use contract::events::payments::{PaymentCommission, PaymentCustomer, PaymentReceived};
use contract::money::{Money, MoneyError, Percent};

use crate::commission::share::Amounts;
use crate::domain_error::DomainError;
use crate::payments::earner::Earner;

/// A payment that was received.
#[derive(Clone, Debug, PartialEq)]
pub struct Received {
    pub event: PaymentReceived,
    /// Where somebody earns by it: as it was when it was attributed.
    pub commission: Option<PaymentCommission>,
    /// What is left after all reversals.
    pub left: Amounts,
    /// The commission that the agent has from it now; nothing while nobody earns by it.
    pub earned: Option<Money>,
}

/// A payment as it is reported.
#[derive(Clone, Debug, PartialEq)]
pub struct NewPayment {
    pub reference: String,
    pub customer: PaymentCustomer,
    pub amount: Money,
    pub net: Option<Money>,
    pub vat_percent: Option<Percent>,
    pub received_at: Moment,
}

/// Why a command is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PaymentError {
    #[error("there is no such payment")]
    Unknown,
    #[error("there is no such chargeback of this payment")]
    ChargebackUnknown,
    #[error("another payment was recorded under this reference")]
    Differs,
    #[error("another refund or chargeback of this payment was recorded under this reference")]
    ReversalDiffers,
    #[error("the payment has a customer already")]
    Attributed,
    #[error("is more than what is left of the payment")]
    TooMuch,
    #[error("is in another currency than the payment")]
    OtherCurrency,
    #[error("does not fit what is left of the payment")]
    NetDiffers,
    #[error("is too large")]
    TooLarge,
}

impl From<PaymentError> for DomainError {
    fn from(error: PaymentError) -> Self {
        match error {
            PaymentError::Unknown | PaymentError::ChargebackUnknown => Self::not_found(error.to_string()),
            PaymentError::Differs => Self::conflict("payment_differs", error.to_string()),
            PaymentError::ReversalDiffers => Self::conflict("reversal_differs", error.to_string()),
            PaymentError::Attributed => Self::conflict("payment_attributed", error.to_string()),
            PaymentError::TooMuch => Self::invalid_field("amount", "too_much", error.to_string()),
            PaymentError::OtherCurrency => Self::invalid_field("amount.currency", "other_currency", error.to_string()),
            PaymentError::NetDiffers => Self::invalid_field("net", "net_differs", error.to_string()),
            PaymentError::TooLarge => Self::invalid_field("amount", "too_large", error.to_string()),
        }
    }
}

impl From<MoneyError> for PaymentError {
    fn from(error: MoneyError) -> Self {
        match error {
            MoneyError::OtherCurrency => Self::OtherCurrency,
            MoneyError::Negative => Self::TooMuch,
            _ => Self::TooLarge,
        }
    }
}

impl NewPayment {
    pub(super) fn amounts(&self) -> Amounts {
        Amounts { gross: self.amount, net: self.net.unwrap_or(self.amount) }
    }
}

impl Received {
    pub(super) fn of(event: &PaymentReceived) -> Self {
        let left = Amounts { gross: event.amount, net: event.net.unwrap_or(event.amount) };
        let earned = event.commission.as_ref().map(|commission| commission.amount);
        Self { event: event.clone(), commission: event.commission.clone(), left, earned }
    }

    /// The payment as it was received.
    pub fn whole(&self) -> Amounts {
        Amounts { gross: self.event.amount, net: self.event.net.unwrap_or(self.event.amount) }
    }

    /// The same payment once more: the time at which somebody says that it came does not make it another one.
    pub(super) fn is(&self, payment: &NewPayment, earner: Option<&Earner>) -> bool {
        let same_net = payment.net.is_none() || payment.net == self.event.net;
        self.event.amount == payment.amount && same_net && self.is_of(&payment.customer, earner)
    }

    /// Whether the payment is of this customer. A customer may be named by id once and by number once.
    fn is_of(&self, customer: &PaymentCustomer, earner: Option<&Earner>) -> bool {
        let by_id = |customer: &PaymentCustomer| match customer {
            PaymentCustomer::CustomerId(id) => Some(*id),
            PaymentCustomer::CustomerNumber(_) => None,
        };
        let own = self.commission.as_ref().map(|commission| commission.customer_id).or(by_id(&self.event.customer));
        let named = earner.map(|earner| earner.customer_id).or(by_id(customer));
        self.event.customer == *customer || own.is_some() && own == named
    }
}
