//! The screens of the agents' portal.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A screen of the agents' portal; each is enforced on the server for every request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// See own customers.
    Customers,
    /// See and add own signup keys.
    SignupUrls,
    /// See own groups.
    Groups,
    /// Reports.
    Sales,
    /// See the ledger.
    Commission,
    /// Request payouts.
    Remittance,
    /// See the call plans usable.
    CallPlans,
    /// Messages to and from the operator.
    Support,
}
