//! The one way into the log. A single thread takes whatever requests wait while the last commit runs (no timer), commits
//! them in one transaction and gives each its own outcome. What a request amounts to is its service's business: a `CommandHandler`.
//!
//! Of several replicas one writes at a time. A writer that is alone writes each batch as one statement, which has no effect
//! where the head has moved. Once another has moved it, the lock on the head is taken before a batch is made, so that replicas
//! take turns and nothing is made in vain.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use super::batch::{CommitMode, Committed, Context, Job, commit};
use super::batch_scheduler::{BatchScheduler, wait_for_more};
use super::command_handler::{CommandHandler, CommandMeta, Outcome, SubmitError};
use super::head::{CommitError, LOCK_HEAD};
use super::limits::MAX_WAITING;
use super::point::LogPoint;
use super::reader::Log;
use super::witness::{Testimony, Witness};
use crate::event_loop_lag::EventLoopLag;
use crate::health::database::try_write;
use crate::health::{Dependency, Status, with_causes};
use crate::sql::{Database, SqlError, Tx};
use contract::clock::Clock;

/// How long a batch is tried again while the database does not answer.
const GIVE_UP_AFTER: Duration = Duration::from_secs(3);
/// First and longest pause between two tries.
const RETRY_PAUSE: (Duration, Duration) = (Duration::from_millis(10), Duration::from_millis(500));
/// How long a start waits for the first witness, and its pause between two questions.
const WITNESS_PATIENCE: Duration = Duration::from_secs(5);
const WITNESS_PAUSE: Duration = Duration::from_millis(50);
/// Pause between two tries of a writer that could not write and is not asked to.
const TRY_EVERY: Duration = Duration::from_secs(5);
/// Batches that are asked about after one that was guessed wrongly: what came once often comes again.
const ASKED_AFTER_WRONG_GUESS: u32 = 8;
/// How long others count as writing after the head was last moved by them.
const OTHERS_SEEN: Duration = Duration::from_secs(1);

/// Reports a thread that panicked: whoever waits for it then waits in vain.
struct Watched(Dependency);

impl Drop for Watched {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.set(Status::Failing("the log's writer has failed; restart the process, keep its log".to_owned()));
        }
    }
}

/// The way to the writing thread; clones lead to the same one. The thread ends when the last is dropped.
pub struct Writer<D: CommandHandler> {
    queue: mpsc::Sender<Job<D>>,
    handler: Arc<D>,
    log: Log,
}

impl<D: CommandHandler> Clone for Writer<D> {
    fn clone(&self) -> Self {
        Self { queue: self.queue.clone(), handler: Arc::clone(&self.handler), log: self.log.clone() }
    }
}

impl<D: CommandHandler> Writer<D> {
    /// Starts the writing thread. Where it cannot run, every request is answered with [`SubmitError::Unavailable`].
    pub fn start(log: Log, clock: Clock, handler: D, health: Dependency, witnesses: Vec<Witness>) -> Self {
        let (queue, jobs) = mpsc::channel(MAX_WAITING);
        let handler = Arc::new(handler);
        let writing = Writing {
            database: log.database().clone(),
            log: log.clone(),
            clock,
            handler: Arc::clone(&handler),
            to_ask: witnesses.clone(),
            witnesses,
            left_at: None,
            others_at: None,
            asks: 0,
            health: health.clone(),
            has_failed: false,
        };
        let others = EventLoopLag::of_this_runtime();
        // On a thread of its own: between two steps of a batch it does not stand in line behind a hundred requests.
        let thread = std::thread::Builder::new().name("log-writer".to_owned());
        let (watched, unstarted) = (Watched(health.clone()), health);
        let started = thread.spawn(move || {
            let _watched = watched;
            write(writing, jobs, &others);
        });
        if let Err(error) = started {
            unstarted.set(Status::Failing(format!("the log's writer cannot start: {error}")));
        }
        Self { queue, handler, log }
    }

    /// The service's part.
    pub fn handler(&self) -> &D {
        &self.handler
    }

    /// Whether one more request can wait; asked before work is spent on one that would be refused.
    pub fn has_room(&self) -> bool {
        self.queue.capacity() > 0
    }

    /// Appends one request and waits until it is durable.
    pub async fn submit(&self, command: CommandMeta, request: D::Request) -> Outcome<D> {
        let (reply, outcome) = oneshot::channel();
        let mark = self.log.secret().mark(&command.id, &command.fingerprint);
        self.queue.try_send(Job { command, mark, request, reply }).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => SubmitError::Full,
            mpsc::error::TrySendError::Closed(_) => SubmitError::Unavailable,
        })?;
        outcome.await.unwrap_or(Err(SubmitError::Unavailable))
    }
}

fn write<D: CommandHandler>(mut writing: Writing<D>, jobs: mpsc::Receiver<Job<D>>, lag: &EventLoopLag) {
    match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(async {
            writing.database = writing.log.database().with_own_writer();
            writing.all(jobs, lag).await;
        }),
        Err(error) => tracing::error!(error = %error, "the log's writer cannot start"),
    }
}

