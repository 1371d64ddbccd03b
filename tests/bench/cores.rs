//! Servers on one core, the load generator on another, so that they do not displace each other, and ratios are stable
//! to two percent. A process inherits the cores of the thread that started it, so `taskset` moves that thread and
//! moves it back.

use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

/// The assignment of cores for a row.
#[derive(Clone, Debug)]
pub struct Apart {
    servers: String,
    generator: String,
    all: String,
}

impl Apart {
    /// One core for the servers and one for the generator; `None` without two cores or without `taskset`.
    pub fn new() -> Option<Self> {
        let all = allowed().ok()?;
        let cores = listed(&all);
        let [servers, generator] = [cores.first()?, cores.get(1)?].map(ToString::to_string);
        // Taking the current cores again shows whether it works.
        take(&all).ok()?;
        Some(Self { servers, generator, all })
    }

    /// From now on this thread starts processes on the servers' core.
    pub fn starts_servers(&self) -> Result<()> {
        take(&self.servers)
    }

    /// From now on this thread runs on the generator's core.
    pub fn generates(&self) -> Result<()> {
        take(&self.generator)
    }

    /// This thread may run anywhere again.
    pub fn is_free(&self) -> Result<()> {
        take(&self.all)
    }
}

/// The cores of this thread in Linux's format: `0-3,6`.
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
