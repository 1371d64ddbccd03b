//! Keys in memory: bounded, told of every change after it commits, and of no use while the telling is interrupted.
//! A stale entry can only show a wrong page, since a placement reads the row again.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use quick_cache::sync::Cache;
use tokio::time::Instant;

use super::rows::KeyFacts;

/// Most keys in memory.
pub const MAX_KEYS: usize = 20_000;
/// Longest silence of the teller before nothing here counts.
pub const MAX_SILENCE: Duration = Duration::from_millis(500);
/// Longest life of an entry: also what is not told, such as the return of a parked stream, shows after this.
pub const MAX_AGE: Duration = Duration::from_secs(5);
/// Longest life of a key with a cap: other replicas place customers through it too.
pub const MAX_AGE_OF_CAPPED: Duration = Duration::from_millis(500);

#[derive(Clone)]
struct Entry {
    facts: Arc<KeyFacts>,
    read_at: Instant,
}

impl Entry {
    fn is_fresh(&self) -> bool {
        let limit = if self.facts.row.cap.is_some() { MAX_AGE_OF_CAPPED } else { MAX_AGE };
        self.read_at.elapsed() < limit
    }
}

/// What the cache was last told.
#[derive(Clone, Copy, Debug)]
struct Told {
    /// All changes up to this position.
    position: u64,
    at: Option<Instant>,
}

impl Told {
    fn is_recent(self) -> bool {
        self.at.is_some_and(|at| at.elapsed() < MAX_SILENCE)
    }
}

/// The keys in memory.
pub(super) struct KeyCache {
    entries: Cache<String, Entry>,
    told: Mutex<Told>,
}

impl KeyCache {
    pub(super) fn new() -> Self {
        Self { entries: Cache::new(MAX_KEYS), told: Mutex::new(Told { position: 0, at: None }) }
    }

    /// The key, if it is here and may be trusted.
    pub(super) fn get(&self, key: &str) -> Option<Arc<KeyFacts>> {
        if !self.told().is_recent() {
            return None;
        }
        self.entries.get(key).filter(Entry::is_fresh).map(|entry| entry.facts)
    }

    /// Keeps what was just read, unless a change that it does not have was told meanwhile.
    pub(super) fn keep(&self, facts: &Arc<KeyFacts>) {
        let told = self.told();
        if told.is_recent() && facts.agents_position >= told.position {
            let entry = Entry { facts: Arc::clone(facts), read_at: Instant::now() };
            self.entries.insert(facts.row.key.clone(), entry);
        }
    }

    /// Forgets one key.
    pub(super) fn forget(&self, key: &str) {
        self.entries.remove(key);
    }

    /// Takes note that these keys, and no others, changed up to `position`.
    pub(super) fn tell(&self, position: u64, changed: &[String]) {
        let mut told = self.told();
        if !told.is_recent() {
            self.entries.clear();
        }
        for key in changed {
            self.entries.remove(key);
        }
        *told = Told { position, at: Some(Instant::now()) };
    }

    /// Takes note that anything may have changed up to `position`.
    pub(super) fn tell_all(&self, position: u64) {
        let mut told = self.told();
        self.entries.clear();
        *told = Told { position, at: Some(Instant::now()) };
    }

    /// Held while entries come and go, so that none comes in behind the change that it lacks.
    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::usable::tests::usable_row;

    fn facts(position: u64) -> Arc<KeyFacts> {
        Arc::new(KeyFacts { row: usable_row(), placed: 0, agents_position: position })
    }

    fn key() -> String {
        usable_row().key
    }

    #[test]
    fn nothing_is_trusted_before_the_first_word() {
        let cache = KeyCache::new();
        cache.keep(&facts(9));
        assert!(cache.get(&key()).is_none());
    }

    #[test]
    fn a_told_change_removes_the_key() {
        let cache = KeyCache::new();
        cache.tell(1, &[]);
        cache.keep(&facts(1));
        assert!(cache.get(&key()).is_some());
        cache.tell(2, &["another".to_owned()]);
        assert!(cache.get(&key()).is_some());
        cache.tell(3, &[key()]);
        assert!(cache.get(&key()).is_none());
    }

    #[test]
    fn a_row_that_was_read_before_a_told_change_is_not_kept() {
        let cache = KeyCache::new();
        cache.tell(5, &[key()]);
        cache.keep(&facts(4));
        assert!(cache.get(&key()).is_none());
        cache.keep(&facts(5));
        assert!(cache.get(&key()).is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn after_a_silence_nothing_is_trusted_and_the_next_word_clears_all() {
        let cache = KeyCache::new();
        cache.tell(1, &[]);
        cache.keep(&facts(1));
        tokio::time::advance(MAX_SILENCE).await;
        assert!(cache.get(&key()).is_none());
        cache.tell(1, &[]);
        assert!(cache.get(&key()).is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn an_entry_does_not_outlive_its_age() {
        let cache = KeyCache::new();
        cache.tell(1, &[]);
        cache.keep(&facts(1));
        for _ in 0..20 {
            tokio::time::advance(MAX_SILENCE / 2).await;
            cache.tell(1, &[]);
        }
        assert!(cache.get(&key()).is_none());
    }
}
