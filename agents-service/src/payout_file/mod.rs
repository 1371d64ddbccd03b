//! The payout file: approved remittances as a credit transfer of SEPA (pain.001.001.09), or as CSV.
//!
//! `plan` decides what is paid and why something is left out, `document` writes the XML, and `check` finds what a bank would refuse
//! although the schema lets it pass. The same remittances give the same ids.

pub mod api;
pub mod business_day;
pub mod check;
pub mod document;
pub mod export;
pub mod plan;
pub mod queries;
pub mod text;
