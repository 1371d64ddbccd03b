//! The first page: sales of a period, refusals by reason, faults to repair, and the state of the
//! logs. A script keeps it up to date.

use std::convert::Infallible;
use std::time::Duration;

use axum::response::sse::Event;
use event_store::log::Wanted;
use event_store::projections::{Checkpoint, CheckpointState, parked};
use event_store::relay::StreamState;
use futures::stream::{self, Stream};
use tokio::sync::watch;
use web::http::Problem;
use web::http::streams::{self, Seat};

use crate::analysis::question::Filter;
use crate::auth::sessions;
use crate::back_office::first_steps;
use crate::settings;
use crate::state::AppState;
use crate::ui::action::Action;
use crate::ui::actors::Actors;
use crate::ui::analysis::View;
use crate::ui::analysis::overview::{self, BY_AGENT, BY_CALL_PLAN, BY_GROUP, OfPeriod, Overview, TableBy};
use crate::ui::labels::Labels;
use crate::ui::layout::{Layout, Warning};
use crate::ui::numbers::counted;
use crate::ui::page::{PageResult, page};
use crate::ui::page_query::PageQuery;
use crate::ui::routes::Routes;
use crate::ui::sales_summary::SalesPage;
use crate::ui::sentences::{ids_in, sentence};
use crate::ui::signed_in::{Context, SignedIn};
use crate::ui::table::{Block, Cell, Table};

/// How often an open page checks its session and looks for changes.
const NEWS_EVERY: Duration = Duration::from_secs(2);
/// Longest wait for the stream's state.
const BUS_TIMEOUT: Duration = Duration::from_secs(1);
/// Events of the latest activity.
const LATEST: u8 = 8;
/// What the figures are told apart by.
const PARTS: [TableBy; 3] = [BY_AGENT, BY_CALL_PLAN, BY_GROUP];
const UP_TO_DATE: &str = "up to date";

pub fn routes(routes: Routes) -> Routes {
    routes.get("/", show).watch("/dashboard/fresh", show).watch("/dashboard/news", news)
}

async fn show(Context(app, signed_in): Context, query: PageQuery) -> PageResult {
    let url = settings::queries::get(app.database()).await?.customer_interface_url;
    let layout = Layout::new(&signed_in, "Dashboard", "/").warning(Warning::of_url(&url));
    let layout = layout.warning(app.doubt_about_sales().await?);
    let (first_steps, waiting, latest) =
        tokio::try_join!(first_steps::block(&app, &url), waits(&app, &signed_in), latest(&app, &signed_in))?;
    let view = View::of_operator(&signed_in);
    let (health, overview) =
        tokio::try_join!(health(&app), overview::overview(&app, &view, &query, Filter::default(), &PARTS))?;
    let Overview { facts, of_period: OfPeriod { choice, charted, chart }, tables, refusals } = overview;
    let mut tables = tables.into_iter();
    let blocks = [first_steps, waiting, tables.next(), latest].into_iter().chain(tables.map(Some));
    let blocks = blocks.chain([Some(refusals), Some(health)]).flatten().collect();
    let actions = vec![Action::new("Add agent", "/agents/new"), Action::new("Add URL key", "/signup-keys/new")];
    page(&SalesPage { layout, actions, choice, facts, charted, chart, blocks, live: Some("/dashboard") })
}

/// What waits for the operator, as far as they may decide it.
async fn waits(app: &AppState, signed_in: &SignedIn) -> Result<Option<Block>, Problem> {
    let parked = parked::list(app.database()).await?.len();
    let of = |path: &str| signed_in.waiting_at(path);
    let payouts = (of("/payouts") > 0).then(|| {
        ("Payouts", Cell::link(counted(of("/payouts"), "request to decide", "requests to decide"), "/payouts/approve"))
    });
    let messages = (of("/support") > 0).then(|| {
        (
            "Messages",
            Cell::link(counted(of("/support"), "agent without an answer", "agents without an answer"), "/support"),
        )
    });
    let parked = (parked > 0).then(|| ("Events that could not be applied", Cell::text(parked.to_string())));
    let facts: Vec<_> = [payouts, messages, parked].into_iter().flatten().collect();
    Ok((!facts.is_empty()).then(|| Block::of_facts("Waiting for you", facts)))
}

/// What was done last in the back office and the portal.
async fn latest(app: &AppState, signed_in: &SignedIn) -> Result<Option<Block>, Problem> {
    if !signed_in.holds("events:read") {
        return Ok(None);
    }
    let head = app.log.head().await?.position;
    let (before, floor) = (head.saturating_add(1), head.saturating_sub(LATEST.into()));
    let events = app.log.read_before(before, floor, Wanted::default(), LATEST.into()).await?;
    let actors = Actors::of(app, &events).await?;
    let names = Labels::get(app, None, events.iter().flat_map(|event| ids_in(&event.data))).await?;
    let rows = events.iter().map(|event| {
        vec![
            Cell::ago(event.recorded_at),
            Cell::text(actors.name(&event.actor)),
            Cell::link(sentence(event, &names), format!("/events/agents/{}", event.position)),
        ]
    });
    let table = Table::new("Latest activity", ["When", "Who", "What"], rows, "Nothing happened yet.");
    Ok(Some(Block { actions: vec![Action::new("All activity", "/activity")], ..Block::of_table(table) }))
}

