//! What the commands of a batch are decided by and what they write, a part for each noun. A part is made when a command first names it, so
//! the batch knows no noun. All queries of a batch leave in one round trip, however many commands it has.

use std::any::{Any, TypeId};

use contract::clock::Moment;
use event_store::sql::{SqlError, Tx};
use futures::future::{BoxFuture, ready};

/// A noun's part of a batch: one query for each kind of fact that commands are decided by, and one statement for each table that
/// they write, however many commands there are.
pub trait BatchPart: Any + Send {
    /// Queues the queries for the facts that the commands need, so that all leave in one round trip.
    fn ask(&mut self, _tx: &mut Tx) {}

    /// Reads the results of the queries.
    fn load<'a>(&'a mut self, _tx: &'a mut Tx) -> BoxFuture<'a, Result<(), SqlError>> {
        Box::pin(ready(Ok(())))
    }

    /// Takes the facts from memory instead; `false` where memory does not hold them. What `write` checks need not be known.
    fn recall<'a>(&'a mut self, _tx: &'a mut Tx) -> BoxFuture<'a, Result<bool, SqlError>> {
        Box::pin(ready(Ok(true)))
    }

    /// Queues what the commands write. Where they were decided by facts from memory, the part has the batch refused if these facts
    /// were wrong.
    fn write(&mut self, _tx: &mut Tx, _now: Moment, _is_guessed: bool) {}
}

/// The parts of a batch, each made when a command first names it.
#[derive(Default)]
pub struct Batch {
    /// The moment that the commands are decided at.
    pub now: Moment,
    parts: Vec<(TypeId, Box<dyn BatchPart>)>,
}

impl Batch {
    /// A batch without parts at this moment.
    pub fn at(now: Moment) -> Self {
        Self { now, parts: Vec::new() }
    }

    /// The part of this type.
    pub fn part<P: BatchPart + Default>(&mut self) -> &mut P {
        self.part_or(P::default)
    }

    /// The part of this type, made by `make` where there is none yet.
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

    /// Queues the queries of all parts.
    pub fn ask(&mut self, tx: &mut Tx) {
        for (_, part) in &mut self.parts {
            part.ask(tx);
        }
    }

    /// Reads the results of the queries.
    pub async fn load(&mut self, tx: &mut Tx) -> Result<(), SqlError> {
        for (_, part) in &mut self.parts {
            part.load(tx).await?;
        }
        Ok(())
    }

    /// Takes the facts from memory; `false` where one part cannot.
    pub async fn recall(&mut self, tx: &mut Tx) -> Result<bool, SqlError> {
        for (_, part) in &mut self.parts {
            if !part.recall(tx).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Queues what all parts write.
    pub fn write(&mut self, tx: &mut Tx, is_guessed: bool) {
        let now = self.now;
        for (_, part) in &mut self.parts {
            part.write(tx, now, is_guessed);
        }
    }
}
