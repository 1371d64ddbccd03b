//! The pair under test: either one embedded process or several processes of each service on PostgreSQL and NATS.
//! Journeys use it through `agents(i)` and `signup(i)` and do not depend on the kind.

use std::io::Write as _;
use std::path::Path;
use std::sync::{Arc, Once};

use anyhow::{Context, Result, ensure};
use reqwest::Client;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::api::{Api, client};
use crate::binaries::{AGENTS_SERVICE, SIGNUP_SERVICE, STANDALONE, binary};
use crate::cutter::Cutter;
use crate::nats::Nats;
use crate::operator::Operator;
use crate::pgbouncer::PgBouncer;
use crate::ports::free_port;
use crate::postgres::Postgres;
use crate::process::{CommandLine, Process};
use crate::scratch::{Scratch, log_file};
use crate::setup::{Setup, Way};
use crate::visitor::Visitor;
use crate::wait::{eventually, seconds};

/// The first API token, with every scope.
pub const TOKEN: &str = "journey-bootstrap-token-0123456789abcdef";
const SERVICE_TOKEN: &str = "journey-service-token-0123456789abcdef";

/// With few cores, many pairs at once are no faster.
static PAIRS_AT_ONCE: Semaphore = Semaphore::const_new(2);

/// The order of the fields is the order of their end.
pub struct Pair {
    journey: &'static str,
    agents: Vec<Arc<Process>>,
    signup: Vec<Arc<Process>>,
    pub nats: Option<Nats>,
    pub postgres: Option<Postgres>,
    pub standby: Option<Postgres>,
    pub pgbouncer: Option<PgBouncer>,
    cutter: Option<Cutter>,
    /// The agents' and the signup database, without a proxy or pooler.
    databases: Option<[String; 2]>,
    /// The standalone binary's settings for the databases and the bus of this pair.
    settings: Vec<(String, String)>,
    agents_urls: Vec<String>,
    signup_urls: Vec<String>,
    terms_version: String,
    client: Client,
    scratch: Scratch,
    _place: SemaphorePermit<'static>,
}

/// Starts the pair and runs the journey; without servers it prints that and succeeds.
pub async fn run<F: Future<Output = Result<()>>>(setup: Setup, journey: impl FnOnce(Pair) -> F) -> Result<()> {
    if setup.replicas.is_some() && !servers_are_here()? {
        return Ok(());
    }
    journey(Pair::start(setup).await?).await
}

/// Whether there are servers; prints a message if not.
pub fn servers_are_here() -> Result<bool> {
    static ONCE: Once = Once::new();
    if std::env::var_os("SIGNPOST_TEST_SERVERS").is_some() {
        return Ok(true);
    }
    let in_ci = std::env::var("CI").is_ok_and(|value| value == "true");
    ensure!(!in_ci, "the servers are missing, and in CI that is a failure");
    // Straight to the terminal, since the output of a passing test is hidden.
    ONCE.call_once(|| drop(writeln!(std::io::stderr(), "server half not run: run tests/run")));
    Ok(false)
}

impl Pair {
    pub async fn start(setup: Setup) -> Result<Self> {
        let place = PAIRS_AT_ONCE.acquire().await?;
        let mut pair = Self {
            journey: setup.journey,
            agents: Vec::new(),
            signup: Vec::new(),
            nats: None,
            postgres: None,
            standby: None,
            pgbouncer: None,
            cutter: None,
            databases: None,
            settings: Vec::new(),
            agents_urls: Vec::new(),
            signup_urls: Vec::new(),
            terms_version: String::new(),
            client: client()?,
            scratch: Scratch::new("pair")?,
            _place: place,
        };
        match setup.replicas {
            None => pair.start_embedded(&setup)?,
            Some(replicas) => pair.start_servers(&setup, replicas).await?,
        }
        pair.is_ready().await?;
        pair.token_is_known().await?;
        let settings = pair.agents(0).settings().await?;
        settings["terms"]["version"].as_str().unwrap_or_default().clone_into(&mut pair.terms_version);
        Ok(pair)
    }

    fn start_embedded(&mut self, setup: &Setup) -> Result<()> {
        let (agents, signup) = (free_port()?, free_port()?);
        self.agents_urls = vec![format!("http://127.0.0.1:{agents}")];
        self.signup_urls = vec![format!("http://127.0.0.1:{signup}")];
        let data = self.scratch.path().join("data");
        let data = data.to_str().context("the temporary folder has a plain name")?;
        self.settings = pairs(&[("SIGNPOST_DATA_DIR", data)]);
        let listen = [
            ("SIGNPOST_AGENTS_LISTEN", format!("127.0.0.1:{agents}")),
            ("SIGNPOST_SIGNUP_LISTEN", format!("127.0.0.1:{signup}")),
        ];
        let own = [self.settings.clone(), pairs(&listen), setup.settings.clone()].concat();
        let process = Arc::new(self.process(STANDALONE, STANDALONE, own)?);
        self.agents = vec![Arc::clone(&process)];
        self.signup = vec![process];
        Ok(())
    }

