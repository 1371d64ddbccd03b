//! The signup keys of a batch, and the check that they have not changed when the batch is written.

use std::collections::{HashMap, HashSet};

use contract::clock::Moment;
use event_store::sql::{QueuedQuery, SqlError, Tx, Value};
use futures::future::{BoxFuture, ready};
use smol_str::SmolStr;

use crate::batch::BatchPart;
use crate::keys::model::KeyFacts;
use crate::keys::queries::Keys;
use crate::keys::rows::{assert_unchanged, stamp};

/// The keys of a batch, and how many customers the batch places through each.
pub struct KeysOfBatch {
    keys: Keys,
    /// For each command, the keys that the visitor's text may mean.
    wanted: Vec<Vec<SmolStr>>,
    query: Option<QueuedQuery>,
    found: HashMap<SmolStr, KeyFacts>,
    /// The position of the agents' log at which the keys are valid; a key with a later position is valid at its own.
    agents_position: u64,
    placed: HashMap<SmolStr, u64>,
    is_stale: Option<bool>,
    is_guessed: bool,
}

impl KeysOfBatch {
    pub fn new(keys: Keys) -> Self {
        Self {
            keys,
            wanted: Vec::new(),
            query: None,
            found: HashMap::new(),
            agents_position: 0,
            placed: HashMap::new(),
            is_stale: None,
            is_guessed: false,
        }
    }

    /// A command needs whichever of these keys exists.
    pub fn want(&mut self, keys: &[String]) {
        self.wanted.push(keys.iter().map(SmolStr::from).collect());
    }

    /// The one of these keys that exists.
    pub fn first_of(&self, keys: &[String]) -> Option<&KeyFacts> {
        keys.iter().find_map(|key| self.found.get(key.as_str()))
    }

    /// The position of the agents' log at which the key is valid.
    pub fn position_of(&self, facts: &KeyFacts) -> u64 {
        facts.agents_position.max(self.agents_position)
    }

    /// Customers placed through the key, including those of this batch.
    pub fn placed_through(&self, facts: &KeyFacts) -> u64 {
        facts.placed + self.placed.get(&facts.row.key).copied().unwrap_or(0)
    }

    pub fn take_place(&mut self, facts: &KeyFacts) {
        if facts.row.cap.is_some() {
            *self.placed.entry(facts.row.key.clone()).or_default() += 1;
        }
    }

    /// Whether the keys are older than allowed; checked once per batch.
    pub fn are_stale(&mut self, now: Moment) -> bool {
        let (keys, is_guessed) = (&self.keys, self.is_guessed);
        *self.is_stale.get_or_insert_with(|| {
            let is_stale = keys.are_stale(now);
            if is_stale && !is_guessed {
                metrics::counter!("signpost_batches_refused_as_stale_total").increment(1);
            }
            is_stale
        })
    }

    fn keep(&mut self, (found, agents_position): (Vec<KeyFacts>, u64)) {
        self.found = found.into_iter().map(|facts| (facts.row.key.clone(), facts)).collect();
        self.agents_position = agents_position;
    }
}

impl BatchPart for KeysOfBatch {
    fn queue_queries(&mut self, tx: &mut Tx) {
        let wanted: HashSet<&str> = self.wanted.iter().flatten().map(SmolStr::as_str).collect();
        self.query = Some(Keys::query(tx, wanted));
    }

    fn load<'a>(&'a mut self, tx: &'a mut Tx) -> BoxFuture<'a, Result<(), SqlError>> {
        Box::pin(async move {
            if let Some(query) = self.query.take() {
                let found = self.keys.read(tx, query).await?;
                self.keep(found);
            }
            Ok(())
        })
    }

    fn recall<'a>(&'a mut self, _: &'a mut Tx) -> BoxFuture<'a, Result<bool, SqlError>> {
        let wanted: HashSet<&str> = self.wanted.iter().flatten().map(SmolStr::as_str).collect();
        let cached = self.keys.cached(wanted.into_iter());
        self.keep(cached);
        self.is_guessed = true;
        let are_all_known = self.wanted.iter().all(|keys| keys.iter().any(|key| self.found.contains_key(key)));
        Box::pin(ready(Ok(are_all_known)))
    }
}

/// The keys that accepted commands depend on: the batch is refused if one of them has changed.
#[derive(Default)]
pub struct KeysDecidedBy(HashMap<SmolStr, Vec<Value>>);

impl KeysDecidedBy {
    pub fn add(&mut self, facts: &KeyFacts) {
        if !self.0.contains_key(&facts.row.key) {
            self.0.insert(facts.row.key.clone(), stamp(facts));
        }
    }
}

impl BatchPart for KeysDecidedBy {
    fn write(&mut self, tx: &mut Tx, _: Moment, _: bool) {
        assert_unchanged(tx, std::mem::take(&mut self.0).into_values());
    }
}
