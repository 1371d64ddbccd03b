//! Commission on payments received. [`terms`] keeps what was stated, [`rule`] says which terms count, and [`share`] what they give on a
//! payment and on what is left of it after refunds. All are functions of the log, so that every line of the ledger can be made
//! again.

pub mod change;
pub mod preview;
pub mod requests;
pub mod rule;
pub mod share;
pub mod terms;
