//! Many agents from a table: first what would be added and what is wrong, then the agents, in one commit. No password is in the table;
//! each agent gets one, which is shown once.

pub mod pages;
pub mod prepare;
pub mod rows;
