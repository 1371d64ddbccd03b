//! The portal: what agents see in a browser of what is theirs. Each screen is behind the guard, for agents who are permitted it,
//! and every query names the agent who is signed in.

pub mod call_plans;
pub mod customers;
pub mod groups;
pub mod overview;
pub mod sales;
pub mod signup_keys;
pub mod support;
