//! Storage that fails and recovers: unstored writes are not acknowledged, `/readyz` reports the fault, and each
//! service recovers by itself without lost or doubled writes.

use std::process::Command;
use std::time::{Duration, Instant};

use harness::api::client;
use harness::cutter::Moment;
use harness::names::{Person, Rng, person};
use harness::operator::Operator;
use harness::postgres::execute;
use harness::process::Process;
use harness::{
    Api, ApiResponse, Context, Journal, Pair, Result, Seller, Standalone, Visitor, bail, check, ensure, eventually,
    json, seconds,
};

use crate::postgres::failures::set_read_only;

harness::on_servers_with!(1, harness::Setup::own_postgres, services_recover_from_storage_that_failed);

mod cut {
    use super::a_connection_cut_at_any_step_loses_and_doubles_nothing;

    harness::on_servers_with!(1, harness::Setup::cut, a_connection_cut_at_any_step_loses_and_doubles_nothing);
}

/// Round trips of the longest write, from its beginning to its commit; beyond them another connection is cut.
const STEPS: usize = 8;
/// Writes that fit into the remaining space of a file.
const MOST_WRITES: usize = 300;
/// The remaining space of an almost full disk, in bytes.
const ROOM_LEFT: u64 = 100_000;
/// Enough for two test writes of an idle process.
const TWO_TRIES: Duration = Duration::from_secs(11);
/// The error of a server without space for the table, while its WAL has some.
const FULL: &str = "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$;
    CREATE TRIGGER full_disk BEFORE INSERT ON events FOR EACH STATEMENT EXECUTE FUNCTION full_disk()";
const ROOM: &str = "DROP TRIGGER full_disk ON events; DROP FUNCTION full_disk()";

/// Clients that write to both services.
struct Writers {
    operator: Operator,
    visitor: Visitor,
    seller: Seller,
    key: String,
    /// The admin ports of the services' processes.
    admins: Vec<Api>,
    rng: Rng,
}

impl Writers {
    async fn new(operator: Operator, visitor: Visitor, processes: impl Iterator<Item = &Process>) -> Result<Self> {
        let seller = operator.add_seller().await?;
        let key = operator.add_key(&seller).await?.id;
        visitor.usable_within(seconds(20), &key).await?;
        let mut admins = Vec::new();
        for process in processes {
            let addresses = process.ready().await?;
            admins.push(Api::new(client()?, addresses.get("admin").context("there is no admin port")?, None));
        }
        Ok(Self { operator, visitor, seller, key, admins, rng: Rng::new(12) })
    }

    async fn group(&self, who: &Person) -> Result<ApiResponse> {
        let body = json!({"name": who.email, "agent_id": self.seller.agent});
        self.operator.api.post("/groups").json(&body).idempotency_key(&who.email).send().await
    }

    async fn signup(&self, who: &Person) -> Result<ApiResponse> {
        let body = self.visitor.body(&self.key, who);
        self.visitor.api.post("/api/v1/signups").json(&body).idempotency_key(&who.email).send().await
    }

    /// Both services store this, eventually and once.
    async fn both_store(&self, who: &Person) -> Result<()> {
        let group = eventually(seconds(30), async || self.group(who).await?.expect(201)?.json()).await?;
        let signup = eventually(seconds(30), async || self.signup(who).await?.expect(201)?.json()).await?;
        let (again, signup_again) = (self.group(who).await?.json()?, self.signup(who).await?.json()?);
        ensure!(group["id"] == again["id"], "stored twice: {group} and {again}");
        ensure!(signup["customer_id"] == signup_again["customer_id"], "stored twice: {signup} and {signup_again}");
        Ok(())
    }

    /// Writes until both services can store no more: each reports it, and no process is ready.
    async fn neither_stores(&mut self, what: &str) -> Result<Person> {
        let mut number = 1;
        let who = loop {
            let who = person(&mut self.rng, number);
            let (group, signup) = tokio::join!(self.group(&who), self.signup(&who));
            let statuses = [group?.status, signup?.status];
            ensure!(statuses.iter().all(|status| [201, 503].contains(status)), "{what}: {statuses:?}");
            if statuses == [503, 503] {
                break who;
            }
            ensure!(number < MOST_WRITES, "{what}: both are still stored");
            number += 1;
        };
        for admin in &self.admins {
            let ready = eventually(seconds(20), async || admin.get("/readyz").send().await?.expect(503)).await;
            ready.with_context(|| format!("{what}: it says that it is ready"))?;
        }
        Ok(who)
    }

    /// A process that is not ready gets no requests, so it must find by itself that it can write again.
    async fn both_recover(&self, what: &str, refused: &Person) -> Result<()> {
        for admin in &self.admins {
            let ready = eventually(seconds(20), async || admin.get("/readyz").send().await?.expect(200)).await;
            ready.with_context(|| format!("{what}: it does not recover"))?;
        }
        self.both_store(refused).await.with_context(|| format!("{what}: it does not write again"))
    }
}

fn limit_files(process: u32, limit: &str) -> Result<()> {
    let status = Command::new("prlimit").args(["--pid", &process.to_string(), &format!("--fsize={limit}")]).status()?;
    ensure!(status.success(), "the limit could not be set");
    Ok(())
}

