//! One batch, one transaction: find repetitions, let the command handler decide, check expected versions, number and
//! chain the events, store all rows set by set, move the head.

use std::collections::{BTreeSet, HashMap};

use tokio::sync::oneshot;

use super::command_handler::{
    AppendResult, CommandHandler, CommandMeta, Decision, Decisions, Outcome, Repeated, SubmitError,
};
use super::event::{CommandMark, Identity, NewEvent, RecordedEvent};
use super::head::{CommitError, HEAD_ELSEWHERE, Head, LOCK_HEAD, MOVE_HEAD, head_row, point_row, position};
use super::limits::{MAX_EVENT_BYTES, MAX_EVENTS_OF_ONE};
use super::notes::{ADD_NOTES, note_row};
use super::point::LogPoint;
use super::reader::{Log, recorded};
use crate::sql::{Database, Kind, Row, Sql, SqlError, Tx, Value};
use crate::sql_rows;
use contract::clock::{Clock, Moment};
use contract::ids::new_id;

static COMMANDS_WITHOUT_EVENTS: Sql =
    Sql::rows("SELECT id, digest, position FROM commands_without_events WHERE id {among}", &[("id", Kind::Bytes)]);
static COMMAND_KNOWN: Sql = Sql::rows("SELECT 1 FROM events WHERE command_id {among}", &[("id", Kind::Bytes)]);
static COMMAND_KNOWN_WITHOUT_EVENT: Sql =
    Sql::rows("SELECT 1 FROM commands_without_events WHERE id {among}", &[("id", Kind::Bytes)]);
static VERSIONS: Sql = Sql::rows(
    "SELECT r.stream, (SELECT MAX(e.version) FROM events e WHERE e.stream = r.stream) AS version FROM {rows}",
    &[("stream", Kind::Text)],
);
sql_rows! {
    pub(super) static ADD_EVENTS = "INSERT INTO events ({columns}) SELECT {columns} FROM {rows}";
    pub(super) fn event_row(event: &RecordedEvent) {
        position: Int = event.position,
        event_id: Uuid = event.event_id,
        stream: Text = &event.stream,
        version: Int = event.version,
        type: Text = &event.type_name,
        subject: Text = &event.subject,
        data: Text = &event.data,
        recorded_at: Moment = event.recorded_at,
        actor: Text = &event.actor,
        cause: Text = event.cause.as_ref(),
        command_id: Bytes = event.command.map(|command| command.id),
        command_digest: Bytes = event.command.map(|command| command.request),
        hash: Bytes = event.hash.0,
    }
}
sql_rows! {
    static ADD_COMMANDS_WITHOUT_EVENTS = "INSERT INTO commands_without_events ({columns}) SELECT {columns} FROM {rows}";
    fn command_row(answered: (CommandMark, u64, Moment)) {
        id: Bytes = answered.0.id,
        digest: Bytes = answered.0.request,
        position: Int = answered.1,
        recorded_at: Moment = answered.2,
    }
}

/// A request to the writer.
pub(super) struct Job<D: CommandHandler> {
    pub(super) command: CommandMeta,
    pub(super) mark: CommandMark,
    pub(super) request: D::Request,
    /// Receives the outcome.
    pub(super) reply: oneshot::Sender<Outcome<D>>,
}

pub(super) struct Committed<D: CommandHandler> {
    /// One outcome for each job, in order.
    pub(super) outcomes: Vec<Outcome<D>>,
    pub(super) events: Vec<RecordedEvent>,
    /// The end of the log before and after the batch.
    pub(super) moved: (LogPoint, LogPoint),
}

/// Which facts of a batch are read before it is written; fewer reads mean fewer round trips. If a fact that was not
/// read turns out to be wrong, the whole batch is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CommitMode {
    /// No reads, if the command handler can decide without: the log is assumed to end here, and no command to be a
    /// repetition.
    Optimistic(LogPoint),
    /// Reads only the end of the log, with the head locked: another process has just moved it, but other cached facts
    /// have probably not changed.
    OptimisticLocked,
    /// Reads everything.
    Checked,
    /// Reads everything with the head locked, so that no other process can write in between.
    Locked,
}

