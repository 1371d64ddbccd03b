//! An operator: staff of the telecom company. His login and password are kept beside the log, never in it.

use shared::decider::Decider;
use shared::events::agents::{AgentsEvent, OperatorCreated, OperatorPasswordChanged};
use uuid::Uuid;

/// An operator's stages of life.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Operator {
    #[default]
    Absent,
    Active,
}

/// What can be asked of an operator.
#[derive(Clone, Debug)]
pub enum Command {
    Create {
        operator_id: Uuid,
        login_digest: String,
    },
    /// He has another password.
    ChangePassword {
        operator_id: Uuid,
    },
}

/// Why a command is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("there is an operator with this id already")]
    Exists,
    #[error("there is no such operator")]
    Unknown,
}

impl Refusal {
    /// The stable name of the reason.
    pub fn code(self) -> &'static str {
        match self {
            Self::Exists => "operator_exists",
            Self::Unknown => "operator_unknown",
        }
    }
}

impl Decider for Operator {
    type State = Self;
    type Command = Command;
    type Event = AgentsEvent;
    type Refusal = Refusal;

    fn decide(state: &Self, command: Command) -> Result<Vec<AgentsEvent>, Refusal> {
        match (state, command) {
            (Self::Absent, Command::Create { operator_id, login_digest }) => {
                Ok(vec![OperatorCreated { operator_id, login_digest }.into()])
            }
            (Self::Active, Command::Create { .. }) => Err(Refusal::Exists),
            (Self::Active, Command::ChangePassword { operator_id }) => {
                Ok(vec![OperatorPasswordChanged { operator_id }.into()])
            }
            (Self::Absent, Command::ChangePassword { .. }) => Err(Refusal::Unknown),
        }
    }

    fn evolve(state: Self, event: &AgentsEvent) -> Self {
        match event {
            AgentsEvent::OperatorCreated(_) => Self::Active,
            _ => state,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operator_is_created_once() {
        let command = Command::Create { operator_id: Uuid::nil(), login_digest: String::new() };
        let events = Operator::decide(&Operator::Absent, command.clone()).unwrap();
        assert_eq!(Operator::decide(&Operator::fold(&events), command), Err(Refusal::Exists));
    }

    #[test]
    fn only_an_operator_who_exists_gets_another_password() {
        let command = Command::ChangePassword { operator_id: Uuid::nil() };
        assert_eq!(Operator::decide(&Operator::Absent, command.clone()), Err(Refusal::Unknown));
        assert_eq!(Operator::decide(&Operator::Active, command).unwrap().len(), 1);
    }
}
