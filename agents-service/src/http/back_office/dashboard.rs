//! The first page: what was sold today and in thirty days, what was refused and why, what has to be mended, and whether the logs
//! are followed. Where script runs it stays up to date.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures::stream::{self, Stream};
use shared::follow::{CheckpointState, parked};
use shared::http::Problem;
use shared::relay::{StreamState, inspect};

use super::super::pages::page;
use super::super::pages::table::{Block, Cell};
use super::super::parts::figures::{SalesPage, Shown};
use super::{Answer, Asked, Office, Routes, SignedIn, figures, frame};
use crate::domain::signup_url;
use crate::http::pages::table::Action;
use crate::sessions;
use crate::views::sales::By;
use crate::views::settings;

/// How often an open page is told that something changed, at most.
const NEWS_EVERY: Duration = Duration::from_secs(2);
/// Longest wait for NATS to say how far the stream is.
const BUS_TIMEOUT: Duration = Duration::from_secs(1);
/// How often it is looked whether the session of an open page still lasts, at least.
const LOOK_EVERY: Duration = Duration::from_secs(30);

pub(super) fn routes(routes: Routes) -> Routes {
    routes.get("/", show).watch("/dashboard/fresh", show).watch("/dashboard/news", news)
}

async fn show(State(office): State<Office>, signed_in: SignedIn, asked: Asked) -> Answer {
    let url = settings::get(office.database()).await?.customer_interface_url;
    let frame = frame(&signed_in, "Dashboard", "/", &asked).warning(signup_url::warnings(&url));
    let frame = frame.warning(office.doubt_about_sales().await?);
    let filter = figures::month(&office.clock, None);
    let by = |by, titles, folder| figures::totals(&office, &filter, by, titles, Shown::Link(folder));
    let (agents, plans, groups, refusals, health, facts, chart) = tokio::try_join!(
        by(By::Agent, ("By agent", "Agent"), "/agents"),
        by(By::CallPlan, ("By call plan", "Call plan"), "/call-plans"),
        by(By::Group, ("By group", "Group"), "/groups"),
        figures::refusals(&office, &filter),
        health(&office),
        figures::sums(&office, &filter),
        figures::chart(&office, &filter),
    )?;
    let blocks = vec![agents, plans, groups, refusals, health];
    let actions = vec![Action::new("Add agent", "/agents/new"), Action::new("Add URL key", "/signup-keys/new")];
    page(&SalesPage { frame, actions, facts, chart, blocks, live: Some("/dashboard") })
}

/// Whether the logs are followed, in plain words.
async fn health(office: &Office) -> Result<Block, Problem> {
    let head = office.log.head().await?.position;
    let shown = office.directory.read().await?.point.position;
    let behind = head.saturating_sub(shown);
    let lists = if behind == 0 { "up to date".to_owned() } else { format!("{behind} events behind") };
    let sales = match &office.sales {
        Some(sales) => match sales.read().await? {
            CheckpointState { halted: Some(halted), .. } => format!("halted: {halted}; see `signpost repair`"),
            state => format!("followed up to position {}", state.point.position),
        },
        None => "not followed: set SIGNPOST_SIGNUP_URL and SIGNPOST_SERVICE_TOKEN".to_owned(),
    };
    let parked = parked::list(office.database()).await?.len();
    let parked = if parked == 0 { "none".to_owned() } else { format!("{parked}: see `signpost parked`") };
    let rows = [
        ("Agents' log", Cell::text(format!("{head} events"))),
        ("Published to NATS", Cell::text(published(office, head).await)),
        ("Lists", Cell::text(lists)),
        ("Signups' log", Cell::text(sales)),
        ("Events that could not be applied", Cell::text(parked)),
    ];
    Ok(Block::of_facts("Health", rows.into()))
}

/// How much of the log is in its stream, in plain words.
async fn published(office: &Office, head: u64) -> String {
    let Some(bus) = &office.bus else { return "no: SIGNPOST_NATS_URL is not set".to_owned() };
    match tokio::time::timeout(BUS_TIMEOUT, inspect(&office.log, bus)).await {
        Ok(Ok(Some(StreamState { halt: Some(halt), .. }))) => format!("halted: {halt}; see `signpost repair`"),
        Ok(Ok(Some(state))) if state.last >= head => "up to date".to_owned(),
        Ok(Ok(Some(state))) => format!("{} events behind", head - state.last),
        Ok(Ok(None)) => "the stream is not there yet".to_owned(),
        Ok(Err(_)) | Err(_) => "NATS does not answer".to_owned(),
    }
}

/// `GET /dashboard/news`: says when there is something new, so that the page can be loaded again; until the session ends.
async fn news(State(office): State<Office>, signed_in: SignedIn) -> Answer {
    Ok(Sse::new(changes(office, signed_in)).keep_alive(KeepAlive::default()).into_response())
}

fn changes(office: Office, signed_in: SignedIn) -> impl Stream<Item = Result<Event, Infallible>> {
    let directory = office.directory.subscribe();
    let sales = office.sales.as_ref().map_or_else(|| directory.clone(), shared::follow::Checkpoint::subscribe);
    stream::unfold((office, signed_in, directory, sales), |(office, signed_in, mut directory, mut sales)| async move {
        loop {
            tokio::time::sleep(NEWS_EVERY).await;
            let moved = tokio::select! {
                moved = directory.changed() => moved.ok().map(|()| true)?,
                moved = sales.changed() => moved.ok().map(|()| true)?,
                () = tokio::time::sleep(LOOK_EVERY) => false,
            };
            sessions::find(office.database(), signed_in.secret(), office.clock.now()).await.ok()??;
            if moved {
                directory.mark_unchanged();
                sales.mark_unchanged();
                return Some((Ok(Event::default().data("changed")), (office, signed_in, directory, sales)));
            }
        }
    })
}
