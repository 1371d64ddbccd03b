//! A statement in responses, without names and lines.

use contract::events::statements::{StatementIssued, StatementOf, StatementSection};
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

/// A statement that was issued.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "Statement")]
pub struct StatementSnapshot {
    pub id: Uuid,
    /// Counts the company's statements, without gaps.
    pub number: u64,
    /// The number as it is shown.
    pub shown_number: String,
    pub agent_id: Uuid,
    pub of: StatementOf,
    /// The company's time zone, which its days are in.
    pub time_zone: String,
    /// The number of the statement that it replaces.
    pub corrects: Option<u64>,
    /// The position in the log that it stands at.
    pub position: u64,
    /// Whether it is an invoice that the company issued in the name of the agent.
    pub self_billing: bool,
    /// A part for each currency.
    pub sections: Vec<StatementSection>,
}

impl StatementSnapshot {
    pub fn of(issued: StatementIssued) -> Self {
        Self {
            id: issued.statement_id,
            number: issued.number,
            shown_number: shown_number(&issued),
            agent_id: issued.agent_id,
            of: issued.of,
            time_zone: issued.time_zone,
            corrects: issued.corrects,
            position: issued.position,
            self_billing: issued.self_billing,
            sections: issued.sections,
        }
    }
}

/// The number with what stands before it.
pub fn shown_number(issued: &StatementIssued) -> String {
    format!("{}{}", issued.prefix, issued.number)
}
