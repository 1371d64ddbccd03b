//! Payments and reversals as a billing system describes them. References are trimmed and currencies upper-cased before anything is
//! compared.

use contract::clock::Moment;
use contract::events::payments::{PaymentCustomer, ReversalKind};
use contract::money::{Money, Percent};
use contract::text::Rule;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;
use web::http::{FieldErrors, Problem};

use crate::fields::{Amount, Fields, Number, SHORT};
use crate::payments::commands::{AttributePayment, ReceivePayment, ReversePayment};
use crate::payments::received::NewPayment;
use crate::payments::reversal::NewReversal;

/// The rule of references.
const REFERENCE: Rule = Rule::line(1, 64);
/// The rule of customer numbers.
const CUSTOMER_NUMBER: Rule = Rule::line(1, 32);

/// A payment as a client describes it.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "PaymentGiven")]
pub struct PaymentRequest {
    /// The billing system's own, 1 to 64 characters without a slash. The same payment may be sent again under it.
    #[schemars(required)]
    reference: Option<String>,
    /// The customer, or `customer_number`.
    customer_id: Option<Uuid>,
    customer_number: Option<String>,
    /// With value-added tax; more than 0.
    #[schemars(required)]
    amount: Option<Amount>,
    /// Without value-added tax. Absent with `vat_percent`, it is calculated; absent without, the amount is the base.
    net: Option<Net>,
    vat_percent: Option<Number>,
    /// Not in the future.
    #[schemars(required)]
    received_at: Option<Moment>,
}

/// A part of an amount: with its currency, or a number in the currency of the amount.
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
#[schemars(rename = "NetGiven")]
pub enum Net {
    Number(Number),
    Amount(Amount),
}

/// A refund or a chargeback as a client describes it.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "ReversalGiven")]
pub struct ReversalRequest {
    /// The refund's or the chargeback's own.
    #[schemars(required)]
    reference: Option<String>,
    /// A chargeback without an amount takes all that is left.
    amount: Option<Amount>,
    /// Without value-added tax; in proportion when absent.
    net: Option<Net>,
    /// Why. It is kept beside the log.
    reason: Option<String>,
}

/// Whose a payment is.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AttributionRequest {
    customer_id: Option<Uuid>,
    customer_number: Option<String>,
    /// Why it is known. It is kept beside the log.
    reason: Option<String>,
}

impl PaymentRequest {
    pub fn receiving(self, errors: FieldErrors, now: Moment) -> Result<ReceivePayment, Problem> {
        let mut fields = Fields::new(errors);
        let reference = reference(&mut fields, self.reference);
        let customer = customer(&mut fields, self.customer_id, self.customer_number);
        fields.required("amount", self.amount.as_ref());
        let amount = positive(&mut fields, self.amount);
        let vat_percent = fields.percent("vat_percent", self.vat_percent);
        let net = amount.and_then(|amount| net_of(&mut fields, amount, self.net, vat_percent));
        let received_at = fields.required("received_at", self.received_at);
        if received_at.is_some_and(|received_at| received_at.unless_ahead_of(now).is_none()) {
            fields.error("received_at", "in_future", "must not be in the future");
        }
        fields.finish()?;
        match (customer, amount, received_at) {
            (Some(customer), Some(amount), Some(received_at)) => {
                Ok(ReceivePayment(NewPayment { reference, customer, amount, net, vat_percent, received_at }))
            }
            _ => Err(Problem::internal()),
        }
    }
}

impl ReversalRequest {
    pub fn reversing(self, errors: FieldErrors, payment: &str, kind: ReversalKind) -> Result<ReversePayment, Problem> {
        let payment = payment_in(payment)?;
        let mut fields = Fields::new(errors);
        let reversal_reference = reference(&mut fields, self.reference);
        if kind == ReversalKind::Refund {
            fields.required("amount", self.amount.as_ref());
        }
        let amount = positive(&mut fields, self.amount);
        let net = match (amount, self.net) {
            (Some(amount), Some(net)) => part(&mut fields, amount, net),
            (None, Some(_)) => {
                fields.error("net", "without_amount", "needs an amount");
                None
            }
            (_, None) => None,
        };
        let reason = fields.text("reason", self.reason, SHORT);
        fields.finish()?;
        Ok(ReversePayment(NewReversal { reference: payment, kind, reversal_reference, amount, net, reason }))
    }
}

impl AttributionRequest {
    pub fn attributing(self, errors: FieldErrors, reference: &str) -> Result<AttributePayment, Problem> {
        let mut fields = Fields::new(errors);
        let customer = customer(&mut fields, self.customer_id, self.customer_number);
        let reason = fields.required_trimmed("reason", self.reason, Rule::line(1, SHORT.max));
        fields.finish()?;
        let customer = customer.ok_or_else(Problem::internal)?;
        Ok(AttributePayment { reference: reference.trim().to_owned(), customer, reason: Some(reason) })
    }
}

