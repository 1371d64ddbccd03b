//! The command handler of the agents' log: it reads what a batch needs, lets each command decide, and stores the rows
//! beside the events. It depends on no noun.

use std::collections::BTreeSet;

use contract::clock::Moment;
use contract::events::Contract;
use contract::events::agents::AgentsEvent;
use event_store::log::{CommandHandler, CommandResponse, Decision, Decisions, RecordedEvent, Repeated};
use event_store::projections::{Projection, envelopes};
use event_store::sql::{Sql, SqlError, Tx, Value};

use crate::batch::{BatchContext, Decided, Outcome, RowBeside};
use crate::command::Submission;
use crate::domain_error::DomainError;
use crate::facts::Needs;
use crate::projection::DecisionsProjection;

#[derive(Clone)]
pub struct AgentsCommandHandler {
    /// What commands are decided by; the registry joins it.
    pub decisions: DecisionsProjection,
}

/// Reads the streams and facts of these commands together.
async fn load(tx: &mut Tx, submissions: &[&Submission], now: Moment) -> Result<BatchContext, SqlError> {
    let (mut streams, mut needs) = (BTreeSet::new(), Needs::default());
    for Submission { command, .. } in submissions {
        streams.insert(command.stream());
        streams.extend(command.reads());
        command.needs(&mut needs);
    }
    BatchContext::load(tx, streams, needs, now).await
}

fn decide(submission: &Submission, batch: &mut BatchContext) -> Result<Decision<Vec<RowBeside>>, DomainError> {
    batch.expect(submission.expected.clone());
    let decided = submission.command.decide(batch);
    batch.expect(None);
    let Decided { mut expected_versions, events, beside, outcome, .. } = decided?;
    expected_versions.extend(submission.command.reads().iter().map(|stream| batch.expected_version(stream)));
    let answer = respond(submission, batch, &outcome).map_err(|_| DomainError::Unwritable)?;
    Ok(Decision { expected_versions, events, answer, state: beside })
}

fn respond(
    submission: &Submission,
    batch: &BatchContext,
    outcome: &Outcome,
) -> Result<CommandResponse, serde_json::Error> {
    let reply = submission.command.respond(batch, outcome);
    let response = CommandResponse::new(reply.status, &reply.body)?;
    Ok(response.about(outcome.id(), batch.version(&outcome.stream)))
}

impl CommandHandler for AgentsCommandHandler {
    type Request = Submission;
    type Error = DomainError;
    type HandlerState = Vec<RowBeside>;
    type Queries = ();

    fn queue_queries(&self, _: &mut Tx, _: &[&Submission]) {}

    async fn decide(
        &self,
        tx: &mut Tx,
        (): (),
        submissions: &[&Submission],
        now: Moment,
    ) -> Result<Decisions<Self>, SqlError> {
        let mut batch = load(tx, submissions, now).await?;
        Ok(submissions.iter().map(|submission| decide(submission, &mut batch)).collect())
    }

    async fn repeat(
        &self,
        tx: &mut Tx,
        submission: &Submission,
        repeated: &Repeated,
    ) -> Result<CommandResponse, SqlError> {
        let read = |event: &RecordedEvent| AgentsEvent::read(&event.type_name, &event.data).map_err(|_| unreadable());
        let last = repeated.event.as_ref().map(read).transpose()?.flatten();
        let own = || submission.command.stream();
        let stream = repeated.event.as_ref().map_or_else(own, |event| event.stream.clone());
        let batch = BatchContext::at(tx, &stream, repeated.position).await?;
        respond(submission, &batch, &Outcome { stream, last }).map_err(|_| unreadable())
    }

    async fn store(
        &self,
        tx: &mut Tx,
        accepted: &[(&Submission, &Decision<Vec<RowBeside>>)],
        events: &[RecordedEvent],
        _: bool,
    ) -> Result<(), SqlError> {
        let written = || accepted.iter().filter(|(_, decision)| !decision.events.is_empty());
        write_beside(tx, written().flat_map(|(_, decision)| &decision.state));
        for (submission, _) in written() {
            submission.command.store(tx).await?;
        }
        let envelopes = envelopes::<AgentsEvent>(events).map_err(|_| unreadable())?;
        self.decisions.apply(tx, &envelopes).await
    }
}

/// Queues the rows beside the events, each set of rows of a statement once.
fn write_beside<'a>(tx: &mut Tx, rows: impl Iterator<Item = &'a RowBeside>) {
    let mut sets: Vec<(&'static Sql, Vec<Vec<Value>>)> = Vec::new();
    for (sql, row) in rows {
        match sets.iter_mut().find(|(known, _)| std::ptr::eq(*known, *sql)) {
            Some((_, set)) => set.push(row.clone()),
            None => sets.push((*sql, vec![row.clone()])),
        }
    }
    for (sql, set) in sets {
        tx.queue(sql, set);
    }
}

/// Events of the service's own log that the program does not understand.
fn unreadable() -> SqlError {
    SqlError::Column { column: "data".to_owned() }
}
