//! Statements as a client asks for them.

use contract::events::statements::StatementOf;
use contract::zone::Zone;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;
use web::http::{FieldErrors, Problem};

use crate::fields::Fields;
use crate::state::AppState;
use crate::statements::commands::IssueStatement;
use crate::statements::period::PeriodRequest;
use crate::statements::queries;

/// Agents in one step of issuing to all, by default and at most.
const STEP: u16 = 500;

/// The statement to issue: of an agent and a period or a remittance; or the one to correct.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "StatementGiven")]
pub struct StatementRequest {
    /// Whose it is; a statement that is corrected says so itself.
    agent_id: Option<Uuid>,
    /// The period that it is about.
    period: Option<PeriodRequest>,
    /// The payout that it is about: with the lines since the payout before it.
    remittance_id: Option<Uuid>,
    /// The number of the statement that it replaces. It is about the same, and says what is true now.
    corrects: Option<u64>,
}

/// A period that all agents with lines in it get statements of, in steps.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "StatementsOfPeriodGiven")]
pub struct AllStatementsRequest {
    #[schemars(required)]
    period: Option<PeriodRequest>,
    /// Most agents in this step, 1 to 500; 500 when absent.
    limit: Option<u16>,
    /// The `next` of the step before.
    after: Option<Uuid>,
}

/// A step of issuing to all.
#[derive(Clone, Debug)]
pub struct Step {
    pub of: StatementOf,
    pub limit: u16,
    pub after: Option<Uuid>,
}

impl StatementRequest {
    pub async fn issuing(self, app: &AppState, errors: FieldErrors, zone: &Zone) -> Result<IssueStatement, Problem> {
        let mut fields = Fields::new(errors);
        let named = [self.period.is_some(), self.remittance_id.is_some(), self.corrects.is_some()];
        if named.into_iter().filter(|is_named| *is_named).count() > 1 {
            fields.error("period", "ambiguous", "is one of three: give period, remittance_id or corrects");
        }
        if let Some(number) = self.corrects {
            if self.agent_id.is_some() {
                fields.error("agent_id", "ambiguous", "is that of the statement to correct: leave it out");
            }
            let found = queries::get(app.database(), number).await?;
            if found.is_none() {
                fields.error("corrects", "statement_unknown", "is the number of no statement");
            }
            fields.finish()?;
            let event = found.ok_or_else(Problem::internal)?.event;
            return Ok(IssueStatement { agent_id: event.agent_id, of: event.of, corrects: Some(number) });
        }
        let agent_id = fields.required("agent_id", self.agent_id).unwrap_or_default();
        let of = match (self.period, self.remittance_id) {
            (Some(period), _) => period.check(&mut fields, zone),
            (None, Some(remittance_id)) => Some(StatementOf::Remittance { remittance_id }),
            (None, None) => {
                fields.required::<()>("period", None);
                None
            }
        };
        fields.finish()?;
        Ok(IssueStatement { agent_id, of: of.ok_or_else(Problem::internal)?, corrects: None })
    }
}

impl AllStatementsRequest {
    pub fn check(self, errors: FieldErrors, zone: &Zone) -> Result<Step, Problem> {
        let mut fields = Fields::new(errors);
        let of = fields.required("period", self.period).and_then(|period| period.check(&mut fields, zone));
        let limit = self.limit.unwrap_or(STEP);
        if !(1..=STEP).contains(&limit) {
            fields.error("limit", "out_of_range", format!("must be 1 to {STEP}"));
        }
        fields.finish()?;
        Ok(Step { of: of.ok_or_else(Problem::internal)?, limit, after: self.after })
    }
}
