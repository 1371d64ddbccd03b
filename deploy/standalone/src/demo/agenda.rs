//! What is due on later days.

use std::collections::BTreeMap;

/// Things by the number of the day on which they are due.
#[derive(Debug)]
pub struct Agenda<T>(BTreeMap<i64, Vec<T>>);

impl<T> Default for Agenda<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<T> Agenda<T> {
    pub fn add(&mut self, day: i64, what: T) {
        self.0.entry(day).or_default().push(what);
    }

    /// What is due on a day, in the order in which it was added.
    pub fn take(&mut self, day: i64) -> Vec<T> {
        self.0.remove(&day).unwrap_or_default()
    }
}
