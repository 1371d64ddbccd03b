//! The event logs: list and filter events, the newest first, and show one event in full. The signups' log is read
//! from the signup-service.

use axum::extract::Path;
use contract::events::Contract;
use contract::events::agents::AgentsEvent;
use contract::events::signups::SignupsEvent;
use event_store::log::{RecordedEvent, Wanted};
use serde_json::Value;
use web::http::Problem;

use crate::state::AppState;
use crate::ui::action::Action;
use crate::ui::actors::Actors;
use crate::ui::customers::way;
use crate::ui::layout::Layout;
use crate::ui::list::{ListPage, ListResult};
use crate::ui::page::{PageResult, page};
use crate::ui::page_query::PageQuery;
use crate::ui::routes::Routes;
use crate::ui::sentences::in_words;
use crate::ui::signed_in::{Context, SignedIn};
use crate::ui::table::{Cell, ShowPage, Table};

const PLACE: &str = "/events";
/// Most events that one page reads: a filter for a rare type must not read the whole log.
const MAX_LOOKED_THROUGH: u64 = 100_000;
/// The same for the signups' log, which comes over the network.
const MAX_FETCHED: u64 = 1_000;

/// Characters of a stream's id in the list.
const SHOWN_OF_ID: usize = 8;
/// Characters of an event's data in the list.
const SHOWN_OF_DATA: usize = 160;

pub fn routes(routes: Routes) -> Routes {
    routes.list(PLACE, "/events.csv", list).get("/events/{log}/{position}", show)
}

/// The path of an event's page.
pub fn path(of_signups: bool, position: u64) -> String {
    format!("{PLACE}/{}/{position}", if of_signups { "signups" } else { "agents" })
}

/// The filter of the list.
struct Asked {
    kind: Option<String>,
    stream: Option<String>,
    before: Option<u64>,
    limit: usize,
}

/// The events of a page, and the position where the next one begins; 1 or less at the end.
type Found = (Vec<RecordedEvent>, u64);

async fn list(app: AppState, signed_in: SignedIn, query: PageQuery) -> ListResult {
    let of_signups = query.text("log").as_deref() == Some("signups");
    let types = if of_signups { SignupsEvent::types() } else { AgentsEvent::types() };
    // A type of the other log counts as no filter.
    let kind = query.text("type").filter(|kind| types.iter().any(|known| known.name == kind));
    let wanted = Asked { kind, stream: query.text("stream"), before: query.parsed("after"), limit: query.limit() };
    let (found, end) = if of_signups { signups(&app, &wanted).await? } else { agents(&app, &wanted).await? };
    let layout = Layout::new(&signed_in, "Event log", PLACE);
    let data = query.data();
    let types = types.into_iter().map(|kind| (kind.name, in_words(kind.name)));
    let filters = vec![
        data.choice("log", "Log", None, [("agents", "Agents' log"), ("signups", "Signups' log")]),
        data.choice("type", "Type", Some("Any"), types),
        data.typed("stream", "Stream, such as agent-<id>"),
    ];
    let actors = Actors::of(&app, &found).await?;
    let rows = found.iter().map(|event| {
        vec![
            Cell::link(event.position.to_string(), path(of_signups, event.position)),
            Cell::moment(event.recorded_at),
            Cell::text(actors.name(&event.actor)),
            Cell::text(in_words(&event.type_name)),
            Cell::link(short(&event.stream), of_stream(&event.stream, of_signups)),
            Cell::Code(beginning(&event.data)),
        ]
    });
    let columns = ["Position", "When", "Who", "What", "Stream", "Data"];
    let table = Table::new("Events", columns, rows, "No events match in the part of the log that was searched.");
    let next = (end > 1).then(|| end.to_string());
    let actions = vec![Action::new("Activity in sentences", "/activity")];
    Ok(ListPage { actions, filters, ..ListPage::new(PLACE, layout, table, next) })
}

