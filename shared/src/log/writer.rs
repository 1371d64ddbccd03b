//! The one way into the log. A single thread takes whatever requests wait while the last commit runs (no timer), commits
//! them in one transaction and gives each its own outcome. What a request amounts to is its service's business: a `Desk`.

use std::collections::{HashSet, VecDeque};
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::{mpsc, oneshot};

use super::MAX_WAITING;
use super::batch::{Care, Committed, commit};
use super::event::NewEvent;
use super::pace::{Pace, gather};
use super::reader::{Head, Log};
use crate::clock::Clock;
use crate::lateness::Lateness;
use crate::sql::{Database, SqlError, Tx};

/// How long a batch is tried again while the database does not answer.
const GIVE_UP_AFTER: Duration = Duration::from_secs(3);
/// First and longest pause between two tries.
const RETRY_PAUSE: (Duration, Duration) = (Duration::from_millis(10), Duration::from_millis(500));
/// Batches that are asked about after one that was guessed wrongly: what came once often comes again.
const ASKED_AFTER_WRONG_GUESS: u32 = 8;

/// Who asks for something, and how a repetition of the same request is known.
#[derive(Clone, Debug)]
pub struct Command {
    /// Unique for this request; a repetition carries the same.
    pub id: String,
    /// A digest of what is asked; the same id with another one is refused.
    pub fingerprint: String,
    /// `operator:<id>`, `token:<id>`, `visitor`, `system`.
    pub actor: String,
    /// W3C `traceparent`.
    pub cause: Option<String>,
}

/// A stream that must be at a version for the request to hold. Also for streams that were only read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The stream.
    pub stream: String,
    /// Its version; 0 when it must not exist.
    pub version: u64,
}

/// What is answered, now and at every repetition: no personal data and no secret may be in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// JSON body, as it is stored and sent.
    body: Arc<str>,
}

impl Answer {
    /// An answer with this body.
    pub fn new(status: u16, body: &impl Serialize) -> Result<Self, serde_json::Error> {
        Ok(Self { status, body: serde_json::to_string(body)?.into() })
    }

    /// An answer as it was stored.
    pub(super) fn stored(status: u16, body: String) -> Self {
        Self { status, body: body.into() }
    }

    /// The body as text.
    pub fn text(&self) -> &str {
        &self.body
    }

    /// The body read back.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_str(&self.body)
    }
}

/// What a request amounts to. `K` is what the service keeps in mind until it stores.
#[derive(Clone, Debug)]
pub struct Draft<K = ()> {
    /// What must hold.
    pub conditions: Vec<Condition>,
    /// What happens; nothing when things are as asked already.
    pub events: Vec<NewEvent>,
    /// What is answered.
    pub answer: Answer,
    /// For the service's own part.
    pub kept: K,
}

/// A request that is in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The position of its last event, or the log's end where it had none.
    pub position: u64,
    /// What is answered.
    pub answer: Answer,
    /// Whether the same command had been answered before.
    pub replayed: bool,
}

/// A request that is not in the log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SubmitError<R> {
    /// The service's own rules say no.
    #[error("refused")]
    Refused(R),
    /// A stream moved on since it was read: read again and decide again.
    #[error("stream {0} has moved on")]
    Conflict(String),
    /// The same command id came with another request.
    #[error("the command id was used for another request")]
    CommandReused,
    /// An event is larger than a message may be, or there are too many.
    #[error("the request makes events that are too large")]
    TooLarge,
    /// Too many requests wait already.
    #[error("the writer's queue is full")]
    Full,
    /// The database does not answer. The request may or may not be in the log: repeat it with the same id.
    #[error("the log cannot be written now")]
    Unavailable,
    /// The database refused the data, or does not fit this program.
    #[error("the log refused the request")]
    Broken,
}

