//! The resource usage of processes, by Linux's `/proc`: CPU time and memory.

use std::fs::read_to_string;
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

/// Processes whose CPU time is counted.
#[derive(Clone, Debug, Default)]
pub struct Processes {
    /// Without their children.
    pub alone: Vec<u32>,
    /// With their children, also those that have ended: PostgreSQL has one for each connection.
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

    /// The total CPU time; the difference of two calls is the time in between.
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

/// CPU time of the whole machine, over all cores.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cores {
    pub busy: Duration,
    /// Without anything to run, or waiting for a disk.
    pub idle: Duration,
}

impl Cores {
    pub fn now() -> Self {
        Self::read(&read_to_string("/proc/stat").unwrap_or_default())
    }

    fn read(stat: &str) -> Self {
        let line = stat.lines().next().and_then(|line| line.strip_prefix("cpu ")).unwrap_or_default();
        let ticks: Vec<u64> = line.split_whitespace().filter_map(|field| field.parse().ok()).collect();
        let time = |fields: &[usize]| {
            let ticks = fields.iter().filter_map(|field| ticks.get(*field)).sum();
            Duration::from_secs(ticks) / ticks_per_second()
        };
        // The fields are user, nice, system, idle, iowait, irq, softirq; later ones are the time of virtual machines.
        Self { busy: time(&[0, 1, 2, 5, 6]), idle: time(&[3, 4]) }
    }

    pub fn since(self, earlier: Self) -> Self {
        Self { busy: self.busy.saturating_sub(earlier.busy), idle: self.idle.saturating_sub(earlier.idle) }
    }

    /// The share of idle time, from 0 to 1.
    pub fn idle_share(self) -> f64 {
        self.idle.as_secs_f64() / (self.busy + self.idle).as_secs_f64().max(f64::EPSILON)
    }
}

impl std::ops::AddAssign for Cores {
    fn add_assign(&mut self, other: Self) {
        self.busy += other.busy;
        self.idle += other.idle;
    }
}

/// Memory of a process, in KiB.
#[derive(Clone, Copy, Debug, Default)]
pub struct Memory {
    pub peak: u64,
    pub now: u64,
}

impl Memory {
    /// Zero for a process that has ended.
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

/// Fields of `/proc/<id>/stat`, counted after the name: time in user and system mode.
const OWN: std::ops::Range<usize> = 11..13;
/// The same, and that of ended children.
const OWN_AND_ENDED: std::ops::Range<usize> = 11..15;

/// Zero for a process that has ended.
fn ticks(id: u32, fields: std::ops::Range<usize>) -> u64 {
    let stat = read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    // The name is in parentheses and may hold anything, so the later fields are found from the end.
    let rest = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let wanted = rest.split_whitespace().skip(fields.start).take(fields.len());
    wanted.filter_map(|field| field.parse::<u64>().ok()).sum()
}

fn children(id: u32) -> Vec<u32> {
    let children = read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap_or_default();
    children.split_whitespace().filter_map(|id| id.parse().ok()).collect()
}

/// The system's clock ticks in a second.
pub fn ticks_per_second() -> u32 {
    static TICKS: OnceLock<u32> = OnceLock::new();
    *TICKS.get_or_init(|| {
        let output = Command::new("getconf").arg("CLK_TCK").output();
        let ticks_text = output.ok().and_then(|output| String::from_utf8(output.stdout).ok()?.trim().parse().ok());
        // Linux's value for programs, whatever its internal one.
        ticks_text.filter(|ticks| *ticks > 0).unwrap_or(100)
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

    #[test]
    fn the_machines_cpu_time_is_parsed_by_its_kind() {
        let cores = Cores::read("cpu  10 20 30 400 50 6 7 1000 0 0\ncpu0 1 1 1 1 1\n");
        let ticks = |ticks: u64| Duration::from_secs(ticks) / ticks_per_second();
        assert_eq!((cores.busy, cores.idle), (ticks(73), ticks(450)));
        assert!((cores.idle_share() - 450.0 / 523.0).abs() < 1e-9);
        assert!(Cores::now().busy > Duration::ZERO);
    }
}
