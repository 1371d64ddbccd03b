//! Row `seen`: the time from a signup's acknowledgement until a consumer of the stream gets it, at half of the peak
//! rate.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use async_nats::jetstream::consumer::{DeliverPolicy, pull::OrderedConfig};
use futures::StreamExt;
use harness::{Pair, Setup, eventually, seconds};

use super::placing::Bench;
use crate::cores::Apart;
use crate::generator::{Pace, run as send};
use crate::measure::latencies;
use crate::order::Order;
use crate::table::{Finding, Promise, thousands, time};
use crate::visits::{Acknowledged, Signups};

/// The stream of the signups' log.
const STREAM: &str = "SIGNUPS";
const SLICES: u32 = 5;
const WANTED: Duration = Duration::from_millis(25);

/// When each message, by its sequence, arrived.
type Seen = Arc<Mutex<HashMap<u64, Instant>>>;

pub async fn run(order: &Order) -> Result<Vec<Finding>> {
    let bench = Bench::start(Setup::servers("bench::seen", 1), order, Apart::new()).await?;
    let visitors = Arc::new(Signups::new(bench.stock.keys.clone(), &bench.stock.terms_version, 0).remembering());
    let rate = bench.peak(&visitors, order.connections, order.slice).await? / 2.0;
    let last = visitors.take_acknowledged().iter().map(|one| one.position).max().unwrap_or_default();
    harness::stream::catches_up(&bench.pair.nats()?.jetstream().await?, STREAM, last).await?;
    let (seen, consumer) = consume(&bench.pair).await?;
    let pace = Pace::Rate { per_second: rate, lasting: order.slice * SLICES };
    eprintln!("  {pace}");
    let outcome = send(&bench.target, &visitors, pace).await?.without_wrong_answers()?;
    ensure!(outcome.refused.is_empty(), "{} signups were refused at half of the peak rate", outcome.refused.len());
    let acknowledged = visitors.take_acknowledged();
    let delays = delays(&seen, &acknowledged).await;
    consumer.abort();
    let delays = delays?;
    let slowest = Duration::from_micros(delays.value_at_quantile(0.99));
    let measured = format!(
        "p99 {}, p50 {}, longest {}, of {} at {}/s; acknowledged within {} (p99)",
        time(slowest),
        time(Duration::from_micros(delays.value_at_quantile(0.5))),
        time(Duration::from_micros(delays.max())),
        delays.len(),
        thousands(rate),
        time(Duration::from_micros(outcome.right.value_at_quantile(0.99))),
    );
    let what = "seen: from a signup's acknowledgement to a consumer of the stream".to_owned();
    Ok(vec![Promise { what, measured, wanted: format!("<= {}", time(WANTED)), holds: slowest <= WANTED }.into()])
}

/// Consumes new messages, and records their time of arrival.
async fn consume(pair: &Pair) -> Result<(Seen, tokio::task::JoinHandle<Result<()>>)> {
    let stream = pair.nats()?.jetstream().await?.get_stream(STREAM).await?;
    let config = OrderedConfig { deliver_policy: DeliverPolicy::New, ..OrderedConfig::default() };
    let mut messages = stream.create_consumer(config).await?.messages().await?;
    let seen = Seen::default();
    let noted = Arc::clone(&seen);
    let consumer = tokio::spawn(async move {
        while let Some(message) = messages.next().await {
            let (message, now) = (message?, Instant::now());
            let number = message.info().map_err(|error| anyhow::anyhow!("{error}"))?.stream_sequence;
            noted.lock().unwrap_or_else(PoisonError::into_inner).insert(number, now);
        }
        bail!("the stream was closed")
    });
    Ok((seen, consumer))
}

/// The delay of each, in microseconds; zero where the stream was faster than the response.
async fn delays(seen: &Seen, acknowledged: &[Acknowledged]) -> Result<hdrhistogram::Histogram<u64>> {
    let seen = || seen.lock().unwrap_or_else(PoisonError::into_inner);
    eventually(seconds(30), async || {
        let missing = acknowledged.iter().filter(|one| !seen().contains_key(&one.position)).count();
        ensure!(missing == 0, "{missing} acknowledged signups were not seen in the stream");
        Ok(())
    })
    .await?;
    let mut delays = latencies();
    for one in acknowledged {
        let at = seen().get(&one.position).copied().context("it was seen")?;
        let delay = at.saturating_duration_since(one.at);
        delays.saturating_record(u64::try_from(delay.as_micros())?);
    }
    Ok(delays)
}
