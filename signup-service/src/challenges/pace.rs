//! How many signups come through each key, solved or not. Counted in this process only, in fixed memory: keys may share
//! a count, so that a challenge comes too early rather than too late.

use std::hash::{BuildHasher, RandomState};
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};

use contract::clock::Moment;

/// Number of counts, of 16 bytes each.
const COUNTS: u16 = 4_096;
const MINUTE_SECONDS: i64 = 60;

#[derive(Clone, Copy, Debug, Default)]
struct Count {
    /// Minutes since 1970.
    minute: i64,
    signups: u32,
    /// In the minute before.
    before: u32,
}

pub struct Pace {
    counts: Mutex<Box<[Count]>>,
    hasher: RandomState,
    /// The replicas that visitors are spread over; each sees its part of them.
    replicas: NonZeroU32,
}

impl Pace {
    pub fn new(replicas: NonZeroU32) -> Self {
        let counts = vec![Count::default(); usize::from(COUNTS)].into();
        Self { counts: Mutex::new(counts), hasher: RandomState::new(), replicas }
    }

    /// Counts a signup; returns the signups through the key within a minute, with this one.
    pub fn count(&self, key: &str, now: Moment) -> u32 {
        self.with(key, now, |count| count.signups = count.signups.saturating_add(1))
    }

    /// The signups through the key within a minute.
    pub fn recent(&self, key: &str, now: Moment) -> u32 {
        self.with(key, now, |_| ())
    }

    fn with(&self, key: &str, now: Moment, change: impl FnOnce(&mut Count)) -> u32 {
        let seconds = now.micros().div_euclid(1_000_000);
        let (minute, second) = (seconds.div_euclid(MINUTE_SECONDS), seconds.rem_euclid(MINUTE_SECONDS));
        let index = usize::try_from(self.hasher.hash_one(key) % u64::from(COUNTS)).unwrap_or_default();
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(count) = counts.get_mut(index) else { return 0 };
        count.move_to(minute);
        change(count);
        // Of the minute before, the part that is not yet a minute ago.
        let part = u64::try_from(MINUTE_SECONDS - second).unwrap_or_default() * u64::from(count.before);
        let recent = u64::from(count.signups) + part / u64::try_from(MINUTE_SECONDS).unwrap_or(1);
        u32::try_from(recent * u64::from(self.replicas.get())).unwrap_or(u32::MAX)
    }
}

impl Count {
    /// A clock that goes back changes nothing.
    fn move_to(&mut self, minute: i64) {
        if minute > self.minute {
            let before = if minute == self.minute + 1 { self.signups } else { 0 };
            *self = Self { minute, signups: 0, before };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Moment {
        Moment::from_micros(0).plus_seconds(1_800_000_000 + second)
    }

    fn times(pace: &Pace, times: usize, second: i64) -> u32 {
        (0..times).map(|_| pace.count("key", at(second))).last().unwrap_or_default()
    }

    #[test]
    fn a_burst_rises_and_is_over_a_minute_later() {
        let pace = Pace::new(NonZeroU32::MIN);
        assert_eq!((times(&pace, 30, 10), pace.recent("key", at(59))), (30, 30));
        assert_eq!([60, 75, 90, 119, 120].map(|second| pace.recent("key", at(second))), [30, 22, 15, 0, 0]);
        assert_eq!(times(&pace, 5, 200), 5);
        assert_eq!(pace.recent("key", at(10)), 5, "the clock went back");
    }

    #[test]
    fn keys_are_counted_apart_and_replicas_see_their_part() {
        let pace = Pace::new(NonZeroU32::new(3).unwrap());
        assert_eq!(times(&pace, 7, 0), 21);
        let others = (0..100).filter(|number| pace.recent(&format!("other-{number}"), at(0)) > 0).count();
        assert!(others < 10, "{others} of 100 keys share a count");
    }
}
