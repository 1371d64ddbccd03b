//! `status`: each log with its schema, projections, parked streams and stream, and the running process.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};

use serde::Serialize;
use serde_json::Value;

use super::output::{ALL_WELL, Format, UNKNOWN, WORK_DUE};
use super::service::{OpenError, ServiceData};
use crate::process::{Readiness, readiness};
use crate::settings::Settings;
use event_store::bus::Bus;
use event_store::health::with_causes;
use event_store::log::Log;
use event_store::projections::{Checkpoint, parked};
use event_store::relay::inspect;
use event_store::sql::{Database, Schema};

#[derive(Debug, Serialize)]
struct Status {
    services: Vec<ServiceStatus>,
    /// Why the streams are not shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    nats: Option<String>,
    process: ProcessStatus,
}

#[derive(Debug, Serialize)]
struct ServiceStatus {
    service: &'static str,
    database: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    schema: Option<SchemaStatus>,
    #[serde(skip_serializing_if = "Option::is_none")]
    log: Option<LogStatus>,
    projections: Vec<ProjectionStatus>,
    parked: Vec<ParkedStatus>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream: Option<StreamStatus>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip)]
    unknown: bool,
}

#[derive(Debug, Serialize)]
struct SchemaStatus {
    version: i64,
    state: &'static str,
}

#[derive(Debug, Serialize)]
struct LogStatus {
    id: String,
    position: u64,
    hash: String,
    /// Why it accepts no writes.
    #[serde(skip_serializing_if = "Option::is_none")]
    halted: Option<String>,
}

#[derive(Debug, Serialize)]
struct ProjectionStatus {
    projection: &'static str,
    follows: &'static str,
    position: u64,
    /// Events that it has not applied yet; absent where the followed log cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    lag: Option<u64>,
    /// Why it cannot be relied on.
    #[serde(skip_serializing_if = "Option::is_none")]
    halted: Option<String>,
}

#[derive(Debug, Serialize)]
struct ParkedStatus {
    projection: String,
    stream: String,
    events: usize,
}

#[derive(Debug, Serialize)]
struct StreamStatus {
    stream: String,
    messages: u64,
    position: u64,
    lag: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    halt: Option<String>,
}

#[derive(Debug, Serialize)]
struct ProcessStatus {
    address: String,
    reachable: bool,
    ready: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    readiness: Option<Value>,
}

/// Prints the status of these services; returns the exit code. `bus` is `None` where NATS is not configured or does
/// not respond.
pub async fn run(
    services: &[ServiceData],
    settings: &Settings,
    bus: Result<Option<Bus>, String>,
    format: Format,
) -> u8 {
    let (bus, nats) = match bus {
        Ok(bus) => (bus, None),
        Err(cause) => (None, Some(cause)),
    };
    let mut opened = Vec::new();
    let mut shown = Vec::new();
    for service in services {
        let (status, log) = service_status(service, bus.as_ref()).await;
        opened.extend(log);
        shown.push(status);
    }
    let mut heads = BTreeMap::new();
    for log in &opened {
        if let Ok(head) = log.head().await {
            heads.insert(log.identity().service, head.position);
        }
    }
    for projection in shown.iter_mut().flat_map(|service| &mut service.projections) {
        projection.lag = heads.get(projection.follows).map(|head| head.saturating_sub(projection.position));
    }
    let status = Status { services: shown, nats, process: process(settings).await };
    super::print(&status, format);
    status.exit_code()
}

/// The state of one service, and its log where it can be read.
async fn service_status(service: &ServiceData, bus: Option<&Bus>) -> (ServiceStatus, Option<Log>) {
    let mut status = ServiceStatus::of(service);
    let (database, schema) = match service.inspect().await {
        Ok(found) => found,
        Err(error) => {
            status.unknown = matches!(error, OpenError::Sql { .. });
            status.error = Some(with_causes(&error));
            return (status, None);
        }
    };
    status.schema = Some(SchemaStatus::of(schema));
    match service.open().await {
        Ok((_, log)) => match fill(&mut status, service, &database, (&log, bus)).await {
            Ok(()) => return (status, Some(log)),
            Err(error) => (status.error, status.unknown) = (Some(with_causes(&*error)), true),
        },
        Err(error) => status.error = Some(with_causes(&error)),
    }
    (status, None)
}

type AnyError = Box<dyn std::error::Error + Send + Sync>;

async fn fill(
    status: &mut ServiceStatus,
    service: &ServiceData,
    database: &Database,
    (log, bus): (&Log, Option<&Bus>),
) -> Result<(), AnyError> {
    let head = log.head().await?;
    let id = log.identity().log_id.to_string();
    let (hash, halted) = (head.hash.to_string(), log.halted().await?);
    status.log = Some(LogStatus { id, position: head.position, hash, halted });
    for &(projection, follows) in service.projections {
        let state = Checkpoint::open_existing(database.clone(), projection).read_if_any().await?;
        let (position, halted) = state.map_or((0, None), |state| (state.point.position, state.halted));
        status.projections.push(ProjectionStatus { projection, follows, position, lag: None, halted });
    }
    let mut events: BTreeMap<_, usize> = BTreeMap::new();
    for event in parked::list(database).await? {
        *events.entry((event.view, event.stream)).or_default() += 1;
    }
    let parked = events.into_iter();
    status.parked = parked.map(|((projection, stream), events)| ParkedStatus { projection, stream, events }).collect();
    let Some(bus) = bus else { return Ok(()) };
    let stream = log.identity().stream_name();
    status.stream = Some(match inspect(log, bus).await? {
        None => StreamStatus { stream, messages: 0, position: 0, lag: head.position, halt: None },
        Some(state) => StreamStatus {
            stream,
            messages: state.messages,
            position: state.last,
            lag: head.position.saturating_sub(state.last),
            halt: state.halt.map(|halt| halt.to_string()),
        },
    });
    Ok(())
}

