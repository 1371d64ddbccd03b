//! The admin port: `/livez`, `/readyz`, `/startupz` and `/metrics`. It opens first and has its own thread and
//! runtime, so it responds to probes while the process migrates its database or its services are overloaded.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use serde_json::{Value, json};

use super::client::TrustedProxies;
use super::endpoint::protect;
use super::serve::{Shutdown, bind, serve};
use event_store::health::{Health, Status};

/// How often measured values are aggregated.
const METRICS_UPKEEP: Duration = Duration::from_secs(2);
/// How often the services' runtime reports that it runs.
const HEARTBEAT: Duration = Duration::from_secs(1);
/// Age of the last heartbeat at which the process counts as hung.
const HUNG_AFTER: Duration = Duration::from_secs(10);
/// Upper bounds of the request and batch histograms, in seconds and in requests.
const SECONDS: [f64; 12] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];
const BATCH: [f64; 9] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];

/// The phase of a process's life.
#[derive(Clone, Debug)]
enum Phase {
    /// The databases are opened and migrated, the services are built.
    Migrating,
    /// The services listen.
    Serving(Vec<Health>),
    /// The process takes no new requests.
    Stopping,
}

/// The state behind the probes; clones share it.
#[derive(Clone, Debug)]
pub struct Probes(Arc<Mutex<Inner>>);

#[derive(Debug)]
struct Inner {
    phase: Phase,
    heartbeat: Instant,
}

impl Default for Probes {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Inner { phase: Phase::Migrating, heartbeat: Instant::now() })))
    }
}

impl Probes {
    /// Records that the services listen.
    pub fn is_serving(&self, services: Vec<Health>) {
        self.lock().phase = Phase::Serving(services);
    }

    /// Records that the process ends: it must get no new requests.
    pub fn is_stopping(&self) {
        self.lock().phase = Phase::Stopping;
    }

