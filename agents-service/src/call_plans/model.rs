//! A call plan: what agents sell, by name, description and price text. Rating is another system's job.

use contract::commission::CommissionTerms;
use contract::decider::Decider;
use contract::events::agents::{AgentsEvent, CallPlanChanged, CallPlanCreated, CallPlanRetired};
use uuid::Uuid;

use crate::domain_error::DomainError;

pub fn stream(call_plan_id: Uuid) -> String {
    format!("plan-{call_plan_id}")
}

/// The life stages of a call plan, each with its current texts. `Retired` is final.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum CallPlan {
    #[default]
    Absent,
    Offered(CallPlanCreated),
    Retired(CallPlanCreated),
}

/// The life stage without its data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallPlanState {
    Absent,
    Offered,
    Retired,
}

#[derive(Clone, Debug)]
pub enum CallPlanCommand {
    Create(CallPlanCreated),
    Change(CallPlanChange),
    Retire { reason: Option<String> },
}

/// Changes of a call plan; absent fields stay.
#[derive(Clone, Debug, Default)]
pub struct CallPlanChange {
    pub name: Option<String>,
    pub description: Option<String>,
    pub price_text: Option<String>,
    /// `Some(None)`: no terms of its own any more.
    pub commission: Option<Option<CommissionTerms>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallPlanError {
    Unknown,
    Exists,
    Retired,
}

impl From<CallPlanError> for DomainError {
    fn from(error: CallPlanError) -> Self {
        match error {
            CallPlanError::Unknown => Self::not_found("there is no such call plan"),
            CallPlanError::Exists => Self::conflict("plan_exists", "there is a call plan with this id already"),
            CallPlanError::Retired => Self::conflict("plan_retired", "the call plan is retired"),
        }
    }
}

impl CallPlan {
    /// The current texts.
    pub fn details(&self) -> Option<&CallPlanCreated> {
        match self {
            Self::Absent => None,
            Self::Offered(details) | Self::Retired(details) => Some(details),
        }
    }

    pub fn state(&self) -> CallPlanState {
        match self {
            Self::Absent => CallPlanState::Absent,
            Self::Offered(_) => CallPlanState::Offered,
            Self::Retired(_) => CallPlanState::Retired,
        }
    }
}

impl Decider for CallPlan {
    type State = Self;
    type Command = CallPlanCommand;
    type Event = AgentsEvent;
    type Error = CallPlanError;

    fn decide(state: &Self, command: CallPlanCommand) -> Result<Vec<AgentsEvent>, CallPlanError> {
        match (state, command) {
            (Self::Absent, CallPlanCommand::Create(created)) => Ok(vec![created.into()]),
            (Self::Offered(_), CallPlanCommand::Create(_)) => Err(CallPlanError::Exists),
            (Self::Offered(old), CallPlanCommand::Change(change)) => {
                let new = CallPlanChanged {
                    call_plan_id: old.call_plan_id,
                    name: change.name.unwrap_or_else(|| old.name.clone()),
                    description: change.description.unwrap_or_else(|| old.description.clone()),
                    price_text: change.price_text.unwrap_or_else(|| old.price_text.clone()),
                    commission: change.commission.unwrap_or(old.commission),
                };
                Ok(if worded(&new) == *old { Vec::new() } else { vec![new.into()] })
            }
            (Self::Offered(old), CallPlanCommand::Retire { reason }) => {
                Ok(vec![CallPlanRetired { call_plan_id: old.call_plan_id, reason: reason.into() }.into()])
            }
            (Self::Absent, _) => Err(CallPlanError::Unknown),
            (Self::Retired(_), _) => Err(CallPlanError::Retired),
        }
    }

    fn evolve(state: Self, event: &AgentsEvent) -> Self {
        match (state, event) {
            (_, AgentsEvent::CallPlanCreated(created)) => Self::Offered(created.clone()),
            (Self::Offered(_), AgentsEvent::CallPlanChanged(changed)) => Self::Offered(worded(changed)),
            (Self::Offered(details), AgentsEvent::CallPlanRetired(_)) => Self::Retired(details),
            (state, _) => state,
        }
    }
}

fn worded(changed: &CallPlanChanged) -> CallPlanCreated {
    CallPlanCreated {
        call_plan_id: changed.call_plan_id,
        name: changed.name.clone(),
        description: changed.description.clone(),
        price_text: changed.price_text.clone(),
        commission: changed.commission,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn create() -> CallPlanCommand {
        CallPlanCommand::Create(CallPlanCreated {
            call_plan_id: Uuid::nil(),
            name: "Union City".to_owned(),
            description: String::new(),
            price_text: "5 c/min".to_owned(),
            commission: None,
        })
    }

    fn rename(name: &str) -> CallPlanCommand {
        CallPlanCommand::Change(CallPlanChange { name: Some(name.to_owned()), ..CallPlanChange::default() })
    }

    fn after(commands: impl IntoIterator<Item = CallPlanCommand>) -> CallPlan {
        commands.into_iter().fold(CallPlan::Absent, |plan, command| {
            let events = CallPlan::decide(&plan, command).unwrap_or_default();
            events.iter().fold(plan, CallPlan::evolve)
        })
    }

    #[test]
    fn a_call_plan_is_renamed_and_then_is_already_so() {
        let plan = after([create(), rename("Zoë")]);
        assert!(plan.details().is_some_and(|details| details.name == "Zoë"));
        assert_eq!(CallPlan::decide(&plan, rename("Zoë")), Ok(Vec::new()));
    }

    #[test]
    fn an_unknown_call_plan_cannot_be_changed() {
        assert_eq!(CallPlan::decide(&CallPlan::Absent, rename("x")), Err(CallPlanError::Unknown));
    }

    proptest! {
        #[test]
        fn any_accepted_history_folds_and_nothing_follows_retiring(
            choices in prop::collection::vec(0_u8..4, 0..20),
        ) {
            let (mut plan, mut history) = (CallPlan::Absent, Vec::new());
            for choice in choices {
                let command = match choice {
                    0 => create(),
                    1 => rename("one"),
                    2 => rename("two"),
                    _ => CallPlanCommand::Retire { reason: None },
                };
                let decided = CallPlan::decide(&plan, command);
                prop_assert!(plan.state() != CallPlanState::Retired || decided.is_err());
                let events = decided.unwrap_or_default();
                plan = events.iter().fold(plan, CallPlan::evolve);
                history.extend(events);
            }
            prop_assert_eq!(CallPlan::fold(&history), plan);
        }
    }
}
