//! One real process: started with a clean environment, its output kept and written to a log file, signalled by its
//! own id, ended when dropped. Of the program it knows only the `ready` line.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use crate::locked;
use crate::wait::{eventually, held_within};

const START_LIMIT: Duration = Duration::from_mins(1);
const STOP_LIMIT: Duration = Duration::from_secs(15);

/// A program with arguments and environment, to be started repeatedly.
pub struct CommandLine {
    pub program: PathBuf,
    pub arguments: Vec<String>,
    pub settings: Vec<(String, String)>,
    pub folder: PathBuf,
    pub log: PathBuf,
}

impl CommandLine {
    /// The same program, started by a shell after other commands, such as setting a limit that the program inherits.
    #[must_use]
    pub fn after(self, shell: &str) -> Self {
        let mut arguments =
            vec!["-c".to_owned(), format!("{shell}; exec \"$0\" \"$@\""), self.program.display().to_string()];
        arguments.extend(self.arguments);
        Self { program: "bash".into(), arguments, ..self }
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).current_dir(&self.folder).env_clear();
        for kept in ["PATH", "HOME", "LANG"] {
            if let Some(value) = std::env::var_os(kept) {
                command.env(kept, value);
            }
        }
        command.envs(self.settings.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs the program to its end with other arguments; returns the status and the output.
    pub fn run(&self, arguments: &[&str]) -> Result<(i32, String)> {
        let output = Command::output(self.command().args(arguments).stdin(Stdio::null()))
            .with_context(|| format!("{} can't be run", self.program.display()))?;
        let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
        text.push_str(&String::from_utf8_lossy(&output.stderr));
        Ok((output.status.code().unwrap_or(-1), text))
    }
}

pub struct Process {
    line: CommandLine,
    child: Mutex<Option<Child>>,
    output: Arc<Mutex<Vec<Line>>>,
    run: Mutex<usize>,
}

/// A line, and the run of the program that wrote it: lines of a killed run may arrive during the next.
struct Line {
    run: usize,
    text: String,
}

impl Process {
    /// Starts the program without waiting until it is ready.
    pub fn start(line: CommandLine) -> Result<Self> {
        let process = Self { line, child: Mutex::default(), output: Arc::default(), run: Mutex::default() };
        process.start_again()?;
        Ok(process)
    }

    /// Starts it again with the same arguments and environment.
    pub fn start_again(&self) -> Result<()> {
        let mut slot = locked(&self.child);
        ensure!(slot.is_none(), "{} still runs", self.line.program.display());
        *locked(&self.run) += 1;
        let mut command = self.line.command();
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().with_context(|| format!("{} can't start", self.line.program.display()))?;
        let log = OpenOptions::new().append(true).create(true).open(&self.line.log)?;
        if let Some(stdout) = child.stdout.take() {
            self.keep_lines(stdout, log.try_clone()?);
        }
        if let Some(stderr) = child.stderr.take() {
            self.keep_lines(stderr, log);
        }
        *slot = Some(child);
        Ok(())
    }

    fn keep_lines(&self, from: impl Read + Send + 'static, mut log: File) {
        let (output, run) = (Arc::clone(&self.output), *locked(&self.run));
        std::thread::spawn(move || {
            for line in BufReader::new(from).split(b'\n').map_while(std::result::Result::ok) {
                let text = String::from_utf8_lossy(&line).into_owned();
                let _ = writeln!(log, "{text}");
                locked(&output).push(Line { run, text });
            }
        });
    }

    /// All output since the first start.
    pub fn lines(&self) -> Vec<String> {
        locked(&self.output).iter().map(|line| line.text.clone()).collect()
    }

    /// Waits for the `ready` line and returns its addresses.
    pub async fn ready(&self) -> Result<HashMap<String, String>> {
        let line = self.wait_for_line(|line| line.contains(": ready ")).await?;
        let words = line.split_whitespace().filter_map(|word| word.split_once('='));
        Ok(words.map(|(name, address)| (name.to_owned(), address.to_owned())).collect())
    }

    /// Waits for a line of the current run; fails with the last lines if the process ends first.
    pub async fn wait_for_line(&self, wanted: impl Fn(&str) -> bool) -> Result<String> {
        let outcome = eventually(START_LIMIT, async || {
            if let Some(line) = self.current_lines().into_iter().find(|line| wanted(line)) {
                return Ok(Ok(line));
            }
            if !self.is_running() {
                return Ok(Err("it ended before it was ready"));
            }
            bail!("it never became ready")
        });
        match outcome.await {
            Ok(Ok(line)) => Ok(line),
            Ok(Err(reason)) => self.fail(reason),
            Err(error) => self.fail(&format!("{error:#}")),
        }
    }

    fn fail<T>(&self, reason: &str) -> Result<T> {
        let lines = self.current_lines();
        let last = lines.iter().rev().take(12).rev().cloned().collect::<Vec<_>>().join("\n");
        bail!("{}: {reason}; its last lines:\n{last}", self.line.program.display())
    }

    fn current_lines(&self) -> Vec<String> {
        let run = *locked(&self.run);
        locked(&self.output).iter().filter(|line| line.run == run).map(|line| line.text.clone()).collect()
    }

    pub fn is_running(&self) -> bool {
        locked(&self.child).as_mut().is_some_and(|child| matches!(child.try_wait(), Ok(None)))
    }

    pub fn id(&self) -> Option<u32> {
        locked(&self.child).as_ref().map(Child::id)
    }

    pub fn command_line(&self) -> &CommandLine {
        &self.line
    }

    /// SIGKILL; waits for the end of the process.
    pub fn kill_9(&self) -> Result<()> {
        if let Some(mut child) = locked(&self.child).take() {
            child.kill()?;
            child.wait()?;
        }
        Ok(())
    }

    /// SIGSTOP: the process keeps its sockets and locks but does nothing.
    pub fn sigstop(&self) -> Result<()> {
        self.signal("STOP")
    }

    /// SIGCONT: the process goes on, unaware of the elapsed time.
    pub fn sigcont(&self) -> Result<()> {
        self.signal("CONT")
    }

    pub fn signal(&self, name: &str) -> Result<()> {
        let Some(id) = self.id() else { return Ok(()) };
        signal(name, &[id])
    }

    /// SIGTERM, then SIGKILL after a time limit; true when SIGTERM sufficed.
    pub fn stop(&self) -> bool {
        let Some(mut child) = locked(&self.child).take() else { return true };
        for name in ["TERM", "CONT"] {
            let _ = signal(name, &[child.id()]);
        }
        let obeyed = held_within(STOP_LIMIT, || !matches!(child.try_wait(), Ok(None)));
        if !obeyed {
            let _ = child.kill();
            let _ = child.wait();
        }
        obeyed
    }

    /// Stops it by SIGTERM, starts it again and waits until it is ready.
    pub async fn restart(&self) -> Result<()> {
        self.stop();
        self.start_again()?;
        self.ready().await.map(drop)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Sends a signal to processes by their ids.
pub fn signal(name: &str, ids: &[u32]) -> Result<()> {
    let ids = ids.iter().map(ToString::to_string);
    let status = Command::new("kill").arg(format!("-{name}")).args(ids).stderr(Stdio::null()).status()?;
    ensure!(status.success(), "the signal {name} could not be sent");
    Ok(())
}