/// The payment that a path names. One whose reference breaks the rule can never come, so nothing waits for it.
fn payment_in(path: &str) -> Result<String, Problem> {
    let mut fields = Fields::new(FieldErrors::new());
    let text = reference(&mut fields, Some(path.to_owned()));
    fields.finish().map_err(|_| Problem::not_found())?;
    Ok(text)
}

/// A reference; it is a part of paths.
fn reference(fields: &mut Fields, value: Option<String>) -> String {
    let text = fields.required_trimmed("reference", value, REFERENCE);
    if text.contains('/') || text == "." || text == ".." {
        fields.error("reference", "invalid", "must not have a slash, nor be a dot or two");
    }
    text
}

fn customer(fields: &mut Fields, id: Option<Uuid>, number: Option<String>) -> Option<PaymentCustomer> {
    let number = fields.text("customer_number", number.map(|text| text.trim().to_owned()), CUSTOMER_NUMBER);
    match (id, number) {
        (Some(_), Some(_)) => {
            fields.error("customer_number", "ambiguous", "name the customer by id or by number, not by both");
            None
        }
        (Some(id), None) => Some(PaymentCustomer::CustomerId(id)),
        (None, Some(number)) if number.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') => {
            Some(PaymentCustomer::CustomerNumber(number))
        }
        (None, Some(_)) => {
            fields.error("customer_number", "invalid", "must have letters, digits and hyphens only");
            None
        }
        (None, None) => fields.required("customer_id", None),
    }
}

/// An amount of more than nothing.
fn positive(fields: &mut Fields, value: Option<Amount>) -> Option<Money> {
    let money = fields.amount("amount", value)?;
    if money.amount().is_zero() {
        fields.error("amount.amount", "too_small", "must be more than 0");
        return None;
    }
    Some(money)
}

/// A part of an amount, in its currency.
fn part(fields: &mut Fields, whole: Money, net: Net) -> Option<Money> {
    let given = match net {
        Net::Amount(amount) => amount,
        Net::Number(number) => Amount { amount: Some(number), currency: Some(whole.currency().as_str().to_owned()) },
    };
    let net = fields.amount("net", Some(given))?;
    match net.compare(whole) {
        Err(_) => fields.error("net.currency", "other_currency", "must be the currency of the amount"),
        Ok(than) if than.is_gt() => fields.error("net", "too_much", "must not be more than the amount"),
        Ok(_) => return Some(net),
    }
    None
}

/// The amount without tax, where the payment says how much that is; both ways of saying it must fit.
fn net_of(fields: &mut Fields, amount: Money, net: Option<Net>, vat: Option<Percent>) -> Option<Money> {
    let factor = vat.map(|vat| Decimal::ONE + Decimal::new(vat.basis_points(), 4));
    let calculated =
        factor.and_then(|factor| Money::rounded(amount.amount().checked_div(factor)?, amount.currency()).ok());
    let Some(net) = net else { return calculated };
    let net = part(fields, amount, net)?;
    let fits = |factor: Decimal| {
        let gross = net.amount().checked_mul(factor).and_then(|exact| Money::rounded(exact, net.currency()).ok());
        gross == Some(amount) || calculated == Some(net)
    };
    if factor.is_none_or(fits) {
        Some(net)
    } else {
        fields.error("net", "vat_differs", "does not fit the amount and vat_percent");
        None
    }
}

#[cfg(test)]
mod tests {
    use contract::money::Currency;

    use super::*;

    fn euro(amount: &str) -> Money {
        Money::new(amount.parse().unwrap(), Currency::known("EUR").unwrap()).unwrap()
    }

    fn net(amount: &str, net: Option<&str>, vat: Option<&str>) -> Result<Option<Money>, Problem> {
        let mut fields = Fields::new(FieldErrors::new());
        let net = net.map(|net| serde_json::from_value(net.into()).unwrap());
        let vat = vat.map(|vat| Percent::parse(vat).unwrap());
        let read = net_of(&mut fields, euro(amount), net, vat);
        fields.finish().map(|()| read)
    }

    #[test]
    fn the_net_amount_and_the_tax_must_fit_and_one_gives_the_other() {
        for (amount, given, vat, expected) in [
            ("119.00", None, None, None),
            ("119.00", None, Some("19"), Some("100.00")),
            ("119.00", Some("100.00"), None, Some("100.00")),
            ("119.00", Some("100.00"), Some("19"), Some("100.00")),
            ("10.00", None, Some("19"), Some("8.40")),
            ("10.00", Some("8.40"), Some("19"), Some("8.40")),
        ] {
            assert_eq!(net(amount, given, vat).unwrap(), expected.map(euro), "{amount} {given:?} {vat:?}");
        }
        assert!(net("119.00", Some("90.00"), Some("19")).is_err());
        assert!(net("119.00", Some("119.01"), None).is_err());
    }
}
