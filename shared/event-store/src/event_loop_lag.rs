//! How late a process is: how long a byte lies in a socket before a task of the runtime reads it. As long waits a request before
//! anybody looks at it, where more is asked than the cores can do. A timer would not show it: it is looked at before the sockets.

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio::net::UnixStream;
use tokio::time::{Instant, sleep};

/// How often a byte is sent.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// The lag of a runtime; clones tell the same.
#[derive(Clone, Debug, Default)]
pub struct EventLoopLag(Arc<Mutex<Seen>>);

#[derive(Debug, Default)]
struct Seen {
    /// How long the last byte lay.
    last: Duration,
    /// Since when one lies that was not read yet.
    since: Option<Instant>,
}

impl EventLoopLag {
    /// That of the runtime in which this is called; it is watched while anybody may ask. Where it cannot be, nothing is late.
    pub fn of_this_runtime() -> Self {
        let lag = Self::default();
        match UnixStream::pair() {
            Ok(pair) => drop(tokio::spawn(watch(pair, Arc::downgrade(&lag.0)))),
            Err(error) => tracing::warn!(%error, "how late requests are read cannot be watched"),
        }
        lag
    }

    /// This late, for a test.
    #[cfg(test)]
    pub(crate) fn of(late: Duration) -> Self {
        let lag = Self::default();
        lag.becomes(late);
        lag
    }

    /// Otherwise late, for a test.
    #[cfg(test)]
    pub(crate) fn becomes(&self, late: Duration) {
        *self.0.lock().unwrap() = Seen { last: late, since: None };
    }

    /// How late it is, as far as that shows yet.
    pub fn now(&self) -> Duration {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.since.map_or(seen.last, |since| since.elapsed().max(seen.last))
    }
}

async fn watch(pair: (UnixStream, UnixStream), told: Weak<Mutex<Seen>>) {
    let tell = |seen: Seen| told.upgrade().map(|told| *told.lock().unwrap_or_else(PoisonError::into_inner) = seen);
    let lateness_seconds = metrics::histogram!("signpost_event_loop_lag_seconds");
    let mut last = Duration::ZERO;
    while tell(Seen { last, since: None }).is_some() {
        sleep(LOOK_EVERY).await;
        let since = Instant::now();
        tell(Seen { last, since: Some(since) });
        // What could not be sent or read must not hold the writer up.
        last = pass(&pair).await.map_or(Duration::ZERO, |()| since.elapsed());
        lateness_seconds.record(last);
    }
}

/// Sends a byte and waits until it is read.
async fn pass((to, from): &(UnixStream, UnixStream)) -> std::io::Result<()> {
    to.writable().await?;
    to.try_write(b"?")?;
    from.readable().await?;
    // Until there is nothing left: then the runtime hears of the next byte as it hears of a request.
    while from.try_read(&mut [0]).is_ok() {}
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn is(lag: &EventLoopLag, what: impl Fn(Duration) -> bool) {
        let wait = async {
            while !what(lag.now()) {
                sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), wait).await.unwrap();
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn tasks_that_have_more_to_do_than_the_thread_can_make_it_late_as_long_as_they_last() {
        let (lag, late) = (EventLoopLag::of_this_runtime(), Duration::from_millis(50));
        sleep(LOOK_EVERY * 3).await;
        is(&lag, |now| now < late).await;
        let busy = || async {
            loop {
                std::thread::sleep(Duration::from_millis(5));
                tokio::task::yield_now().await;
            }
        };
        let busy: Vec<_> = (0..20).map(|_| tokio::spawn(busy())).collect();
        is(&lag, |now| now >= late).await;
        for one in busy {
            one.abort();
        }
        is(&lag, |now| now < late).await;
    }
}
