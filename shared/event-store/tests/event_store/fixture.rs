//! What the tests stand on: empty databases, a bus, a small command handler and a small view.

use contract::clock::Clock;
use contract::events::Contract;
use contract::events::agents::{AgentReinstated, AgentSuspended, AgentsEvent, CallPlanRetired};
use event_store::bus::{Bus, NatsSettings};
use event_store::health::{Dependency, Health};
use event_store::log::{
    AppendResult, CommandHandler, CommandMeta, CommandResponse, Decision, Decisions, ExpectedVersion, Log, MIGRATIONS,
    NewEvent, Repeated, SubmitError, Writer,
};
use event_store::projections::{EventEnvelope, Projection, Table};
use event_store::sql::{Database, Kind, Migration, Sql, SqlError, Tx};
use uuid::Uuid;

const TALLY: Migration = Migration { version: 1_101, name: "tally", text: include_str!("tally.sql") };

pub fn migrations() -> Vec<Migration> {
    [MIGRATIONS, &[TALLY]].concat()
}

pub async fn sqlite() -> Database {
    Database::scratch(&migrations()).await.unwrap()
}

/// A new database on the server that `tests/run` started; `None`, said aloud, where there is none.
pub async fn postgres() -> Option<Database> {
    let server = server("SIGNPOST_TEST_POSTGRES_URL")?;
    let name = format!("contract_{}", contract::ids::new_id().simple());
    let admin = sqlx::PgPool::connect(&server).await.unwrap();
    sqlx::query(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&admin).await.unwrap();
    let (base, _) = server.rsplit_once('/').unwrap();
    Some(Database::connect(&format!("{base}/{name}"), &migrations()).await.unwrap())
}

/// A NATS server of the test's own, so that every test has the streams to itself; it ends with the value.
pub struct Nats {
    process: std::process::Child,
    pub url: String,
    pub bus: Bus,
}