async fn process(settings: &Settings) -> ProcessStatus {
    let address = crate::process::from_here(settings.admin_listen);
    match readiness(settings.admin_listen).await {
        Some(Readiness { ready, body }) => ProcessStatus { address, reachable: true, ready, readiness: body },
        None => ProcessStatus { address, reachable: false, ready: false, readiness: None },
    }
}

impl SchemaStatus {
    fn of(schema: Schema) -> Self {
        let (version, state) = match schema {
            Schema::Empty => (0, "empty"),
            Schema::Older(version) => (version, "older than this program"),
            Schema::Current(version) => (version, "current"),
            Schema::Newer(version) => (version, "newer than this program"),
            Schema::Unreadable => (0, "of a development version that is not read any more"),
            Schema::Foreign { .. } => (0, "of another service"),
        };
        Self { version, state }
    }
}

impl ServiceStatus {
    fn of(service: &ServiceData) -> Self {
        Self {
            service: service.name,
            database: service.shown_url(),
            schema: None,
            log: None,
            projections: Vec::new(),
            parked: Vec::new(),
            stream: None,
            error: None,
            unknown: false,
        }
    }

    fn is_work(&self) -> bool {
        let halted = self.stream.as_ref().is_some_and(|stream| stream.halt.is_some())
            || self.log.as_ref().is_some_and(|log| log.halted.is_some())
            || self.projections.iter().any(|projection| projection.halted.is_some());
        halted || self.error.is_some() || !self.parked.is_empty()
    }
}

impl Status {
    fn exit_code(&self) -> u8 {
        if self.nats.is_some() || self.services.iter().any(|service| service.unknown) {
            UNKNOWN
        } else if self.services.iter().any(ServiceStatus::is_work) || (self.process.reachable && !self.process.ready) {
            WORK_DUE
        } else {
            ALL_WELL
        }
    }
}

impl Display for Status {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        for service in &self.services {
            write!(out, "{service}")?;
        }
        if let Some(cause) = &self.nats {
            writeln!(out, "streams: not checked: {cause}")?;
        }
        let ProcessStatus { address, reachable, ready, readiness } = &self.process;
        let state = readiness.as_ref().and_then(|body| body["state"].as_str()).unwrap_or("unknown");
        match (reachable, ready) {
            (false, _) => write!(out, "process {address}: does not answer"),
            (true, true) => write!(out, "process {address}: ready, {state}"),
            (true, false) => write!(out, "process {address}: not ready, {state}"),
        }
    }
}

/// The reason of a halt, at the end of a line.
struct Halted<'a>(Option<&'a String>);

impl Display for Halted<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |reason| write!(out, ", HALTED: {reason}"))
    }
}

impl Display for ServiceStatus {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let name = self.service;
        writeln!(out, "{name}: database {}", self.database)?;
        if let Some(schema) = &self.schema {
            writeln!(out, "{name}: schema {}, {}", schema.version, schema.state)?;
        }
        if let Some(log) = &self.log {
            let LogStatus { id, position, hash, halted } = log;
            writeln!(out, "{name}: log {id}, position {position}, hash {hash}{}", Halted(halted.as_ref()))?;
        }
        for ProjectionStatus { projection, follows, position, lag, halted } in &self.projections {
            let lag = lag.map_or_else(|| "lag unknown".to_owned(), |lag| format!("{lag} behind"));
            let halted = Halted(halted.as_ref());
            writeln!(out, "{name}: projection {projection}, position {position} of {follows}, {lag}{halted}")?;
        }
        for ParkedStatus { projection, stream, events } in &self.parked {
            writeln!(out, "{name}: projection {projection}, stream {stream} is parked, {events} events")?;
        }
        if let Some(StreamStatus { stream, messages, position, lag, halt }) = &self.stream {
            let halt = Halted(halt.as_ref());
            writeln!(out, "{name}: stream {stream}, position {position}, {messages} messages, {lag} behind{halt}")?;
        }
        self.error.as_ref().map_or(Ok(()), |error| writeln!(out, "{error}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::ids::new_id;
    use event_store::log::{LogPoint, MIGRATIONS};

    #[tokio::test]
    async fn a_halted_log_and_a_halted_projection_are_shown_and_are_work() {
        let url = format!("sqlite:{}", std::env::temp_dir().join(format!("signpost-{}.sqlite", new_id())).display());
        let projections = &[("keys", "agents")];
        let service = ServiceData { name: "agents", url, migrations: MIGRATIONS.to_vec(), projections };
        service.migrate().await.unwrap();
        let (database, log) = service.open().await.unwrap();
        let checkpoint = Checkpoint::open(database, "keys").await.unwrap();
        let (status, _) = service_status(&service, None).await;
        assert!(!status.is_work(), "{status}");
        log.halt("the log lost events").await.unwrap();
        is_shown_as_work(&service, "the log lost events").await;
        log.resume().await.unwrap();
        checkpoint.halt(LogPoint::START, "another log").await.unwrap();
        is_shown_as_work(&service, "another log").await;
    }

    async fn is_shown_as_work(service: &ServiceData, reason: &str) {
        let (status, _) = service_status(service, None).await;
        assert!(status.is_work(), "{status}");
        assert!(status.to_string().contains(reason), "{status}");
        assert!(serde_json::to_string(&status).unwrap().contains(reason), "{status:?}");
    }
}
