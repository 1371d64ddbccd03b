use contract::events::agents::CallPlanCreated;
use uuid::Uuid;

use crate::batch::{BatchContext, Decided, Outcome};
use crate::call_plans::model::{CallPlan, CallPlanCommand, stream};
use crate::call_plans::snapshot::CallPlanSnapshot;
use crate::command::{Command, Reply};
use crate::domain_error::DomainError;

/// The call plan after the command.
fn snapshot(batch: &BatchContext, outcome: &Outcome) -> Option<CallPlanSnapshot> {
    CallPlanSnapshot::of(&batch.state::<CallPlan>(&outcome.stream), batch.version(&outcome.stream))
}

pub struct CreateCallPlan(pub CallPlanCreated);

impl Command for CreateCallPlan {
    fn stream(&self) -> String {
        stream(self.0.call_plan_id)
    }

    fn decide(&self, batch: &mut BatchContext) -> Result<Decided, DomainError> {
        batch.decide::<CallPlan>(&self.stream(), CallPlanCommand::Create(self.0.clone()))
    }

    fn respond(&self, batch: &BatchContext, outcome: &Outcome) -> Reply {
        Reply::created(snapshot(batch, outcome))
    }
}

/// Changes a call plan; absent fields stay.
pub struct ChangeCallPlan {
    pub call_plan_id: Uuid,
    pub name: Option<String>,
    pub description: Option<String>,
    pub price_text: Option<String>,
}

impl Command for ChangeCallPlan {
    fn stream(&self) -> String {
        stream(self.call_plan_id)
    }

    fn decide(&self, batch: &mut BatchContext) -> Result<Decided, DomainError> {
        let (name, description, price_text) = (self.name.clone(), self.description.clone(), self.price_text.clone());
        batch.decide::<CallPlan>(&self.stream(), CallPlanCommand::Change { name, description, price_text })
    }

    fn respond(&self, batch: &BatchContext, outcome: &Outcome) -> Reply {
        Reply::ok(snapshot(batch, outcome))
    }
}

/// Retires a call plan for good; its keys stop.
pub struct RetireCallPlan {
    pub call_plan_id: Uuid,
    pub reason: Option<String>,
}

impl Command for RetireCallPlan {
    fn stream(&self) -> String {
        stream(self.call_plan_id)
    }

    fn decide(&self, batch: &mut BatchContext) -> Result<Decided, DomainError> {
        batch.decide::<CallPlan>(&self.stream(), CallPlanCommand::Retire { reason: self.reason.clone() })
    }

    fn respond(&self, batch: &BatchContext, outcome: &Outcome) -> Reply {
        Reply::ok(snapshot(batch, outcome))
    }
}
