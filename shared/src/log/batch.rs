//! One batch, one transaction: answer repetitions, ask the desk, check conditions, number and chain the events, store
//! everything set by set, move the head from where it was.

use std::collections::{BTreeSet, HashMap};

use super::desk::{Command, Desk, Draft, Drafts, Outcome, Receipt, Repeated, SubmitError};
use super::event::{CommandMark, Identity, NewEvent, Recorded};
use super::point::{EventHash, LogPoint};
use super::reader::{Log, event_columns, recorded};
use super::writer::Job;
use super::{MAX_EVENT_BYTES, MAX_EVENTS_OF_ONE};
use crate::clock::{Clock, Moment};
use crate::ids::new_id;
use crate::sql::{Database, Kind, Row, Sql, SqlError, Tx, Value};
use crate::sql_rows;

pub(super) static LOCK_HEAD: Sql = Sql::new("SELECT position, hash, halted FROM log_head WHERE id = 1 {for_update}");
static POSITION: Sql = Sql::new("SELECT position FROM log_head WHERE id = 1");
sql_rows! {
    static MOVE_HEAD = "UPDATE log_head SET position = r.position, hash = r.hash FROM {rows} WHERE log_head.id = 1";
    fn head_row(head: &LogPoint) {
        position: Int = head.position,
        hash: Bytes = head.hash.0,
    }
}
sql_rows! {
    /// Finds the head where it is not at this point any more, or where nothing may be appended. It is locked for that, so that
    /// of two writers one waits for the other, and then finds that it has moved.
    static HEAD_ELSEWHERE = "SELECT 1 FROM (SELECT hash, halted FROM log_head WHERE id = 1 {for_update}) AS h CROSS JOIN {rows}
         WHERE h.hash <> r.hash OR h.halted IS NOT NULL";
    fn point_row(point: &LogPoint) {
        hash: Bytes = point.hash.0,
    }
}
/// The head, and beside it each of the commands that has events; one row without an event when none has.
static HEAD_AND_COMMANDS: Sql = Sql::rows(
    concat!(
        "SELECT h.position AS head, h.hash AS head_hash, h.halted, e.* FROM log_head h
         LEFT JOIN (SELECT ",
        event_columns!(),
        " FROM events WHERE command_id {among}) e ON TRUE WHERE h.id = 1"
    ),
    &[("id", Kind::Bytes)],
);
static COMMANDS_WITHOUT_EVENTS: Sql =
    Sql::rows("SELECT id, digest, position FROM commands_without_events WHERE id {among}", &[("id", Kind::Bytes)]);
static COMMAND_KNOWN: Sql = Sql::rows("SELECT 1 FROM events WHERE command_id {among}", &[("id", Kind::Bytes)]);
static COMMAND_KNOWN_WITHOUT_EVENT: Sql =
    Sql::rows("SELECT 1 FROM commands_without_events WHERE id {among}", &[("id", Kind::Bytes)]);
static VERSIONS: Sql = Sql::rows(
    "SELECT r.stream, (SELECT MAX(e.version) FROM events e WHERE e.stream = r.stream) AS version FROM {rows}",
    &[("stream", Kind::Text)],
);
/// Finds the event at a point's position, to hold its hash against the point's.
static HASH_AT: Sql = Sql::rows("SELECT hash FROM events WHERE position {among}", &[("position", Kind::Int)]);
sql_rows! {
    pub(super) static ADD_EVENTS = "INSERT INTO events ({columns}) SELECT {columns} FROM {rows}";
    pub(super) fn event_row(event: &Recorded) {
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

/// Why a batch is not in the log.
#[derive(Debug, thiserror::Error)]
pub(super) enum CommitError {
    #[error(transparent)]
    Sql(#[from] SqlError),
    /// Nothing may be appended until an operator has decided.
    #[error("{0}")]
    Halted(String),
    /// The database does not have any more what this process wrote.
    #[error(
        "the database has lost events: this process wrote up to position {written}, the log ends at {head} or has others"
    )]
    Lost { written: u64, head: u64 },
}

/// What became of a batch.
pub(super) struct Committed<D: Desk> {
    /// One outcome for each job, in order.
    pub(super) outcomes: Vec<Outcome<D>>,
    /// What was appended.
    pub(super) events: Vec<Recorded>,
    /// Where the log ended before, and where it ends now.
    pub(super) moved: (LogPoint, LogPoint),
}

/// How much of what a batch relies on is read before it is written; the less, the fewer round trips. Where something was not
/// true when the batch is written, nothing of the batch is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CommitMode {
    /// Nothing, where the desk can do without: the log ends here, and no command is a repetition.
    Optimistic(LogPoint),
    /// Everything.
    Checked,
    /// Everything, behind the lock on the head, so that no other process can come between.
    Locked,
}

/// What a batch is committed with.
pub(super) struct Context<'a, D: Desk> {
    pub(super) log: &'a Log,
    pub(super) database: &'a Database,
    pub(super) clock: &'a Clock,
    pub(super) desk: &'a D,
    /// Where this process left the log.
    pub(super) left_at: Option<LogPoint>,
}

