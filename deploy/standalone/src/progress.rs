//! Progress of long work on standard error, if that is a terminal.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use event_store::projections::rebuild::Step;

/// Shortest time between two updates.
const EVERY: Duration = Duration::from_millis(500);

/// A line that is overwritten while the work goes on.
pub struct Progress {
    what: &'static str,
    end: u64,
    begun: Instant,
    shown_at: Option<Instant>,
    watched: bool,
}

impl Progress {
    /// Work on positions 1 to `end`.
    pub fn new(what: &'static str, end: u64) -> Self {
        Self { what, end, begun: Instant::now(), shown_at: None, watched: std::io::stderr().is_terminal() }
    }

    /// Shows a step of a rebuild.
    pub fn step(&mut self, step: Step) {
        match step {
            Step::Folded(position) => self.at(position),
            Step::Compared { table, rows, of } => self.show(&format!("{rows} of {of} rows of {table} are compared")),
            Step::SummedUp { table } => self.show(&format!("{table} is summed up")),
            Step::Switching { table } => {
                self.show(&format!("{table} is being switched over"));
            }
        }
    }

    /// Shows that position `reached` is done.
    pub fn at(&mut self, reached: u64) {
        let percent = reached.saturating_mul(100) / self.end.max(1);
        let left = self.begun.elapsed().as_secs().saturating_mul(self.end.saturating_sub(reached)) / reached.max(1);
        self.show(&format!("{reached} of {} ({percent} %), about {left} s left", self.end));
    }

    fn show(&mut self, how_far: &str) {
        if !self.watched || self.shown_at.is_some_and(|shown_at| shown_at.elapsed() < EVERY) {
            return;
        }
        self.shown_at = Some(Instant::now());
        // Clears the rest of the line, which may hold a longer text.
        let _ = write!(std::io::stderr(), "\r{}: {how_far}\x1b[K", self.what);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.shown_at.is_some() {
            eprintln!();
        }
    }
}
