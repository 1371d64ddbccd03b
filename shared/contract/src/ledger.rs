//! What the lines of an agent's ledger are about.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a line is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "LedgerLineKind")]
#[expect(missing_docs, reason = "the names say it")]
pub enum LineKind {
    Commission,
    SignupCommission,
    Refund,
    Chargeback,
    ChargebackWon,
    Requested,
    Released,
    Paid,
    Returned,
    Vat,
    Correction,
}

impl LineKind {
    /// Whether its cause is a payment.
    pub fn is_of_payment(self) -> bool {
        matches!(self, Self::Commission | Self::Refund | Self::Chargeback | Self::ChargebackWon)
    }

    /// Whether its cause is a remittance.
    pub fn is_of_remittance(self) -> bool {
        matches!(self, Self::Requested | Self::Released | Self::Paid | Self::Returned | Self::Vat)
    }
}
