//! Keys in memory: bounded, notified of every change after its commit, and not trusted while notifications fail. A
//! stale entry can only show a wrong page: a placement checks the row again.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use quick_cache::Weighter;
use quick_cache::sync::Cache;
use smol_str::SmolStr;
use tokio::time::Instant;
use uuid::Uuid;

use crate::keys::model::KeyFacts;
use crate::keys::model::Offer;
use crate::keys::shared::Shared;

/// Capacity in keys. One entry holds the whole key, since each further cache miss costs measurable time.
pub const MAX_KEYS: usize = 1 << 20;
/// Most offers that keys share.
const MAX_OFFERS: usize = 1 << 17;
/// Weight of a key with its own copy of an offer: it takes as much memory as so many keys with a shared one.
const PLACES_WITH_OFFER: u64 = 4;
/// How long the cache is trusted without a notification.
pub const MAX_SILENCE: Duration = Duration::from_millis(500);
/// Maximum age of a key with a cap: placements by other replicas change its count without a notification.
pub const MAX_AGE_OF_CAPPED: Duration = Duration::from_millis(500);

#[derive(Clone)]
struct Entry {
    facts: KeyFacts,
    /// Set for a key with a cap.
    good_until: Option<Instant>,
    /// The offer may be this key's own copy.
    has_own_offer: bool,
}

/// Weighs entries, so that memory is bounded however few keys share an offer.
#[derive(Clone, Copy)]
struct Places;

impl Weighter<SmolStr, Entry> for Places {
    fn weight(&self, _: &SmolStr, entry: &Entry) -> u64 {
        if entry.has_own_offer { PLACES_WITH_OFFER } else { 1 }
    }
}

/// The last notification.
#[derive(Clone, Copy, Debug)]
struct Notified {
    /// All changes up to this position are in the cache.
    position: u64,
    /// How often the whole table may have changed, as by a rebuild.
    generation: u64,
    at: Option<Instant>,
}

impl Notified {
    fn is_recent(self) -> bool {
        self.at.is_some_and(|at| at.elapsed() < MAX_SILENCE)
    }
}

pub(super) struct KeyCache {
    entries: Cache<SmolStr, Entry, Places>,
    /// By agent, plan and group.
    offers: Cache<[Uuid; 3], Arc<Shared<Offer>>>,
    notified: Mutex<Notified>,
}

impl KeyCache {
    pub(super) fn new() -> Self {
        Self::with_room(MAX_KEYS, MAX_OFFERS)
    }

    fn with_room(keys: usize, offers: usize) -> Self {
        Self {
            entries: Cache::with_weighter(keys, keys as u64, Places),
            offers: Cache::new(offers),
            notified: Mutex::new(Notified { position: 0, generation: 0, at: None }),
        }
    }

    /// The key, if it is cached and can be trusted.
    pub(super) fn get(&self, key: &str) -> Option<KeyFacts> {
        if !self.notified().is_recent() {
            return None;
        }
        let entry = self.entries.get(key)?;
        entry.good_until.is_none_or(|end| Instant::now() < end).then_some(entry.facts)
    }

