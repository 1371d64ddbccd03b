//! When the next request is due. In a closed loop that is at once; at a constant rate it is when the clock says, whether
//! or not a connection is free, and the time is counted from then, so that a stalled server cannot hide its stall.

use std::cell::Cell;
use std::time::{Duration, Instant};

/// How much is asked.
#[derive(Clone, Copy, Debug)]
pub enum Pace {
    /// As much as gets answered, for so long.
    For(Duration),
    /// So many requests, as fast as they get answered.
    Count(u64),
    /// A constant rate for so long. A request leaves up to a millisecond after it is due, the runtime's clock being no finer.
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

/// A load under way.
pub(super) struct Start {
    pace: Pace,
    at: Instant,
    taken: Cell<u64>,
}

impl Start {
    pub(super) fn now(pace: Pace) -> Self {
        Self { pace, at: Instant::now(), taken: Cell::new(0) }
    }

    pub(super) fn elapsed(&self) -> Duration {
        self.at.elapsed()
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

    #[test]
    fn a_count_is_kept_to() {
        let start = Start::now(Pace::Count(3));
        assert_eq!(std::iter::from_fn(|| start.next()).count(), 3);
    }
}
