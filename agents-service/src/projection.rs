//! The projection of the service's own log, which has a part for each noun: tables, and what events make of them. It knows no
//! noun; the registry puts the parts together. Logins and contact details are in no event, and so in none of its tables.

use contract::events::agents::AgentsEvent;
use event_store::projections::{EventEnvelope, Projection, Table};
use event_store::sql::{SqlError, Tx};
use futures::future::BoxFuture;

/// Applies a page of events to the tables of a noun.
pub type Apply = for<'a> fn(&'a mut Tx, &'a [EventEnvelope<AgentsEvent>]) -> BoxFuture<'a, Result<(), SqlError>>;

/// A noun's part. No noun's rows are made of another's, so each is given its events by itself, in their order.
#[derive(Clone, Copy)]
pub struct Part {
    pub tables: fn() -> Vec<Table>,
    pub apply: Apply,
}

/// The projection of the service's own log.
pub struct AgentsProjection {
    tables: &'static [Table],
    parts: Vec<Apply>,
}

impl AgentsProjection {
    /// The projection of these parts.
    pub fn new(tables: &'static [Table], parts: Vec<Apply>) -> Self {
        Self { tables, parts }
    }
}

impl Projection for AgentsProjection {
    type Event = AgentsEvent;
    const NAME: &'static str = "directory";

    fn tables(&self) -> &'static [Table] {
        self.tables
    }

    async fn apply(&self, tx: &mut Tx, events: &[EventEnvelope<AgentsEvent>]) -> Result<(), SqlError> {
        for apply in &self.parts {
            apply(tx, events).await?;
        }
        Ok(())
    }
}
