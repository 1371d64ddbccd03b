use super::halt::Halt;
use crate::sql::SqlError;

/// Why publishing stopped for now.
#[derive(Debug, thiserror::Error)]
pub enum RelayError {
    /// The log cannot be read.
    #[error(transparent)]
    Sql(#[from] SqlError),
    /// NATS does not answer, or not as asked; what is in the stream is looked at again.
    #[error("the stream cannot be used")]
    Bus(#[source] async_nats::Error),
    /// Publishing on would do harm.
    #[error(transparent)]
    Halted(#[from] Halt),
    /// Another process is the relay now.
    #[error("another process relays")]
    NotMine,
}