/// Runs the whole batch; nothing is kept unless all of it is. `locked` is a transaction that holds the lock already.
pub(super) async fn commit<D: Desk>(
    context: &Context<'_, D>,
    jobs: &[Job<D>],
    mode: CommitMode,
    locked: Option<Tx>,
) -> Result<Committed<D>, CommitError> {
    let mut tx = match (locked, mode) {
        (Some(tx), _) => tx,
        (None, CommitMode::Locked) => context.database.begin_locked(&LOCK_HEAD).await?,
        (None, _) => context.database.autocommit().await?,
    };
    let guessed = if let CommitMode::Optimistic(head) = mode { guess(context.desk, jobs, head) } else { None };
    let is_guessed = guessed.is_some();
    let Found { head, mut outcomes, drafts } = match guessed {
        Some(found) => found,
        None => ask(&mut tx, context, jobs).await?,
    };
    let versions = versions::<D>(&mut tx, &drafts).await?;
    let identity = context.log.identity();
    let mut page = Page { identity, now: context.clock.now(), head, events: Vec::new(), versions };
    let mut accepted = Vec::with_capacity(drafts.len());
    let fresh: Vec<usize> = (0..jobs.len()).filter(|index| outcomes[*index].is_none()).collect();
    for (index, draft) in fresh.into_iter().zip(drafts) {
        let written = draft.map_err(SubmitError::Refused).and_then(|draft| page.write(&jobs[index], draft));
        outcomes[index] = Some(match written {
            Ok((draft, receipt)) => {
                accepted.push((index, draft, receipt.clone()));
                Ok(receipt)
            }
            Err(error) => Err(error),
        });
    }
    if outcomes.iter().flatten().any(Result::is_err) {
        // What is refused may be a repetition of what was not. And where nothing is written that would notice it, it is asked
        // whether another process came between.
        let unnoticed = accepted.is_empty() && mode != CommitMode::Locked;
        if is_guessed || unnoticed && position(&mut tx).await? != head.position {
            return Err(SqlError::Overtaken.into());
        }
    }
    if !accepted.is_empty() {
        store(&mut tx, context.desk, jobs, &page, &accepted, (head, is_guessed)).await?;
        tx.commit().await?;
    }
    let outcomes = outcomes.into_iter().map(|outcome| outcome.unwrap_or(Err(SubmitError::Broken))).collect();
    Ok(Committed { outcomes, moved: (head, page.head), events: page.events })
}

/// What a batch is written by.
struct Found<D: Desk> {
    /// Where the log ends.
    head: LogPoint,
    outcomes: Known<D>,
    /// What those jobs amount to that have no outcome yet.
    drafts: Drafts<D>,
}

/// What can be had without asking.
fn guess<D: Desk>(desk: &D, jobs: &[Job<D>], head: LogPoint) -> Option<Found<D>> {
    let requests: Vec<&D::Request> = jobs.iter().map(|job| &job.request).collect();
    let drafts = desk.guess(&requests)?.into_iter().map(Ok).collect();
    Some(Found { head, outcomes: jobs.iter().map(|_| None).collect(), drafts })
}

async fn ask<D: Desk>(tx: &mut Tx, context: &Context<'_, D>, jobs: &[Job<D>]) -> Result<Found<D>, CommitError> {
    let ids = || jobs.iter().map(|job| vec![job.mark.id.into()]).collect();
    let left_at = context.left_at.filter(|point| *point != LogPoint::START);
    let known = tx.query(&HEAD_AND_COMMANDS, ids());
    let without_events = tx.query(&COMMANDS_WITHOUT_EVENTS, ids());
    let left = tx.query(&HASH_AT, left_at.iter().map(|point| vec![point.position.into()]).collect());
    let asked = context.desk.ask(tx, &jobs.iter().map(|job| &job.request).collect::<Vec<_>>());
    let rows = tx.answer(known).await?;
    let head = head_of(&rows)?;
    if let Some(point) = left_at {
        let there = tx.answer(left).await?.first().map(|row| row.array("hash")).transpose()?;
        if there != Some(point.hash.0) {
            return Err(CommitError::Lost { written: point.position, head: head.position });
        }
    }
    let repeats = repeats(&rows, &tx.answer(without_events).await?)?;
    let outcomes = outcomes_of_repeats(tx, context.desk, jobs, repeats).await?;
    let fresh = jobs.iter().zip(&outcomes).filter(|(_, outcome)| outcome.is_none());
    let requests: Vec<&D::Request> = fresh.map(|(job, _)| &job.request).collect();
    let drafts = if requests.is_empty() { Vec::new() } else { context.desk.draft(tx, asked, &requests).await? };
    Ok(Found { head, outcomes, drafts })
}

async fn position(tx: &mut Tx) -> Result<u64, SqlError> {
    let row = tx.row(&POSITION, &[]).await?.ok_or(SqlError::Column { column: "log_head".to_owned() })?;
    row.count("position")
}

