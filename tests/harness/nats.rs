//! A NATS server of a journey's own, with JetStream on a folder that can be copied, put back and wiped.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use async_nats::jetstream;

use crate::ports::free_port;
use crate::process::{CommandLine, Process};
use crate::scratch::{Scratch, log_file};
use crate::wait::{eventually, seconds};

/// The process comes first, so that it ends before its folder goes.
pub struct Nats {
    process: Process,
    scratch: Scratch,
    url: String,
}

impl Nats {
    pub async fn private(journey: &str) -> Result<Self> {
        let program = std::env::var_os("SIGNPOST_TEST_NATS_SERVER").context("SIGNPOST_TEST_NATS_SERVER is not set")?;
        let scratch = Scratch::new("nats")?;
        let port = free_port()?;
        let store = scratch.path().join("store");
        let store = store.to_str().context("the temporary folder has a plain name")?;
        let arguments = ["-a", "127.0.0.1", "-p", &port.to_string(), "-js", "-sd", store].map(str::to_owned);
        let process = Process::start(CommandLine {
            program: program.into(),
            arguments: arguments.into(),
            settings: Vec::new(),
            folder: scratch.path().to_path_buf(),
            log: log_file(journey, "nats")?,
        })?;
        let nats = Self { process, scratch, url: format!("nats://127.0.0.1:{port}") };
        nats.answers().await?;
        Ok(nats)
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// A client's view of JetStream.
    pub async fn jetstream(&self) -> Result<jetstream::Context> {
        Ok(jetstream::new(async_nats::connect(&self.url).await?))
    }

    async fn answers(&self) -> Result<()> {
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

    /// Starts it on the same port and whatever the store holds now.
    pub async fn start_again(&self) -> Result<()> {
        self.process.start_again()?;
        self.answers().await
    }

    /// Forgets everything that was stored; the server must be stopped.
    pub fn wipe_store(&self) -> Result<()> {
        let store = self.store();
        if store.exists() {
            std::fs::remove_dir_all(store)?;
        }
        Ok(())
    }

    /// Keeps a copy of the store; the server must be stopped.
    pub fn snapshot(&self) -> Result<()> {
        copy(&self.store(), &self.kept())
    }

    /// Puts the kept copy back; the server must be stopped.
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

fn copy(from: &Path, to: &Path) -> Result<()> {
    let status = Command::new("cp").arg("-a").arg(from).arg(to).status()?;
    ensure!(status.success(), "{} could not be copied", from.display());
    Ok(())
}
