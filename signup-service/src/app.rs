//! Puts the service together: the only place that knows which database, feed and bus are in use.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use contract::clock::Clock;
use event_store::bus::Bus;
use event_store::feed::{Feed, FeedError};
use event_store::health::{Dependency, Health, Status};
use event_store::log::{Log, MIGRATIONS as LOG_MIGRATIONS, Writer, forget_now_and_then, watch_halted};
use event_store::projections::{OtherService, Projection, Projector};
use event_store::relay::{Relay, witness as stream_witness};
use event_store::sql::{Database, Migration, SqlError};
use tokio::task::JoinSet;
use web::http::Streams;
use web::process::Service;
use web::settings::Settings;

use crate::challenges::pace::Pace;
use crate::confirmations::expiry;
use crate::counts::{Counts, record_regularly};
use crate::customers::projection::CustomerWords;
use crate::handler::SignupCommandHandler;
use crate::keys::projection::KeysProjection;
use crate::keys::queries::Keys;
use crate::keys::watch::{share_freshness, watch};
use crate::limits::Limits;
use crate::router::router;
use crate::signups::unkeyed;
use crate::state::{AppState, Parts};

/// Names the service and its log.
pub const SERVICE: &str = "signups";
/// How often the age of the keys is checked.
const FRESHNESS_LOOK: Duration = Duration::from_millis(250);
/// The NATS stream of the agents' log.
const AGENTS_STREAM: &str = "AGENTS";
const NEVER_FOLLOWED: &str = "the agents' events have never been followed to their end";

const MIGRATIONS: &[Migration] = &[
    Migration { version: 1_101, name: "signups", text: include_str!("../migrations/1101_signups.sql") },
    Migration { version: 1_102, name: "confirmations", text: include_str!("../migrations/1102_confirmations.sql") },
    Migration { version: 1_103, name: "terms_languages", text: include_str!("../migrations/1103_terms_languages.sql") },
    Migration { version: 1_104, name: "company", text: include_str!("../migrations/1104_company.sql") },
    Migration {
        version: 1_105,
        name: "signup_challenge",
        text: include_str!("../migrations/1105_signup_challenge.sql"),
    },
    Migration { version: 1_106, name: "provisioning", text: include_str!("../migrations/1106_provisioning.sql") },
];

