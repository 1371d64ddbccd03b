//! Shared parts of the rows about signups: a pair with keys, and visitors who sign up.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use harness::postgres::execute;
use harness::process::Process;
use harness::{Pair, Setup, events};

use super::report;
use crate::cores::Apart;
use crate::generator::{Target, slice};
use crate::measure::{Slice, rate};
use crate::order::Order;
use crate::stock::{self, Stock};
use crate::usage::{Memory, Processes};
use crate::visits::Signups;

/// Keys among which signups are spread.
const KEYS: usize = 5_000;
/// Slices for measuring a peak.
const PEAK_SLICES: usize = 3;

/// The number of keys, limited by the order.
pub fn keys(order: &Order) -> usize {
    usize::try_from(order.keys).map_or(KEYS, |keys| keys.min(KEYS))
}

/// A pair that accepts signups, with the facts for measuring it.
pub struct Bench {
    pub pair: Pair,
    pub stock: Stock,
    pub target: Target,
    pub product: Processes,
    pub server: Processes,
}

impl Bench {
    /// Starts the pair on a private PostgreSQL and NATS, and adds keys.
    pub async fn start(setup: Setup, order: &Order, apart: Option<Apart>) -> Result<Self> {
        let pair = stock::start(setup, order, apart.as_ref()).await?;
        let stock = stock::fill(&pair, keys(order)).await?;
        let target = Target::new(pair.signup_api(0).base(), order.connections, apart)?;
        let product = Processes::alone(pair.processes().filter_map(Process::id));
        let server = Processes::family(pair.postgres()?.process_id().context("the server is our own")?);
        Ok(Self { pair, stock, target, product, server })
    }

    /// Visitors of all keys, numbered from `first`.
    pub fn visitors(&self, first: usize) -> Arc<Signups> {
        Arc::new(Signups::new(self.stock.keys.clone(), &self.stock.terms_version, first))
    }

    /// One slice of signups by the first replica.
    pub async fn slice(&self, who: &str, visitors: &Arc<Signups>, lasting: Duration) -> Result<Slice> {
        Ok(report(who, slice(&self.target, visitors, lasting, &self.product).await?))
    }

    /// Checks that the log holds exactly the sent signups, since every one was acknowledged.
    pub async fn holds(&self, signups: usize) -> Result<()> {
        let answer = self.pair.signup_api(0).get("/api/v1/events?after=0&limit=1").send().await?.expect(200)?;
        let head = usize::try_from(events::head(&answer)?)?;
        ensure!(head == signups, "{signups} signups were acknowledged, and the log holds {head}");
        Ok(())
    }

    /// Updates the statistics. Without them the database plans for empty tables and reads grown ones completely; its
    /// own update starts about a minute after the growth, which is later than a short run.
    pub async fn gather_statistics(&self) -> Result<()> {
        execute(self.pair.signup_database()?, "ANALYZE".to_owned()).await
    }

    /// The peak rate of the first replica's signups with so many connections. The statistics are updated first, or
    /// the growing tables would become slower between the peak and the measurement.
    pub async fn peak(&self, visitors: &Arc<Signups>, connections: usize, lasting: Duration) -> Result<f64> {
        let target = Target { connections, ..self.target.clone() };
        // The warm-up also fills the tables for the statistics.
        report("warming up", slice(&target, visitors, lasting, &self.product).await?);
        self.gather_statistics().await?;
        let mut slices = Vec::with_capacity(PEAK_SLICES);
        for _ in 0..PEAK_SLICES {
            slices.push(report("at its peak", slice(&target, visitors, lasting, &self.product).await?));
        }
        Ok(rate(&slices))
    }

    /// Memory of the first replica.
    pub fn memory(&self) -> Option<Memory> {
        self.pair.signup_process(0).id().map(Memory::of)
    }
}
