//! Reads of the lookup table: from the cache where it is fresh, else from the table. Also the form's settings and the
//! age of the table.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use contract::clock::Moment;
use contract::ids::digest_bytes;
use contract::key::candidates;
use event_store::projections::Checkpoint;
use event_store::sql::{Database, QueuedQuery, SqlError, Tx};
use metrics::Counter;

use crate::keys::cache::KeyCache;
use crate::keys::form_config::SignupFormConfig;
use crate::keys::model::KeyFacts;
use crate::keys::rows::{self, ApiToken};
use crate::keys::shared::Shared;

const NEVER: i64 = i64::MIN;

/// Reads the lookup table; clones share one cache.
#[derive(Clone)]
pub struct Keys(Arc<Inner>);

struct Inner {
    database: Database,
    checkpoint: Checkpoint,
    cache: KeyCache,
    rules: RwLock<Arc<Shared<SignupFormConfig>>>,
    known_at: AtomicI64,
    max_age_seconds: i64,
    from_memory: Counter,
    from_table: Counter,
}

impl Keys {
    /// The lookup table of this database, whatever its age.
    pub fn new(database: Database, checkpoint: Checkpoint) -> Self {
        Self::with_max_age(database, checkpoint, i64::MAX)
    }

    /// The lookup table of this database; signups are refused while it is older than `max_age_seconds`.
    pub fn with_max_age(database: Database, checkpoint: Checkpoint, max_age_seconds: i64) -> Self {
        let (cache, rules, known_at) = (KeyCache::new(), RwLock::default(), AtomicI64::new(NEVER));
        let from_memory = metrics::counter!("signpost_key_lookups_total", "from" => "memory");
        let from_table = metrics::counter!("signpost_key_lookups_total", "from" => "table");
        Self(Arc::new(Inner { database, checkpoint, cache, rules, known_at, max_age_seconds, from_memory, from_table }))
    }

    /// The key that a visitor's text means, from the cache where that can be trusted.
    pub async fn find(&self, text: &str) -> Result<Option<KeyFacts>, SqlError> {
        if let Some(facts) = self.in_memory(text) {
            self.0.from_memory.increment(1);
            return Ok(Some(facts));
        }
        self.0.from_table.increment(1);
        // Unknown keys are not cached: their number has no bound.
        Ok(self.find_in_table(text).await?.map(|facts| self.0.cache.keep(facts)))
    }

    /// Most texts are keys as they are stored; other spellings are tried after that.
    fn in_memory(&self, text: &str) -> Option<KeyFacts> {
        let cache = &self.0.cache;
        cache.get(text).or_else(|| candidates(text).iter().find_map(|key| cache.get(key.as_str())))
    }

    /// Like `find`, without the cache and with fresh form settings, for callers who know of a recent change.
    pub async fn reload(&self, text: &str) -> Result<Option<KeyFacts>, SqlError> {
        self.read_rules().await?;
        self.find_in_table(text).await
    }

    async fn find_in_table(&self, text: &str) -> Result<Option<KeyFacts>, SqlError> {
        for candidate in candidates(text) {
            if let Some(facts) = rows::get(&self.0.database, candidate.as_str()).await? {
                return Ok(Some(facts));
            }
        }
        Ok(None)
    }

    /// The known key that is most like an unknown one.
    pub async fn nearest(&self, text: &str) -> Result<Option<String>, SqlError> {
        rows::nearest(&self.0.database, text).await
    }

    /// The cached ones of these keys, up to date or not, and the position of the agents' log at which they were
    /// valid.
    pub fn cached<'a>(&self, keys: impl Iterator<Item = &'a str>) -> (Vec<KeyFacts>, u64) {
        self.0.cache.all(keys)
    }

    /// Queues the query for these keys.
    pub fn query<'a>(tx: &mut Tx, keys: impl IntoIterator<Item = &'a str>) -> QueuedQuery {
        rows::query(tx, keys)
    }

    /// The queried keys, and the position of the agents' log at which they are valid.
    pub async fn read(&self, tx: &mut Tx, query: QueuedQuery) -> Result<(Vec<KeyFacts>, u64), SqlError> {
        let (found, position) = rows::get_many(tx, query).await?;
        Ok((found.into_iter().map(|facts| self.0.cache.keep(facts)).collect(), position))
    }

    /// A customer was placed through the key: its cached count is wrong now.
    pub fn has_placed(&self, key: &str) {
        self.0.cache.has_placed(key);
    }

    pub fn rules(&self) -> Arc<Shared<SignupFormConfig>> {
        Arc::clone(&self.0.rules.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the form's settings again. The object stays the same while its content does.
    pub async fn read_rules(&self) -> Result<(), SqlError> {
        let rules = Shared::new(rows::form_rules(&self.0.database).await?);
        if rules != *self.rules() {
            *self.0.rules.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(rules);
        }
        Ok(())
    }

    /// The API token with this secret.
    pub async fn token(&self, secret: &str) -> Result<Option<ApiToken>, SqlError> {
        rows::token(&self.0.database, digest_bytes(secret)).await
    }

    /// Changes when a token is revoked, and when it is uncertain whether one was.
    pub async fn revocations(&self) -> Result<[u64; 3], SqlError> {
        rows::revocations(&self.0.database).await
    }

    pub fn checkpoint(&self) -> &Checkpoint {
        &self.0.checkpoint
    }

    /// Seconds since the projection was last known to be caught up; `None` if it never was.
    pub fn age_seconds(&self, now: Moment) -> Option<i64> {
        self.known_at(now).map(|known| now.micros().saturating_sub(known.micros()).max(0) / 1_000_000)
    }

    /// Whether the projection is too old to decide signups.
    pub fn are_stale(&self, now: Moment) -> bool {
        self.age_seconds(now).is_none_or(|age_seconds| age_seconds > self.0.max_age_seconds)
    }

    /// When the projection was last known to be caught up. A moment in the future comes from a wrong clock and is
    /// ignored: keys would seem fresh until then.
    pub(super) fn known_at(&self, now: Moment) -> Option<Moment> {
        let micros = self.0.known_at.load(Ordering::Relaxed);
        (micros != NEVER).then_some(Moment::from_micros(micros)).and_then(|known| known.unless_ahead_of(now))
    }

    pub(super) fn mark_fresh(&self, moment: Moment, now: Moment) {
        let Some(moment) = moment.unless_ahead_of(now) else { return };
        let later = |known| {
            let known = Moment::from_micros(known).unless_ahead_of(now);
            Some(known.map_or(moment, |known| known.max(moment)).micros())
        };
        // The closure always returns a value.
        let _ = self.0.known_at.fetch_update(Ordering::Relaxed, Ordering::Relaxed, later);
    }

    pub(super) fn database(&self) -> &Database {
        &self.0.database
    }

    pub(super) fn cache(&self) -> &KeyCache {
        &self.0.cache
    }
}
