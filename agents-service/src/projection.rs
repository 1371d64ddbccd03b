//! The projections of the service's own log, each with a part for each noun: its tables, and how events change them.
//! The registry joins the parts. Logins and contact details are in no event, so they are in none of these tables.

use contract::events::agents::AgentsEvent;
use event_store::projections::{EventEnvelope, Keeper, Projection, Table};
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

/// The parts of a projection.
#[derive(Clone)]
pub struct Parts {
    tables: &'static [Table],
    apply: Vec<Apply>,
}

impl Parts {
    pub fn new(tables: &'static [Table], apply: Vec<Apply>) -> Self {
        Self { tables, apply }
    }

    async fn apply(&self, tx: &mut Tx, events: &[EventEnvelope<AgentsEvent>]) -> Result<(), SqlError> {
        for part in &self.apply {
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

/// What is shown.
pub struct AgentsProjection(pub Parts);

impl Projection for AgentsProjection {
    type Event = AgentsEvent;
    const NAME: &'static str = "directory";

    fn tables(&self) -> &'static [Table] {
        self.0.tables
    }

    async fn apply(&self, tx: &mut Tx, events: &[EventEnvelope<AgentsEvent>]) -> Result<(), SqlError> {
        self.0.apply(tx, events).await
    }
}

/// What commands are decided by, beside the histories of streams: the log's writer keeps it in its transactions.
#[derive(Clone)]
pub struct DecisionsProjection(pub Parts);

impl Projection for DecisionsProjection {
    type Event = AgentsEvent;
    const NAME: &'static str = "decisions";
    const KEPT_BY: Keeper = Keeper::Writer;

    fn tables(&self) -> &'static [Table] {
        self.0.tables
    }

    async fn apply(&self, tx: &mut Tx, events: &[EventEnvelope<AgentsEvent>]) -> Result<(), SqlError> {
        self.0.apply(tx, events).await
    }
}
