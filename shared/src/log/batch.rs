//! One batch, one transaction: answer repetitions, ask the desk, check conditions, number and chain the events, store
//! everything set by set, move the head from where it was.

use std::collections::{BTreeSet, HashMap};

use super::event::{Identity, NewEvent, Recorded};
use super::reader::Head;
use super::writer::{Answer, Desk, Draft, Drafts, Job, Outcome, Receipt, SubmitError};
use super::{MAX_EVENT_BYTES, MAX_EVENTS_OF_ONE};
use crate::clock::{Clock, Moment};
use crate::ids::new_id;
use crate::sql::{Database, Kind, Row, Sql, SqlError, Tx, Value};

pub(super) static LOCK_HEAD: Sql = Sql::new("SELECT position, hash FROM log_head WHERE id = 1 {for_update}");
static POSITION: Sql = Sql::new("SELECT position FROM log_head WHERE id = 1");
pub(super) static MOVE_HEAD: Sql = Sql::rows(
    "UPDATE log_head SET position = CASE WHEN log_head.hash = r.before THEN r.position ELSE -1 END, hash = r.hash
     FROM {rows} WHERE id = 1",
    &[("position", Kind::Int), ("hash", Kind::Text), ("before", Kind::Text)],
);
/// The head, and beside it each of the commands that is known; one row without a command when none is.
static HEAD_AND_COMMANDS: Sql = Sql::rows(
    "SELECT h.position AS head, h.hash AS hash, c.id AS id, c.fingerprint AS fingerprint, c.status AS status,
         c.answer AS answer, c.position AS position
     FROM log_head h LEFT JOIN commands c ON c.id {among} WHERE h.id = 1",
    &[("id", Kind::Text)],
);
static VERSIONS: Sql = Sql::rows(
    "SELECT r.stream, (SELECT MAX(e.version) FROM events e WHERE e.stream = r.stream) AS version FROM {rows}",
    &[("stream", Kind::Text)],
);
pub(super) static ADD_EVENTS: Sql = Sql::rows(
    "INSERT INTO events (position, event_id, stream, version, type, subject, data, recorded_at, actor, cause, hash)
     SELECT position, event_id, stream, version, type, subject, data, recorded_at, actor, cause, hash FROM {rows}",
    &[
        ("position", Kind::Int),
        ("event_id", Kind::Text),
        ("stream", Kind::Text),
        ("version", Kind::Int),
        ("type", Kind::Text),
        ("subject", Kind::Text),
        ("data", Kind::Text),
        ("recorded_at", Kind::Int),
        ("actor", Kind::Text),
        ("cause", Kind::Text),
        ("hash", Kind::Text),
    ],
);
static ADD_COMMANDS: Sql = Sql::rows(
    "INSERT INTO commands (id, fingerprint, status, answer, position, recorded_at)
     SELECT id, fingerprint, status, answer, position, recorded_at FROM {rows}",
    &[
        ("id", Kind::Text),
        ("fingerprint", Kind::Text),
        ("status", Kind::Int),
        ("answer", Kind::Text),
        ("position", Kind::Int),
        ("recorded_at", Kind::Int),
    ],
);

/// What became of a batch.
pub(super) struct Committed<D: Desk> {
    /// One outcome for each job, in order.
    pub(super) outcomes: Vec<Outcome<D>>,
    /// What was appended.
    pub(super) events: Vec<Recorded>,
    /// Where the log ended before, and where it ends now.
    pub(super) moved: (Head, Head),
}

/// How much of what a batch relies on is read before it is written; the less, the fewer round trips. Whatever was not true
/// when the batch is stored has all of it refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Care {
    /// Nothing, where the desk can do without: the log ends here, and no command is a repetition.
    Guess(Head),
    /// Everything.
    Ask,
    /// Everything, after the head was locked, so that no other process can come between.
    Lock,
}

/// Runs the whole batch; nothing is kept unless all of it is.
pub(super) async fn commit<D: Desk>(
    database: &Database,
    identity: &Identity,
    clock: &Clock,
    desk: &D,
    jobs: &[Job<D>],
    care: &Care,
) -> Result<Committed<D>, SqlError> {
    let mut tx = match care {
        Care::Lock => database.begin_holding(&LOCK_HEAD).await?,
        Care::Guess(_) | Care::Ask => database.begin_alone().await?,
    };
    let guessed = if let Care::Guess(head) = care { guess(desk, jobs, head) } else { None };
    let is_guessed = guessed.is_some();
    let Found { head, mut outcomes, drafts } = match guessed {
        Some(found) => found,
        None => ask(&mut tx, desk, jobs).await?,
    };
    let versions = versions::<D>(&mut tx, &drafts).await?;
    let mut page = Page { identity, now: clock.now(), head: head.clone(), events: Vec::new(), versions };
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
        let unnoticed = accepted.is_empty() && *care != Care::Lock;
        if is_guessed || unnoticed && position(&mut tx).await? != head.position {
            return Err(SqlError::Overtaken);
        }
    }
    if !accepted.is_empty() {
        store(&mut tx, desk, jobs, &page, &accepted, &head).await?;
        tx.commit().await?;
    }
    let outcomes = outcomes.into_iter().map(|outcome| outcome.unwrap_or(Err(SubmitError::Broken))).collect();
    Ok(Committed { outcomes, moved: (head, page.head), events: page.events })
}

/// What a batch is written by.
struct Found<D: Desk> {
    /// Where the log ends.
    head: Head,
    outcomes: Known<D>,
    /// What those jobs amount to that have no outcome yet.
    drafts: Drafts<D>,
}

