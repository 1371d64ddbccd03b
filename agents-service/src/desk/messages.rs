//! Requests to put a message on an agent's board.

use serde_json::{Value as Json, json};
use shared::clock::Moment;
use shared::events::agents::{AgentsEvent, MessageFrom};
use shared::sql::Tx;
use uuid::Uuid;

use super::sheet::{Decided, Sheet, Told};
use super::{Refusal, agents};
use crate::domain::agent::Agent;
use crate::domain::message::{Board, Post, Text};
use crate::messages::{self, Message};

/// A message to put on a board.
#[derive(Clone)]
pub struct Request {
    pub message_id: Uuid,
    pub agent_id: Uuid,
    pub from: MessageFrom,
    /// Who writes it, as the log names him.
    pub author: String,
    pub text: Text,
    pub written_at: Moment,
}

/// The stream of an agent's board.
pub fn stream(agent_id: Uuid) -> String {
    format!("messages-{agent_id}")
}

impl Request {
    pub(super) fn streams(&self) -> Vec<String> {
        vec![stream(self.agent_id), agents::stream(self.agent_id)]
    }

    pub(super) fn decide(&self, sheet: &mut Sheet) -> Result<Decided, Refusal> {
        let Self { message_id, agent_id, from, .. } = *self;
        let (agent, _) = sheet.state::<Agent>(&agents::stream(agent_id));
        let agent_as_seen = sheet.condition(&agents::stream(agent_id));
        let post = Post { message_id, agent_id, from, agent: agent.stage() };
        let mut decided = sheet.decide::<Board>(&stream(agent_id), None, post)?;
        decided.conditions.push(agent_as_seen);
        Ok(decided)
    }

    /// The text is not in it: what is answered to a repetition is made from the log.
    pub(super) fn answer(&self, told: &Told) -> (u16, Json) {
        let posted =
            if let Some(AgentsEvent::MessagePosted(event)) = &told.last { Some(event.message_id) } else { None };
        let id = posted.unwrap_or(self.message_id);
        (201, json!({ "id": id, "agent_id": self.agent_id, "from": self.from }))
    }

    /// Writes the text that belongs to the event.
    pub(super) fn store(&self, tx: &mut Tx) {
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
