//! When the next batch starts, and how large it is. Batches start at once with everything queued, except while the
//! event loop lags, or while more requests are about to arrive.

use std::time::Duration;

use tokio::time::Instant;

use super::limits::MAX_BATCH;
use crate::event_loop_lag::EventLoopLag;

/// Lag of the event loop above which the next batch waits.
const MAX_LAG: Duration = Duration::from_millis(5);
/// Longest wait of a batch for the event loop.
const MAX_YIELD: Duration = Duration::from_millis(100);
/// How often the lag is checked again.
const CHECK_EVERY: Duration = Duration::from_millis(5);
/// Largest batch while the event loop lags now and then: the cores share the work of a batch with requests, so a
/// large batch makes the next lag longer.
const MAX_BATCH_AFTER_LAG: usize = 64;
/// After so long without lag, full batches are allowed: the disk may be the bottleneck, and larger batches then place
/// more.
const CALM_AFTER: Duration = Duration::from_secs(1);
/// Time for callers to send their next request.
const GATHERING: Duration = Duration::from_micros(200);

/// Schedules the writer's batches by the lag of the process's event loop.
pub(super) struct BatchScheduler<'a> {
    lag: &'a EventLoopLag,
    /// When the lag was last too long.
    late_at: Option<Instant>,
}

impl<'a> BatchScheduler<'a> {
    pub(super) fn new(lag: &'a EventLoopLag) -> Self {
        Self { lag, late_at: None }
    }

    /// Delays the next batch while requests wait for the event loop: the cores are overloaded, and requests beyond
    /// capacity must be refused in time.
    pub(super) async fn yield_to_requests(&mut self) {
        let begun = Instant::now();
        while self.lag.now() > MAX_LAG {
            self.late_at = Some(Instant::now());
            if begun.elapsed() >= MAX_YIELD {
                return;
            }
            tokio::time::sleep(CHECK_EVERY).await;
        }
    }

    /// The largest size of the next batch.
    pub(super) fn most(&self) -> usize {
        let calm = self.late_at.is_none_or(|late_at| late_at.elapsed() >= CALM_AFTER);
        if calm { MAX_BATCH } else { MAX_BATCH_AFTER_LAG }
    }
}

/// Callers of one batch usually send their next requests together: while only few have arrived, a short wait puts
/// them into one batch instead of two. The runtime's timers are too coarse for it, and the writer's thread has
/// nothing else to do.
pub(super) fn wait_for_more(waiting: usize, answered: usize) {
    if waiting * 2 < answered {
        std::thread::sleep(GATHERING);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_next_batch_waits_while_others_are_too_late_and_no_longer_than_its_limit() {
        for (late, wanted) in [(0, 0), (5, 0), (6, 100), (5_000, 100)] {
            let (begun, others) = (Instant::now(), EventLoopLag::of(Duration::from_millis(late)));
            BatchScheduler::new(&others).yield_to_requests().await;
            assert_eq!(begun.elapsed().as_millis(), wanted, "{late} ms late");
        }
        let (begun, others) = (Instant::now(), EventLoopLag::of(Duration::from_millis(60)));
        let catching_up = async {
            tokio::time::sleep(Duration::from_millis(42)).await;
            others.becomes(Duration::from_millis(3));
        };
        let mut scheduler = BatchScheduler::new(&others);
        tokio::join!(scheduler.yield_to_requests(), catching_up);
        assert!((42..=50).contains(&begun.elapsed().as_millis()), "{:?}", begun.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn batches_are_small_until_others_have_not_been_late_for_a_while() {
        let others = EventLoopLag::of(Duration::from_millis(3));
        let mut scheduler = BatchScheduler::new(&others);
        scheduler.yield_to_requests().await;
        assert_eq!(scheduler.most(), MAX_BATCH);
        others.becomes(Duration::from_millis(60));
        scheduler.yield_to_requests().await;
        assert_eq!(scheduler.most(), MAX_BATCH_AFTER_LAG);
        others.becomes(Duration::from_millis(3));
        tokio::time::advance(CALM_AFTER / 2).await;
        scheduler.yield_to_requests().await;
        assert_eq!(scheduler.most(), MAX_BATCH_AFTER_LAG);
        tokio::time::advance(CALM_AFTER / 2).await;
        scheduler.yield_to_requests().await;
        assert_eq!(scheduler.most(), MAX_BATCH);
    }
}
