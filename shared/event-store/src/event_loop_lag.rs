//! How far the runtime lags behind its requests: the time between sending a byte into a socket and a task reading it.
//! Requests wait as long when the cores are overloaded. A timer would not show the lag, since the runtime polls
//! timers before sockets.

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio::net::UnixStream;
use tokio::time::{Instant, sleep};

/// How often a byte is sent.
const SEND_EVERY: Duration = Duration::from_millis(10);

/// The lag of a runtime; clones share the measurement.
#[derive(Clone, Debug, Default)]
pub struct EventLoopLag(Arc<Mutex<Seen>>);

#[derive(Debug, Default)]
struct Seen {
    /// How long the last byte waited.
    last: Duration,
    /// When the byte was sent that has not been read yet.
    since: Option<Instant>,
}

impl EventLoopLag {
    /// The lag of the current runtime, measured as long as a clone exists. Where it cannot be measured, it is zero.
    pub fn of_this_runtime() -> Self {
        let lag = Self::default();
        match UnixStream::pair() {
            Ok(pair) => drop(tokio::spawn(watch(pair, Arc::downgrade(&lag.0)))),
            Err(error) => tracing::warn!(%error, "the lag of the event loop cannot be measured"),
        }
        lag
    }

    /// A lag of this length, for a test.
    #[cfg(test)]
    pub(crate) fn of(late: Duration) -> Self {
        let lag = Self::default();
        lag.becomes(late);
        lag
    }

    /// Sets the lag, for a test.
    #[cfg(test)]
    pub(crate) fn becomes(&self, late: Duration) {
        *self.0.lock().unwrap() = Seen { last: late, since: None };
    }

    /// The lag; a byte that still waits counts already.
    pub fn now(&self) -> Duration {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.since.map_or(seen.last, |since| since.elapsed().max(seen.last))
    }
}

async fn watch(pair: (UnixStream, UnixStream), seen: Weak<Mutex<Seen>>) {
    let record = |new: Seen| seen.upgrade().map(|seen| *seen.lock().unwrap_or_else(PoisonError::into_inner) = new);
    let lag_seconds = metrics::histogram!("signpost_event_loop_lag_seconds");
    let mut last = Duration::ZERO;
    while record(Seen { last, since: None }).is_some() {
        sleep(SEND_EVERY).await;
        let since = Instant::now();
        record(Seen { last, since: Some(since) });
        // A failure to send or read must not delay the writer.
        last = round_trip(&pair).await.map_or(Duration::ZERO, |()| since.elapsed());
        lag_seconds.record(last);
    }
}

/// Sends a byte and waits until it is read.
async fn round_trip((to, from): &(UnixStream, UnixStream)) -> std::io::Result<()> {
    to.writable().await?;
    to.try_write(b"?")?;
    from.readable().await?;
    // Drains the socket, so that the next byte wakes the runtime as a request does.
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
        sleep(SEND_EVERY * 3).await;
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
