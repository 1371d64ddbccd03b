use super::halt::Halt;
use crate::sql::SqlError;

/// Why publishing stopped for now.
#[derive(Debug, thiserror::Error)]
pub enum RelayError {
    /// The log cannot be read.
    #[error(transparent)]
    Sql(#[from] SqlError),
    /// NATS does not respond, or not as expected; the relay reads the stream again.
    #[error("the stream cannot be used")]
    Bus(#[source] async_nats::Error),
    /// Publishing on would do harm.
    #[error(transparent)]
    Halted(#[from] Halt),
    /// Another process holds the lease.
    #[error("another process relays")]
    NotMine,
}