/// A limit on the size of files makes writes fail as on a full disk.
#[tokio::test]
async fn the_embedded_pair_recovers_from_a_full_disk() -> Result<()> {
    // The limit's signal would end the process.
    let standalone = Standalone::start_after("trap '' XFSZ", "storage-full-sqlite", &[])?;
    let (operator, visitor) = (standalone.operator().await?, standalone.visitor().await?);
    let mut writers = Writers::new(operator, visitor, [standalone.process()].into_iter()).await?;
    for limit in ["4096:", "65536:"] {
        let what = format!("SQLite with files of {limit} bytes");
        limit_files(standalone.process().id().context("it does not run")?, limit)?;
        let refused = writers.neither_stores(&what).await?;
        limit_files(standalone.process().id().context("it does not run")?, "unlimited:")?;
        writers.both_recover(&what, &refused).await?;
    }
    let (status, output) = standalone.command(&["verify"])?;
    ensure!(status == 0, "{status}: {output}");
    Ok(())
}

/// The remaining space is enough for small writes, and for a few signups.
#[tokio::test]
async fn an_almost_full_disk_makes_the_process_not_ready_until_there_is_room() -> Result<()> {
    let standalone = Standalone::start_after("trap '' XFSZ", "storage-almost-full-sqlite", &[])?;
    let (operator, visitor) = (standalone.operator().await?, standalone.visitor().await?);
    let mut writers = Writers::new(operator, visitor, [standalone.process()].into_iter()).await?;
    let process = standalone.process().id().context("it does not run")?;
    limit_files(process, &format!("{}:", longest_log(&standalone)? + ROOM_LEFT))?;

    let mut number = 1;
    let refused = loop {
        let who = person(&mut writers.rng, number);
        // Without a key, another row is stored beside the log first.
        let body = writers.visitor.body(&writers.key, &who);
        let status = writers.visitor.api.post("/api/v1/signups").json(&body).send().await?.status;
        match status {
            201 if number < MOST_WRITES => number += 1,
            503 => break who,
            other => bail!("signup {number} is answered with {other}"),
        }
    };
    let admin = writers.admins.first().context("there is no admin port")?;
    eventually(seconds(5), async || admin.get("/readyz").send().await?.expect(503)).await?;
    let began = Instant::now();
    while began.elapsed() < TWO_TRIES {
        admin.get("/readyz").send().await?.expect(503).context("it is ready again, while nothing has changed")?;
        harness::wait::pause().await;
    }
    limit_files(process, "unlimited:")?;
    writers.both_recover("an almost full disk", &refused).await?;
    let (status, output) = standalone.command(&["verify"])?;
    ensure!(status == 0, "{status}: {output}");
    Ok(())
}

/// Bytes of the longer of the two write-ahead logs.
fn longest_log(standalone: &Standalone) -> Result<u64> {
    let mut longest = 0;
    for file in std::fs::read_dir(standalone.data_folder())? {
        let file = file?;
        if file.path().extension().is_some_and(|extension| extension == "sqlite-wal") {
            longest = file.metadata()?.len().max(longest);
        }
    }
    ensure!(longest > 0, "there is no write-ahead log");
    Ok(longest)
}

async fn services_recover_from_storage_that_failed(pair: Pair) -> Result<()> {
    let mut writers = Writers::new(pair.agents(0), pair.signup(0), pair.processes()).await?;
    let databases = [pair.agents_database()?, pair.signup_database()?];
    for database in databases {
        execute(database, FULL.to_owned()).await?;
    }
    let refused = writers.neither_stores("a full disk of PostgreSQL").await?;
    for database in databases {
        execute(database, ROOM.to_owned()).await?;
    }
    writers.both_recover("a full disk of PostgreSQL", &refused).await?;

    for database in databases {
        set_read_only(database, true).await?;
    }
    disconnect(databases).await?;
    let refused = writers.neither_stores("a read-only server").await?;
    for database in databases {
        set_read_only(database, false).await?;
    }
    writers.both_recover("a read-only server", &refused).await?;
    check(&pair, &Journal::default(), &[]).await.map(drop)
}

/// Open connections keep their initial settings.
async fn disconnect(databases: [&str; 2]) -> Result<()> {
    for database in databases {
        let others = "pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
        execute(database, format!("SELECT pg_terminate_backend(pid) FROM {others}")).await?;
    }
    Ok(())
}

async fn a_connection_cut_at_any_step_loses_and_doubles_nothing(pair: Pair) -> Result<()> {
    let mut writers = Writers::new(pair.agents(0), pair.signup(0), pair.processes()).await?;
    for moment in [Moment::BeforeTheRequest, Moment::BeforeTheAnswer] {
        for step in 1..=STEPS {
            let who = person(&mut writers.rng, step);
            pair.cutter()?.cut_at(step, moment);
            let (group, signup) = tokio::join!(writers.group(&who), writers.signup(&who));
            for answer in [group?, signup?] {
                ensure!([201, 503].contains(&answer.status), "{moment:?} {step}: {answer}");
            }
            eventually(seconds(20), async || {
                ensure!(pair.cutter()?.has_cut(), "nothing was cut at step {step}");
                Ok(())
            })
            .await?;
            writers.both_store(&who).await.with_context(|| format!("{moment:?} {step}"))?;
        }
    }
    check(&pair, &Journal::default(), &[]).await.map(drop)
}
