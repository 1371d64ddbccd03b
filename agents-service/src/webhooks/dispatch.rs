//! The sender: for each endpoint and each of its logs a follower, which posts one event after the other and moves the cursor behind
//! each. One replica sends, by a lease; a second sender would do no harm but to send an event twice.

use std::collections::HashMap;
use std::time::Duration;

use contract::events::webhooks::WebhookPauseCause;
use contract::ids::{new_id, unique_half};
use event_store::health::with_causes;
use event_store::lease::{Lease, RENEW};
use event_store::log::{CommandMeta, Identity, LogPoint, RecordedEvent};
use event_store::sql::SqlError;
use tokio::task::{AbortHandle, JoinSet};
use web::http::Problem;

use crate::state::AppState;
use crate::webhooks::attempts::{self, Subject};
use crate::webhooks::commands::pause_because;
use crate::webhooks::cursors::{self, Route, Served};
use crate::webhooks::delivery::{Attempted, attempt};
use crate::webhooks::endpoints;
use crate::webhooks::schedule::{has_failed_for_good, next_attempt};
use crate::webhooks::source::{Source, SourceError, identity};

/// The lease of the replica that sends.
const LEASE: &str = "webhooks";
/// Pause of a route that has nothing to send now: the longer, the longer that lasts.
const LOOK: Duration = Duration::from_millis(250);
const LONGEST_LOOK: Duration = Duration::from_secs(2);
/// Pause after an error of the service itself.
const RETRY: Duration = Duration::from_secs(5);

/// Why a route cannot be served now. It is tried again.
#[derive(Debug, thiserror::Error)]
enum DispatchError {
    #[error(transparent)]
    Sql(#[from] SqlError),
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error("an event cannot be written")]
    Unwritable(#[from] serde_json::Error),
}

/// Sends events until the task is aborted.
pub async fn run(app: AppState) {
    let mut lease = Lease::new(app.database().clone(), LEASE);
    // They end with this task.
    let mut followers = Followers::default();
    let mut is_failing = false;
    loop {
        match routes(&app, &mut lease).await {
            Ok(routes) => {
                is_failing = false;
                followers.follow(&app, &routes);
            }
            Err(error) => {
                // Once, however long the database is away.
                if !std::mem::replace(&mut is_failing, true) {
                    tracing::warn!(error = %error, "webhooks cannot be sent; trying again");
                }
                followers.follow(&app, &[]);
            }
        }
        tokio::time::sleep(RENEW).await;
    }
}

/// The routes that this process serves: all, or none without the lease.
async fn routes(app: &AppState, lease: &mut Lease) -> Result<Vec<Route>, SqlError> {
    let routes = cursors::served(app.database()).await?;
    if routes.is_empty() || lease.hold().await? { Ok(routes) } else { Ok(Vec::new()) }
}

#[derive(Default)]
struct Followers {
    tasks: JoinSet<()>,
    running: HashMap<Route, AbortHandle>,
}

impl Followers {
    /// Follows these routes and no others.
    fn follow(&mut self, app: &AppState, routes: &[Route]) {
        while self.tasks.try_join_next().is_some() {}
        self.running.retain(|route, task| {
            // A route that is served no more ends by itself, behind its last attempt; without the lease all end at once.
            if routes.is_empty() {
                task.abort();
            }
            !task.is_finished() && routes.contains(route)
        });
        for route in routes {
            if !self.running.contains_key(route) {
                let task = self.tasks.spawn(follow(app.clone(), *route));
                self.running.insert(*route, task);
            }
        }
    }
}

/// Follows a log for an endpoint, until it is not served any more.
async fn follow(app: AppState, route: Route) {
    let (mut pause, mut is_failing) = (LOOK, false);
    loop {
        let outcome = match cursors::load(app.database(), route).await {
            Ok(Some(served)) => serve(&app, served).await,
            Ok(None) => return,
            Err(error) => Err(error.into()),
        };
        match outcome {
            Ok(true) => (pause, is_failing) = (LOOK, false),
            Ok(false) => {
                is_failing = false;
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_LOOK);
            }
            Err(error) => {
                if !std::mem::replace(&mut is_failing, true) {
                    let error = with_causes(&error);
                    tracing::warn!(error, endpoint_id = %route.endpoint_id, log = ?route.log, "a webhook waits");
                }
                tokio::time::sleep(RETRY).await;
            }
        }
    }
}

