//! Requests about call plans.

use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::DomainError;
use super::batch_context::{BatchContext, Decided, Outcome};
use crate::domain::call_plan::{CallPlan, Command};
use crate::projections;

/// What is asked of a call plan.
#[derive(Clone)]
pub struct Request {
    pub call_plan_id: Uuid,
    pub version: Option<u64>,
    pub command: Command,
}

/// The stream of a call plan.
pub fn stream(call_plan_id: Uuid) -> String {
    format!("plan-{call_plan_id}")
}

impl Request {
    pub(super) fn streams(&self) -> Vec<String> {
        vec![stream(self.call_plan_id)]
    }

    pub(super) fn decide(&self, batch: &mut BatchContext) -> Result<Decided, DomainError> {
        batch.decide::<CallPlan>(&stream(self.call_plan_id), self.version, self.command.clone())
    }

    pub(super) fn answer(&self, batch: &BatchContext, outcome: &Outcome) -> (u16, Json) {
        let (plan, version) = batch.state::<CallPlan>(&outcome.stream);
        let status = if matches!(self.command, Command::Create(_)) { 201 } else { 200 };
        (status, json!(projections::call_plans::CallPlan::of(&plan, version)))
    }
}
