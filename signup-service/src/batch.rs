//! Facts and rows of a batch of commands, a part for each noun. A part is made when a command first uses it, so the
//! batch itself depends on no noun. All queries of a batch leave in one round trip, however many commands it has.

use std::any::{Any, TypeId};

use contract::clock::Moment;
use event_store::sql::{SqlError, Tx};
use futures::future::{BoxFuture, ready};

/// A noun's part of a batch: one query for each kind of fact and one statement for each table, however many commands
/// there are.
pub trait BatchPart: Any + Send {
    /// Queues the queries for the facts that the commands need.
    fn queue_queries(&mut self, _tx: &mut Tx) {}

    fn load<'a>(&'a mut self, _tx: &'a mut Tx) -> BoxFuture<'a, Result<(), SqlError>> {
        Box::pin(ready(Ok(())))
    }

    /// Takes the facts from memory; `false` where memory does not hold them. Facts that `write` checks may be left
    /// out.
    fn recall<'a>(&'a mut self, _tx: &'a mut Tx) -> BoxFuture<'a, Result<bool, SqlError>> {
        Box::pin(ready(Ok(true)))
    }

    /// Queues the rows that the commands write. If `is_guessed`, the part also queues the check that the facts from
    /// memory were right; a failed check refuses the batch.
    fn write(&mut self, _tx: &mut Tx, _now: Moment, _is_guessed: bool) {}
}

#[derive(Default)]
pub struct Batch {
    /// When the commands are decided.
    pub now: Moment,
    parts: Vec<(TypeId, Box<dyn BatchPart>)>,
}

impl Batch {
    pub fn at(now: Moment) -> Self {
        Self { now, parts: Vec::new() }
    }

    pub fn part<P: BatchPart + Default>(&mut self) -> &mut P {
        self.part_or(P::default)
    }

    /// The part of this type; `make` makes it on first use.
    pub fn part_or<P: BatchPart>(&mut self, make: impl FnOnce() -> P) -> &mut P {
        let kind = TypeId::of::<P>();
        let index = self.parts.iter().position(|(of, _)| *of == kind).unwrap_or_else(|| {
            self.parts.push((kind, Box::new(make())));
            self.parts.len() - 1
        });
        let part: &mut dyn Any = &mut *self.parts[index].1;
        match part.downcast_mut() {
            Some(part) => part,
            None => unreachable!("each part stands under its own type"),
        }
    }

    pub fn queue_queries(&mut self, tx: &mut Tx) {
        for (_, part) in &mut self.parts {
            part.queue_queries(tx);
        }
    }

    pub async fn load(&mut self, tx: &mut Tx) -> Result<(), SqlError> {
        for (_, part) in &mut self.parts {
            part.load(tx).await?;
        }
        Ok(())
    }

    /// Takes the facts from memory; `false` where a part cannot.
    pub async fn recall(&mut self, tx: &mut Tx) -> Result<bool, SqlError> {
        for (_, part) in &mut self.parts {
            if !part.recall(tx).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    pub fn write(&mut self, tx: &mut Tx, is_guessed: bool) {
        let now = self.now;
        for (_, part) in &mut self.parts {
            part.write(tx, now, is_guessed);
        }
    }
}