/// A service's part in a batch. What its methods read of the log, and of what only the log's writers change, holds until the
/// commit: the batch is not kept if another process has appended meanwhile. What else it relies on, `store` makes sure of.
pub trait Desk: Send + Sync + 'static {
    /// What can be asked.
    type Request: Send + Sync + 'static;
    /// Why it is refused.
    type Refusal: Send + Sync + Clone + std::fmt::Debug + 'static;
    /// What is known of a request when it is decided, and needed when it is stored.
    type Kept: Send + Sync + 'static;

    /// What was asked beforehand.
    type Asked: Send;

    /// Asks for what will be needed, so that it comes in one round trip with what the log needs. Repetitions are among the
    /// requests.
    fn ask(&self, tx: &mut Tx, requests: &[&Self::Request]) -> Self::Asked;

    /// Says what each request amounts to, in order.
    fn draft(
        &self,
        tx: &mut Tx,
        asked: Self::Asked,
        requests: &[&Self::Request],
    ) -> impl Future<Output = Result<Drafts<Self>, SqlError>> + Send;

    /// What the requests amount to if nothing is known against them, as far as that can be told without asking; `None`
    /// when it cannot. Where the guess may be wrong, what is stored must break a rule of the database.
    fn guess(&self, _requests: &[&Self::Request]) -> Option<Vec<Draft<Self::Kept>>> {
        None
    }

    /// Writes the service's own tables for the requests that are in.
    fn store(
        &self,
        tx: &mut Tx,
        accepted: &[(&Self::Request, &Draft<Self::Kept>)],
    ) -> impl Future<Output = Result<(), SqlError>> + Send;
}

/// What each request of a batch amounts to, or why it is refused, in order.
pub type Drafts<D> = Vec<Result<Draft<<D as Desk>::Kept>, <D as Desk>::Refusal>>;

pub(super) type Outcome<D> = Result<Receipt, SubmitError<<D as Desk>::Refusal>>;

pub(super) struct Job<D: Desk> {
    pub(super) command: Command,
    pub(super) request: D::Request,
    reply: oneshot::Sender<Outcome<D>>,
}

/// The way to the writing thread; clones lead to the same one. The thread ends when the last is dropped.
pub struct Writer<D: Desk> {
    queue: mpsc::Sender<Job<D>>,
    desk: Arc<D>,
}

impl<D: Desk> Clone for Writer<D> {
    fn clone(&self) -> Self {
        Self { queue: self.queue.clone(), desk: Arc::clone(&self.desk) }
    }
}

impl<D: Desk> Writer<D> {
    /// Starts the writing thread. Where it cannot run, every request is answered with [`SubmitError::Unavailable`].
    pub fn start(log: Log, clock: Clock, desk: D) -> Self {
        let (queue, jobs) = mpsc::channel(MAX_WAITING);
        let desk = Arc::new(desk);
        let written_for = Arc::clone(&desk);
        let others = Lateness::of_this_runtime();
        // On a thread of its own: between two steps of a batch it does not stand in line behind a hundred requests.
        let thread = std::thread::Builder::new().name("log-writer".to_owned());
        let started = thread.spawn(move || write(log, clock, written_for, jobs, &others));
        if let Err(error) = started {
            tracing::error!(error = %error, "the log's writer cannot start");
        }
        Self { queue, desk }
    }

    /// The service's part.
    pub fn desk(&self) -> &D {
        &self.desk
    }

    /// Whether one more request can wait; asked before work is spent on one that would be refused.
    pub fn has_room(&self) -> bool {
        self.queue.capacity() > 0
    }

    /// Appends one request and waits until it is durable.
    pub async fn submit(&self, command: Command, request: D::Request) -> Outcome<D> {
        let (reply, outcome) = oneshot::channel();
        self.queue.try_send(Job { command, request, reply }).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => SubmitError::Full,
            mpsc::error::TrySendError::Closed(_) => SubmitError::Unavailable,
        })?;
        outcome.await.unwrap_or(Err(SubmitError::Unavailable))
    }
}

fn write<D: Desk>(log: Log, clock: Clock, desk: Arc<D>, jobs: mpsc::Receiver<Job<D>>, lateness: &Lateness) {
    match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(async {
            let database = log.database().with_own_writer();
            Writing { log, database, clock, desk, left_at: None, others: true, asks: 0 }.all(jobs, lateness).await;
        }),
        Err(error) => tracing::error!(error = %error, "the log's writer cannot start"),
    }
}

/// The writer's own view of things.
struct Writing<D: Desk> {
    log: Log,
    database: Database,
    clock: Clock,
    desk: Arc<D>,
    /// Where the last batch left the log.
    left_at: Option<Head>,
    /// Other processes append too, as far as the last batch showed. Then the head is locked, or batches would have to be
    /// written again and again.
    others: bool,
    /// So many batches are not guessed.
    asks: u32,
}

