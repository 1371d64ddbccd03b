//! How far long work is, on standard error, where somebody watches.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use event_store::projections::rebuild::Step;

/// Shortest time between two updates.
const EVERY: Duration = Duration::from_millis(500);

/// A line that is written over while the work goes on.
pub struct Progress {
    what: &'static str,
    end: u64,
    begun: Instant,
    told: Option<Instant>,
    watched: bool,
}

impl Progress {
    /// Work on positions 1 to `end`.
    pub fn new(what: &'static str, end: u64) -> Self {
        Self { what, end, begun: Instant::now(), told: None, watched: std::io::stderr().is_terminal() }
    }

    /// A step of work on a view is done.
    pub fn step(&mut self, step: Step) {
        match step {
            Step::Folded(position) => self.at(position),
            Step::Compared { table, rows, of } => self.tell(&format!("{rows} of {of} rows of {table} are compared")),
            Step::Switching { table } => {
                self.tell(&format!("{table} is being switched over"));
            }
        }
    }

    /// Position `reached` is done.
    pub fn at(&mut self, reached: u64) {
        let percent = reached.saturating_mul(100) / self.end.max(1);
        let left = self.begun.elapsed().as_secs().saturating_mul(self.end.saturating_sub(reached)) / reached.max(1);
        self.tell(&format!("{reached} of {} ({percent} %), about {left} s left", self.end));
    }

    fn tell(&mut self, how_far: &str) {
        if !self.watched || self.told.is_some_and(|told| told.elapsed() < EVERY) {
            return;
        }
        self.told = Some(Instant::now());
        // To the line's end, so that nothing of a longer text stays.
        let _ = write!(std::io::stderr(), "\r{}: {how_far}\x1b[K", self.what);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.told.is_some() {
            eprintln!();
        }
    }
}
