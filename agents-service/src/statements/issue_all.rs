//! Statements of a period for every agent with lines in it, in bounded steps. A step may be repeated: what was issued stands.

use contract::clock::Moment;
use contract::events::statements::StatementOf;
use event_store::log::CommandMeta;
use futures::{StreamExt, TryStreamExt};
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;
use web::http::{FieldErrors, Problem};

use crate::state::AppState;
use crate::statements::commands::IssueStatement;
use crate::statements::queries;
use crate::statements::requests::Step;

/// Statements that are decided at once: enough to fill the writer's batches, and no more than leaves room for others.
const AT_ONCE: usize = 64;

/// What a step did.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
#[schemars(rename = "StatementsOfPeriod")]
pub struct StepDone {
    /// Statements that the step issued.
    pub issued: u64,
    /// Agents of the step who had theirs.
    pub existing: u64,
    pub left_out: Vec<LeftOut>,
    /// Agents with lines in the period who come after the step.
    pub remaining: u64,
    /// The `after` of the next step; null when this was the last.
    pub next: Option<Uuid>,
}

/// An agent who got none.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "StatementLeftOut")]
pub struct LeftOut {
    pub agent_id: Uuid,
    /// The rule's stable name.
    pub reason: String,
    pub detail: String,
}

enum Done {
    Issued,
    Existing,
    LeftOut(LeftOut),
}

/// The moments of a period that has ended.
pub fn ended(of: &StatementOf, now: Moment) -> Result<(Moment, Moment), Problem> {
    match of {
        StatementOf::Period { starts_at, ends_at, .. } if *ends_at <= now => Ok((*starts_at, *ends_at)),
        _ => {
            let mut errors = FieldErrors::new();
            errors.add("period.until", "not_ended", "has not ended yet");
            Err(Problem::validation(errors))
        }
    }
}

/// Issues the statements of a step.
pub async fn issue(app: &AppState, command: &CommandMeta, step: &Step) -> Result<StepDone, Problem> {
    let period = ended(&step.of, app.clock.now())?;
    let agents = queries::with_lines(app.database(), period, step.after, step.limit.into()).await?;
    let last = agents.last().copied();
    let each = futures::stream::iter(agents).map(|agent_id| {
        let command = command.clone().within(&agent_id.to_string());
        Ok(issue_one(app, command, IssueStatement { agent_id, of: step.of.clone(), corrects: None }))
    });
    let done: Vec<Done> = each.try_buffered(AT_ONCE).try_collect().await?;
    let remaining = match last {
        Some(last) => queries::count_with_lines(app.database(), period, Some(last)).await?,
        None => 0,
    };
    let mut sum = StepDone { remaining, next: last.filter(|_| remaining > 0), ..StepDone::default() };
    for done in done {
        match done {
            Done::Issued => sum.issued += 1,
            Done::Existing => sum.existing += 1,
            Done::LeftOut(left_out) => sum.left_out.push(left_out),
        }
    }
    Ok(sum)
}

async fn issue_one(app: &AppState, command: CommandMeta, issue: IssueStatement) -> Result<Done, Problem> {
    let agent_id = issue.agent_id;
    match app.append(command, issue).await {
        Ok(appended) if appended.answer.status == 201 => Ok(Done::Issued),
        Ok(_) => Ok(Done::Existing),
        Err(problem) if problem.status.is_client_error() => {
            let reason = problem.code().unwrap_or(problem.kind).to_owned();
            Ok(Done::LeftOut(LeftOut { agent_id, reason, detail: problem.detail().to_owned() }))
        }
        Err(problem) => Err(problem),
    }
}
