//! Erasing what is personal of an agent: only of a closed one, and once.

use contract::events::agents::{AgentErased, AgentsEvent};

use super::agent::{Agent, DomainError};

/// Nothing happens where that was done before.
pub(super) fn erase(state: &Agent, reason: Option<String>) -> Result<Vec<AgentsEvent>, DomainError> {
    match state {
        Agent::Absent => Err(DomainError::Unknown),
        Agent::Active(_) | Agent::Suspended(_) => Err(DomainError::NotClosed),
        Agent::Closed(standing) if standing.erased => Ok(Vec::new()),
        Agent::Closed(standing) => Ok(vec![AgentErased { agent_id: standing.agent_id, reason }.into()]),
    }
}

#[cfg(test)]
mod tests {
    use contract::decider::Decider;
    use uuid::Uuid;

    use super::*;
    use crate::domain::agent::Command;
    use crate::domain::agent::tests::terms;

    #[test]
    fn only_a_closed_agent_is_erased_and_once() {
        let fold =
            |agent: Agent, command: Command| Agent::decide(&agent, command).unwrap().iter().fold(agent, Agent::evolve);
        let create = Command::Create { agent_id: Uuid::nil(), terms: terms(), login_digest: String::new() };
        let agent = fold(Agent::Absent, create);
        let erase = || Command::Erase { reason: Some("asked for".to_owned()) };
        assert_eq!(Agent::decide(&Agent::Absent, erase()), Err(DomainError::Unknown));
        assert_eq!(Agent::decide(&agent, erase()), Err(DomainError::NotClosed));
        let closed = fold(agent, Command::Close { reason: None });
        assert_eq!(Agent::decide(&closed, erase()).unwrap().len(), 1);
        let erased = fold(closed, erase());
        assert_eq!(Agent::decide(&erased, erase()), Ok(Vec::new()));
        assert_eq!(Agent::decide(&erased, Command::Close { reason: None }), Err(DomainError::Closed));
    }
}
