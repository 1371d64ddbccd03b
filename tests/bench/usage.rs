//! What processes use of the machine, as Linux tells in `/proc`: time on the cores, and memory.

use std::fs::read_to_string;
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

/// Processes whose time on the cores is counted.
#[derive(Clone, Debug, Default)]
pub struct Processes {
    /// Each by itself.
    pub alone: Vec<u32>,
    /// Each with its children, also those that have ended: PostgreSQL has one for each connection.
    pub families: Vec<u32>,
}

impl Processes {
    /// One or more processes without their children.
    pub fn alone(ids: impl IntoIterator<Item = u32>) -> Self {
        Self { alone: ids.into_iter().collect(), families: Vec::new() }
    }

    /// A process with its children.
    pub fn family(id: u32) -> Self {
        Self { alone: Vec::new(), families: vec![id] }
    }

    /// All the time that they have had; the difference of two calls is what lay between them.
    pub fn cpu(&self) -> Duration {
        let alone = self.alone.iter().map(|id| ticks(*id, OWN));
        let families = self.families.iter().map(|id| {
            let living: u64 = children(*id).into_iter().map(|child| ticks(child, OWN)).sum();
            ticks(*id, OWN_AND_ENDED) + living
        });
        let ticks: u64 = alone.chain(families).sum();
        Duration::from_secs(ticks) / ticks_per_second()
    }
}

/// Memory of a process, in KiB.
#[derive(Clone, Copy, Debug, Default)]
pub struct Memory {
    /// The most that it ever had.
    pub peak: u64,
    pub now: u64,
}

impl Memory {
    /// Zero for a process that has gone.
    pub fn of(id: u32) -> Self {
        let status = read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
        let kib = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or_default()
        };
        Self { peak: kib("VmHWM:"), now: kib("VmRSS:") }
    }
}

impl std::fmt::Display for Memory {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(to, "{} MiB (peak {})", self.now / 1024, self.peak / 1024)
    }
}

/// Which fields of `/proc/<id>/stat`, counted behind the name: time in the program and in the system.
const OWN: std::ops::Range<usize> = 11..13;
/// The same, and that of the children that have ended.
const OWN_AND_ENDED: std::ops::Range<usize> = 11..15;

/// Zero for a process that has gone.
fn ticks(id: u32, fields: std::ops::Range<usize>) -> u64 {
    let stat = read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    // The name stands in parentheses and may hold anything, so what follows is found from the end.
    let rest = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let wanted = rest.split_whitespace().skip(fields.start).take(fields.len());
    wanted.filter_map(|field| field.parse::<u64>().ok()).sum()
}

fn children(id: u32) -> Vec<u32> {
    let children = read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap_or_default();
    children.split_whitespace().filter_map(|id| id.parse().ok()).collect()
}

/// How the system counts time on the cores.
pub fn ticks_per_second() -> u32 {
    static TICKS: OnceLock<u32> = OnceLock::new();
    *TICKS.get_or_init(|| {
        let output = Command::new("getconf").arg("CLK_TCK").output();
        let said = output.ok().and_then(|output| String::from_utf8(output.stdout).ok()?.trim().parse().ok());
        // What Linux has told programs for decades, whatever it counts by itself.
        said.filter(|ticks| *ticks > 0).unwrap_or(100)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_has_used_the_machine() {
        let this = std::process::id();
        let memory = Memory::of(this);
        assert!(memory.now > 0 && memory.peak >= memory.now);
        let before = Processes::alone([this]).cpu();
        let mut sum = 0_u64;
        while Processes::alone([this]).cpu() == before {
            sum = std::hint::black_box(sum.wrapping_add(1));
        }
        assert_eq!(Memory::of(u32::MAX).now, 0);
    }
}