    /// The cached ones of these keys, trusted or not, and the position at which they were last known to be valid.
    pub(super) fn all<'a>(&self, keys: impl Iterator<Item = &'a str>) -> (Vec<KeyFacts>, u64) {
        let notified = self.notified();
        let found = keys.filter_map(|key| Some(self.entries.get(key)?.facts)).collect();
        (found, notified.position)
    }

    /// Caches a key that was just read, unless a later change was notified meanwhile; returns it as it is cached.
    pub(super) fn keep(&self, mut facts: KeyFacts) -> KeyFacts {
        let (offer, has_own_offer) = self.shared(facts.row.offer);
        facts.row.offer = offer;
        let notified = self.notified();
        if notified.is_recent() && facts.generation == notified.generation && facts.agents_position >= notified.position
        {
            let good_until = facts.row.cap.map(|_| Instant::now() + MAX_AGE_OF_CAPPED);
            self.entries.insert(facts.row.key.clone(), Entry { facts: facts.clone(), good_until, has_own_offer });
        }
        facts
    }

    /// A customer was placed through this key; a count that matters is no longer trusted.
    pub(super) fn has_placed(&self, key: &str) {
        let _guard = self.notified();
        if let Some(entry) = self.entries.get(key).filter(|entry| entry.good_until.is_some()) {
            self.entries.insert(key.into(), Entry { good_until: Some(Instant::now()), ..entry });
        }
    }

    /// Applies a notification: these keys, and no others, changed up to `position`.
    pub(super) fn notify(&self, position: u64, generation: u64, changed: &[String]) {
        let mut notified = self.notified();
        if !notified.is_recent() {
            self.entries.clear();
        }
        for key in changed {
            self.entries.remove(key.as_str());
        }
        *notified = Notified { position, generation, at: Some(Instant::now()) };
    }

    /// Applies a notification that any key may have changed up to `position`.
    pub(super) fn notify_all(&self, position: u64, generation: u64) {
        let mut notified = self.notified();
        self.entries.clear();
        *notified = Notified { position, generation, at: Some(Instant::now()) };
    }

    /// The shared copy of an offer, and whether only this key uses it. An offer that comes when the cache of offers
    /// is nearly full counts as the key's own, since it may be evicted soon.
    fn shared(&self, found: Arc<Shared<Offer>>) -> (Arc<Shared<Offer>>, bool) {
        let ids = [found.agent.id, found.plan.id, found.group.id];
        match self.offers.get(&ids) {
            Some(same) if same == found => (same, false),
            _ => {
                self.offers.insert(ids, Arc::clone(&found));
                (found, self.offers.weight() > self.offers.capacity() / 8 * 7)
            }
        }
    }

    /// Locked while entries are added and removed, so that no entry is added after the notification of a change that
    /// it lacks.
    fn notified(&self) -> MutexGuard<'_, Notified> {
        self.notified.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::model::tests::usable_row;

    fn facts(position: u64) -> KeyFacts {
        KeyFacts { row: usable_row(), placed: 0, changed_position: 1, agents_position: position, generation: 1 }
    }

    fn key() -> SmolStr {
        usable_row().key
    }

    #[test]
    fn nothing_is_trusted_before_the_first_notification() {
        let cache = KeyCache::new();
        cache.keep(facts(9));
        assert!(cache.get(&key()).is_none());
    }

    #[test]
    fn a_notified_change_removes_the_key() {
        let cache = KeyCache::new();
        cache.notify(1, 1, &[]);
        cache.keep(facts(1));
        assert!(cache.get(&key()).is_some());
        cache.notify(2, 1, &["another".to_owned()]);
        assert!(cache.get(&key()).is_some());
        cache.notify(3, 1, &[key().to_string()]);
        assert!(cache.get(&key()).is_none());
    }

    #[test]
    fn a_row_read_before_a_notified_change_is_not_cached() {
        let cache = KeyCache::new();
        cache.notify(5, 1, &[key().to_string()]);
        cache.keep(facts(4));
        assert!(cache.get(&key()).is_none());
        cache.keep(facts(5));
        assert!(cache.get(&key()).is_some());
        cache.notify_all(5, 2);
        cache.keep(facts(5));
        assert!(cache.get(&key()).is_none());
    }

    #[test]
    fn keys_that_offer_the_same_share_it() {
        let cache = KeyCache::new();
        let (one, other) = (cache.keep(facts(1)), cache.keep(facts(2)));
        assert!(Arc::ptr_eq(&one.row.offer, &other.row.offer));
        let mut renamed = facts(3);
        Arc::make_mut(&mut renamed.row.offer).agent.name = "Another name".to_owned();
        assert_eq!(cache.keep(renamed).row.offer.agent.name, "Another name");
    }

    #[test]
    fn memory_is_bounded_however_few_keys_offer_the_same() {
        let kept = |offers: u32| {
            let cache = KeyCache::with_room(10_000, 100);
            cache.notify(1, 1, &[]);
            for number in 0..40_000_u32 {
                let mut facts = facts(1);
                facts.row.key = format!("key{number}").into();
                Arc::make_mut(&mut facts.row.offer).plan.id = Uuid::from_u128((number % offers).into());
                cache.keep(facts);
            }
            cache.entries.len()
        };
        let (alike, each_its_own) = (kept(50), kept(40_000));
        assert!((9_000..=10_000).contains(&alike), "{alike}");
        assert!((2_000..=2_600).contains(&each_its_own), "{each_its_own}");
    }

    #[tokio::test(start_paused = true)]
    async fn after_missing_notifications_nothing_is_trusted_and_the_next_one_clears_the_cache() {
        let cache = KeyCache::new();
        cache.notify(1, 1, &[]);
        cache.keep(facts(1));
        tokio::time::advance(MAX_SILENCE).await;
        assert!(cache.get(&key()).is_none());
        cache.notify(1, 1, &[]);
        assert!(cache.get(&key()).is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn only_a_key_with_a_cap_grows_old() {
        let cache = KeyCache::new();
        let mut capped = facts(1);
        capped.row.cap = Some(5);
        for (facts, stays) in [(facts(1), true), (capped, false)] {
            cache.notify(1, 1, &[]);
            cache.keep(facts);
            for _ in 0..20 {
                tokio::time::advance(MAX_AGE_OF_CAPPED / 2).await;
                cache.notify(1, 1, &[]);
            }
            assert_eq!(cache.get(&key()).is_some(), stays);
        }
    }

    #[test]
    fn a_placement_counts_for_a_key_with_a_cap() {
        let cache = KeyCache::new();
        cache.notify(1, 1, &[]);
        cache.keep(facts(1));
        cache.has_placed(&key());
        assert!(cache.get(&key()).is_some());
        let mut capped = facts(1);
        capped.row.cap = Some(5);
        cache.keep(capped);
        cache.has_placed(&key());
        assert!(cache.get(&key()).is_none());
    }
}
