//! What the rows about signups share: a pair with keys, and visitors who sign up.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use harness::postgres::execute;
use harness::process::Process;
use harness::{Pair, Setup, events};

use super::tell;
use crate::cores::Apart;
use crate::generator::{Target, slice};
use crate::measure::{Slice, rate};
use crate::order::Order;
use crate::stock::{self, Stock};
use crate::usage::{Memory, Processes};
use crate::visits::Signups;

/// Keys among which signups are spread.
const KEYS: usize = 5_000;
/// Slices by which a peak is judged.
const PEAK_SLICES: usize = 3;

/// The number of keys: fewer where the order wants fewer.
pub fn keys(order: &Order) -> usize {
    usize::try_from(order.keys).map_or(KEYS, |keys| keys.min(KEYS))
}

/// A pair that takes signups, and what is needed to measure it.
pub struct Bench {
    pub pair: Pair,
    pub stock: Stock,
    pub target: Target,
    pub product: Processes,
    pub server: Processes,
}

impl Bench {
    /// Starts the pair on PostgreSQL and NATS of its own, and adds keys.
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
        Ok(tell(who, slice(&self.target, visitors, lasting, &self.product).await?))
    }

    /// Every signup that was sent was acknowledged, so the log must hold exactly as many.
    pub async fn holds(&self, signups: usize) -> Result<()> {
        let answer = self.pair.signup_api(0).get("/api/v1/events?after=0&limit=1").send().await?.expect(200)?;
        let head = usize::try_from(events::head(&answer)?)?;
        ensure!(head == signups, "{signups} signups were acknowledged, and the log holds {head}");
        Ok(())
    }

    /// Has the database look at its tables. Until it has, it plans for empty ones and reads the whole of those that have grown;
    /// by itself it looks about a minute after they began to grow, which a short run does not live to see.
    pub async fn gather_statistics(&self) -> Result<()> {
        execute(self.pair.signup_database()?, "ANALYZE".to_owned()).await
    }

    /// The most signups in a second that the first replica places, asked by that many connections at once. The statistics are
    /// gathered first, or the tables would grow slower between the peak and what is held against it.
    pub async fn peak(&self, visitors: &Arc<Signups>, connections: usize, lasting: Duration) -> Result<f64> {
        let target = Target { connections, ..self.target.clone() };
        // It warms up, and fills the tables that are looked at.
        tell("warming up", slice(&target, visitors, lasting, &self.product).await?);
        self.gather_statistics().await?;
        let mut slices = Vec::with_capacity(PEAK_SLICES);
        for _ in 0..PEAK_SLICES {
            slices.push(tell("at its peak", slice(&target, visitors, lasting, &self.product).await?));
        }
        Ok(rate(&slices))
    }

    /// Memory of the first replica.
    pub fn memory(&self) -> Option<Memory> {
        self.pair.signup_process(0).id().map(Memory::of)
    }
}