    async fn start_servers(&mut self, setup: &Setup, replicas: usize) -> Result<()> {
        let postgres = if setup.own_postgres { Postgres::private(self.journey).await? } else { Postgres::shared()? };
        let nats = Nats::start(self.journey, setup.nats.clone()).await?;
        let databases = [postgres.fresh_database("agents").await?, postgres.fresh_database("signup").await?];
        let way = self.way(setup, &postgres).await?;
        let [agents_database, signup_database] = databases.each_ref().map(|url| match &way {
            Some((server, hosts)) => url.replacen(server, hosts, 1),
            None => url.clone(),
        });
        self.databases = Some(databases);
        self.settings = pairs(&[
            ("SIGNPOST_AGENTS_DATABASE_URL", agents_database.as_str()),
            ("SIGNPOST_SIGNUP_DATABASE_URL", &signup_database),
            ("SIGNPOST_NATS_URL", nats.url()),
        ]);
        self.settings.extend(setup.own_settings(STANDALONE));
        (self.postgres, self.nats) = (Some(postgres), Some(nats));
        let ports: Vec<(u16, u16)> = (0..replicas).map(|_| Ok((free_port()?, free_port()?))).collect::<Result<_>>()?;
        self.agents_urls = ports.iter().map(|(port, _)| format!("http://127.0.0.1:{port}")).collect();
        self.signup_urls = ports.iter().map(|(_, port)| format!("http://127.0.0.1:{port}")).collect();
        for (replica, (agents, signup)) in ports.iter().enumerate() {
            let own = self.service_settings(setup, replica, &agents_database, ("SIGNPOST_AGENTS_LISTEN", *agents));
            let own = [own, setup.own_settings(AGENTS_SERVICE)].concat();
            let process = self.process(AGENTS_SERVICE, &format!("{AGENTS_SERVICE}-{replica}"), own)?;
            self.agents.push(Arc::new(process));
            let own = self.service_settings(setup, replica, &signup_database, ("SIGNPOST_SIGNUP_LISTEN", *signup));
            let own = [own, setup.own_settings(SIGNUP_SERVICE)].concat();
            let process = self.process(SIGNUP_SERVICE, &format!("{SIGNUP_SERVICE}-{replica}"), own)?;
            self.signup.push(Arc::new(process));
        }
        Ok(())
    }

    /// Starts the proxy or pooler before a private server; returns the text to replace in its URLs, and the
    /// replacement.
    async fn way(&mut self, setup: &Setup, postgres: &Postgres) -> Result<Option<(String, String)>> {
        let host = |port: u16| format!("127.0.0.1:{port}");
        let hosts = match setup.way {
            Way::Direct => return Ok(None),
            Way::Pooled(refuses) => {
                let pgbouncer = PgBouncer::start(self.journey, postgres.port()?, refuses).await?;
                host(self.pgbouncer.insert(pgbouncer).port())
            }
            Way::Cut => host(self.cutter.insert(Cutter::start(postgres.port()?).await?).port()),
            Way::WithStandby { synchronous } => {
                let standby = self.standby.insert(postgres.standby(synchronous).await?);
                format!("{},{}", host(postgres.port()?), host(standby.port()?))
            }
        };
        Ok(Some((host(postgres.port()?), hosts)))
    }

    fn service_settings(
        &self,
        setup: &Setup,
        replica: usize,
        database: &str,
        listen: (&str, u16),
    ) -> Vec<(String, String)> {
        let mut own = pairs(&[
            ("SIGNPOST_DATABASE_URL", database),
            ("SIGNPOST_NATS_URL", self.nats.as_ref().map(Nats::url).unwrap_or_default()),
            ("SIGNPOST_AGENTS_URL", &self.agents_urls[replica]),
            ("SIGNPOST_SIGNUP_URL", &self.signup_urls[replica]),
            ("SIGNPOST_SERVICE_TOKEN", SERVICE_TOKEN),
            (listen.0, &format!("127.0.0.1:{}", listen.1)),
        ]);
        own.extend(setup.settings.clone());
        own
    }

    fn process(&self, program: &str, name: &str, own: Vec<(String, String)>) -> Result<Process> {
        let mut settings = pairs(&[
            ("SIGNPOST_ADMIN_LISTEN", "127.0.0.1:0"),
            ("SIGNPOST_BOOTSTRAP_TOKEN", TOKEN),
            ("SIGNPOST_RATE_LIMITS", "off"),
        ]);
        settings.extend(own);
        Process::start(CommandLine {
            program: binary(program)?,
            arguments: vec!["serve".to_owned()],
            settings,
            folder: self.scratch.path().to_path_buf(),
            log: log_file(self.journey, name)?,
        })
    }

