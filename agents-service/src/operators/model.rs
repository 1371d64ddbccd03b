//! An operator: staff of the telecom company. Their login and password are stored beside the log, never in it.

use contract::decider::Decider;
use contract::events::agents::{
    AgentsEvent, OperatorCreated, OperatorDisabled, OperatorEnabled, OperatorErased, OperatorPasswordChanged,
    OperatorRoleChanged,
};
use contract::roles::OperatorRole;
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
    Active(OperatorRole),
    Disabled(OperatorRole),
    /// Final: the personal data were erased.
    Erased,
}

#[derive(Clone, Debug)]
pub enum OperatorCommand {
    Create {
        operator_id: Uuid,
        login_digest: String,
        role: OperatorRole,
    },
    Change {
        operator_id: Uuid,
        has_new_password: bool,
        role: Option<OperatorRole>,
        /// Whether no other operator with every right can sign in.
        is_last: bool,
    },
    Disable {
        operator_id: Uuid,
        reason: Option<String>,
        /// Whether no other operator with every right can sign in.
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
                "no other operator with the role everything can sign in: add or enable one first",
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
            (Self::Absent, OperatorCommand::Create { operator_id, login_digest, role }) => {
                Ok(vec![OperatorCreated { operator_id, login_digest, role }.into()])
            }
            (Self::Active(_) | Self::Disabled(_) | Self::Erased, OperatorCommand::Create { .. }) => {
                Err(OperatorError::Exists)
            }
            (
                Self::Active(OperatorRole::Everything),
                OperatorCommand::Change {
                    role: Some(OperatorRole::Support | OperatorRole::Finance | OperatorRole::ReadOnly),
                    is_last: true,
                    ..
                }
                | OperatorCommand::Disable { is_last: true, .. },
            ) => Err(OperatorError::LastOperator),
            (
                Self::Active(now) | Self::Disabled(now),
                OperatorCommand::Change { operator_id, has_new_password, role, .. },
            ) => {
                let password = has_new_password.then(|| OperatorPasswordChanged { operator_id }.into());
                let role = role.filter(|role| role != now).map(|role| OperatorRoleChanged { operator_id, role }.into());
                Ok(role.into_iter().chain(password).collect())
            }
            (Self::Active(_), OperatorCommand::Disable { operator_id, reason, .. }) => {
                Ok(vec![OperatorDisabled { operator_id, reason: reason.into() }.into()])
            }
            (Self::Disabled(_), OperatorCommand::Disable { .. }) => Err(OperatorError::AlreadyDisabled),
            (Self::Disabled(_), OperatorCommand::Enable { operator_id, reason }) => {
                Ok(vec![OperatorEnabled { operator_id, reason: reason.into() }.into()])
            }
            (Self::Active(_), OperatorCommand::Enable { .. } | OperatorCommand::Erase { .. }) => {
                Err(OperatorError::NotDisabled)
            }
            (Self::Disabled(_), OperatorCommand::Erase { operator_id, reason }) => {
                Ok(vec![OperatorErased { operator_id, reason: reason.into() }.into()])
            }
            (Self::Erased, OperatorCommand::Erase { .. }) => Ok(Vec::new()),
            (Self::Erased, _) => Err(OperatorError::Erased),
            (Self::Absent, _) => Err(OperatorError::Unknown),
        }
    }

    fn evolve(state: Self, event: &AgentsEvent) -> Self {
        match (event, state) {
            (AgentsEvent::OperatorCreated(event), _) => Self::Active(event.role),
            (AgentsEvent::OperatorRoleChanged(event), Self::Active(_)) => Self::Active(event.role),
            (AgentsEvent::OperatorRoleChanged(event), Self::Disabled(_)) => Self::Disabled(event.role),
            (AgentsEvent::OperatorEnabled(_), Self::Disabled(role)) => Self::Active(role),
            (AgentsEvent::OperatorDisabled(_), Self::Active(role)) => Self::Disabled(role),
            (AgentsEvent::OperatorErased(_), _) => Self::Erased,
            _ => state,
        }
    }
}

