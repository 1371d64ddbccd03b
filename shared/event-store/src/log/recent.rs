//! The last events that this process appended, in memory: close followers read them here and spare the database. All
//! of them are committed; other processes' events are not here.

use std::collections::VecDeque;

use super::event::RecordedEvent;

const MAX_EVENTS: usize = 2_048;
/// Most bytes of data, however few events that is.
const MAX_BYTES: usize = 4 * 1024 * 1024;

/// A piece of the log without gaps.
#[derive(Debug, Default)]
pub(super) struct Recent {
    events: VecDeque<RecordedEvent>,
    bytes: usize,
}

impl Recent {
    /// Adds committed events. After another process's append, the piece starts again.
    pub(super) fn add(&mut self, events: Vec<RecordedEvent>) {
        let Some(first) = events.first() else { return };
        if self.events.back().is_some_and(|last| last.position + 1 != first.position) {
            *self = Self::default();
        }
        self.bytes += events.iter().map(|event| event.data.len()).sum::<usize>();
        self.events.extend(events);
        while self.events.len() > MAX_EVENTS || self.bytes > MAX_BYTES {
            let Some(oldest) = self.events.pop_front() else { break };
            self.bytes -= oldest.data.len();
        }
    }

    /// Empties the piece where it ends after this position.
    pub(super) fn forget_beyond(&mut self, position: u64) {
        if self.events.back().is_some_and(|last| last.position > position) {
            *self = Self::default();
        }
    }

    /// Up to `limit` events after `position`; `None` where the database must be read.
    pub(super) fn after(&self, position: u64, limit: usize) -> Option<Vec<RecordedEvent>> {
        let (first, last) = (self.events.front()?.position, self.events.back()?.position);
        if position + 1 < first || position >= last {
            return None;
        }
        let skipped = usize::try_from(position + 1 - first).ok()?;
        Some(self.events.iter().skip(skipped).take(limit).cloned().collect())
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::super::point::LogPoint;
    use super::*;
    use contract::clock::Moment;

    fn events(positions: std::ops::RangeInclusive<u64>, bytes: usize) -> Vec<RecordedEvent> {
        let event = |position| RecordedEvent {
            position,
            event_id: Uuid::from_u128(u128::from(position)),
            stream: format!("s-{position}"),
            version: 1,
            type_name: "t".to_owned(),
            subject: "s".to_owned(),
            data: "x".repeat(bytes),
            recorded_at: Moment::from_micros(1),
            actor: "system".to_owned(),
            cause: None,
            command: None,
            hash: LogPoint::START.hash,
        };
        positions.map(event).collect()
    }

    fn read(recent: &Recent, position: u64) -> Option<Vec<u64>> {
        recent.after(position, 3).map(|events| events.iter().map(|event| event.position).collect())
    }

    #[test]
    fn events_of_this_process_are_read_from_memory() {
        let mut recent = Recent::default();
        assert_eq!(read(&recent, 0), None);
        recent.add(events(5..=6, 1));
        recent.add(events(7..=9, 1));
        assert_eq!(read(&recent, 3), None);
        assert_eq!(read(&recent, 4), Some(vec![5, 6, 7]));
        assert_eq!(read(&recent, 8), Some(vec![9]));
        assert_eq!(read(&recent, 9), None);
    }

    #[test]
    fn after_a_gap_the_piece_starts_again() {
        let mut recent = Recent::default();
        recent.add(events(5..=6, 1));
        recent.add(events(8..=9, 1));
        assert_eq!(read(&recent, 5), None);
        assert_eq!(read(&recent, 7), Some(vec![8, 9]));
    }

    #[test]
    fn events_that_the_database_lost_are_removed_from_memory() {
        let mut recent = Recent::default();
        recent.add(events(5..=9, 1));
        recent.forget_beyond(9);
        assert_eq!(read(&recent, 7), Some(vec![8, 9]));
        recent.forget_beyond(7);
        assert_eq!(read(&recent, 5), None);
    }

    #[test]
    fn it_does_not_grow_beyond_its_limits() {
        let mut recent = Recent::default();
        for page in 0..10 {
            recent.add(events(page * 1_000 + 1..=(page + 1) * 1_000, 10));
        }
        assert_eq!((recent.events.len(), recent.bytes), (MAX_EVENTS, MAX_EVENTS * 10));
        recent.add(events(10_001..=10_002, MAX_BYTES / 2 + 1));
        assert_eq!(read(&recent, 10_001), Some(vec![10_002]));
        assert_eq!(recent.events.len(), 1);
    }
}
