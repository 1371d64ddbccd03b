//! The event logs: browse and filter what happened, the newest first. The signups' log is the signup service's, and asked of it.

use axum::extract::State;
use shared::events::Contract;
use shared::events::agents::AgentsEvent;
use shared::events::signups::SignupsEvent;
use shared::http::Problem;
use shared::log::Recorded;

use super::super::pages::page;
use super::super::pages::table::{Cell, ListPage, Table, page_link};
use super::super::parts::customers::way;
use super::history::{Actors, in_words};
use super::{Answer, Asked, LIST_LIMIT, Office, Routes, SignedIn, frame};

const PLACE: &str = "/events";
/// Most events that one page looks through: a rare type must not read the whole log.
const MAX_LOOKED_THROUGH: u64 = 100_000;
/// The same in the signups' log, which comes over the network.
const MAX_FETCHED: u64 = 1_000;

/// Letters of a stream's long id that are shown.
const SHOWN_OF_ID: usize = 8;

pub(super) fn routes(routes: Routes) -> Routes {
    routes.get(PLACE, list)
}

/// What is looked for.
struct Wanted {
    kind: Option<String>,
    stream: Option<String>,
    before: Option<u64>,
}

/// What was found, and the position where the next page begins; 1 or less at the end.
type Found = (Vec<Recorded>, u64);

async fn list(State(office): State<Office>, signed_in: SignedIn, asked: Asked) -> Answer {
    let wanted = Wanted { kind: asked.text("type"), stream: asked.text("stream"), before: asked.parsed("after") };
    let of_signups = asked.text("log").as_deref() == Some("signups");
    let (found, end) = if of_signups { signups(&office, &wanted).await? } else { agents(&office, &wanted).await? };
    let frame = frame(&signed_in, "Event log", PLACE, &asked);
    let entry = asked.entry();
    let types = if of_signups { SignupsEvent::types() } else { AgentsEvent::types() };
    let types = types.into_iter().map(|kind| (kind.name, in_words(kind.name)));
    let filters = vec![
        entry.choice("log", "Log", None, [("agents", "Agents' log"), ("signups", "Signups' log")]),
        entry.choice("type", "Type", Some("Any"), types),
        entry.typed("stream", "Stream, such as agent-<id>"),
    ];
    let actors = Actors::of(&office, &found).await?;
    let rows = found.iter().map(|event| {
        vec![
            Cell::number(event.position),
            Cell::moment(event.recorded_at),
            Cell::text(actors.name(&event.actor)),
            Cell::text(in_words(&event.type_name)),
            Cell::link(short(&event.stream), of_stream(&event.stream, of_signups)),
            Cell::Code(event.data.clone()),
        ]
    });
    let table = Table {
        caption: "Events",
        columns: vec!["Position", "When (UTC)", "Who", "What", "Stream", "Data"],
        rows: rows.collect(),
        empty: "No event fits among those that were looked through.".to_owned(),
    };
    let next = (end > 1).then(|| page_link(PLACE, &filters, &end.to_string()));
    page(&ListPage { frame, actions: Vec::new(), filters, table, next })
}

async fn agents(office: &Office, wanted: &Wanted) -> Result<Found, Problem> {
    let head = office.log.head().await?.position;
    let before = wanted.before.unwrap_or(head + 1);
    let floor = before.saturating_sub(MAX_LOOKED_THROUGH);
    let (kind, stream) = (wanted.kind.as_deref(), wanted.stream.as_deref());
    let found = office.log.read_before(before, floor, kind, stream, LIST_LIMIT).await?;
    let end = if found.len() < LIST_LIMIT { floor } else { found.last().map_or(0, |event| event.position) };
    Ok((found, end))
}

async fn signups(office: &Office, wanted: &Wanted) -> Result<Found, Problem> {
    let followed = match &office.sales {
        Some(sales) => sales.read().await?.0,
        None => 0,
    };
    let before = wanted.before.unwrap_or(followed + 1);
    let floor = before.saturating_sub(1 + MAX_FETCHED);
    let events = way(office)?.events(floor, before.saturating_sub(1 + floor).max(1)).await?;
    let fits = |event: &Recorded| {
        event.position < before
            && wanted.kind.as_ref().is_none_or(|kind| *kind == event.type_name)
            && wanted.stream.as_ref().is_none_or(|stream| *stream == event.stream)
    };
    let found: Vec<_> = events.into_iter().rev().filter(fits).take(LIST_LIMIT).collect();
    let end = if found.len() < LIST_LIMIT { floor + 1 } else { found.last().map_or(0, |event| event.position) };
    Ok((found, end))
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

fn of_stream(stream: &str, of_signups: bool) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    if of_signups {
        query.append_pair("log", "signups");
    }
    query.append_pair("stream", stream);
    format!("{PLACE}?{}", query.finish())
}
