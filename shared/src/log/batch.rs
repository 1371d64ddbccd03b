//! One batch, one transaction: lock the head, answer repetitions, ask the desk, check conditions, number and chain the
//! events, store everything set by set, move the head.

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
    "UPDATE log_head SET position = CASE WHEN log_head.position = r.before THEN r.position ELSE -1 END, hash = r.hash
     FROM {rows} WHERE id = 1",
    &[("position", Kind::Int), ("hash", Kind::Text), ("before", Kind::Int)],
);
/// The head, and beside it each of the commands that is known; one row without a command when none is.
static HEAD_AND_COMMANDS: Sql = Sql::rows(
    "SELECT h.position AS head, h.hash AS hash, c.id AS id, c.fingerprint AS fingerprint, c.status AS status,
         c.answer AS answer, c.position AS position
     FROM log_head h LEFT JOIN ({rows} JOIN commands c ON c.id = r.id) ON true WHERE h.id = 1",
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
    pub(super) moved: (u64, u64),
}

/// Runs the whole batch; nothing is kept unless all of it is. With `hold` the head is locked first, so that no other process
/// can come between; without it, one that does is noticed when the head is moved, and the batch is not kept.
pub(super) async fn commit<D: Desk>(
    database: &Database,
    identity: &Identity,
    clock: &Clock,
    desk: &D,
    jobs: &[Job<D>],
    hold: bool,
) -> Result<Committed<D>, SqlError> {
    let mut tx = if hold { database.begin_holding(&LOCK_HEAD).await? } else { database.begin_alone().await? };
    let known = tx.ask(&HEAD_AND_COMMANDS, jobs.iter().map(|job| vec![Value::from(&job.command.id)]).collect());
    let asked = desk.ask(&mut tx, &jobs.iter().map(|job| &job.request).collect::<Vec<_>>());
    let (head, mut outcomes) = head_and_repetitions(&tx.answer(known).await?, jobs)?;
    let fresh: Vec<usize> = (0..jobs.len()).filter(|index| outcomes[*index].is_none()).collect();
    let mut page =
        Page { identity, now: clock.now(), head: head.clone(), events: Vec::new(), versions: HashMap::new() };
    let mut accepted = Vec::with_capacity(fresh.len());
    if !fresh.is_empty() {
        let requests: Vec<&D::Request> = fresh.iter().map(|index| &jobs[*index].request).collect();
        let drafts = desk.draft(&mut tx, asked, &requests).await?;
        page.versions = versions::<D>(&mut tx, &drafts).await?;
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
    }
    if accepted.is_empty() {
        // Nothing is written that would notice it, so it is asked whether what was refused was refused rightly.
        let refused = outcomes.iter().flatten().any(Result::is_err);
        if refused && !hold && position(&mut tx).await? != head.position {
            return Err(SqlError::Overtaken);
        }
    } else {
        store(&mut tx, desk, jobs, &page, &accepted, head.position).await?;
        tx.commit().await?;
    }
    let outcomes = outcomes.into_iter().map(|outcome| outcome.unwrap_or(Err(SubmitError::Broken))).collect();
    Ok(Committed { outcomes, moved: (head.position, page.head.position), events: page.events })
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
    before: u64,
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
    let count = page.head.position - before;
    metrics::counter!("signpost_log_events_total", "log" => page.identity.service).increment(count);
    metrics::gauge!("signpost_log_position", "log" => page.identity.service)
        .set(f64::from(u32::try_from(page.head.position).unwrap_or(u32::MAX)));
    Ok(())
}

/// Moves the head from where it was, or has all that leaves with it refused.
pub(super) fn move_head(tx: &mut Tx, head: &Head, before: u64) {
    tx.queue(&MOVE_HEAD, vec![vec![head.position.into(), head.hash.as_str().into(), before.into()]]);
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
