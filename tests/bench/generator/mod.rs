//! The load generator: many keep-alive connections on one thread, each with one request in progress; the caller
//! checks every response. It uses raw HTTP/1.1, since it must be much cheaper than the server under test.

mod connection;
mod pace;

use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use harness::names::Rng;
use hdrhistogram::Histogram;
use tokio::sync::oneshot;
use tokio::task::LocalSet;

use crate::cores::Apart;
use crate::measure::{Slice, latencies};
use crate::usage::Processes;
use connection::Connection;
pub use pace::Pace;
use pace::Start;

/// How often a long run reports its progress.
const PROGRESS: Duration = Duration::from_secs(5);
/// A busier generator is itself the bottleneck.
const MOST_BUSY: f64 = 0.9;
/// Bytes of a wrong response that are shown.
const SHOWN_BYTES: usize = 400;

pub struct RawResponse<'a> {
    pub status: u16,
    pub body: &'a [u8],
}

/// The judgement of a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Right,
    /// A proper refusal under overload.
    Refused,
    Wrong,
}

/// The requests of the connections, and their expected responses.
pub trait Visits: Send + Sync + 'static {
    /// The expectation of one response.
    type Expected;

    /// Writes the next request, head and body, and returns its expectation.
    fn write(&self, rng: &mut Rng, request: &mut Vec<u8>) -> Self::Expected;

    /// Judges a response.
    fn judge(&self, expected: &Self::Expected, answer: &RawResponse<'_>) -> Verdict;
}

/// The target of the load.
#[derive(Clone, Debug)]
pub struct Target {
    pub address: SocketAddr,
    pub connections: usize,
    /// Set where the generator has a core of its own.
    pub apart: Option<Apart>,
}

impl Target {
    /// A target by its base URL, `http://127.0.0.1:8080`.
    pub fn new(base: &str, connections: usize, apart: Option<Apart>) -> Result<Self> {
        let address = base.trim_start_matches("http://").trim_end_matches('/');
        let address = address.parse().with_context(|| format!("{base} is no address and port"))?;
        Ok(Self { address, connections, apart })
    }
}

/// The results of a load.
#[derive(Debug)]
pub struct Outcome {
    /// From the first request to the last response.
    pub elapsed: Duration,
    /// Microseconds of right responses; at a constant rate from when each request was due.
    pub right: Histogram<u64>,
    /// Microseconds of refusals.
    pub refused: Histogram<u64>,
    /// The share of time that the generator worked or waited for its core; near 1 it measures itself.
    pub busy: f64,
    pub wrong: u64,
    /// The first wrong response.
    pub first_wrong: Option<String>,
}

impl Outcome {
    fn new() -> Self {
        let (right, refused) = (latencies(), latencies());
        Self { elapsed: Duration::ZERO, right, refused, busy: 0.0, wrong: 0, first_wrong: None }
    }

    fn note(&mut self, verdict: Verdict, took: Duration, answer: &RawResponse<'_>) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        match verdict {
            Verdict::Right => self.right.saturating_record(micros),
            Verdict::Refused => self.refused.saturating_record(micros),
            Verdict::Wrong => {
                let shown = String::from_utf8_lossy(&answer.body[..answer.body.len().min(SHOWN_BYTES)]);
                self.is_wrong(format!("{} {shown}", answer.status));
            }
        }
    }

    fn is_wrong(&mut self, what: String) {
        self.wrong += 1;
        self.first_wrong.get_or_insert(what);
    }

    /// Fails if there was a wrong response.
    pub fn without_wrong_answers(self) -> Result<Self> {
        match &self.first_wrong {
            Some(first) => bail!("{} answers were wrong; the first: {first}", self.wrong),
            None => Ok(self),
        }
    }
}