impl CommitMode {
    pub(super) fn is_locked(self) -> bool {
        matches!(self, Self::OptimisticLocked | Self::Locked)
    }
}

pub(super) struct Context<'a, D: CommandHandler> {
    pub(super) log: &'a Log,
    pub(super) database: &'a Database,
    pub(super) clock: &'a Clock,
    pub(super) handler: &'a D,
    /// The end of the log after this process's last batch.
    pub(super) left_at: Option<LogPoint>,
}

/// Commits the whole batch or nothing. `locked` is a transaction that holds the lock already.
pub(super) async fn commit<D: CommandHandler>(
    context: &Context<'_, D>,
    jobs: &[Job<D>],
    mode: CommitMode,
    locked: Option<Tx>,
) -> Result<Committed<D>, CommitError> {
    let mut tx = match (locked, mode) {
        (Some(tx), _) => tx,
        (None, mode) if mode.is_locked() => context.database.begin_locked(&LOCK_HEAD).await?,
        (None, _) => context.database.autocommit().await?,
    };
    let now = context.clock.now();
    let guessed = match mode {
        CommitMode::Optimistic(head) => guess(&mut tx, context.handler, jobs, (head, now)).await?,
        CommitMode::OptimisticLocked => {
            let (head, _) = Head::query(&mut tx, context.left_at, Vec::new()).read(&mut tx).await?;
            guess(&mut tx, context.handler, jobs, (head, now)).await?
        }
        CommitMode::Checked | CommitMode::Locked => None,
    };
    let is_guessed = guessed.is_some();
    let Found { head, mut outcomes, decisions } = match guessed {
        Some(found) => found,
        None => read_and_decide(&mut tx, context, jobs, now).await?,
    };
    let versions = versions::<D>(&mut tx, &decisions).await?;
    let identity = context.log.identity();
    let mut page = Page { identity, now, head, events: Vec::new(), notes: Vec::new(), versions };
    let mut accepted = Vec::with_capacity(decisions.len());
    let fresh: Vec<usize> = (0..jobs.len()).filter(|index| outcomes[*index].is_none()).collect();
    for (index, decision) in fresh.into_iter().zip(decisions) {
        let written = decision.map_err(SubmitError::Refused).and_then(|decision| page.write(&jobs[index], decision));
        outcomes[index] = Some(match written {
            Ok((decision, appended)) => {
                accepted.push((index, decision, appended.clone()));
                Ok(appended)
            }
            Err(error) => Err(error),
        });
    }
    if outcomes.iter().flatten().any(Result::is_err) {
        // A refused job may be a repetition of an accepted one. And where no write would detect another process's
        // append, the head's position is checked here.
        let unnoticed = accepted.is_empty() && mode != CommitMode::Locked;
        if is_guessed || unnoticed && position(&mut tx).await? != head.position {
            return Err(SqlError::Conflict.into());
        }
    }
    if !accepted.is_empty() {
        store(&mut tx, context.handler, jobs, &mut page, &accepted, (head, is_guessed)).await?;
        tx.commit().await?;
    }
    let outcomes = outcomes.into_iter().map(|outcome| outcome.unwrap_or(Err(SubmitError::Broken))).collect();
    Ok(Committed { outcomes, moved: (head, page.head), events: page.events })
}

/// The facts that a batch is written by.
struct Found<D: CommandHandler> {
    /// The end of the log.
    head: LogPoint,
    outcomes: Known<D>,
    /// The decisions for the jobs without an outcome.
    decisions: Decisions<D>,
}

/// Decides from cached facts.
async fn guess<D: CommandHandler>(
    tx: &mut Tx,
    handler: &D,
    jobs: &[Job<D>],
    (head, now): (LogPoint, Moment),
) -> Result<Option<Found<D>>, SqlError> {
    let requests: Vec<&D::Request> = jobs.iter().map(|job| &job.request).collect();
    let guessed = handler.guess(tx, &requests, now).await?;
    Ok(guessed.map(|decisions| {
        let outcomes = jobs.iter().map(|_| None).collect();
        Found { head, outcomes, decisions: decisions.into_iter().map(Ok).collect() }
    }))
}

