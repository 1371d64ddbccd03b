//! Commission terms as a client describes them.

use contract::commission::{Base, CommissionTerms, Per, Rate, RateAt, Window};
use contract::money::Money;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::commission::change::AgentCommissionChange;
use crate::fields::{Amount, Fields, Number, nullable};

/// The scope of whoever states commission terms, of whatever thing.
pub const TERMS_SCOPE: &str = "agents:write";
/// Longest hold period, in days.
pub const MAX_HOLD_DAYS: u16 = 3_650;
/// Most payments of a window.
const MAX_PAYMENTS: u32 = 10_000;
/// Most months of a window.
const MAX_MONTHS: u32 = 1_200;

/// Terms of a call plan, a grant or a signup key: `percent` or `flat`. What is absent is the agent's.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "CommissionTermsGiven")]
pub struct TermsRequest {
    /// 0 to 100, with at most two decimals.
    percent: Option<Number>,
    /// An amount for each payment in its currency, or for each signup.
    flat: Option<Amount>,
    per: Option<Per>,
    base: Option<Base>,
    window: Option<Window>,
}

/// An agent's terms beside the percentage; what is absent stays.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "AgentCommissionGiven")]
pub struct AgentTermsRequest {
    /// An amount in place of the percentage; null is the percentage again.
    #[serde(deserialize_with = "nullable")]
    #[schemars(with = "Option<Amount>")]
    #[expect(clippy::option_option, reason = "absent and null differ here")]
    flat: Option<Option<Amount>>,
    per: Option<Per>,
    base: Option<Base>,
    /// Given whole; empty is for good.
    window: Option<Window>,
    rate_at: Option<RateAt>,
}

/// Terms of any of those who may have some.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "AnyCommissionGiven")]
pub struct AnyTermsRequest {
    /// Of a call plan, a grant or a signup key; an agent's is `commission_percent`.
    percent: Option<Number>,
    /// Null is the agent's percentage again.
    #[serde(deserialize_with = "nullable")]
    #[schemars(with = "Option<Amount>")]
    #[expect(clippy::option_option, reason = "absent and null differ here")]
    flat: Option<Option<Amount>>,
    per: Option<Per>,
    base: Option<Base>,
    window: Option<Window>,
    /// Of an agent only.
    rate_at: Option<RateAt>,
}

impl AnyTermsRequest {
    /// As an agent's.
    pub fn of_agent(self, fields: &mut Fields) -> AgentTermsRequest {
        let Self { percent, flat, per, base, window, rate_at } = self;
        if percent.is_some() {
            fields.error("commission.percent", "unknown_field", "an agent's is commission_percent");
        }
        AgentTermsRequest { flat, per, base, window, rate_at }
    }

    /// As a call plan's, a grant's or a signup key's.
    pub fn of_other(self, fields: &mut Fields) -> TermsRequest {
        let Self { percent, flat, per, base, window, rate_at } = self;
        if rate_at.is_some() {
            fields.error("commission.rate_at", "unknown_field", "only an agent has it");
        }
        TermsRequest { percent, flat: flat.flatten(), per, base, window }
    }
}

/// The terms of a thing's own: by `commission_percent` or by `commission`. The outer `None` is absent, the inner one none.
pub fn own(
    fields: &mut Fields,
    percent: Option<Option<Number>>,
    commission: Option<Option<TermsRequest>>,
) -> Option<Option<CommissionTerms>> {
    match (percent, commission) {
        (Some(_), Some(_)) => {
            fields.error("commission", "ambiguous", "give commission_percent or commission, not both");
            None
        }
        (Some(None), None) | (None, Some(None)) => Some(None),
        (Some(percent), None) => {
            let percent = fields.percent("commission_percent", percent)?;
            Some(Some(CommissionTerms { rate: Rate::Percent(percent), per: None, base: None, window: None }))
        }
        (None, Some(Some(request))) => terms(fields, request).map(Some),
        (None, None) => None,
    }
}

fn terms(fields: &mut Fields, request: TermsRequest) -> Option<CommissionTerms> {
    let rate = match (request.percent, request.flat) {
        (Some(percent), None) => Rate::Percent(fields.percent("commission.percent", Some(percent))?),
        (None, Some(flat)) => Rate::Flat(fields.amount("commission.flat", Some(flat))?),
        _ => {
            fields.error("commission", "required", "needs percent or flat, and not both");
            return None;
        }
    };
    if request.per == Some(Per::Signup) && matches!(rate, Rate::Percent(_)) {
        fields.error("commission.per", "needs_flat", "a signup has no amount, so it needs a flat commission");
    }
    let window = request.window.and_then(|window| check_window(fields, window));
    Some(CommissionTerms { rate, per: request.per, base: request.base, window })
}

impl AgentTermsRequest {
    pub fn check(self, fields: &mut Fields) -> AgentCommissionChange {
        let flat: Option<Option<Money>> = match self.flat {
            Some(Some(flat)) => fields.amount("commission.flat", Some(flat)).map(Some),
            Some(None) => Some(None),
            None => None,
        };
        let window = self.window.and_then(|window| check_window(fields, window));
        AgentCommissionChange { flat, per: self.per, base: self.base, window, rate_at: self.rate_at }
    }
}

fn check_window(fields: &mut Fields, window: Window) -> Option<Window> {
    for (name, value, most) in [
        ("commission.window.payments", window.payments, MAX_PAYMENTS),
        ("commission.window.months", window.months, MAX_MONTHS),
    ] {
        if value.is_some_and(|value| value == 0 || value > most) {
            fields.error(name, "out_of_range", format!("must be 1 to {most}"));
            return None;
        }
    }
    Some(window)
}

/// The days of a hold period.
pub fn hold_days(fields: &mut Fields, days: u16) -> Option<u16> {
    if days > MAX_HOLD_DAYS {
        fields.error("hold_days", "out_of_range", format!("must be 0 to {MAX_HOLD_DAYS}"));
        return None;
    }
    Some(days)
}

/// One threshold for each currency, the first being `remittance_threshold`.
pub fn thresholds(fields: &mut Fields, given: Vec<Amount>) -> Option<Vec<Money>> {
    const NAME: &str = "remittance_thresholds";
    let count = given.len();
    let each = given.into_iter().enumerate();
    let read: Vec<Money> =
        each.filter_map(|(index, amount)| fields.amount(&format!("{NAME}.{index}"), Some(amount))).collect();
    let is_twice =
        |(index, money): (usize, &Money)| read[..index].iter().any(|other| other.currency() == money.currency());
    if count == 0 {
        fields.error(NAME, "required", "needs at least one amount");
    } else if read.iter().enumerate().any(is_twice) {
        fields.error(NAME, "duplicate", "must have one amount for a currency");
    } else if read.len() == count {
        return Some(read);
    }
    None
}