#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("the signup-service's database")]
    Sql(#[from] SqlError),
    #[error("the agents-service's replay endpoint")]
    Feed(#[from] FeedError),
    /// No setting says where the agents' events come from.
    #[error("set SIGNPOST_AGENTS_URL and SIGNPOST_SERVICE_TOKEN, so that the agents' events can be read")]
    NoSource,
}

pub struct Built {
    pub service: Service,
    pub log: Log,
    pub app: AppState,
}

pub fn migrations() -> Vec<Migration> {
    [LOG_MIGRATIONS, MIGRATIONS].concat()
}

/// Opens the service's database and log; migrates the database first.
pub async fn open(url: &str) -> Result<(Database, Log), SqlError> {
    let database = Database::connect(url, &migrations()).await?;
    let log = Log::open(database.clone(), SERVICE).await?;
    Ok((database, log))
}

pub async fn build(
    settings: &Settings,
    clock: Clock,
    bus: Option<Bus>,
    agents: Option<OtherService>,
) -> Result<Built, StartError> {
    let (_, log) = open(&settings.signup_database_url).await?;
    build_on(log, settings, clock, bus, agents).await
}

/// Builds the service on its opened log and starts its background tasks. `agents` is the agents' log where both
/// services run in one process.
pub async fn build_on(
    log: Log,
    settings: &Settings,
    clock: Clock,
    bus: Option<Bus>,
    agents: Option<OtherService>,
) -> Result<Built, StartError> {
    let database = log.database().clone();
    let health = Health::new("signup");
    let (url, token) = (settings.agents_url.as_deref(), settings.service_token.as_deref());
    let agents = agents.or_else(|| OtherService::there(url, token));
    let owner = agents.as_ref().map(OtherService::feed).transpose()?;
    let (feed, replay) = Feed::sources(bus.as_ref(), AGENTS_STREAM, owner).ok_or(StartError::NoSource)?;
    let projector = Projector::new(
        KeysProjection.into(),
        database.clone(),
        clock.clone(),
        feed,
        replay,
        health.dependency(KeysProjection::NAME),
    )
    .await?;
    let keys = Keys::with_max_age(database.clone(), projector.checkpoint(), settings.keys_max_age_seconds);
    keys.read_rules().await?;
    share_freshness(&keys, clock.now()).await?;
    let mut tasks = JoinSet::new();
    let freshness = health.awaited("key_lookup", NEVER_FOLLOWED);
    tasks.spawn(watch_freshness(keys.clone(), clock.clone(), settings.keys_max_age_seconds, freshness));
    tasks.spawn(watch(keys.clone(), clock.clone(), projector.caught_up()));
    tasks.spawn(projector.run());
    let stream = bus.as_ref().map(|bus| stream_witness(&log, bus));
    let projector = agents.map(|service| service.witness(&log)).transpose()?;
    let witnesses = stream.into_iter().chain(projector).collect();
    if let Some(bus) = bus {
        bus.report_to(health.dependency("nats"));
        let state = health.dependency("relay");
        tasks.spawn(Relay::new(log.clone(), bus, settings.stream_replicas, state).run());
    }
    let state = health.dependency(CustomerWords::NAME);
    let own = Feed::Local(log.clone());
    let words = Projector::new(Arc::new(CustomerWords), database.clone(), clock.clone(), own, None, state).await?;
    let words_checkpoint = words.checkpoint();
    tasks.spawn(words.run());
    let handler = SignupCommandHandler::new(clock.clone());
    let writer = Writer::start(log.clone(), clock.clone(), handler, health.dependency("writer"), witnesses);
    tasks.spawn(watch_halted(log.clone(), health.dependency("log")));
    tasks.spawn(forget_now_and_then(log.clone(), clock.clone(), settings.idempotency_days));
    tasks.spawn(unkeyed::forget_now_and_then(database.clone(), clock.clone()));
    tasks.spawn(expiry::delete_now_and_then(database.clone(), clock.clone()));
    let counts = Arc::new(Counts::new(keys.clone()));
    let period = Duration::from_secs(settings.counts_seconds);
    tasks.spawn(record_regularly(Arc::clone(&counts), writer.clone(), period));
    let streams = Streams::new(log.clone());
    let app = AppState::new(Parts {
        log: log.clone(),
        keys,
        words_checkpoint,
        writer,
        counts,
        limits: Limits::new(settings.rate_limits),
        pace: Pace::new(settings.rate_limits.map_or(NonZeroU32::MIN, |limits| limits.replicas)),
        clock,
        service_token: settings.service_token.clone(),
        streams: streams.clone(),
    });
    tasks.spawn(streams.clone().run(app.clone()));
    let router = router(app.clone());
    let last = app.clone();
    let closing = Box::pin(async move { last.counts.record(&last.writer).await });
    let listen = settings.signup_listen;
    let proxies = settings.trusted_proxies.clone();
    let service = Service { name: "signup", listen, router, proxies, database, health, streams, tasks, closing };
    Ok(Built { service, log, app })
}

/// Reports, until the task is aborted, whether the keys are fresh enough to decide signups.
async fn watch_freshness(keys: Keys, clock: Clock, max_age_seconds: i64, dependency: Dependency) {
    loop {
        dependency.set(match keys.age_seconds(clock.now()) {
            None => Status::Failing(NEVER_FOLLOWED.to_owned()),
            Some(age) if age > max_age_seconds => {
                Status::Failing(format!("the keys are {age} s old, {max_age_seconds} s are allowed"))
            }
            Some(_) => Status::Ok,
        });
        tokio::time::sleep(FRESHNESS_LOOK).await;
    }
}
