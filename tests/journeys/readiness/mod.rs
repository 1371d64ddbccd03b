//! `/readyz`, `/livez` and `/startupz`: while a dependency is down, before and after.

mod connections;
mod file;
mod start;

use std::io::{Read as _, Write as _};
use std::process::Command;

use harness::api::client;
use harness::binaries::{AGENTS_SERVICE, SIGNUP_SERVICE, STANDALONE, binary};
use harness::postgres::execute;
use harness::process::{CommandLine, Process};
use harness::{Api, Context, Pair, Result, SingleService, Value, ensure, eventually, seconds};

harness::on_servers_with!(
    1,
    harness::Setup::own_postgres,
    a_database_that_is_away_makes_its_service_not_ready,
    a_database_that_is_read_only_makes_its_service_not_ready,
    without_nats_the_services_stay_ready,
);

// Committed before the sessions end: one that is opened in between would be writable.
const READ_ONLY: &str = "BEGIN; DO $$ BEGIN
    EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = on', current_database()); END $$; COMMIT;
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
const WRITABLE: &str = "BEGIN READ WRITE; DO $$ BEGIN
    EXECUTE format('ALTER DATABASE %I RESET default_transaction_read_only', current_database()); END $$; COMMIT;
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";

/// The admin port of a ready process.
async fn admin(process: &Process) -> Result<Api> {
    let addresses = process.ready().await?;
    Ok(Api::new(client()?, addresses.get("admin").context("there is no admin port")?, None))
}

/// Waits until `/readyz` has this status; returns its body.
async fn becomes(admin: &Api, status: u16) -> Result<Value> {
    eventually(seconds(30), async || admin.get("/readyz").send().await?.expect(status)?.json()).await
}

async fn a_database_that_is_away_makes_its_service_not_ready(pair: Pair) -> Result<()> {
    let services = [(admin(pair.agents_process(0)).await?, "agents"), (admin(pair.signup_process(0)).await?, "signup")];
    for (admin, service) in &services {
        let body = becomes(admin, 200).await?;
        ensure!(body["services"][service]["dependencies"]["database"]["state"] == "ok", "{body}");
    }
    pair.postgres()?.kill_9()?;
    for (admin, service) in &services {
        let body = becomes(admin, 503).await?;
        let database = &body["services"][service]["dependencies"]["database"];
        ensure!(database["state"] == "failing" && database["cause"].is_string(), "{body}");
        admin.get("/livez").send().await?.expect(200)?;
        admin.get("/startupz").send().await?.expect(200)?;
    }
    pair.postgres()?.start_again().await?;
    for (admin, _) in &services {
        becomes(admin, 200).await?;
    }
    Ok(())
}

async fn a_database_that_is_read_only_makes_its_service_not_ready(pair: Pair) -> Result<()> {
    let (agents, signup) = (admin(pair.agents_process(0)).await?, admin(pair.signup_process(0)).await?);
    becomes(&signup, 200).await?;
    execute(pair.signup_database()?, READ_ONLY.to_owned()).await?;
    let body = becomes(&signup, 503).await?;
    let cause = body["services"]["signup"]["dependencies"]["database"]["cause"].as_str().unwrap_or_default().to_owned();
    ensure!(cause.contains("read-only"), "the cause is not named: {body}");
    becomes(&agents, 200).await?;
    execute(pair.signup_database()?, WRITABLE.to_owned()).await?;
    becomes(&signup, 200).await.map(drop)
}

async fn without_nats_the_services_stay_ready(pair: Pair) -> Result<()> {
    let services = [admin(pair.agents_process(0)).await?, admin(pair.signup_process(0)).await?];
    for admin in &services {
        becomes(admin, 200).await?;
    }
    pair.nats()?.stop()?;
    let agent = pair.agents(0).add_agent().await?;
    ensure!(!agent.id.is_empty(), "operators cannot work without NATS");
    for admin in &services {
        admin.get("/readyz").send().await?.expect(200)?;
    }
    Ok(())
}

