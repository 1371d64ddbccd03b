//! The only way into the log. A single thread takes all requests that wait while the last commit runs (no timer),
//! commits them in one transaction and gives each its own outcome. The service's `CommandHandler` decides them.
//!
//! Of several replicas one writes at a time. A writer without competitors writes each batch as one statement, which
//! has no effect if the head has moved. After another process has moved it, the writer locks the head before it
//! prepares a batch, so that replicas take turns and no work is wasted.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::future::join_all;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use super::batch::{CommitMode, Committed, Context, Job, commit};
use super::batch_scheduler::{BatchScheduler, wait_for_more};
use super::command_handler::{CommandHandler, CommandMeta, Outcome, SubmitError};
use super::head::{CommitError, LOCK_HEAD};
use super::limits::{MAX_TOGETHER, MAX_WAITING};
use super::point::LogPoint;
use super::reader::Log;
use super::waiting::{Jobs, next_batch};
use super::witness::{Testimony, Witness};
use crate::event_loop_lag::EventLoopLag;
use crate::health::database::try_write;
use crate::health::{Dependency, Status, with_causes};
use crate::sql::{Database, SqlError, Tx};
use contract::clock::Clock;

/// How long a batch is retried while the database does not respond.
const GIVE_UP_AFTER: Duration = Duration::from_secs(3);
/// First and longest pause between two retries.
const RETRY_PAUSE: (Duration, Duration) = (Duration::from_millis(10), Duration::from_millis(500));
/// How long a start waits for the first witness, and the pause between two questions.
const WITNESS_PATIENCE: Duration = Duration::from_secs(5);
const WITNESS_PAUSE: Duration = Duration::from_millis(50);
/// Pause between two test writes of an idle writer whose last batch failed.
const TRY_EVERY: Duration = Duration::from_secs(5);
/// Batches that are decided by reads after a wrong guess, since another wrong guess is likely.
const CHECKED_AFTER_WRONG_GUESS: u32 = 8;
/// How long after its last move of the head another process counts as a writer.
const OTHERS_SEEN: Duration = Duration::from_secs(1);

/// Reports a panic of the thread, which would leave its callers waiting.
struct Watched(Dependency);

impl Drop for Watched {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.set(Status::Failing("the log's writer has failed; restart the process, keep its log".to_owned()));
        }
    }
}

/// A handle to the writing thread; clones share it. The thread ends when the last is dropped.
pub struct Writer<D: CommandHandler> {
    queue: mpsc::Sender<Jobs<D>>,
    handler: Arc<D>,
    log: Log,
}

impl<D: CommandHandler> Clone for Writer<D> {
    fn clone(&self) -> Self {
        Self { queue: self.queue.clone(), handler: Arc::clone(&self.handler), log: self.log.clone() }
    }
}

impl<D: CommandHandler> Writer<D> {
    /// Starts the writing thread. If it cannot run, every request gets [`SubmitError::Unavailable`].
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
            checked_batches: 0,
            health: health.clone(),
            has_failed: false,
        };
        let others = EventLoopLag::of_this_runtime();
        // The writer has its own thread, so that its steps do not queue behind requests.
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

    /// Whether the queue has room; check it before work on a request that would be refused.
    pub fn has_room(&self) -> bool {
        self.queue.capacity() > 0
    }

    /// Appends one request and waits until it is durable.
    pub async fn submit(&self, command: CommandMeta, request: D::Request) -> Outcome<D> {
        let outcomes = self.submit_together(vec![(command, request)]).await;
        outcomes.into_iter().next().unwrap_or(Err(SubmitError::Unavailable))
    }

    /// Appends different commands in one commit, [`MAX_TOGETHER`] at most, and waits until it is durable. Each has its own
    /// outcome, in the same order: a refused one leaves the others alone.
    pub async fn submit_together(&self, requests: Vec<(CommandMeta, D::Request)>) -> Vec<Outcome<D>> {
        if requests.len() > MAX_TOGETHER {
            return requests.iter().map(|_| Err(SubmitError::TooLarge)).collect();
        }
        let (jobs, outcomes): (Jobs<D>, Vec<_>) = requests.into_iter().map(|request| self.job(request)).unzip();
        match self.queue.try_send(jobs) {
            Ok(()) => {
                let outcomes =
                    outcomes.into_iter().map(async |outcome| outcome.await.unwrap_or(Err(SubmitError::Unavailable)));
                join_all(outcomes).await
            }
            Err(mpsc::error::TrySendError::Full(_)) => outcomes.iter().map(|_| Err(SubmitError::Full)).collect(),
            Err(mpsc::error::TrySendError::Closed(_)) => {
                outcomes.iter().map(|_| Err(SubmitError::Unavailable)).collect()
            }
        }
    }

    fn job(&self, (command, request): (CommandMeta, D::Request)) -> (Job<D>, oneshot::Receiver<Outcome<D>>) {
        let (reply, outcome) = oneshot::channel();
        let mark = self.log.secret().mark(&command.id, &command.fingerprint);
        (Job { command, mark, request, reply }, outcome)
    }
}

fn write<D: CommandHandler>(mut writing: Writing<D>, jobs: mpsc::Receiver<Jobs<D>>, lag: &EventLoopLag) {
    match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(async {
            writing.database = writing.log.database().with_own_writer();
            writing.all(jobs, lag).await;
        }),
        Err(error) => tracing::error!(error = %error, "the log's writer cannot start"),
    }
}

