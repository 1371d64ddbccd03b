//! How late a process is: how much longer than it asked for a task sleeps, because others are before it. Where more is asked than
//! the cores can do, so long waits a request before anybody looks at it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// How often it is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// The lateness of a runtime when it was last looked at; clones tell the same.
#[derive(Clone, Debug, Default)]
pub struct Lateness(Arc<AtomicU64>);

impl Lateness {
    /// That of the runtime in which this is called; it is watched while anybody may ask.
    pub fn of_this_runtime() -> Self {
        let lateness = Self::default();
        let told = Arc::downgrade(&lateness.0);
        tokio::spawn(async move {
            loop {
                let due = Instant::now() + LOOK_EVERY;
                sleep_until(due).await;
                let Some(told) = told.upgrade() else { return };
                told.store(u64::try_from(due.elapsed().as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
            }
        });
        lateness
    }

    /// This late, for a test.
    #[cfg(test)]
    pub(crate) fn of(late: Duration) -> Self {
        Self(Arc::new(AtomicU64::new(u64::try_from(late.as_micros()).unwrap())))
    }

    /// How late it was.
    pub fn last(&self) -> Duration {
        Duration::from_micros(self.0.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_task_that_holds_the_others_up_makes_it_late() {
        let lateness = Lateness::of_this_runtime();
        tokio::time::sleep(LOOK_EVERY * 3).await;
        let before = lateness.last();
        std::thread::sleep(Duration::from_millis(200));
        tokio::time::sleep(Duration::from_millis(1)).await;
        assert!(before < Duration::from_millis(100), "{before:?}");
        assert!(lateness.last() > Duration::from_millis(150), "{:?}", lateness.last());
    }
}
