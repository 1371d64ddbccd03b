use contract::events::agents::CallPlanCreated;
use uuid::Uuid;

use crate::batch::{BatchContext, Outcome};
use crate::call_plans::model::{CallPlan, CallPlanChange, CallPlanCommand, stream};
use crate::call_plans::snapshot::CallPlanSnapshot;
use crate::command::{Reply, SimpleCommand};

pub fn create(plan: CallPlanCreated) -> SimpleCommand<CallPlan> {
    let created =
        |batch: &BatchContext, outcome: &Outcome| Reply::created(batch.snapshot(outcome, CallPlanSnapshot::of));
    SimpleCommand::new(stream(plan.call_plan_id), CallPlanCommand::Create(plan), created)
}

/// Changes a call plan; absent fields stay.
pub fn change(call_plan_id: Uuid, change: CallPlanChange) -> SimpleCommand<CallPlan> {
    on(call_plan_id, CallPlanCommand::Change(change))
}

/// Retires a call plan for good; its keys stop.
pub fn retire(call_plan_id: Uuid, reason: Option<String>) -> SimpleCommand<CallPlan> {
    on(call_plan_id, CallPlanCommand::Retire { reason })
}

fn on(call_plan_id: Uuid, command: CallPlanCommand) -> SimpleCommand<CallPlan> {
    let changed = |batch: &BatchContext, outcome: &Outcome| Reply::ok(batch.snapshot(outcome, CallPlanSnapshot::of));
    SimpleCommand::new(stream(call_plan_id), command, changed)
}