    /// Waits until every process is ready.
    pub async fn is_ready(&self) -> Result<()> {
        for process in self.processes() {
            process.ready().await?;
        }
        Ok(())
    }

    /// Waits until each signup-service knows the first token: a ready one may not have caught up.
    async fn token_is_known(&self) -> Result<()> {
        for replica in 0..self.replicas() {
            let api = self.signup_api(replica);
            eventually(seconds(30), async || api.get("/api/v1/events?limit=1").send().await?.expect(200)).await?;
        }
        Ok(())
    }

    pub fn is_embedded(&self) -> bool {
        self.nats.is_none()
    }

    pub fn replicas(&self) -> usize {
        self.agents.len()
    }

    /// An operator at one replica of the agents-service; numbers wrap around.
    pub fn agents(&self, replica: usize) -> Operator {
        let base = format!("{}/api/v1", self.agents_urls[replica % self.replicas()]);
        Operator::new(Api::new(self.client.clone(), &base, Some(TOKEN)))
    }

    /// A visitor at one replica of the signup-service; numbers wrap around.
    pub fn signup(&self, replica: usize) -> Visitor {
        Visitor::new(self.signup_api(replica).with_token(None), &self.terms_version)
    }

    /// The agents-service's root, with the token.
    pub fn agents_api(&self, replica: usize) -> Api {
        Api::new(self.client.clone(), &self.agents_urls[replica % self.replicas()], Some(TOKEN))
    }

    /// The signup-service's root, with the token.
    pub fn signup_api(&self, replica: usize) -> Api {
        Api::new(self.client.clone(), &self.signup_urls[replica % self.replicas()], Some(TOKEN))
    }

    /// The process of `agents(i)`; on the embedded pair also that of `signup(i)`.
    pub fn agents_process(&self, replica: usize) -> &Process {
        &self.agents[replica % self.agents.len()]
    }

    pub fn signup_process(&self, replica: usize) -> &Process {
        &self.signup[replica % self.signup.len()]
    }

    /// Every process of the product, once.
    pub fn processes(&self) -> impl Iterator<Item = &Process> {
        let signup = if self.is_embedded() { &[] } else { self.signup.as_slice() };
        self.agents.iter().chain(signup).map(AsRef::as_ref)
    }

    /// Restarts every process by SIGTERM.
    pub async fn restart(&self) -> Result<()> {
        for process in self.processes() {
            process.restart().await?;
        }
        Ok(())
    }

    /// All output of the product's processes.
    pub fn lines(&self) -> Vec<String> {
        self.processes().flat_map(Process::lines).collect()
    }

    /// The signup database, for faults that are injected by SQL.
    pub fn signup_database(&self) -> Result<&str> {
        self.databases().map(|[_, signup]| signup.as_str())
    }

    /// The agents' database, for logs that are filled without the API.
    pub fn agents_database(&self) -> Result<&str> {
        self.databases().map(|[agents, _]| agents.as_str())
    }

    fn databases(&self) -> Result<&[String; 2]> {
        self.databases.as_ref().context("only the servers have a database URL")
    }

    /// Runs a command of the standalone binary on this pair's databases; returns status and output.
    pub fn command(&self, arguments: &[&str]) -> Result<(i32, String)> {
        self.command_line()?.run(arguments)
    }

    /// The standalone binary on this pair's databases, without arguments.
    pub fn command_line(&self) -> Result<CommandLine> {
        Ok(CommandLine {
            program: binary(STANDALONE)?,
            arguments: Vec::new(),
            settings: self.settings.clone(),
            folder: self.scratch.path().to_path_buf(),
            log: self.scratch.path().join("command.log"),
        })
    }

    /// The working folder of commands.
    pub fn folder(&self) -> &Path {
        self.scratch.path()
    }

    pub fn nats(&self) -> Result<&Nats> {
        self.nats.as_ref().context("the embedded pair has no NATS")
    }

    pub fn standby(&self) -> Result<&Postgres> {
        self.standby.as_ref().context("the pair has no standby")
    }

    pub fn pgbouncer(&self) -> Result<&PgBouncer> {
        self.pgbouncer.as_ref().context("the pair has no PgBouncer")
    }

    pub fn cutter(&self) -> Result<&Cutter> {
        self.cutter.as_ref().context("there is no proxy before the database")
    }

    pub fn postgres(&self) -> Result<&Postgres> {
        self.postgres.as_ref().context("the embedded pair has no PostgreSQL")
    }
}

impl Drop for Pair {
    fn drop(&mut self) {
        // All get the signal first, so that they end in parallel.
        for process in self.processes() {
            let _ = process.signal("CONT");
            let _ = process.signal("TERM");
        }
    }
}

fn pairs<V: AsRef<str>>(settings: &[(&str, V)]) -> Vec<(String, String)> {
    settings.iter().map(|(name, value)| ((*name).to_owned(), value.as_ref().to_owned())).collect()
}
