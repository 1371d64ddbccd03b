//! One program without a pair: for commands, settings and starts that fail.

use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::binaries::binary;
use crate::process::{CommandLine, Process};
use crate::scratch::{Scratch, log_file};

/// A program, its settings and an empty folder that it works in.
pub struct SingleService {
    program: &'static str,
    settings: Vec<(String, String)>,
    scratch: Scratch,
}

impl SingleService {
    /// One of the programs of `binaries`, with these settings and no others.
    pub fn new(program: &'static str, settings: &[(&str, &str)]) -> Result<Self> {
        let settings = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Ok(Self { program, settings, scratch: Scratch::new("alone")? })
    }

    /// The same program with one more setting.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The folder that it works in.
    pub fn folder(&self) -> &Path {
        self.scratch.path()
    }

    /// A file in that folder; gives its path.
    pub fn file(&self, name: &str, content: &str) -> Result<String> {
        let path = self.folder().join(name);
        std::fs::write(&path, content)?;
        Ok(path.to_str().context("the temporary folder has a plain name")?.to_owned())
    }

    /// Runs it to its end: status, and all that it printed.
    pub fn run(&self, arguments: &[&str]) -> Result<(i32, String)> {
        self.line("alone", &[])?.run(arguments)
    }

    /// The same with `--json`: status, and what it printed.
    pub fn json(&self, arguments: &[&str]) -> Result<(i32, Value)> {
        let (status, said) = self.run(&[arguments, &["--json"]].concat())?;
        let line = said.lines().find(|line| line.starts_with('{')).with_context(|| format!("no JSON: {said}"))?;
        Ok((status, serde_json::from_str(line)?))
    }

    /// Starts it; it need not be ready yet.
    pub fn start(&self, journey: &str, arguments: &[&str]) -> Result<Process> {
        Process::start(self.line(journey, arguments)?)
    }

    fn line(&self, journey: &str, arguments: &[&str]) -> Result<CommandLine> {
        Ok(CommandLine {
            program: binary(self.program)?,
            arguments: arguments.iter().map(|&argument| argument.to_owned()).collect(),
            settings: self.settings.clone(),
            folder: self.folder().to_path_buf(),
            log: log_file(journey, self.program)?,
        })
    }
}
