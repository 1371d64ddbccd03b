//! A private NATS server, with JetStream on a folder that can be copied, restored and wiped.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use async_nats::{ConnectOptions, jetstream};

use crate::ports::free_port;
use crate::process::{CommandLine, Process};
use crate::scratch::{Scratch, copy, log_file};
use crate::wait::{eventually, seconds};

/// The name of the file with the authority of its certificate.
pub const CA_FILE: &str = "ca.pem";

/// The configuration of a NATS server, and the journey's own login.
#[derive(Clone, Debug, Default)]
pub struct NatsSetup {
    /// Configuration in the server's own format; placeholders: `{folder}` and `{port}`.
    pub config: String,
    /// Files in the server's folder: names and contents.
    pub files: Vec<(String, String)>,
    /// The journey's own user and password.
    pub login: Option<(String, String)>,
    /// The port, where it must be known before the start.
    pub port: Option<u16>,
}

/// The process is the first field, so that it ends before its folder is removed.
pub struct Nats {
    process: Process,
    scratch: Scratch,
    url: String,
    login: Option<(String, String)>,
}

impl Nats {
    pub async fn private(journey: &str) -> Result<Self> {
        Self::start(journey, NatsSetup::default()).await
    }

    /// Starts the server and waits until it accepts the journey's own user.
    pub async fn start(journey: &str, setup: NatsSetup) -> Result<Self> {
        let nats = Self::begin(journey, setup)?;
        nats.answers().await?;
        Ok(nats)
    }

    /// Starts the server without waiting.
    pub fn begin(journey: &str, setup: NatsSetup) -> Result<Self> {
        let program = std::env::var_os("SIGNPOST_TEST_NATS_SERVER").context("SIGNPOST_TEST_NATS_SERVER is not set")?;
        let scratch = Scratch::new("nats")?;
        let port = setup.port.map_or_else(free_port, Ok)?;
        let folder = scratch.path().to_str().context("the temporary folder has a plain name")?;
        let filled = |text: &str| text.replace("{folder}", folder).replace("{port}", &port.to_string());
        for (name, contents) in &setup.files {
            std::fs::write(scratch.path().join(name), filled(contents))?;
        }
        std::fs::write(scratch.path().join("nats.conf"), filled(&setup.config))?;
        let config = scratch.path().join("nats.conf");
        let config = config.to_str().context("the temporary folder has a plain name")?;
        let store = scratch.path().join("store");
        let store = store.to_str().context("the temporary folder has a plain name")?;
        let arguments =
            ["-c", config, "-a", "127.0.0.1", "-p", &port.to_string(), "-js", "-sd", store].map(str::to_owned);
        let process = Process::start(CommandLine {
            program: program.into(),
            arguments: arguments.into(),
            settings: Vec::new(),
            folder: scratch.path().to_path_buf(),
            log: log_file(journey, &format!("nats-{port}"))?,
        })?;
        Ok(Self { process, scratch, url: format!("nats://127.0.0.1:{port}"), login: setup.login })
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// A JetStream client.
    pub async fn jetstream(&self) -> Result<jetstream::Context> {
        self.jetstream_as(self.login.as_ref()).await
    }

    /// A JetStream client with another login.
    pub async fn jetstream_as(&self, login: Option<&(String, String)>) -> Result<jetstream::Context> {
        let mut options = ConnectOptions::new();
        let ca = self.folder().join(CA_FILE);
        if ca.is_file() {
            options = options.add_root_certificates(ca).require_tls(true);
        }
        if let Some((user, password)) = login {
            options = options.user_and_password(user.clone(), password.clone());
        }
        Ok(jetstream::new(options.connect(&self.url).await?))
    }

    pub fn folder(&self) -> &Path {
        self.scratch.path()
    }

    /// Lame-duck mode: lets its clients go one by one, then ends, as operators do before a restart.
    pub async fn lame_duck(&self) -> Result<()> {
        self.process.signal("USR2")?;
        eventually(seconds(60), async || {
            ensure!(!self.process.is_running(), "the server still runs");
            Ok(())
        })
        .await?;
        self.process.kill_9()
    }

    pub async fn answers(&self) -> Result<()> {
        eventually(seconds(30), async || {
            self.jetstream().await?.query_account().await?;
            Ok(())
        })
        .await
    }

    pub fn kill_9(&self) -> Result<()> {
        self.process.kill_9()
    }

    pub fn stop(&self) -> Result<()> {
        ensure!(self.process.stop(), "the NATS server did not end by itself");
        Ok(())
    }

    /// Starts it again on the same port and store.
    pub async fn start_again(&self) -> Result<()> {
        self.process.start_again()?;
        self.answers().await
    }

    /// Deletes the store; the server must be stopped.
    pub fn wipe_store(&self) -> Result<()> {
        let store = self.store();
        if store.exists() {
            std::fs::remove_dir_all(store)?;
        }
        Ok(())
    }

    /// Copies the store; the server must be stopped.
    pub fn snapshot(&self) -> Result<()> {
        copy(&self.store(), &self.kept())
    }

    /// Restores the copy; the server must be stopped.
    pub fn restore(&self) -> Result<()> {
        self.wipe_store()?;
        copy(&self.kept(), &self.store())
    }

    pub fn store(&self) -> PathBuf {
        self.scratch.path().join("store")
    }

    fn kept(&self) -> PathBuf {
        self.scratch.path().join("kept")
    }
}
