//! Requests to put a message on an agent's board.

use serde_json::json;
use shared::clock::Moment;
use shared::events::agents::MessageFrom;
use shared::log::Draft;
use shared::sql::Tx;
use uuid::Uuid;

use super::sheet::Sheet;
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

    /// The answer is kept, so the text is not in it.
    pub(super) fn draft(&self, sheet: &mut Sheet) -> Result<Draft, Refusal> {
        let Self { message_id, agent_id, from, .. } = *self;
        let (agent, _) = sheet.state::<Agent>(&agents::stream(agent_id));
        let agent_as_seen = sheet.condition(&agents::stream(agent_id));
        let post = Post { message_id, agent_id, from, agent: agent.stage() };
        let answer = json!({ "id": message_id, "agent_id": agent_id, "from": from });
        let mut draft = sheet.decide(&stream(agent_id), None, post, |_: Board, _| (201, answer))?;
        draft.conditions.push(agent_as_seen);
        Ok(draft)
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