/// Where the log ends, if anything may be appended.
fn head_of(rows: &[Row]) -> Result<LogPoint, CommitError> {
    let head = rows.first().ok_or(SqlError::Column { column: "log_head".to_owned() })?;
    if let Some(reason) = head.opt_text("halted")? {
        return Err(CommitError::Halted(reason));
    }
    Ok(LogPoint { position: head.count("head")?, hash: EventHash(head.array("head_hash")?) })
}

/// The outcomes of those jobs whose command was answered before; `None` for the others.
type Known<D> = Vec<Option<Outcome<D>>>;

/// The commands that were answered before, by their ids: what was asked, and what became of it.
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

async fn outcomes_of_repeats<D: Desk>(
    tx: &mut Tx,
    desk: &D,
    jobs: &[Job<D>],
    mut repeats: Repeats,
) -> Result<Known<D>, SqlError> {
    let mut outcomes = Vec::with_capacity(jobs.len());
    for job in jobs {
        outcomes.push(match repeats.remove(&job.mark.id) {
            None => None,
            Some((request, _)) if request != job.mark.request => Some(Err(SubmitError::CommandReused)),
            Some((_, repeated)) => {
                let answer = desk.repeat(tx, &job.request, &repeated).await?;
                Some(Ok(Receipt { position: repeated.position, answer, replayed: true }))
            }
        });
    }
    Ok(outcomes)
}

/// The present versions of all streams that the drafts touch or rely on.
async fn versions<D: Desk>(tx: &mut Tx, drafts: &Drafts<D>) -> Result<HashMap<String, u64>, SqlError> {
    let mut streams = BTreeSet::new();
    for draft in drafts.iter().flatten() {
        streams.extend(draft.conditions.iter().map(|condition| condition.stream.as_str()));
        let known = draft.events.iter().filter(|event| !event.starts_stream);
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

/// A request that is accepted, and what its caller will get.
type Written<D> = (Draft<<D as Desk>::Kept>, Receipt);

/// The events of a batch as they are numbered and chained.
struct Page<'a> {
    identity: &'a Identity,
    now: Moment,
    head: LogPoint,
    events: Vec<Recorded>,
    versions: HashMap<String, u64>,
}

impl Page<'_> {
    /// Writes one request's events, or none of them.
    fn write<D: Desk>(&mut self, job: &Job<D>, draft: Draft<D::Kept>) -> Result<Written<D>, SubmitError<D::Refusal>> {
        for condition in &draft.conditions {
            if self.versions.get(&condition.stream).copied().unwrap_or(0) != condition.version {
                return Err(SubmitError::Conflict(condition.stream.clone()));
            }
        }
        let too_large = draft.events.iter().any(|event| event.data.len() > MAX_EVENT_BYTES);
        if too_large || draft.events.len() > MAX_EVENTS_OF_ONE {
            return Err(SubmitError::TooLarge);
        }
        let last = draft.events.len();
        for (index, event) in draft.events.iter().enumerate() {
            let mark = (index + 1 == last).then_some(job.mark);
            self.append(event, &job.command, mark);
        }
        let receipt = Receipt { position: self.head.position, answer: draft.answer.clone(), replayed: false };
        Ok((draft, receipt))
    }

    fn append(&mut self, event: &NewEvent, command: &Command, mark: Option<CommandMark>) {
        let version = self.versions.entry(event.stream.clone()).or_insert(0);
        *version += 1;
        let mut recorded = Recorded {
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
        self.head = LogPoint::of(&recorded);
        self.events.push(recorded);
    }
}

async fn store<D: Desk>(
    tx: &mut Tx,
    desk: &D,
    jobs: &[Job<D>],
    page: &Page<'_>,
    accepted: &[(usize, Draft<D::Kept>, Receipt)],
    (before, is_guessed): (LogPoint, bool),
) -> Result<(), SqlError> {
    tx.unless(&HEAD_ELSEWHERE, vec![point_row(&before)]);
    if is_guessed {
        let ids = || accepted.iter().map(|(index, ..)| vec![jobs[*index].mark.id.into()]).collect();
        tx.unless(&COMMAND_KNOWN, ids());
        tx.unless(&COMMAND_KNOWN_WITHOUT_EVENT, ids());
    }
    tx.queue(&ADD_EVENTS, page.events.iter().map(event_row).collect());
    let without_events = accepted.iter().filter(|(_, draft, _)| draft.events.is_empty());
    let without_events = without_events.map(|(index, _, receipt)| (jobs[*index].mark, receipt.position, page.now));
    tx.queue(&ADD_COMMANDS_WITHOUT_EVENTS, without_events.map(command_row).collect());
    let requests: Vec<_> = accepted.iter().map(|(index, draft, _)| (&jobs[*index].request, draft)).collect();
    desk.store(tx, &requests, is_guessed).await?;
    tx.queue(&MOVE_HEAD, vec![head_row(&page.head)]);
    Ok(())
}

/// Queues events exactly as they were, and moves the head behind them.
pub(super) fn append_as_they_are(tx: &mut Tx, events: &[Recorded], head: LogPoint) {
    tx.queue(&ADD_EVENTS, events.iter().map(event_row).collect());
    tx.queue(&MOVE_HEAD, vec![head_row(&head)]);
}
