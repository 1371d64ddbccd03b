//! The fixture of the rows about logs and streams: a private PostgreSQL, a private NATS, and the product's processes
//! on prepared databases.

use anyhow::{Context, Result, ensure};
use harness::binaries::{AGENTS_SERVICE, SIGNUP_SERVICE, binary};
use harness::nats::Nats;
use harness::postgres::{self, Postgres};
use harness::process::{CommandLine, Process};
use harness::scratch::{Scratch, log_file, profile_folder};

use crate::order::Order;
use crate::passage::{Checkpoint, last_sequence};
use crate::seed;
use crate::serving::seasoned;

/// The stream of the agents' log.
pub const STREAM: &str = "AGENTS";

/// The servers. Processes that use them must end first.
pub struct Fixture {
    row: &'static str,
    postgres: Postgres,
    pub nats: Nats,
    scratch: Scratch,
}

impl Fixture {
    pub async fn start(row: &'static str, order: &Order) -> Result<Self> {
        let postgres = private_postgres(row, order).await?;
        Ok(Self { row, postgres, nats: Nats::private(row).await?, scratch: Scratch::new("bench")? })
    }

    /// Creates an empty database; returns its URL.
    pub async fn database(&self, purpose: &str) -> Result<String> {
        self.postgres.fresh_database(purpose).await
    }

    /// Starts the agents-service on a database, with NATS or without.
    pub fn agents_service(&self, database: &str, with_nats: bool) -> Result<Process> {
        let mut own = vec![("SIGNPOST_AGENTS_LISTEN", "127.0.0.1:0"), ("SIGNPOST_DATABASE_URL", database)];
        own.extend(with_nats.then(|| ("SIGNPOST_NATS_URL", self.nats.url())));
        self.service(AGENTS_SERVICE, &own)
    }

    /// Starts the signup-service on a database; it follows the stream.
    pub fn signup_service(&self, database: &str) -> Result<Process> {
        let own = [
            ("SIGNPOST_SIGNUP_LISTEN", "127.0.0.1:0"),
            ("SIGNPOST_DATABASE_URL", database),
            ("SIGNPOST_NATS_URL", self.nats.url()),
        ];
        self.service(SIGNUP_SERVICE, &own)
    }

    fn service(&self, program: &str, own: &[(&str, &str)]) -> Result<Process> {
        let settings = [("SIGNPOST_ADMIN_LISTEN", "127.0.0.1:0"), ("SIGNPOST_RATE_LIMITS", "off")];
        let settings = settings.iter().chain(own).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Process::start(CommandLine {
            program: binary(program)?,
            arguments: vec!["serve".to_owned()],
            settings: settings.collect(),
            folder: self.scratch.path().to_path_buf(),
            log: log_file(self.row, program)?,
        })
    }

    /// Starts one of the benchmark's own programs, from the same folder.
    pub fn peer(&self, program: &str, arguments: &[&str]) -> Result<Process> {
        Process::start(CommandLine {
            program: profile_folder()?.join(program),
            arguments: arguments.iter().map(|argument| (*argument).to_owned()).collect(),
            settings: Vec::new(),
            folder: self.scratch.path().to_path_buf(),
            log: log_file(self.row, program)?,
        })
    }

    /// Creates an agents' log with so many keys and an up-to-date projection; returns its URL and the last position.
    pub async fn seeded(&self, keys: u64) -> Result<(String, u64)> {
        let database = self.database("agents").await?;
        seed::fill(&database, keys).await?;
        // The first start adds the first operator and the settings.
        let service = self.agents_service(&database, false)?;
        service.ready().await?;
        let (opened, log) = seed::open(&database).await?;
        let head = log.head().await?.position;
        opened.close().await;
        Checkpoint::open(&database, "directory").await?.reaches("the agents' directory, events", head).await?;
        end(&service)?;
        vacuum(&database).await?;
        Ok((database, head))
    }

    /// Publishes the seeded log to its stream by the product's relay.
    pub async fn published(&self, database: &str, head: u64) -> Result<()> {
        let jetstream = self.nats.jetstream().await?;
        if last_sequence(&jetstream, STREAM).await == head {
            return Ok(());
        }
        let service = self.agents_service(database, true)?;
        crate::passage::watch("publishing, events", &service, head, async || {
            Ok(last_sequence(&jetstream, STREAM).await)
        })
        .await?;
        end(&service)
    }
}

/// A private PostgreSQL in a warmed-up state.
pub async fn private_postgres(row: &'static str, order: &Order) -> Result<Postgres> {
    let server = Postgres::private(row).await?;
    seasoned(&server, order).await?;
    Ok(server)
}

/// Vacuums now, so that the server does not during a measurement.
pub async fn vacuum(database: &str) -> Result<()> {
    postgres::execute(database, "VACUUM (ANALYZE)".to_owned()).await?;
    postgres::execute(database, "CHECKPOINT".to_owned()).await
}

/// Drops an unused database.
pub async fn drop_database(url: &str) -> Result<()> {
    let (server, name) = url.rsplit_once('/').context("the URL names a database")?;
    let name = name.split('?').next().unwrap_or(name);
    postgres::execute(&format!("{server}/postgres"), format!("DROP DATABASE {name} WITH (FORCE)")).await
}

/// Ends a process by SIGTERM.
pub fn end(process: &Process) -> Result<()> {
    ensure!(process.stop(), "a process did not end by itself");
    Ok(())
}