#[cfg(test)]
mod tests {
    use contract::roles::OperatorRole::{Everything, Finance, Support};

    use super::*;

    fn change(has_new_password: bool, role: Option<OperatorRole>, is_last: bool) -> OperatorCommand {
        OperatorCommand::Change { operator_id: Uuid::nil(), has_new_password, role, is_last }
    }

    #[test]
    fn an_operator_is_created_once() {
        let command =
            OperatorCommand::Create { operator_id: Uuid::nil(), login_digest: String::new(), role: Everything };
        let events = Operator::decide(&Operator::Absent, command.clone()).unwrap();
        assert_eq!(Operator::decide(&Operator::fold(&events), command), Err(OperatorError::Exists));
    }

    #[test]
    fn only_an_operator_who_exists_gets_another_password() {
        let command = change(true, None, true);
        assert_eq!(Operator::decide(&Operator::Absent, command.clone()), Err(OperatorError::Unknown));
        assert_eq!(Operator::decide(&Operator::Active(Everything), command).unwrap().len(), 1);
    }

    #[test]
    fn the_last_operator_who_can_sign_in_is_not_disabled() {
        let disable = |is_last| OperatorCommand::Disable {
            operator_id: Uuid::nil(),
            reason: Some("left us".to_owned()),
            is_last,
        };
        let enable = || OperatorCommand::Enable { operator_id: Uuid::nil(), reason: None };
        assert_eq!(Operator::decide(&Operator::Active(Everything), disable(true)), Err(OperatorError::LastOperator));
        let events = Operator::decide(&Operator::Active(Everything), disable(false)).unwrap();
        let disabled = Operator::evolve(Operator::Active(Everything), &events[0]);
        assert_eq!(disabled, Operator::Disabled(Everything));
        assert_eq!(Operator::decide(&disabled, disable(true)), Err(OperatorError::AlreadyDisabled));
        let events = Operator::decide(&disabled, enable()).unwrap();
        assert_eq!(Operator::evolve(disabled, &events[0]), Operator::Active(Everything));
        assert_eq!(Operator::decide(&Operator::Active(Everything), enable()), Err(OperatorError::NotDisabled));
        assert_eq!(Operator::decide(&Operator::Absent, enable()), Err(OperatorError::Unknown));
    }

    #[test]
    fn only_a_disabled_operator_is_erased_and_never_comes_back() {
        let erase = || OperatorCommand::Erase { operator_id: Uuid::nil(), reason: None };
        assert_eq!(Operator::decide(&Operator::Active(Everything), erase()), Err(OperatorError::NotDisabled));
        assert_eq!(Operator::decide(&Operator::Absent, erase()), Err(OperatorError::Unknown));
        let events = Operator::decide(&Operator::Disabled(Everything), erase()).unwrap();
        let erased = Operator::evolve(Operator::Disabled(Everything), &events[0]);
        assert_eq!(Operator::decide(&erased, erase()), Ok(Vec::new()));
        let enable = OperatorCommand::Enable { operator_id: Uuid::nil(), reason: None };
        assert_eq!(Operator::decide(&erased, enable), Err(OperatorError::Erased));
    }

    #[test]
    fn the_last_operator_with_every_right_keeps_them() {
        let state = Operator::Active(Everything);
        assert_eq!(Operator::decide(&state, change(true, Some(Support), true)), Err(OperatorError::LastOperator));
        assert_eq!(Operator::decide(&state, change(false, Some(Everything), true)), Ok(Vec::new()));
        let events = Operator::decide(&state, change(false, Some(Support), false)).unwrap();
        let state = events.iter().fold(state, Operator::evolve);
        assert_eq!(state, Operator::Active(Support));
        let disable = OperatorCommand::Disable { operator_id: Uuid::nil(), reason: None, is_last: true };
        assert_eq!(Operator::decide(&state, disable).unwrap().len(), 1, "another one has every right");
        let events = Operator::decide(&state, change(true, Some(Finance), true)).unwrap();
        assert_eq!((events.len(), events.iter().fold(state, Operator::evolve)), (2, Operator::Active(Finance)));
    }
}
