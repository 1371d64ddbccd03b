//! What was done in the back office and the portal, in sentences: by whom, to what, why. The event log is for engineers.

use contract::clock::Day;
use event_store::log::{RecordedEvent, Wanted};
use uuid::Uuid;
use web::http::Problem;

use crate::back_office::events;
use crate::back_office::history::Notes;
use crate::operators;
use crate::state::AppState;
use crate::ui::action::Action;
use crate::ui::actors::Actors;
use crate::ui::enum_labels::or_erased;
use crate::ui::labels::Labels;
use crate::ui::layout::Layout;
use crate::ui::list::{ListPage, ListResult};
use crate::ui::page_query::PageQuery;
use crate::ui::reader;
use crate::ui::routes::Routes;
use crate::ui::sentences::{ids_in, sentence};
use crate::ui::signed_in::SignedIn;
use crate::ui::table::{Cell, Table};

const PLACE: &str = "/activity";
/// Most events that one page looks through: a filter for a rare person must not read the whole log.
const MAX_LOOKED_THROUGH: u64 = 100_000;
/// Most operators in the choice of persons.
const MAX_PERSONS: usize = 500;
/// What can be chosen, by the beginning of its streams.
const THINGS: [(&str, &str); 12] = [
    ("agent-", "Agents"),
    ("plan-", "Call plans"),
    ("group-", "Groups"),
    ("key-", "Signup URLs"),
    ("payment-", "Payments"),
    ("remittance-", "Payouts"),
    ("statement-", "Statements"),
    ("messages-", "Messages"),
    ("operator-", "Operators"),
    ("token-", "API tokens"),
    ("webhook-", "Webhooks"),
    ("settings", "Settings"),
];

pub fn routes(routes: Routes) -> Routes {
    routes.list(PLACE, "/activity.csv", list)
}

/// The activity of a thing, as a link.
pub fn of_stream(stream: &str) -> String {
    let stream: String = form_urlencoded::byte_serialize(stream.as_bytes()).collect();
    format!("{PLACE}?stream={stream}")
}

async fn list(app: AppState, signed_in: SignedIn, query: PageQuery) -> ListResult {
    let (found, next) = found(&app, &query).await?;
    let actors = Actors::of(&app, &found).await?;
    let notes = Notes::of(&app, &found).await?;
    let names = Labels::get(&app, None, found.iter().flat_map(|event| ids_in(&event.data))).await?;
    let rows = found.iter().map(|event| {
        vec![
            Cell::ago(event.recorded_at),
            Cell::text(actors.name(&event.actor)),
            Cell::link(sentence(event, &names), events::path(false, event.position)),
            thing(&event.stream, &names),
            Cell::text(notes.text(event)),
        ]
    });
    let empty = query.empty_text("Nothing matches in the part of the log that was searched.", "Nothing happened yet.");
    let table = Table::new("Activity", ["When", "Who", "What", "About", "Why"], rows, empty);
    let layout = Layout::new(&signed_in, "Activity", PLACE);
    let data = query.data();
    let mut filters = vec![
        data.choice("who", "Person", Some("Anybody"), persons(&app).await?),
        data.choice("things", "About", Some("Anything"), THINGS),
        data.line("date", "day", "Day"),
    ];
    if !data.value("stream").is_empty() {
        filters.push(data.typed("stream", "Only this"));
    }
    let actions = vec![Action::new("Event log", "/events")];
    Ok(ListPage { actions, filters, ..ListPage::new(PLACE, layout, table, next) })
}

/// The events of a page, and the cursor of the next one.
async fn found(app: &AppState, query: &PageQuery) -> Result<(Vec<RecordedEvent>, Option<String>), Problem> {
    let (who, things, stream) = (query.text("who"), query.text("things"), query.text("stream"));
    let wanted =
        Wanted { actor: who.as_deref(), streams: things.as_deref(), stream: stream.as_deref(), ..Wanted::default() };
    let (mut first, mut end) = (1, app.log.head().await?.position + 1);
    if let Some(day) = query.parsed::<Day>("day") {
        let zone = reader::zone();
        let begins = |day: Day| zone.start(&day.to_string()).unwrap_or(day.begins());
        first = app.log.first_since(begins(day)).await?;
        end = app.log.first_since(begins(day.plus(1))).await?;
    }
    let before = query.parsed::<u64>("after").map_or(end, |after| after.min(end));
    let floor = first.max(before.saturating_sub(MAX_LOOKED_THROUGH));
    let found = app.log.read_before(before, floor, wanted, query.limit()).await?;
    let read_to = if found.len() < query.limit() { floor } else { found.last().map_or(0, |event| event.position) };
    Ok((found, (read_to > first).then(|| read_to.to_string())))
}

/// Operators and everybody else who acts.
async fn persons(app: &AppState) -> Result<Vec<(String, String)>, Problem> {
    let operators = operators::queries::list(app.database(), None, MAX_PERSONS).await?.items.into_iter();
    let operators = operators.map(|operator| (format!("operator:{}", operator.id), or_erased(operator.login)));
    Ok(operators.chain([("system".to_owned(), "Signpost itself".to_owned())]).collect())
}

/// What it was done to, with a link to its page.
fn thing(stream: &str, names: &Labels) -> Cell {
    let (kind, id) = stream.split_once('-').unwrap_or((stream, ""));
    let name = || id.parse::<Uuid>().ok().and_then(|id| names.known(id)).unwrap_or_else(|| id.to_owned());
    match kind {
        "agent" => Cell::link(name(), format!("/agents/{id}")),
        "plan" => Cell::link(name(), format!("/call-plans/{id}")),
        "group" => Cell::link(name(), format!("/groups/{id}")),
        "key" => Cell::link(id, format!("/signup-keys/{id}")),
        "remittance" => Cell::link("payout", format!("/payouts/{id}")),
        "messages" => Cell::link(format!("messages of {}", name()), format!("/support/{id}")),
        "operator" => Cell::link("operator", "/operators"),
        "token" => Cell::link("API token", "/api-tokens"),
        "webhook" => Cell::link("webhook", format!("/webhooks/{id}")),
        "settings" => Cell::link("settings", "/settings"),
        kind => Cell::link(kind, of_stream(stream)),
    }
}
