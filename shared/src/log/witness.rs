//! Whoever has a copy of a log, or followed it, can tell whether the log has lost events.

use std::sync::Arc;

use futures::future::BoxFuture;

/// Asks whoever knows what the log should have.
pub type Witness = Arc<dyn Fn() -> BoxFuture<'static, Testimony> + Send + Sync>;

/// What a witness says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Testimony {
    /// It knows of nothing that the log lacks, or does not answer: nothing speaks against appending.
    Nothing,
    /// It is not there to be asked. Nothing speaks against appending, and it is asked before the next batch again.
    Absent,
    /// Why nothing may be appended.
    Against(String),
}
