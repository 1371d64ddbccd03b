use std::future::Future;
use std::time::Duration;

use super::table::Table;
use crate::feed::MAX_PAGE;
use crate::log::RecordedEvent;
use crate::sql::{SqlError, Tx};
use contract::clock::Moment;
use contract::events::{DecodeError, EventSet};

/// An event on its way into a view.
#[derive(Clone, Debug, PartialEq)]
pub struct EventEnvelope<E> {
    /// Its place in the log.
    pub position: u64,
    /// The stream it belongs to.
    pub stream: String,
    /// Its place in the stream.
    pub version: u64,
    /// When it was appended.
    pub recorded_at: Moment,
    /// Who asked for it.
    pub actor: String,
    /// What happened.
    pub event: E,
}

/// Who keeps a view up to date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeper {
    /// A projector, in a transaction with the view's checkpoint.
    Projector,
    /// The writer of the log itself, in the transaction that appends: what it decides by is never behind.
    Writer,
}

/// A fold of a log, kept in tables. The same events always give the same rows. A stream with an event that cannot be
/// applied stands in `parked_events`: whoever reads the view must look there and fail closed.
pub trait Projection: Send + Sync + 'static {
    /// The events of the followed log that the projection uses.
    type Event: EventSet + Send + Sync;
    /// The name of the view's checkpoint.
    const NAME: &'static str;
    /// How far the view may be behind its log, so that events gather and are applied in fewer, larger steps.
    const MAY_LAG: Duration = Duration::ZERO;

    /// How many events are applied at a time.
    const PAGE: usize = MAX_PAGE;
    /// How many times as long as it took to apply events the projector rests before it applies the next, so that others have the
    /// database meanwhile.
    const RESTS: u32 = 0;

    /// Whether the service cannot do its work where the view cannot be relied on.
    const IS_ESSENTIAL: bool = true;

    /// Who writes the view's tables.
    const KEPT_BY: Keeper = Keeper::Projector;

    /// The view's tables, each with a shadow table; statements name them with `{shadow}` behind.
    fn tables(&self) -> &'static [Table];

    /// Applies events, in order.
    fn apply(
        &self,
        tx: &mut Tx,
        events: &[EventEnvelope<Self::Event>],
    ) -> impl Future<Output = Result<(), SqlError>> + Send;
}

/// Reads the events that the projection uses. Types that their contract does not know are counted.
pub(super) fn read_all<'a, V: Projection>(
    events: impl IntoIterator<Item = &'a RecordedEvent>,
) -> Result<Vec<EventEnvelope<V::Event>>, DecodeError> {
    let mut followed = Vec::new();
    for event in events {
        let Some(read) = V::Event::read_used(&event.type_name, &event.data)? else {
            if !V::Event::leaves_out(&event.type_name) {
                metrics::counter!("signpost_unknown_events_total", "view" => V::NAME).increment(1);
            }
            continue;
        };
        followed.push(EventEnvelope {
            position: event.position,
            stream: event.stream.clone(),
            version: event.version,
            recorded_at: event.recorded_at,
            actor: event.actor.clone(),
            event: read,
        });
    }
    Ok(followed)
}
