//! Whoever has a copy of a log, or followed it, can tell whether the log has lost events: its writer asks them when the database
//! may be another than before. One that does not answer is asked on, and halts the log when it then speaks against it.

use std::fmt::{Debug, Formatter};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::future::BoxFuture;
use tokio::runtime::Handle;

use crate::log::reader::Log;

/// Longest wait for an answer. While there is none, the log is written.
const PATIENCE: Duration = Duration::from_secs(2);
/// Pause before a witness that did not answer is asked again.
const ASK_AGAIN: Duration = Duration::from_millis(250);

/// What a witness says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Testimony {
    /// It knows of nothing that the log lacks.
    Nothing,
    /// It cannot tell now. Nothing speaks against appending.
    Absent,
    /// Why nothing may be appended.
    Against(String),
}

/// Somebody who can tell what a log should have.
#[derive(Clone)]
pub struct Witness(Arc<Asking>);

struct Asking {
    log: Log,
    ask: Box<dyn Fn() -> BoxFuture<'static, Testimony> + Send + Sync>,
    is_asked_on: AtomicBool,
    /// The writer has a runtime of its own, which must not wait for anything else.
    runtime: Handle,
}

impl Debug for Witness {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Witness").finish_non_exhaustive()
    }
}

impl Witness {
    /// Of a log, with the question to it. To be made on the runtime on which it is asked on.
    pub fn new(log: &Log, ask: impl Fn() -> BoxFuture<'static, Testimony> + Send + Sync + 'static) -> Self {
        let (log, ask, runtime) = (log.clone(), Box::new(ask), Handle::current());
        Self(Arc::new(Asking { log, ask, is_asked_on: AtomicBool::new(false), runtime }))
    }

    /// What it says. Absent at once while it is asked on.
    pub(super) async fn testimony(&self) -> Testimony {
        if self.0.is_asked_on.load(Ordering::Relaxed) {
            return Testimony::Absent;
        }
        let testimony = self.0.ask().await;
        if testimony == Testimony::Absent {
            Arc::clone(&self.0).ask_on();
        }
        testimony
    }
}

impl Asking {
    async fn ask(&self) -> Testimony {
        tokio::time::timeout(PATIENCE, (self.ask)()).await.unwrap_or(Testimony::Absent)
    }

    fn ask_on(self: Arc<Self>) {
        if self.is_asked_on.swap(true, Ordering::Relaxed) {
            return;
        }
        self.runtime.clone().spawn(async move {
            loop {
                tokio::time::sleep(ASK_AGAIN).await;
                match self.ask().await {
                    Testimony::Nothing => break,
                    Testimony::Against(reason) if self.log.halt(&reason).await.is_ok() => break,
                    Testimony::Absent | Testimony::Against(_) => {}
                }
            }
            self.is_asked_on.store(false, Ordering::Relaxed);
        });
    }
}
