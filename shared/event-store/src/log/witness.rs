//! A witness is another copy or reader of the log, which can tell whether the log has lost events. The writer asks
//! its witnesses whenever the database may have been replaced. A witness that does not respond is asked again in the
//! background; if it then contradicts the log, it halts the log.

use std::fmt::{Debug, Formatter};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::future::BoxFuture;
use tokio::runtime::Handle;

use crate::log::reader::Log;

/// Longest wait for a response. After it the log is written without one.
const PATIENCE: Duration = Duration::from_secs(2);
/// Pause before a silent witness is asked again.
const RETRY_PAUSE: Duration = Duration::from_millis(250);

/// A witness's response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Testimony {
    /// The log has all events that the witness knows.
    Nothing,
    /// The witness cannot tell now, which does not stop appends.
    Absent,
    /// Why nothing may be appended.
    Against(String),
}

/// A witness of one log.
#[derive(Clone)]
pub struct Witness(Arc<Inner>);

struct Inner {
    log: Log,
    ask: Box<dyn Fn() -> BoxFuture<'static, Testimony> + Send + Sync>,
    is_retrying: AtomicBool,
    /// The writer has a runtime of its own, which must not wait for anything else.
    runtime: Handle,
}

impl Debug for Witness {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Witness").finish_non_exhaustive()
    }
}

impl Witness {
    /// A witness of a log, with the question to it. Call it on the runtime on which the question is repeated.
    pub fn new(log: &Log, ask: impl Fn() -> BoxFuture<'static, Testimony> + Send + Sync + 'static) -> Self {
        let (log, ask, runtime) = (log.clone(), Box::new(ask), Handle::current());
        Self(Arc::new(Inner { log, ask, is_retrying: AtomicBool::new(false), runtime }))
    }

    /// The response; absent immediately while the question is repeated in the background.
    pub(super) async fn testimony(&self) -> Testimony {
        if self.0.is_retrying.load(Ordering::Relaxed) {
            return Testimony::Absent;
        }
        let testimony = self.0.ask().await;
        if testimony == Testimony::Absent {
            Arc::clone(&self.0).retry();
        }
        testimony
    }
}

impl Inner {
    async fn ask(&self) -> Testimony {
        tokio::time::timeout(PATIENCE, (self.ask)()).await.unwrap_or(Testimony::Absent)
    }

    fn retry(self: Arc<Self>) {
        if self.is_retrying.swap(true, Ordering::Relaxed) {
            return;
        }
        self.runtime.clone().spawn(async move {
            loop {
                tokio::time::sleep(RETRY_PAUSE).await;
                match self.ask().await {
                    Testimony::Nothing => break,
                    Testimony::Against(reason) if self.log.halt(&reason).await.is_ok() => break,
                    Testimony::Absent | Testimony::Against(_) => {}
                }
            }
            self.is_retrying.store(false, Ordering::Relaxed);
        });
    }
}