#[tokio::test]
async fn a_process_that_finishes_its_requests_is_not_ready() -> Result<()> {
    let alone = SingleService::new(STANDALONE, &[("SIGNPOST_ADMIN_LISTEN", "127.0.0.1:0")])?;
    let alone = alone.with("SIGNPOST_AGENTS_LISTEN", "127.0.0.1:0").with("SIGNPOST_SIGNUP_LISTEN", "127.0.0.1:0");
    let process = alone.start("readiness-stopping", &["serve"])?;
    let admin = admin(&process).await?;
    becomes(&admin, 200).await?;
    let signup = process.ready().await?.get("signup").context("there is no signup address")?.clone();
    // An unfinished request keeps the process running for the drain time.
    let mut request = std::net::TcpStream::connect(signup.trim_start_matches("http://"))?;
    request.set_read_timeout(Some(seconds(10)))?;
    request.write_all(
        b"POST /api/v1/signups HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n",
    )?;
    // A connection that was not accepted yet would keep nothing running: the service's `100 Continue` shows that it
    // waits for the body.
    let mut taken_up = [0; 12];
    request.read_exact(&mut taken_up)?;
    ensure!(&taken_up == b"HTTP/1.1 100", "{}", String::from_utf8_lossy(&taken_up));
    eventually(seconds(10), async || {
        process.signal("TERM")?;
        let body = admin.get("/readyz").send().await?.expect(503)?.json()?;
        ensure!(body["state"] == "stopping", "{body}");
        admin.get("/livez").send().await?.expect(200)
    })
    .await?;
    drop(request);
    ensure!(process.stop(), "the process does not end once its requests are finished");
    Ok(())
}

/// A limit on the size of files makes writes fail as on a full disk.
#[tokio::test]
async fn a_full_disk_makes_the_process_not_ready() -> Result<()> {
    let alone = SingleService::new(STANDALONE, &[])?;
    let settings = ["SIGNPOST_AGENTS_LISTEN", "SIGNPOST_SIGNUP_LISTEN", "SIGNPOST_ADMIN_LISTEN"];
    let program = binary(STANDALONE)?.display().to_string();
    let process = Process::start(CommandLine {
        program: "bash".into(),
        // The limit's signal would end the process.
        arguments: vec!["-c".to_owned(), format!("trap '' XFSZ; exec '{program}' serve")],
        settings: settings.map(|name| (name.to_owned(), "127.0.0.1:0".to_owned())).into(),
        folder: alone.folder().to_path_buf(),
        log: alone.folder().join("process.log"),
    })?;
    let admin = admin(&process).await?;
    becomes(&admin, 200).await?;
    limit_files(&process, "4096:")?;
    // Each service probes its own database, so one is the first to report.
    eventually(seconds(30), async || {
        let body: Value = admin.get("/readyz").send().await?.expect(503)?.json()?;
        for service in ["agents", "signup"] {
            let database = &body["services"][service]["dependencies"]["database"];
            ensure!(database["state"] == "failing", "{body}");
        }
        Ok(())
    })
    .await?;
    limit_files(&process, "unlimited:")?;
    becomes(&admin, 200).await.map(drop)
}

fn limit_files(process: &Process, limit: &str) -> Result<()> {
    let id = process.id().context("it does not run")?.to_string();
    let status = Command::new("prlimit").args(["--pid", &id, &format!("--fsize={limit}")]).status()?;
    ensure!(status.success(), "the limit could not be set");
    Ok(())
}

#[tokio::test]
async fn a_signup_service_that_never_reached_the_agents_is_not_ready() -> Result<()> {
    let alone = SingleService::new(
        SIGNUP_SERVICE,
        &[("SIGNPOST_SIGNUP_LISTEN", "127.0.0.1:0"), ("SIGNPOST_SERVICE_TOKEN", "0123456789abcdef")],
    )?;
    let alone = alone.with("SIGNPOST_ADMIN_LISTEN", "127.0.0.1:0").with("SIGNPOST_AGENTS_URL", "http://127.0.0.1:1");
    let process = alone.start("readiness-never-reached", &["serve"])?;
    let body = becomes(&admin(&process).await?, 503).await?;
    let keys = &body["services"]["signup"]["dependencies"]["key_lookup"];
    ensure!(keys["state"] == "failing" && keys["cause"].is_string(), "{body}");
    Ok(())
}

#[tokio::test]
async fn every_program_answers_healthcheck_for_its_running_process() -> Result<()> {
    for program in [STANDALONE, AGENTS_SERVICE] {
        let port = harness::ports::free_port()?;
        let alone = SingleService::new(program, &[("SIGNPOST_ADMIN_LISTEN", &format!("127.0.0.1:{port}"))])?;
        let alone = alone.with("SIGNPOST_AGENTS_LISTEN", "127.0.0.1:0").with("SIGNPOST_SIGNUP_LISTEN", "127.0.0.1:0");
        let (status, output) = alone.run(&["healthcheck"])?;
        ensure!(status == 3 && output.contains("does not answer"), "{program}: {status}: {output}");
        let process = alone.start("readiness-healthcheck", &["serve"])?;
        becomes(&admin(&process).await?, 200).await?;
        let (status, output) = alone.run(&["healthcheck"])?;
        ensure!(status == 0, "{program}: {status}: {output}");
    }
    Ok(())
}