/// What can be had without asking.
fn guess<D: Desk>(desk: &D, jobs: &[Job<D>], head: &Head) -> Option<Found<D>> {
    let requests: Vec<&D::Request> = jobs.iter().map(|job| &job.request).collect();
    let drafts = desk.guess(&requests)?.into_iter().map(Ok).collect();
    Some(Found { head: head.clone(), outcomes: jobs.iter().map(|_| None).collect(), drafts })
}

async fn ask<D: Desk>(tx: &mut Tx, desk: &D, jobs: &[Job<D>]) -> Result<Found<D>, SqlError> {
    let known = tx.ask(&HEAD_AND_COMMANDS, jobs.iter().map(|job| vec![Value::from(&job.command.id)]).collect());
    let asked = desk.ask(tx, &jobs.iter().map(|job| &job.request).collect::<Vec<_>>());
    let (head, outcomes) = head_and_repetitions(&tx.answer(known).await?, jobs)?;
    let fresh = jobs.iter().zip(&outcomes).filter(|(_, outcome)| outcome.is_none());
    let requests: Vec<&D::Request> = fresh.map(|(job, _)| &job.request).collect();
    let drafts = if requests.is_empty() { Vec::new() } else { desk.draft(tx, asked, &requests).await? };
    Ok(Found { head, outcomes, drafts })
}

async fn position(tx: &mut Tx) -> Result<u64, SqlError> {
    let row = tx.row(&POSITION, &[]).await?.ok_or(SqlError::Column { column: "log_head".to_owned() })?;
    row.count("position")
}

/// The outcomes of those jobs whose command was answered before; `None` for the others.
type Known<D> = Vec<Option<Outcome<D>>>;

/// Where the log ends, and what is known of the jobs.
fn head_and_repetitions<D: Desk>(rows: &[Row], jobs: &[Job<D>]) -> Result<(Head, Known<D>), SqlError> {
    let head = rows.first().ok_or(SqlError::Column { column: "log_head".to_owned() })?;
    let head = Head { position: head.count("head")?, hash: head.text("hash")? };
    let mut known = HashMap::new();
    for row in rows {
        let Some(id) = row.opt_text("id")? else { continue };
        known.insert(id, (row.text("fingerprint")?, first_receipt(row)?));
    }
    let outcomes = jobs.iter().map(|job| {
        let (fingerprint, receipt) = known.remove(&job.command.id)?;
        Some(if fingerprint == job.command.fingerprint { Ok(receipt) } else { Err(SubmitError::CommandReused) })
    });
    Ok((head, outcomes.collect()))
}

fn first_receipt(row: &Row) -> Result<Receipt, SqlError> {
    let status = u16::try_from(row.int("status")?).unwrap_or(500);
    let answer = Answer::stored(status, row.text("answer")?);
    Ok(Receipt { position: row.count("position")?, answer, replayed: true })
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
    head: Head,
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
        for event in &draft.events {
            self.append(event, &job.command.actor, job.command.cause.as_deref());
        }
        let receipt = Receipt { position: self.head.position, answer: draft.answer.clone(), replayed: false };
        Ok((draft, receipt))
    }

    fn append(&mut self, event: &NewEvent, actor: &str, cause: Option<&str>) {
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
            actor: actor.to_owned(),
            cause: cause.map(str::to_owned),
            hash: String::new(),
        };
        recorded.hash = recorded.chain(&self.head.hash, self.identity);
        self.head = Head { position: recorded.position, hash: recorded.hash.clone() };
        self.events.push(recorded);
    }
}

async fn store<D: Desk>(
    tx: &mut Tx,
    desk: &D,
    jobs: &[Job<D>],
    page: &Page<'_>,
    accepted: &[(usize, Draft<D::Kept>, Receipt)],
    before: &Head,
) -> Result<(), SqlError> {
    tx.queue(&ADD_EVENTS, page.events.iter().map(event_row).collect());
    let commands = accepted.iter().map(|(index, _, receipt)| {
        let command = &jobs[*index].command;
        vec![
            Value::from(&command.id),
            Value::from(&command.fingerprint),
            i64::from(receipt.answer.status).into(),
            receipt.answer.text().into(),
            receipt.position.into(),
            page.now.into(),
        ]
    });
    tx.queue(&ADD_COMMANDS, commands.collect());
    let requests: Vec<_> = accepted.iter().map(|(index, draft, _)| (&jobs[*index].request, draft)).collect();
    desk.store(tx, &requests).await?;
    move_head(tx, &page.head, before);
    let count = page.head.position - before.position;
    metrics::counter!("signpost_log_events_total", "log" => page.identity.service).increment(count);
    metrics::gauge!("signpost_log_position", "log" => page.identity.service)
        .set(f64::from(u32::try_from(page.head.position).unwrap_or(u32::MAX)));
    Ok(())
}

/// Moves the head from where it was, or has all that leaves with it refused.
pub(super) fn move_head(tx: &mut Tx, head: &Head, before: &Head) {
    tx.queue(&MOVE_HEAD, vec![vec![head.position.into(), Value::from(&head.hash), Value::from(&before.hash)]]);
}

pub(super) fn event_row(event: &Recorded) -> Vec<Value> {
    vec![
        event.position.into(),
        event.event_id.into(),
        Value::from(&event.stream),
        event.version.into(),
        Value::from(&event.type_name),
        Value::from(&event.subject),
        Value::from(&event.data),
        event.recorded_at.into(),
        Value::from(&event.actor),
        event.cause.clone().into(),
        Value::from(&event.hash),
    ]
}
