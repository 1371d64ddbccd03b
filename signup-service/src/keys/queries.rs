//! The way to the lookup table: keys come from the cache where it is fresh, else from the table. Also holds the rules of the form, and how
//! old the table is.

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

/// The moment that stands for "never".
const NEVER: i64 = i64::MIN;

/// The way to the lookup table; clones lead to the same one.
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
    /// The lookup table in this database, however old.
    pub fn new(database: Database, checkpoint: Checkpoint) -> Self {
        Self::with_max_age(database, checkpoint, i64::MAX)
    }

    /// The lookup table in this database; signups are refused while it is older than that.
    pub fn with_max_age(database: Database, checkpoint: Checkpoint, max_age_seconds: i64) -> Self {
        let (cache, rules, known_at) = (KeyCache::new(), RwLock::default(), AtomicI64::new(NEVER));
        let from_memory = metrics::counter!("signpost_key_lookups_total", "from" => "memory");
        let from_table = metrics::counter!("signpost_key_lookups_total", "from" => "table");
        Self(Arc::new(Inner { database, checkpoint, cache, rules, known_at, max_age_seconds, from_memory, from_table }))
    }

    /// The key that a visitor's text means, from memory where that may be trusted.
    pub async fn find(&self, text: &str) -> Result<Option<KeyFacts>, SqlError> {
        if let Some(facts) = self.in_memory(text) {
            self.0.from_memory.increment(1);
            return Ok(Some(facts));
        }
        self.0.from_table.increment(1);
        // What does not exist is not kept: there is no end to it.
        Ok(self.find_in_table(text).await?.map(|facts| self.0.cache.keep(facts)))
    }

    /// Most texts are keys as they are stored; what else they may mean is asked after that.
    fn in_memory(&self, text: &str) -> Option<KeyFacts> {
        let cache = &self.0.cache;
        cache.get(text).or_else(|| candidates(text).iter().find_map(|key| cache.get(key.as_str())))
    }

    /// The same, past the memory, and with the form's rules read anew: for those who know what changed a moment ago.
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

    /// The known key that is most like a text which is none.
    pub async fn nearest(&self, text: &str) -> Result<Option<String>, SqlError> {
        rows::nearest(&self.0.database, text).await
    }

    /// Those of these keys that are in memory, out of date or not, and a position of the agents' log that they held at.
    pub fn cached<'a>(&self, keys: impl Iterator<Item = &'a str>) -> (Vec<KeyFacts>, u64) {
        self.0.cache.all(keys)
    }

    /// Asks for keys that are to be decided by.
    pub fn query<'a>(tx: &mut Tx, keys: impl IntoIterator<Item = &'a str>) -> QueuedQuery {
        rows::query(tx, keys)
    }

    /// The keys that were asked for, and the position of the agents' log that they hold at.
    pub async fn read(&self, tx: &mut Tx, query: QueuedQuery) -> Result<(Vec<KeyFacts>, u64), SqlError> {
        let (found, position) = rows::get_many(tx, query).await?;
        Ok((found.into_iter().map(|facts| self.0.cache.keep(facts)).collect(), position))
    }

    /// A customer was placed through the key here: its count in memory is wrong now.
    pub fn has_placed(&self, key: &str) {
        self.0.cache.has_placed(key);
    }

    /// What the operator says of the form.
    pub fn rules(&self) -> Arc<Shared<SignupFormConfig>> {
        Arc::clone(&self.0.rules.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the form's rules anew. They stay the same object as long as they say the same.
    pub async fn read_rules(&self) -> Result<(), SqlError> {
        let rules = Shared::new(rows::form_rules(&self.0.database).await?);
        if rules != *self.rules() {
            *self.0.rules.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(rules);
        }
        Ok(())
    }

    /// The API token that this secret is.
    pub async fn token(&self, secret: &str) -> Result<Option<ApiToken>, SqlError> {
        rows::token(&self.0.database, digest_bytes(secret)).await
    }

    /// What changes when a token is revoked, or when it is not known any more whether one was.
    pub async fn revocations(&self) -> Result<[u64; 3], SqlError> {
        rows::revocations(&self.0.database).await
    }

    /// The projection's checkpoint.
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.0.checkpoint
    }

    /// Seconds since the projection was last known to hold all there was; `None` when it never was.
    pub fn age_seconds(&self, now: Moment) -> Option<i64> {
        self.known_at(now).map(|known| now.micros().saturating_sub(known.micros()).max(0) / 1_000_000)
    }

    /// Whether the projection is too old for signups to be decided by it.
    pub fn are_stale(&self, now: Moment) -> bool {
        self.age_seconds(now).is_none_or(|age_seconds| age_seconds > self.0.max_age_seconds)
    }

    /// When the projection was last known to hold all there was. A moment that has not come yet is of a wrong clock: until it came,
    /// keys would seem fresh that nobody follows.
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
        // It always has a value to store.
        let _ = self.0.known_at.fetch_update(Ordering::Relaxed, Ordering::Relaxed, later);
    }

    pub(super) fn database(&self) -> &Database {
        &self.0.database
    }

    pub(super) fn cache(&self) -> &KeyCache {
        &self.0.cache
    }
}
