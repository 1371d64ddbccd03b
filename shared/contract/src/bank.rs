//! Bank accounts, and the rules of paying to them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A bank account with an international number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BankAccount {
    /// Whose account it is, as the bank knows them.
    pub holder: String,
    /// Without blanks, in capital letters.
    pub iban: String,
    /// The bank's; absent where it is not known.
    pub bic: Option<String>,
}

/// What stands in a bank file for a payee's BIC that is not known: banks differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnknownBic {
    /// Nothing.
    #[default]
    LeftOut,
    /// `NOTPROVIDED`.
    NotProvided,
}

/// Days for which a change of an agent's bank details stops their payouts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PayoutBlockDays(pub u16);

impl Default for PayoutBlockDays {
    fn default() -> Self {
        Self(7)
    }
}
