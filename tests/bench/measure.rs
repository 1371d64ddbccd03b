//! Two contenders in alternating slices of one run. The machine's speed drifts by tens of percent within minutes, so
//! only the ratio within one turn counts, and the median of many turns.

use std::time::Duration;

use anyhow::{Result, ensure};
use hdrhistogram::Histogram;

/// The work of one contender in one slice of time.
#[derive(Debug)]
pub struct Slice {
    /// Checked operations.
    pub operations: u64,
    /// The duration of the slice.
    pub elapsed: Duration,
    /// Microseconds of each operation; empty where single operations are not timed.
    pub latencies: Histogram<u64>,
    /// CPU time of the contender's processes, without the load generator.
    pub cpu: Duration,
}

impl Slice {
    /// Operations in a second.
    pub fn rate(&self) -> f64 {
        count(self.operations) / self.elapsed.as_secs_f64()
    }
}

/// Both contenders' slices, turn by turn.
#[derive(Debug, Default)]
pub struct Turns {
    pub ours: Vec<Slice>,
    pub peer: Vec<Slice>,
}

/// Alternates both, A B B A and so on; the first turn is a warm-up and does not count.
pub async fn alternate(
    turns: usize,
    mut ours: impl AsyncFnMut() -> Result<Slice>,
    mut peer: impl AsyncFnMut() -> Result<Slice>,
) -> Result<Turns> {
    ensure!(turns > 0, "there must be a turn");
    let mut taken = Turns::default();
    for turn in 0..=turns {
        let (mine, other) = if turn % 2 == 0 {
            let mine = ours().await?;
            (mine, peer().await?)
        } else {
            let other = peer().await?;
            (ours().await?, other)
        };
        ensure!(mine.operations > 0 && other.operations > 0, "a slice without an operation says nothing");
        if turn > 0 {
            taken.ours.push(mine);
            taken.peer.push(other);
        }
    }
    Ok(taken)
}

impl Turns {
    /// The ratio of the two rates: median, lowest and highest of all turns.
    pub fn ratio(&self) -> (f64, f64, f64) {
        let mut ratios: Vec<f64> =
            self.ours.iter().zip(&self.peer).map(|(ours, peer)| ours.rate() / peer.rate()).collect();
        ratios.sort_unstable_by(f64::total_cmp);
        (median(&ratios), ratios.first().copied().unwrap_or_default(), ratios.last().copied().unwrap_or_default())
    }
}

/// The median rate of slices, in operations per second.
pub fn rate(slices: &[Slice]) -> f64 {
    let mut rates: Vec<f64> = slices.iter().map(Slice::rate).collect();
    rates.sort_unstable_by(f64::total_cmp);
    median(&rates)
}

/// CPU time for one operation, over all slices.
pub fn cpu_per_operation(slices: &[Slice]) -> Duration {
    let operations: u64 = slices.iter().map(|slice| slice.operations).sum();
    let spent: Duration = slices.iter().map(|slice| slice.cpu).sum();
    spent.div_f64(count(operations.max(1)))
}

/// The quantile of the durations; `None` where single operations were not timed.
pub fn quantile(slices: &[Slice], share: f64) -> Option<Duration> {
    let mut all = latencies();
    for slice in slices {
        all.add(&slice.latencies).ok()?;
    }
    (!all.is_empty()).then(|| Duration::from_micros(all.value_at_quantile(share)))
}

/// An empty histogram: up to two minutes, to three digits.
pub fn latencies() -> Histogram<u64> {
    // The bounds are valid constants.
    Histogram::new_with_bounds(1, 120_000_000, 3).unwrap_or_else(|_| unreachable!("constant bounds"))
}

fn median(sorted: &[f64]) -> f64 {
    match sorted.len() {
        0 => 0.0,
        length if length % 2 == 1 => sorted[length / 2],
        length => f64::midpoint(sorted[length / 2 - 1], sorted[length / 2]),
    }
}

#[expect(clippy::cast_precision_loss, reason = "no count here comes near 2^52")]
fn count(number: u64) -> f64 {
    number as f64
}
