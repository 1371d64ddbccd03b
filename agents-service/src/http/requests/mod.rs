//! What clients give, one file for each noun: the API reads it from JSON, the pages from forms, and both check it here.
//! Knows no page and no route.

pub mod agents;
pub mod call_plans;
pub mod groups;
pub mod messages;
pub mod signup_keys;
