//! The commands, one file for each noun.

pub mod agents;
pub mod api_tokens;
pub mod call_plans;
pub mod grants;
pub mod groups;
pub mod messages;
pub mod operators;
pub mod settings;
pub mod signup_keys;
