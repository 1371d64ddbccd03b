//! The back office: the operators' pages, one file or folder for each noun. Every route is behind the guard,
//! which asks for the scope that [`scopes`] names.

pub mod activity;
pub mod agent_tabs;
pub mod agents;
pub mod analysis;
pub mod api_tokens;
pub mod approvals;
pub mod call_plans;
pub mod canned_answers;
pub mod commission;
pub mod customers;
pub mod dashboard;
pub mod events;
pub mod first_steps;
pub mod grants;
pub mod groups;
pub mod history;
pub mod ledger;
pub mod operators;
pub mod payments;
pub mod payout_file;
pub mod payouts;
pub mod previews;
pub mod scopes;
pub mod search;
pub mod settings;
pub mod signup_keys;
pub mod statements;
pub mod support;
pub mod unknown_keys;
pub mod webhooks;
