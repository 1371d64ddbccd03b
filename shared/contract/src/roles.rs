//! Roles of the company's own staff.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What an operator may do. agents-service says which scopes a role has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OperatorRole {
    /// All that the API can do.
    #[default]
    Everything,
    /// Agents, their groups and signup keys, and customers; no money.
    Support,
    /// Payments, corrections and payouts.
    Finance,
    /// To see, and to change nothing.
    ReadOnly,
}