/// The writer's own state.
struct Writing<D: CommandHandler> {
    log: Log,
    database: Database,
    clock: Clock,
    handler: Arc<D>,
    witnesses: Vec<Witness>,
    /// Those that are to be asked, since the database may be another than before: at the start, and after it did not answer.
    to_ask: Vec<Witness>,
    /// Where the last batch left the log.
    left_at: Option<LogPoint>,
    /// When another process was last seen to have moved the head.
    others_at: Option<Instant>,
    /// So many batches are not guessed.
    asks: u32,
    health: Dependency,
    /// The last batch could not be written, and nothing since.
    has_failed: bool,
}

impl<D: CommandHandler> Writing<D> {
    async fn all(mut self, mut jobs: mpsc::Receiver<Job<D>>, lag: &EventLoopLag) {
        self.wait_for_a_witness().await;
        let (mut scheduler, mut answered) = (BatchScheduler::beside(lag), 0);
        // Repetitions of a command that is in the batch already: they are answered by the next one.
        let mut postponed = VecDeque::new();
        loop {
            let mut taken: VecDeque<Job<D>> = std::mem::take(&mut postponed);
            if taken.is_empty() {
                match self.next(&mut jobs).await {
                    Some(first) => taken.push_back(first),
                    None => return,
                }
            }
            scheduler.yield_to_requests().await;
            let mode = self.mode();
            // Whoever arrives while others have their turn is in the batch too.
            let locked = if mode.is_locked() { self.database.begin_locked(&LOCK_HEAD).await.ok() } else { None };
            wait_for_more(jobs.len() + taken.len(), answered);
            let batch = next_batch(&mut taken, &mut jobs, &mut postponed, scheduler.most());
            metrics::histogram!("signpost_log_batch_size").record(f64::from(u32::try_from(batch.len()).unwrap_or(0)));
            answered = batch.len();
            self.batch(batch, mode, locked).await;
        }
    }

    /// The next job. Nothing is sent to a process that is not ready, so one that could not write tries by itself.
    async fn next(&mut self, jobs: &mut mpsc::Receiver<Job<D>>) -> Option<Job<D>> {
        while self.has_failed {
            match timeout(TRY_EVERY, jobs.recv()).await {
                Ok(job) => return job,
                Err(_) => match try_write(&self.database).await {
                    Ok(()) => self.can_write(),
                    Err(error) => self.cannot_write(&error),
                },
            }
        }
        jobs.recv().await
    }

    fn can_write(&mut self) {
        if std::mem::take(&mut self.has_failed) {
            self.health.set(Status::Ok);
        }
    }

    fn cannot_write(&mut self, error: &SqlError) {
        self.has_failed = true;
        self.health.set(Status::Failing(with_causes(error)));
    }

    /// Commits a batch, whatever it takes within the limits, and answers everyone in it.
    async fn batch(&mut self, batch: Vec<Job<D>>, mode: CommitMode, locked: Option<Tx>) {
        match self.commit_patiently(&batch, mode, locked).await {
            // One request's data is at fault, nobody knows whose: each goes alone, so that the neighbours get in.
            Err(CommitError::Sql(error)) if error.is_about_data() && batch.len() > 1 => {
                for job in batch {
                    let alone = self.commit_patiently(std::slice::from_ref(&job), CommitMode::Locked, None).await;
                    self.answer(vec![job], alone);
                }
            }
            outcome => self.answer(batch, outcome),
        }
    }

    async fn commit_patiently(
        &mut self,
        batch: &[Job<D>],
        mut mode: CommitMode,
        mut locked: Option<Tx>,
    ) -> Result<Committed<D>, CommitError> {
        let started = Instant::now();
        let mut pause = RETRY_PAUSE.0;
        loop {
            self.ask_witnesses().await?;
            let in_time = started.elapsed() < GIVE_UP_AFTER;
            let (log, database, clock, handler) = (&self.log, &self.database, &self.clock, &*self.handler);
            let context = Context { log, database, clock, handler, left_at: self.left_at };
            match commit(&context, batch, mode, locked.take()).await {
                // Without the lock, data may be refused for what another process has just stored.
                Err(CommitError::Sql(error))
                    if mode != CommitMode::Locked && (error.is_about_data() || matches!(error, SqlError::Conflict)) =>
                {
                    mode = self.more_than(mode);
                }
                Err(CommitError::Sql(SqlError::Conflict)) if in_time => {}
                Err(CommitError::Sql(error @ SqlError::Unavailable(_))) => {
                    self.to_ask.clone_from(&self.witnesses);
                    if !in_time {
                        return Err(error.into());
                    }
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(RETRY_PAUSE.1);
                    // A commit whose answer was lost is found by its command ids, so trying again never doubles anything.
                    mode = self.more_than(mode);
                }
                Err(error @ CommitError::Lost { .. }) => {
                    // Whatever this process can do, the other replicas must not write either.
                    self.log.halt(&error.to_string()).await?;
                    self.left_at = None;
                    return Err(error);
                }
                Ok(committed) => {
                    let (before, after) = committed.moved;
                    if self.left_at.replace(after).is_some_and(|left_at| left_at != before) {
                        self.others_at = Some(Instant::now());
                    }
                    return Ok(committed);
                }
                failed => return failed,
            }
        }
    }

