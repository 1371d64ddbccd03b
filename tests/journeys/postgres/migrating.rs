//! Migrating: one process at a time, all or nothing.

use harness::binaries::{AGENTS_SERVICE, STANDALONE};
use harness::pair::servers_are_here;
use harness::postgres::{Held, Postgres, execute, query_value};
use harness::process::Process;
use harness::{Result, SingleService, ensure, eventually, seconds};

const ROUNDS: usize = 8;
const PROCESSES: usize = 4;
const TABLES: &str = "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace";
const LOCKS: &str = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
/// Blocks the creation of an index until the lock is free.
const STOP_AT_AN_INDEX: &str = "CREATE SCHEMA stop;
    CREATE FUNCTION stop.wait() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
        SET LOCAL lock_timeout = 0;
        PERFORM pg_advisory_xact_lock_shared(1);
    END $$;
    CREATE EVENT TRIGGER stop_at_an_index ON ddl_command_start WHEN TAG IN ('CREATE INDEX')
        EXECUTE FUNCTION stop.wait()";

async fn stop_at_an_index(database: &str) -> Result<Held> {
    execute(database, STOP_AT_AN_INDEX.to_owned()).await?;
    Held::start(database, "SELECT pg_advisory_xact_lock(1)").await
}

/// Waits until so many processes wait: the one that migrates at the index, the others for the migration lock.
async fn waits(database: &str, processes: usize) -> Result<()> {
    eventually(seconds(20), async || {
        let waiting = query_value(database, &format!("{LOCKS} AND NOT granted")).await?;
        ensure!(waiting == processes.to_string(), "{waiting} wait, not {processes}");
        Ok(())
    })
    .await
}

/// A process that migrates a new database, stopped in the middle.
struct Stopped {
    database: String,
    alone: SingleService,
    held: Held,
    process: Process,
}

impl Stopped {
    async fn start(name: &str) -> Result<Self> {
        let database = Postgres::shared()?.fresh_database("migrating").await?;
        let alone = SingleService::new(AGENTS_SERVICE, &[("SIGNPOST_DATABASE_URL", &database)])?;
        let held = stop_at_an_index(&database).await?;
        let process = alone.start(&format!("postgres-migrating-{name}"), &["migrate"])?;
        waits(&database, 1).await?;
        Ok(Self { database, alone, held, process })
    }
}

/// Whether a `migrate` command has reported the program's own schema.
fn has_migrated(process: &Process) -> Result<()> {
    harness::wait::held_within(seconds(60), || !process.is_running() && !process.lines().is_empty());
    let output = process.lines();
    let is_done = !output.is_empty() && output.iter().all(|line| line.contains("that of this program"));
    ensure!(is_done, "a process met another one, or has not ended: {output:#?}");
    Ok(())
}

/// Starts so many commands at once and waits until each has succeeded.
fn migrate_at_once(alone: &SingleService, name: &str) -> Result<()> {
    let processes = (0..PROCESSES).map(|number| alone.start(&format!("{name}-{number}"), &["migrate"]));
    let processes = processes.collect::<Result<Vec<Process>>>()?;
    processes.iter().try_for_each(has_migrated)
}

#[tokio::test]
async fn processes_that_migrate_one_file_at_once_do_not_collide() -> Result<()> {
    for round in 0..ROUNDS {
        let alone = SingleService::new(STANDALONE, &[])?;
        migrate_at_once(&alone, &format!("postgres-migrating-file-{round}"))?;
        let (status, output) = alone.run(&["verify"])?;
        ensure!(status == 0, "{status}: {output}");
    }
    Ok(())
}

#[tokio::test]
async fn a_process_that_waited_sees_what_the_other_one_migrated() -> Result<()> {
    if !servers_are_here()? {
        return Ok(());
    }
    let Stopped { database, alone, held, process: first } = Stopped::start("first").await?;
    let second = alone.start("postgres-migrating-second", &["migrate"])?;
    waits(&database, 2).await?;
    held.release().await?;
    has_migrated(&first)?;
    has_migrated(&second)
}

#[tokio::test]
async fn a_process_killed_while_it_migrates_leaves_nothing_behind() -> Result<()> {
    if !servers_are_here()? {
        return Ok(());
    }
    let Stopped { database, alone, held, process } = Stopped::start("killed").await?;
    process.kill_9()?;
    held.release().await?;
    execute(&database, "DROP EVENT TRIGGER stop_at_an_index".to_owned()).await?;
    eventually(seconds(20), async || {
        let (tables, locks) = (query_value(&database, TABLES).await?, query_value(&database, LOCKS).await?);
        ensure!(tables == "0" && locks == "0", "{tables} tables and {locks} locks are left");
        Ok(())
    })
    .await?;
    migrate_at_once(&alone, "postgres-migrating")?;
    ensure!(query_value(&database, TABLES).await? != "0", "nothing was migrated");
    Ok(())
}
