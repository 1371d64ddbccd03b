//! How far long work is, on standard error: how many, how fast, how long still.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use crate::table::thousands;

/// Pause between two lines where nobody watches a terminal.
const EVERY_LINE: Duration = Duration::from_secs(10);
/// Pause between two states of the one line on a terminal.
const EVERY_STATE: Duration = Duration::from_millis(500);

/// Work that has an end.
pub struct Progress {
    what: String,
    end: u64,
    begun: Instant,
    told: Instant,
    first: Option<u64>,
}

impl Progress {
    /// Work that is done at `end`.
    pub fn new(what: &str, end: u64) -> Self {
        let now = Instant::now();
        Self { what: what.to_owned(), end, begun: now, told: now, first: None }
    }

    /// So much is done, counted from the beginning of all.
    pub fn at(&mut self, reached: u64) {
        let first = *self.first.get_or_insert(reached);
        let watched = std::io::stderr().is_terminal();
        if self.told.elapsed() < if watched { EVERY_STATE } else { EVERY_LINE } {
            return;
        }
        self.told = Instant::now();
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

    /// Says what it came to; answers how long it took.
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

/// A count as a fraction's part.
#[expect(clippy::cast_precision_loss, reason = "no count here comes near 2^52")]
pub fn float(count: u64) -> f64 {
    count as f64
}
