//! One program without a pair: for commands, settings and failing starts.

use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::binaries::binary;
use crate::process::{CommandLine, Process};
use crate::scratch::{Scratch, log_file};

/// A program, its settings and its empty working folder.
pub struct SingleService {
    program: &'static str,
    settings: Vec<(String, String)>,
    scratch: Scratch,
}

impl SingleService {
    /// One of the programs of `binaries`, with only these settings.
    pub fn new(program: &'static str, settings: &[(&str, &str)]) -> Result<Self> {
        let settings = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Ok(Self { program, settings, scratch: Scratch::new("alone")? })
    }

    /// Adds a setting.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn folder(&self) -> &Path {
        self.scratch.path()
    }

    /// Creates a file in the folder; returns its path.
    pub fn file(&self, name: &str, content: &str) -> Result<String> {
        let path = self.folder().join(name);
        std::fs::write(&path, content)?;
        Ok(path.to_str().context("the temporary folder has a plain name")?.to_owned())
    }

    /// Runs it to its end; returns the status and the output.
    pub fn run(&self, arguments: &[&str]) -> Result<(i32, String)> {
        self.line("alone", &[])?.run(arguments)
    }

    /// Runs it with `--json`; returns the status and the parsed output.
    pub fn json(&self, arguments: &[&str]) -> Result<(i32, Value)> {
        let (status, output) = self.run(&[arguments, &["--json"]].concat())?;
        let line = output.lines().find(|line| line.starts_with('{')).with_context(|| format!("no JSON: {output}"))?;
        Ok((status, serde_json::from_str(line)?))
    }

    /// Starts it without waiting until it is ready.
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