async fn read_and_decide<D: CommandHandler>(
    tx: &mut Tx,
    context: &Context<'_, D>,
    jobs: &[Job<D>],
    now: Moment,
) -> Result<Found<D>, CommitError> {
    let head = Head::query(tx, context.left_at, ids_of(jobs));
    let without_events = tx.query(&COMMANDS_WITHOUT_EVENTS, ids_of(jobs));
    let queries = context.handler.queue_queries(tx, &jobs.iter().map(|job| &job.request).collect::<Vec<_>>());
    let (head, rows) = head.read(tx).await?;
    let repeats = repeats(&rows, &tx.read_queued(without_events).await?)?;
    let outcomes = outcomes_of_repeats(tx, context.handler, jobs, repeats).await?;
    let fresh = jobs.iter().zip(&outcomes).filter(|(_, outcome)| outcome.is_none());
    let requests: Vec<&D::Request> = fresh.map(|(job, _)| &job.request).collect();
    let decisions =
        if requests.is_empty() { Vec::new() } else { context.handler.decide(tx, queries, &requests, now).await? };
    Ok(Found { head, outcomes, decisions })
}

fn ids_of<D: CommandHandler>(jobs: &[Job<D>]) -> Vec<Vec<Value>> {
    jobs.iter().map(|job| vec![job.mark.id.into()]).collect()
}

/// The outcomes of repeated commands; `None` for the others.
type Known<D> = Vec<Option<Outcome<D>>>;

/// Earlier commands by their ids: the digest of the request, and its outcome.
type Repeats = HashMap<[u8; 16], ([u8; 16], Repeated)>;

fn repeats(with_events: &[Row], without_events: &[Row]) -> Result<Repeats, SqlError> {
    let mut repeats = HashMap::new();
    for row in with_events {
        if row.opt_uuid("event_id")?.is_none() {
            continue;
        }
        let event = recorded(row)?;
        if let Some(command) = event.command {
            repeats.insert(command.id, (command.request, Repeated { position: event.position, event: Some(event) }));
        }
    }
    for row in without_events {
        let repeated = Repeated { position: row.count("position")?, event: None };
        repeats.insert(row.array("id")?, (row.array("digest")?, repeated));
    }
    Ok(repeats)
}

async fn outcomes_of_repeats<D: CommandHandler>(
    tx: &mut Tx,
    handler: &D,
    jobs: &[Job<D>],
    mut repeats: Repeats,
) -> Result<Known<D>, SqlError> {
    let mut outcomes = Vec::with_capacity(jobs.len());
    for job in jobs {
        outcomes.push(match repeats.remove(&job.mark.id) {
            None => None,
            Some((request, _)) if request != job.mark.request => Some(Err(SubmitError::CommandReused)),
            Some((_, repeated)) => {
                let answer = handler.repeat(tx, &job.request, &repeated).await?;
                Some(Ok(AppendResult { position: repeated.position, answer, replayed: true }))
            }
        });
    }
    Ok(outcomes)
}

/// The current versions of all streams that the decisions write or expect.
async fn versions<D: CommandHandler>(tx: &mut Tx, decisions: &Decisions<D>) -> Result<HashMap<String, u64>, SqlError> {
    let mut streams = BTreeSet::new();
    for decision in decisions.iter().flatten() {
        streams.extend(decision.expected_versions.iter().map(|expected_version| expected_version.stream.as_str()));
        let known = decision.events.iter().filter(|event| !event.starts_stream);
        streams.extend(known.map(|event| event.stream.as_str()));
    }
    if streams.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = streams.into_iter().map(|stream| vec![Value::from(stream)]).collect();
    let found = tx.rows_for_many(&VERSIONS, rows).await?;
    let known = found.iter().filter_map(|row| match row.opt_int("version") {
        Ok(None) => None,
        _ => Some(row.text("stream").and_then(|stream| Ok((stream, row.count("version")?)))),
    });
    known.collect()
}

/// An accepted request, and the result for its caller.
type Appended<D> = (Decision<<D as CommandHandler>::HandlerState>, AppendResult);

