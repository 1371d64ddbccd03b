//! The projection of the service's own log, with a part for each noun: its tables, and how events change them. The
//! registry joins the parts. Logins and contact details are in no event, so they are in none of these tables.

use contract::events::agents::AgentsEvent;
use event_store::projections::{EventEnvelope, Projection, Table};
use event_store::sql::{SqlError, Tx};
use futures::future::BoxFuture;

type Applied<'a> = BoxFuture<'a, Result<(), SqlError>>;

/// How events are applied to the tables of a noun.
#[derive(Clone, Copy)]
pub enum Apply {
    /// One by one.
    Each(for<'a> fn(&'a mut Tx, &'a EventEnvelope<AgentsEvent>) -> Applied<'a>),
    /// A page of them at once.
    Page(for<'a> fn(&'a mut Tx, &'a [EventEnvelope<AgentsEvent>]) -> Applied<'a>),
}

/// A noun's part. No noun's rows depend on another's, so each part applies the events separately, in order.
#[derive(Clone, Copy)]
pub struct Part {
    pub tables: fn() -> Vec<Table>,
    pub apply: Apply,
}

pub struct AgentsProjection {
    tables: &'static [Table],
    parts: Vec<Apply>,
}

impl AgentsProjection {
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
        for part in &self.parts {
            match part {
                Apply::Page(apply) => apply(tx, events).await?,
                Apply::Each(apply) => {
                    for event in events {
                        apply(tx, event).await?;
                    }
                }
            }
        }
        Ok(())
    }
}
