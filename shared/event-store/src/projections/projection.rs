use std::future::Future;
use std::time::Duration;

use super::table::Table;
use crate::feed::MAX_PAGE;
use crate::log::RecordedEvent;
use crate::sql::{SqlError, Tx};
use contract::clock::Moment;
use contract::events::{DecodeError, EventSet};

/// An event for a projection.
#[derive(Clone, Debug, PartialEq)]
pub struct EventEnvelope<E> {
    /// Its position in the log.
    pub position: u64,
    /// The stream it belongs to.
    pub stream: String,
    /// Its version in the stream.
    pub version: u64,
    /// When it was appended.
    pub recorded_at: Moment,
    /// Who caused it.
    pub actor: String,
    /// The event.
    pub event: E,
}

/// Who keeps a projection up to date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeper {
    /// A projector, in a transaction with the projection's checkpoint.
    Projector,
    /// The log's writer, in the appending transaction, so that the tables it decides by are never behind.
    Writer,
}

/// A fold of a log, kept in tables. The same events always give the same rows. A stream with an event that cannot be
/// applied is in `parked_events`: readers of the projection must check that and fail closed.
pub trait Projection: Send + Sync + 'static {
    /// The events of the followed log that the projection uses.
    type Event: EventSet + Send + Sync;
    /// The name of the projection's checkpoint.
    const NAME: &'static str;
    /// How far the projection may lag, so that events are applied in fewer, larger transactions.
    const MAY_LAG: Duration = Duration::ZERO;

    /// Most events of one transaction.
    const PAGE: usize = MAX_PAGE;
    /// How long the projector pauses after each transaction, as a multiple of the transaction's duration, so that
    /// others can use the database.
    const RESTS: u32 = 0;

    /// Whether the service fails when the projection cannot be relied on.
    const IS_ESSENTIAL: bool = true;

    /// Who writes the projection's tables.
    const KEPT_BY: Keeper = Keeper::Projector;

    /// The projection's tables, each with a shadow table; statements name them with `{shadow}` behind.
    fn tables(&self) -> &'static [Table];

    /// Applies events, in order.
    fn apply(
        &self,
        tx: &mut Tx,
        events: &[EventEnvelope<Self::Event>],
    ) -> impl Future<Output = Result<(), SqlError>> + Send;
}

/// Decodes the events of a set for projections. Others are left out.
pub fn envelopes<'a, E: EventSet>(
    events: impl IntoIterator<Item = &'a RecordedEvent>,
) -> Result<Vec<EventEnvelope<E>>, DecodeError> {
    let read =
        events.into_iter().map(|event| Ok(E::read_used(&event.type_name, &event.data)?.map(|read| (event, read))));
    let envelope = |(event, read): (&RecordedEvent, E)| EventEnvelope {
        position: event.position,
        stream: event.stream.clone(),
        version: event.version,
        recorded_at: event.recorded_at,
        actor: event.actor.clone(),
        event: read,
    };
    read.filter_map(Result::transpose).map(|read| read.map(envelope)).collect()
}

/// Decodes the events that the projection uses. Types that the contract does not know are counted.
pub(super) fn read_all<'a, V: Projection>(
    events: impl IntoIterator<Item = &'a RecordedEvent>,
) -> Result<Vec<EventEnvelope<V::Event>>, DecodeError> {
    let events: Vec<&RecordedEvent> = events.into_iter().collect();
    let followed = envelopes::<V::Event>(events.iter().copied())?;
    let unknown = events.len() - followed.len();
    if unknown > 0 {
        let of_another = events.iter().filter(|event| V::Event::leaves_out(&event.type_name)).count();
        let unknown = u64::try_from(unknown.saturating_sub(of_another)).unwrap_or_default();
        metrics::counter!("signpost_unknown_events_total", "view" => V::NAME).increment(unknown);
    }
    Ok(followed)
}
