//! PostgreSQL as operators run it: with a standby, behind a pooler, read-only for a while, and with a log that says only what
//! matters.

pub mod failures;
mod hosts;
mod migrating;
mod pooler;
mod quiet;
mod standby;
