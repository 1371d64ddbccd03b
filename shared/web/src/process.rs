//! A serving process: the same start and end for each of the binaries.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use futures::future::{BoxFuture, join_all};
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::task::JoinSet;

use crate::http::Streams;
use crate::http::admin::{AdminPort, install_metrics};
use crate::http::client::TrustedProxies;
use crate::http::serve::{Shutdown, bind, serve};
use event_store::health::{self, Dependency, Health, Status};
use event_store::sql::{Database, leave_in_one_file};

/// Longest time for the services' last work when the process ends.
const CLOSING: Duration = Duration::from_secs(5);
/// Longest wait for the readiness of a running process.
const READINESS_TIMEOUT: Duration = Duration::from_secs(3);

/// Tasks that a runtime thread runs before it polls for I/O again, if so many are waiting.
const TASKS_PER_POLL: u32 = 61;

/// Sockets per poll. It must be less than the tasks between polls, including the tasks that they wake: then a backlog
/// stays in the sockets, first come first served, instead of in the runtime's queues.
const SOCKETS_PER_POLL: usize = TASKS_PER_POLL as usize / 2;

/// The runtime of a serving process.
pub fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .event_interval(TASKS_PER_POLL)
        .max_io_events_per_tick(SOCKETS_PER_POLL)
        .build()
}

/// One service, built and ready to listen.
pub struct Service {
    /// Its name in the line with its address.
    pub name: &'static str,
    /// The address to listen at.
    pub listen: SocketAddr,
    /// Its routes.
    pub router: Router,
    /// The trusted proxies.
    pub proxies: TrustedProxies,
    /// The database that it cannot work without.
    pub database: Database,
    /// The state of its dependencies.
    pub health: Health,
    /// Its open event streams; they end with the process.
    pub streams: Streams,
    /// Its projectors, relay and other tasks; aborted with the process.
    pub tasks: JoinSet<()>,
    /// Work after the last request, before the process ends.
    pub closing: BoxFuture<'static, ()>,
}

