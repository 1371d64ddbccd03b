//! What happens to remittances: an agent's requests to be paid what they earned.

use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::events;
use crate::money::Money;
use crate::note::Note;
use crate::tax::VatTerms;

/// What an agent has in a currency, in units of it. `earned` and `paid` are cumulative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Balance {
    /// After reversals and corrections, without what is still held.
    #[schemars(with = "String")]
    pub earned: Decimal,
    /// Requested or approved, and not paid yet.
    #[schemars(with = "String")]
    pub reserved: Decimal,
    /// Without what was returned.
    #[schemars(with = "String")]
    pub paid: Decimal,
}

impl Balance {
    /// What may be requested; negative where more was paid or reserved than is earned.
    pub fn available(&self) -> Decimal {
        self.earned - self.reserved - self.paid
    }
}

/// By which way an amount is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum PaymentMethod {
    BankTransfer,
    Cash,
    Credit,
    Other,
}

events! {
    /// An agent, or an operator for them, asked for a payout: the amount is reserved.
    RemittanceRequested { remittance_id: Uuid, agent_id: Uuid, amount: Money, balance: Balance, }
    /// An operator approved it.
    RemittanceApproved { remittance_id: Uuid, agent_id: Uuid, amount: Money, approver: String, balance: Balance, }
    /// An operator refused it: the amount is free again.
    RemittanceRefused { remittance_id: Uuid, agent_id: Uuid, amount: Money, #[serde(rename = "has_reason")] reason: Note, }
    /// Its agent took it back: the amount is free again.
    RemittanceCancelled { remittance_id: Uuid, agent_id: Uuid, amount: Money, }
    /// It was paid.
    RemittancePaid {
        remittance_id: Uuid, agent_id: Uuid, amount: Money,
        /// Value-added tax that was paid with it.
        vat: Money,
        /// The terms of that tax; absent in what was recorded before they were.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        vat_terms: Option<VatTerms>,
        method: PaymentMethod,
        /// The bank's own; one reference pays one remittance.
        #[serde(rename = "has_bank_reference")]
        bank_reference: Note,
    }
    /// The bank sent it back, or it could not be paid: the amount is free again.
    RemittanceReturned {
        remittance_id: Uuid, agent_id: Uuid, amount: Money,
        /// Value-added tax that came back with it; absent where it was not paid yet.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        vat: Option<Money>,
        /// Whether it had been paid.
        was_paid: bool,
        #[serde(rename = "has_reason")]
        reason: Note,
    }
}