/// The events of a batch while they are numbered and chained.
struct Page<'a> {
    identity: &'a Identity,
    now: Moment,
    head: LogPoint,
    events: Vec<RecordedEvent>,
    notes: Vec<Vec<Value>>,
    versions: HashMap<String, u64>,
}

impl Page<'_> {
    /// Adds one request's events, or none of them.
    fn write<D: CommandHandler>(
        &mut self,
        job: &Job<D>,
        decision: Decision<D::HandlerState>,
    ) -> Result<Appended<D>, SubmitError<D::Error>> {
        for expected_version in &decision.expected_versions {
            if self.versions.get(&expected_version.stream).copied().unwrap_or(0) != expected_version.version {
                return Err(SubmitError::Conflict(expected_version.stream.clone()));
            }
        }
        let too_large = decision.events.iter().any(|event| event.size() > MAX_EVENT_BYTES);
        if too_large || decision.events.len() > MAX_EVENTS_OF_ONE {
            return Err(SubmitError::TooLarge);
        }
        let last = decision.events.len();
        for (index, event) in decision.events.iter().enumerate() {
            let mark = (index + 1 == last).then_some(job.mark);
            self.append(event, &job.command, mark);
        }
        let appended = AppendResult { position: self.head.position, answer: decision.answer.clone(), replayed: false };
        Ok((decision, appended))
    }

    fn append(&mut self, event: &NewEvent, command: &CommandMeta, mark: Option<CommandMark>) {
        let version = self.versions.entry(event.stream.clone()).or_insert(0);
        *version += 1;
        let mut recorded = RecordedEvent {
            position: self.head.position + 1,
            event_id: new_id(),
            stream: event.stream.clone(),
            version: *version,
            type_name: event.type_name.to_owned(),
            subject: event.subject.clone(),
            data: event.data.clone(),
            recorded_at: self.now,
            actor: command.actor.clone(),
            cause: command.cause.clone(),
            command: mark,
            hash: self.head.hash,
        };
        recorded.hash = recorded.chain(&self.head.hash, self.identity);
        self.notes.extend(event.note.as_ref().map(|note| note_row((recorded.position, note))));
        self.head = LogPoint::of(&recorded);
        self.events.push(recorded);
    }
}

async fn store<D: CommandHandler>(
    tx: &mut Tx,
    handler: &D,
    jobs: &[Job<D>],
    page: &mut Page<'_>,
    accepted: &[(usize, Decision<D::HandlerState>, AppendResult)],
    (before, is_guessed): (LogPoint, bool),
) -> Result<(), SqlError> {
    tx.unless(&HEAD_ELSEWHERE, vec![point_row(&before)]);
    if is_guessed {
        let ids = || accepted.iter().map(|(index, ..)| vec![jobs[*index].mark.id.into()]).collect();
        tx.unless(&COMMAND_KNOWN, ids());
        tx.unless(&COMMAND_KNOWN_WITHOUT_EVENT, ids());
    }
    tx.queue(&ADD_EVENTS, page.events.iter().map(event_row).collect());
    let without_events = accepted.iter().filter(|(_, decision, _)| decision.events.is_empty());
    let without_events = without_events.map(|(index, _, appended)| (jobs[*index].mark, appended.position, page.now));
    tx.queue(&ADD_COMMANDS_WITHOUT_EVENTS, without_events.map(command_row).collect());
    let requests: Vec<_> = accepted.iter().map(|(index, decision, _)| (&jobs[*index].request, decision)).collect();
    handler.store(tx, &requests, &page.events, is_guessed).await?;
    // After what a command erases, so that the reason for it stays.
    tx.queue(&ADD_NOTES, std::mem::take(&mut page.notes));
    tx.queue(&MOVE_HEAD, vec![head_row(&page.head)]);
    Ok(())
}

/// Queues events unchanged, and moves the head behind them.
pub(super) fn append_as_they_are(tx: &mut Tx, events: &[RecordedEvent], head: LogPoint) {
    tx.queue(&ADD_EVENTS, events.iter().map(event_row).collect());
    tx.queue(&MOVE_HEAD, vec![head_row(&head)]);
}