struct Writing<D: CommandHandler> {
    log: Log,
    database: Database,
    clock: Clock,
    handler: Arc<D>,
    witnesses: Vec<Witness>,
    /// Witnesses to ask, since the database may have been replaced: at the start, and after an unresponsive database.
    to_ask: Vec<Witness>,
    /// The end of the log after the last batch.
    left_at: Option<LogPoint>,
    /// When another process was last seen to move the head.
    others_at: Option<Instant>,
    /// So many further batches are decided by reads.
    checked_batches: u32,
    health: Dependency,
    /// The last batch could not be written, and none since.
    has_failed: bool,
}

impl<D: CommandHandler> Writing<D> {
    async fn all(mut self, mut jobs: mpsc::Receiver<Jobs<D>>, lag: &EventLoopLag) {
        self.wait_for_a_witness().await;
        let (mut scheduler, mut answered) = (BatchScheduler::new(lag), 0);
        // Repetitions of a command in the current batch: the next batch answers them.
        let mut postponed = VecDeque::new();
        loop {
            let mut taken: VecDeque<Jobs<D>> = std::mem::take(&mut postponed);
            if taken.is_empty() {
                match self.next(&mut jobs).await {
                    Some(first) => taken.push_back(first),
                    None => return,
                }
            }
            scheduler.yield_to_requests().await;
            let mode = self.mode();
            // Requests that arrive during the wait for the lock join the batch.
            let locked = if mode.is_locked() { self.database.begin_locked(&LOCK_HEAD).await.ok() } else { None };
            wait_for_more(jobs.len() + taken.len(), answered);
            let batch = next_batch(&mut taken, &mut jobs, &mut postponed, scheduler.most());
            metrics::histogram!("signpost_log_batch_size").record(f64::from(u32::try_from(batch.len()).unwrap_or(0)));
            answered = batch.len();
            self.batch(batch, mode, locked).await;
        }
    }

    /// The next jobs. A process that is not ready gets no requests, so a writer whose last batch failed tests the
    /// database itself.
    async fn next(&mut self, jobs: &mut mpsc::Receiver<Jobs<D>>) -> Option<Jobs<D>> {
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

    /// Commits a batch, with retries within the limits, and answers every caller in it.
    async fn batch(&mut self, batch: Vec<Job<D>>, mode: CommitMode, locked: Option<Tx>) {
        match self.commit_patiently(&batch, mode, locked).await {
            // The data of one request is at fault: each is committed alone, so that the others succeed.
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
                // Without the lock, another process's append may be the reason for the refusal.
                Err(CommitError::Sql(error))
                    if mode != CommitMode::Locked && (error.is_about_data() || matches!(error, SqlError::Conflict)) =>
                {
                    mode = self.stricter(mode);
                }
                Err(CommitError::Sql(SqlError::Conflict)) if in_time => {}
                Err(CommitError::Sql(error @ SqlError::Unavailable(_))) => {
                    self.to_ask.clone_from(&self.witnesses);
                    if !in_time {
                        return Err(error.into());
                    }
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(RETRY_PAUSE.1);
                    // A commit whose response was lost is found by its command ids, so a retry never writes twice.
                    mode = self.stricter(mode);
                }
                Err(error @ CommitError::Lost { .. }) => {
                    // The other replicas must stop as well.
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

    /// After a start, waits for one witness before the first write, within a limit, since all programs may start
    /// together. The first batch reports the same fault, so errors are ignored here.
    async fn wait_for_a_witness(&mut self) {
        let started = Instant::now();
        while !self.witnesses.is_empty() && started.elapsed() < WITNESS_PATIENCE {
            let outcome = self.ask_witnesses().await;
            if outcome.is_err() || self.to_ask.len() < self.witnesses.len() {
                return;
            }
            tokio::time::sleep(WITNESS_PAUSE).await;
        }
    }

    /// Asks the witnesses, if the database may have been replaced.
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

    /// The mode of the next batch, by the results of the last ones.
    fn mode(&mut self) -> CommitMode {
        let may_guess = self.checked_batches == 0;
        self.checked_batches = self.checked_batches.saturating_sub(1);
        let among_others = self.others_at.is_some_and(|at| at.elapsed() < OTHERS_SEEN);
        match self.left_at {
            Some(_) if among_others && may_guess => CommitMode::OptimisticLocked,
            _ if among_others => CommitMode::Locked,
            Some(head) if may_guess => CommitMode::Optimistic(head),
            _ => CommitMode::Checked,
        }
    }

    /// The mode of a retry of the same batch.
    fn stricter(&mut self, mode: CommitMode) -> CommitMode {
        match mode {
            CommitMode::Optimistic(_) | CommitMode::OptimisticLocked => {
                metrics::counter!("signpost_log_wrong_guesses_total").increment(1);
                self.checked_batches = CHECKED_AFTER_WRONG_GUESS;
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
                    // The caller may have gone.
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
            // Repeated conflicts are not the request's fault: the caller may retry.
            CommitError::Sql(SqlError::Unavailable(_) | SqlError::Conflict) => SubmitError::Unavailable,
            CommitError::Sql(error) => {
                tracing::error!(error = with_causes(error), "a batch could not be written");
                SubmitError::Broken
            }
        }
    }
}