async fn agents(app: &AppState, wanted: &Asked) -> Result<Found, Problem> {
    let head = app.log.head().await?.position;
    let before = wanted.before.unwrap_or(head + 1);
    let floor = before.saturating_sub(MAX_LOOKED_THROUGH);
    let of = Wanted { type_name: wanted.kind.as_deref(), stream: wanted.stream.as_deref(), ..Wanted::default() };
    let found = app.log.read_before(before, floor, of, wanted.limit).await?;
    let end = if found.len() < wanted.limit { floor } else { found.last().map_or(0, |event| event.position) };
    Ok((found, end))
}

async fn signups(app: &AppState, wanted: &Asked) -> Result<Found, Problem> {
    let followed = match &app.sales {
        Some(sales) => sales.read().await?.point.position,
        None => 0,
    };
    let before = wanted.before.unwrap_or(followed + 1);
    let floor = before.saturating_sub(1 + MAX_FETCHED);
    let events = way(app)?.events(floor, before.saturating_sub(1 + floor).max(1)).await?;
    let fits = |event: &RecordedEvent| {
        event.position < before
            && wanted.kind.as_ref().is_none_or(|kind| *kind == event.type_name)
            && wanted.stream.as_ref().is_none_or(|stream| *stream == event.stream)
    };
    let found: Vec<_> = events.into_iter().rev().filter(fits).take(wanted.limit).collect();
    let end = if found.len() < wanted.limit { floor + 1 } else { found.last().map_or(0, |event| event.position) };
    Ok((found, end))
}

async fn show(Context(app, signed_in): Context, Path((log, position)): Path<(String, String)>) -> PageResult {
    let position: u64 = position.parse().map_err(|_| Problem::not_found())?;
    let (of_signups, event) = match log.as_str() {
        "agents" => {
            let (before, floor) = (position.saturating_add(1), position.saturating_sub(1));
            (false, app.log.read_before(before, floor, Wanted::default(), 1).await?.pop())
        }
        "signups" => (true, way(&app)?.event(position).await?),
        _ => return Err(Problem::not_found().into()),
    };
    let event = event.filter(|event| event.position == position).ok_or_else(Problem::not_found)?;
    let actors = Actors::of(&app, std::slice::from_ref(&event)).await?;
    let whose = if of_signups { "signups'" } else { "agents'" };
    let layout = Layout::new(&signed_in, format!("Event {position} of the {whose} log"), PLACE);
    let facts = vec![
        ("What", Cell::text(in_words(&event.type_name))),
        ("Who", Cell::text(actors.name(&event.actor))),
        ("When", Cell::moment(event.recorded_at)),
        ("Stream", Cell::link(short(&event.stream), of_stream(&event.stream, of_signups))),
        ("Version in the stream", Cell::text(event.version.to_string())),
        ("Type", Cell::Code(event.type_name)),
        ("Event", Cell::Code(event.event_id.to_string())),
        ("Hash over all events up to it", Cell::Code(event.hash.to_string())),
        ("Data", Cell::Code(line_by_line(event.data))),
    ];
    let back = if of_signups { format!("{PLACE}?log=signups") } else { PLACE.to_owned() };
    let actions = vec![Action::new("All events", back)];
    page(&ShowPage { layout, state: None, actions, facts, on: None, blocks: Vec::new() })
}

/// Data with line breaks.
fn line_by_line(data: String) -> String {
    let read = serde_json::from_str::<Value>(&data).and_then(|value| serde_json::to_string_pretty(&value));
    read.unwrap_or(data)
}

/// The beginning of an event's data.
fn beginning(data: &str) -> String {
    match data.char_indices().nth(SHOWN_OF_DATA) {
        Some((cut, _)) => format!("{}…", data.get(..cut).unwrap_or_default()),
        None => data.to_owned(),
    }
}

/// A stream by its kind and the end of its id, where ids differ.
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
