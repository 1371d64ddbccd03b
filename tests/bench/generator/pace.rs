//! When the next request is due: in a closed loop immediately, at a constant rate by the clock, whether or not a
//! connection is free. Latency counts from then, so that a stalled server cannot hide its stall.

use std::cell::Cell;
use std::time::{Duration, Instant};

#[derive(Clone, Copy, Debug)]
pub enum Pace {
    /// As many requests as get responses, for so long.
    For(Duration),
    /// So many requests, each after a response.
    Count(u64),
    /// A constant rate for so long. A request leaves up to a millisecond late, which is the resolution of the
    /// runtime's timer.
    Rate { per_second: f64, lasting: Duration },
}

impl std::fmt::Display for Pace {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::For(lasting) => write!(to, "as many as {lasting:.0?} allow"),
            Self::Count(count) => write!(to, "{count}"),
            Self::Rate { per_second, lasting } => write!(to, "{per_second:.0} a second for {lasting:.0?}"),
        }
    }
}

/// A running load.
pub(super) struct Start {
    pace: Pace,
    at: Instant,
    taken: Cell<u64>,
    /// Whether anything was done since the last check.
    worked: Cell<bool>,
    /// How long the generator was awake with nothing to do.
    idle: Cell<Duration>,
}

impl Start {
    pub(super) fn now(pace: Pace) -> Self {
        let (taken, worked, idle) = (Cell::new(0), Cell::new(false), Cell::new(Duration::ZERO));
        Self { pace, at: Instant::now(), taken, worked, idle }
    }

    pub(super) fn elapsed(&self) -> Duration {
        self.at.elapsed()
    }

    pub(super) fn note_work(&self) {
        self.worked.set(true);
    }

    pub(super) fn idle(&self) -> Duration {
        self.idle.get()
    }

    /// Keeps the generator's thread awake. Waking it costs the server's core two microseconds, and the thread sleeps
    /// more while the server is faster, which would make the faster server look still faster.
    pub(super) async fn stay_awake(&self) {
        loop {
            let since = Instant::now();
            tokio::task::yield_now().await;
            if !self.worked.take() {
                self.idle.set(self.idle.get() + since.elapsed());
            }
        }
    }

    /// When the next request is due; `None` when there is none.
    pub(super) fn next(&self) -> Option<Instant> {
        let now = Instant::now();
        let number = self.taken.replace(self.taken.get() + 1);
        match self.pace {
            Pace::For(lasting) => (now - self.at < lasting).then_some(now),
            Pace::Count(count) => (number < count).then_some(now),
            Pace::Rate { per_second, lasting } => {
                #[expect(clippy::cast_precision_loss, reason = "no count here comes near 2^52")]
                let due = Duration::from_secs_f64(number as f64 / per_second);
                (due < lasting).then(|| self.at + due)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_constant_rate_is_due_by_the_clock_and_ends_by_it() {
        let start = Start::now(Pace::Rate { per_second: 100.0, lasting: Duration::from_millis(35) });
        let due: Vec<Duration> = std::iter::from_fn(|| start.next()).map(|due| due - start.at).collect();
        assert_eq!(due, [0, 10, 20, 30].map(Duration::from_millis));
    }

    #[tokio::test]
    async fn the_time_awake_without_work_is_idle() {
        let (start, a_while) = (Start::now(Pace::Count(1)), Duration::from_millis(40));
        let working = async {
            loop {
                start.note_work();
                tokio::task::yield_now().await;
            }
        };
        let both = async { tokio::join!(start.stay_awake(), working) };
        assert!(tokio::time::timeout(a_while, both).await.is_err());
        let beside_work = start.idle();
        assert!(tokio::time::timeout(a_while, start.stay_awake()).await.is_err());
        let without = start.idle().saturating_sub(beside_work);
        assert!(without > beside_work, "{without:?} without work, {beside_work:?} beside it");
    }

    #[test]
    fn a_count_is_kept_to() {
        let start = Start::now(Pace::Count(3));
        assert_eq!(std::iter::from_fn(|| start.next()).count(), 3);
    }
}
