//! What commands decide by beside the histories of streams: facts, each of a kind that its noun declares. The commands of a batch
//! say which facts they need; each kind is loaded once for the batch, for all the keys that were asked for.

use std::any::{Any, TypeId};
use std::collections::{BTreeMap, BTreeSet};

use event_store::sql::{SqlError, Tx};
use futures::future::BoxFuture;

/// What is known of the keys of one kind.
pub type Known<F> = BTreeMap<<F as Fact>::Key, <F as Fact>::Value>;

/// A kind of fact.
pub trait Fact: Sized + 'static {
    /// What a fact of this kind is about.
    type Key: Ord + Send + Sync + 'static;
    /// What is known of a key.
    type Value: Send + Sync + 'static;

    /// Loads what is known of these keys; a key of which nothing is known is left out.
    fn load(tx: &mut Tx, keys: BTreeSet<Self::Key>) -> BoxFuture<'_, Result<Known<Self>, SqlError>>;
}

/// The facts that the commands of a batch need.
#[derive(Default)]
pub struct Needs(BTreeMap<TypeId, Box<dyn Need>>);

/// The facts of a batch.
#[derive(Default)]
pub struct Facts(BTreeMap<TypeId, Box<dyn Any + Send + Sync>>);

/// The keys of one kind of fact.
trait Need: Send {
    fn keys(&mut self) -> &mut dyn Any;

    fn load(self: Box<Self>, tx: &mut Tx) -> BoxFuture<'_, Result<Box<dyn Any + Send + Sync>, SqlError>>;
}

struct KeysOf<F: Fact>(BTreeSet<F::Key>);

impl<F: Fact> Need for KeysOf<F> {
    fn keys(&mut self) -> &mut dyn Any {
        &mut self.0
    }

    fn load(self: Box<Self>, tx: &mut Tx) -> BoxFuture<'_, Result<Box<dyn Any + Send + Sync>, SqlError>> {
        Box::pin(async move {
            let known: Box<dyn Any + Send + Sync> = Box::new(F::load(tx, self.0).await?);
            Ok(known)
        })
    }
}

impl Needs {
    /// Asks for a fact.
    pub fn fact<F: Fact>(&mut self, key: F::Key) {
        let need = self.0.entry(TypeId::of::<F>()).or_insert_with(|| Box::new(KeysOf::<F>(BTreeSet::new())));
        if let Some(keys) = need.keys().downcast_mut::<BTreeSet<F::Key>>() {
            keys.insert(key);
        }
    }

    /// Loads the facts.
    pub async fn load(self, tx: &mut Tx) -> Result<Facts, SqlError> {
        let mut facts = BTreeMap::new();
        for (kind, need) in self.0 {
            facts.insert(kind, need.load(tx).await?);
        }
        Ok(Facts(facts))
    }
}

impl Facts {
    /// What is known of a key.
    pub fn get<F: Fact>(&self, key: &F::Key) -> Option<&F::Value> {
        let known = self.0.get(&TypeId::of::<F>())?;
        known.downcast_ref::<Known<F>>()?.get(key)
    }

    /// Notes what is known of a key from now on.
    pub fn set<F: Fact>(&mut self, key: F::Key, value: F::Value) {
        let known = self.0.entry(TypeId::of::<F>()).or_insert_with(|| Box::new(Known::<F>::new()));
        if let Some(known) = known.downcast_mut::<Known<F>>() {
            known.insert(key, value);
        }
    }
}
