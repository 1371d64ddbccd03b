//! The event store of both services. A service owns one append-only [`log`] in its SQL database; a [`relay`]
//! publishes it to JetStream; [`projections`] fold it, or another service's log, into tables, from a [`feed`]. Names
//! no noun of the domain.
//!
//! Invariants: positions are gapless and in commit order; each event carries the hash of the one before; every reader
//! stores the hash with its position, and refuses a log that does not contain it.

pub mod bus;
pub mod event_loop_lag;
pub mod feed;
pub mod health;
pub mod lease;
pub mod log;
pub mod projections;
pub mod relay;
pub mod search;
pub mod sql;
