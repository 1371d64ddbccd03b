//! An agent's message board. The history records that there is a message, never its text, which may be personal.

use std::collections::BTreeSet;

use contract::decider::Decider;
use contract::events::agents::{AgentsEvent, MessageErased, MessageFrom, MessagePosted};
use contract::text::{Rule, Violation};
use uuid::Uuid;

use crate::agents::model::AgentState;
use crate::domain_error::DomainError;

/// In characters.
pub const MAX_TEXT: usize = 4_000;
/// Most messages of an agent without an answer. The limit keeps a board from being flooded, and an answer makes room.
pub const MAX_UNANSWERED: usize = 50;

const TEXT: Rule = Rule { min: 1, max: MAX_TEXT, lines: true };

pub fn stream(agent_id: Uuid) -> String {
    format!("messages-{agent_id}")
}

/// The text of a message: in Unicode NFC, of one or several lines. `Debug` does not show it, so that it cannot be
/// logged.
#[derive(Clone, PartialEq, Eq)]
pub struct Text(String);

impl Text {
    /// Checks a typed text. Browsers end lines with two characters, which count as one here.
    pub fn new(typed: &str) -> Result<Self, Violation> {
        TEXT.check(&typed.replace("\r\n", "\n")).map(Self)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Board {
    /// The agent's messages since the operator's last one.
    unanswered: usize,
    /// The messages with a stored text.
    kept: BTreeSet<Uuid>,
    /// The messages with an erased text.
    erased: BTreeSet<Uuid>,
}

#[derive(Clone, Debug)]
pub enum BoardCommand {
    Post(Post),
    /// Erase the text of a message.
    Erase {
        message_id: Uuid,
        agent_id: Uuid,
        reason: Option<String>,
    },
}

/// A message to post.
#[derive(Clone, Copy, Debug)]
pub struct Post {
    pub message_id: Uuid,
    pub agent_id: Uuid,
    pub from: MessageFrom,
    pub agent: AgentState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageError {
    AgentUnknown,
    AgentClosed,
    TooManyUnanswered,
    Unknown,
}

impl From<MessageError> for DomainError {
    fn from(error: MessageError) -> Self {
        match error {
            MessageError::AgentUnknown => Self::not_found("there is no such agent"),
            MessageError::AgentClosed => Self::conflict("agent_closed", "the agent is closed for good"),
            MessageError::TooManyUnanswered => {
                Self::conflict("too_many_unanswered", format!("{MAX_UNANSWERED} messages wait for an answer already"))
            }
            MessageError::Unknown => Self::not_found("there is no such message"),
        }
    }
}

impl Decider for Board {
    type State = Self;
    type Command = BoardCommand;
    type Event = AgentsEvent;
    type Error = MessageError;

    fn decide(state: &Self, command: BoardCommand) -> Result<Vec<AgentsEvent>, MessageError> {
        match command {
            BoardCommand::Post(post) => state.post(post),
            BoardCommand::Erase { message_id, agent_id, reason } if state.kept.contains(&message_id) => {
                Ok(vec![MessageErased { message_id, agent_id, reason: reason.into() }.into()])
            }
            BoardCommand::Erase { message_id, .. } if state.erased.contains(&message_id) => Ok(Vec::new()),
            BoardCommand::Erase { .. } => Err(MessageError::Unknown),
        }
    }

    fn evolve(mut state: Self, event: &AgentsEvent) -> Self {
        match event {
            AgentsEvent::MessagePosted(posted) => {
                state.kept.insert(posted.message_id);
                state.unanswered = if posted.from == MessageFrom::Agent { state.unanswered + 1 } else { 0 };
            }
            AgentsEvent::MessageErased(erased) => {
                state.erased.extend(state.kept.take(&erased.message_id));
            }
            _ => {}
        }
        state
    }
}

impl Board {
    fn post(&self, post: Post) -> Result<Vec<AgentsEvent>, MessageError> {
        let Post { message_id, agent_id, from, agent } = post;
        match (agent, from) {
            (AgentState::Absent, _) => Err(MessageError::AgentUnknown),
            (AgentState::Closed, _) => Err(MessageError::AgentClosed),
            (_, MessageFrom::Agent) if self.unanswered >= MAX_UNANSWERED => Err(MessageError::TooManyUnanswered),
            (AgentState::Active | AgentState::Suspended, _) => {
                Ok(vec![MessagePosted { message_id, agent_id, from }.into()])
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn post(from: MessageFrom, agent: AgentState) -> BoardCommand {
        BoardCommand::Post(Post { message_id: Uuid::nil(), agent_id: Uuid::nil(), from, agent })
    }

    fn after(senders: &[MessageFrom]) -> Board {
        senders.iter().fold(Board::default(), |board, from| {
            let events = Board::decide(&board, post(*from, AgentState::Active)).unwrap();
            events.iter().fold(board, Board::evolve)
        })
    }

    #[test]
    fn a_text_keeps_its_lines_and_is_counted_in_characters() {
        assert_eq!(Text::new("Dear operator,\r\n\r\n\tZoe\u{308}").unwrap().as_str(), "Dear operator,\n\n\tZoë");
        assert!(Text::new(&"李".repeat(MAX_TEXT)).is_ok());
        assert_eq!(Text::new(&"a".repeat(MAX_TEXT + 1)).err(), Some(Violation::TooLong(MAX_TEXT)));
        assert_eq!(Text::new(" \r\n ").err(), Some(Violation::Empty));
        assert_eq!(Text::new("a\u{0}b").err(), Some(Violation::ControlCharacter));
    }

    #[test]
    fn an_agent_who_is_unknown_or_closed_has_no_board() {
        for from in [MessageFrom::Agent, MessageFrom::Operator] {
            let decide = |agent| Board::decide(&Board::default(), post(from, agent));
            assert_eq!(decide(AgentState::Absent), Err(MessageError::AgentUnknown));
            assert_eq!(decide(AgentState::Closed), Err(MessageError::AgentClosed));
            assert!(decide(AgentState::Suspended).is_ok());
        }
    }

    #[test]
    fn an_answer_makes_room_for_more_messages() {
        let full = after(&[MessageFrom::Agent; MAX_UNANSWERED]);
        let more = post(MessageFrom::Agent, AgentState::Active);
        assert_eq!(Board::decide(&full, more.clone()), Err(MessageError::TooManyUnanswered));
        let answer = Board::decide(&full, post(MessageFrom::Operator, AgentState::Active)).unwrap();
        let answered = answer.iter().fold(full, Board::evolve);
        assert!(Board::decide(&answered, more).is_ok());
    }

    #[test]
    fn the_text_of_a_message_that_there_is_is_erased_once() {
        let erase = || BoardCommand::Erase { message_id: Uuid::nil(), agent_id: Uuid::nil(), reason: None };
        assert_eq!(Board::decide(&Board::default(), erase()), Err(MessageError::Unknown));
        let board = after(&[MessageFrom::Agent]);
        let erased = Board::decide(&board, erase()).unwrap().iter().fold(board, Board::evolve);
        assert_eq!((Board::decide(&erased, erase()), erased.unanswered), (Ok(Vec::new()), 1));
    }

    proptest! {
        #[test]
        fn any_accepted_history_folds(choices in prop::collection::vec(any::<bool>(), 0..120)) {
            let (mut board, mut history) = (Board::default(), Vec::new());
            for is_agent in choices {
                let from = if is_agent { MessageFrom::Agent } else { MessageFrom::Operator };
                let events = Board::decide(&board, post(from, AgentState::Active)).unwrap_or_default();
                board = events.iter().fold(board, Board::evolve);
                history.extend(events);
                prop_assert!(board.unanswered <= MAX_UNANSWERED);
            }
            prop_assert_eq!(Board::fold(&history), board);
        }
    }
}
