//! When the next batch begins, and how much it takes: at once and all that waits, unless others need the cores more, or those who
//! will be in it are about to ask.

use std::time::Duration;

use tokio::time::Instant;

use super::limits::MAX_BATCH;
use crate::event_loop_lag::EventLoopLag;

/// How late others in this process may be before the next batch waits for them.
const OTHERS_MAY_BE_LATE: Duration = Duration::from_millis(5);
/// The longest that it waits for them.
const LONGEST_WAY: Duration = Duration::from_millis(100);
/// How often it looks whether they still are.
const LOOK_AGAIN: Duration = Duration::from_millis(5);
/// Most requests of a batch while others are late now and then. Until a batch is stored, published and answered, others share the
/// cores with it; the longer that takes, the later they are when it is done.
const MAX_BATCH_BESIDE_LATE: usize = 64;
/// Nobody was late for so long: it may be that the disk takes the time and not the cores, and then larger batches place more.
const CALM: Duration = Duration::from_secs(1);
/// Time for those who were just answered to ask again.
const GATHERING: Duration = Duration::from_micros(200);

/// The writer's scheduler beside the others in its process.
pub(super) struct BatchScheduler<'a> {
    others: &'a EventLoopLag,
    /// When they were last too late.
    late_at: Option<Instant>,
}

impl<'a> BatchScheduler<'a> {
    pub(super) fn beside(others: &'a EventLoopLag) -> Self {
        Self { others, late_at: None }
    }

    /// Where requests wait to be looked at, the next batch waits too: there is more than the cores can do, and what cannot be
    /// placed must be refused in time.
    pub(super) async fn yield_to_requests(&mut self) {
        let begun = Instant::now();
        while self.others.now() > OTHERS_MAY_BE_LATE {
            self.late_at = Some(Instant::now());
            if begun.elapsed() >= LONGEST_WAY {
                return;
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    /// Most requests of the next batch.
    pub(super) fn most(&self) -> usize {
        let calm = self.late_at.is_none_or(|late_at| late_at.elapsed() >= CALM);
        if calm { MAX_BATCH } else { MAX_BATCH_BESIDE_LATE }
    }
}

/// Many who were answered together ask again together: when few wait yet, they are given a moment, so that one batch takes them
/// and not two. A runtime's own clock is too coarse for that, and nothing else runs on the writer's now.
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
            BatchScheduler::beside(&others).yield_to_requests().await;
            assert_eq!(begun.elapsed().as_millis(), wanted, "{late} ms late");
        }
        let (begun, others) = (Instant::now(), EventLoopLag::of(Duration::from_millis(60)));
        let catching_up = async {
            tokio::time::sleep(Duration::from_millis(42)).await;
            others.becomes(Duration::from_millis(3));
        };
        let mut scheduler = BatchScheduler::beside(&others);
        tokio::join!(scheduler.yield_to_requests(), catching_up);
        assert!((42..=50).contains(&begun.elapsed().as_millis()), "{:?}", begun.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn batches_are_small_until_others_have_not_been_late_for_a_while() {
        let others = EventLoopLag::of(Duration::from_millis(3));
        let mut scheduler = BatchScheduler::beside(&others);
        scheduler.yield_to_requests().await;
        assert_eq!(scheduler.most(), MAX_BATCH);
        others.becomes(Duration::from_millis(60));
        scheduler.yield_to_requests().await;
        assert_eq!(scheduler.most(), MAX_BATCH_BESIDE_LATE);
        others.becomes(Duration::from_millis(3));
        tokio::time::advance(CALM / 2).await;
        scheduler.yield_to_requests().await;
        assert_eq!(scheduler.most(), MAX_BATCH_BESIDE_LATE);
        tokio::time::advance(CALM / 2).await;
        scheduler.yield_to_requests().await;
        assert_eq!(scheduler.most(), MAX_BATCH);
    }
}