/// The state of the logs and projections: in a sentence, with the details folded.
async fn health(app: &AppState) -> Result<Block, Problem> {
    let head = app.log.head().await?.position;
    let shown = app.directory.read().await?.point.position;
    let behind = head.saturating_sub(shown);
    let lists = if behind == 0 { UP_TO_DATE.to_owned() } else { format!("{behind} events behind") };
    let sales = match &app.sales {
        Some(sales) => match sales.read().await? {
            CheckpointState { halted: Some(halted), .. } => format!("halted: {halted}; see `signpost repair`"),
            state => format!("followed up to position {}", state.point.position),
        },
        None => "not followed: set SIGNPOST_SIGNUP_URL and SIGNPOST_SERVICE_TOKEN".to_owned(),
    };
    let parked = parked::list(app.database()).await?.len();
    let published = published(app, head).await;
    let is_published = app.stream.is_none() || published == UP_TO_DATE;
    let is_well = behind == 0 && parked == 0 && sales.starts_with("followed") && is_published;
    let note = if is_well { "Everything is up to date." } else { "Something is behind or needs you: see the details." };
    let parked = if parked == 0 { "none".to_owned() } else { format!("{parked}: see `signpost parked`") };
    let rows = [
        ("Agents' log", Cell::text(format!("{head} events"))),
        ("Published to NATS", Cell::text(published)),
        ("Lists", Cell::text(lists)),
        ("Signups' log", Cell::text(sales)),
        ("Events that could not be applied", Cell::text(parked)),
    ];
    Ok(Block { note: Some(note.to_owned()), folded: true, ..Block::of_facts("Health", rows.into()) })
}

/// How much of the log is in its stream, in a sentence.
async fn published(app: &AppState, head: u64) -> String {
    let Some(stream) = &app.stream else { return "no: SIGNPOST_NATS_URL is not set".to_owned() };
    match tokio::time::timeout(BUS_TIMEOUT, stream()).await {
        Ok(Ok(Some(StreamState { halt: Some(halt), .. }))) => format!("halted: {halt}; see `signpost repair`"),
        Ok(Ok(Some(state))) if state.last >= head => UP_TO_DATE.to_owned(),
        Ok(Ok(Some(state))) => format!("{} events behind", head - state.last),
        Ok(Ok(None)) => "the stream is not there yet".to_owned(),
        Ok(Err(_)) | Err(_) => "NATS does not answer".to_owned(),
    }
}

/// `GET /dashboard/news`: an event stream that tells the page to reload after a change, until the session ends.
async fn news(Context(app, signed_in): Context) -> PageResult {
    let Some(seat) = app.streams.join() else { return Ok(streams::come_back_later()) };
    Ok(streams::answer(changes(app, signed_in, seat)))
}

/// An open page.
struct Open {
    app: AppState,
    signed_in: SignedIn,
    directory: watch::Receiver<u64>,
    sales: watch::Receiver<u64>,
    has_ended: bool,
    _seat: Seat,
}

fn changes(app: AppState, signed_in: SignedIn, seat: Seat) -> impl Stream<Item = Result<Event, Infallible>> {
    let directory = app.directory.subscribe();
    let sales = app.sales.as_ref().map_or_else(|| directory.clone(), Checkpoint::subscribe);
    let open = Open { app, signed_in, directory, sales, has_ended: false, _seat: seat };
    Box::pin(stream::unfold(open, async |mut open| open.next().await.map(|event| (Ok(event), open))))
}

impl Open {
    async fn next(&mut self) -> Option<Event> {
        if self.has_ended {
            return None;
        }
        let streams = self.app.streams.clone();
        tokio::select! {
            biased;
            () = streams.ended() => {
                self.has_ended = true;
                Some(streams::farewell())
            }
            changed = self.changed() => changed,
        }
    }

    /// Waits for a change; `None` when the session has ended.
    async fn changed(&mut self) -> Option<Event> {
        let mut moved = false;
        loop {
            tokio::time::sleep(NEWS_EVERY).await;
            let (secret, now) = (self.signed_in.secret(), self.app.clock.now());
            sessions::find(self.app.database(), secret, now).await.ok()??;
            for view in [&mut self.directory, &mut self.sales] {
                moved |= view.has_changed().ok()?;
                view.mark_unchanged();
            }
            if moved {
                return Some(Event::default().data("changed"));
            }
        }
    }
}
