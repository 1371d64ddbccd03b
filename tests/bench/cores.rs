//! Servers on one core, the load generator on another: so they do not push each other aside, and a ratio holds to two
//! percent. A process runs where the thread that started it was allowed to run, so that thread is moved, from outside
//! by `taskset`, and moved back.

use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

/// The cores as they are shared out for a row.
#[derive(Clone, Debug)]
pub struct Apart {
    servers: String,
    generator: String,
    all: String,
}

impl Apart {
    /// One core for the servers and one for the generator; `None` where there are not two, or no `taskset`.
    pub fn new() -> Option<Self> {
        let all = allowed().ok()?;
        let cores = listed(&all);
        let [servers, generator] = [cores.first()?, cores.get(1)?].map(ToString::to_string);
        // Taking what one has anyway shows whether it can be done.
        take(&all).ok()?;
        Some(Self { servers, generator, all })
    }

    /// What this thread starts from now on runs on the servers' core and sees no other.
    pub fn starts_servers(&self) -> Result<()> {
        take(&self.servers)
    }

    /// This thread works as the load generator.
    pub fn generates(&self) -> Result<()> {
        take(&self.generator)
    }

    /// This thread may run anywhere again.
    pub fn is_free(&self) -> Result<()> {
        take(&self.all)
    }
}

/// The cores that this thread may use, as the system writes them: `0-3,6`.
fn allowed() -> Result<String> {
    let status = std::fs::read_to_string("/proc/thread-self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"));
    Ok(line.context("the system does not say which cores may be used")?.trim().to_owned())
}

fn take(cores: &str) -> Result<()> {
    let thread = std::fs::read_link("/proc/thread-self")?;
    let thread = thread.file_name().context("a thread has a number")?;
    let mut command = Command::new("taskset");
    command.args(["-p", "-c", cores]).arg(thread).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    ensure!(command.status().context("there is no taskset")?.success(), "the cores {cores} could not be taken");
    Ok(())
}

fn listed(cores: &str) -> Vec<u32> {
    let range = |part: &str| {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        Some(first.trim().parse::<u32>().ok()?..=last.trim().parse().ok()?)
    };
    cores.split(',').filter_map(range).flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_and_single_cores_are_read() {
        assert_eq!(listed("0-2,5"), [0, 1, 2, 5]);
        assert_eq!(listed("3"), [3]);
    }
}
