//! Facts: what commands depend on beside the histories of streams. Each noun declares its kinds of facts, and
//! commands name the facts that they need; each kind is loaded once per batch, for all requested keys.

use std::any::{Any, TypeId};
use std::collections::{BTreeMap, BTreeSet};

use contract::clock::Moment;
use event_store::sql::{SqlError, Tx};
use futures::future::BoxFuture;

/// The facts of one kind, by key.
pub type Known<F> = BTreeMap<<F as Fact>::Key, <F as Fact>::Value>;

pub trait Fact: Sized + 'static {
    /// The key of a fact.
    type Key: Ord + Send + Sync + 'static;
    /// The value of a fact.
    type Value: Send + Sync + 'static;

    /// Loads the facts of these keys, as they are now; keys without a fact are left out.
    fn load(tx: &mut Tx, keys: BTreeSet<Self::Key>, now: Moment) -> BoxFuture<'_, Result<Known<Self>, SqlError>>;
}

/// The facts that the commands of a batch need.
#[derive(Default)]
pub struct Needs(BTreeMap<TypeId, Box<dyn Need>>);

/// The facts of a batch.
#[derive(Default)]
pub struct Facts(BTreeMap<TypeId, Loaded>);

/// All facts of one kind.
type Loaded = Box<dyn Any + Send + Sync>;

/// The keys of one kind of fact.
trait Need: Send {
    fn keys(&mut self) -> &mut dyn Any;

    fn load(self: Box<Self>, tx: &mut Tx, now: Moment) -> BoxFuture<'_, Result<Loaded, SqlError>>;
}

struct KeysOf<F: Fact>(BTreeSet<F::Key>);

impl<F: Fact> Need for KeysOf<F> {
    fn keys(&mut self) -> &mut dyn Any {
        &mut self.0
    }

    fn load(self: Box<Self>, tx: &mut Tx, now: Moment) -> BoxFuture<'_, Result<Loaded, SqlError>> {
        Box::pin(async move {
            let known: Loaded = Box::new(F::load(tx, self.0, now).await?);
            Ok(known)
        })
    }
}

impl Needs {
    /// Requests a fact.
    pub fn fact<F: Fact>(&mut self, key: F::Key) {
        let need = self.0.entry(TypeId::of::<F>()).or_insert_with(|| Box::new(KeysOf::<F>(BTreeSet::new())));
        if let Some(keys) = need.keys().downcast_mut::<BTreeSet<F::Key>>() {
            keys.insert(key);
        }
    }

    pub async fn load(self, tx: &mut Tx, now: Moment) -> Result<Facts, SqlError> {
        let mut facts = BTreeMap::new();
        for (kind, need) in self.0 {
            facts.insert(kind, need.load(tx, now).await?);
        }
        Ok(Facts(facts))
    }
}

impl Facts {
    pub fn get<F: Fact>(&self, key: &F::Key) -> Option<&F::Value> {
        let known = self.0.get(&TypeId::of::<F>())?;
        known.downcast_ref::<Known<F>>()?.get(key)
    }

    /// Updates a fact.
    pub fn set<F: Fact>(&mut self, key: F::Key, value: F::Value) {
        let known = self.0.entry(TypeId::of::<F>()).or_insert_with(|| Box::new(Known::<F>::new()));
        if let Some(known) = known.downcast_mut::<Known<F>>() {
            known.insert(key, value);
        }
    }
}
