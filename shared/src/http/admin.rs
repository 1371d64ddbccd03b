//! What the platform asks on a port of its own: is it alive, ready, started; and its metrics.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use crate::sql::{Database, Sql};

/// How often measured values are folded.
const METRICS_UPKEEP: Duration = Duration::from_secs(2);
/// Longest wait for a database's sign of life.
const PING_TIMEOUT: Duration = Duration::from_secs(2);
/// Upper bounds of the request and batch histograms, in seconds and in requests.
const SECONDS: [f64; 12] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];
const BATCH: [f64; 9] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];

static PING: Sql = Sql::new("SELECT position FROM log_head WHERE id = 1");

/// What the probes look at.
#[derive(Clone, Debug)]
pub struct Health {
    databases: Vec<Database>,
    started: Arc<AtomicBool>,
    stopping: Arc<AtomicBool>,
}

impl Health {
    /// Of a process that needs these databases.
    pub fn new(databases: Vec<Database>) -> Self {
        Self { databases, started: Arc::default(), stopping: Arc::default() }
    }

    /// From now on the process serves.
    pub fn has_started(&self) {
        self.started.store(true, Ordering::Relaxed);
    }

    /// From now on the process ends: send it nothing new.
    pub fn is_stopping(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    async fn is_ready(&self) -> bool {
        if !self.started.load(Ordering::Relaxed) || self.stopping.load(Ordering::Relaxed) {
            return false;
        }
        for database in &self.databases {
            if !matches!(tokio::time::timeout(PING_TIMEOUT, database.row(&PING, &[])).await, Ok(Ok(_))) {
                return false;
            }
        }
        true
    }
}

/// Starts to gather metrics; only the first call in a process has an effect, later ones get no handle.
pub fn install_metrics() -> Option<PrometheusHandle> {
    let builder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)
        .and_then(|builder| builder.set_buckets_for_metric(Matcher::Suffix("_batch_size".to_owned()), &BATCH));
    builder.and_then(PrometheusBuilder::install_recorder).ok()
}

/// Folds what was measured into its buckets every few seconds: until then each value is kept, whether anybody asks or not.
pub async fn keep_metrics_small(metrics: Option<PrometheusHandle>) {
    let Some(metrics) = metrics else { return };
    loop {
        tokio::time::sleep(METRICS_UPKEEP).await;
        metrics.run_upkeep();
    }
}

/// The routes of the admin port.
pub fn router(health: Health, metrics: Option<PrometheusHandle>) -> Router {
    let yes_or_no = |yes: bool| if yes { (StatusCode::OK, "ok\n") } else { (StatusCode::SERVICE_UNAVAILABLE, "no\n") };
    Router::new()
        .route("/livez", get(|| async { "ok\n" }))
        .route(
            "/startupz",
            get(move |State(health): State<Health>| async move { yes_or_no(health.started.load(Ordering::Relaxed)) }),
        )
        .route("/readyz", get(move |State(health): State<Health>| async move { yes_or_no(health.is_ready().await) }))
        .route(
            "/metrics",
            get(move || async move { metrics.as_ref().map(PrometheusHandle::render).unwrap_or_default() }),
        )
        .with_state(health)
}
