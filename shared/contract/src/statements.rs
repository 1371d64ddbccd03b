//! What the company's settings say of statements.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which statements are invoices that the company issues in the name of the agent. One kind at most, so that no tax is shown on two
/// invoices.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SelfBilling {
    /// None.
    #[default]
    Never,
    /// Those of remittances.
    Remittances,
    /// Those of periods.
    Periods,
}

/// For how many years names and addresses are kept after the end of the year in which a statement was issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KeepYears(pub u16);

impl Default for KeepYears {
    fn default() -> Self {
        Self(10)
    }
}

/// The company on statements, and how they are issued.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct StatementSettings {
    /// The company's name in law.
    pub legal_name: String,
    /// The company's address, line by line.
    pub address: String,
    /// The company's number for value-added tax.
    pub vat_number: String,
    /// Stands before the number of a statement where it is shown.
    pub number_prefix: String,
    /// Which statements are invoices in the name of the agent.
    pub self_billing: SelfBilling,
    /// For how long names and addresses are kept.
    pub keep_years: KeepYears,
}