/// Sends the load and waits for its end.
pub async fn run<V: Visits>(target: &Target, visits: &Arc<V>, pace: Pace) -> Result<Outcome> {
    let (done, mut ended) = oneshot::channel();
    let answered = Arc::new(AtomicU64::new(0));
    let (target, visits, counter) = (target.clone(), Arc::clone(visits), Arc::clone(&answered));
    std::thread::Builder::new()
        .name("generator".to_owned())
        .spawn(move || drop(done.send(generate(&target, &visits, pace, &counter))))?;
    loop {
        tokio::select! {
            outcome = &mut ended => return outcome.context("the load generator broke off")?,
            () = tokio::time::sleep(PROGRESS) => {
                eprintln!("  {} answered, of {pace}", answered.load(Ordering::Relaxed));
            }
        }
    }
}

/// One slice of a contender under HTTP load, with the CPU time of its processes.
pub async fn slice<V: Visits>(
    target: &Target,
    visits: &Arc<V>,
    lasting: Duration,
    processes: &Processes,
) -> Result<Slice> {
    let before = processes.cpu();
    let outcome = run(target, visits, Pace::For(lasting)).await?.without_wrong_answers()?;
    let cpu = processes.cpu().saturating_sub(before);
    if outcome.busy > MOST_BUSY {
        eprintln!(
            "  the load generator had work for {:.0} % of the time: it may be what was measured",
            outcome.busy * 100.0
        );
    }
    if !outcome.refused.is_empty() {
        bail!("{} requests were refused, though no more came than there are connections", outcome.refused.len());
    }
    Ok(Slice { operations: outcome.right.len(), elapsed: outcome.elapsed, latencies: outcome.right, cpu })
}

fn generate<V: Visits>(target: &Target, visits: &Arc<V>, pace: Pace, answered: &Arc<AtomicU64>) -> Result<Outcome> {
    if let Some(apart) = &target.apart {
        apart.generates()?;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, async {
        let mut connections = Vec::with_capacity(target.connections);
        for _ in 0..target.connections {
            connections.push(Connection::open(target.address).await?);
        }
        let outcome = Rc::new(RefCell::new(Outcome::new()));
        let busy = busy()?;
        let start = Rc::new(Start::now(pace));
        let mut workers = Vec::with_capacity(connections.len());
        for (connection, seed) in connections.into_iter().zip(fresh_seed()..) {
            let (visits, start, outcome) = (Arc::clone(visits), Rc::clone(&start), Rc::clone(&outcome));
            let answered = Arc::clone(answered);
            workers.push(tokio::task::spawn_local(async move {
                if let Err(error) = work(&*visits, connection, &start, &outcome, seed, &answered).await {
                    outcome.borrow_mut().is_wrong(format!("{error:#}"));
                }
            }));
        }
        // On its own core the generator may spin.
        if target.apart.is_some() {
            let awake = Rc::clone(&start);
            tokio::task::spawn_local(async move { awake.stay_awake().await });
        }
        for worker in workers {
            worker.await?;
        }
        let mut outcome = Rc::into_inner(outcome).ok_or_else(|| anyhow!("a worker goes on"))?.into_inner();
        outcome.elapsed = start.elapsed();
        let busy = self::busy()?.saturating_sub(busy).saturating_sub(start.idle());
        outcome.busy = busy.as_secs_f64() / outcome.elapsed.as_secs_f64();
        Ok(outcome)
    })
}

/// How long this thread has worked, or waited for its core.
fn busy() -> Result<Duration> {
    let schedstat = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanoseconds = schedstat.split_whitespace().take(2).map(str::parse::<u64>).sum::<Result<u64, _>>()?;
    Ok(Duration::from_nanos(nanoseconds))
}

/// Every load has another seed; otherwise it would request what the last load has just cached.
fn fresh_seed() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed) << 32
}

