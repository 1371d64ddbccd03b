//! Progress of long work on standard error: count, rate, time left.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use crate::table::thousands;

/// Pause between two lines without a terminal.
const EVERY_LINE: Duration = Duration::from_secs(10);
/// Pause between two updates of the line on a terminal.
const EVERY_STATE: Duration = Duration::from_millis(500);

/// Work with a known end.
pub struct Progress {
    what: String,
    end: u64,
    begun: Instant,
    shown_at: Instant,
    first: Option<u64>,
}

impl Progress {
    pub fn new(what: &str, end: u64) -> Self {
        let now = Instant::now();
        Self { what: what.to_owned(), end, begun: now, shown_at: now, first: None }
    }

    /// Shows the count, from the beginning.
    pub fn at(&mut self, reached: u64) {
        let first = *self.first.get_or_insert(reached);
        let watched = std::io::stderr().is_terminal();
        if self.shown_at.elapsed() < if watched { EVERY_STATE } else { EVERY_LINE } {
            return;
        }
        self.shown_at = Instant::now();
        let done = reached.saturating_sub(first);
        let elapsed = self.begun.elapsed();
        let rate = float(done) / elapsed.as_secs_f64();
        let left = float(self.end.saturating_sub(reached)) / rate.max(0.001);
        let (before, behind) = if watched { ("\r", "   ") } else { ("", "\n") };
        let (what, end, rate) = (&self.what, self.end, thousands(rate));
        // Progress that cannot be shown is no reason to stop.
        let _ = write!(
            std::io::stderr(),
            "{before}  {what}: {reached} of {end}, {rate} a second, about {left:.0} s left{behind}"
        );
    }

    /// Prints the result; returns the duration.
    pub fn done(self) -> Duration {
        let elapsed = self.begun.elapsed();
        let rate = float(self.end.saturating_sub(self.first.unwrap_or(0))) / elapsed.as_secs_f64().max(0.001);
        let before = if std::io::stderr().is_terminal() { "\r" } else { "" };
        eprintln!(
            "{before}  {}: {} in {:.1} s, {} a second                    ",
            self.what,
            self.end,
            elapsed.as_secs_f64(),
            thousands(rate)
        );
        elapsed
    }
}

#[expect(clippy::cast_precision_loss, reason = "no count here comes near 2^52")]
pub fn float(count: u64) -> f64 {
    count as f64
}