impl Drop for Nats {
    fn drop(&mut self) {
        // It may have ended already; either way it is gone afterwards.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Starts NATS; `None`, said aloud, where there is no server to start.
pub async fn nats() -> Option<Nats> {
    let program = server("SIGNPOST_TEST_NATS_SERVER")?;
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let store = std::env::temp_dir().join(format!("signpost-nats-{}", contract::ids::new_id()));
    let process = std::process::Command::new(program)
        .args(["--addr", "127.0.0.1", "--port", &port.to_string(), "--jetstream", "--store_dir"])
        .arg(store)
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let url = format!("nats://127.0.0.1:{port}");
    let bus = Bus::connect(&NatsSettings::of_url(&url).unwrap(), "contract").await.unwrap();
    eventually(|| async { bus.is_connected() }).await;
    Some(Nats { process, url, bus })
}

fn server(variable: &str) -> Option<String> {
    let url = std::env::var(variable).ok();
    if url.is_none() {
        assert!(std::env::var("CI").is_err(), "{variable} is not set: run tests/run");
        eprintln!("server half not run: run tests/run");
    }
    url
}

/// Waits for a condition, ten seconds at most.
pub async fn eventually<F: Future<Output = bool>>(expected_version: impl Fn() -> F) {
    for _ in 0..1_000 {
        if expected_version().await {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("did not come true in ten seconds");
}

/// A request that appends suspensions of an agent.
pub struct Suspend {
    pub agent_id: Uuid,
    pub times: usize,
    pub at_version: Option<u64>,
    pub reason: String,
}

pub fn suspend(agent_id: Uuid) -> Suspend {
    Suspend { agent_id, times: 1, at_version: None, reason: String::new() }
}

pub struct TestCommandHandler;

impl CommandHandler for TestCommandHandler {
    type Request = Suspend;
    type Error = &'static str;
    type HandlerState = ();
    type Queries = ();

    fn ask(&self, _: &mut Tx, _: &[&Suspend]) {}

    async fn decide(&self, _: &mut Tx, (): (), requests: &[&Suspend]) -> Result<Decisions<Self>, SqlError> {
        Ok(requests.iter().map(|request| decide(request)).collect())
    }

    async fn guess(&self, _: &mut Tx, requests: &[&Suspend]) -> Result<Option<Vec<Decision>>, SqlError> {
        Ok(requests.iter().map(|request| decide(request).ok()).collect())
    }

    async fn repeat(&self, _: &mut Tx, request: &Suspend, _: &Repeated) -> Result<CommandResponse, SqlError> {
        Ok(answer(request))
    }

    async fn store(&self, tx: &mut Tx, accepted: &[(&Suspend, &Decision)], _: bool) -> Result<(), SqlError> {
        static FAIL: Sql = Sql::new(
            "INSERT INTO log_head (id, position, log_id, hash, secret)
             SELECT id, position, log_id, hash, secret FROM log_head",
        );
        for (request, _) in accepted {
            if request.reason == "break a constraint" {
                tx.execute(&FAIL, &[]).await?;
            }
        }
        Ok(())
    }
}

fn decide(request: &Suspend) -> Result<Decision, &'static str> {
    if request.reason == "refuse" {
        return Err("refused");
    }
    let stream = format!("agent-{}", request.agent_id);
    let event = AgentsEvent::from(AgentSuspended { agent_id: request.agent_id, reason: Some(request.reason.clone()) });
    Ok(Decision {
        expected_versions: request
            .at_version
            .map(|version| ExpectedVersion { stream: stream.clone(), version })
            .into_iter()
            .collect(),
        events: (0..request.times).map(|_| NewEvent::of(stream.clone(), &event).unwrap()).collect(),
        answer: answer(request),
        state: (),
    })
}

fn answer(request: &Suspend) -> CommandResponse {
    CommandResponse::new(201, &serde_json::json!({ "reason": request.reason })).expect("it is JSON")
}

/// A dependency that nobody asks about.
pub fn health(name: &'static str) -> Dependency {
    Health::new("agents").dependency(name)
}

/// A log with its writer.
pub struct Fixture {
    pub log: Log,
    pub writer: Writer<TestCommandHandler>,
}

impl Fixture {
    pub async fn new(database: Database) -> Self {
        let log = Log::open(database, "agents").await.unwrap();
        Self { writer: Writer::start(log.clone(), Clock::System, TestCommandHandler, health("log"), Vec::new()), log }
    }

    pub async fn append(&self, id: &str, request: Suspend) -> Result<AppendResult, SubmitError<&'static str>> {
        self.writer.submit(command(id), request).await
    }

    pub async fn fill(&self, count: usize) {
        for _ in 0..count {
            self.append(&contract::ids::new_id().to_string(), suspend(contract::ids::new_id())).await.unwrap();
        }
    }
}

pub fn command(id: &str) -> CommandMeta {
    CommandMeta { id: id.to_owned(), fingerprint: "same".to_owned(), actor: "test".to_owned(), cause: None }
}

/// A view that counts the events of each agent.
pub struct Tally;

static COUNT: Sql = Sql::rows(
    "INSERT INTO tally{shadow} AS t (stream, events) SELECT stream, 1 FROM {rows} WHERE true
     ON CONFLICT (stream) DO UPDATE SET events = t.events + 1",
    &[("stream", Kind::Text)],
);
static TABLES: [Table; 1] = [event_store::projection_table!("tally", "stream": Text)];

impl Projection for Tally {
    type Event = AgentsEvent;
    const NAME: &'static str = "tally";

    fn tables(&self) -> &'static [Table] {
        &TABLES
    }

    async fn apply(&self, tx: &mut Tx, events: &[EventEnvelope<AgentsEvent>]) -> Result<(), SqlError> {
        for event in events {
            tx.execute_many(&COUNT, vec![vec![event.stream.as_str().into()]]).await?;
        }
        Ok(())
    }
}

/// A view that makes many rows of each event, so that it is large without a long log.
pub struct Wide;

pub const WIDE_EVENTS: usize = 100;
static SPREAD: Sql = Sql::rows(
    "INSERT INTO tally{shadow} (stream, events)
     SELECT r.stream || '-' || n.i, 1 FROM {rows} CROSS JOIN
         (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) SELECT i FROM n) AS n",
    &[("stream", Kind::Text)],
);

impl Projection for Wide {
    type Event = AgentsEvent;
    const NAME: &'static str = "wide";

    fn tables(&self) -> &'static [Table] {
        &TABLES
    }

    async fn apply(&self, tx: &mut Tx, events: &[EventEnvelope<AgentsEvent>]) -> Result<(), SqlError> {
        let rows = events.iter().map(|event| vec![event.stream.as_str().into()]).collect();
        tx.execute_many(&SPREAD, rows).await.map(drop)
    }
}

/// Every event of the contract can be written and read: keeps the unused ones honest.
#[test]
fn events_come_back_from_their_data() {
    let agent_id = Uuid::from_u128(5);
    let events: [AgentsEvent; 2] = [
        AgentReinstated { agent_id, reason: None }.into(),
        CallPlanRetired { call_plan_id: agent_id, reason: Some("Zoë \u{1F600}".to_owned()) }.into(),
    ];
    for event in events {
        let read = AgentsEvent::read(event.event_type().name, &event.data().unwrap()).unwrap();
        assert_eq!(read, Some(event));
    }
}
