//! PostgreSQL in operation: with a standby, behind a pooler, temporarily read-only, and with a log free of noise.

pub mod failures;
mod hosts;
mod migrating;
mod pooler;
mod quiet;
mod standby;