    /// Reports, until the task is aborted, that the runtime of this task runs.
    pub async fn beat(self) {
        loop {
            self.lock().heartbeat = Instant::now();
            tokio::time::sleep(HEARTBEAT).await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn live(&self, hung_after: Duration) -> Response {
        let age = self.lock().heartbeat.elapsed();
        if age < hung_after { plain(true, "ok\n") } else { plain(false, "hung\n") }
    }

    fn started(&self) -> Response {
        match self.lock().phase {
            Phase::Migrating => plain(false, "migrating\n"),
            Phase::Serving(_) | Phase::Stopping => plain(true, "ok\n"),
        }
    }

    fn ready(&self) -> Response {
        let (ready, body) = match self.lock().phase.clone() {
            Phase::Migrating => (false, json!({ "state": "migrating", "services": {} })),
            Phase::Stopping => (false, json!({ "state": "stopping", "services": {} })),
            Phase::Serving(services) => readiness(&services),
        };
        (status(ready), Json(body)).into_response()
    }
}

/// Whether any of these services can do its work, and the state of each of their dependencies.
fn readiness(services: &[Health]) -> (bool, Value) {
    let mut described = serde_json::Map::new();
    let (mut best, mut worst) = (2, 0);
    for health in services {
        let statuses = health.statuses();
        let level = statuses.values().map(Status::level).max().unwrap_or(0);
        (best, worst) = (level.min(best), level.max(worst));
        let dependencies: serde_json::Map<_, _> =
            statuses.into_iter().map(|(name, status)| (name.to_owned(), dependency(&status))).collect();
        described.insert(health.service().to_owned(), json!({ "state": state(level), "dependencies": dependencies }));
    }
    // Of two services in one process, one that works keeps the process ready.
    let level = if best < 2 { worst.min(1) } else { 2 };
    (level < 2, json!({ "state": state(level), "services": described }))
}

fn dependency(status: &Status) -> Value {
    match status {
        Status::Ok => json!({ "state": "ok" }),
        Status::Degraded(cause) | Status::Failing(cause) => json!({ "state": state(status.level()), "cause": cause }),
    }
}

fn state(level: u8) -> &'static str {
    match level {
        0 => "ok",
        1 => "degraded",
        _ => "failing",
    }
}

fn status(yes: bool) -> StatusCode {
    if yes { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }
}

fn plain(yes: bool, text: &'static str) -> Response {
    (status(yes), [(CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
}

/// The open admin port.
#[derive(Debug)]
pub struct AdminPort {
    /// The state behind its probes.
    pub probes: Probes,
    /// Its address.
    pub address: SocketAddr,
    stop: Shutdown,
}

impl AdminPort {
    /// Opens the port and serves until the value is dropped. The heartbeat is that of the calling runtime.
    pub fn open(listen: SocketAddr, metrics: Option<PrometheusHandle>) -> std::io::Result<Self> {
        let (probes, stop) = (Probes::default(), Shutdown::default());
        let (listener, address) = bind(listen)?;
        // The listener moves from the services' runtime to the one of its own thread.
        let listener = listener.into_std()?;
        let (router, until) = (router(probes.clone(), metrics.clone()), stop.clone());
        let serving = async move {
            let listener = match tokio::net::TcpListener::from_std(listener) {
                Ok(listener) => listener,
                Err(error) => return tracing::error!(%error, "the admin port cannot be served"),
            };
            tokio::spawn(keep_metrics_small(metrics));
            tokio::spawn(serve(listener, router, TrustedProxies::nobody(), Shutdown::default()));
            until.requested().await;
        };
        let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build();
        let run = move || match runtime() {
            Ok(runtime) => runtime.block_on(serving),
            Err(error) => tracing::error!(%error, "the admin port cannot be served"),
        };
        std::thread::Builder::new().name("admin".to_owned()).spawn(run)?;
        tokio::spawn(probes.clone().beat());
        Ok(Self { probes, address, stop })
    }

    /// The line with the address of the probes: `signpost: starting admin=http://127.0.0.1:9090`.
    pub fn starting_line(&self, program: &str) -> String {
        format!("{program}: starting admin=http://{}", self.address)
    }
}

impl Drop for AdminPort {
    fn drop(&mut self) {
        self.stop.now();
    }
}

/// Starts to collect metrics; only the first call in a process has an effect, later ones return `None`.
pub fn install_metrics() -> Option<PrometheusHandle> {
    let builder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)
        .and_then(|builder| builder.set_buckets_for_metric(Matcher::Suffix("_batch_size".to_owned()), &BATCH));
    builder.and_then(PrometheusBuilder::install_recorder).ok()
}

/// Aggregates measured values into buckets every few seconds: until then each value takes memory, even if `/metrics`
/// is never read.
async fn keep_metrics_small(metrics: Option<PrometheusHandle>) {
    let Some(metrics) = metrics else { return };
    loop {
        tokio::time::sleep(METRICS_UPKEEP).await;
        metrics.run_upkeep();
    }
}

fn router(probes: Probes, metrics: Option<PrometheusHandle>) -> Router {
    Router::new()
        .route("/livez", get(|State(probes): State<Probes>| async move { probes.live(HUNG_AFTER) }))
        .route("/startupz", get(|State(probes): State<Probes>| async move { probes.started() }))
        .route("/readyz", get(|State(probes): State<Probes>| async move { probes.ready() }))
        .route(
            "/metrics",
            get(move || async move { metrics.as_ref().map(PrometheusHandle::render).unwrap_or_default() }),
        )
        .layer(map_response(async |mut response: Response| {
            protect(&mut response);
            response
        }))
        .with_state(probes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn health(service: &'static str, status: Status) -> Health {
        let health = Health::new(service);
        health.dependency("database").set(status);
        health
    }

    #[test]
    fn a_process_is_ready_while_one_of_its_services_can_do_its_work() {
        let failing = || Status::Failing("read-only".to_owned());
        let both = |one: Status, other: Status| readiness(&[health("agents", one), health("signup", other)]);
        let (ready, body) = both(Status::Ok, Status::Ok);
        assert_eq!((ready, &body["state"]), (true, &json!("ok")));
        let (ready, body) = both(failing(), Status::Ok);
        assert_eq!((ready, &body["state"]), (true, &json!("degraded")));
        assert_eq!(
            body["services"]["agents"]["dependencies"]["database"],
            json!({ "state": "failing", "cause": "read-only" })
        );
        let (ready, body) = both(failing(), failing());
        assert_eq!((ready, &body["state"]), (false, &json!("failing")));
    }

    #[tokio::test]
    async fn a_process_whose_runtime_stands_still_is_not_live() {
        let probes = Probes::default();
        let beating = tokio::spawn(probes.clone().beat());
        tokio::task::yield_now().await;
        assert_eq!(probes.live(HUNG_AFTER).status(), StatusCode::OK);
        beating.abort();
        assert_eq!(probes.live(Duration::ZERO).status(), StatusCode::SERVICE_UNAVAILABLE);
    }

    #[test]
    fn a_process_that_stops_is_started_and_not_ready() {
        let probes = Probes::default();
        assert_eq!(probes.started().status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(probes.ready().status(), StatusCode::SERVICE_UNAVAILABLE);
        probes.is_serving(vec![health("agents", Status::Ok)]);
        assert_eq!(probes.ready().status(), StatusCode::OK);
        probes.is_stopping();
        assert_eq!(probes.started().status(), StatusCode::OK);
        assert_eq!(probes.ready().status(), StatusCode::SERVICE_UNAVAILABLE);
    }
}
