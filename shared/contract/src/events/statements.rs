//! Statements: what an agent earned and was paid in a period, or since the payout before, as it was stated to them once and for all.

use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::events;
use crate::clock::Moment;
use crate::ledger::LineKind;
use crate::money::Currency;
use crate::tax::VatTerms;

/// What a statement is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "ids say what they are; the rest is documented at the type")]
pub enum StatementOf {
    /// The lines that were recorded from one moment on and before another.
    Period {
        /// As it was typed: a day, or a time where the company is.
        since: String,
        /// As it was typed; a day belongs to the period.
        until: String,
        starts_at: Moment,
        ends_at: Moment,
    },
    /// The lines since the payout before this one in its currency.
    Remittance { remittance_id: Uuid },
}

/// The sum of the lines of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StatementSum {
    /// What the lines are about.
    pub kind: LineKind,
    /// How many they are.
    pub lines: u64,
    /// What they change of the balance.
    #[schemars(with = "String")]
    pub amount: Decimal,
}

/// What was paid out on terms of value-added tax, less what came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StatementTax {
    /// Absent where the payout was recorded before its terms were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terms: Option<VatTerms>,
    /// Without tax.
    #[schemars(with = "String")]
    pub net: Decimal,
    /// The tax.
    #[schemars(with = "String")]
    pub vat: Decimal,
    /// Both.
    #[schemars(with = "String")]
    pub gross: Decimal,
}

/// The part of a statement in one currency. Currencies are never added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StatementSection {
    /// Of all amounts in the section.
    pub currency: Currency,
    /// The balance before the lines: what the company owed the agent, earned or not.
    #[schemars(with = "String")]
    pub opening: Decimal,
    /// The balance after the lines.
    #[schemars(with = "String")]
    pub closing: Decimal,
    /// The lines by their kinds.
    pub sums: Vec<StatementSum>,
    /// What was paid out, by the terms of its tax.
    pub taxes: Vec<StatementTax>,
}

events! {
    /// A statement was issued. Its lines are read from the ledger, which is only ever appended to; names and addresses stand beside the
    /// log.
    StatementIssued {
        statement_id: Uuid,
        /// Counts the company's statements, without gaps.
        number: u64,
        /// Stands before the number where it is shown.
        #[serde(default)] prefix: String,
        agent_id: Uuid, of: StatementOf,
        /// The company's time zone, which its days are in.
        time_zone: String,
        /// The number of the statement that it replaces.
        #[serde(default, skip_serializing_if = "Option::is_none")] corrects: Option<u64>,
        /// Only lines after this position belong to it.
        #[serde(default)] after: u64,
        /// Only lines up to this position belong to it.
        position: u64,
        /// Whether it is an invoice that the company issued in the name of the agent.
        #[serde(default)] self_billing: bool,
        sections: Vec<StatementSection>,
    }
}
