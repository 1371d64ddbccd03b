//! PostgreSQL for the journeys: a new database on the shared test server, or a private server that may be killed. A
//! private server syncs its writes, since the fault runs check what survives.

mod standby;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context, Result, anyhow, ensure};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use crate::ports::free_port;
use crate::process::{CommandLine, Process, signal};
use crate::run_folder::{note_database, run_folder};
use crate::scratch::{Scratch, copy, log_file};
use crate::wait::{eventually, seconds};

/// A server to make databases on.
pub struct Postgres {
    url: String,
    own: Option<Own>,
}

/// The process is the first field, so that it ends before its folder is removed.
struct Own {
    process: Process,
    scratch: Scratch,
    journey: String,
    port: u16,
}

/// Immediately: on SIGTERM it would wait for clients, such as a pooler that ends later.
impl Drop for Own {
    fn drop(&mut self) {
        let _ = self.process.signal("QUIT");
    }
}

impl Postgres {
    /// The server of `tests/run`.
    pub fn shared() -> Result<Self> {
        let url = std::env::var("SIGNPOST_TEST_POSTGRES_URL").context("SIGNPOST_TEST_POSTGRES_URL is not set")?;
        Ok(Self { url, own: None })
    }

    /// A private server.
    pub async fn private(journey: &str) -> Result<Self> {
        Self::start(journey, "postgres", |scratch| copy(&template()?, &scratch.path().join("data"))).await
    }

    /// Starts a server on a data folder after it was filled.
    async fn start(journey: &str, name: &str, fill: impl FnOnce(&Scratch) -> Result<()>) -> Result<Self> {
        let scratch = Scratch::new("postgres")?;
        if is_root()? {
            finished(Command::new("chown").arg("postgres").arg(scratch.path()))?;
        }
        fill(&scratch)?;
        let (port, data) = (free_port()?, data_folder(&scratch)?);
        let port_text = port.to_string();
        // A standby that falls behind can still read what it missed.
        let settings = ["-c", "max_connections=200", "-c", "shared_buffers=1GB", "-c", "wal_keep_size=256MB"];
        let options = [&["-D", &data, "-p", &port_text, "-h", "127.0.0.1", "-k", ""][..], &settings].concat();
        let (program, arguments) = as_postgres(programs()?.join("postgres"), &options)?;
        let folder = scratch.path().to_path_buf();
        let log = log_file(journey, name)?;
        let process = Process::start(CommandLine { program, arguments, settings: Vec::new(), folder, log })?;
        let url = format!("postgres://postgres@127.0.0.1:{port}/postgres");
        let server = Self { url, own: Some(Own { process, scratch, journey: journey.to_owned(), port }) };
        server.answers().await?;
        Ok(server)
    }

    async fn answers(&self) -> Result<()> {
        eventually(seconds(60), async || {
            if let Some(own) = &self.own
                && !own.process.is_running()
            {
                // Dying children of a killed server may still hold its shared memory.
                own.process.kill_9()?;
                own.process.start_again()?;
            }
            PgConnection::connect(&self.url).await?.close().await?;
            Ok(())
        })
        .await
    }

    /// Creates an empty database and returns its URL.
    pub async fn fresh_database(&self, purpose: &str) -> Result<String> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("journey_{}_{number}_{purpose}", std::process::id());
        let (server, _) = self.url.rsplit_once('/').context("the URL names a database")?;
        let url = format!("{server}/{name}");
        if self.own.is_none() {
            note_database(&url)?;
        }
        let mut connection = PgConnection::connect(&self.url).await?;
        let statement = |text: String| sqlx::raw_sql(AssertSqlSafe(text));
        statement(format!("DROP DATABASE IF EXISTS {name}")).execute(&mut connection).await?;
        statement(format!("CREATE DATABASE {name}")).execute(&mut connection).await?;
        Ok(url)
    }

    /// SIGKILL for the server and all its children, as when the machine fails.
    pub fn kill_9(&self) -> Result<()> {
        let (process, children) = (self.own_process()?, self.children()?);
        process.kill_9()?;
        // Some of them may have ended already.
        let _ = signal("KILL", &children);
        Ok(())
    }

    /// SIGSTOP for the server and all its children: connections stay open without any response, as after a machine's
    /// sudden loss.
    pub fn fall_silent(&self) -> Result<()> {
        let process = self.own_process()?;
        process.sigstop()?;
        // Some of them may have just ended.
        let _ = signal("STOP", &self.children()?);
        Ok(())
    }

    fn children(&self) -> Result<Vec<u32>> {
        let id = self.process_id().context("the server does not run")?;
        let children = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap_or_default();
        Ok(children.split_whitespace().filter_map(|id| id.parse().ok()).collect())
    }

    /// Starts the server again on the same files and waits for its recovery.
    pub async fn start_again(&self) -> Result<()> {
        self.own_process()?.start_again()?;
        self.answers().await
    }

    /// The process id of a private server's postmaster.
    pub fn process_id(&self) -> Option<u32> {
        self.own.as_ref()?.process.id()
    }

    /// The port of a private server.
    pub fn port(&self) -> Result<u16> {
        Ok(self.own()?.port)
    }

    /// All output of a private server.
    pub fn lines(&self) -> Result<Vec<String>> {
        Ok(self.own_process()?.lines())
    }

    fn own(&self) -> Result<&Own> {
        self.own.as_ref().context("only an own server can be changed")
    }

    fn own_process(&self) -> Result<&Process> {
        Ok(&self.own()?.process)
    }
}

