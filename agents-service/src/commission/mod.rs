//! Commission on payments received. Pure: [`rule`] says which terms count, [`share`] what they give on a payment and on what is
//! left of it after refunds. Both are functions of the log, so that every line of the ledger can be made again.

pub mod rule;
pub mod share;
