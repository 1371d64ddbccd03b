//! The company on statements: a part of the settings of its own.

use contract::statements::{KeepYears, SelfBilling, StatementSettings};
use contract::text::Rule;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::fields::{Fields, Number};

const LINE: Rule = Rule::line(0, 200);
const ADDRESS: Rule = Rule::lines(500);
const PREFIX: Rule = Rule::line(0, 20);
/// Longest time that names are kept, in years.
const MAX_YEARS: u16 = 100;

/// What statements say of the company, and how they are issued; what is absent stays.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "StatementSettingsGiven")]
pub struct StatementSettingsRequest {
    /// The company's name in law.
    legal_name: Option<String>,
    /// The company's address, line by line.
    address: Option<String>,
    /// The company's number for value-added tax.
    vat_number: Option<String>,
    /// Stands before the number of a statement where it is shown, such as `GS-`.
    number_prefix: Option<String>,
    /// Which statements are invoices that the company issues in the name of the agent.
    self_billing: Option<SelfBilling>,
    /// For how many years after the end of the year of issue names and addresses on statements are kept, 1 to 100.
    keep_years: Option<Number>,
}

/// Changes; absent fields stay.
#[derive(Clone, Debug, Default)]
pub struct StatementSettingsChange {
    pub legal_name: Option<String>,
    pub address: Option<String>,
    pub vat_number: Option<String>,
    pub number_prefix: Option<String>,
    pub self_billing: Option<SelfBilling>,
    pub keep_years: Option<KeepYears>,
}

impl StatementSettingsRequest {
    pub fn check(self, fields: &mut Fields) -> StatementSettingsChange {
        let mut text =
            |name: &str, value: Option<String>, rule| fields.text(name, value.map(|text| text.trim().to_owned()), rule);
        let legal_name = text("statements.legal_name", self.legal_name, LINE);
        let address = text("statements.address", self.address, ADDRESS);
        let vat_number = text("statements.vat_number", self.vat_number, LINE);
        let number_prefix = text("statements.number_prefix", self.number_prefix, PREFIX);
        let keep_years = fields.counted("statements.keep_years", self.keep_years, 1..=MAX_YEARS, "years");
        let (self_billing, keep_years) = (self.self_billing, keep_years.map(KeepYears));
        StatementSettingsChange { legal_name, address, vat_number, number_prefix, self_billing, keep_years }
    }
}

impl StatementSettingsChange {
    pub fn over(self, old: StatementSettings) -> StatementSettings {
        StatementSettings {
            legal_name: self.legal_name.unwrap_or(old.legal_name),
            address: self.address.unwrap_or(old.address),
            vat_number: self.vat_number.unwrap_or(old.vat_number),
            number_prefix: self.number_prefix.unwrap_or(old.number_prefix),
            self_billing: self.self_billing.unwrap_or(old.self_billing),
            keep_years: self.keep_years.unwrap_or(old.keep_years),
        }
    }
}
