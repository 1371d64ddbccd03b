//! The first page: sales of today and of thirty days, refusals by reason, faults to repair, and the state of the
//! logs. A script keeps it up to date.

use std::convert::Infallible;
use std::time::Duration;

use axum::response::sse::Event;
use event_store::projections::{Checkpoint, CheckpointState, parked};
use event_store::relay::StreamState;
use futures::stream::{self, Stream};
use tokio::sync::watch;
use web::http::Problem;
use web::http::streams::{self, Seat};

use crate::auth::sessions;
use crate::sales::summary::GroupBy;
use crate::settings::{self, signup_url};
use crate::state::AppState;
use crate::ui::action::Action;
use crate::ui::layout::Layout;
use crate::ui::page::{PageResult, page};
use crate::ui::routes::Routes;
use crate::ui::sales_summary::{self, PeriodChoice, SalesPage, Shown};
use crate::ui::signed_in::{Context, SignedIn};
use crate::ui::table::{Block, Cell};

/// How often an open page checks its session and looks for changes.
const NEWS_EVERY: Duration = Duration::from_secs(2);
/// Longest wait for the stream's state.
const BUS_TIMEOUT: Duration = Duration::from_secs(1);

pub fn routes(routes: Routes) -> Routes {
    routes.get("/", show).watch("/dashboard/fresh", show).watch("/dashboard/news", news)
}

async fn show(Context(app, signed_in): Context) -> PageResult {
    let url = settings::queries::get(app.database()).await?.customer_interface_url;
    let layout = Layout::new(&signed_in, "Dashboard", "/").warning(signup_url::warnings(&url));
    let layout = layout.warning(app.doubt_about_sales().await?);
    let filter = sales_summary::month(&app.clock, None);
    let by = |by, title, column, folder| sales_summary::totals(&app, &filter, by, title, column, Shown::Link(folder));
    let (agents, plans, groups, refusals, health, facts, chart) = tokio::try_join!(
        by(GroupBy::Agent, "By agent", "Agent", "/agents"),
        by(GroupBy::CallPlan, "By call plan", "Call plan", "/call-plans"),
        by(GroupBy::Group, "By group", "Group", "/groups"),
        sales_summary::refusals(&app, &filter),
        health(&app),
        sales_summary::sums(&app, &filter),
        sales_summary::chart(&app, &filter),
    )?;
    let blocks = vec![agents, plans, groups, refusals, health];
    let actions = vec![Action::new("Add agent", "/agents/new"), Action::new("Add URL key", "/signup-keys/new")];
    let (choice, charted, live) = (PeriodChoice::default(), "Signups each day", Some("/dashboard"));
    page(&SalesPage { layout, actions, choice, facts, charted, chart, blocks, live })
}

/// The state of the logs and projections in a sentence.
async fn health(app: &AppState) -> Result<Block, Problem> {
    let head = app.log.head().await?.position;
    let shown = app.directory.read().await?.point.position;
    let behind = head.saturating_sub(shown);
    let lists = if behind == 0 { "up to date".to_owned() } else { format!("{behind} events behind") };
    let sales = match &app.sales {
        Some(sales) => match sales.read().await? {
            CheckpointState { halted: Some(halted), .. } => format!("halted: {halted}; see `signpost repair`"),
            state => format!("followed up to position {}", state.point.position),
        },
        None => "not followed: set SIGNPOST_SIGNUP_URL and SIGNPOST_SERVICE_TOKEN".to_owned(),
    };
    let parked = parked::list(app.database()).await?.len();
    let parked = if parked == 0 { "none".to_owned() } else { format!("{parked}: see `signpost parked`") };
    let rows = [
        ("Agents' log", Cell::text(format!("{head} events"))),
        ("Published to NATS", Cell::text(published(app, head).await)),
        ("Lists", Cell::text(lists)),
        ("Signups' log", Cell::text(sales)),
        ("Events that could not be applied", Cell::text(parked)),
    ];
    Ok(Block::of_facts("Health", rows.into()))
}

/// How much of the log is in its stream, in a sentence.
async fn published(app: &AppState, head: u64) -> String {
    let Some(stream) = &app.stream else { return "no: SIGNPOST_NATS_URL is not set".to_owned() };
    match tokio::time::timeout(BUS_TIMEOUT, stream()).await {
        Ok(Ok(Some(StreamState { halt: Some(halt), .. }))) => format!("halted: {halt}; see `signpost repair`"),
        Ok(Ok(Some(state))) if state.last >= head => "up to date".to_owned(),
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
