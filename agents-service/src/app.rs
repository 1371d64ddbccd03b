//! Builds the service from its settings: the one place that knows which database and which bus are in use.

use std::sync::Arc;

use shared::bus::Bus;
use shared::clock::Clock;
use shared::feed::Feed;
use shared::follow::Follower;
use shared::log::{Log, SubmitError, Writer};
use shared::process::Service;
use shared::relay::Relay;
use shared::settings::Settings;
use shared::sql::{Database, SqlError};
use tokio::task::JoinSet;

use crate::desk::{AgentsDesk, Refusal};
use crate::domain::signup_url;
use crate::http::attempts::Attempts;
use crate::http::{Office, api};
use crate::passwords::{Hasher, HashingFailed};
use crate::views::{Directory, settings};
use crate::{first_start, operate};

/// The service, built.
pub struct App {
    /// What is served, and the work behind it.
    pub service: Service,
    /// The service's log: what the other service follows where both are one process.
    pub log: Log,
    /// Login and password of the first operator, where this start made him with a random password.
    pub first_operator: Option<(String, String)>,
    /// What is wrong with the customer interface URL, in plain words.
    pub warnings: Vec<String>,
}

/// Why the service cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Sql(#[from] SqlError),
    #[error(transparent)]
    Hashing(#[from] HashingFailed),
    #[error(transparent)]
    Randomness(#[from] shared::ids::NoRandomness),
    #[error("the first operator, token or settings cannot be written")]
    FirstStart(#[source] SubmitError<Refusal>),
    #[error("SIGNPOST_BOOTSTRAP_PASSWORD must have 12 to 200 characters")]
    BootstrapPassword,
}

/// Builds the service and starts the work behind it; nothing listens yet.
pub async fn build(settings: &Settings, clock: Clock, bus: Option<Bus>) -> Result<App, StartError> {
    let (database, log) = operate::open(settings).await?;
    let follower = follower(&database, &log, &clock).await?;
    let directory = follower.checkpoint();
    let mut tasks = JoinSet::new();
    tasks.spawn(follower.run());
    if let Some(bus) = bus {
        tasks.spawn(Relay::new(log.clone(), bus, settings.stream_replicas, clock.clone()).run());
    }
    let writer = Writer::start(log.clone(), clock, AgentsDesk);
    let office = Office {
        log: log.clone(),
        writer,
        directory,
        hasher: Hasher::new()?,
        attempts: Attempts::new(settings.rate_limits),
    };
    let first_operator = first_start::run(&office, settings).await?;
    let url = settings::get(&database).await?.customer_interface_url;
    let warnings = signup_url::warnings(&url);
    for warning in &warnings {
        tracing::warn!(url, "{warning}");
    }
    let service = Service {
        name: "agents",
        listen: settings.agents_listen,
        router: api::router(office, settings.service_token.clone()),
        database,
        tasks,
        closing: Box::pin(async {}),
    };
    Ok(App { service, log, first_operator, warnings })
}

/// The follower of the service's own log. The log is in the same database, so no bus is ever between them.
async fn follower(database: &Database, log: &Log, clock: &Clock) -> Result<Follower<Directory>, SqlError> {
    Follower::new(Arc::new(Directory), database.clone(), clock.clone(), Feed::Local(log.clone()), None).await
}
