//! The event log: browse and filter what happened, the newest first.

use axum::extract::State;

use super::super::pages::page;
use super::super::pages::table::{Cell, ListPage, Table, page_link};
use super::history::{Actors, in_words};
use super::{Answer, Asked, LIST_LIMIT, Office, Routes, SignedIn, frame};
use shared::events::Contract;
use shared::events::agents::AgentsEvent;

const PLACE: &str = "/events";
/// Most events that one page looks through: a rare type must not read the whole log.
const MAX_LOOKED_THROUGH: u64 = 100_000;

/// Letters of a stream's long id that are shown.
const SHOWN_OF_ID: usize = 8;

pub(super) fn routes(routes: Routes) -> Routes {
    routes.get(PLACE, list)
}

async fn list(State(office): State<Office>, signed_in: SignedIn, asked: Asked) -> Answer {
    let (kind, stream) = (asked.text("type"), asked.text("stream"));
    let head = office.log.head().await?.position;
    let before = asked.parsed::<u64>("after").unwrap_or(head + 1);
    let floor = before.saturating_sub(MAX_LOOKED_THROUGH);
    let found = office.log.read_before(before, floor, kind.as_deref(), stream.as_deref(), LIST_LIMIT).await?;
    let frame = frame(&signed_in, "Event log", PLACE, &asked);
    let entry = asked.entry();
    let types = AgentsEvent::types().into_iter().map(|kind| (kind.name, in_words(kind.name)));
    let filters =
        vec![entry.choice("type", "Type", Some("Any"), types), entry.typed("stream", "Stream, such as agent-<id>")];
    let actors = Actors::of(&office, &found).await?;
    let rows = found.iter().map(|event| {
        vec![
            Cell::number(event.position),
            Cell::moment(event.recorded_at),
            actors.name(&event.actor),
            Cell::text(in_words(&event.type_name)),
            Cell::link(short(&event.stream), of_stream(&event.stream)),
            Cell::Code(event.data.clone()),
        ]
    });
    let table = Table {
        caption: "Events",
        columns: vec!["Position", "When (UTC)", "Who", "What", "Stream", "Data"],
        rows: rows.collect(),
        empty: "No event fits among those that were looked through.".to_owned(),
    };
    let end = if found.len() < LIST_LIMIT { floor } else { found.last().map_or(0, |event| event.position) };
    let next = (end > 1).then(|| page_link(PLACE, &filters, &end.to_string()));
    page(&ListPage { frame, actions: Vec::new(), filters, table, next })
}

/// A stream by its kind and the end of its id, which is what ids differ in.
fn short(stream: &str) -> String {
    match (stream.split_once('-'), stream.len().checked_sub(SHOWN_OF_ID)) {
        (Some((kind, id)), Some(cut)) if id.len() > 2 * SHOWN_OF_ID => {
            format!("{kind} …{}", stream.get(cut..).unwrap_or(id))
        }
        _ => stream.to_owned(),
    }
}

fn of_stream(stream: &str) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("stream", stream).finish();
    format!("{PLACE}?{query}")
}
