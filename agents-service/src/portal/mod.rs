//! The portal: the agents' pages of their own data. Each screen is behind the guard and needs its permission, and
//! every query is limited to the signed-in agent. A screen is entered in [`crate::registry`].

pub mod call_plans;
pub mod customers;
pub mod details;
pub mod earnings;
pub mod groups;
pub mod material;
pub mod overview;
pub mod payouts;
pub mod sales;
pub mod search;
pub mod signup_keys;
pub mod statements;
pub mod support;