/// Goes through a page of the log; returns whether the cursor moved.
async fn serve(app: &AppState, mut served: Served) -> Result<bool, DispatchError> {
    if !served.is_due(app.clock.now()) {
        return Ok(false);
    }
    let page = Source::of(app, served.route.log)?.after(served.point.position).await?;
    if page.head.is_some_and(|head| page.events.is_empty() && head.position < served.point.position) {
        return stop(app, &served, "the log ends before the position").await;
    }
    let Some(identity) = identity(served.route.log, &page) else { return Ok(false) };
    let mut point = served.point;
    for event in &page.events {
        let Ok(next) = point.behind([event], &identity) else {
            return stop(app, &served, "the log has another history").await;
        };
        if served.wants(&event.type_name) {
            if point != served.point && !pass(app, &served, point).await? {
                return Ok(true);
            }
            // Paused, moved or changed meanwhile: begin again with what holds now.
            let Some(now_served) = cursors::load(app.database(), served.route).await? else { return Ok(true) };
            if now_served.point != point || !now_served.wants(&event.type_name) || !now_served.is_due(app.clock.now()) {
                return Ok(true);
            }
            if !send(app, &now_served, event, &identity).await? {
                return Ok(false);
            }
            served = Served { point: next, ..now_served };
        }
        point = next;
    }
    if point != served.point {
        pass(app, &served, point).await?;
    }
    Ok(!page.events.is_empty())
}

/// Stops a route whose log is not the one that was sent before.
async fn stop(app: &AppState, served: &Served, fault: &str) -> Result<bool, DispatchError> {
    let Route { endpoint_id, log } = served.route;
    tracing::error!(%endpoint_id, ?log, position = served.point.position, "a webhook stops: {fault}");
    cursors::stop(app.database(), served, fault).await?;
    Ok(false)
}

/// Moves a cursor beyond events that the endpoint does not get; `false` where it was moved meanwhile.
async fn pass(app: &AppState, served: &Served, to: LogPoint) -> Result<bool, SqlError> {
    let mut tx = app.database().begin().await?;
    let is_there = cursors::pass(&mut tx, served, to, None).await?;
    tx.commit().await?;
    Ok(is_there)
}

/// Tries once to deliver an event; returns whether the next one may follow.
async fn send(
    app: &AppState,
    served: &Served,
    event: &RecordedEvent,
    identity: &Identity,
) -> Result<bool, DispatchError> {
    let endpoint_id = served.route.endpoint_id;
    let body = event.to_json(identity)?;
    let secrets = endpoints::live_secrets(app.database(), endpoint_id, app.clock.now()).await?;
    let attempted = attempt(&app.outbound, &app.clock, &served.url, &secrets, event.event_id, body).await;
    let subject = Subject {
        endpoint_id,
        event: Some((served.route.log, event.position)),
        event_id: event.event_id,
        number: served.attempts + 1,
    };
    let is_delivered = attempted.outcome.is_delivered();
    let mut tx = app.database().begin().await?;
    attempts::add(&mut tx, subject, &attempted).await?;
    let is_noted = if is_delivered {
        cursors::pass(&mut tx, served, LogPoint::of(event), Some(attempted.started_at)).await?
    } else {
        let now = app.clock.now();
        let next = next_attempt(served.attempts + 1, now, attempted.outcome.retry_after(), unique_half());
        cursors::fail(&mut tx, served, now, next).await?
    };
    tx.commit().await?;
    if !is_delivered && is_noted {
        pause_if_hopeless(app, served, &attempted).await;
    }
    Ok(is_delivered && is_noted)
}

/// Pauses an endpoint that wants nothing more, or that failed for too long. Its cursors stay.
async fn pause_if_hopeless(app: &AppState, served: &Served, attempted: &Attempted) {
    let now = app.clock.now();
    let failing_since = served.failing_since.unwrap_or(now);
    let cause = if attempted.outcome.is_gone() {
        WebhookPauseCause::Gone
    } else if has_failed_for_good(served.attempts + 1, failing_since, now) {
        WebhookPauseCause::Failing
    } else {
        return;
    };
    let endpoint_id = served.route.endpoint_id;
    let command = CommandMeta::of_system(&new_id().to_string(), endpoint_id.to_string());
    match app.submit(command, pause_because(endpoint_id, cause, None)).await {
        Ok(_) => tracing::warn!(%endpoint_id, ?cause, "a webhook is paused"),
        // The next failure tries again.
        Err(problem) => report(&problem),
    }
}

fn report(problem: &Problem) {
    tracing::warn!(problem = problem.kind, "a webhook could not be paused");
}
