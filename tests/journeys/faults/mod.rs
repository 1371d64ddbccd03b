//! Runs of faults: something is killed, stopped, cut off or wiped while clients write, and the checker proves that
//! nothing acknowledged was lost or doubled.

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
