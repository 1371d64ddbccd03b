//! Texts that operators answer agents with.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A text that is used in many answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CannedAnswer {
    /// The name that it is chosen by.
    pub name: String,
    /// The text, of one or several lines.
    pub text: String,
}
