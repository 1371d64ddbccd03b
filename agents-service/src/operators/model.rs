//! An operator: staff of the telecom company. Their login and password are stored beside the log, never in it.

use contract::decider::Decider;
use contract::events::agents::{
    AgentsEvent, OperatorCreated, OperatorDisabled, OperatorEnabled, OperatorErased, OperatorPasswordChanged,
};
use uuid::Uuid;

use crate::domain_error::DomainError;

pub fn stream(operator_id: Uuid) -> String {
    format!("operator-{operator_id}")
}

/// The life stages of an operator.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Operator {
    #[default]
    Absent,
    Active,
    Disabled,
    /// Final: the personal data were erased.
    Erased,
}

#[derive(Clone, Debug)]
pub enum OperatorCommand {
    Create {
        operator_id: Uuid,
        login_digest: String,
    },
    ChangePassword {
        operator_id: Uuid,
    },
    Disable {
        operator_id: Uuid,
        reason: Option<String>,
        /// Whether no other operator can sign in.
        is_last: bool,
    },
    Enable {
        operator_id: Uuid,
        reason: Option<String>,
    },
    /// Erases the personal data; only of a disabled operator.
    Erase {
        operator_id: Uuid,
        reason: Option<String>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperatorError {
    Exists,
    Unknown,
    AlreadyDisabled,
    NotDisabled,
    LastOperator,
    Erased,
}

impl From<OperatorError> for DomainError {
    fn from(error: OperatorError) -> Self {
        match error {
            OperatorError::Exists => Self::conflict("operator_exists", "there is an operator with this id already"),
            OperatorError::Unknown => Self::not_found("there is no such operator"),
            OperatorError::AlreadyDisabled => Self::conflict("already_disabled", "the operator is disabled already"),
            OperatorError::NotDisabled => Self::conflict("not_disabled", "the operator is not disabled"),
            OperatorError::LastOperator => Self::conflict(
                "last_operator",
                "nobody else can sign in as an operator: add or enable another one first",
            ),
            OperatorError::Erased => Self::conflict("operator_erased", "the operator is erased for good"),
        }
    }
}

impl Decider for Operator {
    type State = Self;
    type Command = OperatorCommand;
    type Event = AgentsEvent;
    type Error = OperatorError;

    fn decide(state: &Self, command: OperatorCommand) -> Result<Vec<AgentsEvent>, OperatorError> {
        match (state, command) {
            (Self::Absent, OperatorCommand::Create { operator_id, login_digest }) => {
                Ok(vec![OperatorCreated { operator_id, login_digest }.into()])
            }
            (Self::Active | Self::Disabled | Self::Erased, OperatorCommand::Create { .. }) => {
                Err(OperatorError::Exists)
            }
            (Self::Active | Self::Disabled, OperatorCommand::ChangePassword { operator_id }) => {
                Ok(vec![OperatorPasswordChanged { operator_id }.into()])
            }
            (Self::Active, OperatorCommand::Disable { is_last: true, .. }) => Err(OperatorError::LastOperator),
            (Self::Active, OperatorCommand::Disable { operator_id, reason, .. }) => {
                Ok(vec![OperatorDisabled { operator_id, reason }.into()])
            }
            (Self::Disabled, OperatorCommand::Disable { .. }) => Err(OperatorError::AlreadyDisabled),
            (Self::Disabled, OperatorCommand::Enable { operator_id, reason }) => {
                Ok(vec![OperatorEnabled { operator_id, reason }.into()])
            }
            (Self::Active, OperatorCommand::Enable { .. } | OperatorCommand::Erase { .. }) => {
                Err(OperatorError::NotDisabled)
            }
            (Self::Disabled, OperatorCommand::Erase { operator_id, reason }) => {
                Ok(vec![OperatorErased { operator_id, reason }.into()])
            }
            (Self::Erased, OperatorCommand::Erase { .. }) => Ok(Vec::new()),
            (Self::Erased, _) => Err(OperatorError::Erased),
            (Self::Absent, _) => Err(OperatorError::Unknown),
        }
    }

    fn evolve(state: Self, event: &AgentsEvent) -> Self {
        match event {
            AgentsEvent::OperatorCreated(_) | AgentsEvent::OperatorEnabled(_) => Self::Active,
            AgentsEvent::OperatorDisabled(_) => Self::Disabled,
            AgentsEvent::OperatorErased(_) => Self::Erased,
            _ => state,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operator_is_created_once() {
        let command = OperatorCommand::Create { operator_id: Uuid::nil(), login_digest: String::new() };
        let events = Operator::decide(&Operator::Absent, command.clone()).unwrap();
        assert_eq!(Operator::decide(&Operator::fold(&events), command), Err(OperatorError::Exists));
    }

    #[test]
    fn only_an_operator_who_exists_gets_another_password() {
        let command = OperatorCommand::ChangePassword { operator_id: Uuid::nil() };
        assert_eq!(Operator::decide(&Operator::Absent, command.clone()), Err(OperatorError::Unknown));
        assert_eq!(Operator::decide(&Operator::Active, command).unwrap().len(), 1);
    }

    #[test]
    fn the_last_operator_who_can_sign_in_is_not_disabled() {
        let disable = |is_last| OperatorCommand::Disable {
            operator_id: Uuid::nil(),
            reason: Some("left us".to_owned()),
            is_last,
        };
        let enable = || OperatorCommand::Enable { operator_id: Uuid::nil(), reason: None };
        assert_eq!(Operator::decide(&Operator::Active, disable(true)), Err(OperatorError::LastOperator));
        let events = Operator::decide(&Operator::Active, disable(false)).unwrap();
        let disabled = Operator::evolve(Operator::Active, &events[0]);
        assert_eq!(disabled, Operator::Disabled);
        assert_eq!(Operator::decide(&disabled, disable(true)), Err(OperatorError::AlreadyDisabled));
        let events = Operator::decide(&disabled, enable()).unwrap();
        assert_eq!(Operator::evolve(disabled, &events[0]), Operator::Active);
        assert_eq!(Operator::decide(&Operator::Active, enable()), Err(OperatorError::NotDisabled));
        assert_eq!(Operator::decide(&Operator::Absent, enable()), Err(OperatorError::Unknown));
    }

    #[test]
    fn only_a_disabled_operator_is_erased_and_never_comes_back() {
        let erase = || OperatorCommand::Erase { operator_id: Uuid::nil(), reason: None };
        assert_eq!(Operator::decide(&Operator::Active, erase()), Err(OperatorError::NotDisabled));
        assert_eq!(Operator::decide(&Operator::Absent, erase()), Err(OperatorError::Unknown));
        let events = Operator::decide(&Operator::Disabled, erase()).unwrap();
        let erased = Operator::evolve(Operator::Disabled, &events[0]);
        assert_eq!(Operator::decide(&erased, erase()), Ok(Vec::new()));
        let enable = OperatorCommand::Enable { operator_id: Uuid::nil(), reason: None };
        assert_eq!(Operator::decide(&erased, enable), Err(OperatorError::Erased));
    }
}
