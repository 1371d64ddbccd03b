//! Fixtures: empty databases, a bus, a small command handler and a small projection.

use contract::clock::{Clock, Moment};
use contract::events::Contract;
use contract::events::agents::{AgentReinstated, AgentSuspended, AgentsEvent, ApiTokenIssued};
use contract::note::Note;
use event_store::bus::{Bus, NatsSettings};
use event_store::health::{Dependency, Health};
use event_store::log::{
    AppendResult, CommandHandler, CommandMeta, CommandResponse, Decision, Decisions, ExpectedVersion, Log, MIGRATIONS,
    NewEvent, RecordedEvent, Repeated, SubmitError, Writer,
};
use event_store::projections::{EventEnvelope, Projection, Table};
use event_store::sql::{Database, Kind, Migration, Sql, SqlError, Tx};
use harness::databases::{server_setting, sqlite_url};
use harness::until;
use uuid::Uuid;

const TALLY: Migration = Migration { version: 1_101, name: "tally", text: include_str!("tally.sql") };

pub fn migrations() -> Vec<Migration> {
    [MIGRATIONS, &[TALLY]].concat()
}

/// The database at a URL, with the tables of the log and of the tests' projection.
pub async fn open(url: String) -> Database {
    Database::connect(&url, &migrations()).await.unwrap()
}

pub async fn sqlite() -> Database {
    open(sqlite_url()).await
}

/// A NATS server of one test, so that the test has the streams to itself; dropping the value stops it.
pub struct Nats {
    _server: harness::Nats,
    pub url: String,
    pub bus: Bus,
}

/// Starts NATS; `None` where no server program is configured.
pub async fn nats() -> Option<Nats> {
    server_setting("SIGNPOST_TEST_NATS_SERVER")?;
    let server = harness::Nats::private("event_store").await.unwrap();
    let url = server.url().to_owned();
    let bus = Bus::connect(&NatsSettings::of_url(&url).unwrap(), "contract").await.unwrap();
    until(|| async { bus.is_connected() }).await;
    Some(Nats { _server: server, url, bus })
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

    fn queue_queries(&self, _: &mut Tx, _: &[&Suspend]) {}

    async fn decide(&self, _: &mut Tx, (): (), requests: &[&Suspend], _: Moment) -> Result<Decisions<Self>, SqlError> {
        Ok(requests.iter().map(|request| decide(request)).collect())
    }

    async fn guess(&self, _: &mut Tx, requests: &[&Suspend], _: Moment) -> Result<Option<Vec<Decision>>, SqlError> {
        Ok(requests.iter().map(|request| decide(request).ok()).collect())
    }

    async fn repeat(&self, _: &mut Tx, request: &Suspend, _: &Repeated) -> Result<CommandResponse, SqlError> {
        Ok(answer(request))
    }

    async fn store(
        &self,
        tx: &mut Tx,
        accepted: &[(&Suspend, &Decision)],
        _: &[RecordedEvent],
        _: bool,
    ) -> Result<(), SqlError> {
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
    let event = AgentsEvent::from(AgentSuspended { agent_id: request.agent_id, reason: request.reason.clone().into() });
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

/// A projection that counts the events of each agent.
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

/// A projection that makes many rows of each event, so that it is large with a short log.
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

/// Every event of the contract can be written and read, also those that no other test uses.
#[test]
fn events_come_back_from_their_data() {
    let agent_id = Uuid::from_u128(5);
    let events: [AgentsEvent; 2] = [
        AgentReinstated { agent_id, reason: Note::Absent }.into(),
        ApiTokenIssued { token_id: agent_id, name: "Zoë \u{1F600}".to_owned(), scopes: vec![], digest: String::new() }
            .into(),
    ];
    for event in events {
        let read = AgentsEvent::read(event.event_type().name, &event.data().unwrap()).unwrap();
        assert_eq!(read, Some(event));
    }
}