/// One connection: a request, its response, the next request.
async fn work<V: Visits>(
    visits: &V,
    mut connection: Connection,
    start: &Start,
    outcome: &RefCell<Outcome>,
    seed: u64,
    answered: &AtomicU64,
) -> Result<()> {
    let mut rng = Rng::new(seed);
    let mut request = Vec::with_capacity(1024);
    while let Some(due) = start.next() {
        if due > Instant::now() {
            tokio::time::sleep_until(due.into()).await;
        }
        start.note_work();
        request.clear();
        let expected = visits.write(&mut rng, &mut request);
        let answer = connection.exchange(&request).await?;
        start.note_work();
        let verdict = visits.judge(&expected, &answer);
        outcome.borrow_mut().note(verdict, due.elapsed(), &answer);
        answered.fetch_add(1, Ordering::Relaxed);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::{TcpListener, TcpStream};

    use super::*;

    /// Requests `/` and expects `ok`; a 503 is a proper refusal.
    struct Plain;

    impl Visits for Plain {
        type Expected = ();

        fn write(&self, _dice: &mut Rng, request: &mut Vec<u8>) {
            request.extend_from_slice(b"GET / HTTP/1.1\r\n\r\n");
        }

        fn judge(&self, (): &(), answer: &RawResponse<'_>) -> Verdict {
            match (answer.status, answer.body) {
                (200, b"ok") => Verdict::Right,
                (503, _) => Verdict::Refused,
                _ => Verdict::Wrong,
            }
        }
    }

    /// A server with a response for the n-th request of each connection; `None` closes the connection.
    fn server(answer: fn(u64) -> Option<&'static str>) -> Target {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            for connection in listener.incoming() {
                std::thread::spawn(move || serve(connection.unwrap(), answer));
            }
        });
        Target { address, connections: 2, apart: None }
    }

    fn serve(mut connection: TcpStream, answer: fn(u64) -> Option<&'static str>) {
        let mut bytes = [0; 1024];
        for number in 0.. {
            let Ok(1..) = connection.read(&mut bytes) else { return };
            let Some(text) = answer(number) else { return };
            // Sends two pieces, as may happen on a network.
            let (head, body) = text.split_at(text.len() - 1);
            connection.write_all(head.as_bytes()).unwrap();
            connection.write_all(body.as_bytes()).unwrap();
        }
    }

    const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
    const OTHER: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nno";
    const BUSY: &str = "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 1\r\n\r\n-";

    #[tokio::test]
    async fn every_response_is_counted_by_its_verdict() {
        let target = server(|number| Some([OK, BUSY, OTHER][usize::try_from(number % 3).unwrap()]));
        let outcome = run(&Target { connections: 1, ..target }, &Arc::new(Plain), Pace::Count(30)).await.unwrap();
        assert_eq!((outcome.right.len(), outcome.refused.len(), outcome.wrong), (10, 10, 10));
        assert_eq!(outcome.first_wrong.as_deref(), Some("200 no"));
        assert!(outcome.without_wrong_answers().is_err());
    }

    #[tokio::test]
    async fn a_connection_that_breaks_off_is_a_wrong_answer() {
        let target = server(|number| (number < 5).then_some(OK));
        let outcome = run(&target, &Arc::new(Plain), Pace::Count(100)).await.unwrap();
        assert_eq!((outcome.right.len(), outcome.wrong), (10, 2));
    }

    #[tokio::test]
    async fn a_slice_fails_where_something_was_refused() {
        let target = server(|_| Some(BUSY));
        assert!(slice(&target, &Arc::new(Plain), Duration::from_millis(20), &Processes::default()).await.is_err());
        let target = server(|_| Some(OK));
        let slice = slice(&target, &Arc::new(Plain), Duration::from_millis(20), &Processes::default()).await.unwrap();
        assert!(slice.operations > 0 && slice.operations == slice.latencies.len());
    }

    #[tokio::test]
    async fn at_a_constant_rate_a_stall_is_felt_by_all_that_were_due_meanwhile() {
        let target = server(|number| {
            if number == 0 {
                std::thread::sleep(Duration::from_millis(200));
            }
            Some(OK)
        });
        let pace = Pace::Rate { per_second: 100.0, lasting: Duration::from_millis(300) };
        let outcome = run(&Target { connections: 1, ..target }, &Arc::new(Plain), pace).await.unwrap();
        assert_eq!((outcome.right.len(), outcome.wrong), (30, 0));
        // The first waited for 200 ms, those due after it for 190, 180 and so on.
        assert!(outcome.right.value_at_quantile(0.5) > 30_000, "{}", outcome.right.value_at_quantile(0.5));
        assert!(outcome.right.max() >= 200_000);
    }
}