/// The data folder of a new server. `initdb` takes seconds, so each process runs it once, and servers start on
/// copies.
fn template() -> Result<PathBuf> {
    static MADE: OnceLock<std::result::Result<PathBuf, String>> = OnceLock::new();
    let made = MADE.get_or_init(|| make_template().map_err(|error| format!("{error:#}")));
    made.clone().map_err(|error| anyhow!("{error}"))
}

fn make_template() -> Result<PathBuf> {
    let folder = run_folder()?.join("postgres");
    std::fs::create_dir_all(&folder)?;
    if is_root()? {
        finished(Command::new("chown").arg("postgres").arg(&folder))?;
    }
    let data = folder.join("data");
    let path = data.to_str().context("the temporary folder has a plain name")?;
    let initdb = ["-N", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "-D", path];
    run_program("initdb", &initdb, &folder)?;
    Ok(data)
}

/// Runs statements on a database, like psql.
pub async fn execute(url: &str, statements: String) -> Result<()> {
    let mut connection = PgConnection::connect(url).await?;
    sqlx::raw_sql(AssertSqlSafe(statements)).execute(&mut connection).await?;
    Ok(connection.close().await?)
}

/// An open transaction of another session.
pub struct Held {
    connection: PgConnection,
}

impl Held {
    /// Begins it with this statement, such as one that takes a lock.
    pub async fn start(url: &str, statement: &str) -> Result<Self> {
        let mut connection = PgConnection::connect(url).await?;
        sqlx::raw_sql(AssertSqlSafe(format!("BEGIN; {statement}"))).execute(&mut connection).await?;
        Ok(Self { connection })
    }

    /// Ends it and releases its locks.
    pub async fn release(self) -> Result<()> {
        Ok(self.connection.close().await?)
    }
}

/// The single value of a query.
pub async fn query_value(url: &str, query: &str) -> Result<String> {
    let mut connection = PgConnection::connect(url).await?;
    let text = format!("SELECT COALESCE(({query})::TEXT, '')");
    let answer = sqlx::query_scalar(AssertSqlSafe(text)).fetch_one(&mut connection).await?;
    connection.close().await?;
    Ok(answer)
}

fn programs() -> Result<PathBuf> {
    std::env::var_os("SIGNPOST_TEST_PG_BIN").map(PathBuf::from).context("SIGNPOST_TEST_PG_BIN is not set")
}

fn data_folder(scratch: &Scratch) -> Result<String> {
    let data = scratch.path().join("data");
    Ok(data.to_str().context("the temporary folder has a plain name")?.to_owned())
}

/// Runs one of PostgreSQL's programs to its end, as the server's user.
fn run_program(name: &str, arguments: &[&str], folder: &Path) -> Result<()> {
    let (program, arguments) = as_postgres(programs()?.join(name), arguments)?;
    finished(Command::new(program).args(arguments).current_dir(folder))
}

pub(crate) fn is_root() -> Result<bool> {
    let output = Command::new("id").arg("-u").output()?;
    Ok(output.stdout.trim_ascii() == b"0")
}

/// The server refuses to run as root; `setpriv` becomes the server without a process in between.
pub(crate) fn as_postgres(program: PathBuf, arguments: &[&str]) -> Result<(PathBuf, Vec<String>)> {
    let mut line: Vec<String> = Vec::new();
    let mut first = program;
    if is_root()? {
        let user = ["--reuid", "postgres", "--regid", "postgres", "--init-groups"];
        line.extend(user.map(str::to_owned));
        line.push(first.to_str().context("the program has a plain name")?.to_owned());
        first = "setpriv".into();
    }
    line.extend(arguments.iter().map(|&argument| argument.to_owned()));
    Ok((first, line))
}

pub(crate) fn finished(command: &mut Command) -> Result<()> {
    let output = command.output()?;
    ensure!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}
