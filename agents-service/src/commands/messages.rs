//! Requests to put a message on an agent's board, and to erase the text of one.

use contract::clock::Moment;
use contract::events::agents::{AgentsEvent, MessageFrom};
use event_store::sql::{SqlError, Tx};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::batch_context::{BatchContext, Decided, Outcome};
use super::{DomainError, agents};
use crate::domain::agent::Agent;
use crate::domain::message::{Board, Command, Post, Text};
use crate::messages::{self, Message};

/// What can be asked about messages.
#[derive(Clone)]
pub enum Request {
    Post(Posting),
    /// Erases the text of one.
    Erase {
        message_id: Uuid,
        agent_id: Uuid,
        reason: Option<String>,
    },
}

/// A message to put on a board.
#[derive(Clone)]
pub struct Posting {
    pub message_id: Uuid,
    pub agent_id: Uuid,
    pub from: MessageFrom,
    /// Who writes it, as the log names them.
    pub author: String,
    pub text: Text,
    pub written_at: Moment,
}

/// The stream of an agent's board.
pub fn stream(agent_id: Uuid) -> String {
    format!("messages-{agent_id}")
}

impl Request {
    fn agent_id(&self) -> Uuid {
        match self {
            Self::Post(posting) => posting.agent_id,
            Self::Erase { agent_id, .. } => *agent_id,
        }
    }

    pub(super) fn streams(&self) -> Vec<String> {
        vec![stream(self.agent_id()), agents::stream(self.agent_id())]
    }

    pub(super) fn decide(&self, batch: &mut BatchContext) -> Result<Decided, DomainError> {
        match self {
            Self::Post(posting) => posting.decide(batch),
            Self::Erase { message_id, agent_id, reason } => {
                let (message_id, agent_id, reason) = (*message_id, *agent_id, reason.clone());
                batch.decide::<Board>(&stream(agent_id), None, Command::Erase { message_id, agent_id, reason })
            }
        }
    }

    /// The text is not in it: what is answered to a repetition is made from the log.
    pub(super) fn answer(&self, outcome: &Outcome) -> (u16, Json) {
        match self {
            Self::Post(posting) => {
                let posted = match &outcome.last {
                    Some(AgentsEvent::MessagePosted(event)) => event.message_id,
                    _ => posting.message_id,
                };
                (201, json!({ "id": posted, "agent_id": posting.agent_id, "from": posting.from }))
            }
            Self::Erase { message_id, agent_id, .. } => {
                (200, json!({ "id": message_id, "agent_id": agent_id, "erased": true }))
            }
        }
    }

    /// Writes or erases the text that belongs to the event.
    pub(super) async fn store(&self, tx: &mut Tx) -> Result<(), SqlError> {
        match self {
            Self::Post(posting) => posting.store(tx),
            Self::Erase { message_id, .. } => messages::erase(tx, *message_id).await?,
        }
        Ok(())
    }
}

impl Posting {
    fn decide(&self, batch: &mut BatchContext) -> Result<Decided, DomainError> {
        let Self { message_id, agent_id, from, .. } = *self;
        let (agent, _) = batch.state::<Agent>(&agents::stream(agent_id));
        let agent_as_seen = batch.expected_version(&agents::stream(agent_id));
        let post = Post { message_id, agent_id, from, agent: agent.state() };
        let mut decided = batch.decide::<Board>(&stream(agent_id), None, Command::Post(post))?;
        decided.expected_versions.push(agent_as_seen);
        Ok(decided)
    }

    fn store(&self, tx: &mut Tx) {
        let message = Message {
            id: self.message_id,
            from: self.from,
            author: self.author.clone(),
            text: self.text.as_str().to_owned(),
            written_at: self.written_at,
        };
        messages::add(tx, self.agent_id, &message);
    }
}
