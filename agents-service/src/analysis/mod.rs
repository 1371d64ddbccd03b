//! The analysis of sales and money: a projection of the service's own log with sums by quarter hour ([`projection`]), and questions
//! over them and over the sums of sales. A period is of days of a time zone; every zone's days are made of quarter hours. With an
//! agent in the question, each statement reads only their rows.

pub mod api;
mod changes;
pub mod cohorts;
pub mod csv;
pub mod figures;
pub mod period;
pub mod projection;
pub mod queries;
pub mod question;
pub mod requests;
mod statements;
mod sums;
