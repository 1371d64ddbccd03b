//! The start of a process: while it waits for its database, the admin port responds, and the process can be ended.

use harness::api::client;
use harness::binaries::{AGENTS_SERVICE, SIGNUP_SERVICE, STANDALONE};
use harness::pair::servers_are_here;
use harness::postgres::{Held, Postgres};
use harness::process::Process;
use harness::{Api, Context, Pair, Result, SingleService, ensure, eventually, seconds};

harness::on_both_pairs!(a_first_start_reports_no_error);

async fn a_first_start_reports_no_error(pair: Pair) -> Result<()> {
    pair.agents(0).add_agent().await?;
    let errors: Vec<_> = pair.lines().into_iter().filter(|line| line.contains("\"ERROR\"")).collect();
    ensure!(errors.is_empty(), "{errors:#?}");
    Ok(())
}

/// Blocks the start of every program: the table of the applied migrations.
const HOLD: &str = "LOCK TABLE _sqlx_migrations IN ACCESS EXCLUSIVE MODE";

#[tokio::test]
async fn probes_are_answered_while_the_database_is_migrated() -> Result<()> {
    if !servers_are_here()? {
        return Ok(());
    }
    let postgres = Postgres::shared()?;
    for program in [STANDALONE, AGENTS_SERVICE, SIGNUP_SERVICE] {
        let (one, other) = (postgres.fresh_database("one").await?, postgres.fresh_database("other").await?);
        let alone = alone(program, &one, &other)?;
        let (status, output) = alone.run(&["migrate"])?;
        ensure!(status == 0, "{program}: {output}");
        let held = Held::start(&one, HOLD).await?;
        let process = alone.start(&format!("readiness-start-{program}"), &["serve"])?;
        let admin = admin(&process).await?;
        eventually(seconds(10), async || {
            let started = admin.get("/startupz").send().await?.expect(503)?;
            ensure!(started.text() == "migrating\n", "{started}");
            Ok(())
        })
        .await?;
        admin.get("/livez").send().await?.expect(200)?;
        let body = admin.get("/readyz").send().await?.expect(503)?.json()?;
        ensure!(body["state"] == "migrating", "{body}");
        // A process that has not started yet has nothing to finish.
        let begun = std::time::Instant::now();
        ensure!(process.stop() && begun.elapsed() < seconds(3), "{program} does not end while it waits");
        process.start_again()?;
        let admin = self::admin(&process).await?;
        admin.get("/startupz").send().await?.expect(503)?;
        held.release().await?;
        process.ready().await?;
        eventually(seconds(10), async || admin.get("/startupz").send().await?.expect(200)).await?;
    }
    Ok(())
}

#[test]
fn an_address_that_is_taken_is_named() -> Result<()> {
    let taken = std::net::TcpListener::bind("127.0.0.1:0")?;
    let address = taken.local_addr()?.to_string();
    for program in [STANDALONE, AGENTS_SERVICE, SIGNUP_SERVICE] {
        let alone = SingleService::new(
            program,
            &[("SIGNPOST_ADMIN_LISTEN", &address), ("SIGNPOST_SERVICE_TOKEN", "0123456789abcdef")],
        )?;
        let (status, output) = alone.with("SIGNPOST_AGENTS_URL", "http://127.0.0.1:1").run(&["serve"])?;
        ensure!(
            status == 2 && output.contains(&format!("cannot listen on {address}")),
            "{program}: {status}: {output}"
        );
        ensure!(!output.contains("panicked"), "{program}: {output}");
    }
    Ok(())
}

fn alone(program: &'static str, one: &str, other: &str) -> Result<SingleService> {
    let names = if program == STANDALONE {
        ["SIGNPOST_AGENTS_DATABASE_URL", "SIGNPOST_SIGNUP_DATABASE_URL"]
    } else {
        ["SIGNPOST_DATABASE_URL", "SIGNPOST_DATABASE_URL"]
    };
    let mut alone = SingleService::new(program, &[(names[0], one)])?;
    if names[0] != names[1] {
        alone = alone.with(names[1], other);
    }
    for name in ["SIGNPOST_ADMIN_LISTEN", "SIGNPOST_AGENTS_LISTEN", "SIGNPOST_SIGNUP_LISTEN"] {
        alone = alone.with(name, "127.0.0.1:0");
    }
    Ok(alone.with("SIGNPOST_AGENTS_URL", "http://127.0.0.1:1").with("SIGNPOST_SERVICE_TOKEN", "0123456789abcdef"))
}

/// The admin port of a starting process.
async fn admin(process: &Process) -> Result<Api> {
    let line = process.wait_for_line(|line| line.contains(": starting ")).await?;
    let (_, address) = line.split_once("admin=").context("the line names no admin port")?;
    Ok(Api::new(client()?, address.trim(), None))
}
