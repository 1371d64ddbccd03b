//! Builds the service from its settings: the only place that knows which database and which bus are in use.

use std::sync::Arc;

use axum::http::Method;
use contract::clock::Clock;
use event_store::bus::Bus;
use event_store::feed::Feed;
use event_store::health::Health;
use event_store::log::{Log, Writer, forget_now_and_then, watch_halted};
use event_store::projections::{OtherService, Projection, Projector};
use event_store::relay::{Relay, inspect, witness as stream_witness};
use event_store::sql::{Database, SqlError};
use tokio::task::JoinSet;
use web::http::Streams;
use web::http::pages::compression;
use web::outbound::Outbound;
use web::process::Service;
use web::settings::Settings;

use crate::auth::attempts::Attempts;
use crate::auth::passwords::Hasher;
use crate::bootstrap::{self, FirstOperator};
use crate::customers::client::{Customers, CustomersError};
use crate::handler::AgentsCommandHandler;
use crate::payments::{attribution, signup_search};
use crate::projection::AgentsProjection;
use crate::registry::{decisions, directory, menus};
use crate::report::font::DocumentFonts;
use crate::sales::projection::SalesProjection;
use crate::settings::{self, signup_url};
use crate::start_error::StartError;
use crate::state::{AppState, StreamProbe};
use crate::statements::retention;
use crate::ui::fallback::nowhere;
use crate::webhooks::dispatch;
use crate::{maintenance, router};

/// The NATS stream of the signups' log.
const SIGNUPS_STREAM: &str = "SIGNUPS";

pub struct Built {
    /// The service, ready to listen, with its background tasks.
    pub service: Service,
    /// Every route.
    pub routes: Vec<(Method, &'static str)>,
    /// The service's log, for the signup-service in the same process.
    pub log: Log,
    /// What handlers share, for programs that contain the service.
    pub app: AppState,
    /// The first operator, where this start chose their password.
    pub first_operator: Option<FirstOperator>,
    /// Warnings about the customer interface URL.
    pub warnings: Vec<String>,
}

/// The warnings about the customer interface URL, which the log has too.
fn warned(url: &str) -> Vec<String> {
    let warnings = signup_url::warnings(url);
    for warning in &warnings {
        tracing::warn!(url, "{warning}");
    }
    warnings
}

/// Builds the service and starts its background tasks; nothing listens yet. `signups` is the signups' log where both
/// services run in one process.
pub async fn build(
    settings: &Settings,
    clock: Clock,
    bus: Option<Bus>,
    signups: Option<OtherService>,
) -> Result<Built, StartError> {
    let (database, log) = maintenance::open(settings).await?;
    let health = Health::new("agents");
    let projector = projector(&database, &log, &clock, &health).await?;
    let directory = projector.checkpoint();
    let mut tasks = JoinSet::new();
    tasks.spawn(projector.run());
    let (url, token) = (settings.signup_url.as_deref(), settings.service_token.as_deref());
    let signups = signups.or_else(|| OtherService::there(url, token));
    let owner = signups.as_ref().map(OtherService::feed).transpose()?;
    let sales = if let Some((feed, replay)) = Feed::sources(bus.as_ref(), SIGNUPS_STREAM, owner) {
        let state = health.dependency(SalesProjection::NAME);
        let projector =
            Projector::new(Arc::new(SalesProjection), database.clone(), clock.clone(), feed, replay, state).await?;
        let checkpoint = projector.checkpoint();
        tasks.spawn(projector.run());
        Some(checkpoint)
    } else {
        tracing::warn!("there are no sales figures: set SIGNPOST_SIGNUP_URL and SIGNPOST_SERVICE_TOKEN");
        None
    };
    let stream = bus.as_ref().map(|bus| stream_witness(&log, bus));
    let projector = signups.as_ref().map(|service| service.witness(&log)).transpose()?;
    let witnesses = stream.into_iter().chain(projector).collect();
    if let Some(bus) = bus.clone() {
        bus.report_to(health.dependency("nats"));
        let state = health.dependency("relay");
        tasks.spawn(Relay::new(log.clone(), bus, settings.stream_replicas, state).run());
    }
    let handler = AgentsCommandHandler { decisions: decisions() };
    let writer = Writer::start(log.clone(), clock.clone(), handler, health.dependency("writer"), witnesses);
    tasks.spawn(watch_halted(log.clone(), health.dependency("log")));
    tasks.spawn(forget_now_and_then(log.clone(), clock.clone(), settings.idempotency_days));
    let streams = Streams::new(log.clone());
    let app = AppState {
        log: log.clone(),
        writer,
        directory,
        sales,
        customers: customers(settings)?,
        signups,
        outbound: Outbound::new(settings.webhook_allow_private),
        hasher: Hasher::new()?,
        attempts: Attempts::new(settings.rate_limits.map(|limits| limits.replicas)),
        clock,
        stream: bus.map(|bus| stream_probe(&log, bus)),
        menus: menus(),
        streams: streams.clone(),
        document_fonts: DocumentFonts::with(settings.statement_font.as_deref())?,
    };
    tasks.spawn(streams.clone().run(app.clone()));
    work_by_itself(&mut tasks, &app);
    let first_operator = bootstrap::run(&app, settings, &mut tasks).await?;
    let url = settings::queries::get(&database).await?.customer_interface_url;
    let warnings = warned(&url);
    let face = router::face(app.clone(), settings.service_token.clone());
    let routes = face.routes().to_vec();
    let service = Service {
        name: "agents",
        listen: settings.agents_listen,
        router: face.into_router(nowhere).layer(compression()),
        proxies: settings.trusted_proxies.clone(),
        database,
        health,
        streams,
        tasks,
        closing: Box::pin(async {}),
    };
    Ok(Built { service, routes, log, app, first_operator, warnings })
}

/// What is done here without anybody's asking.
fn work_by_itself(tasks: &mut JoinSet<()>, app: &AppState) {
    tasks.spawn(attribution::run(app.clone()));
    tasks.spawn(signup_search::run(app.clone()));
    tasks.spawn(retention::run(app.clone()));
    tasks.spawn(dispatch::run(app.clone()));
}

/// The projector of the service's own log. It reads the log from the same database, never from a bus.
async fn projector(
    database: &Database,
    log: &Log,
    clock: &Clock,
    health: &Health,
) -> Result<Projector<AgentsProjection>, SqlError> {
    let (feed, health) = (Feed::Local(log.clone()), health.dependency(AgentsProjection::NAME));
    Projector::new(Arc::new(directory()), database.clone(), clock.clone(), feed, None, health).await
}

/// Reads the stream's state from this bus.
fn stream_probe(log: &Log, bus: Bus) -> StreamProbe {
    let log = log.clone();
    Arc::new(move || {
        let (log, bus) = (log.clone(), bus.clone());
        Box::pin(async move { inspect(&log, &bus).await })
    })
}

/// The client of the signup-service's customers.
fn customers(settings: &Settings) -> Result<Option<Customers>, CustomersError> {
    let (Some(url), Some(token)) = (&settings.signup_url, &settings.service_token) else {
        tracing::warn!("customers cannot be shown: set SIGNPOST_SIGNUP_URL and SIGNPOST_SERVICE_TOKEN");
        return Ok(None);
    };
    Customers::new(url, token).map(Some)
}
