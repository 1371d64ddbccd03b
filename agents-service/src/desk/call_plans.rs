//! Requests about call plans.

use shared::log::Draft;
use uuid::Uuid;

use super::Refusal;
use super::sheet::Sheet;
use crate::domain::call_plan::{CallPlan, Command};
use crate::views;

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

    pub(super) fn draft(&self, sheet: &mut Sheet) -> Result<Draft, Refusal> {
        let status = if matches!(self.command, Command::Create(_)) { 201 } else { 200 };
        sheet.decide(&stream(self.call_plan_id), self.version, self.command.clone(), |plan: CallPlan, version| {
            (status, views::call_plans::CallPlan::of(&plan, version))
        })
    }
}
