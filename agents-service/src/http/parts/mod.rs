//! Parts of pages that both faces show: who signs in, their account, names, figures, signup URLs, messages. What each shows of them,
//! and to whom, is decided in `back_office` and `portal`, which know nothing of each other; nor is either known here.

pub mod account;
pub mod agent_choice;
pub mod agents;
pub mod customers;
pub mod figures;
pub mod labels;
pub mod messages;
pub mod sign_in;
pub mod signup_keys;