/// Why the process ends.
#[derive(Debug, thiserror::Error)]
pub enum ProcessError {
    /// The address is in use or not this machine's.
    #[error("cannot listen on {address}")]
    Listen {
        address: SocketAddr,
        #[source]
        source: std::io::Error,
    },
    /// Nothing can ask the process to end.
    #[error("cannot listen for signals")]
    Signals(#[source] std::io::Error),
    /// Serving failed.
    #[error("cannot serve")]
    Serve(#[source] std::io::Error),
}

/// Begins a process that serves: signals are listened for, the admin port is open, and that is printed.
pub fn begin(program: &str, admin_listen: SocketAddr) -> Result<(Shutdown, AdminPort), ProcessError> {
    let (metrics, stop) = (install_metrics(), Shutdown::default());
    stop.at_signals().map_err(ProcessError::Signals)?;
    let admin = open_admin(admin_listen, metrics)?;
    println!("{}", admin.starting_line(program));
    Ok((stop, admin))
}

/// Opens the admin port, before anything that takes time.
pub fn open_admin(listen: SocketAddr, metrics: Option<PrometheusHandle>) -> Result<AdminPort, ProcessError> {
    // Each connection is an open file. If the limit cannot be raised, fewer connections are accepted.
    if let Err(error) = rlimit::increase_nofile_limit(u64::MAX) {
        tracing::warn!(%error, "the limit on open files cannot be raised");
    }
    AdminPort::open(listen, metrics).map_err(|source| ProcessError::Listen { address: listen, source })
}

/// The sockets of a process, bound before their addresses are printed.
pub struct BoundServer {
    listeners: Vec<(Service, tokio::net::TcpListener)>,
    admin: AdminPort,
    /// Name and base URL of each service, and of `admin`.
    pub addresses: Vec<(&'static str, String)>,
}

impl BoundServer {
    /// Binds the sockets. The probes say so from here on, since the line that says "ready" is printed next.
    pub fn open(services: Vec<Service>, admin: AdminPort) -> Result<Self, ProcessError> {
        let mut listeners = Vec::new();
        let mut addresses = Vec::new();
        for service in services {
            let (listener, url) = listen(service.listen)?;
            addresses.push((service.name, url));
            listeners.push((service, listener));
        }
        addresses.push(("admin", format!("http://{}", admin.address)));
        let healths = listeners.iter().map(|(service, _)| service.health.clone());
        admin.probes.is_serving(healths.collect());
        Ok(Self { listeners, admin, addresses })
    }

    /// The line of a ready process, with its addresses: `signpost: ready agents=http://127.0.0.1:8081 ...`.
    pub fn ready_line(&self, program: &str) -> String {
        let places = self.addresses.iter().map(|(name, url)| format!(" {name}={url}"));
        format!("{program}: ready{}", places.collect::<String>())
    }

    /// Serves until `stop`, then finishes open requests and ends the tasks.
    pub async fn serve(self, stop: Shutdown) -> Result<(), ProcessError> {
        let probes = self.admin.probes.clone();
        let streams: Vec<_> = self.listeners.iter().map(|(service, _)| service.streams.clone()).collect();
        let ending = {
            let stop = stop.clone();
            async move {
                stop.requested().await;
                probes.is_stopping();
                streams.iter().for_each(Streams::end);
            }
        };
        let ending = tokio::spawn(ending);
        let mut serving = JoinSet::new();
        let (mut work, mut closing, mut databases) = (Vec::new(), Vec::new(), Vec::new());
        for (mut service, listener) in self.listeners {
            let database = service.health.dependency("database");
            service.tasks.spawn(health::database::watch(service.database.clone(), database));
            databases.push(service.database);
            serving.spawn(serve(listener, service.router, service.proxies, stop.clone()));
            let mut watched = JoinSet::new();
            watched.spawn(watch_tasks(service.tasks, service.health.dependency("tasks")));
            work.push(watched);
            closing.push(service.closing);
        }
        while let Some(ended) = serving.join_next().await {
            match ended {
                Ok(outcome) => outcome.map_err(ProcessError::Serve)?,
                Err(error) => tracing::error!(%error, "a listener failed"),
            }
        }
        // Work that takes longer is aborted.
        let _ = tokio::time::timeout(CLOSING, join_all(closing)).await;
        // Requests are finished; projectors and relays can be aborted anywhere, since they continue from their
        // checkpoints.
        drop(work);
        let _ = tokio::time::timeout(CLOSING, join_all(databases.iter().map(Database::close))).await;
        ending.abort();
        Ok(())
    }
}

/// Reports a task that ends, since each must run as long as the process. Dropping the future aborts all tasks.
async fn watch_tasks(mut tasks: JoinSet<()>, dependency: Dependency) {
    while let Some(ended) = tasks.join_next().await {
        // The message of a panic may hold data.
        let cause = if ended.is_err() { "it panicked" } else { "it ended" };
        dependency
            .set(Status::Degraded(format!("a background task does not run any more ({cause}); restart the process")));
    }
}

fn listen(address: SocketAddr) -> Result<(tokio::net::TcpListener, String), ProcessError> {
    let (listener, bound) = bind(address).map_err(|source| ProcessError::Listen { address, source })?;
    Ok((listener, format!("http://{bound}")))
}

/// The base URL, on this machine, of a listening address.
pub fn from_here(listen: SocketAddr) -> String {
    let mut address = listen;
    if address.ip().is_unspecified() {
        address.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
    }
    format!("http://{address}")
}

/// A running process's readiness.
#[derive(Debug)]
pub struct Readiness {
    /// Whether it can do its work.
    pub ready: bool,
    /// The state of each dependency, as JSON.
    pub body: Option<serde_json::Value>,
}

/// Asks a running process whether it is ready; `None` without a response.
pub async fn readiness(admin_listen: SocketAddr) -> Option<Readiness> {
    let url = format!("{}/readyz", from_here(admin_listen));
    // The process is on this machine, so no proxy of the environment is used.
    let client = reqwest::Client::builder().no_proxy().timeout(READINESS_TIMEOUT).build().ok()?;
    let answer = client.get(url).send().await.ok()?;
    let ready = answer.status().is_success();
    Some(Readiness { ready, body: answer.json().await.ok() })
}

/// Runs a program to its end, without waiting for background tasks.
pub fn run_to_end<T>(program: impl Future<Output = T>) -> std::io::Result<T> {
    let runtime = runtime()?;
    let outcome = runtime.block_on(program);
    runtime.block_on(leave_in_one_file());
    runtime.shutdown_background();
    Ok(outcome)
}

/// Builds the services, unless the process is asked to end first: migrating a large table may take long.
pub async fn build_unless_stopped<T>(stop: &Shutdown, building: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        built = building => Some(built),
        () = stop.requested() => {
            tracing::info!("stopped before the start was complete");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_probes_tell_of_bound_sockets_before_anything_is_printed() -> Result<(), ProcessError> {
        let admin = open_admin(([127, 0, 0, 1], 0).into(), None)?;
        let address = admin.address;
        let state = async || readiness(address).await.and_then(|said| said.body).unwrap_or_default()["state"].clone();
        assert_eq!(state().await, "migrating");
        let _bound = BoundServer::open(Vec::new(), admin)?;
        assert_ne!(state().await, "migrating");
        Ok(())
    }

    #[tokio::test]
    async fn a_background_task_that_panics_is_reported() {
        let dependency = Health::new("agents").dependency("tasks");
        let mut tasks = JoinSet::new();
        tasks.spawn(async { panic!("a defect") });
        watch_tasks(tasks, dependency.clone()).await;
        assert_eq!(dependency.status().level(), 1);
    }
}
