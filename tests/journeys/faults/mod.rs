//! Fault runs: something is killed, suspended, disconnected or wiped while clients write, and the checker verifies
//! that no acknowledged write was lost or doubled.

mod bootstrap;
mod copies;
mod database;
mod failover;
pub mod following;
mod keys;
mod log;
mod lost_tail;
mod partition;
mod rebuild;
mod relay;
mod repair;
mod restore;
mod storage;
mod takeover;
