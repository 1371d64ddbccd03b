//! Both services in one process on SQLite, with the journey's own settings, such as a NATS server.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::api::{Api, client};
use crate::binaries::{STANDALONE, binary};
use crate::operator::Operator;
use crate::pair::TOKEN;
use crate::process::{CommandLine, Process};
use crate::scratch::{Scratch, copy, log_file};
use crate::visitor::Visitor;

/// The process is the first field, so that it ends before its folder is removed.
pub struct Standalone {
    process: Process,
    /// The same binary, without arguments.
    commands: CommandLine,
    scratch: Scratch,
}

impl Standalone {
    pub fn start(journey: &str, settings: &[(&str, &str)]) -> Result<Self> {
        Self::start_after(":", journey, settings)
    }

    /// Starts it by a shell after other commands.
    pub fn start_after(shell: &str, journey: &str, settings: &[(&str, &str)]) -> Result<Self> {
        let scratch = Scratch::new("standalone")?;
        let data = scratch.path().join("data");
        let mut all = vec![("SIGNPOST_DATA_DIR", data.to_str().context("the temporary folder has a plain name")?)];
        for listen in ["SIGNPOST_AGENTS_LISTEN", "SIGNPOST_SIGNUP_LISTEN", "SIGNPOST_ADMIN_LISTEN"] {
            all.push((listen, "127.0.0.1:0"));
        }
        all.extend([("SIGNPOST_BOOTSTRAP_TOKEN", TOKEN), ("SIGNPOST_RATE_LIMITS", "off")]);
        all.extend(settings);
        let settings: Vec<_> = all.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let line = |arguments| -> Result<CommandLine> {
            Ok(CommandLine {
                program: binary(STANDALONE)?,
                arguments,
                settings: settings.clone(),
                folder: scratch.path().to_path_buf(),
                log: log_file(journey, STANDALONE)?,
            })
        };
        let (commands, serve) = (line(Vec::new())?, line(vec!["serve".to_owned()])?);
        Ok(Self { process: Process::start(serve.after(shell))?, commands, scratch })
    }

    pub fn process(&self) -> &Process {
        &self.process
    }

    /// Runs a command of the binary on the same data; returns status and output.
    pub fn command(&self, arguments: &[&str]) -> Result<(i32, String)> {
        self.commands.run(arguments)
    }

    pub fn data_folder(&self) -> PathBuf {
        self.scratch.path().join("data")
    }

    /// Copies the databases; the process must be stopped.
    pub fn keep_data(&self) -> Result<()> {
        copy(&self.data_folder(), &self.scratch.path().join("kept"))
    }

    /// Restores the copy; the process must be stopped.
    pub fn put_data_back(&self) -> Result<()> {
        std::fs::remove_dir_all(self.data_folder())?;
        copy(&self.scratch.path().join("kept"), &self.data_folder())
    }

    /// The address of `agents`, `signup` or `admin`.
    pub async fn address(&self, name: &str) -> Result<String> {
        let mut addresses = self.process.ready().await?;
        addresses.remove(name).with_context(|| format!("the process does not say where {name} is"))
    }

    pub async fn operator(&self) -> Result<Operator> {
        let base = format!("{}/api/v1", self.address("agents").await?);
        Ok(Operator::new(Api::new(client()?, &base, Some(TOKEN))))
    }

    pub async fn visitor(&self) -> Result<Visitor> {
        let settings = self.operator().await?.settings().await?;
        let api = Api::new(client()?, &self.address("signup").await?, None);
        Ok(Visitor::new(api, settings["terms"]["version"].as_str().unwrap_or_default()))
    }

    /// The body of a path of the admin port.
    pub async fn admin(&self, path: &str) -> Result<String> {
        let answer = client()?.get(format!("{}{path}", self.address("admin").await?)).send().await?;
        Ok(answer.text().await?)
    }
}