impl<D: Desk> Writing<D> {
    async fn all(mut self, mut jobs: mpsc::Receiver<Job<D>>, lateness: &Lateness) {
        let (mut pace, mut answered) = (Pace::beside(lateness), 0);
        // Repetitions of a command that is in the batch already: they are answered by the next one.
        let mut postponed = VecDeque::new();
        loop {
            let mut batch = Vec::new();
            let mut ids = HashSet::new();
            let mut taken: VecDeque<Job<D>> = std::mem::take(&mut postponed);
            if taken.is_empty() {
                let Some(first) = jobs.recv().await else { return };
                taken.push_back(first);
            }
            pace.give_way().await;
            gather(jobs.len() + taken.len(), answered);
            let most = pace.most();
            while batch.len() < most {
                let Some(job) = taken.pop_front().or_else(|| jobs.try_recv().ok()) else { break };
                if ids.insert(job.command.id.clone()) { batch.push(job) } else { postponed.push_back(job) }
            }
            postponed.extend(taken);
            metrics::histogram!("signpost_log_batch_size").record(f64::from(u32::try_from(batch.len()).unwrap_or(0)));
            answered = batch.len();
            self.batch(batch).await;
        }
    }

    /// Commits a batch, whatever it takes within the limits, and answers everyone in it.
    async fn batch(&mut self, batch: Vec<Job<D>>) {
        match self.commit_patiently(&batch).await {
            // One request's data is at fault, nobody knows whose: each goes alone, so that the neighbours get in.
            Err(error) if error.is_about_data() && batch.len() > 1 => {
                for job in batch {
                    let alone = self.commit_patiently(std::slice::from_ref(&job)).await;
                    answer(&self.log, vec![job], alone);
                }
            }
            outcome => answer(&self.log, batch, outcome),
        }
    }

    async fn commit_patiently(&mut self, batch: &[Job<D>]) -> Result<Committed<D>, SqlError> {
        let started = Instant::now();
        let mut pause = RETRY_PAUSE.0;
        let mut care = self.care();
        loop {
            let in_time = started.elapsed() < GIVE_UP_AFTER;
            match commit(&self.database, self.log.identity(), &self.clock, &*self.desk, batch, &care).await {
                // Without the lock, data may be refused for what another process has just stored.
                Err(error) if care != Care::Lock && (error.is_about_data() || matches!(error, SqlError::Overtaken)) => {
                    care = self.more_than(&care);
                }
                Err(SqlError::Overtaken) if in_time => {}
                Err(SqlError::Unavailable(error)) if in_time => {
                    tracing::warn!(error = %error, "the log's database does not answer; trying again");
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(RETRY_PAUSE.1);
                    // A commit whose answer was lost is found by its command ids, so trying again never doubles anything.
                    care = self.more_than(&care);
                }
                Ok(committed) => {
                    let (before, after) = committed.moved.clone();
                    self.others = self.left_at.replace(after) != Some(before);
                    return Ok(committed);
                }
                failed => return failed,
            }
        }
    }

    /// What the next batch takes, by what the last ones showed.
    fn care(&mut self) -> Care {
        let may_guess = self.asks == 0;
        self.asks = self.asks.saturating_sub(1);
        match &self.left_at {
            _ if self.others => Care::Lock,
            Some(head) if may_guess => Care::Guess(head.clone()),
            _ => Care::Ask,
        }
    }

    /// What the same batch takes once more.
    fn more_than(&mut self, care: &Care) -> Care {
        match care {
            Care::Guess(_) => {
                metrics::counter!("signpost_log_wrong_guesses_total").increment(1);
                self.asks = ASKED_AFTER_WRONG_GUESS;
                Care::Ask
            }
            Care::Ask | Care::Lock => Care::Lock,
        }
    }
}

fn answer<D: Desk>(log: &Log, batch: Vec<Job<D>>, outcome: Result<Committed<D>, SqlError>) {
    match outcome {
        Ok(committed) => {
            log.has_grown(committed.events);
            for (job, outcome) in batch.into_iter().zip(committed.outcomes) {
                // A caller that has gone does not want its answer.
                let _ = job.reply.send(outcome);
            }
        }
        Err(error) => {
            // What was overtaken again and again was not at fault: it may be asked for once more.
            let passing = matches!(error, SqlError::Unavailable(_) | SqlError::Overtaken);
            let refusal = if passing { SubmitError::Unavailable } else { SubmitError::Broken };
            let source = std::error::Error::source(&error).map(ToString::to_string);
            tracing::error!(error = %error, source, requests = batch.len(), "a batch could not be written");
            for job in batch {
                let _ = job.reply.send(Err(refusal.clone()));
            }
        }
    }
}
