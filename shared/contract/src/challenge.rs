//! When a signup needs a solved challenge.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Signups through one key in a minute from which they are a burst.
pub const BURST_SIGNUPS: u32 = 30;

/// When a browser or a program has to solve a challenge before it signs somebody up: work that takes a person seconds,
/// and a program that signs up thousands as many times that.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SignupChallenge {
    /// Never.
    #[default]
    Never,
    /// While signups through the same key come in a burst.
    Bursts,
    /// Always.
    Always,
}
