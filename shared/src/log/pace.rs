//! When the next batch begins: at once, unless others need the cores more, or those who will be in it are about to ask.

use std::time::Duration;

use tokio::time::Instant;

use crate::lateness::Lateness;

/// How late others in this process may be before the next batch waits for them.
const OTHERS_MAY_BE_LATE: Duration = Duration::from_millis(10);
/// The longest that it waits for them.
const LONGEST_WAY: Duration = Duration::from_millis(100);
/// How often it looks whether they still are.
const LOOK_AGAIN: Duration = Duration::from_millis(5);
/// Time for those who were just answered to ask again.
const GATHERING: Duration = Duration::from_micros(200);

/// Where requests wait to be looked at, the next batch waits too: there is more than the cores can do, and what cannot be placed
/// must be refused in time.
pub(super) async fn give_way(others: &Lateness) {
    let end = Instant::now() + LONGEST_WAY;
    while others.now() > OTHERS_MAY_BE_LATE && Instant::now() < end {
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

/// Many who were answered together ask again together: when few wait yet, they are given a moment, so that one batch takes them
/// and not two. A runtime's own clock is too coarse for that, and nothing else runs on the writer's now.
pub(super) fn gather(waiting: usize, answered: usize) {
    if waiting * 2 < answered {
        std::thread::sleep(GATHERING);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_next_batch_waits_while_others_are_too_late_and_no_longer_than_its_limit() {
        for (late, wanted) in [(0, 0), (10, 0), (11, 100), (5_000, 100)] {
            let begun = Instant::now();
            give_way(&Lateness::of(Duration::from_millis(late))).await;
            assert_eq!(begun.elapsed().as_millis(), wanted, "{late} ms late");
        }
        let (begun, others) = (Instant::now(), Lateness::of(Duration::from_millis(60)));
        let catching_up = async {
            tokio::time::sleep(Duration::from_millis(42)).await;
            others.becomes(Duration::from_millis(3));
        };
        tokio::join!(give_way(&others), catching_up);
        assert!((42..=50).contains(&begun.elapsed().as_millis()), "{:?}", begun.elapsed());
    }
}
