//! PostgreSQL's own load generator, with a script: the server's transactions in a second without a service before it.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use harness::postgres::execute;
use harness::scratch::Scratch;
use tokio::process::Command;

use crate::measure::{Slice, latencies};
use crate::usage::Processes;

/// Threads of the load generator, each with its share of the clients.
const THREADS: usize = 2;

/// A script for one database.
pub struct Pgbench {
    program: PathBuf,
    url: String,
    clients: usize,
    keys: usize,
    scratch: Scratch,
    /// The server, whose CPU time counts.
    server: Processes,
}

impl Pgbench {
    /// A script for an empty database, in which `tables` are created first. Both may refer to `{keys}` and `:keys`.
    pub async fn new(
        url: &str,
        tables: &str,
        script: &str,
        clients: usize,
        keys: usize,
        server: Processes,
    ) -> Result<Self> {
        let programs = std::env::var_os("SIGNPOST_TEST_PG_BIN").context("SIGNPOST_TEST_PG_BIN is not set")?;
        let program = PathBuf::from(programs).join("pgbench");
        execute(url, tables.replace("{keys}", &keys.to_string())).await?;
        let scratch = Scratch::new("pgbench")?;
        std::fs::write(scratch.path().join("script.sql"), script)?;
        Ok(Self { program, url: url.to_owned(), clients, keys, scratch, server })
    }

    /// Runs the script for so long, in whole seconds. A machine that is too busy for one transaction gets more time.
    pub async fn slice(&self, lasting: Duration) -> Result<Slice> {
        for factor in [1, 5, 25] {
            if let Some(slice) = self.run(lasting * factor).await? {
                return Ok(slice);
            }
        }
        bail!("pgbench makes no transactions")
    }

    /// `None` where no transaction was made.
    async fn run(&self, lasting: Duration) -> Result<Option<Slice>> {
        let mut command = Command::new(&self.program);
        command.args(["-n", "-M", "prepared", "-f", "script.sql", "-l", "--log-prefix=took"]);
        command.arg("-c").arg(self.clients.to_string()).arg("-j").arg(THREADS.min(self.clients).to_string());
        command.arg("-T").arg(lasting.as_secs().max(1).to_string()).arg("-D").arg(format!("keys={}", self.keys));
        command.arg(&self.url).current_dir(self.scratch.path()).stdin(Stdio::null()).kill_on_drop(true);
        let before = self.server.cpu();
        let output = command.output().await.context("pgbench can't be run")?;
        let cpu = self.server.cpu().saturating_sub(before);
        let report = String::from_utf8_lossy(&output.stdout);
        ensure!(output.status.success(), "pgbench failed: {report}{}", String::from_utf8_lossy(&output.stderr));
        let latencies = self.read_times()?;
        let operations: u64 = number_behind(&report, "number of transactions actually processed:")?;
        if operations == 0 {
            return Ok(None);
        }
        let failed: u64 = number_behind(&report, "number of failed transactions:")?;
        ensure!(failed == 0, "{failed} transactions failed");
        // Without the time for connecting.
        let rate: f64 = number_behind(&report, "tps =")?;
        #[expect(clippy::cast_precision_loss, reason = "no count here comes near 2^52")]
        let elapsed = Duration::from_secs_f64(operations as f64 / rate);
        Ok(Some(Slice { operations, elapsed, latencies, cpu }))
    }

    /// The time of each transaction: the third word of each line, in microseconds. Removes the files.
    fn read_times(&self) -> Result<hdrhistogram::Histogram<u64>> {
        let mut times = latencies();
        for entry in std::fs::read_dir(self.scratch.path())? {
            let path = entry?.path();
            if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("took.")) {
                let micros = std::fs::read_to_string(&path)?;
                let micros = micros.lines().filter_map(|line| line.split_whitespace().nth(2)?.parse().ok());
                micros.for_each(|micros: u64| times.saturating_record(micros));
                std::fs::remove_file(path)?;
            }
        }
        Ok(times)
    }
}

fn number_behind<T: std::str::FromStr>(report: &str, words: &str) -> Result<T> {
    let rest = report.lines().find_map(|line| line.strip_prefix(words));
    let number = rest.and_then(|rest| rest.split_whitespace().next()?.parse().ok());
    number.with_context(|| format!("pgbench did not print {words}\n{report}"))
}