    /// After a start, nothing is written before a witness has answered, for as long as that may take when everything starts at
    /// once. What this finds is found by the first batch too.
    async fn wait_for_a_witness(&mut self) {
        let started = Instant::now();
        while !self.witnesses.is_empty() && started.elapsed() < WITNESS_PATIENCE {
            let asked = self.ask_witnesses().await;
            if asked.is_err() || self.to_ask.len() < self.witnesses.len() {
                return;
            }
            tokio::time::sleep(WITNESS_PAUSE).await;
        }
    }

    /// Asks whoever can tell what the log should have, where the database may be another than before.
    async fn ask_witnesses(&mut self) -> Result<(), CommitError> {
        for witness in std::mem::take(&mut self.to_ask) {
            match witness.testimony().await {
                Testimony::Nothing => {}
                Testimony::Absent => self.to_ask.push(witness),
                Testimony::Against(reason) => {
                    self.to_ask.clone_from(&self.witnesses);
                    self.log.halt(&reason).await?;
                    return Err(CommitError::Halted(reason));
                }
            }
        }
        Ok(())
    }

    /// What the next batch takes, by what the last ones showed.
    fn mode(&mut self) -> CommitMode {
        let may_guess = self.asks == 0;
        self.asks = self.asks.saturating_sub(1);
        let among_others = self.others_at.is_some_and(|at| at.elapsed() < OTHERS_SEEN);
        match self.left_at {
            Some(_) if among_others && may_guess => CommitMode::OptimisticLocked,
            _ if among_others => CommitMode::Locked,
            Some(head) if may_guess => CommitMode::Optimistic(head),
            _ => CommitMode::Checked,
        }
    }

    /// What the same batch takes once more.
    fn more_than(&mut self, mode: CommitMode) -> CommitMode {
        match mode {
            CommitMode::Optimistic(_) | CommitMode::OptimisticLocked => {
                metrics::counter!("signpost_log_wrong_guesses_total").increment(1);
                self.asks = ASKED_AFTER_WRONG_GUESS;
                if mode.is_locked() { CommitMode::Locked } else { CommitMode::Checked }
            }
            CommitMode::Checked | CommitMode::Locked => CommitMode::Locked,
        }
    }

    fn answer(&mut self, batch: Vec<Job<D>>, outcome: Result<Committed<D>, CommitError>) {
        match outcome {
            Ok(committed) => {
                self.can_write();
                let count = u64::try_from(committed.events.len()).unwrap_or(0);
                metrics::counter!("signpost_log_events_total", "log" => self.log.identity().service).increment(count);
                let position = committed.moved.1.position;
                self.log.has_grown(committed.events, position);
                for (job, outcome) in batch.into_iter().zip(committed.outcomes) {
                    // A caller that has gone does not want its answer.
                    let _ = job.reply.send(outcome);
                }
            }
            Err(error) => {
                if let CommitError::Sql(error @ SqlError::Unavailable(_)) = &error {
                    self.cannot_write(error);
                }
                let refusal = Self::refusal(&error);
                for job in batch {
                    let _ = job.reply.send(Err(refusal.clone()));
                }
            }
        }
    }

    fn refusal(error: &CommitError) -> SubmitError<D::Error> {
        match error {
            CommitError::Halted(_) | CommitError::Lost { .. } => SubmitError::Halted,
            // What was overtaken again and again was not at fault: it may be asked for once more.
            CommitError::Sql(SqlError::Unavailable(_) | SqlError::Conflict) => SubmitError::Unavailable,
            CommitError::Sql(error) => {
                tracing::error!(error = with_causes(error), "a batch could not be written");
                SubmitError::Broken
            }
        }
    }
}

/// Takes what waits, but for repetitions within the batch.
fn next_batch<D: CommandHandler>(
    taken: &mut VecDeque<Job<D>>,
    jobs: &mut mpsc::Receiver<Job<D>>,
    postponed: &mut VecDeque<Job<D>>,
    most: usize,
) -> Vec<Job<D>> {
    let (mut batch, mut ids) = (Vec::new(), HashSet::new());
    while batch.len() < most {
        let Some(job) = taken.pop_front().or_else(|| jobs.try_recv().ok()) else { break };
        if ids.insert(job.mark.id) { batch.push(job) } else { postponed.push_back(job) }
    }
    postponed.extend(taken.drain(..));
    batch
}
