use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::clock::Moment;

/// A number that was shown to somebody whose e-mail address was known already.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ShownNumber {
    /// The number, which no customer has.
    pub customer_number: String,
    /// When it was shown.
    pub shown_at: Moment,
    /// The signup key through which they came.
    pub key: String,
    /// The agent of that key.
    pub agent_id: Option<Uuid>,
    /// The customer who has the address.
    pub customer_id: Option<Uuid>,
}
